"""The newest mentions of a topic, of each what can be evidence."""

from __future__ import annotations

from bisect import bisect_left, insort
from datetime import datetime, timedelta

from buzzguard.understand.coordination import Evidence, Trace, evidence_in

MOST = 2_000
"""Mentions kept of one topic: of more, the newest."""


class Recent:
    """Traces of one topic's mentions, at most `MOST` and none older than `memory` before the newest.

    What it holds does not depend on the order in which they came.
    """

    def __init__(self, memory: timedelta) -> None:
        self._memory = memory
        self._traces: list[Trace] = []

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._traces)

    def add(self, trace: Trace) -> None:
        """Take note of a mention."""
        held = self._traces
        if held and trace.at < held[-1].at - self._memory:
            return
        if not held or _order(trace) >= _order(held[-1]):  # most come in order
            held.append(trace)
        else:
            insort(held, trace, key=_order)
        horizon = held[-1].at - self._memory
        if len(held) > MOST or held[0].at < horizon:
            del held[: max(len(held) - MOST, bisect_left(held, horizon, key=_at))]

    def evidence(self, since: datetime) -> tuple[Evidence, ...]:
        """The clues in what was published since. Takes some milliseconds: for a briefing, not for each mention."""
        return evidence_in(self._traces[bisect_left(self._traces, since, key=_at) :])

    def held(self) -> set[str]:
        """The ids of the mentions that are kept."""
        return {trace.id for trace in self._traces}

    def forget(self, ids: frozenset[str]) -> None:
        """Drop these mentions."""
        self._traces = [trace for trace in self._traces if trace.id not in ids]


def _order(trace: Trace) -> tuple[datetime, str]:
    return trace.at, trace.id


def _at(trace: Trace) -> datetime:
    return trace.at
