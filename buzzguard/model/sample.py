"""From measure and detect: signals, their samples, and how these were judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.base import Record


class Signal(StrEnum):
    """A named series measured for a topic."""

    VOLUME = "volume"
    NEGATIVE = "negative"
    POSITIVE = "positive"
    AUTHORS = "authors"
    REACH = "reach"
    ENGAGEMENT = "engagement"
    SPREAD = "spread"
    GRAVITY = "gravity"
    SHARE = "share"
    CRISIS = "crisis"
    PAGE_VIEWS = "page_views"
    COUNTED = "counted"


COUNTED_ELSEWHERE = (Signal.PAGE_VIEWS, Signal.COUNTED)
"""The signals of which sources give the counts, without texts, in bins of their own: samples hold nothing of them."""
_FOLLOWING = (Signal.SHARE, Signal.CRISIS, *COUNTED_ELSEWHERE)
MEASURED: tuple[Signal, ...] = tuple(signal for signal in Signal if signal not in _FOLLOWING)
"""The signals that samples hold as such; the share follows from two of their numbers, the crisis score from all."""
MINUTE = timedelta(minutes=1)
WINDOWS: tuple[timedelta, ...] = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""The trailing windows, each a whole number of event-time minutes ending with the minute that is filling."""


class Samples(Record, frozen=True, kw_only=True, array_like=True):
    """One sample of every signal, of one topic over one window that ends at `end` (exclusive, a whole minute).

    `closed` is false while the window's last minute can still grow. `known` is the share (0…1) of the window in
    which the topic's streams could be read: unknown is not zero. `top_reach` is the largest audience of an author
    of a negative mention in the window. `spread` is the number of distinct sites; `sources` that of sources.
    `copies` counts the mentions whose text another one had before; the others are originals.

    `voices` counts, in thousandths, the independent voices whose tone was judged, `hostile` those of them that are
    negative: what the negative share is told by. A mention weighs its scorer's confidence, divided by its rank among
    the day's mentions of one author or among the copies of one text (`measure.ranks` gives the law). Hence
    0 <= hostile <= voices <= 1000 * volume.
    """

    topic: str
    window: timedelta
    end: datetime
    volume: int = 0
    negative: int = 0
    positive: int = 0
    authors: int = 0
    reach: int = 0
    engagement: int = 0
    spread: int = 0
    gravity: int = 0
    sources: int = 0
    top_reach: int = 0
    voices: int = 0
    hostile: int = 0
    known: float = 1.0
    closed: bool = False
    copies: int = 0

    @property
    def share(self) -> float:
        """The part (0…1) of the independent voices that is negative; 0 without voices."""
        return self.hostile / self.voices if self.voices else 0.0

    @property
    def crisis(self) -> float:
        """Nothing is measured of the crisis score: it is a judgement, and stands in its assessment."""
        return 0.0

    @property
    def page_views(self) -> float:
        """Counted by sources, not measured: it stands in its assessment."""
        return 0.0

    @property
    def counted(self) -> float:
        """The same."""
        return 0.0


class Direction(StrEnum):
    """On which side of the baseline a sample lies."""

    ABOVE = "above"
    BELOW = "below"


class Assessment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A sample judged against its baseline.

    `once_per` is the return period: how rarely the baseline alone would produce such a window; zero when it is
    usual. `expected` is the baseline for this time of week, `high` the value above which a sample is rarer than
    once a week. `doubles_in` is None when the signal is not growing. `learned` is how much known time the baseline
    stands on and `needed` how much it wants before thresholds stop being wide.

    Of the crisis score, `observed` is the score, the common logarithm of the return period in days, `expected` is 0
    and `parts` says what it is made of: the share (0…1) that each signal contributed, largest first.

    `adopted_at` is since when the baseline follows a level that was unusual until it had lasted long enough to be the
    new normal, None when it follows none; `former` is then what was expected of such a window before.
    """

    signal: Signal
    window: timedelta
    observed: float
    expected: float
    high: float
    once_per: timedelta
    direction: Direction
    learned: timedelta
    needed: timedelta
    doubles_in: timedelta | None = None
    parts: dict[str, float] = {}
    adopted_at: datetime | None = None
    former: float | None = None

    @property
    def learning(self) -> bool:
        """Whether the baseline is still young (thresholds are wide)."""
        return self.learned < self.needed


class Anomaly(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A sample that a detector finds unusual: a fact, not a verdict."""

    topic: str
    at: datetime
    assessment: Assessment


class Judged(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One topic and window at one instant: its samples with the assessment of each signal."""

    samples: Samples
    assessments: Mapping[Signal, Assessment]


class StreamHealth(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How a stream is doing at one instant, for the rules that watch the watcher.

    `silent_for` is the time since its newest mention, `expected` how many mentions its own rhythm would have
    brought meanwhile, `once_per` how rarely that rhythm makes such a silence; `failing_for` the time since its last
    good poll, zero when the last one was good.
    """

    stream: str
    at: datetime
    silent_for: timedelta
    expected: float
    once_per: timedelta
    failing_for: timedelta
    failures: int
    reason: str = ""


class Checkpoint(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The baselines of a topic at one instant, opaque to all but the detector that made it.

    It only shortens a start: without it, or when `detector` (name and format version) differs, the baselines are
    rebuilt from stored samples.
    """

    topic: str
    at: datetime
    detector: str
    state: bytes


class Adoption(Record, frozen=True, kw_only=True):
    """That a person called a topic's level of the instant `at` normal. What was unusual since `since` was no episode:
    it was the beginning of what is usual now."""

    topic: str
    at: datetime
    since: datetime
