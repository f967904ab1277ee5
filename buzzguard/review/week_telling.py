"""A week read from the store, and told to leaders in a page: for the report, and for the digest that is sent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from buzzguard.config.settings import Settings
from buzzguard.deliver import wording
from buzzguard.deliver.tame import NAME, short
from buzzguard.model import Incident, Language, Page, Record, Section, Table, Transition
from buzzguard.review.precision import Precision, votes_of
from buzzguard.review.usual import WINDOW
from buzzguard.review.week import Facts, Times, TopicWeek, Week, week_of
from buzzguard.review.week_words import WEEK_WORDS
from buzzguard.store.recalling import RecallStore

WEEK = timedelta(days=7)
_WELL_KNOWN = 0.95
_MOST_INCIDENTS = 40


class Digest(Record, frozen=True, kw_only=True):
    """A week with the names that people know. `titles` are those of rules, by language."""

    week: Week
    names: dict[str, str]
    titles: dict[str, dict[str, str]]
    time_zone: str
    now: datetime


async def gather(settings: Settings, base: Path, start: datetime, end: datetime, *, now: datetime) -> Digest:
    """Read a week from the store, beside a running daemon. Raises StoreError."""
    store = await RecallStore.look_now(settings.store, now=now, base=base)
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
            votes=votes_of(await store.commands(ids)),
        )
    finally:
        await store.close()
    return Digest(
        week=week_of(facts),
        names={name: topic.name for name, topic in settings.topics.items()},
        titles={alert.rule: dict(alert.title) for incident in incidents for alert in incident.alerts},
        time_zone=settings.time_zone,
        now=now,
    )


class _Voice:
    """Says instants, spans and numbers in one language and time zone."""

    def __init__(self, language: Language, time_zone: str) -> None:
        self._language, self._zone = language, ZoneInfo(time_zone)

    def date(self, at: datetime) -> str:
        """The date, not to be mistaken."""
        local = at.astimezone(self._zone)
        return f"{local:%d/%m/%Y}" if self._language == "fr" else f"{local:%Y-%m-%d}"

    def instant(self, at: datetime) -> str:
        """Date and time."""
        return f"{self.date(at)} {at.astimezone(self._zone):%H:%M}"

    def span(self, span: timedelta) -> str:
        """A span in words."""
        return wording.duration(span, self._language)

    def number(self, value: float) -> str:
        """A number."""
        return wording.number(value, self._language)


def tell_week(digest: Digest, language: Language) -> Page:
    """The digest in words."""
    return _Teller(digest, language).page()


class _Teller:
    def __init__(self, digest: Digest, language: Language) -> None:
        self._digest, self._week, self._language = digest, digest.week, language
        self._words = WEEK_WORDS[language]
        self._voice = _Voice(language, digest.time_zone)

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
        if self._week.end - self._week.start < WEEK - timedelta(hours=2):
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
        heads = ("rule", "alerts", "useful", "worked", "noise", "unjudged", "precision")
        return Table(
            heads=tuple(self._words[name] for name in heads),
            rows=tuple(self._rule(one) for one in self._week.rules),
            numbers=(1, 2, 3, 4, 5, 6),
        )

    def _rule(self, one: Precision) -> tuple[str, ...]:
        title = wording.localised(self._digest.titles.get(one.rule, {}), self._language, default=one.rule)
        counts = map(self._voice.number, (one.alerts, one.useful, one.worked, one.noise, one.unjudged))
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
