"""The baselines of many topics side by side, in arrays: what windows are held against, and what is learned of them.

For every signal and window the law of counts gives a rarity (`baselines`, `shares`, `scan`), the topic's own past
episodes correct it (`episodes`). What is rare on two windows is rarer than on one: a signal's score is the mean of its
two rarest windows. Topics of which hardly anybody speaks are judged by stories instead (`quiet`). The `crisis` score
puts together, window by window, how large (volume, authors and sites: two of the three must agree, so that neither
copies nor one author make a crisis) and how hostile (the negative share) a topic has become, and looks in three
directions: tone alone, tone with half the size, both alike. Every score becomes a return period by the tail of its own
declustered past (`tails`).

Channels are the measured signals in their order, then the share; scores are the channels, then the crisis.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import log10, sqrt

import numpy as np
import numpy.typing as npt

from buzzguard.detect.baselines import DAYS_OF_WINDOW, STRIDE_DAYS, SUMS, Baselines, Lived, Reading, roots
from buzzguard.detect.episodes import Episodes, Rows
from buzzguard.detect.learning import NEW_NORMAL_AFTER, RARE
from buzzguard.detect.quiet import quietness, stories, story_decades
from buzzguard.detect.scan import Array, decades, deviate_of, mean_of_root
from buzzguard.detect.shares import Shares
from buzzguard.detect.tails import Tails, Traits
from buzzguard.model import MEASURED, WINDOWS, Confusion, Signal

SCORED: tuple[Signal, ...] = (*MEASURED, Signal.SHARE, Signal.CRISIS)
"""The order of scores."""
CHANNELS = SCORED[:-1]
SHARE = CHANNELS.index(Signal.SHARE)
CRISIS = SCORED.index(Signal.CRISIS)
SIZE = [MEASURED.index(signal) for signal in (Signal.VOLUME, Signal.AUTHORS, Signal.SPREAD)]
VOLUME = MEASURED.index(Signal.VOLUME)
DIRECTIONS = (0.0, 0.5, 1.0)
"""How much size weighs against tone in the directions in which a crisis is looked for."""
RUN_FROM = log10(RARE / timedelta(days=1))
"""Decades from which a signal's score makes a run of unusual windows."""
RUN_GAP = 360
"""Minutes without such a score that end a run."""
_LASTING = NEW_NORMAL_AFTER // timedelta(minutes=1)
ADOPTING = 1440
"""Minutes in which the baseline then moves to the level that lasted."""
REMEMBERED = 7 * 1440
"""Minutes for which it is told that a level was adopted."""
USUAL = float(np.sort(decades(np.ones(len(WINDOWS)), DAYS_OF_WINDOW))[-2:].mean()) + 1e-6
"""The score of windows none of which is told apart from the usual: such a score is no return period."""
FIRST_HOUR = 1.0 / 24.0
_DAY = len(WINDOWS) - 1
_OF_COUNTS, _OF_SHARE, _OF_CRISIS = (0.55, 1.3, 1.1), (0.3, 1.1, 1.03), (0.3, 1.05, 1.08)
TRAITS = Traits(
    *np.array([_OF_SHARE if i == SHARE else _OF_CRISIS if i == CRISIS else _OF_COUNTS for i in range(len(SCORED))]).T
)
"""Measured on simulated streams (`tests/bench/calibration`). Counts exceed a lower threshold every day, on one of
their windows or another: their peaks would be the largest of three days and no episodes."""
SETTLING = np.array([12, 8, 8, 3, 6, 24])
"""How many windows of each length settle a level that a person called normal: an hour or two of the short ones, whose
mean it becomes; of the long ones as many as it takes until none reaches back before, each followed as it is."""
_FOLLOWED = WINDOWS.index(timedelta(hours=3))
"""The first window so long that chance hardly moves it: its level follows it window by window until it is settled."""
_SETTLED = 10_000
SILENT = 120
"""Minutes since the last window that held anything, of which the longest closes every hour."""
LONG_SILENT = 7 * 1440
"""The same, after which an hour of silence is as usual as five minutes: before, its residuals are cut one by one."""
FIT_EVERY = 360
_NEVER = -(1 << 30)
Ints32 = npt.NDArray[np.int32]


