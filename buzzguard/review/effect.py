"""What a published statement changed: what came after it against what was to be expected without it.

**Volume.** At the instant of the statement, and from what was known then alone, the negative mentions of the hours that
follow are forecast as the watch itself forecasts (`detect.growth`): the usual course, and above it the futures that fit
the story's pace, each with its weight. Their sum over 1, 3, 6 and 12 hours has an interval that holds the true one four
times in five where nothing changes the story's course; what lies outside it is called less, or more. The noise of a
future is taken to be the same for all of its minutes, which makes the interval of a sum too wide rather than too
narrow. Measured by `tests/bench/effect.py` on 450 synthetic crises: the interval held .83 to .88 of what came where
nothing was changed; less was found wrongly in 6 % of the cases told after an hour and in 2 % later, more in 8 to 15 %,
after 12 hours in 22 % (crises that stay high longer than most). Where a fifth of the excess was left, less was found in
83 % after an hour; where half was left, in 42 %.

**Share.** Given the mentions that did come, so many negative ones were to be expected as if the excess had gone on with
the negative share that it had in the hours before the statement, and the rest with the usual one. The interval has
three parts: chance after, chance before, and `DRIFT`, by which shares move from one hour to the next without cause. It
held .83 to .85; where a third of the negative mentions turned neutral, less was found in 79 to 86 %.

Limits, which a report repeats: one in five intervals is missed though nothing happened, one in ten on each side. What
else happened at the same time (a second statement, a bigger story, the night) is not told apart from the statement: the
night is known from the usual course, a weekend's end or another's crisis is not. A story about to peak by itself looks
like a success. An interval too wide to plan by is told as such, not as success or failure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from math import sqrt

import numpy as np
import numpy.typing as npt

from buzzguard.detect.growth.ahead import futures
from buzzguard.detect.growth.course import DAY, Course, Minutes, minutes_of
from buzzguard.detect.growth.pace import pace
from buzzguard.detect.growth.story import Story, story
from buzzguard.model import MINUTE, Estimate, Record, Signal
from buzzguard.review.story import Trace
from buzzguard.review.usual import Usual

Floats = npt.NDArray[np.float64]

HORIZONS = tuple(timedelta(hours=hours) for hours in (1, 3, 6, 12))
WORTH_TELLING = 8.0
"""An interval that spans more than this factor says nothing."""
BEFORE = 180
"""Minutes before the statement from which the share of the excess is read."""
LEAST_TOLD = 20
"""Mentions, before and after, below which no share is compared."""
DRIFT = 0.05
CLUSTERS = 1.5
"""Mentions come in groups that agree: chance is that of as many fewer independent ones."""
_EIGHTY = 1.2816
_NOISE = np.array([-1.75, -0.84, 0.0, 0.84, 1.75])
_NOISE_WEIGHT = np.array([0.1, 0.24, 0.32, 0.24, 0.1])
_CHANCE = np.array([-1.0, 1.0])
_TENTHS = np.array([0.1, 0.5, 0.9])


class Verdict(StrEnum):
    """What can be said of one comparison.

    `less`, `more`: outside the interval. `as_expected`: within it. `too_early`: the time is not over. `too_vague`: the
    interval is too wide, or too little was said.
    """

    LESS = "less"
    MORE = "more"
    AS_EXPECTED = "as_expected"
    TOO_EARLY = "too_early"
    TOO_VAGUE = "too_vague"


class Change(Record, frozen=True, kw_only=True):
    """One comparison over `span` after the statement. `observed` and `expected` are negative mentions, or parts (0…1)
    of the mentions; `observed` is None where nothing was said or the time is not over."""

    span: timedelta
    observed: float | None
    expected: Estimate | None
    verdict: Verdict


class Unfit(StrEnum):
    """Why no effect can be measured at all: the topic was `not_above` its usual when the statement came out, its
    mentions of the day before are `not_kept`, or it was `not_watched` long enough to know what is usual."""

    NOT_ABOVE = "not_above"
    NOT_KEPT = "not_kept"
    NOT_WATCHED = "not_watched"


class Effect(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The effect of the statement published at `at`, by horizon; both empty with `unfit` set."""

    at: datetime
    volume: tuple[Change, ...] = ()
    share: tuple[Change, ...] = ()
    unfit: Unfit | None = None


class Before(Record, frozen=True, kw_only=True):
    """What the effect is measured from. `traces` are all mentions of the topic from `seen_since` to `known_until`, up
    to when all that was published is taken to have been read."""

    traces: Sequence[Trace]
    usual: Usual
    usual_negative: Usual
    seen_since: datetime
    known_until: datetime


def effect_of(at: datetime, facts: Before) -> Effect:
    """Measure what came after the instant `at`. Deterministic."""
    begun = at.replace(second=0, microsecond=0)
    if facts.seen_since > begun - DAY * MINUTE:
        return Effect(at=at, unfit=Unfit.NOT_KEPT)
    if not (facts.usual.enough and facts.usual_negative.enough):
        return Effect(at=at, unfit=Unfit.NOT_WATCHED)
    minutes = _minutes(begun, facts)
    found = story(minutes)
    if found.begun is None or not found.lately:
        return Effect(at=at, unfit=Unfit.NOT_ABOVE)
    return Effect(at=at, volume=_volume(begun, facts, minutes, found), share=_share(begun, facts, found.age))


