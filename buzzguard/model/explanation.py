"""From detect: all that a detector knows of a topic at one instant, for people who ask why it fired or did not."""

from __future__ import annotations

from datetime import datetime, timedelta

from buzzguard.model.base import Record
from buzzguard.model.sample import Signal


class ScaleReading(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One signal over one window: what was seen, what was to be expected, and how rare it is by itself.

    `low` and `high` are the band in which a window lies but for once a week. `alone` is the return period that this
    window alone would have, calibrated by the topic's own past, zero when it is usual; `law` the one that the law of
    counts claims before its past is asked. `episodes` counts the past episodes that the calibration knows.
    """

    window: timedelta
    observed: float
    expected: float
    low: float
    high: float
    law: timedelta
    alone: timedelta
    episodes: int


class PastEpisode(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A past episode of a signal on one window: when it ended and how rare its peak was by the law of counts."""

    at: datetime
    window: timedelta
    law: timedelta


class SignalReading(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One signal over all windows.

    `once_per` is what rules read. `decided_by` names the windows that decided it. `per_season` is how many episodes
    of once in a week or rarer the topic had in 90 days (13 by definition, were it to follow the law), `own` the part
    (0…1) of the calibration that rests on the topic's own episodes, the rest on topics of like size and on what is
    usual. `learning` is what became of the last closed window (`learned`, `clipped`, `slowed`, `new_normal`,
    `skipped_unknown`). `parts` is as in `Assessment`.
    """

    signal: Signal
    once_per: timedelta
    decided_by: tuple[timedelta, ...]
    scales: tuple[ScaleReading, ...]
    past: tuple[PastEpisode, ...] = ()
    per_season: float = 0.0
    own: float = 0.0
    learning: str = ""
    adopted_at: datetime | None = None
    parts: dict[str, float] = {}


class Explanation(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Why a topic was, or was not, called unusual at `at`.

    `watched` is the known time that the baselines stand on, `mentions` about how many mentions they have counted,
    `trust` the longest return period that so young a baseline may claim. `planned` are the calendar's events on.
    """

    topic: str
    at: datetime
    detector: str
    watched: timedelta
    needed: timedelta
    mentions: float
    trust: timedelta
    signals: tuple[SignalReading, ...]
    known: float = 1.0
    planned: tuple[tuple[str, float], ...] = ()
    holiday: str = ""
    since: datetime | None = None
    reason: str = ""