@dataclass
class Facts:
    """Windows of some topics at one instant.

    `values` and `scale` (rows, signals, windows): what was measured, and how many times the usual is to be expected
    of it (planned events, and what part of the window is known). `voices` and `hostile` (rows, windows), `lift` how
    many times the usual share is expected.
    """

    minute: int
    lived: Lived
    values: Array
    scale: Array
    voices: Array
    hostile: Array
    lift: Array


@dataclass
class Verdict:
    """What became of them.

    `law` and `read` (rows, channels, windows) are decades before and after the topic's past was asked, `fused` (rows,
    windows) those of the crisis score, `calm` the calibrated deviates; `periods` (rows, scores) are decades of days.
    """

    reading: Reading
    law: Array
    read: Array
    calm: Array
    fused: Array
    periods: Array


@dataclass
class Bank:
    """All state, one row a topic. `recent` and `recent_calm` are what was read of the newest closed windows.

    Of each measured signal: `run_began`, `run_last` and `adopted` are minutes, `before` the level where the run
    began, `former` that of the run that was adopted: in the days between the level has moved already. `taught` counts
    the windows (topics, windows) learned since a person called the level normal.

    `said` is the minute of the last window that held anything, `held` how many silent windows (topics, windows) wait to
    be learned together, and `held_at` the minute at which the last of them ended.
    """

    baselines: Baselines
    shares: Shares
    episodes: Episodes
    tails: Tails
    recent: Array
    recent_calm: Array
    known: Array
    trust: float
    run_began: Ints32
    run_last: Ints32
    adopted: Ints32
    before: Array
    former: Array
    taught: Ints32
    said: Ints32
    held: Ints32
    held_at: Ints32

    @classmethod
    def of(cls, topics: int, confusion: Confusion, *, trust: float) -> Bank:
        """Before anything is known."""
        channels = (topics, len(CHANNELS), len(WINDOWS))
        signals = (topics, len(MEASURED))
        return cls(
            baselines=Baselines.of(topics),
            shares=Shares.of(topics, confusion),
            episodes=Episodes.of(*channels),
            tails=Tails.of(topics, len(SCORED), TRAITS),
            recent=np.zeros(channels, np.float32),
            recent_calm=np.zeros(channels, np.float32),
            known=np.zeros(topics, np.float32),
            trust=trust,
            run_began=np.full(signals, _NEVER, np.int32),
            run_last=np.full(signals, _NEVER, np.int32),
            adopted=np.full(signals, _NEVER, np.int32),
            before=np.zeros((*signals, len(WINDOWS)), np.float32),
            former=np.zeros((*signals, len(WINDOWS)), np.float32),
            taught=np.full((topics, len(WINDOWS)), _SETTLED, np.int32),
            said=np.full(topics, _NEVER, np.int32),
            held=np.zeros((topics, len(WINDOWS)), np.int32),
            held_at=np.full(topics, _NEVER, np.int32),
        )

    def judge(self, rows: Rows, facts: Facts) -> Verdict:
        """Judge windows of the topics `rows`; changes nothing."""
        usual = self.baselines.usual(rows, facts.lived)
        strange = self.baselines.steps[rows] == 0
        if strange.any():
            # Windows of a length never learned have nothing to be compared with: what is seen is usual.
            usual = np.where(strange[:, None, :], roots(facts.values / facts.scale), usual)
        reading = self.baselines.read(rows, usual, facts.values, facts.scale)
        share = self.shares.deviate(rows, facts.hostile, facts.voices, facts.lift)
        deviate = np.concatenate([reading.deviate / reading.temper, share[:, None, :]], axis=1)
        law = decades(deviate, DAYS_OF_WINDOW)
        read = self.episodes.read(rows, law, minute=facts.minute, watched=self.known[rows])
        quiet = self.quiet(rows)
        read = self._by_story(rows, quiet, read, _unusual(facts.values / facts.scale, law))
        calm = _calm(deviate, read)
        fused = decades(fuse(calm), DAYS_OF_WINDOW)
        scores = _scores(read, fused, quiet)
        return Verdict(reading, law, read, calm, fused, self._periods(rows, scores, quiet))

    def quiet(self, rows: Rows) -> Array:
        """How much each score (rows, scores) is to be judged as that of a quiet topic, 0 to 1.

        Audiences are those of mentions, and a crisis is as large as these; shares have their own law for few voices.
        """
        quiet = quietness(self.baselines.rates(rows))
        quiet[:, SUMS] = quiet[:, [VOLUME]]
        return np.concatenate([quiet, np.zeros((len(rows), 1)), quiet[:, [VOLUME]]], axis=1)

    def _by_story(self, rows: Rows, quiet: Array, read: Array, values: Array, days: Array = DAYS_OF_WINDOW) -> Array:
        """`read` (rows, channels, windows) with quiet topics judged by the law of stories."""
        part = quiet[:, : len(MEASURED)]
        if not part.any():
            return read
        daily = mean_of_root(self.baselines.level[rows, :, _DAY])
        found = story_decades(values, stories(daily, self.known[rows][:, None])[:, :, None], days)
        found[:, SUMS] = found[:, [VOLUME]]
        told = read.copy()
        told[:, : len(MEASURED)] += part[:, :, None] * (found - read[:, : len(MEASURED)])
        return told

    def _periods(self, rows: Rows, scores: Array, quiet: Array) -> Array:
        periods = self.tails.period(rows, scores, quiet)
        watched = self.known[rows]
        periods = np.minimum(periods, self.most(rows)[:, None])
        told = (watched >= FIRST_HOUR)[:, None] & (scores > USUAL)
        return np.where(told, periods, -np.inf)

    def most(self, rows: Rows) -> Array:
        """The decades beyond which topics that were watched for so short a time are not believed."""
        most: Array = np.log10(np.maximum(self.trust * self.known[rows], 1e-9))
        return most

    def learn(self, rows: Rows, window: int, facts: Facts, alike: int = 1) -> npt.NDArray[np.bool_]:
        """Take in one closed window of each row (the arrays of `facts` hold one window); returns which were cut.

        `alike` counts it for as many that followed one another: years of silence need not be learned minute by minute.
        """
        part = slice(window, window + 1)
        values = facts.values / facts.scale
        usual = self.baselines.usual(rows, facts.lived, part)
        adopting = self.adopting(rows, facts.minute)
        taught = self.taught[rows, window] + 1
        first = self.baselines.steps[rows, window] == 0
        begins = first[:, None] | (adopting & (taught == 1)[:, None])
        found = roots(values)
        moved = (found - usual)[:, :, 0]
        usual = np.where(begins[:, :, None], found, usual)
        reading = self.baselines.read(rows, usual, values, np.ones(1), part)
        share = self.shares.deviate(rows, facts.hostile, facts.voices, facts.lift, part)
        deviate = np.concatenate([reading.deviate / reading.temper, share[:, None, :]], axis=1)
        self._remember(rows, window, deviate, values, facts.minute)
        residual = reading.residual[:, :, 0]
        if first.any():
            residual = np.where(first[:, None], found[:, :, 0] - self.baselines.level[rows, :, window], residual)
        residual = np.where(begins & ~first[:, None], moved, residual)
        cut = self.baselines.learn(
            rows,
            window,
            residual,
            expected=reading.expected[:, :, 0],
            lived=facts.lived,
            adopting=adopting,
            alike=alike,
            urgent=np.where(taught <= SETTLING[window], 1.0 if window >= _FOLLOWED else 1.0 / taught, 0.0),
        )
        self.taught[rows, window] = np.minimum(self.taught[rows, window] + alike, _SETTLED)
        # What a planned event let expect is taken off again, as of the counts.
        self.shares.learn(rows, window, facts.hostile[:, 0] / facts.lift[:, 0], facts.voices[:, 0], alike)
        if window == 0:
            self.baselines.count(rows, values[:, :, 0], np.full(len(rows), STRIDE_DAYS[0] * alike))
        return cut

    def _remember(self, rows: Rows, window: int, deviate: Array, values: Array, minute: int) -> None:
        length = DAYS_OF_WINDOW[[window]]
        law = decades(deviate, length)
        read = self.episodes.read(rows, law, minute=minute, watched=self.known[rows], first=window)
        read = self._by_story(rows, self.quiet(rows), read, _unusual(values, law, length), length)
        self.recent[rows, :, window] = read[:, :, 0]
        self.recent_calm[rows, :, window] = _calm(deviate, read, length)[:, :, 0]
        self.episodes.see(rows, window, law[:, :, 0], minute=minute, fresh=self.known[rows] < 1.0)

    def settle(self, rows: Rows, minute: int, days: Array) -> None:
        """Take note, after the windows that end at `minute` were learned, of what they scored together."""
        fused = decades(fuse(self.recent_calm[rows]), DAYS_OF_WINDOW)
        scores = _scores(self.recent[rows], fused, self.quiet(rows))
        self.tails.see(rows, scores, minute=minute, days=days, watched=self.known[rows])
        self._follow_runs(rows, scores[:, : len(MEASURED)], minute)
        self.known[rows] += days

    def fit(self) -> None:
        """Fit the tails again, over all topics."""
        self.tails.fit(self.baselines.rates(np.arange(len(self.known)))[:, VOLUME])

    def adopting(self, rows: Rows, minute: int) -> npt.NDArray[np.bool_]:
        """Which signals of which topics are moving to a new normal."""
        since = minute - self.adopted[rows].astype(np.int64)
        return (since >= 0) & (since <= ADOPTING)

    def adopt(self, row: int, minute: int, since: int) -> None:
        """Take what is unusual of a topic for the new normal from `minute` on, because a person says so.

        The windows that end after it teach the level at once. What was seen since the minute `since` is no episode
        any more: it was the beginning of what is usual now, and the next rise is not to be measured against it.
        """
        rows = np.array([row], dtype=np.intp)
        fused = decades(fuse(self.recent_calm[rows]), DAYS_OF_WINDOW)
        scores = _scores(self.recent[rows], fused, self.quiet(rows))[0]
        running = minute - self.run_last[row].astype(np.int64) <= RUN_GAP
        unusual = running | (scores[: len(MEASURED)] > RUN_FROM)
        former = np.where(running[:, None], self.before[row], self.baselines.level[row])
        self.former[row] = np.where(unusual[:, None], former, self.former[row])
        self.adopted[row] = np.where(unusual, minute, self.adopted[row])
        self.run_began[row] = np.where(unusual, minute, self.run_began[row])
        self.taught[row] = 0
        if scores[SHARE] > RUN_FROM:
            self.shares.doubt(row)
        self.recent[row], self.recent_calm[row] = 0.0, 0.0
        self.episodes.forget(row, since)
        self.tails.forget(row)

    def silent(self, rows: Rows, minute: int) -> npt.NDArray[np.bool_]:
        """Of which topics nothing was said for so long that all their windows are empty."""
        long = minute - self.said[rows].astype(np.int64) >= SILENT
        silent: npt.NDArray[np.bool_] = long & (self.known[rows] >= 1.0) & ~self.adopting(rows, minute).any(axis=1)
        return silent

    def hold(self, row: int, window: int, minute: int) -> bool:
        """Keep a silent window for later, unless it must be learned by itself; whether it is kept."""
        if window > 1 and minute - int(self.said[row]) < LONG_SILENT:
            return False
        self.held[row, window] += 1
        self.held_at[row] = minute
        return True

    def _follow_runs(self, rows: Rows, scores: Array, minute: int) -> None:
        unusual = (scores > RUN_FROM) & (self.known[rows] >= 1.0)[:, None]
        last, began = self.run_last[rows].astype(np.int64), self.run_began[rows].astype(np.int64)
        broken = minute - last > RUN_GAP
        begins = unusual & broken
        began = np.where(begins, minute, began)
        if begins.any():
            at, signal = np.nonzero(begins)
            self.before[rows[at], signal] = self.baselines.level[rows[at], signal]
        self.run_last[rows] = np.where(unusual, minute, last)
        adopt = unusual & ~broken & (minute - began >= _LASTING) & ~self.adopting(rows, minute)
        if adopt.any():
            at, signal = np.nonzero(adopt)
            topic = rows[at]
            self.former[topic, signal] = self.before[topic, signal]
            self.adopted[topic, signal] = minute
            began = np.where(adopt, minute, began)
        self.run_began[rows] = began


