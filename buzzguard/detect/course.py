"""The usual course of one counted series over the week: level · hour of day · part of the week. Of streams.

Each factor is a ratio of discounted sums, what was counted over what the other factors expect, with a prior of a few
mentions that pulls it to 1 (or to the shape of the topic's volume, of which every other signal is a part). Counts are
weighted by 1/(1 + phi · mean): the weight of a window is its information, which is what a square root or a logarithm
is taken for elsewhere, without their bias on small counts. No statistic of `river` is used: these are one line each,
need three kinds of weights that its own do not take, and importing it costs 1.5 s.

Minutes count from the epoch (a Thursday, 00:00 UTC): hours and weekdays are those of UTC, so that a change of clocks
changes nothing at once; the hour by which people rise is learned again over the following days.
"""

from __future__ import annotations

from itertools import accumulate

import msgspec

from buzzguard.detect.learning import KNOWN_ENOUGH, NEW_NORMAL_AFTER, Learning

CELL = 15
"""Minutes of the window that teaches the profile; the level is a rate per cell."""
WEEK = 7 * 1440
STEP = 30
"""Minutes of a step of the week's table: half an hour, read with interpolation."""
STEPS = WEEK // STEP
HOURS = 24
PARTS = 42
"""Parts of the week of four hours: what a weekday changes, where 168 free hours would need a year."""
DAY_CELLS = 96.0
CLIP = 3.0
"""Deviations above the mean at which a value is cut: it costs a Poisson mean 2 % at most, and caps a burst."""
SLOW = 0.1
"""The pace of learning while a run of anomalous windows lasts."""


def kept(half_life_days: float, per_day: float) -> float:
    """Share of a discounted sum that one update leaves, at `per_day` updates a day."""
    return float(2.0 ** (-1.0 / (half_life_days * per_day)))


LEVEL_DAYS = 3.0
"""Half-life of the level: follows a month's drift, and moves a tenth in half a day."""
QUIET_LEVEL_DAYS = 30.0
"""Half-life of the level of a topic with few mentions: it takes that long to have counted any."""
BLIND = 180
"""Minutes of known time in which the level alone is learned: the first windows compare with next to nothing."""
FRESH = 1440
"""Minutes of known time before windows count as episodes, are cut or slowed: the first day teaches the day."""
HOURS_FIRST = 3 * 1440
"""Minutes of known time before weekdays are learned: until the hours of the day are known, what belongs to an hour
would be credited to its weekday as well, and count twice a week later."""
ENOUGH_MENTIONS = 50.0
"""Mentions that fix a level to one part in seven: below that, forget more slowly."""
HOUR_KEEP = kept(14.0, 8.0)
PART_KEEP = kept(28.0, 16.0 / 7.0)
FAST_KEEP = kept(0.5, DAY_CELLS)
HOUR_PRIOR = 4.0
"""Mentions by which an hour is pulled to its prior: before any is seen, its factor is uncertain by a half."""
PART_PRIOR = 8.0
LEVEL_PRIOR = 0.5
"""Mentions by which the level is pulled to the long-run mean."""
LONG_PRIOR = (0.5, DAY_CELLS / 4.0)
"""Before anything is seen: half a mention in six hours, outweighed by the first hours of a busy topic and by the
first weeks of a quiet one."""
LONG_KEEP = kept(60.0, DAY_CELLS)
RUN_RATIO = 1.25
"""A run goes on while the fast level stays this far above the slow one."""


def pair() -> list[float]:
    """A ratio of sums before anything: nothing over nothing."""
    return [0.0, 0.0]


class ProfileState(msgspec.Struct, array_like=True):
    """The sums: over (counted) and under (expected) for level, fast level, long-run mean, hours and parts.

    `run` counts the cells of the present run of anomalous windows, `run_lowest` is the lowest of its daily marks.
    """

    level: list[float] = msgspec.field(default_factory=pair)
    fast: list[float] = msgspec.field(default_factory=pair)
    long: list[float] = msgspec.field(default_factory=pair)
    hours: list[list[float]] = msgspec.field(default_factory=lambda: [[0.0] * HOURS, [0.0] * HOURS])
    parts: list[list[float]] = msgspec.field(default_factory=lambda: [[0.0] * PARTS, [0.0] * PARTS])
    hour_factors: list[float] = msgspec.field(default_factory=lambda: [1.0] * HOURS)
    part_factors: list[float] = msgspec.field(default_factory=lambda: [1.0] * PARTS)
    run: int = 0
    run_lowest: float = 0.0

    def check(self) -> None:
        """Raises ValueError when a table has not its length."""
        hours = (*self.hours, self.hour_factors)
        parts = (*self.parts, self.part_factors)
        pairs = (self.level, self.fast, self.long)
        wanted = all(len(row) == HOURS for row in hours) and all(len(row) == PARTS for row in parts)
        if not wanted or len(hours) != 3 or len(parts) != 3 or any(len(row) != 2 for row in pairs):
            raise ValueError("wrong shape: a table of the week has not its length")


