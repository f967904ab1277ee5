"""All that a backtest has to tell, before it is said in the terminal, on a page or to a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from buzzguard.backtest.advice import Advice, advise
from buzzguard.backtest.course import Course
from buzzguard.backtest.outcome import Finding, Lasted, Row, RulesOutcome, Scope, rules_outcome, scope_of, sweep
from buzzguard.cli.backtest_words import Voice
from buzzguard.config.settings import Settings
from buzzguard.config.words import listed
from buzzguard.deliver.wording import severity_name
from buzzguard.errors import BuzzguardError, ConfigError
from buzzguard.model import Fault, Signal


@dataclass(slots=True, kw_only=True)
class Result:
    """The course and what it means. `history` and `late` are known of a store only."""

    settings: Settings
    course: Course
    scope: Scope
    rules: RulesOutcome
    sweeps: tuple[tuple[Row, ...], ...]
    advice: Advice
    read: int
    seconds: float
    history: timedelta = timedelta()
    late: timedelta = timedelta()
    unreadable: int = 0
    warnings: list[Fault] = field(default_factory=list)

    def topic_name(self, topic: str) -> str:
        """As people wrote it."""
        known = self.settings.topics.get(topic)
        return known.name if known is not None else topic

    def judged_line(self, voice: Voice) -> str:
        """How much is judged, from when on."""
        scope, warm = self.scope, self.scope.since - self.scope.first
        return voice.say(
            "judged" if warm else "judged_all",
            span=voice.span(scope.judged),
            since=voice.instant(scope.since),
            warm=voice.span(warm),
        )

    def notes(self, voice: Voice) -> Iterator[str]:
        """What is to be known before reading on."""
        if self.history:
            yield voice.say("stored", history=voice.span(self.history))
        if self.late >= timedelta(minutes=1):
            yield voice.say("late", span=voice.span(self.late))
        yield voice.say("zone", zone=voice.time_zone)

    def alarms_line(self, voice: Voice) -> str:
        """All rules together."""
        return voice.say(
            "alarms",
            count=voice.number(self.rules.alarms),
            hold=voice.span(self.course.plan.hold),
            false=voice.number(self.rules.false.count),
            rate=voice.rate(self.rules.false),
        )

    def finding_line(self, finding: Finding, voice: Voice) -> str:
        """What the rules made of an event."""
        if not finding.found or finding.delay is None or finding.severity is None:
            missed = voice.say("missed")
            if finding.on_since is None:
                return missed
            return f"{missed}, {voice.say('missed_on', since=voice.instant(finding.on_since))}"
        parts = [f"{severity_name(finding.severity, voice.language)} {voice.delay(finding.delay)}"]
        if finding.gravest is not None and finding.gravest is not finding.severity:
            parts.append(voice.say("gravest", severity=severity_name(finding.gravest, voice.language).lower()))
        return ", ".join([*parts, *filter(None, [voice.lead(finding)])])

    def lasted(self, one: Lasted, voice: Voice) -> str:
        """How long an alert lasted."""
        ended = one.noticed.ended_at
        return voice.span(ended - one.noticed.fired_at) if ended else voice.say("goes_on")

    def event_of(self, one: Lasted, voice: Voice) -> str:
        """The event that an alert is of."""
        if not one.judged:
            return voice.say("learning")
        if one.event is None:
            return voice.say("none_of") if self.scope.events else ""
        return one.event.name or voice.date(one.event.start)


def result_of(course: Course, settings: Settings, *, read: int, seconds: float) -> Result:
    """What a course means.

    Raises BuzzguardError when there is nothing to judge, ConfigError when no event lies in the recording or a signal
    was never judged.
    """
    scope = scope_of(course)
    if scope is None:
        raise BuzzguardError(_nothing(read))
    if scope.judged <= timedelta():
        span = Voice(language="en", time_zone="UTC").span(scope.last - scope.first)
        raise BuzzguardError(
            f"too short to judge: it spans {span}, and nothing is judged while the baseline learns; "
            "record more, or judge sooner with --warm (for example --warm 1d), at the price of wider thresholds"
        )
    warnings = [_outside(event.place, _span_of(scope)) for event in scope.outside]
    if warnings and len(warnings) == len(course.plan.events):
        raise ConfigError(warnings)
    sweeps = tuple(sweep(course, scope, signal) for signal in _swept(course))
    return Result(
        settings=settings,
        course=course,
        scope=scope,
        rules=rules_outcome(course, scope),
        sweeps=sweeps,
        advice=advise(sweeps[0], scope, course.plan.target),
        read=read,
        seconds=seconds,
        warnings=warnings,
    )


def _nothing(read: int) -> str:
    if not read:
        return "the recording is empty: nothing was read"
    return f"none of the {read} mentions read was counted: they hold no text, or match no topic's query"


def _span_of(scope: Scope) -> str:
    """From when to when, for messages."""
    return f"{scope.first:%Y-%m-%d %H:%M} to {scope.last:%Y-%m-%d %H:%M} UTC"


def _outside(place: str, span: str) -> Fault:
    file, _, line = place.rpartition(":")
    known = line.isdecimal() and file
    return Fault(
        file=file if known else place,
        line=int(line) if known else 0,
        column=1 if known else 0,
        message="the event lies outside what was recorded",
        hint=f"that is {span}",
    )


def _swept(course: Course) -> tuple[Signal, ...]:
    """The signals asked for, or the first by default that the detector judges."""
    plan = course.plan
    judged = [signal for signal in plan.signals if signal in course.judged]
    missing = [signal for signal in plan.signals if signal not in course.judged]
    if judged and (plan.first_only or not missing):
        return tuple(judged)
    hint = f"it judged {listed([signal.value for signal in judged], last='and')}" if judged else ""
    raise ConfigError(
        [
            Fault(file="--signal", line=0, column=0, message=f"the detector never judged `{one.value}`", hint=hint)
            for one in missing
        ]
    )
