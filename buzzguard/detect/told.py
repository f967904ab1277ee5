"""What was judged of one window, turned into assessments only where somebody asks: most are never read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import exp, inf, log

import msgspec
import numpy as np

from buzzguard.detect.bank import SCORED, VOLUME, Verdict, parts
from buzzguard.detect.baselines import DAYS_OF_WINDOW, SUMS, Reading
from buzzguard.detect.scan import LN10, Array, count_deviate, decades, deviate_of
from buzzguard.model import MEASURED, MINUTE, WINDOWS, Assessment, Direction, Samples, Signal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_DECADES = -1.381
"""Below an hour nothing is rare."""
MOST_DECADES = 7.0
"""Ten million days: beyond, arithmetic says more than anybody can know."""
KNOWN_ENOUGH = 0.75
"""Below this share of known minutes a closed window says more about the outage than about the topic."""
GROWING_FROM = 0.0
"""Growth is told of windows rarer than once in these decades of days: noise doubles all the time."""
WORTH_PARTS = 0.0
"""Decades from which a crisis score is taken apart."""
GROWTH_WITHIN = WINDOWS.index(timedelta(hours=6))
"""The longest window of which growth is told."""
LEAST_GROWTH = 10.0
"""Below this count a doubling is told by one mention."""
NOTHING = 1e-6
"""Expected values below this are told as none: of what never came, arithmetic alone expects something."""
_INDEX = {signal: index for index, signal in enumerate(SCORED)}


def period(rarity: float) -> timedelta:
    """A return period from decades of days; zero below an hour: usual."""
    if not rarity >= LEAST_DECADES:
        return timedelta(0)
    return timedelta(seconds=int(86400.0 * exp(min(rarity, MOST_DECADES) * LN10)))


def instant(minute: int) -> datetime:
    """The instant of a minute since the epoch."""
    return EPOCH + minute * MINUTE


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """One topic at one instant: row `row` of a verdict, with what its assessments need besides.

    `rarity` (scores, windows) is what rules read, in decades; `values` (signals, windows) and `shares` (windows) what
    was measured; `share` the usual share; `most` the decades that so young a baseline may claim. `adopted` holds, by
    signal, the minute at which a new normal was adopted and the level before by window.
    """

    verdict: Verdict
    row: int
    rarity: list[list[float]]
    values: list[list[float]]
    shares: list[float]
    high: list[list[float]]
    expected: list[list[float]]
    share: float
    learned: timedelta
    most: float
    needed: timedelta
    adopted: Mapping[Signal, tuple[int, Array]] = {}


def rarity_of(verdict: Verdict) -> Array:
    """Decades (rows, scores, windows) as rules read them: a window that decided a score has the score's, others their
    own.

    So a rule that looks at any window fires where the score does, on the numbers of a window that bears it out.
    """
    alone = np.concatenate([verdict.read, verdict.fused[:, None]], axis=1)
    score = verdict.periods[:, :, None]
    second = np.partition(alone, -2, axis=-1)[..., [-2]]
    rarity: Array = np.where(alone >= second, score, np.minimum(score, alone))
    return rarity


class Told(Mapping[Signal, Assessment]):
    """The assessments of one window by signal."""

    __slots__ = ("_made", "_samples", "_window", "sheet")

    def __init__(self, sheet: Sheet, samples: Samples, window: int) -> None:
        self.sheet, self._samples, self._window = sheet, samples, window
        self._made: dict[Signal, Assessment] = {}

    def at(self, window: int) -> Told:
        """The same topic and instant over another window."""
        return Told(self.sheet, msgspec.structs.replace(self._samples, window=WINDOWS[window]), window)

    def __getitem__(self, signal: Signal) -> Assessment:
        made = self._made.get(signal)
        if made is None:
            made = self._made[signal] = self._make(signal)
        return made

    def __iter__(self) -> Iterator[Signal]:
        return iter(SCORED)

    def __len__(self) -> int:
        return len(SCORED)

    def unusual(self, rarity: float) -> list[Signal]:
        """The signals that are at least so rare, in decades, above the usual."""
        window = self._window
        return [SCORED[index] for index, windows in enumerate(self.sheet.rarity) if windows[window] >= rarity]

    def _make(self, signal: Signal) -> Assessment:
        sheet, window, index = self.sheet, self._window, _INDEX[signal]
        observed, expected, high = self._course(signal, index)
        above = signal is Signal.CRISIS or observed >= expected
        rarity = sheet.rarity[index][window] if above else self._below(signal, observed, expected)
        adopted = sheet.adopted.get(signal)
        return Assessment(
            signal=signal,
            window=self._samples.window,
            observed=observed,
            expected=expected,
            high=high,
            once_per=period(rarity),
            direction=Direction.ABOVE if above else Direction.BELOW,
            learned=sheet.learned,
            needed=sheet.needed,
            doubles_in=self._doubling(index) if above and rarity >= GROWING_FROM else None,
            parts=self._parts() if signal is Signal.CRISIS and rarity >= WORTH_PARTS else {},
            adopted_at=None if adopted is None else instant(adopted[0]),
            former=None if adopted is None else float(adopted[1][window]),
        )

    def _course(self, signal: Signal, index: int) -> tuple[float, float, float]:
        sheet, window = self.sheet, self._window
        if signal is Signal.CRISIS:
            return max(0.0, sheet.rarity[index][window]), 0.0, log(7.0) / LN10
        if signal is Signal.SHARE:
            return sheet.shares[window], sheet.share, min(1.0, sheet.high[index][window])
        expected = sheet.expected[index][window]
        return sheet.values[index][window], expected if expected > NOTHING else 0.0, sheet.high[index][window]

    def _parts(self) -> dict[str, float]:
        calm = self.sheet.verdict.calm[self.sheet.row, :, self._window]
        return {signal.value: round(part, 3) for signal, part in parts(calm).items()}

    def _below(self, signal: Signal, observed: float, expected: float) -> float:
        """Lulls are told of closed and known windows of counts only, by the law alone."""
        sampled = self._samples
        if signal not in (Signal.VOLUME, Signal.AUTHORS) or not sampled.closed or sampled.known < KNOWN_ENOUGH:
            return -inf
        index, window = _INDEX[signal], self._window
        reading = self.sheet.verdict.reading
        scatter = 2.0 * float(reading.scatter[self.sheet.row, index, window])
        exact = -float(count_deviate(np.array(observed), np.array(max(expected, 1e-9)))) / max(1.0, scatter)
        return min(float(decades(np.array(exact), DAYS_OF_WINDOW[window])), self.sheet.most) if exact > 1.0 else -inf

    def _doubling(self, index: int) -> timedelta | None:
        """How soon it doubles: this window's excess against that of the rest of the next longer one, log-linear.

        None when chance (three deviations) would do the same.
        """
        window = self._window
        if index >= len(MEASURED) or window > GROWTH_WITHIN or window + 1 >= len(WINDOWS):
            return None
        value, longer = self.sheet.values[index][window : window + 2]
        mean, longer_mean = self.sheet.expected[index][window : window + 2]
        days, rest_days = DAYS_OF_WINDOW[window], DAYS_OF_WINDOW[window + 1] - DAYS_OF_WINDOW[window]
        if value < LEAST_GROWTH or longer < value:
            return None
        before = (longer - value) * days / rest_days
        if value - before < 3.0 * (value + before) ** 0.5:
            return None
        past = max(before - (longer_mean - mean) * days / rest_days, 0.5)
        excess = max(value - mean, 0.5)
        if excess <= past:
            return None
        apart = 0.5 * DAYS_OF_WINDOW[window + 1]
        return timedelta(days=min(apart * log(2.0) / log(excess / past), 70.0))


def high_of(reading: Reading, usual_share: Array) -> Array:
    """Values (rows, channels, windows) above which the law calls a window rarer than once a week."""
    week = deviate_of(np.full(len(WINDOWS), log(7.0) / LN10), DAYS_OF_WINDOW)
    deviate = week * reading.temper
    mean = reading.expected
    root = np.sqrt(mean + 0.75) + deviate * reading.scatter
    by_root = np.maximum(root * root - 0.75, 0.0)
    by_law = mean + deviate * np.sqrt(mean) + (deviate * deviate - 1.0) / 6.0
    high = np.where(mean < 1.0, by_law, by_root)
    high[:, SUMS] = np.expm1(np.minimum(np.log1p(mean) + deviate * reading.scatter, 40.0)[:, SUMS])
    voices = np.maximum(mean[:, [VOLUME]], 1.0)
    share = usual_share[:, None, None]
    shares = np.minimum(share + week * np.sqrt(share * (1.0 - share) / voices), 1.0)
    return np.concatenate([high, shares], axis=1)
