"""What was found in one text. Places are looked at only when a query asks for them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from functools import cached_property

from buzzguard.understand.finder import Finder, Hit, Owner
from buzzguard.understand.fold import exact_form, fold, fold_with_places
from buzzguard.understand.matchtext import SEPARATOR, MatchText, Tag, tags
from buzzguard.understand.query.fields import fold_name

Span = tuple[int, int]
"""Begin and end in the folded text."""
_CJK = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
# Where words cannot be told apart, each letter counts as one.
_WORDS = re.compile(rf"[{_CJK}]|[^\W{_CJK}]+")


class Scan:
    """One text under the eyes of all queries. `hits` are all places of all patterns in `folded`."""

    __slots__ = ("__dict__", "_found", "_tags", "finder", "folded", "hits", "text")

    def __init__(self, finder: Finder, text: MatchText) -> None:
        self.text = text
        self.finder = finder
        self.folded = text.folded
        # Asked for of nearly every text: kept without `cached_property`, which takes a lock.
        self._tags: list[Tag] | None = None
        self._found: frozenset[int] | None = None
        if ("#" in self.folded or "@" in self.folded) and self.tags:
            self.folded += "".join([f"{SEPARATOR}{fold(tag.words)}" for tag in self.tags])
        self.hits: list[Hit] = finder.hits(self.folded)

    @property
    def tags(self) -> list[Tag]:
        """The hashtags and handles of several words."""
        if self._tags is None:
            self._tags = tags(self.text.original)
        return self._tags

    @property
    def found(self) -> frozenset[int]:
        """The terms that occur."""
        if self._found is None:
            self._found = frozenset(self._terms())
        return self._found

    def _terms(self) -> set[int]:
        known: set[int] = set()
        owners = self.finder.owners
        for hit, whole in self.finder.whole(self.folded, self.hits):
            for owner in owners[hit[0]]:
                if owner.term not in known and (whole or owner.prefix) and self._is(owner, hit):
                    known.add(owner.term)
        return known

    def _is(self, owner: Owner, hit: Hit) -> bool:
        if owner.title and hit[2] > self.title_end and not self._in_title_tag(hit[1]):
            return False
        return not owner.exact or self._written(hit) == owner.exact

    @cached_property
    def title_end(self) -> int:
        """Where the title ends in the folded text."""
        return len(fold(self.text.title)) if self.text.title else 0

    def _in_title_tag(self, start: int) -> bool:
        tag = self._tag_at(start)
        return tag is not None and tag.end <= len(self.text.title)

    def _tag_at(self, start: int) -> Tag | None:
        """The hashtag whose words stand at `start` of the folded text, behind the text itself."""
        if start < len(self.text.folded):
            return None
        end = len(self.text.folded)
        for tag in self.tags:
            end += len(SEPARATOR) + len(fold(tag.words))
            if start < end:
                return tag
        return None

    # How it is written

    @cached_property
    def _original(self) -> str:
        text = self.text
        if not text.original:
            return self.folded
        return text.original + "".join(f"{SEPARATOR}{tag.words}" for tag in self.tags)

    @cached_property
    def _places(self) -> list[int]:
        """Where in the original each folded letter comes from; empty when that cannot be told, and nothing is exact."""
        places: list[int] = []
        behind = 0
        for part in (self.text.original or self.text.folded, *(SEPARATOR + tag.words for tag in self.tags)):
            places += [behind + place for place in fold_with_places(part)[1][:-1]]
            behind += len(part)
        places.append(behind)
        return places if len(places) == len(self.folded) + 1 else []

    def _written(self, hit: Hit) -> str:
        if not self._places:
            return ""
        return exact_form(self._original[self._places[hit[1]] : self._places[hit[2]]]).strip()

    def place_in_text(self, span: Span) -> Span:
        """Where a span stands in the original text (the folded one when there is none); that of a word taken from a
        hashtag is the hashtag's."""
        if (tag := self._tag_at(span[0])) is not None:
            return tag.start, tag.end
        places = self._places
        end = len(self.text.original or self.text.folded)
        return (places[span[0]], min(places[span[1]], end)) if places else (0, 0)

    # Where it stands

    @cached_property
    def spans(self) -> dict[int, list[Span]]:
        """The places of each term that occurs, in order."""
        spans: dict[int, list[Span]] = {}
        owners = self.finder.owners
        for hit, whole in self.finder.whole(self.folded, self.hits):
            for owner in owners[hit[0]]:
                if (whole or owner.prefix) and self._is(owner, hit):
                    spans.setdefault(owner.term, []).append(hit[1:])
        return spans

    @cached_property
    def _words(self) -> list[int]:
        """Where each word begins."""
        return [match.start() for match in _WORDS.finditer(self.folded)]

    @cached_property
    def _segments(self) -> list[int]:
        """Where title, text and the words of each hashtag end: nothing is near across these."""
        ends = [self.title_end] if self.text.title else []
        end = len(self.text.folded)
        for tag in self.tags:
            ends.append(end)
            end += len(SEPARATOR) + len(fold(tag.words))
        return ends

    def near(self, left: Collection[int], right: Collection[int], *, distance: int, ordered: bool) -> bool:
        """Whether one of the terms `left` and one of `right` stand at most `distance` words apart."""
        if self.found.isdisjoint(left) or self.found.isdisjoint(right):
            return False
        first, second = self._places_of(left), self._places_of(right)
        return self._follows(first, second, distance) or (not ordered and self._follows(second, first, distance))

    def _places_of(self, terms: Collection[int]) -> list[Span]:
        return sorted(span for term in terms for span in self.spans.get(term, ()))

    def _follows(self, first: Sequence[Span], second: Sequence[Span], distance: int) -> bool:
        """Whether one of `second` begins behind the end of one of `first`, near enough."""
        begins = [start for start, _ in second]
        for _, end in first:
            index = bisect_left(begins, end)  # the nearest is the first behind it
            if index < len(begins) and self._distance(end, begins[index]) <= distance:
                return True
        return False

    def _distance(self, end: int, begin: int) -> int:
        """Words from the one that ends at `end` to the one that begins at `begin`; 1 when they are neighbours."""
        if bisect_right(self._segments, end - 1) != bisect_right(self._segments, begin):
            return len(self.folded)
        return bisect_right(self._words, begin) - bisect_right(self._words, end - 1)

    # Fields

    @cached_property
    def names(self) -> frozenset[str]:
        """All that `author:` may name: the handle with and without its server, the latter also with @, and the name."""
        names = set()
        if handle := fold_name(self.text.author):
            local = handle.partition("@")[0]
            names |= {handle, local, f"@{handle}", f"@{local}"}
        if name := fold_name(self.text.author_name):
            names.add(name)
        return frozenset(names)

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The site and those that it is a part of: `m.lemonde.fr`, `lemonde.fr`, `fr`."""
        labels = self.text.site.lower().rstrip(".").split(".")[-12:]
        return tuple(".".join(labels[index:]) for index in range(len(labels)))

    def has(self, name: str, value: str) -> bool:
        """Whether the field `name` has this value."""
        match name:
            case "lang":
                return self.text.language == value
            case "kind":
                return self.text.kind == value
            case "source":
                return self.text.source.lower() == value
            case "site":
                return value in self.sites
            case "author":
                return value in self.names
            case _:
                return value in self.text.url.lower()
