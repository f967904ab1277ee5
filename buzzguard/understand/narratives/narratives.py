"""What is being told, topic by topic."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from buzzguard.model import Narrative, NarrativeChange, Polarity, Told
from buzzguard.understand.fold import fold
from buzzguard.understand.narratives.story import BIN, Bin, Speaker, Story
from buzzguard.understand.narratives.topic import NarrativeSettings, TopicNarratives
from buzzguard.understand.narratives.wording import MAX_QUOTE, cut, headline, quote
from buzzguard.understand.narratives.words import stems_of, words_of

DAY = timedelta(days=1)
TELLING = 6
"""Words from which on a mention says enough to be quoted."""
_HOUR = 3_600.0
_NO_NAMES: Mapping[str, Iterable[str]] = {}

__all__ = ["NarrativeSettings", "Narratives"]


class Narratives:
    """The narratives of all topics, each topic apart.

    `names` are the words of each topic's query: all its mentions hold them, so they tell no story. Equal mentions in
    equal order give equal narratives in any process. Memory is bounded by the settings, whatever is said.
    """

    def __init__(self, settings: NarrativeSettings, *, names: Mapping[str, Iterable[str]] = _NO_NAMES) -> None:
        self._settings = settings
        self._common = {
            topic: frozenset(stem for name in given for stem in stems_of(fold(name))) for topic, given in names.items()
        }
        self._topics: dict[str, TopicNarratives] = {}

    def place(self, topic: str, told: Told) -> str:
        """The id of the narrative a mention belongs to; empty when it belongs to none that is shown yet.

        A narrative is shown from its third mention on and keeps the id of its first for as long as it is told.
        """
        return self._of(topic).place(told)

    def restore(self, topic: str, placed: Iterable[tuple[Told, str]]) -> None:
        """Place mentions of an earlier life, in their order, each with the id that it was given then.

        All of them give the very state there was. Only the last of them, from some time on, give the same ids: where
        the beginning of a narrative is no longer known, its next mention brings the id.
        """
        narratives = self._of(topic)
        for told, id in placed:
            narratives.place(told, id)

    def top(self, topic: str, at: datetime, n: int = 3, *, since: datetime) -> tuple[Narrative, ...]:
        """The `n` narratives that most was told of from `since` to `at`, by bins of ten minutes; changes nothing.

        Ordered by original mentions; copies count by their root, so that a pasted text does not hide what people say.
        """
        held = self._topics.get(topic)
        if held is None:
            return ()
        start, end = since.timestamp(), at.timestamp()
        found = []
        for column, story in held.stories.items():
            counts = story.between(start, end)
            if story.named and counts.mentions:
                copies = counts.mentions - counts.originals
                found.append((-counts.originals - math.sqrt(copies), -counts.mentions, story.id, column))
        return tuple(self._narrative(held, column, start, end) for *_, column in sorted(found)[:n])

    def current(self, topic: str, id: str) -> str:
        """The id under which a narrative goes on: its own, or that of the one it was merged into; empty when gone."""
        held = self._topics.get(topic)
        column = None if held is None else held.column(id)
        return "" if held is None or column is None else held.stories[column].id

    def changes(self, topic: str) -> tuple[NarrativeChange, ...]:
        """The last merges and disappearances, oldest first."""
        held = self._topics.get(topic)
        return () if held is None else tuple(held.changes)

    def held(self) -> set[str]:
        """The ids of the mentions that may speak for a narrative, or began it."""
        stories = [story for held in self._topics.values() for story in held.stories.values()]
        told = {speaker.id for story in stories for speaker in story.speakers}
        return (told | {story.first.id for story in stories}) - {""}

    def forget(self, ids: Collection[str]) -> int:
        """Erase mentions: no quote, headline or first mention is theirs any more. Counts stay; says how many were held.

        What words they brought stays in the sums of a narrative's words, as a weight among others.
        """
        gone = frozenset(ids)
        return sum(narratives.erase(gone) for narratives in self._topics.values())

    def _of(self, topic: str) -> TopicNarratives:
        held = self._topics.get(topic)
        if held is None:
            common = self._common.get(topic, frozenset())
            held = self._topics[topic] = TopicNarratives(topic, self._settings, common)
        return held

    def _narrative(self, held: TopicNarratives, column: int, start: float, end: float) -> Narrative:
        story = held.stories[column]
        shares = held.groups.word_shares(column)
        language = _language(story)
        counts, first_bin = story.between(start, end), int(start // BIN)
        side = _side(counts)
        spoken = quote(story.speakers, lambda one: _likeness(one, shares, held.common), side)
        per_hour, growth = _pace(story, end)
        sources = story.sources.since(first_bin)
        return Narrative(
            id=story.id,
            topic=held.topic,
            headline=headline(story.speakers, shares, held.common, side=side),
            quote="" if spoken is None else cut(spoken.text, MAX_QUOTE),
            mention="" if spoken is None else spoken.id,
            mentions=counts.mentions,
            originals=counts.originals,
            authors=min(story.authors.count(first_bin * BIN), counts.originals),
            per_hour=per_hour,
            growth=growth,
            first_at=datetime.fromtimestamp(story.first.at, UTC),
            last_at=datetime.fromtimestamp(story.last, UTC),
            first_id=story.first.id,
            first_source=story.first.source,
            first_site=story.first.site,
            language=language,
            sources=sources,
            sites=len(story.sites.since(first_bin)),
            negative=counts.negative / counts.mentions,
            positive=counts.positive / counts.mentions,
            sentiment=counts.value / counts.mentions,
            themes=story.themes.since(first_bin),
            merged=story.merged,
        )


def _side(counts: Bin) -> Polarity:
    """What speaks for a narrative is negative from a third on: who reads it looks for the complaint."""
    if counts.negative * 3 >= counts.mentions:
        return Polarity.NEGATIVE
    return Polarity.POSITIVE if counts.positive * 2 >= counts.mentions else Polarity.NEUTRAL


def _pace(story: Story, end: float) -> tuple[int, float | None]:
    """Mentions of the last hour, and how many times the mean hour of the day before that is."""
    last = story.between(end - _HOUR + BIN, end).mentions
    turn = end - _HOUR + BIN
    begun = max(story.first.at, turn - DAY.total_seconds())
    hours = (turn - begun) / _HOUR
    before = story.between(begun, turn - BIN).mentions
    if hours < 1.0 or not before:
        return last, None
    return last, last / (before / hours)


def _language(story: Story) -> str:
    counts: dict[str, int] = {}
    for one in story.speakers:
        if one.language:
            counts[one.language] = counts.get(one.language, 0) + 1
    return max(sorted(counts), key=counts.__getitem__, default="")


def _likeness(one: Speaker, shares: Mapping[str, float], common: frozenset[str]) -> float:
    words = words_of(one.folded, common)
    # A text of two words may be all centre and say nothing.
    return sum(shares.get(word, 0.0) for word in words) / math.sqrt(max(len(words), TELLING))