def _minutes(begun: datetime, facts: Before) -> Minutes:
    """The negative mentions of the day before, as the forecast reads them: that minute itself has not begun."""
    first = begun - (DAY - 1) * MINUTE
    counts = _counts([one.at for one in facts.traces if one.negative], first, DAY)
    counts[-1] = 0.0
    return minutes_of(
        Course(
            at=begun,
            counts=counts,
            expected=facts.usual_negative.per_minute(first, DAY),
            ahead=facts.usual_negative.per_minute(begun, DAY),
            signal=Signal.NEGATIVE,
        )
    )


def _volume(begun: datetime, facts: Before, minutes: Minutes, found: Story) -> tuple[Change, ...]:
    ways = futures(minutes, pace(minutes), found)
    longest = int(HORIZONS[-1] / MINUTE)
    ahead: Floats = np.arange(longest, dtype=np.float64) + 0.5
    usual = np.cumsum(minutes.usual_ahead[:longest])
    excess = np.multiply(minutes.season_ahead[:longest], ways.excess(ahead))
    # (futures, noises, minutes), summed up to each minute
    paths = np.cumsum(excess[:, None, :] * np.exp(_NOISE[:, None] * ways.noise(ahead)), axis=2)
    weights = (ways.weight[:, None, None] * _NOISE_WEIGHT[:, None] / len(_CHANCE)).repeat(len(_CHANCE), axis=2).ravel()
    changes = []
    for span in HORIZONS:
        last = int(span / MINUTE) - 1
        roots = np.sqrt(usual[last] + paths[:, :, last])[:, :, None] + 0.5 * _CHANCE
        low, middle, high = _tenths(np.maximum(roots, 0.0).ravel() ** 2, weights)
        came = None
        if begun + span <= facts.known_until:
            came = float(sum(one.negative for one in facts.traces if begun <= one.at < begun + span))
        expected = Estimate(low=low, value=middle, high=high)
        vague = (high + 1.0) / (low + 1.0) > WORTH_TELLING
        changes.append(
            Change(span=span, observed=came, expected=expected, verdict=_verdict(came, expected, 0.5, vague))
        )
    return tuple(changes)


def _share(begun: datetime, facts: Before, age: int) -> tuple[Change, ...]:
    back = min(max(age, 15), BEFORE) * MINUTE
    before = [one for one in facts.traces if begun - back <= one.at < begun]
    usual_share = _usual_share(facts, begun)
    surplus = len(before) - facts.usual.between(begun - back, begun)
    hostile = sum(one.negative for one in before) - facts.usual_negative.between(begun - back, begun)
    own = min(max(hostile / surplus, usual_share), 1.0) if surplus >= 1.0 else usual_share
    changes = []
    for span in HORIZONS:
        if begun + span > facts.known_until:
            changes.append(Change(span=span, observed=None, expected=None, verdict=Verdict.TOO_EARLY))
            continue
        after = [one for one in facts.traces if begun <= one.at < begun + span]
        if min(len(after), surplus) < LEAST_TOLD:
            changes.append(Change(span=span, observed=None, expected=None, verdict=Verdict.TOO_VAGUE))
            continue
        excess = max(0.0, len(after) - facts.usual.between(begun, begun + span)) / len(after)
        middle = excess * own + (1.0 - excess) * usual_share
        spread = _EIGHTY * sqrt(
            CLUSTERS * middle * (1.0 - middle) / len(after)
            + CLUSTERS * (excess**2) * own * (1.0 - own) / surplus
            + DRIFT**2
        )
        expected = Estimate(low=max(0.0, middle - spread), value=middle, high=min(1.0, middle + spread))
        came = sum(one.negative for one in after) / len(after)
        changes.append(
            Change(span=span, observed=came, expected=expected, verdict=_verdict(came, expected, 0.0, False))
        )
    return tuple(changes)


def _usual_share(facts: Before, begun: datetime) -> float:
    """The usual negative share of the day around: hours alone hold too few."""
    day = timedelta(days=1)
    volume = facts.usual.between(begun - day, begun)
    return min(1.0, facts.usual_negative.between(begun - day, begun) / volume) if volume > 0 else 0.0


def _verdict(came: float | None, expected: Estimate, half: float, vague: bool) -> Verdict:
    if came is None:
        return Verdict.TOO_EARLY
    if vague:
        return Verdict.TOO_VAGUE
    if came < expected.low - half:
        return Verdict.LESS
    return Verdict.MORE if came > expected.high + half else Verdict.AS_EXPECTED


def _counts(times: Sequence[datetime], first: datetime, minutes: int) -> Floats:
    counts = np.zeros(minutes)
    for at in times:
        place = (at - first) // MINUTE
        if 0 <= place < minutes:
            counts[place] += 1.0
    return counts


def _tenths(values: Floats, weights: Floats) -> tuple[float, float, float]:
    order = np.argsort(values)
    ranks = np.cumsum(weights[order]) - 0.5 * weights[order]
    low, middle, high = np.interp(_TENTHS, ranks, values[order])
    return float(low), float(middle), float(high)
