"""One signal over one window: what is usual there, how much it scatters, and its past episodes."""

from __future__ import annotations

from datetime import timedelta
from math import exp, inf, log, log10, sqrt

import msgspec

from buzzguard.detect.episodes import Episodes, EpisodesState
from buzzguard.detect.learning import CLIP, KNOWN_ENOUGH, RARE, Learning, decide
from buzzguard.detect.profile import BLIND, CELL, FRESH, Profile, Span, kept, pair
from buzzguard.detect.tails import LN10, CountLaw, Law, SumLaw, value_at
from buzzguard.model import WINDOWS

MINUTES = {window: int(window.total_seconds()) // 60 for window in WINDOWS}
STRIDES = {5: 5, 15: 15, 60: 15, 360: 60, 1440: 60}
"""Minutes between the closed windows that are learned, by length in minutes; aligned to the epoch."""
ANY_WINDOW = log10(len(WINDOWS))
"""A rule looks at every window at once: each may be exceeded a fifth as often (the union bound)."""
WEEKLY = log10(7.0) + ANY_WINDOW
RARE_DECADES = log10(RARE.total_seconds() / 86400.0) + ANY_WINDOW
MEMORY_DAYS = 14.0
"""Half-life of scatter and scale: two weeks hold two of every weekday."""
PRIOR_PHI = 0.3
"""Overdispersion before any is seen; ten companies' five-minute counts have 0.1 to 1.8."""
PRIOR_CLUMPS = 0.25
"""Extra variance per mention before any is seen: mentions come in answers and copies, not alone."""
LEAST_PHI = 0.002
"""No baseline is better known than to 4 or 5 per cent."""
SUDDEN = 60
"""Minutes up to which a run of anomalous windows is a burst, a habit of every topic, and not yet a crisis."""
SCALE_PRIOR = {True: 0.5, False: 5.0}
"""Mentions by which a window's scale is pulled to 1, the plain sum of the profile: weakly where windows hold distinct
things, which do not add up."""
GROWTH_WITHIN = 60
"""Growth is told of windows up to this many minutes: longer ones see it too late to matter."""
RECENT = 6
"""Closed windows remembered for the growth of a signal."""
LEAST_KNOWN = 0.2
"""Expectations are not scaled below this share: minutes called unknown may still bring mentions."""


MOST_CLAIMED = 14.0
"""Decades of days beyond which no law of counts is to be believed."""
MOST_DAYS = 1e6
DOUBTED = 0.5
FIRST_HOUR = 60
"""Minutes."""


class TrackState(msgspec.Struct, array_like=True):
    """Sums for scale and scatter, the closed windows last learned, the episodes, the present run."""

    scale: list[float] = msgspec.field(default_factory=pair)
    scatter: list[float] = msgspec.field(default_factory=pair)
    some: list[float] = msgspec.field(default_factory=pair)
    recent: list[tuple[int, float, float]] = []
    episodes: EpisodesState = msgspec.field(default_factory=EpisodesState)
    rare_since: int = 0
    rare_last: int = 0
    reason: Learning = Learning.SKIPPED_UNKNOWN


class Track:
    """Common part of both kinds. `law` gives what is usual for a window, `learn` takes a closed one in."""

    __slots__ = ("_keep", "days", "episodes", "minutes", "profile", "state", "stride")

    def __init__(self, minutes: int, profile: Profile) -> None:
        self.minutes, self.days = minutes, minutes / 1440.0
        self.stride = STRIDES[minutes]
        self.profile = profile
        # Disjoint windows miss the peak between two of them, overlapping ones hardly.
        self.episodes = Episodes(overlap=log10(2.0) if self.stride == minutes else log10(1.2))
        self._keep = kept(MEMORY_DAYS, 1440.0 / self.stride)
        self.state: TrackState

    def decades(self, law: Law, value: float, *, now: int, learned: int) -> float:
        """Rarity of a window above its usual, calibrated by the topic's past."""
        raw = law.decades(value)
        return self.episodes.calibrated(raw, now=now, learned=learned) if raw > -inf else raw

    def phi(self) -> float:
        """Overdispersion of counts; sums have none of their own."""
        return PRIOR_PHI

    def high(self, law: Law, *, now: int, learned: int) -> float:
        """The value above which a window is rarer than once a week, whichever window is looked at."""
        return value_at(law, self.episodes.needed(WEEKLY, now=now, learned=learned))

    def _judge(self, state: TrackState, law: Law, value: float, *, minute: int, learned: int) -> bool:
        """Note episodes; whether the window is anomalous for learning."""
        if learned < FRESH:
            return False
        raw = law.decades(value) if value > law.mean + law.spread else -inf
        self.episodes.see(minute, raw)
        rare = raw > RARE_DECADES and self.decades(law, value, now=minute, learned=learned) > RARE_DECADES
        if rare:
            if state.rare_since == 0:
                state.rare_since = minute
            state.rare_last = minute
        elif minute - state.rare_last > 2 * self.stride:
            state.rare_since = 0
        return rare

    def _reason(self, minute: int, *, known: float, rare: bool, in_run: bool, clipped: bool) -> Learning:
        if not rare and not in_run and not clipped and known >= KNOWN_ENOUGH:
            return Learning.LEARNED
        lasted = timedelta(minutes=minute - self.state.rare_since if rare else 0)
        return decide(known=known, anomalous=rare or in_run, lasted=lasted, clipped=clipped)

    def _remember(self, minute: int, value: float, mean: float) -> None:
        if self.minutes <= GROWTH_WITHIN:
            self.state.recent = [*self.state.recent[1 - RECENT :], (minute, value, mean)]


class CountTrack(Track):
    """Mentions, authors, sites: counts, whose usual number is the profile's sum times a scale.

    The scale is 1 where windows add up; distinct authors of a day are fewer than the sum of its quarter hours.
    """

    __slots__ = ("_cells", "_overlap", "_prior")

    def __init__(self, minutes: int, profile: Profile, *, distinct: bool) -> None:
        super().__init__(minutes, profile)
        self._prior = SCALE_PRIOR[distinct]
        self._overlap = minutes / self.stride
        self._cells = minutes / CELL
        self.load(TrackState())

    def load(self, state: TrackState) -> None:
        """Continue from `state`."""
        self.state = state
        self.episodes.load(state.episodes)

    def mean(self, span: Span) -> float:
        """The usual count."""
        return self.profile.level * self.profile.season(span) * self._scale() + 1e-9

    def _scale(self) -> float:
        over, under = self.state.scale
        return (over + self._prior) / (under + self._prior)

    def phi(self) -> float:
        """Overdispersion: what was seen, pulled to the prior as far as little was."""
        return self._phi_and_prior()[0]

    def _phi_and_prior(self) -> tuple[float, float]:
        """Overdispersion, and the precision of its prior: a prior is as uncertain as it is large."""
        prior = PRIOR_PHI + PRIOR_CLUMPS / (self.profile.level * self._cells + 1e-9)
        precision = 1.0 / (prior * prior)
        over, under = self.state.scatter
        return max(LEAST_PHI, (over + precision * prior) / (under + precision)), precision

    def law(self, span: Span, known: float) -> Law:
        """What is usual for a window of which `known` could be read."""
        known = max(known, LEAST_KNOWN)
        phi = self.phi() + self.profile.doubt(span) + (1.0 - known) ** 2
        return CountLaw(self.mean(span) * known, phi, self.days)

    def learn(self, span: Span, value: float, *, known: float, learned: int) -> bool:
        """Take in a closed window; returns whether it is anomalous."""
        state = self.state
        plain = self.profile.level * self.profile.season(span) * known
        mean = plain * self._scale() + 1e-9
        phi, precision = self._phi_and_prior()
        total = phi + self.profile.doubt(span)
        spread = sqrt(mean + total * mean * mean)
        rare = False
        if value > mean + spread or state.rare_since or self.episodes.state.top > -inf:
            rare = self._judge(state, CountLaw(mean, total, self.days), value, minute=span.minute, learned=learned)
        cap = mean + CLIP * spread + 1.0
        clipped = value > cap and learned >= FRESH
        in_run = self.profile.state.run > 0 and learned >= FRESH
        state.reason = self._reason(span.minute, known=known, rare=rare, in_run=in_run, clipped=clipped)
        if learned >= BLIND:
            self._update_scale(cap if clipped else value, plain=plain, mean=mean, phi=phi)
            self._update_scatter(min(value, 2.0 * cap - mean), mean=mean, phi=phi, precision=precision)
        self._remember(span.minute, value, mean)
        return rare

    def _update_scale(self, value: float, *, plain: float, mean: float, phi: float) -> None:
        scale = self.state.scale
        pace = self.state.reason.pace
        keep = 1.0 - pace * (1.0 - self._keep)
        weight = pace / ((1.0 + phi * mean) * self._overlap)
        scale[0] = scale[0] * keep + weight * value
        scale[1] = scale[1] * keep + weight * plain

    def _update_scatter(self, value: float, *, mean: float, phi: float, precision: float) -> None:
        """Learn phi from a value cut at twice the distance of the mean's cut: its tail is what phi is about.

        For the same reason short bursts are learned at full pace: slowed, they would stay rare for ever.
        """
        state = self.state
        sudden = state.rare_since and state.rare_last - state.rare_since < SUDDEN
        pace = 1.0 if sudden else state.reason.pace
        keep = 1.0 - pace * (1.0 - self._keep)
        # The precision of one window's estimate of phi; a day of them weighs no more than three priors, for windows
        # that follow one another tell much the same.
        known_by_one = mean * mean / (2.0 * (1.0 + phi * mean) ** 2 + 1.0 / mean) / self._overlap
        weight = pace * min(known_by_one, 3.0 * precision * self.stride / 1440.0)
        scatter = state.scatter
        scatter[0] = scatter[0] * keep + weight * ((value - mean) ** 2 - mean) / (mean * mean)
        scatter[1] = scatter[1] * keep + weight


PRIOR_WIDTH = 1.5
"""Deviation of the logarithm of an audience before any is seen: a factor of 4.5."""
PRIOR_AUDIENCE = log(100.0)


class SumTrack(Track):
    """Reach and engagement: sums ruled by their largest part, judged by their logarithm.

    They borrow the course of the week from the topic's volume. One famous author neither moves the centre (his
    window is cut at three deviations) nor hides in a mean that he made himself.
    """

    __slots__ = ()

    def __init__(self, minutes: int, profile: Profile) -> None:
        super().__init__(minutes, profile)
        self.load(TrackState())

    def load(self, state: TrackState) -> None:
        """Continue from `state`: `scale` sums logarithms, `scatter` squares, `some` the windows with any."""
        self.state = state
        self.episodes.load(state.episodes)

    def _centre(self) -> tuple[float, float]:
        state = self.state
        centre = (state.scale[0] + PRIOR_AUDIENCE) / (state.scale[1] + 1.0)
        # A full day of windows weighs as much as the prior width.
        width = ((state.scatter[0] + PRIOR_WIDTH**2) / (state.scatter[1] + 1.0)) ** 0.5
        return centre, max(width, 0.3) * (1.0 + 1.0 / (1.0 + state.scale[1])) ** 0.5

    def law(self, span: Span, known: float) -> Law:
        """What is usual for a window of which `known` could be read."""
        centre, width = self._centre()
        season = self.profile.season(span) / span.cells
        some = (self.state.some[0] + 0.5) / (self.state.some[1] + 1.0)
        return SumLaw(centre + log(season * max(known, LEAST_KNOWN)), width, some, self.days)

    def learn(self, span: Span, value: float, *, known: float, learned: int) -> bool:
        """Take in a closed window; returns whether it is anomalous."""
        state = self.state
        law = self.law(span, known)
        rare = self._judge(state, law, value, minute=span.minute, learned=learned)
        offset = log(self.profile.season(span) / span.cells * known)
        centre, width = self._centre()
        away = log(value) - offset - centre if value >= 1.0 else 0.0
        clipped = away > CLIP * width and learned >= FRESH
        state.reason = self._reason(span.minute, known=known, rare=rare, in_run=False, clipped=clipped)
        self._update(value >= 1.0, min(away, CLIP * width) if clipped else away, centre)
        self._remember(span.minute, value, law.mean)
        return rare

    def _update(self, some: bool, away: float, centre: float) -> None:
        state = self.state
        pace = state.reason.pace
        keep = 1.0 - pace * (1.0 - self._keep)
        share = pace * self.stride / 1440.0
        state.some[0] = state.some[0] * keep + share * some
        state.some[1] = state.some[1] * keep + share
        if some:
            state.scale[0] = state.scale[0] * keep + pace * self.stride / self.minutes * (centre + away)
            state.scale[1] = state.scale[1] * keep + pace * self.stride / self.minutes
            state.scatter[0] = state.scatter[0] * keep + share * away * away
            state.scatter[1] = state.scatter[1] * keep + share


LEAST_DECADES = -log10(24.0)
LEAST_GROWTH = 10.0
"""Below this count a doubling is told by one mention."""


def doubling(track: CountTrack | SumTrack, minute: int, value: float, mean: float) -> timedelta | None:
    """How long the signal takes to double beyond its season, read from the closed window before this one.

    Log-linear between the two; None when it does not grow, or when chance (three deviations of the difference of two
    Poisson counts) would do the same.
    """
    if value < LEAST_GROWTH:
        return None
    before = next((seen for seen in reversed(track.state.recent) if seen[0] <= minute - track.minutes), None)
    if before is None or minute - before[0] > 2 * track.minutes:
        return None
    ended, past, past_mean = before
    past = max(past, 0.5) * mean / max(past_mean, 1e-9)
    if value - past < 3.0 * (value + past) ** 0.5:
        return None
    minutes = (minute - ended) * log(2.0) / log(value / past)
    return timedelta(seconds=round(min(minutes, 1e5) * 60.0))


def to_timedelta(decades: float, learned: int, *, trust: float) -> timedelta:
    """A return period from decades of days, for any of the windows. Zero below an hour: usual.

    Up to `trust` times the time watched it is taken at its word. What the law claims beyond that counts by its square
    root: a young baseline is doubted, but overwhelming evidence is told on the first day too. Before an hour was
    watched there is nothing to compare with, and nothing beyond `trust` is claimed.
    """
    decades -= ANY_WINDOW
    if decades < LEAST_DECADES:
        return timedelta(0)
    claimed, watched = min(decades, MOST_CLAIMED), learned / 1440.0 * trust
    days = exp(claimed * LN10)
    if days > watched:
        days = watched * (days / watched) ** DOUBTED if learned >= FIRST_HOUR else watched
    return timedelta(seconds=int(min(days, MOST_DAYS) * 86400.0))
