"""The digest of a week at the command line: which week is meant, and the digest for other programs."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

from buzzguard.cli.mention_acts import Desk, Refused
from buzzguard.config.moments import begin_of, parse_moment
from buzzguard.deliver import wording
from buzzguard.review.precision import Precision
from buzzguard.review.week import Count, Times
from buzzguard.review.week_telling import WEEK, Digest, gather
from buzzguard.review.week_words import WEEK_WORDS


def gather_week(desk: Desk, day: str | None) -> Digest:
    """Read the week that holds `day` (`2026-11-16`), or the last whole one. Raises Refused, StoreError."""
    start, end = _bounds(desk, day)
    return asyncio.run(gather(desk.settings, desk.base, start, end, now=desk.now))


def _bounds(desk: Desk, day: str | None) -> tuple[datetime, datetime]:
    zone = wording.zone(desk.settings.time_zone)
    today = desk.now.astimezone(zone).date()
    try:
        within = today - WEEK if day is None else _date(parse_moment(day))
        monday = within - timedelta(days=within.weekday())
        start, end = begin_of(monday, zone), begin_of(monday + WEEK, zone)
    except ValueError as error:
        raise Refused(f"--of: {error}") from error
    if start > desk.now:
        raise Refused(WEEK_WORDS[desk.language]["ahead"].format(day=monday.isoformat()))
    return start, min(end, desk.now)


def _date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def week_document(digest: Digest) -> dict[str, Any]:
    """The digest for other programs."""
    week = digest.week
    return {
        "start": week.start.isoformat(),
        "end": week.end.isoformat(),
        "time_zone": digest.time_zone,
        "topics": [
            {
                "topic": one.topic,
                "name": digest.names.get(one.topic, one.topic),
                "role": one.role,
                "week": _count(one.now) | {"share_of_voice": one.voice},
                "week_before": _count(one.before) | {"share_of_voice": one.voice_before},
            }
            for one in week.topics
        ],
        "rules": [precision_document(one) for one in week.rules],
        "incidents": [
            {
                "id": one.id,
                "topic": one.topic,
                "severity": one.severity.value,
                "state": one.state.value,
                "opened_at": one.opened_at.isoformat(),
            }
            for one in week.incidents
        ],
        "by_severity": {one.value: count for one, count in week.by_severity},
        "false_alarms": week.false_alarms,
        "untaken": week.untaken,
        "time_to": {"tell": _spans(week.tell), "acknowledge": _spans(week.acknowledge)},
    }


def precision_document(one: Precision) -> dict[str, Any]:
    """A rule's precision for other programs."""
    return {
        "rule": one.rule,
        "alerts": one.alerts,
        "useful": one.useful,
        "worked": one.worked,
        "noise": one.noise,
        "unjudged": one.unjudged,
        "precision": one.share,
        "low": one.low,
        "high": one.high,
    }


def _count(one: Count) -> dict[str, Any]:
    return {
        "mentions": one.mentions,
        "negative": one.negative,
        "positive": one.positive,
        "negative_share": one.share,
        "praise": one.praise,
        "known": round(one.known, 4),
    }


def _spans(times: Times) -> dict[str, Any]:
    seconds = [None if one is None else one.total_seconds() for one in (times.median, times.slowest)]
    return {"counted": times.counted, "median_seconds": seconds[0], "slowest_seconds": seconds[1]}
