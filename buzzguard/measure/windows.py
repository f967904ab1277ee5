"""The windows of one topic: its minutes, the trailing windows that fill, and any span that has closed.

Minutes are whole numbers since the epoch; only minutes with mentions, or with reactions read later, exist.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable

from buzzguard.measure.tally import Change, Fact, Tally, merged
from buzzguard.measure.trailing import Trailing

QUARTER = 15
HOUR = 60


class TopicWindows:
    """Counts one topic. `end` is the minute after the newest one: all trailing windows end there."""

    def __init__(self, lengths: Iterable[int]) -> None:
        self.end = 0
        self.trailing = tuple(Trailing(length) for length in lengths)
        self._minutes: dict[int, Tally] = {}
        self._order: list[int] = []
        self._quarters: dict[int, Tally] = {}
        self._hours: dict[int, Tally] = {}
        self._changed: set[int] = set()

    def add(self, fact: Fact, voices: int) -> None:
        """Count a mention that weighs `voices` in its minute, which must not be at or after `end`."""
        minute = fact.minute
        new = self._tally(minute).add(fact, voices)
        age = self.end - minute
        for window in self.trailing:
            if age <= window.length:
                window.include(fact, voices, new)
        self._touch(minute)

    def gain(self, minute: int, acts: int) -> None:
        """Count reactions in `minute`, which must not be at or after `end`, to mentions that are counted already."""
        self._tally(minute).engagement += acts
        for window in self.trailing:
            if self.end - minute <= window.length:
                window.engagement += acts
        self._touch(minute)

    def amend(self, minute: int, change: Change) -> None:
        """Correct what a mention of `minute` was taken for; a minute that was forgotten stays forgotten."""
        tally = self._minutes.get(minute)
        if tally is None:
            return
        change.apply(tally)
        for window in self.trailing:
            if 0 < self.end - minute <= window.length:
                change.apply(window)
        self._touch(minute)

    def roll(self, end: int) -> None:
        """Move the trailing windows on to `end`; an earlier end changes nothing."""
        old, self.end = self.end, max(self.end, end)
        if end <= old or not self._order:
            return
        for window in self.trailing:
            if window.volume or window.engagement:
                for minute in self._between(old - window.length, self.end - window.length):
                    window.expire(self._minutes[minute])

    def closed(self, start: int, length: int) -> Tally | None:
        """The counts of `length` minutes from `start`; None when there are none.

        Spans of an hour and more start at a quarter, longer ones at an hour: they are built from quarters and hours
        kept for the next span.
        """
        if not self._order or self._order[-1] < start or not (minutes := self._between(start, start + length)):
            return None
        if length <= QUARTER:
            return merged(self._minutes[minute] for minute in minutes)
        if length <= HOUR:
            return merged(map(self._quarter, sorted({minute // QUARTER for minute in minutes})))
        return merged(map(self._hour, sorted({minute // HOUR for minute in minutes})))

    def minutes(self, start: int, end: int) -> list[tuple[int, Tally]]:
        """Minutes with mentions from `start` up to `end`, in order."""
        return [(minute, self._minutes[minute]) for minute in self._between(start, end)]

    def take_changed(self) -> list[tuple[int, Tally]]:
        """Minutes that changed since this was last asked, in order."""
        changed = [(minute, self._minutes[minute]) for minute in sorted(self._changed)]
        self._changed.clear()
        return changed

    def forget(self, horizon: int) -> None:
        """Drop minutes before `horizon`, except those whose change was not taken yet."""
        if not self._order or self._order[0] >= horizon:
            return
        if self._changed:
            horizon = min(horizon, min(self._changed))
        gone = self._between(self._order[0], horizon)
        for minute in gone:
            del self._minutes[minute]
        del self._order[: len(gone)]
        for blocks, size in ((self._quarters, QUARTER), (self._hours, HOUR)):
            for block in [block for block in blocks if block * size < horizon]:
                del blocks[block]

    def _tally(self, minute: int) -> Tally:
        tally = self._minutes.get(minute)
        if tally is None:
            tally = self._minutes[minute] = Tally()
            if self._order and minute < self._order[-1]:
                insort(self._order, minute)
            else:
                self._order.append(minute)
        return tally

    def _touch(self, minute: int) -> None:
        self._changed.add(minute)
        if self._hours or self._quarters:
            self._quarters.pop(minute // QUARTER, None)
            self._hours.pop(minute // HOUR, None)

    def _between(self, start: int, end: int) -> list[int]:
        order = self._order
        return order[bisect_left(order, start) : bisect_left(order, end)]

    def _quarter(self, quarter: int) -> Tally:
        tally = self._quarters.get(quarter)
        if tally is None:
            minutes = self._between(quarter * QUARTER, (quarter + 1) * QUARTER)
            tally = self._quarters[quarter] = merged(self._minutes[minute] for minute in minutes)
        return tally

    def _hour(self, hour: int) -> Tally:
        tally = self._hours.get(hour)
        if tally is None:
            minutes = self._between(hour * HOUR, (hour + 1) * HOUR)
            quarters = sorted({minute // QUARTER for minute in minutes})
            tally = self._hours[hour] = merged(map(self._quarter, quarters))
            # An hour is asked for again, its quarters hardly ever: late mentions rebuild them.
            for quarter in quarters:
                if quarter < (self.end - 2 * HOUR) // QUARTER:
                    del self._quarters[quarter]
        return tally
