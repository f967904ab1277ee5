"""Rules, alerts and incidents of an explanation, in words: which part of a condition held, with its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from buzzguard.cli.explain_facts import Facts
from buzzguard.cli.explain_texts import WORDS
from buzzguard.decide.vocabulary import LONGEST
from buzzguard.decide.why import Clause, Verdict
from buzzguard.deliver import wording
from buzzguard.deliver.tame import LINE, NAME, short
from buzzguard.deliver.wording import Clockface
from buzzguard.model import Alert, AlertState, Language, Record, Severity, Signal

_DAY = timedelta(days=1)
_PERIODS = ("once_per", "lull_once_per")


class Line(Record, frozen=True, kw_only=True):
    """A part of a condition in words."""

    holds: bool
    text: str


class RuleRow(Record, frozen=True, kw_only=True):
    """A rule: `title` as people read it, what it does, and the parts of its condition, those that fail first.

    `severity` is that of its alert, or the one that it would raise; None where it is quiet. `graver` says what a
    graver alert would need.
    """

    id: str
    title: str
    window: str
    says: str
    severity: Severity | None
    lines: tuple[Line, ...]
    graver: tuple[str, ...] = ()


def rows(facts: Facts, language: Language) -> tuple[RuleRow, ...]:
    """A row for each rule that watches the topic: those with an alert first, then by how many parts fail."""
    teller = _Rules(facts, language)
    told = [(verdict, teller.row(verdict)) for verdict in facts.verdicts]
    alerted = {alert.rule for alert in facts.alerts}
    told.sort(
        key=lambda one: (
            one[1].id not in alerted,
            one[1].severity is None,
            sum(not each.seen.holds for each in one[0].clauses),
        )
    )
    return tuple(row for _, row in told)


class _Rules:
    def __init__(self, facts: Facts, language: Language) -> None:
        self._language, self._own = language, WORDS[language]
        self._face = Clockface(language, facts.time_zone, facts.at)
        self._alerts = {alert.rule: alert for alert in facts.alerts}

    def row(self, verdict: Verdict) -> RuleRow:
        file, alert = verdict.rule.file, self._alerts.get(verdict.rule.id)
        lines = [Line(holds=one.seen.holds, text=self._clause(one)) for one in verdict.clauses]
        return RuleRow(
            id=file.id,
            title=short(file.title.fr if self._language == "fr" else file.title.en, NAME),
            window=wording.duration(verdict.window, self._language),
            says=self._says(verdict, alert),
            severity=alert.severity if alert is not None else verdict.severity,
            lines=tuple(sorted(lines, key=lambda line: line.holds)),
            graver=tuple(self._graver(verdict)),
        )

    def _says(self, verdict: Verdict, alert: Alert | None) -> str:
        wait = wording.duration(verdict.rule.file.hold_for, self._language)
        if alert is not None and alert.state is AlertState.FIRING:
            form = self._own.lingers if verdict.severity is None else self._own.firing
            return form.format(at=self._face.stamp(alert.fired_at or alert.since))
        if alert is not None and verdict.severity is not None:
            return self._own.pending.format(at=self._face.stamp(alert.since), span=wait)
        if verdict.severity is None:
            holding = sum(one.seen.holds for one in verdict.clauses)
            form = wording.plural(self._own.not_met, holding, self._language)
            return form.format(n=holding, of=len(verdict.clauses))
        return self._own.met_for.format(span=wait) if verdict.rule.file.hold_for else self._own.met

    def _graver(self, verdict: Verdict) -> Iterator[str]:
        """What the next severity would need, of a rule that is met."""
        if verdict.severity is None:
            return
        for severity, clauses in verdict.graver[:1]:
            name = lower_first(wording.severity_name(severity, self._language))
            needed = ", ".join(self._clause(one) for one in clauses if not one.seen.holds)
            yield f"{self._own.graver.format(severity=name)}{wording.catalogue(self._language).labels.colon}{needed}"

    def _clause(self, clause: Clause) -> str:
        bound = clause.seen.bound
        if bound is None or len(clause.values) != 1:
            return self._written(clause)
        name, found = clause.values[0]
        colon = wording.catalogue(self._language).labels.colon
        told = self._own.asks.format(
            found=self._found(name, found), asked=self._asked(name, bound.operator, bound.value)
        )
        return f"{self._name(name)}{colon}{told}"

    def _written(self, clause: Clause) -> str:
        """A part of no usual form: as it was written, with what it read."""
        colon = wording.catalogue(self._language).labels.colon
        if len(clause.values) == 1 and clause.values[0][0] == clause.seen.text:
            name, found = clause.values[0]
            return f"{self._name(name)}{colon}{self._found(name, found)}"
        read = ", ".join(f"{name} = {self._found(name, found)}" for name, found in clause.values)
        text = short(clause.seen.text, LINE)
        trouble = f" – {short(clause.seen.trouble, LINE)}" if clause.seen.trouble else ""
        return f"{text} ({read}){trouble}" if read else f"{text}{trouble}"

    def _name(self, name: str) -> str:
        if name in self._own.special:
            return self._own.special[name]
        head, _, attribute = name.partition(".")
        form = self._own.attributes.get(attribute)
        try:
            signal = Signal(head)
        except ValueError:
            return name
        if form is None:
            return name
        label = wording.catalogue(self._language).numbers.label[signal]
        return form.format(signal=lower_first(label) if not form.startswith("{") else label)

    def _found(self, name: str, value: object) -> str:
        attribute = name.rpartition(".")[2]
        if isinstance(value, bool):
            return self._own.yes if value else self._own.no
        if isinstance(value, timedelta):
            if attribute in _PERIODS:
                return wording.once_in(value, self._language)
            if attribute == "doubles_in":
                grows = value < LONGEST
                return (
                    self._own.grown.format(span=wording.duration(value, self._language)) if grows else self._own.steady
                )
            return wording.duration(value, self._language)
        if isinstance(value, int | float):
            return self._number(name, float(value))
        return short(str(value), NAME)

    def _asked(self, name: str, operator: str, value: float | timedelta) -> str:
        if not isinstance(value, timedelta):
            return self._own.amounts[operator].format(n=self._number(name, value))
        if name.rpartition(".")[2] in _PERIODS and operator not in ("==", "!="):
            form = self._own.rarer if operator in (">", ">=") else self._own.oftener
            return form.format(span=self._span(value))
        return self._own.amounts[operator].format(n=self._span(value))

    def _number(self, name: str, value: float) -> str:
        if name == "negative.share" or name.startswith("share."):
            return self._own.percent.format(n=wording.number(round(100 * value), self._language))
        return wording.number(value, self._language)

    def _span(self, span: timedelta) -> str:
        """A duration that a rule names, as it was written: ninety days are not two months."""
        if span < 2 * _DAY or span % _DAY:
            return wording.duration(span, self._language)
        units = wording.catalogue(self._language).units
        n = span // _DAY
        return wording.plural(units.day, n, self._language).format(n=wording.number(n, self._language))


def state_lines(facts: Facts, language: Language) -> Iterator[str]:
    """The incidents at hand and the mutes of the topic, or that there were none."""
    own, face = WORDS[language], Clockface(language, facts.time_zone, facts.at)
    said = False
    for handled in facts.incidents:
        last = handled.last
        who = own.by_person.format(who=short(wording.person(last.who, language), NAME)) if last.who else ""
        said = True
        yield own.incident.format(
            id=handled.incident.id,
            severity=lower_first(wording.severity_name(last.severity, language)),
            opened=face.at(handled.incident.opened_at),
            state=lower_first(wording.catalogue(language).states.name[last.after]),
            since=face.at(last.at) + who,
        )
    for silence in facts.silences:
        said = True
        who = short(wording.person(silence.who, language), NAME)
        reason = f" ({short(silence.reason, LINE)})" if silence.reason else ""
        yield own.silenced.format(until=face.until(silence.ends_at), who=who) + reason
    if not said and not facts.alerts:
        yield own.no_alert


def lower_first(text: str) -> str:
    """A label within a sentence."""
    return f"{text[:1].lower()}{text[1:]}"
