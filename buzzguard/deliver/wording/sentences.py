"""The sentences of a card: what happens, who has it, what comes next, what is new."""

from __future__ import annotations

from collections.abc import Callable

from buzzguard.deliver.wording.catalogue import Catalogue
from buzzguard.deliver.wording.evidence import assessments, by_gravity, counted, growth, lead, rarity, stream_lines
from buzzguard.deliver.wording.quantities import Clockface, catalogue, duration, expectation, plural
from buzzguard.model import (
    Alert,
    Card,
    Cause,
    Incident,
    IncidentState,
    Language,
    Localised,
    Person,
    Severity,
    Signal,
    Transition,
)

FINAL = (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)
"""States in which nothing more is to be done."""


def clockface(card: Card) -> Clockface:
    """Tells instants to the reader of a card."""
    return Clockface(card.language, card.time_zone, card.briefing.at)


def localised(text: Localised, language: Language, *, default: str = "") -> str:
    """A text in the language, else in any that it exists in, else the default."""
    return text.get(language) or next((other for other in text.values() if other), default)


def title(alert: Alert, language: Language) -> str:
    """The name of an alert's rule."""
    return localised(alert.title, language, default=alert.rule)


def headline(card: Card) -> str:
    """`Lumio – Surge of negative mentions`; further alerts are counted: `(+2)`."""
    alerts = by_gravity(card)
    name = card.briefing.topic_name or card.incident.topic
    if not alerts:
        return name
    titles = list(dict.fromkeys(title(alert, card.language) for alert in alerts))
    more = catalogue(card.language).labels.more_alerts.format(n=len(titles) - 1)
    return f"{name} – {titles[0]}" + (f" ({more})" if len(titles) > 1 else "")


def status_word(card: Card) -> str:
    """The severity while something is to be done, the final state afterwards: `Orange`, `Resolved`."""
    words = catalogue(card.language)
    if card.incident.state in FINAL:
        return words.states.name[card.incident.state]
    return words.severity[card.incident.severity]


def heading(card: Card) -> str:
    """`Orange · Lumio – Surge of negative mentions`, an exercise marked as such."""
    drill = f"{catalogue(card.language).labels.drill} · " if card.drill else ""
    return f"{drill}{status_word(card)} · {headline(card)}"


def severity_name(severity: Severity, language: Language) -> str:
    """`Orange`."""
    return catalogue(language).severity[severity]


def severity_call(severity: Severity, language: Language) -> str:
    """What a severity asks for: `somebody takes it now`."""
    return catalogue(language).severity_call[severity]


def summary(card: Card) -> str:
    """What happens, in one or two plain sentences."""
    streams = stream_lines(card)
    if streams:
        return f"{streams[0].text.rstrip('.')}."
    leading = lead(card)
    if leading is None:
        return f"{headline(card)}."
    words = catalogue(card.language).numbers
    form = words.summary_growth if leading.doubles_in else words.summary
    said = form.format(
        topic=card.briefing.topic_name or card.incident.topic,
        count=counted(leading.signal, leading.observed, card.language),
        window=duration(leading.window, card.language),
        expected=expectation(leading.expected, card.language),
        rarity=rarity(leading, card.language),
        growth=growth(leading.doubles_in, card.language) if leading.doubles_in else "",
    )
    return f"{said} {_origin(card)}".strip()


def state_line(card: Card) -> str:
    """Who has it and what comes next: `Nobody has taken charge yet. If nobody takes charge, …`."""
    told = {
        IncidentState.TRIGGERED: _triggered,
        IncidentState.ACKNOWLEDGED: _acknowledged,
        IncidentState.RESOLVED: _resolved,
        IncidentState.FALSE_ALARM: _false_alarm,
    }[card.incident.state](card)
    muted = card.incident.silenced_until
    if muted is not None and muted > card.briefing.at and card.incident.state not in FINAL:
        told += " " + catalogue(card.language).states.muted.format(until=clockface(card).until(muted))
    return told


def next_step_line(card: Card) -> str:
    """Whom the policy tells next, and when; empty when the incident is no longer waiting for somebody."""
    words = catalogue(card.language).states
    if card.incident.state in FINAL:
        return ""
    due = card.incident.next_step_at
    if due is None:
        return words.no_next_step if card.incident.state is IncidentState.TRIGGERED else ""
    at = clockface(card).at(due)
    if not card.next_receivers:
        return words.next_step_somebody.format(at=at)
    told = plural(words.next_step, len(card.next_receivers), card.language)
    return told.format(receivers=", ".join(card.next_receivers), at=at)


def news_line(transition: Transition, card: Card) -> str:
    """What a transition changed, in one sentence, with its reason where one was given."""
    told = _NEWS[transition.cause](transition, card)
    if not transition.reason:
        return told
    return f"{told} {catalogue(card.language).states.reason.format(reason=transition.reason)}"


def notification_line(card: Card) -> str:
    """What a lock screen shows: heading, summary and state in plain text."""
    return f"{heading(card)}. {summary(card)} {state_line(card)}"


def person(who: Person | None, language: Language) -> str:
    """The name shown of a person."""
    if who is None:
        return catalogue(language).states.somebody
    return who.name or who.id or catalogue(language).states.somebody