def fuse(calm: Array) -> Array:
    """The crisis score's deviate (rows, windows) from calibrated deviates (rows, channels, windows)."""
    tone, size = calm[:, SHARE], _middle(*(calm[:, each] for each in SIZE))
    looked: list[Array] = [(tone + weight * size) / sqrt(1.0 + weight * weight) for weight in DIRECTIONS]
    fused: Array = np.maximum.reduce(looked)
    return fused


def parts(calm: Array) -> dict[Signal, float]:
    """What each signal contributed to the crisis score of one window: parts of the whole, largest first."""
    tone, size = float(calm[SHARE]), float(_middle(*(calm[[each]] for each in SIZE))[0])
    weight = max(DIRECTIONS, key=lambda each: (tone + each * size) / sqrt(1.0 + each * each))
    found = {Signal.SHARE: tone}
    told = [index for index in SIZE if calm[index] >= size] or SIZE
    found |= {MEASURED[index]: weight * size / len(told) for index in told}
    total = sum(found.values())
    ordered = sorted(found.items(), key=lambda item: -item[1])
    return {signal: value / total for signal, value in ordered if value > 0.0} if total > 0.0 else {}


def _middle(one: Array, two: Array, three: Array) -> Array:
    """The median of three; a good deal faster than `numpy.median` on small arrays."""
    middle: Array = np.maximum(np.minimum(one, two), np.minimum(np.maximum(one, two), three))
    return middle


def _unusual(values: Array, law: Array, days: Array = DAYS_OF_WINDOW) -> Array:
    """The measured `values`, none where the law calls them usual: what chance explains is no story."""
    kept: Array = np.where(law[:, : len(MEASURED)] > decades(np.ones(1), days) + 1e-9, values, 0.0)
    return kept


def _scores(read: Array, fused: Array, quiet: Array) -> Array:
    """The mean of the two rarest windows: confirmed on two scales. Of a quiet channel, the rarest: a story is one
    event on all scales."""
    ordered = np.partition(np.concatenate([read, fused[:, None]], axis=1), -2, axis=-1)
    apart = 0.5 * (ordered[..., -1] - ordered[..., -2])
    alone = quiet.copy()
    alone[:, CRISIS] = 0.0
    scores: Array = ordered[..., -1] - (1.0 - alone) * apart
    return scores


def _calm(deviate: Array, read: Array, days: Array = DAYS_OF_WINDOW) -> Array:
    """Deviates that are as rare as the topic's past says, so that signals of different habits can be put together."""
    calm: Array = np.where(deviate > 1.0, np.minimum(deviate, deviate_of(read, days)), np.maximum(deviate, 0.0))
    return calm
