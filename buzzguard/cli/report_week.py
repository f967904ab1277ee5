"""The digest of a week: read from the store, and told to leaders in a page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from buzzguard.cli.backtest_words import Voice
from buzzguard.cli.mention_acts import Desk, Refused
from buzzguard.cli.report_page import Page, Section, Table
from buzzguard.cli.report_week_words import WEEK_WORDS
from buzzguard.config.moments import begin_of, parse_moment
from buzzguard.deliver import wording
from buzzguard.deliver.tame import NAME, short
from buzzguard.model import Incident, Language, Record, Transition
from buzzguard.review.precision import Precision
from buzzguard.review.usual import WINDOW
from buzzguard.review.week import Count, Facts, Times, TopicWeek, Week, week_of
from buzzguard.store.recalling import RecallStore

_WEEK = timedelta(days=7)
_WELL_KNOWN = 0.95
_MOST_INCIDENTS = 40


class Digest(Record, frozen=True, kw_only=True):
    """A week with the names that people know. `titles` are those of rules, by language."""

    week: Week
    names: dict[str, str]
    titles: dict[str, dict[str, str]]
    time_zone: str
    now: datetime


def gather_week(desk: Desk, day: str | None) -> Digest:
    """Read the week that holds `day` (`2026-11-16`), or the last whole one. Raises Refused, StoreError."""
    start, end = _bounds(desk, day)
    return asyncio.run(_gather(desk, start, end))


def _bounds(desk: Desk, day: str | None) -> tuple[datetime, datetime]:
    zone = wording.zone(desk.settings.time_zone)
    today = desk.now.astimezone(zone).date()
    try:
        within = today - _WEEK if day is None else _date(parse_moment(day))
        monday = within - timedelta(days=within.weekday())
        start, end = begin_of(monday, zone), begin_of(monday + _WEEK, zone)
    except ValueError as error:
        raise Refused(f"--of: {error}") from error
    if start > desk.now:
        raise Refused(WEEK_WORDS[desk.language]["ahead"].format(day=monday.isoformat()))
    return start, min(end, desk.now)


def _date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


async def _gather(desk: Desk, start: datetime, end: datetime) -> Digest:
    settings = desk.settings
    store = await RecallStore.look_now(settings.store, now=desk.now, base=desk.base)
    try:
        incidents = await store.incidents_between(start, end)
        ids, moves = [one.id for one in incidents], dict[str, list[Transition]]()
        for move in await store.transitions(ids):
            moves.setdefault(move.incident, []).append(move)
        since = start - (end - start)
        facts = Facts(
            start=start,
            end=end,
            roles={name: topic.role for name, topic in settings.topics.items()},
            samples={name: await store.samples_between(name, WINDOW, since, end) for name in settings.topics},
            incidents=incidents,
            moves=moves,
            told=await store.first_told(ids),
        )
    finally:
        await store.close()
    return Digest(
        week=week_of(facts),
        names={name: topic.name for name, topic in settings.topics.items()},
        titles={alert.rule: dict(alert.title) for incident in incidents for alert in incident.alerts},
        time_zone=settings.time_zone,
        now=desk.now,
    )


def tell_week(digest: Digest, language: Language) -> Page:
    """The digest in words."""
    return _Teller(digest, language).page()


class _Teller:
    def __init__(self, digest: Digest, language: Language) -> None:
        self._digest, self._week, self._language = digest, digest.week, language
        self._words = WEEK_WORDS[language]
        self._voice = Voice(language=language, time_zone=digest.time_zone)

    def page(self) -> Page:
        words, week, voice = self._words, self._week, self._voice
        last = week.end - timedelta(seconds=1)
        return Page(
            language=self._language,
            title=words["title"].format(since=voice.date(week.start), until=voice.date(last)),
            subtitle=words["subtitle"].format(
                incidents=voice.number(len(week.incidents)),
                severities=", ".join(
                    f"{voice.number(count)} {wording.severity_name(one, self._language).lower()}"
                    for one, count in week.by_severity
                    if count
                )
                or words["none"],
            ),
            caveats=tuple(self._caveats()),
            sections=(
                Section(title=words["topics"], table=self._topics(), note=words["topics_note"]),
                Section(title=words["response"], lines=tuple(self._response())),
                Section(title=words["rules"], lines=self._no_rules(), table=self._rules(), note=words["rules_note"]),
                *self._incidents(),
            ),
            footer=words["made"].format(at=voice.instant(self._digest.now), zone=self._digest.time_zone),
        )

    def _caveats(self) -> Iterator[str]:
        for one in self._week.topics:
            if one.now.known < _WELL_KNOWN:
                known = wording.percent(one.now.known, self._language)
                yield self._words["unknown"].format(topic=self._name(one.topic), known=known)
        if self._week.end - self._week.start < _WEEK - timedelta(hours=2):
            yield self._words["not_over"]

    def _topics(self) -> Table:
        words = self._words
        heads = ("topic", "mentions", "negative", "praise", "voice")
        return Table(
            heads=tuple(words[name] for name in heads),
            rows=tuple(self._topic(one) for one in self._week.topics),
            numbers=(1, 2, 3, 4),
        )

    def _topic(self, one: TopicWeek) -> tuple[str, ...]:
        name = self._name(one.topic)
        role = self._words["competitor"].format(topic=name) if one.role == "competitor" else name
        number = self._voice.number
        return (
            role,
            self._against(number(one.now.mentions), number(one.before.mentions)),
            self._against(self._part(one.now.share), self._part(one.before.share)),
            self._against(self._part(one.now.praise), self._part(one.before.praise)),
            self._against(self._part(one.voice), self._part(one.voice_before)),
        )

    def _against(self, now: str, before: str) -> str:
        return now if now == before == "–" else self._words["against"].format(now=now, before=before)

    def _part(self, share: float | None) -> str:
        return "–" if share is None else wording.percent(round(share, 2), self._language)

    def _response(self) -> Iterator[str]:
        week, words, number = self._week, self._words, self._voice.number
        if not week.incidents:
            yield words["quiet"]
            return
        yield self._times(week.tell, "tell")
        yield self._times(week.acknowledge, "acknowledge")
        yield words["untaken"].format(n=number(week.untaken), all=number(len(week.incidents)))
        yield words["false_alarms"].format(n=number(week.false_alarms), all=number(len(week.incidents)))

    def _times(self, times: Times, name: str) -> str:
        if times.median is None or times.slowest is None:
            return self._words[f"{name}_none"]
        middle, slowest = self._voice.span(times.median), self._voice.span(times.slowest)
        return self._words[name].format(median=middle, slowest=slowest)

    def _no_rules(self) -> tuple[str, ...]:
        return () if self._week.rules else (self._words["no_alerts"],)

    def _rules(self) -> Table | None:
        if not self._week.rules:
            return None
        heads = ("rule", "alerts", "useful", "noise", "unjudged", "precision")
        return Table(
            heads=tuple(self._words[name] for name in heads),
            rows=tuple(self._rule(one) for one in self._week.rules),
            numbers=(1, 2, 3, 4, 5),
        )

    def _rule(self, one: Precision) -> tuple[str, ...]:
        title = wording.localised(self._digest.titles.get(one.rule, {}), self._language, default=one.rule)
        counts = map(self._voice.number, (one.alerts, one.useful, one.noise, one.unjudged))
        return (short(title, NAME), *counts, precision_text(one, self._language))

    def _incidents(self) -> Iterator[Section]:
        words = self._words
        if not self._week.incidents:
            return
        rows = tuple(self._incident(one) for one in self._week.incidents[:_MOST_INCIDENTS])
        heads = tuple(words[name] for name in ("opened", "topic", "severity", "state", "id"))
        left = len(self._week.incidents) - len(rows)
        note = words["more"].format(n=self._voice.number(left)) if left else ""
        yield Section(title=words["incidents"], table=Table(heads=heads, rows=rows), note=note)

    def _incident(self, one: Incident) -> tuple[str, ...]:
        return (
            self._voice.instant(one.opened_at),
            self._name(one.topic),
            wording.severity_name(one.severity, self._language),
            self._words[f"state_{one.state.value}"],
            short(one.id, NAME),
        )

    def _name(self, topic: str) -> str:
        return short(self._digest.names.get(topic, topic), NAME)


def precision_text(one: Precision, language: Language) -> str:
    """`67 % (35 % to 88 %)`; a dash where nobody judged."""
    if one.share is None or one.low is None or one.high is None:
        return "–"
    value, low, high = (wording.percent(round(part, 2), language) for part in (one.share, one.low, one.high))
    return WEEK_WORDS[language]["interval"].format(value=value, low=low, high=high)


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
