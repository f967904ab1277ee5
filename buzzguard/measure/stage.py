"""The stage: scored mentions and polls in, samples out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from buzzguard.measure.coverage import Coverage
from buzzguard.measure.growth import grown
from buzzguard.measure.lineage import Lineage
from buzzguard.measure.quotes import QuoteBook
from buzzguard.measure.ranks import BUCKET, Ranks
from buzzguard.measure.strides import STRIDES
from buzzguard.measure.tally import Tally, change_of, fact_of
from buzzguard.measure.trailing import Trailing
from buzzguard.measure.windows import TopicWindows
from buzzguard.model import MINUTE, WINDOWS, Dropped, Engagement, Poll, Quote, Samples, ScoredMention, Sentiment

GRACE = timedelta(minutes=2)
"""How long after its end a window is held open for what sources deliver a little late."""
MAX_CATCH_UP = timedelta(days=7)
"""After a longer gap in time only this much of it is closed window by window: the rest was watched by nobody."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LENGTHS = tuple(window // MINUTE for window in WINDOWS)
_DAY = max(_LENGTHS)
_STRIDES = tuple((window, window // MINUTE, STRIDES[window] // MINUTE) for window in WINDOWS)
_STEP = min(stride for _, _, stride in _STRIDES)


class Measuring:
    """Measures topics over event-time windows.

    `streams_of_topic` names the streams that can bring mentions of a topic: how many of them could be read is its
    samples' `known`. `lateness` is how old a mention may be when it arrives. Results depend on the facts given and on
    `now`, not on the order within the lateness; the weights of voices alone depend on what arrived together (`ranks`).
    """

    def __init__(
        self,
        topics: Iterable[str],
        streams_of_topic: Mapping[str, frozenset[str]],
        *,
        lateness: timedelta,
        grace: timedelta = GRACE,
    ) -> None:
        self._windows = {topic: TopicWindows(_LENGTHS) for topic in topics}
        self._quotes = {topic: QuoteBook() for topic in self._windows}
        self._lineages = {topic: Lineage() for topic in self._windows}
        self._ranks = Ranks(self._windows)
        # Topics with equal streams share one set, so that looking up what is known of them costs one comparison.
        same: dict[frozenset[str], frozenset[str]] = {}
        given = {topic: streams_of_topic.get(topic, frozenset()) for topic in self._windows}
        self._streams = {topic: same.setdefault(streams, streams) for topic, streams in given.items()}
        self._changed: set[str] = set()
        self._coverage = Coverage()
        self._lateness = lateness
        self._grace = grace
        self._now = _EPOCH
        self._minute = 0
        self._closed: int | None = None

    @property
    def watermark(self) -> datetime:
        """Windows that ended until here are closed. Never goes back."""
        return self._now - self._grace

    @property
    def closed_until(self) -> datetime:
        """The end of the last window that was closed, to the minute; before any was, the watermark."""
        return self.watermark if self._closed is None else _instant(self._closed)

    def needs_since(self, now: datetime) -> datetime:
        """From when on `restore` wants mentions and polls."""
        return now - max(timedelta(minutes=_DAY), self._lateness) - self._grace - timedelta(hours=1)

    def add(self, scored: Sequence[ScoredMention], now: datetime) -> tuple[list[ScoredMention], list[Dropped]]:
        """Count mentions; returns those counted, in order of publication, and those too late.

        Those counted carry their weights (`ScoredMention.voices`). Topics that are not measured are passed over.
        """
        self._tick(now)
        oldest = (self._now - self._lateness).timestamp()
        accepted: list[tuple[float, str, int]] = []
        dropped: list[Dropped] = []
        for index, one in enumerate(scored):
            mention = one.mention
            published = mention.published.timestamp()
            if published < oldest:
                dropped.append(Dropped(id=mention.id, stream=mention.stream, reason="too_late"))
            else:
                accepted.append((published, mention.id, index))
        accepted.sort()
        counted = [self._count(scored[index], published) for published, _, index in accepted]
        self._ranks.relieve()
        return counted, dropped

    def amend(self, before: ScoredMention, sentiment: Sentiment) -> ScoredMention:
        """Count a mention, counted `before`, with another sentiment: in its minute and in every window that holds it.

        Returns it as it is now; one that says different things of its topics stays as it is. Windows that were learned
        stay learned; the largest audience of a negative mention stays an upper bound.
        """
        if before.toward:
            return before
        after = replace(before, sentiment=sentiment)
        minute = min(int(before.mention.published.timestamp() // 60), self._minute)
        was, now = fact_of(before, minute), fact_of(after, minute)
        voices = list(before.voices or [0] * len(before.topics))
        for index, topic in enumerate(before.topics):
            if (windows := self._windows.get(topic)) is not None:
                change, voices[index] = change_of(was, now, weighed=voices[index])
                windows.amend(minute, change)
                self._changed.add(topic)
        return replace(after, voices=tuple(voices))

    def read_again(self, before: ScoredMention, engagement: Engagement, at: datetime) -> ScoredMention:
        """Count what a mention, counted `before`, has gained in reactions by `at`; returns it as it is now.

        The gain counts in the minute of the re-reading (see `growth`); one from before the lateness is only noted.
        """
        after, gained = grown(before, engagement, min(at, self._now))
        if after is before:
            return before
        if gained and self._now - at <= self._lateness:
            self.gain(after, [(min(int(at.timestamp() // 60), self._minute), gained)])
        if not after.past:
            fact = fact_of(after, min(int(after.mention.published.timestamp() // 60), self._minute))
            for index, topic in enumerate(after.topics):
                if topic in self._quotes:
                    self._quotes[topic].again(_said_of(after, index), fact)
        return after

    def observe(self, polls: Sequence[Poll]) -> None:
        """Take how streams fared, in order of time; before or after the mentions of the same polls."""
        self._coverage.observe(polls)

    def samples(self, topic: str, now: datetime) -> tuple[Samples, ...]:
        """The windows that are filling, one for each of `WINDOWS`: they end with the minute of `now`."""
        self._tick(now)
        windows, end = self._windows[topic], self._minute + 1
        windows.roll(end)
        until = _instant(end)
        return tuple(
            self._sample(topic, window, until, trailing, top_reach=trailing.top_reach(end - trailing.length))
            for window, trailing in zip(WINDOWS, windows.trailing, strict=True)
        )

    def advance(self, now: datetime) -> list[Samples]:
        """The windows that closed since the last call, by end, then window, then topic.

        The first call closes nothing: it says when watching began. Memory of what no window needs is freed.
        """
        self._tick(now)
        self._coverage.wait_until(self._now.timestamp())
        target = int(self.watermark.timestamp() // 60)
        if self._closed is None:
            self._closed = target
        first = (max(self._closed, target - MAX_CATCH_UP // MINUTE) // _STEP + 1) * _STEP
        if first > target:
            return []
        closed = [sample for end in range(first, target + 1, _STEP) for sample in self._closing(end)]
        if target // 60 > self._closed // 60:
            self._forget(target)
        self._closed = target
        return closed

    def minutes_changed(self) -> list[Samples]:
        """The minutes that grew since this was last asked, whole: they replace what was stored for them."""
        watermark = self.watermark
        changed: list[Samples] = []
        for topic in sorted(self._changed):
            for minute, tally in self._windows[topic].take_changed():
                end = _instant(minute + 1)
                changed.append(
                    self._sample(topic, MINUTE, end, tally, top_reach=tally.top_reach, closed=end <= watermark)
                )
        self._changed.clear()
        return changed

    def series(self, topic: str, *, start: datetime, bins: int, bin: timedelta) -> tuple[list[int], list[int]]:
        """Volume and negative volume in `bins` equal bins from `start`, both floored to whole minutes; 24 h back."""
        first, width = int(start.timestamp() // 60), max(1, bin // MINUTE)
        volume, negative = [0] * bins, [0] * bins
        for minute, tally in self._windows[topic].minutes(first, first + bins * width):
            volume[(minute - first) // width] += tally.volume
            negative[(minute - first) // width] += tally.negative
        return volume, negative

    def lineage(self, topic: str, *, start: datetime, minutes: int) -> tuple[list[int], list[int]]:
        """Begotten mentions (shares, answers) of each of the minutes from `start`, and the lags to known parents.

        The second list counts lags of 0, 1, 2, … minutes; see `measure.lineage`.
        """
        first = int(start.timestamp() // 60)
        lineage = self._lineages[topic]
        return lineage.begotten(first, first + minutes), lineage.lags(first, first + minutes)

    def known(self, topic: str, *, start: datetime, bins: int, bin: timedelta) -> list[float]:
        """The share (0…1) of each of `bins` equal bins from `start` in which the topic's streams could be read."""
        if self._coverage.unbroken:
            return [1.0] * bins
        return [self._known(topic, start + index * bin, start + (index + 1) * bin) for index in range(bins)]

    def quotes(self, topic: str, window: timedelta, now: datetime, limit: int) -> tuple[Quote, ...]:
        """The most telling mentions of the trailing window: negative first, then by audience and reactions."""
        self._tick(now)
        end = self._minute + 1
        return self._quotes[topic].best(end - window // MINUTE, end, limit)

    def held(self) -> set[str]:
        """The ids of the mentions that may be quoted."""
        return set[str]().union(*(book.held() for book in self._quotes.values()))

    def erase(self, ids: frozenset[str]) -> None:
        """Quote erased mentions no more. They stay counted: numbers name nobody, and an alert may stand on them."""
        for book in self._quotes.values():
            book.erase(ids)

    def restore(
        self,
        scored: Iterable[ScoredMention],
        polls: Iterable[Poll],
        now: datetime,
        *,
        closed_until: datetime | None = None,
    ) -> None:
        """Rebuild, on a new instance, what `add` and `observe` had built from the same facts since `needs_since`.

        `closed_until` is the end of the last closed window that was stored: the next `advance` goes on from there, so
        that a restart loses no window. Without it, windows close from `now` on.
        """
        self._tick(now)
        self._coverage.observe(polls)
        horizon = self._horizon(int(self.watermark.timestamp() // 60))
        for one in scored:
            published = one.mention.published.timestamp()
            if published >= horizon * 60 and not one.past:
                self._count(one, published, again=True)
                self._ranks.relieve()
            if one.readings is not None:
                self.gain(one, [gain for gain in one.readings.gains if horizon <= gain[0] <= self._minute])
        self.minutes_changed()
        last = self.watermark if closed_until is None else min(closed_until, self.watermark)
        self._closed = int(last.timestamp() // 60)

    def _tick(self, now: datetime) -> None:
        if now > self._now:
            self._now = now
            self._minute = int(now.timestamp() // 60)
            self._ranks.forget(int(self.watermark.timestamp() // 60) - _DAY)

    def _count(self, scored: ScoredMention, published: float, *, again: bool = False) -> ScoredMention:
        """Count a mention; returns it with its weights, those it was given before when it is counted `again`."""
        mention = scored.mention
        fact = fact_of(scored, min(int(published // 60), self._minute))
        given = scored.voices if again and len(scored.voices) == len(scored.topics) else None
        voices = [0] * len(scored.topics)
        for index, topic in enumerate(scored.topics):
            if (windows := self._windows.get(topic)) is not None:
                # A mention may praise one topic and blame another.
                own = _said_of(scored, index)
                counts = fact if own is scored else fact_of(own, fact.minute)
                rank = self._ranks.take(topic, counts)
                weight = voices[index] = counts.confidence // rank if given is None else given[index]
                if windows.end <= self._minute:
                    windows.roll(self._minute + 1)
                windows.add(counts, weight)
                if not scored.withdrawn:
                    self._quotes[topic].add(own, counts)
                self._lineages[topic].add(mention, fact.minute)
                self._changed.add(topic)
        self._coverage.delivered(mention.stream, mention.fetched.timestamp(), published)
        return scored if again else replace(scored, voices=tuple(voices))

    def gain(self, scored: ScoredMention, gains: Iterable[tuple[int, int]]) -> None:
        """Count reactions to a counted mention: minutes since the epoch, not after the present one, and acts."""
        for topic in scored.topics:
            if (windows := self._windows.get(topic)) is not None:
                if windows.end <= self._minute:
                    windows.roll(self._minute + 1)
                for minute, acts in gains:
                    windows.gain(minute, acts)
                    self._changed.add(topic)

    def _closing(self, end: int) -> Iterator[Samples]:
        until = _instant(end)
        for window, length, stride in _STRIDES:
            if end % stride:
                continue
            for topic, windows in self._windows.items():
                tally = windows.closed(end - length, length)
                if tally is None:
                    known = self._known(topic, until - window, until)
                    yield Samples(topic=topic, window=window, end=until, known=known, closed=True)
                else:
                    yield self._sample(topic, window, until, tally, top_reach=tally.top_reach, closed=True)

    def _sample(self, topic: str, window: timedelta, end: datetime, counts: Tally | Trailing, **more: Any) -> Samples:
        return Samples(
            topic=topic,
            window=window,
            end=end,
            volume=counts.volume,
            negative=counts.negative,
            positive=counts.positive,
            authors=len(counts.authors),
            reach=counts.reach,
            engagement=counts.engagement,
            spread=len(counts.sites),
            gravity=counts.gravity,
            sources=len(counts.sources),
            voices=counts.voices,
            hostile=counts.hostile,
            copies=counts.copies,
            known=self._known(topic, end - window, end),
            **more,
        )

    def _known(self, topic: str, start: datetime, end: datetime) -> float:
        if self._coverage.unbroken:
            return 1.0
        return self._coverage.share(self._streams[topic], start.timestamp(), end.timestamp())

    def _horizon(self, closed: int) -> int:
        oldest = int((self._now - self._lateness).timestamp() // 60)
        return min(closed - _DAY, oldest) // BUCKET * BUCKET

    def _forget(self, closed: int) -> None:
        horizon = self._horizon(closed)
        for topic, windows in self._windows.items():
            windows.roll(self._minute + 1)
            windows.forget(horizon)
            self._quotes[topic].forget(horizon)
            self._lineages[topic].forget(horizon)
        self._coverage.forget(horizon * 60)


def _said_of(scored: ScoredMention, index: int) -> ScoredMention:
    """A mention as it speaks of one of its topics."""
    return scored if not scored.toward else replace(scored, sentiment=scored.toward[index])


def _instant(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=minute)
