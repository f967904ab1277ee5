"""What the mentions of each topic say: their narratives, and how many are about what, in which language, copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from buzzguard.config.understanding import AccountSettings
from buzzguard.model import Clue, Localised, Said, ScoredMention, ThemeShare, Told, Voices
from buzzguard.understand.authors import Accounts, AuthorFacts
from buzzguard.understand.coordination import trace_of
from buzzguard.understand.fold import fold
from buzzguard.understand.for_model import in_one
from buzzguard.understand.narratives import Narratives, NarrativeSettings
from buzzguard.understand.recent import Recent
from buzzguard.understand.voices import Advocates, Speakers, most_heard, toward

BIN = timedelta(minutes=5)
MEMORY = timedelta(hours=25)
"""Longer than the longest window that an alert speaks of."""
NARRATIVES = 3
THEMES = 3
WORDS = 4
PRESS_NAMES = 3
ADVOCATES = 2
_WORDS_OF_BIN = 40
"""Words counted of one theme in one bin: beyond, new ones say nothing that a reader could use."""
_SECONDS = int(BIN.total_seconds())


class _Bin:
    """Counts of one topic over five minutes of event time."""

    __slots__ = ("advocates", "copies", "languages", "mentions", "speakers", "themes", "unsure", "words")

    def __init__(self) -> None:
        self.mentions = 0
        self.copies = 0
        self.unsure = 0
        self.speakers = Speakers()
        self.advocates = Advocates()
        self.languages: Counter[str] = Counter()
        self.themes: Counter[str] = Counter()
        self.words: dict[str, Counter[str]] = {}

    def add(self, scored: ScoredMention, facts: AuthorFacts) -> None:
        self.mentions += 1
        self.speakers.add(scored, facts)
        self.copies += scored.copied
        self.unsure += scored.sentiment.unsure
        self.languages[scored.language] += 1
        for theme, words in scored.themes.items():
            self.themes[theme] += 1
            counted = self.words.setdefault(theme, Counter())
            counted.update(word for word in words if word in counted or len(counted) < _WORDS_OF_BIN)

    def merge(self, other: _Bin) -> None:
        self.mentions += other.mentions
        self.copies += other.copies
        self.unsure += other.unsure
        self.speakers.merge(other.speakers)
        self.languages.update(other.languages)
        self.themes.update(other.themes)
        for theme, words in other.words.items():
            self.words.setdefault(theme, Counter()).update(words)


_NO_NAMES: Mapping[str, tuple[Localised, str]] = {}


class Saying:
    """Follows what is said of each topic. Memory is bounded in event time; equal mentions give equal answers.

    `queries` are the words of each topic's query, which all its mentions share; `themes` gives the title and the owner
    of each theme; `accounts` tells the press.
    """

    def __init__(
        self,
        queries: Mapping[str, Iterable[str]],
        themes: Mapping[str, tuple[Localised, str]] = _NO_NAMES,
        accounts: Accounts | None = None,
    ) -> None:
        self._narratives = Narratives(NarrativeSettings(), names=queries)
        self._themes = themes
        self._accounts = accounts or Accounts(AccountSettings())
        self._bins: dict[str, dict[int, _Bin]] = {topic: {} for topic in queries}
        self._recent = {topic: Recent(MEMORY) for topic in self._bins}

    def take(self, counted: Sequence[ScoredMention]) -> list[ScoredMention]:
        """Follow mentions that were counted; returns them with the narratives that they belong to."""
        return [replace(one, narratives=self._place(one)) for one in counted]

    def restore(self, mentions: Iterable[ScoredMention]) -> None:
        """Become what it was when these mentions, in order of publication, had been taken."""
        for one in mentions:
            told = _told(one)
            for index, topic in enumerate(one.topics):
                if topic in self._bins and not one.withdrawn:
                    given = one.narratives[index] if index < len(one.narratives) else ""
                    self._narratives.restore(topic, [(told, given)])
            self._count(one)

    def amend(self, before: ScoredMention, after: ScoredMention) -> None:
        """Take note that a mention, taken before, is read otherwise now."""
        for index, topic in enumerate(after.topics):
            held = self._bins.get(topic, {}).get(_bin_of(after))
            if held is not None:
                held.unsure += after.sentiment.unsure - before.sentiment.unsure
                held.advocates.forget(frozenset((after.mention.id,)))
                held.advocates.add(after, toward(after, index))

    def said(self, topic: str, now: datetime, span: timedelta, *, provisional: int = 0) -> Said | None:
        """What was said in the `span` up to `now`, by bins of five minutes; None when nothing was."""
        bins = self._bins.get(topic, {})
        last = int(now.timestamp()) // _SECONDS
        first = int((now - span).timestamp()) // _SECONDS + 1
        whole = _Bin()
        within = [bins[index] for index in range(first, last + 1) if index in bins]
        for each in within:
            whole.merge(each)
        if not whole.mentions:
            return None
        known = Counter({code: n for code, n in whole.languages.items() if code})
        total = sum(known.values())
        return Said(
            span=span,
            mentions=whole.mentions,
            narratives=self._narratives.top(topic, now, NARRATIVES, since=now - span),
            themes=tuple(self._share(theme, n, whole) for theme, n in _most(whole.themes, THEMES)),
            languages=tuple((code, n / total) for code, n in _most(known, NARRATIVES)),
            copies=whole.copies / whole.mentions,
            unsure=whole.unsure / whole.mentions,
            provisional=provisional,
            voices=self._voices(whole.speakers),
            clues=self._clues(topic, datetime.fromtimestamp(first * _SECONDS, UTC)),
            advocates=most_heard((each.advocates for each in within), ADVOCATES),
        )

    def held(self) -> set[str]:
        """The ids of the mentions that may be quoted or shown as evidence."""
        advocates = {one.id for bins in self._bins.values() for each in bins.values() for one in each.advocates.all()}
        traces = [recent.held() for recent in self._recent.values()]
        return self._narratives.held().union(advocates, *traces)

    def forget(self, ids: Iterable[str]) -> None:
        """Erase mentions: nothing of theirs is quoted any more, or shown as evidence."""
        gone = frozenset(ids)
        self._narratives.forget(gone)
        for recent in self._recent.values():
            recent.forget(gone)
        for bins in self._bins.values():
            for each in bins.values():
                each.advocates.forget(gone)

    def _place(self, one: ScoredMention) -> tuple[str, ...]:
        told = _told(one)
        placed = []
        for topic in one.topics:
            if topic not in self._bins:
                placed.append("")
                continue
            placed.append(self._narratives.place(topic, told))
        self._count(one)
        return tuple(placed)

    def _count(self, one: ScoredMention) -> None:
        facts, trace = self._accounts.facts(one.mention), trace_of(one)
        for place, topic in enumerate(one.topics):
            if topic in self._bins:
                held = self._bin(topic, _bin_of(one))
                held.add(one, facts)
                if one.withdrawn:
                    continue
                held.advocates.add(one, toward(one, place))
                if trace is not None:
                    self._recent[topic].add(trace)

    def _bin(self, topic: str, index: int) -> _Bin:
        bins = self._bins[topic]
        held = bins.get(index)
        if held is None:
            held = bins[index] = _Bin()
            horizon = max(bins) - MEMORY // BIN
            for old in [old for old in bins if old < horizon]:
                del bins[old]
        return held

    def _voices(self, speakers: Speakers) -> Voices:
        return Voices(
            press=speakers.press,
            press_names=tuple(self._accounts.best_known(speakers.press_names)[:PRESS_NAMES]),
            verified=speakers.verified.count(),
            new=speakers.new.count(),
        )

    def _clues(self, topic: str, since: datetime) -> tuple[Clue, ...]:
        """The strongest clue of each kind."""
        strongest: dict[str, Clue] = {}
        for one in self._recent[topic].evidence(since):
            clue = Clue(kind=one.clue, numbers=dict(one.numbers), mentions=one.mentions)
            strongest.setdefault(one.clue, clue)
        return tuple(strongest.values())

    def _share(self, theme: str, count: int, whole: _Bin) -> ThemeShare:
        title, owner = self._themes.get(theme, ({}, ""))
        return ThemeShare(
            theme=theme,
            share=count / whole.mentions,
            title=title,
            owner=owner,
            words=tuple(word for word, _ in _most(whole.words.get(theme, Counter()), WORDS)),
        )


def _bin_of(one: ScoredMention) -> int:
    return int(one.mention.published.timestamp()) // _SECONDS


def _most(counts: Counter[str], n: int) -> list[tuple[str, int]]:
    """The `n` most frequent; of equals, in alphabetical order."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:n]


def _told(one: ScoredMention) -> Told:
    mention, sentiment = one.mention, one.sentiment
    text = in_one(mention.title, mention.text)
    return Told(
        id=mention.id,
        at=mention.published,
        text=text,
        folded=fold(text),
        language=one.language,
        copy_key=one.copy_key or one.repeat_key,
        author_key=mention.author_key,
        source=mention.source,
        site=mention.site,
        value=sentiment.value,
        polarity=sentiment.polarity,
        confidence=sentiment.confidence,
        themes=tuple(one.themes),
    )
