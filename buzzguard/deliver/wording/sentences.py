"""The sentences of a card: what happens, who has it, what comes next."""

from __future__ import annotations

from datetime import datetime

from buzzguard.deliver.wording.evidence import (
    assessments,
    by_gravity,
    counted,
    growth,
    lead,
    rarity,
    stream_lines,
    told,
    usually,
)
from buzzguard.deliver.wording.handling_words import alarm_reason, handling_words
from buzzguard.deliver.wording.learned import learned_level, level_words
from buzzguard.deliver.wording.prospects import prospects
from buzzguard.deliver.wording.quantities import Clockface, catalogue, duration, plural
from buzzguard.model import (
    Alert,
    AlertState,
    Assessment,
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
    """`Lumio – Surge of negative mentions`; further alerts are counted: `(+2)`. Without any: who declared it."""
    alerts = by_gravity(card)
    name = card.briefing.topic_name or card.incident.topic
    if not alerts:
        declared = card.incident.declared_by
        by = handling_words(card.language).declared_title.format(who=person(declared, card.language))
        return name if declared is None else f"{name} – {by}"
    titles = list(dict.fromkeys(title(alert, card.language) for alert in alerts))
    more = catalogue(card.language).labels.more_alerts.format(n=len(titles) - 1)
    return f"{name} – {titles[0]}" + (f" ({more})" if len(titles) > 1 else "")


def status_word(card: Card) -> str:
    """The severity while something is to be done, the final state afterwards: `Orange`, `Resolved`."""
    words = catalogue(card.language)
    if card.incident.state in FINAL:
        return words.states.name[card.incident.state]
    return words.severity[card.incident.severity]


def drilled(card: Card) -> bool:
    """Whether it is an exercise: this incident, or all that this house does."""
    return card.drill or card.incident.drill


def heading(card: Card) -> str:
    """`Orange · Lumio – Surge of negative mentions`; an exercise begins with `EXERCISE –`."""
    drill = f"{catalogue(card.language).labels.drill} – " if drilled(card) else ""
    return f"{drill}{status_word(card)} · {headline(card)}"


def severity_name(severity: Severity, language: Language) -> str:
    """`Orange`."""
    return catalogue(language).severity[severity]


def severity_call(severity: Severity, language: Language) -> str:
    """What a severity asks for: `somebody takes it now`."""
    return catalogue(language).severity_call[severity]


def summary(card: Card) -> str:
    """What happens, in one or two plain sentences: what the person said who declared it, then the numbers."""
    return " ".join(part for part in (declared_line(card), _measured(card)) if part)


def declared_line(card: Card) -> str:
    """`Declared by Claire: “A lamp caught fire in our shop”`; empty where nobody declared it."""
    incident, words = card.incident, handling_words(card.language)
    if not incident.story and incident.declared_by is None:
        return ""
    return words.declared_by.format(
        who=person(incident.declared_by, card.language), story=incident.story or headline(card)
    )


def _measured(card: Card) -> str:
    if card.incident.declared_by is not None and not card.incident.alerts:
        return ""  # the usual numbers of a quiet day would contradict who declared it
    streams = stream_lines(card)
    if streams:
        return f"{streams[0].text.rstrip('.')}."
    leading = lead(card)
    if leading is None:
        return f"{headline(card)}."
    said = _SAID.get(leading.signal, _said)(card, leading)
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
    if card.incident.state in FINAL:
        return told
    words, face = catalogue(card.language).states, clockface(card)
    if muted is not None and muted > card.briefing.at:
        told += " " + words.muted.format(until=face.until(muted))
    calm = _calm_since(card.incident)
    if calm is None:
        return told
    normal = learned_level(card)
    if normal is None:
        return f"{told} {words.calm.format(time=face.stamp(calm))}"
    level = level_words(normal, card.language)
    return f"{told} {words.calm_normal.format(level=level, since=face.stamp(normal.since))}"


def next_step_line(card: Card) -> str:
    """Whom the policy tells next, and when; empty when the incident is no longer waiting for somebody."""
    words = catalogue(card.language).states
    if card.incident.state in FINAL:
        return ""
    due = card.incident.next_step_at
    if due is None:
        return words.no_next_step if card.incident.state is IncidentState.TRIGGERED else ""
    at = clockface(card).at(due)
    waits = _held(card)
    if not card.next_receivers:
        return f"{words.next_step_somebody.format(at=at)} {waits}".strip()
    told = plural(words.next_step, len(card.next_receivers), card.language)
    return f"{told.format(receivers=', '.join(card.next_receivers), at=at)} {waits}".strip()


def _held(card: Card) -> str:
    """Why the next step comes no earlier; empty when nothing holds it back."""
    form = handling_words(card.language).held.get(card.incident.held_for, "")
    return form.format(severity=catalogue(card.language).severity[card.incident.severity].lower())


def notification_line(card: Card) -> str:
    """What a lock screen shows: heading, summary, state and how it goes on, in plain text."""
    return f"{heading(card)}. {summary(card)} {state_line(card)} {prospects(card)}".rstrip()


def person(who: Person | None, language: Language) -> str:
    """The name shown of a person."""
    if who is None:
        return catalogue(language).states.somebody
    return who.name or who.id or catalogue(language).states.somebody


def _said(card: Card, leading: Assessment) -> str:
    words = catalogue(card.language).numbers
    # What was judged of the story's growth says the same better, with its interval.
    doubles = None if prospects(card) else leading.doubles_in
    return (words.summary_growth if doubles else words.summary).format(
        topic=_topic(card),
        told=_told(leading, card.language),
        rarity=rarity(leading, card.language),
        growth=growth(doubles, card.language) if doubles else "",
    )


def _said_share(card: Card, leading: Assessment) -> str:
    """A share alone may be one of three: it is told with the count behind it."""
    negative = _in_window(card, leading).get(Signal.NEGATIVE)
    if negative is None:
        return _said(card, leading)
    return catalogue(card.language).numbers.summary_share.format(
        topic=_topic(card),
        told=_told(leading, card.language),
        rarity=rarity(leading, card.language),
        beside=_beside(negative, card.language),
    )


def _said_crisis(card: Card, leading: Assessment) -> str:
    """The numbers that a person can judge, then how rare it is to have them all at once."""
    beside = _in_window(card, leading)
    count = beside.get(Signal.NEGATIVE) or beside.get(Signal.VOLUME)
    share = beside.get(Signal.SHARE)
    first, others = (count, [share] if share else []) if count else (share, [])
    if first is None:
        return _said(card, leading)
    said = [_told(first, card.language), *(_beside(other, card.language) for other in others)]
    score = counted(Signal.CRISIS, leading.observed, card.language)
    return catalogue(card.language).numbers.summary_crisis.format(
        topic=_topic(card),
        told=catalogue(card.language).prospects.joint.join(said),
        count=f"{score[:1].upper()}{score[1:]}",
        rarity=rarity(leading, card.language),
    )


_SAID = {Signal.SHARE: _said_share, Signal.CRISIS: _said_crisis}


def _in_window(card: Card, leading: Assessment) -> dict[Signal, Assessment]:
    """What is known of the window of the leading number, first of all what was judged with it."""
    found: dict[Signal, Assessment] = {}
    alerts = [assessment for alert in by_gravity(card) for assessment in alert.evidence.assessments]
    for assessment in (*alerts, *card.briefing.assessments):
        if assessment.window == leading.window:
            found.setdefault(assessment.signal, assessment)
    return found


def _told(assessment: Assessment, language: Language) -> str:
    signal, observed, expected = assessment.signal, assessment.observed, assessment.expected
    return told(signal, observed, expected, window=assessment.window, language=language)


def _beside(assessment: Assessment, language: Language) -> str:
    """The same without the window, which was told already."""
    return catalogue(language).numbers.beside.format(
        count=counted(assessment.signal, assessment.observed, language),
        expected=usually(assessment.signal, assessment.expected, language),
    )


def _topic(card: Card) -> str:
    return card.briefing.topic_name or card.incident.topic


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
    words, owner = catalogue(card.language).states, card.incident.owner
    if owner is None:
        return f"{words.nobody} {next_step_line(card)}".strip()
    return f"{words.taken_for_less.format(owner=person(owner, card.language))} {next_step_line(card)}".strip()


def _acknowledged(card: Card) -> str:
    words = catalogue(card.language).states
    owner = person(card.incident.owner, card.language)
    taken = _last(card, Cause.ACKNOWLEDGED_BY_USER)
    if taken is None:
        return f"{words.in_charge.format(owner=owner)} {next_step_line(card)}".strip()
    return f"{words.took_charge.format(owner=owner, at=clockface(card).at(taken.at))} {next_step_line(card)}".strip()


def _resolved(card: Card) -> str:
    words, incident = catalogue(card.language).states, card.incident
    if incident.merged_into or (called := _last(card, Cause.NEW_NORMAL_BY_USER)) is not None:
        return _ended_by_hand(card, None if incident.merged_into else called)
    at, span = clockface(card).at(incident.changed_at), _age(incident, card.language)
    by_hand = _last(card, Cause.RESOLVED_BY_USER)
    normal = learned_level(card)
    if by_hand is None and normal is not None:
        level, since = level_words(normal, card.language), clockface(card).stamp(normal.since)
        return words.resolved_normal.format(at=at, span=span, level=level, since=since)
    if by_hand is None:
        # A later edit does not know who ended it, and of what a person declared nothing was measured.
        return (words.resolved if _calm_since(incident) is None else words.resolved_calm).format(at=at, span=span)
    return words.resolved_by.format(who=person(by_hand.who, card.language), at=at, span=span)


def _ended_by_hand(card: Card, called: Transition | None) -> str:
    """It is part of another, or was `called` the new normal."""
    words, incident, at = handling_words(card.language), card.incident, clockface(card).at(card.incident.changed_at)
    if called is None:
        return words.became_part.format(incident=incident.merged_into, at=at)
    return words.became_normal.format(who=person(called.who, card.language), at=at, span=_age(incident, card.language))


def _false_alarm(card: Card) -> str:
    words = catalogue(card.language).states
    at = clockface(card).at(card.incident.changed_at)
    said = _last(card, Cause.FALSE_ALARM_BY_USER)
    if said is None:
        return words.false_alarm.format(at=at)
    told = words.false_alarm_by.format(who=person(said.who, card.language), at=at)
    if why := alarm_reason(said.detail.get("why", ""), card.language):
        told += f" {why[:1].upper()}{why[1:]}."
    return f"{told} {words.reason.format(reason=said.reason)}" if said.reason else told


def _calm_since(incident: Incident) -> datetime | None:
    if not incident.alerts or any(alert.state is not AlertState.RESOLVED for alert in incident.alerts):
        return None
    return max(alert.resolved_at or alert.at for alert in incident.alerts)


def _age(incident: Incident, language: Language) -> str:
    return duration(incident.changed_at - incident.opened_at, language)


def _last(card: Card, cause: Cause) -> Transition | None:
    return next((news for news in reversed(card.news) if news.cause is cause), None)