class Span:
    """A window as two places in the week's table, shared by all signals."""

    __slots__ = ("cells", "first", "first_part", "hours", "last", "last_part", "minute", "wraps")

    def __init__(self, end: int, length: int) -> None:
        self.minute = end
        self.cells = length / CELL
        self.hours = length / 60.0
        begin, stop = (end - length) % WEEK, end % WEEK
        self.first, rest = divmod(begin, STEP)
        self.first_part = rest / STEP
        self.last, rest = divmod(stop, STEP)
        self.last_part = rest / STEP
        self.wraps = stop < begin


class Profile:
    """One signal's course of the week."""

    __slots__ = ("_cumulated", "_factors", "level", "scatter", "state")

    def __init__(self) -> None:
        self.load(ProfileState())

    def load(self, state: ProfileState) -> None:
        """Continue from `state`."""
        self.state = state
        self._tabulate()
        self._level_again()

    def _level_again(self) -> None:
        (over, under), (all_over, all_under) = self.state.level, self.state.long
        long_run = (all_over + LONG_PRIOR[0]) / (all_under + LONG_PRIOR[1])
        self.level = (over + LEVEL_PRIOR) / (under + LEVEL_PRIOR / long_run)
        self.scatter = 1.0 / (over + LEVEL_PRIOR)

    def _tabulate(self) -> None:
        hours, parts = self.state.hour_factors, self.state.part_factors
        factors = [0.0] * STEPS
        for step in range(STEPS):
            hour, half = divmod(step % 48, 2)
            # The middle of a half hour lies a quarter of an hour from the middle of its hour.
            beside = hours[(hour + (1 if half else -1)) % HOURS]
            factors[step] = (0.75 * hours[hour] + 0.25 * beside) * parts[step // 8]
        self._factors = [*factors, factors[0]]
        self._cumulated = list(accumulate(factors, initial=0.0))

    def season(self, span: Span) -> float:
        """The usual count of a window at level 1: the factors summed over its cells."""
        table, factors = self._cumulated, self._factors
        steps = table[span.last] + span.last_part * factors[span.last]
        steps -= table[span.first] + span.first_part * factors[span.first]
        if span.wraps:
            steps += table[STEPS]
        return max(steps, 1e-3) * (STEP / CELL)

    def doubt(self, span: Span) -> float:
        """Relative variance of the expectation that comes from having seen little."""
        hour = ((span.minute - 1) // 60) % HOURS
        unseen = 1.0 / (self.state.hours[0][hour] + HOUR_PRIOR)
        return self.scatter + unseen / max(1.0, span.hours)

    def refresh(self, parent: Profile | None) -> None:
        """Recompute the factors from the sums; `parent` gives the shape to which a sparse signal is pulled."""
        state = self.state
        over, under = state.hours
        shape = parent.state.hour_factors if parent else [1.0] * HOURS
        state.hour_factors = [
            (o + HOUR_PRIOR * s) / (u + HOUR_PRIOR) for o, u, s in zip(over, under, shape, strict=True)
        ]
        over, under = state.parts
        shape = parent.state.part_factors if parent else [1.0] * PARTS
        state.part_factors = [
            (o + PART_PRIOR * s) / (u + PART_PRIOR) for o, u, s in zip(over, under, shape, strict=True)
        ]
        self._tabulate()

    def learn(self, span: Span, count: float, *, known: float, phi: float, anomalous: bool, learned: float) -> Learning:
        """Take in a closed window of one cell.

        `phi` is its overdispersion, `learned` the known minutes before it: the first day nothing is cut or slowed.
        """
        young = learned < FRESH
        season = self.season(span) * known
        mean = self.level * season
        total = phi + self.doubt(span)
        cap = mean + CLIP * (mean + total * mean * mean) ** 0.5 + 1.0
        clipped = count > cap and not young
        value = cap if clipped else count
        self._learn_fast(count, season=season, phi=phi, young=young)
        in_run = self._in_run(anomalous and not young)
        if self._adopt():
            return Learning.NEW_NORMAL
        verdict, pace = _verdict(known=known, in_run=in_run, clipped=clipped)
        self._learn_level(value, season=season, weight=pace / (1.0 + phi * mean), pace=pace)
        if learned >= BLIND:
            weight = pace / (1.0 + phi * mean)
            self._learn_hours(span.minute, value, mean=mean, weight=weight)
            if learned >= HOURS_FIRST:
                self._learn_parts(span.minute, value, mean=mean, weight=weight)
        return verdict

    def _learn_level(self, value: float, *, season: float, weight: float, pace: float) -> None:
        level = self.state.level
        days = LEVEL_DAYS * max(1.0, min(QUIET_LEVEL_DAYS / LEVEL_DAYS, ENOUGH_MENTIONS / (level[0] + 1e-9)))
        keep = 1.0 - pace * (1.0 - kept(days, DAY_CELLS))
        level[0] = level[0] * keep + weight * value
        level[1] = level[1] * keep + weight * season
        long = self.state.long
        long[0] = long[0] * LONG_KEEP + pace * value
        long[1] = long[1] * LONG_KEEP + pace * season
        self._level_again()

    def _learn_fast(self, count: float, *, season: float, phi: float, young: bool) -> None:
        fast = self.state.fast
        mean = self.fast_level() * season
        value = count if young else min(count, mean + CLIP * (mean + phi * mean * mean) ** 0.5 + 1.0)
        weight = 1.0 / (1.0 + phi * mean)
        fast[0] = fast[0] * FAST_KEEP + weight * value
        fast[1] = fast[1] * FAST_KEEP + weight * season

    def fast_level(self) -> float:
        """The level of the last half day or so, whatever was judged of it; single bursts are cut."""
        over, under = self.state.fast
        return (over + 1.0) / (under + 1.0 / self.level)

    def _learn_hours(self, minute: int, value: float, *, mean: float, weight: float) -> None:
        state = self.state
        middle = minute - CELL // 2 - 1
        half_hour = (middle // STEP) % 48
        hour = half_hour // 2
        beside = (hour + (1 if half_hour % 2 else -1)) % HOURS
        for slot, share in ((hour, 0.75), (beside, 0.25)):
            part = weight * share
            factor = state.hour_factors[slot]
            keep = 1.0 - share * (1.0 - HOUR_KEEP) * (weight > 0.0)
            state.hours[0][slot] = state.hours[0][slot] * keep + part * value
            state.hours[1][slot] = state.hours[1][slot] * keep + part * mean / factor

    def _learn_parts(self, minute: int, value: float, *, mean: float, weight: float) -> None:
        state = self.state
        block = ((minute - CELL // 2 - 1) % WEEK) // 240
        factor = state.part_factors[block]
        state.parts[0][block] = state.parts[0][block] * PART_KEEP + weight * value
        state.parts[1][block] = state.parts[1][block] * PART_KEEP + weight * mean / factor

    def _in_run(self, anomalous: bool) -> bool:
        """Whether a run of anomalous windows is on: it ends when nothing is rare and the fast level is back."""
        state = self.state
        if anomalous or (state.run and self.fast_level() >= RUN_RATIO * self.level):
            state.run += 1
        else:
            state.run = 0
        return state.run > 0

    def _adopt(self) -> bool:
        """Whether the run is the new normal: then the level becomes the lowest of its daily marks.

        The lowest, so that a crisis which lasts but fades leaves its end behind, not its height. Cells are counted,
        not hours passed: an outage does not make a crisis normal.
        """
        state = self.state
        mark, rest = divmod(state.run, int(DAY_CELLS))
        if mark == 0 or rest:
            return False
        ratio = self.fast_level() / self.level
        state.run_lowest = ratio if mark == 1 else min(state.run_lowest, ratio)
        if mark < NEW_NORMAL_AFTER.days:
            return False
        target = self.level * max(1.0, state.run_lowest)
        under = state.fast[1]
        state.level, state.run = [target * under, under], 0
        self._level_again()
        return True


def _verdict(*, known: float, in_run: bool, clipped: bool) -> tuple[Learning, float]:
    """What becomes of a window, and with what weight. A run never outlasts its adoption."""
    if not known >= KNOWN_ENOUGH:
        return Learning.SKIPPED_UNKNOWN, 0.0
    if in_run:
        return Learning.SLOWED, SLOW
    return (Learning.CLIPPED if clipped else Learning.LEARNED), 1.0
