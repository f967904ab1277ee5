"""Recordings through the same `step` as the daemon's, with the recorded times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from buzzguard.model import MINUTE, Batch, Effects, Mention
from buzzguard.pipeline import Core, step

_LONGEST_LEAP = timedelta(hours=6)
"""Windows that close while nothing is said are learned at most this much at a time: memory stays flat."""
_CLOSING = timedelta(hours=36)
"""After the last mention time goes on until alerts have ended: the longest window runs empty, rules wait some hours."""


def replay(
    core: Core,
    mentions: Iterable[Mention],
    *,
    until: datetime | None = None,
    cadence: timedelta = MINUTE,
    seen: Callable[[int], None] = lambda _: None,
) -> Iterator[Effects]:
    """Play mentions in order of publication; yields the effects of each step.

    A step takes what was published within one `cadence`, at its end. Where nothing is said and nothing is open, time
    leaps. `seen` is told how many mentions each step took.
    """
    now: datetime | None = None
    for instant, several in _by_cadence(mentions, cadence, until):
        if now is not None:
            yield from _pass_time(core, now, instant, cadence)
        now = instant
        seen(len(several))
        yield step(core, Batch(mentions=tuple(several)), _within(now))
    if now is not None:
        end = now + _CLOSING if until is None else min(now + _CLOSING, max(until, now))
        yield from _pass_time(core, now, end, cadence)


def _by_cadence(
    mentions: Iterable[Mention], cadence: timedelta, until: datetime | None
) -> Iterator[tuple[datetime, list[Mention]]]:
    """Mentions grouped by the end of the cadence in which they were published."""
    end: datetime | None = None
    several: list[Mention] = []
    for mention in mentions:
        if until is not None and mention.published >= until:
            break
        if end is not None and mention.published < end:
            several.append(mention)
            continue
        if end is not None and several:
            yield end, several
        end = _floor(mention.published, cadence) + cadence
        several = [mention]
    if end is not None and several:
        yield end, several


def _pass_time(core: Core, after: datetime, before: datetime, cadence: timedelta) -> Iterator[Effects]:
    """Steps between two instants without mentions: each cadence while something is open, leaps otherwise."""
    now = after
    while True:
        now += cadence if _something_open(core) else _LONGEST_LEAP
        if now >= before:
            return
        yield step(core, Batch(), _within(now))


def _something_open(core: Core) -> bool:
    return bool(core.decider.alerts_waiting()) or core.responder.next_due() is not None


def _within(end: datetime) -> datetime:
    """The last instant before `end`: the minute that ends there is still the one that fills."""
    return end - timedelta(microseconds=1)


def _floor(instant: datetime, cadence: timedelta) -> datetime:
    day = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (instant - day) // cadence * cadence