def _origin(card: Card) -> str:
    found = {assessment.signal: assessment.observed for assessment in assessments(card)}
    authors, sites = found.get(Signal.AUTHORS, 0), found.get(Signal.SPREAD, 0)
    if authors < 1 or sites < 1:
        return ""
    return catalogue(card.language).numbers.from_authors.format(
        authors=counted(Signal.AUTHORS, authors, card.language),
        sites=counted(Signal.SPREAD, sites, card.language),
    )


def _triggered(card: Card) -> str:
    return f"{catalogue(card.language).states.nobody} {next_step_line(card)}".strip()


def _acknowledged(card: Card) -> str:
    words = catalogue(card.language).states
    owner = person(card.incident.owner, card.language)
    taken = _last(card, Cause.ACKNOWLEDGED_BY_USER)
    if taken is None:
        return f"{words.in_charge.format(owner=owner)} {next_step_line(card)}".strip()
    return f"{words.took_charge.format(owner=owner, at=clockface(card).at(taken.at))} {next_step_line(card)}".strip()


def _resolved(card: Card) -> str:
    words, incident = catalogue(card.language).states, card.incident
    at, span = clockface(card).at(incident.changed_at), _age(incident, card.language)
    by_hand = _last(card, Cause.RESOLVED_BY_USER)
    if by_hand is None:
        return words.resolved.format(at=at, span=span)
    return words.resolved_by.format(who=person(by_hand.who, card.language), at=at, span=span)


def _false_alarm(card: Card) -> str:
    words = catalogue(card.language).states
    at = clockface(card).at(card.incident.changed_at)
    said = _last(card, Cause.FALSE_ALARM_BY_USER)
    if said is None:
        return words.false_alarm.format(at=at)
    told = words.false_alarm_by.format(who=person(said.who, card.language), at=at)
    return f"{told} {words.reason.format(reason=said.reason)}" if said.reason else told


def _age(incident: Incident, language: Language) -> str:
    return duration(incident.changed_at - incident.opened_at, language)


def _last(card: Card, cause: Cause) -> Transition | None:
    return next((news for news in reversed(card.news) if news.cause is cause), None)


# news


def _opened(transition: Transition, card: Card) -> str:
    words = catalogue(card.language)
    alerts = by_gravity(card)
    name = title(alerts[0], card.language) if alerts else headline(card)
    return words.news.opened.format(title=name, severity=words.severity[transition.severity].lower())


def _alert_joined(transition: Transition, card: Card) -> str:
    rule = transition.detail.get("rule", "")
    named = [title(alert, card.language) for alert in card.incident.alerts if rule in (alert.rule, alert.fingerprint)]
    return catalogue(card.language).news.alert_joined.format(title=named[0] if named else rule or headline(card))


def _severity_raised(transition: Transition, card: Card) -> str:
    words = catalogue(card.language)
    condition = next((alert.raised_by for alert in by_gravity(card) if alert.raised_by), "")
    form = words.news.severity_raised_why if condition else words.news.severity_raised
    return form.format(
        severity=words.severity[transition.severity].lower(),
        call=words.severity_call[transition.severity],
        condition=condition,
    )


def _step_timed_out(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    told = _told(transition)
    if not told:
        return words.step_timed_out_plain
    return plural(words.step_timed_out, len(told), card.language).format(receivers=", ".join(told))


def _escalated(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    told, who = _told(transition), person(transition.who, card.language)
    if not told:
        return words.escalated_plain.format(who=who)
    return plural(words.escalated, len(told), card.language).format(who=who, receivers=", ".join(told))


def _silenced(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    who, until = person(transition.who, card.language), card.incident.silenced_until
    if until is None:
        return words.silenced.format(who=who)
    return words.silenced_until.format(who=who, until=clockface(card).until(until))


def _alerts_resolved(transition: Transition, card: Card) -> str:
    span = duration(transition.at - card.incident.opened_at, card.language)
    return catalogue(card.language).news.alerts_resolved.format(span=span)


def _told(transition: Transition) -> list[str]:
    return [name for name in transition.detail.get("receivers", "").replace(",", " ").split() if name]


def _by_person(form: Callable[[Catalogue], str]) -> Callable[[Transition, Card], str]:
    def tell(transition: Transition, card: Card) -> str:
        return form(catalogue(card.language)).format(who=person(transition.who, card.language))

    return tell


_NEWS: dict[Cause, Callable[[Transition, Card], str]] = {
    Cause.OPENED: _opened,
    Cause.ALERT_JOINED: _alert_joined,
    Cause.SEVERITY_RAISED: _severity_raised,
    Cause.STEP_TIMED_OUT: _step_timed_out,
    Cause.ESCALATED_BY_USER: _escalated,
    Cause.ACKNOWLEDGED_BY_USER: _by_person(lambda words: words.news.acknowledged),
    Cause.SILENCED_BY_USER: _silenced,
    Cause.FALSE_ALARM_BY_USER: _by_person(lambda words: words.news.false_alarm),
    Cause.RESOLVED_BY_USER: _by_person(lambda words: words.news.resolved_by_user),
    Cause.ALERTS_RESOLVED: _alerts_resolved,
}
