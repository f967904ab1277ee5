"""The default detector: how rarely a topic's own past and the law of counts bring such windows together.

Between records and the arrays of `bank`. See `buzzguard.detect` for the decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

import numpy as np
import numpy.typing as npt
from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.settings import Duration
from buzzguard.detect import snapshots
from buzzguard.detect.bank import FIT_EVERY, REMEMBERED, VOLUME, Bank, Facts
from buzzguard.detect.baselines import DAYS_OF_WINDOW
from buzzguard.detect.calendar import NOTHING_PLANNED, Calendar, Place
from buzzguard.detect.episodes import Rows
from buzzguard.detect.explaining import Explaining
from buzzguard.detect.learning import KNOWN_ENOUGH, Learning
from buzzguard.detect.rebuild import STRIDES
from buzzguard.detect.scan import Array
from buzzguard.detect.told import EPOCH, Sheet, Told, high_of, rarity_of
from buzzguard.model import MEASURED, MINUTE, WINDOWS, Confusion, Explanation, Judged, Samples, Signal
from buzzguard.telemetry import get_logger

log = get_logger("detect")

MOST = 1e12
"""Counts beyond this are taken for this: nobody has published a million million mentions."""
LEAST_KNOWN = 0.05
_WINDOW = {window: index for index, window in enumerate(WINDOWS)}
_LENGTH = [window // MINUTE for window in WINDOWS]
_read = attrgetter(*(signal.value for signal in MEASURED))
_SHARE, _MEASURED = list(Signal).index(Signal.SHARE), [list(Signal).index(signal) for signal in MEASURED]
_MILLI = 1000.0
_TOGETHER = 60
"""Minutes of silence that are learned together: within an hour of the day, so that hours are told apart as ever."""
_NAMED = 10
"""Topics that a log event names."""


class SeasonalSettings(Frozen):
    """Settings of the seasonal detector.

    `needed` is the known time after which a baseline no longer counts as learning. `trust` bounds return periods: at
    most that many times the time watched (after one day, at most once in 100 days).
    """

    needed: Duration = timedelta(days=7)
    trust: float = Field(default=100.0, ge=1.0, le=10_000.0)


class SeasonalDetector:
    """The baselines of some topics, side by side.

    Closed windows are learned where their end lies on the stride of their length (5 min: every 5 min; 15 min and
    1 h: every 15 min; longer ones: every hour; aligned to the epoch); others are ignored. So are windows less than
    three quarters known. A negative or absurd value is taken for the nearest possible one.

    Of a topic of which nothing was said for a day, the silent windows of an hour are learned together at its end, or as
    soon as something is said.
    """

    Settings = SeasonalSettings
    version = "seasonal/5"

    def __init__(
        self,
        settings: SeasonalSettings,
        topics: Sequence[str] = (),
        calendar: Calendar | None = None,
        confusion: Confusion | None = None,
    ) -> None:
        self._settings = settings
        self.topics = tuple(topics)
        self._rows = {topic: row for row, topic in enumerate(self.topics)}
        self._calendar = calendar or Calendar({topic: Place("UTC", "") for topic in topics})
        self._place = np.array([self._calendar.topics.index(topic) for topic in self.topics], dtype=np.intp)
        self.bank = Bank.of(len(self.topics), confusion or Confusion(), trust=settings.trust)
        self._plans = frozenset(row for row, topic in enumerate(self.topics) if self._calendar.plans(topic))
        self._became: npt.NDArray[np.int8] = np.zeros((len(self.topics), len(MEASURED)), np.int8)

    # judging

    def assess(self, samples: Sequence[Samples]) -> list[Judged]:
        """Judge windows, in their order; those of one topic and instant together."""
        groups: dict[datetime, dict[str, list[Samples]]] = {}
        for one in samples:
            if one.topic in self._rows:
                groups.setdefault(one.end, {}).setdefault(one.topic, []).append(one)
        found: dict[int, Judged] = {}
        for end, topics in groups.items():
            for one, told in self._judge(end, topics):
                found[id(one)] = Judged(samples=one, assessments=told)
        return [found[id(one)] for one in samples if id(one) in found]

    def _judge(self, end: datetime, topics: dict[str, list[Samples]]) -> Iterable[tuple[Samples, Told]]:
        rows = np.array([self._rows[topic] for topic in topics], dtype=np.intp)
        facts = self._facts(rows, end, list(topics.values()))
        verdict = self.bank.judge(rows, facts)
        shares = self.bank.shares.usual(rows)
        high, rarity = high_of(verdict.reading, shares), rarity_of(verdict)
        part, most = facts.hostile / np.maximum(facts.voices, 1e-9), self.bank.most(rows)
        since = facts.minute - self.bank.adopted[rows].astype(np.int64)
        adopted = np.atleast_1d(((since >= 0) & (since <= REMEMBERED)).any(axis=1))
        for row, several in enumerate(topics.values()):
            sheet = Sheet(
                verdict=verdict,
                row=row,
                rarity=rarity[row].tolist(),
                values=facts.values[row].tolist(),
                shares=part[row].tolist(),
                high=high[row].tolist(),
                expected=verdict.reading.expected[row].tolist(),
                share=float(shares[row]),
                learned=timedelta(days=float(self.bank.known[rows[row]])),
                most=float(most[row]),
                needed=self._settings.needed,
                adopted=self._adopted(int(rows[row]), facts, row) if adopted[row] else {},
            )
            for one in several:
                yield one, Told(sheet, one, _window(one))

    def _adopted(self, topic: int, facts: Facts, row: int) -> dict[Signal, tuple[int, Array]]:
        since = facts.minute - self.bank.adopted[topic].astype(np.int64)
        recent = np.flatnonzero((since >= 0) & (since <= REMEMBERED))
        slot, weekday = facts.lived[0][row], facts.lived[1][row]
        baselines = self.bank.baselines
        season = baselines.hours[topic, slot] + baselines.weekdays[topic, weekday]
        former = baselines.expected((self.bank.former[topic] + season)[None])[0] * facts.scale[row]
        return {MEASURED[each]: (int(self.bank.adopted[topic, each]), former[each]) for each in recent}

    def _facts(self, rows: Rows, end: datetime, several: Sequence[Sequence[Samples]]) -> Facts:
        minute = (end - EPOCH) // MINUTE
        values = np.zeros((len(rows), len(MEASURED), len(WINDOWS)))
        known = np.ones((len(rows), len(WINDOWS)))
        voices, hostile = np.zeros_like(known), np.zeros_like(known)
        for row, samples in enumerate(several):
            for one in samples:
                window = _window(one)
                values[row, :, window] = _read(one)
                known[row, window] = one.known
                voices[row, window], hostile[row, window] = one.voices, one.hostile
        # Of what is no number, nothing is known.
        scale = np.fmin(np.fmax(known, LEAST_KNOWN), 1.0)[:, None, :]
        scale, lift = self._planned(rows, minute, scale)
        return Facts(
            minute=minute,
            lived=self._lived(rows, minute),
            values=np.clip(values, 0.0, MOST),
            scale=scale,
            voices=np.clip(voices, 0.0, MOST) / _MILLI,
            hostile=np.clip(np.minimum(hostile, voices), 0.0, MOST) / _MILLI,
            lift=lift,
        )

    def _lived(self, rows: Rows, minute: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        """Hour and day class of the last minute of the windows."""
        tick = self._calendar.at(minute - 1)
        place = self._place[rows]
        return tick.slot[place], tick.day_class[place]

    def _planned(self, rows: Rows, minute: int, scale: Array) -> tuple[Array, Array]:
        """`scale` with what the calendar plans, and how many times the usual share it lets expect."""
        scale = np.broadcast_to(scale, (len(rows), len(MEASURED), len(WINDOWS)))
        lift = np.ones((len(rows), len(WINDOWS)))
        for row, topic in enumerate(rows):
            if not self._calendar.plans(self.topics[topic]):
                continue
            for window, length in enumerate(_LENGTH):
                factors = self._calendar.mean_factors(self.topics[topic], minute - length, minute)
                if factors is NOTHING_PLANNED:
                    continue
                if not scale.flags.writeable:
                    scale = scale.copy()
                scale[row, :, window] *= factors[_MEASURED]
                lift[row, window] = factors[_SHARE]
        return scale, lift

    def band(self, topic: str, end: datetime, length: timedelta, bins: int) -> tuple[list[float], list[float]]:
        """Expected and high volume of the `bins` windows of `length` that end at `end` and before, oldest first."""
        row, window = self._rows.get(topic), _WINDOW.get(length)
        if row is None or window is None or bins < 1:
            return [0.0] * bins, [0.0] * bins
        rows = np.full(bins, row, dtype=np.intp)
        last = (end - EPOCH) // MINUTE
        ends = range(last - (bins - 1) * _LENGTH[window], last + 1, _LENGTH[window])
        slots = np.array([self._calendar.slot(topic, minute - 1) for minute in ends], dtype=np.int8)
        days = np.array([self._calendar.day_class(topic, minute - 1) for minute in ends], dtype=np.int8)
        scale = np.ones((bins, len(MEASURED), len(WINDOWS)))
        if self._calendar.plans(topic):
            planned = [self._calendar.mean_factors(topic, minute - _LENGTH[window], minute) for minute in ends]
            scale[:, :, window] = np.array(planned)[:, _MEASURED]
        baselines = self.bank.baselines
        reading = baselines.read(rows, baselines.usual(rows, (slots, days)), np.zeros(scale.shape), scale)
        high = high_of(reading, self.bank.shares.usual(rows))
        expected: list[float] = reading.expected[:, VOLUME, window].tolist()
        return expected, high[:, VOLUME, window].tolist()

    def explain(self, samples: Sequence[Samples]) -> Explanation:
        """All that is known of one topic at one instant, given its windows. Raises LookupError for another topic."""
        topic = samples[0].topic if samples else ""
        if topic not in self._rows:
            raise LookupError(f"no baseline of the topic {topic!r}")
        row = np.array([self._rows[topic]], dtype=np.intp)
        facts = self._facts(row, samples[0].end, [samples])
        sheet = next(iter(self._judge(samples[0].end, {topic: list(samples)})))[1]
        explaining = Explaining(self.bank, self._calendar, self._settings.needed, self.version)
        return explaining.explanation(
            topic,
            int(row[0]),
            facts=facts,
            told=sheet,
            samples=samples,
            became=[tuple(Learning)[each] for each in self._became[row[0]]],
        )

    # learning

    def learn(self, closed: Sequence[Samples]) -> None:
        """Take closed windows into the baselines; see the class for which are."""
        by_end: dict[datetime, list[Samples]] = {}
        for one in closed:
            if one.closed and one.topic in self._rows and one.window in _WINDOW:
                by_end.setdefault(one.end, []).append(one)
        for end in sorted(by_end):
            self._learn(end, by_end[end])

    def _learn(self, end: datetime, samples: Sequence[Samples]) -> None:
        minute = (end - EPOCH) // MINUTE
        silent = self._silent(minute, samples)
        for window in range(len(WINDOWS) - 1, -1, -1):
            stride = STRIDES[WINDOWS[window]] // 60
            if minute % stride:
                continue
            those = {self._rows[one.topic]: one for one in samples if one.window == WINDOWS[window]}
            self._skip([row for row, one in those.items() if not one.known >= KNOWN_ENOUGH])
            fit = {row: one for row, one in those.items() if one.known >= KNOWN_ENOUGH}
            if minute % _TOGETHER:
                fit = {
                    row: one for row, one in fit.items() if row not in silent or not self.bank.hold(row, window, minute)
                }
            self._learn_all(fit, window, end)
        if minute % FIT_EVERY == 0:
            self.bank.fit()

    def _skip(self, rows: Sequence[int]) -> None:
        self._became[rows] = _REASONS[Learning.SKIPPED_UNKNOWN]

    def _silent(self, minute: int, samples: Sequence[Samples]) -> set[int]:
        """The rows of silent topics. What was held back of those that are so no longer is learned first."""
        loud = [self._rows[one.topic] for one in samples if _speaks(one, minute)]
        self.bank.said[loud] = minute
        rows = np.array(sorted({self._rows[one.topic] for one in samples}), dtype=np.intp)
        silent = set(rows[self.bank.silent(rows, minute)].tolist()) - self._plans
        for row in rows[self.bank.held[rows].any(axis=1)].tolist():
            if row not in silent:
                self._learn_held(row)
        return silent

    def _learn_held(self, row: int) -> None:
        """Learn the silent windows of a topic that were held back."""
        at = int(self.bank.held_at[row])
        for window in range(len(WINDOWS) - 1, -1, -1):
            if self.bank.held[row, window] == 0:
                continue
            end = EPOCH + (at - at % (STRIDES[WINDOWS[window]] // 60)) * MINUTE
            self.bank.held[row, window] -= 1
            self._learn_all(
                {row: Samples(topic=self.topics[row], window=WINDOWS[window], end=end, closed=True)}, window, end
            )

    def _learn_all(self, fit: Mapping[int, Samples], window: int, end: datetime) -> None:
        """Learn one window of each of some topics, together with those that were held back."""
        rows = np.fromiter(fit, np.intp)
        held = self.bank.held[rows, window]
        self.bank.held[rows, window] = 0
        for before in sorted(set(held.tolist())):
            those = rows[held == before]
            self._learn_window(those, window, end, [fit[row] for row in those.tolist()], alike=before + 1)

    def _learn_window(self, rows: Rows, window: int, end: datetime, samples: Sequence[Samples], *, alike: int) -> None:
        facts = self._facts(rows, end, [[one] for one in samples])
        one = Facts(
            minute=facts.minute,
            lived=facts.lived,
            values=facts.values[:, :, [window]],
            scale=facts.scale[:, :, [window]],
            voices=facts.voices[:, [window]],
            hostile=facts.hostile[:, [window]],
            lift=facts.lift[:, [window]],
        )
        cut = self.bank.learn(rows, window, one, alike)
        if window:
            return
        implausible = [one.topic for one in samples if not (min(_read(one)) >= 0 and max(_read(one)) <= MOST)]
        if implausible:
            log.warning("samples.corrected", topics=implausible[:_NAMED], count=len(implausible), end=end.isoformat())
        adopting = self.bank.adopting(rows, facts.minute)
        reasons = np.where(cut, _REASONS[Learning.CLIPPED], _REASONS[Learning.LEARNED])
        self._became[rows] = np.where(adopting, _REASONS[Learning.NEW_NORMAL], reasons)
        known = np.array([min(one.known, 1.0) for one in samples])
        self.bank.settle(rows, facts.minute, DAYS_OF_WINDOW[0] * known * alike)

    def adopt(self, topic: str, at: datetime, since: datetime) -> None:
        """See `ports.Adopting`."""
        row = self._rows.get(topic)
        if row is None:
            return
        if self.bank.held[row].any():
            self._learn_held(row)
        self.bank.adopt(row, (at - EPOCH) // MINUTE, (since - EPOCH) // MINUTE)

    def why(self, topic: str, signal: Signal) -> Learning:
        """What became of the window that was learned last."""
        became = int(self._became[self._rows[topic], MEASURED.index(signal)])
        return tuple(Learning)[became]

    @property
    def mentions(self) -> dict[str, float]:
        """About how many mentions the baseline of each topic has counted."""
        return {topic: float(self.bank.baselines.seen[row, 0]) for topic, row in self._rows.items()}

    # state

    def snapshot(self, topic: str) -> bytes:
        """The state of a topic as MessagePack. Raises LookupError for a topic that it was not made for."""
        return snapshots.write(self.bank, self._rows[topic])

    def restore(self, topic: str, state: bytes) -> None:
        """Become what `snapshot` wrote. Raises ValueError for anything else, and is then what it was."""
        if topic not in self._rows:
            raise LookupError(f"no baseline of the topic {topic!r}")
        snapshots.read(self.bank, self._rows[topic], state, self.version)


def _speaks(one: Samples, minute: int) -> bool:
    """Whether a window is learned and is not wholly known to be empty."""
    if minute % (STRIDES[one.window] // 60) or not one.known >= KNOWN_ENOUGH:
        return False
    return one.known < 1.0 or any(_read(one)) or bool(one.voices)


def _window(one: Samples) -> int:
    window = _WINDOW.get(one.window)
    if window is None:
        raise ValueError(f"no window of this length is measured: {one.window}")
    return window


_REASONS = {reason: np.int8(index) for index, reason in enumerate(Learning)}
