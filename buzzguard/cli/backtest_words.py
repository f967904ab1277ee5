"""How a backtest speaks: numbers, spans and events in words, and its suggestion in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from buzzguard.backtest.advice import Advice, Caution, days_text
from buzzguard.backtest.outcome import DAY, SEASON, Finding, Rate, Row, Scope
from buzzguard.backtest.plan import Event, Plan
from buzzguard.cli.backtest_phrases import REASONS, WORDS
from buzzguard.cli.replay_words import day
from buzzguard.config.settings import Settings
from buzzguard.deliver.wording import duration, number
from buzzguard.model import Language, Record

NBSP = "\u00a0"
_SPACES = "\u00a0\u202f"
_WEEK = timedelta(days=7)
_NAMED = 4
"""Topics named in one line."""


def clean(text: str) -> str:
    """A text that may hold words from outside, fit for a terminal: what is no letter, sign or space is escaped."""
    return "".join(one if one.isprintable() or one in _SPACES else f"\\u{ord(one):04x}" for one in text)


def words(language: Language) -> dict[str, str]:
    """The words of the tables in a language."""
    return WORDS[language]


class Voice(Record, frozen=True, kw_only=True):
    """Says things in one language and time zone."""

    language: Language
    time_zone: str

    @classmethod
    def of(cls, settings: Settings) -> Voice:
        """That of the settings."""
        return cls(language=settings.language, time_zone=settings.time_zone)

    def say(self, what: str, **values: object) -> str:
        """A phrase with its values."""
        return WORDS[self.language][what].format(**values)

    def many(self, what: str, count: int) -> str:
        """`1 topic`, `3 topics`; French counts 0 as one."""
        one = count == 1 or (self.language == "fr" and count == 0)
        phrases = WORDS[self.language] | REASONS[self.language]
        text = phrases[f"{what}_one" if one else f"{what}_many"].format(n=number(count, self.language))
        return text.replace("1", "0", 1) if one and count == 0 else text

    def instant(self, at: datetime) -> str:
        """Date and time in the time zone."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        return f"{day(local, self.language)} {local:%H:%M}"

    def date(self, at: datetime) -> str:
        """The date in the time zone."""
        return day(at.astimezone(ZoneInfo(self.time_zone)), self.language)

    def span(self, span: timedelta) -> str:
        """A span in words."""
        return duration(span, self.language)

    def number(self, value: float) -> str:
        """A number; what has no bound is ∞."""
        return "∞" if math.isinf(value) else number(value, self.language)

    def weekly(self, count: int, span: timedelta) -> str:
        """How many a week; few are not told as none."""
        pace = count / (span / _WEEK)
        return f"<\u00a0{number(0.1, self.language)}" if 0 < pace < 0.05 else number(pace, self.language)

    def days(self, threshold: timedelta) -> str:
        """A threshold: `30 days`."""
        text = days_text(threshold)
        if text == "1":
            return self.say("day")
        return self.say("days", n=text.replace(".", "," if self.language == "fr" else "."))

    def rate(self, rate: Rate) -> str:
        """`2.1 per 90 days (95 %: 0.3 to 7.6)`."""
        if math.isnan(rate.value):
            return self.say("rate_none")
        return self.say("rate", value=self.number(rate.value), low=self.number(rate.low), high=self.number(rate.high))

    def short_rate(self, rate: Rate) -> str:
        """For a table: `2.1 (0.3–7.6)`."""
        if math.isnan(rate.value):
            return "–"
        return f"{self.number(rate.value)} ({self.number(rate.low)}–{self.number(rate.high)})"

    def delay(self, delay: timedelta) -> str:
        """How long after or before the event's start."""
        if abs(delay) < timedelta(minutes=1):
            return self.say("at_start")
        return self.say("after" if delay > timedelta() else "before", span=self.span(abs(delay)))

    def short_delay(self, delay: timedelta | None) -> str:
        """For a table: `1 h 10 min`, `−20 min`; nothing when there is none."""
        if delay is None:
            return "–"
        sign = "−" if delay < timedelta() else ""
        return f"{sign}{self.span(abs(delay))}"

    def lead(self, finding: Finding) -> str:
        """How long before the end of the busiest hour."""
        if finding.lead is None or finding.peak is None:
            return ""
        side = "lead" if finding.lead >= timedelta() else "lag"
        return self.say(side, span=self.span(abs(finding.lead)), volume=number(finding.peak.volume, self.language))

    @property
    def colon(self) -> str:
        """As the language sets it."""
        return f"{NBSP}: " if self.language == "fr" else ": "

    def event(self, event: Event, settings: Settings) -> str:
        """`American: cancellations`; the topics where it has no name."""
        names = [settings.topics[topic].name for topic in event.topics if topic in settings.topics]
        several = len(names) > 1
        where = self.say("all_topics") if several else "".join(names)
        return f"{where}{self.colon}{event.name}" if event.name else where


def advice_lines(voice: Voice, advice: Advice, scope: Scope, plan: Plan) -> Iterator[str]:
    """The suggestion: what, why, and what the data cannot tell."""
    phrases = REASONS[voice.language]
    values = _values(voice, advice, scope, plan)
    yield phrases[advice.reason].format(**values)
    lost = len(scope.events) - advice.row.found
    if lost and advice.best:
        yield phrases["lost"].format(missed=voice.many("missed", lost))
    if advice.safer is not None:
        safer = {"days": voice.days(advice.safer.threshold), "found": advice.safer.found}
        yield phrases["safer"].format(**(values | safer))
    for caution in advice.cautions:
        told = values | ({"n": voice.number(advice.row.by_chance)} if caution is Caution.BLIND_HITS else {})
        yield phrases[caution].format(**told)


def _values(voice: Voice, advice: Advice, scope: Scope, plan: Plan) -> dict[str, object]:
    row = advice.row
    period = plan.target.span
    return {
        "days": voice.days(row.threshold),
        "found": row.found,
        "events": len(scope.events),
        "alarms": voice.many("alarm", len(row.alarms)),
        "false": voice.number(row.false.count),
        "target": REASONS[voice.language]["target"].format(
            count=voice.number(plan.target.count), span=voice.span(period)
        ),
        "span": voice.span(scope.watched),
        "told": voice.days(advice.told_up_to) if advice.told_up_to else voice.days(min(row.threshold, DAY)),
        "high": voice.number(row.false.high * (period / SEASON)),
        "period": voice.span(period),
        "n": voice.many("event", len(scope.events)),
    }


def found_of(row: Row) -> str:
    """`2/3`; with a star where an alarm was on already during others."""
    if not row.findings:
        return "–"
    return f"{row.found}/{len(row.findings)}{'*' if row.on_already else ''}"


def sweep_notes(voice: Voice, rows: Sequence[Row], settings: Settings) -> Iterator[str]:
    """What is to be known of a sweep's table."""
    yield voice.say("legend")
    if any(row.on_already for row in rows):
        yield voice.say("on_already")
    stuck = [row for row in rows if row.stuck]
    if stuck:
        names = [settings.topics[topic].name for topic in stuck[-1].stuck if topic in settings.topics]
        more = ["…"] if len(names) > _NAMED else []
        yield voice.say("stuck", days=voice.days(stuck[-1].threshold), topics=", ".join([*names[:_NAMED], *more]))
