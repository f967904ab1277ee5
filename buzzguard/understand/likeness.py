"""Whether two texts are copies of one another: an exact comparison, decided to err on the side of no."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from buzzguard.understand.repeats import shared_text

SHINGLE = 4
"""Characters that are compared at once."""
LEAST = 0.62
"""Share of the shingles of both texts that copies have in common (Jaccard)."""
_HELD = 0.9
"""Share of the shingles of the shorter text that stand in the longer one, when it was wrapped in other words."""
_WRAPPED = 0.5
"""The shorter text is at least so much of the longer one: less is a quote, within somebody's own words."""
_LEAST_HELD = 60
"""Characters below which a text may stand in another by chance."""
_LEAST_CUT = 40
"""Characters of a text that was cut, when it says so."""
_COMPARED = 3_000
"""Characters compared: longer texts are told by their beginnings."""
_WORDS_FOR_ANOTHER = 12
"""Of so many words one may be another word; of fewer, none."""
_MISSPELT = 12
"""Words that may be misspelt: more are not looked at."""
_SLIP = 2
"""Letters in a row that a slip of the finger changes."""
_READ = 10_000
"""Characters read at all."""
_CUT = " \u2026"
_ENDS_CUT = re.compile(r"(?:\.\.\.|\[\.*\]|\(more\)|\(suite\))[\s.\"')\]]*\Z")
_DIGIT = re.compile(r"\d")
_PLAIN_WORDS = re.compile(r"[a-z0-9]+")
_WORDS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
    "|[^\\W_\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
"""Scripts without spaces give a word a character."""


class Read(NamedTuple):
    """A text as it is compared: its words, separated by single spaces, and whether it says that it was cut."""

    words: str
    cut: bool

    @property
    def stored(self) -> str:
        """The text in one string."""
        return self.words + _CUT if self.cut else self.words

    @classmethod
    def of(cls, stored: str) -> Read:
        """The text that was stored."""
        return cls(stored[: -len(_CUT)], True) if stored.endswith(_CUT) else cls(stored, False)


def read(folded: str) -> Read:
    """The words of a folded text without addresses, handles, marks and emoji."""
    folded = folded[:_READ]
    shared = shared_text(folded)
    words = (_PLAIN_WORDS if shared.isascii() else _WORDS).findall(shared)
    cut = bool(_ENDS_CUT.search(folded[-20:]))
    if words and words[0] == "rt":
        del words[0]
    return Read(" ".join(words), cut)


class Compared:
    """A text under comparison: what is needed of it is made when it is first asked for, and kept."""

    __slots__ = ("_counts", "_distinct", "_numbers", "_shingles", "cut", "words")

    def __init__(self, text: Read) -> None:
        self.words = text.words
        self.cut = text.cut
        self._distinct: frozenset[str] | None = None
        self._counts: Counter[str] | None = None
        self._numbers: Counter[str] | None = None
        self._shingles: frozenset[str] | None = None

    @property
    def distinct(self) -> frozenset[str]:
        """Its different words."""
        if self._distinct is None:
            self._distinct = frozenset(self.words[:_COMPARED].split(" "))
        return self._distinct

    @property
    def counts(self) -> Counter[str]:
        """How often each of its words occurs."""
        if self._counts is None:
            self._counts = Counter(self.words[:_COMPARED].split(" "))
        return self._counts

    @property
    def numbers(self) -> Counter[str]:
        """How often each of its words with a digit occurs."""
        if self._numbers is None:
            words = self.words[:_COMPARED].split(" ") if _DIGIT.search(self.words) else ()
            self._numbers = Counter([word for word in words if _DIGIT.search(word)])
        return self._numbers

    @property
    def shingles(self) -> frozenset[str]:
        """All runs of `SHINGLE` characters."""
        if self._shingles is None:
            text = self.words[:_COMPARED]
            self._shingles = frozenset([text[at : at + SHINGLE] for at in range(max(1, len(text) - SHINGLE + 1))])
        return self._shingles


def alike(one: Compared, two: Compared) -> bool:
    """Whether they are copies: nearly the same, one wrapped in a few words more, or one the cut beginning of the other.

    Two texts that each hold a number that the other lacks are no copies: forms that are filled in (a flight, a price, a
    score) differ by little else.
    """
    shorter, longer = (two, one) if len(two.words) < len(one.words) else (one, two)
    if shorter.words == longer.words:
        return True
    if shorter.cut and _begins(shorter.words, longer.words):
        return True
    if len(shorter.words) < len(longer.words) * _WRAPPED * 0.8:
        return False
    if not _on_one_subject(shorter, longer) or _numbered_otherwise(shorter, longer):
        return False
    return _shared_enough(shorter, longer) and not _filled_in(shorter, longer)


def _begins(cut: str, whole: str) -> bool:
    """Whether a cut text stands in a whole one, but for its last word, which was cut as well."""
    kept = cut.rpartition(" ")[0]
    return len(kept) >= _LEAST_CUT and kept in whole


def _on_one_subject(one: Compared, two: Compared) -> bool:
    """A quick look that spares most comparisons: copies share well over a third of their words."""
    return 3 * len(one.distinct & two.distinct) >= len(one.distinct)


def _numbered_otherwise(one: Compared, two: Compared) -> bool:
    """Whether each holds a number that the other lacks: one form, filled in twice. Cheap, and parts most of those."""
    return bool(_beyond(one.numbers, two.numbers) and _beyond(two.numbers, one.numbers))


def _shared_enough(shorter: Compared, longer: Compared) -> bool:
    """Whether so many shingles of both are shared, or nearly all of the shorter one's."""
    small, large = len(shorter.words), len(longer.words)
    few, many = shorter.shingles, longer.shingles
    common = len(few & many)
    if common / (len(few) + len(many) - common) >= LEAST:
        return True
    return small >= _LEAST_HELD and small >= _WRAPPED * large and common >= _HELD * len(few)


def _filled_in(one: Compared, two: Compared) -> bool:
    """Whether both look like one form, filled in differently: other words where words should agree.

    A misspelt word is no other word, nor is one that only one of the texts holds.
    """
    others, instead = _beyond(one.counts, two.counts), _beyond(two.counts, one.counts)
    if not others or not instead:
        return False
    allowed = one.counts.total() // _WORDS_FOR_ANOTHER
    fewer = min(len(others), len(instead))
    if fewer <= allowed or fewer > _MISSPELT + allowed:
        return fewer > allowed
    strange = 0
    for word in others:
        spelt = next((other for other in instead if _misspelt(word, other)), None)
        if spelt is None:
            strange += 1
        else:
            instead.remove(spelt)
    return min(strange, len(instead)) > allowed


def _beyond(one: Counter[str], two: Counter[str]) -> list[str]:
    """The words that one text holds more often than the other, each as often as that."""
    held = two.get
    return [word for word, count in one.items() if count > held(word, 0) for _ in range(count - held(word, 0))]


def _misspelt(one: str, two: str) -> bool:
    """Whether one word is the other but for a slip of the finger."""
    if abs(len(one) - len(two)) > _SLIP or min(len(one), len(two)) < _SLIP:
        return False
    start = 0
    for left, right in zip(one, two, strict=False):
        if left != right:
            break
        start += 1
    end = 0
    for left, right in zip(one[start:][::-1], two[start:][::-1], strict=False):
        if left != right:
            break
        end += 1
    longest = max(len(one), len(two))
    return longest - start - end <= _SLIP and start + end > 0
