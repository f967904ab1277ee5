"""Which threshold to take, why, and how sure one can be of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from buzzguard.backtest.outcome import DAY, SEASON, Row, Scope
from buzzguard.backtest.plan import Target
from buzzguard.model import Record

FEW_EVENTS = 5
"""Below so many events, the share that a threshold finds is hardly known."""
_BLIND = 0.5
"""Half an event hit blindly is worth a word."""


class Reason(StrEnum):
    """Why a threshold is suggested."""

    HIGHEST_THAT_LOSES_NONE = "highest_that_loses_none"
    LOWEST_THAT_LOSES_NONE = "lowest_that_loses_none"
    LOWEST_WITHIN_TARGET = "lowest_within_target"
    LOSES_NONE_BEYOND_TARGET = "loses_none_beyond_target"
    NOTHING_FOUND = "nothing_found"
    NONE_WITHIN_TARGET = "none_within_target"


class Caution(StrEnum):
    """What the data cannot tell."""

    UNTOLD_THRESHOLDS = "untold_thresholds"
    SUGGESTED_UNTOLD = "suggested_untold"
    TARGET_UNPROVEN = "target_unproven"
    FEW_EVENTS = "few_events"
    NO_EVENTS = "no_events"
    BLIND_HITS = "blind_hits"
    NOTHING_JUDGED = "nothing_judged"


class Advice(Record, frozen=True, kw_only=True):
    """The row suggested and what is to be said with it. `told_up_to` is the rarest threshold that the data can test."""

    row: Row
    reason: Reason
    cautions: tuple[Caution, ...]
    told_up_to: timedelta
    best: int
    safer: Row | None = None

    @property
    def line(self) -> str:
        """The condition to paste into a rule."""
        return f"when: {self.row.signal.value}.once_per > days({days_text(self.row.threshold)})"


def days_text(threshold: timedelta) -> str:
    """A threshold as `days(…)` takes it: whole where it is whole."""
    return f"{threshold / DAY:g}"


def advise(rows: Sequence[Row], scope: Scope, target: Target) -> Advice:
    """The highest threshold that loses no event and keeps the target; without events, the lowest that keeps it.

    Thresholds rarer than the topic-days watched cannot be tested on this past: they are taken only where none of the
    others will do. Rows come from the most sensitive to the least, one at least.
    """
    told = [row for row in rows if row.threshold <= scope.watched]
    best = max(row.found for row in rows)
    row, reason = _by_events(rows, told, scope, target) if best else _by_rate(rows, scope, target)
    safer = None
    if reason is Reason.LOSES_NONE_BEYOND_TARGET:
        safer = next((one for one in rows if one.found and within(one, scope, target)), None)
    return Advice(
        row=row,
        reason=reason,
        cautions=tuple(_cautions(rows, row, scope, target)),
        told_up_to=told[-1].threshold if told else timedelta(),
        best=best,
        safer=safer,
    )


def within(row: Row, scope: Scope, target: Target) -> bool:
    """Whether the false alarms seen keep the target, and no topic was in alarm most of the time.

    Where less was watched than the target's span, as many as it allows in all of it do not break it yet.
    """
    borne = target.count * max(1.0, scope.apart / target.span)
    return not row.stuck and row.false.count <= borne + 1e-9


def _by_events(rows: Sequence[Row], told: Sequence[Row], scope: Scope, target: Target) -> tuple[Row, Reason]:
    best = max(row.found for row in rows)
    lossless = [row for row in rows if row.found == best]
    fitting = [row for row in lossless if within(row, scope, target)]
    testable = [row for row in fitting if row in told]
    if testable:
        return testable[-1], Reason.HIGHEST_THAT_LOSES_NONE
    if fitting:
        return fitting[0], Reason.LOWEST_THAT_LOSES_NONE
    return lossless[-1], Reason.LOSES_NONE_BEYOND_TARGET


def _by_rate(rows: Sequence[Row], scope: Scope, target: Target) -> tuple[Row, Reason]:
    fitting = next((row for row in rows if within(row, scope, target)), None)
    if fitting is None:
        return rows[-1], Reason.NONE_WITHIN_TARGET
    return fitting, Reason.NOTHING_FOUND if scope.events else Reason.LOWEST_WITHIN_TARGET


def _cautions(rows: Sequence[Row], row: Row, scope: Scope, target: Target) -> list[Caution]:
    if scope.watched <= timedelta():
        return [Caution.NOTHING_JUDGED]
    said = {
        Caution.SUGGESTED_UNTOLD: row.threshold > scope.watched,
        Caution.UNTOLD_THRESHOLDS: row.threshold <= scope.watched < rows[-1].threshold,
        Caution.TARGET_UNPROVEN: within(row, scope, target) and row.false.high > target.per_day * (SEASON / DAY),
        Caution.NO_EVENTS: not scope.events,
        Caution.FEW_EVENTS: 0 < len(scope.events) < FEW_EVENTS,
        Caution.BLIND_HITS: row.by_chance >= _BLIND,
    }
    return [caution for caution, holds in said.items() if holds]
