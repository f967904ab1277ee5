"""Baselines of counts that a source gives without texts: page views, mentions counted elsewhere.

Such counts come late, in bins of a quarter of an hour, an hour or a day, so that they fit no window that fills. Each
series (stream, kind, length of bin) has a small baseline of its own, made anew from its stored counts whenever one
comes. It keeps no state beside them: equal counts give equal answers.

- What is expected of a bin is the median of the same hour of the week in the last `WEEKS` weeks; while these are fewer
  than `LEAST_WEEKS`, of the same hour of the last `DAYS` days. A median is hardly moved by a crisis.
- A count strays by `log((count + 1) / (expected + 1))`. The spread of that is the larger of two: what chance does to a
  Poisson count of that mean, and what the series' own bins of the last weeks did (1.4826 times their median absolute
  deviation), so that counts which vary more than by chance are not alarming.
- The tail is Student's t with `FREEDOM` degrees of freedom: the spread is itself estimated, and its tail heavy.
- A return period is at most `TRUST` times the time that the series is known, shared among the series of its topic.

Until a week is known (of daily counts: three), nothing is said.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import atan, cos, exp, log, sin, sqrt
from statistics import median

from buzzguard.model import WINDOWS, Assessment, Count, CountKind, Direction, Signal

SIGNALS = {CountKind.PAGE_VIEWS: Signal.PAGE_VIEWS, CountKind.MENTIONS: Signal.COUNTED}
WEEKS, LEAST_WEEKS, DAYS = 8, 3, 14
MEMORY = timedelta(weeks=2 * WEEKS)
"""Bins that ended longer before the newest are forgotten: the oldest that is looked at, with its own past."""
FREEDOM = 6
TRUST = 10.0
MOST_BINS = 12_000
"""Of a series: sixteen weeks of quarters of an hour, and some."""
_NEEDED = timedelta(weeks=4)
_LEAST_SPREAD = 0.05
_DAY, _WEEK = 86_400, 7 * 86_400
_LONGEST_LIFE = timedelta(days=2)
_FAR = 30.0
_LEADING = 33.75
"""Of the tail of t with 6 degrees of freedom: 6^(7/2) / 6 times the 15 / (16 sqrt 6) of its density."""

Key = tuple[str, CountKind, int]


class Counted:
    """The counts of all topics. `topics_of` names the topics of streams whose counts name none."""

    def __init__(self, topics: Iterable[str], topics_of: Mapping[str, Iterable[str]]) -> None:
        self._topics = frozenset(topics)
        self._topics_of = {stream: tuple(given) for stream, given in topics_of.items()}
        self._series: dict[Key, _Series] = {}

    def take(self, counts: Iterable[Count]) -> set[str]:
        """Take counts; a later one of the same span replaces the former. Returns the topics that they are of."""
        touched: set[str] = set()
        for count in counts:
            length = int((count.end - count.start).total_seconds())
            if length <= 0 or not 0 <= count.value < float("inf"):
                continue
            series = self._series.setdefault((count.stream, count.kind, length), _Series(length))
            series.topics = frozenset(count.topics or self._topics_of.get(count.stream, ())) & self._topics
            series.take(int(count.start.timestamp()), count.value)
            touched |= series.topics
        return touched

    @property
    def streams(self) -> frozenset[str]:
        """The streams that gave counts: that one of them cannot be read makes no mention unknown."""
        return frozenset(stream for stream, _, _ in self._series)

    @property
    def asked(self) -> frozenset[tuple[str, Signal]]:
        """What can be asked: each topic with the signals that are counted of it."""
        return frozenset((topic, SIGNALS[kind]) for (_, kind, _), one in self._series.items() for topic in one.topics)

    def topics(self, now: datetime) -> set[str]:
        """The topics of which a count still speaks."""
        return {topic for series in self._series.values() if series.speaks(now) for topic in series.topics}

    def assess(self, topic: str, now: datetime) -> dict[timedelta, dict[Signal, Assessment]]:
        """The newest bin of each series that still speaks, judged, by the window that is nearest to its length.

        Of several series of a signal the rarest is told; it has been looked for in all of them.
        """
        found: dict[timedelta, dict[Signal, Assessment]] = {}
        own = [(key, one) for key, one in sorted(self._series.items()) if topic in one.topics and one.speaks(now)]
        for (_, kind, length), series in own:
            told = series.judged(SIGNALS[kind], len(own))
            if told is None:
                continue
            at = found.setdefault(_window(length), {})
            before = at.get(told.signal)
            if before is None or told.once_per > before.once_per:
                at[told.signal] = told
        return found


class _Series:
    __slots__ = ("_judged", "_order", "_values", "length", "topics")

    def __init__(self, length: int) -> None:
        self.length = length
        self.topics: frozenset[str] = frozenset()
        self._values: dict[int, float] = {}
        self._order: list[int] = []
        self._judged: dict[tuple[Signal, int], Assessment | None] = {}

    def take(self, start: int, value: float) -> None:
        if start not in self._values:
            insort(self._order, start)
        self._values[start] = value
        self._judged.clear()
        oldest = self._order[-1] - MEMORY.total_seconds()
        while len(self._order) > MOST_BINS or self._order[0] < oldest:
            del self._values[self._order.pop(0)]

    def speaks(self, now: datetime) -> bool:
        """Whether the newest bin is new enough to be spoken of: until the one after the next should be there."""
        if not self._order:
            return False
        end = datetime.fromtimestamp(self._order[-1] + self.length, UTC)
        return end <= now <= end + max(timedelta(hours=3), min(3 * timedelta(seconds=self.length), _LONGEST_LIFE))

    def judged(self, signal: Signal, among: int) -> Assessment | None:
        key = signal, among
        if key not in self._judged:
            self._judged[key] = self._judge(signal, among)
        return self._judged[key]

    def _judge(self, signal: Signal, among: int) -> Assessment | None:
        newest = self._order[-1]
        expected = self._expected(newest)
        strayed = self._strayed(newest)
        if expected is None or len(strayed) < 7:
            return None
        known = timedelta(seconds=len(self._order) * self.length)
        chance = sqrt(1.0 / (expected + 1.0))
        spread = max(chance, 1.4826 * median(map(abs, strayed)), _LEAST_SPREAD)
        value = self._values[newest]
        deviate = log((value + 1.0) / (expected + 1.0)) / spread
        most = TRUST * known / among
        once_per = min(timedelta(seconds=self.length) / max(_beyond(abs(deviate)) * among, 1e-9), most)
        usual = once_per < timedelta(days=1)
        return Assessment(
            signal=signal,
            window=_window(self.length),
            observed=value,
            expected=expected,
            high=(expected + 1.0) * exp(spread * _weekly(self.length)) - 1.0,
            once_per=timedelta() if usual else once_per,
            direction=Direction.ABOVE if deviate >= 0 else Direction.BELOW,
            learned=known,
            needed=_NEEDED,
        )

    def _expected(self, start: int) -> float | None:
        weeks = [self._values[at] for at in range(start - WEEKS * _WEEK, start, _WEEK) if at in self._values]
        if len(weeks) >= LEAST_WEEKS:
            return float(median(weeks))
        days = [self._values[at] for at in range(start - DAYS * _DAY, start, _DAY) if at in self._values]
        return float(median(days)) if len(days) >= (DAYS if self.length >= _DAY else DAYS // 2) else None

    def _strayed(self, newest: int) -> list[float]:
        """By how much the bins of the last weeks before the newest strayed from what was expected of them then."""
        oldest = newest - WEEKS * _WEEK
        held = [at for at in self._order if oldest <= at < newest]
        expected = [(self._values[at], self._expected(at)) for at in held]
        return [log((value + 1.0) / (mean + 1.0)) for value, mean in expected if mean is not None]


def _window(length: int) -> timedelta:
    """The window in which a bin of that many seconds is told: the shortest that holds it, at most the longest."""
    return next((window for window in WINDOWS if window.total_seconds() >= length), max(WINDOWS))


def _beyond(deviate: float) -> float:
    """How probable a larger deviate is by Student's t with `FREEDOM` (an even number of) degrees of freedom.

    The finite series for even degrees (Abramowitz and Stegun, 26.7.4); far out its leading term, which does not cancel.
    """
    if deviate > _FAR:
        return _LEADING * deviate**-FREEDOM
    angle = atan(deviate / sqrt(FREEDOM))
    term = total = 1.0
    for index in range(1, FREEDOM // 2):
        term *= (2 * index - 1) / (2 * index) * cos(angle) ** 2
        total += term
    return (1.0 - sin(angle) * total) / 2.0


def _weekly(length: int) -> float:
    """The deviate that is exceeded once a week."""
    low, high, wanted = 0.0, 50.0, length / _WEEK
    if wanted >= 0.5:
        return 0.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _beyond(middle) > wanted else (low, middle)
    return high
