"""What a transition says: a sentence for each cause, with what the transition's detail knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from buzzguard.deliver.wording.conditions import condition
from buzzguard.deliver.wording.evidence import by_gravity
from buzzguard.deliver.wording.handling import HANDLED
from buzzguard.deliver.wording.handling_words import alarm_reason, handling_words
from buzzguard.deliver.wording.learned import learned_level, level_words
from buzzguard.deliver.wording.quantities import catalogue, duration, plural
from buzzguard.deliver.wording.sentences import clockface, headline, person, title
from buzzguard.model import Card, Cause, IncidentState, Severity, Transition

_LONGEST = 9
"""Digits of a number of seconds that is believed."""


def news_line(transition: Transition, card: Card) -> str:
    """What a transition changed, in one sentence, with its reason where one was given."""
    told, why = _NEWS[transition.cause](transition, card), _why(transition, card)
    return f"{told} {why}" if why else told


def _why(transition: Transition, card: Card) -> str:
    """What was said with it: the text of a note; nothing of a declaration, whose story the sentence holds already."""
    if not transition.reason:
        return ""
    if transition.cause is Cause.NOTED_BY_USER:
        return handling_words(card.language).quoted.format(text=transition.reason)
    if transition.cause is Cause.DECLARED_BY_USER and card.incident.story:
        return ""
    return catalogue(card.language).states.reason.format(reason=transition.reason)


def _opened(transition: Transition, card: Card) -> str:
    words = catalogue(card.language)
    alerts = by_gravity(card)
    name = title(alerts[0], card.language) if alerts else headline(card)
    severity = words.severity[transition.severity].lower()
    earlier = transition.detail.get("relapse_of", "")
    form = words.news.opened_relapse if earlier else words.news.opened
    return form.format(title=name, severity=severity, incident=earlier)


def _alert_joined(transition: Transition, card: Card) -> str:
    words, detail = catalogue(card.language).news, transition.detail
    rules = detail.get("rules", detail.get("rule", "")).split(",")
    titles = {alert.rule: title(alert, card.language) for alert in card.incident.alerts}
    named = [titles.get(rule, rule) for rule in rules if rule]
    form = words.fires_again if detail.get("why") == "fires_again" else words.alert_joined
    form = words.alerts_joined if len(named) > 1 else form
    return form.format(title=", ".join(named) or headline(card))


def _severity_raised(transition: Transition, card: Card) -> str:
    words = catalogue(card.language)
    why = condition(transition.detail.get("raised_by", ""), card.language)
    form = words.news.severity_raised_why if why else words.news.severity_raised
    told = form.format(
        severity=words.severity[transition.severity].lower(),
        call=words.severity_call[transition.severity],
        condition=why,
    )
    if transition.detail.get("silence") == "broken":
        told += f" {words.news.silence_broken}"
    return f"{told} {_asked_again(transition, card)}".strip()


def _asked_again(transition: Transition, card: Card) -> str:
    words, before = catalogue(card.language), transition.detail.get("from", "")
    if not transition.detail.get("asked_again") or before not in list(Severity):
        return ""
    owner, severity = person(card.incident.owner, card.language), words.severity[Severity(before)].lower()
    return words.news.asked_again.format(owner=owner, severity=severity)


def _step_timed_out(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    forms, plain = {
        "silence_ended": (words.silence_ended, words.silence_ended_plain),
        "graver": (words.step_graver, words.step_graver_plain),
        "taken_back": (words.step_taken_back, words.step_taken_back_plain),
        **dict.fromkeys(("quiet_hours", "capped", "grouping"), (words.step_held, words.step_held_plain)),
    }.get(transition.detail.get("why", ""), (words.step_timed_out, words.step_timed_out_plain))
    told = _told(transition)
    said = plural(forms, len(told), card.language).format(receivers=", ".join(told)) if told else plain
    return f"{said} {words.last_step}" if transition.detail.get("last") else said


def _reminded(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    span = duration(transition.at - card.incident.opened_at, card.language)
    if transition.detail.get("why") == "nothing_done":
        until = _until(transition) or transition.at
        owner = person(card.incident.owner, card.language)
        return words.reminded_nothing.format(owner=owner, until=clockface(card).at(until))
    if transition.after is not IncidentState.ACKNOWLEDGED:
        return words.reminded.format(span=span)
    form = words.reminded_silence if transition.detail.get("why") == "silence_ended" else words.reminded_owner
    return form.format(owner=person(card.incident.owner, card.language), span=span)


def not_reached_line(card: Card) -> str:
    """Why a card goes to those who are told in another's place; empty on any other."""
    found = [news for news in card.news if news.cause is Cause.NOT_REACHED]
    return f"{_missing(found[-1], card)}." if found else ""


def _not_reached(transition: Transition, card: Card) -> str:
    told, missing = _told(transition), _missing(transition, card)
    form = plural(catalogue(card.language).news.told_instead, len(told), card.language)
    return form.format(missing=missing, receivers=", ".join(told))


def _missing(transition: Transition, card: Card) -> str:
    words, detail = catalogue(card.language).news, transition.detail
    form = words.not_taken if detail.get("refused") else words.not_reached
    seconds = detail.get("seconds", "")
    span = timedelta(seconds=int(seconds) if seconds.isdecimal() and len(seconds) < _LONGEST else 0)
    return form.format(
        receiver=detail.get("receiver", ""), notifier=detail.get("notifier", ""), span=duration(span, card.language)
    )


def _escalated(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    told, who = _told(transition), person(transition.who, card.language)
    if not told:
        return words.escalated_plain.format(who=who)
    return plural(words.escalated, len(told), card.language).format(who=who, receivers=", ".join(told))


def _acknowledged_by(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    other = transition.detail.get("taken_from", "")
    form = words.took_over if other else words.acknowledged
    return form.format(who=person(transition.who, card.language), other=other)


def _acknowledged_in_part(transition: Transition, card: Card) -> str:
    have, need = (transition.detail.get(name, "") for name in ("have", "need"))
    missing = max(1, int(need) - int(have)) if have.isdecimal() and need.isdecimal() else 1
    form = plural(catalogue(card.language).news.acknowledged_in_part, missing, card.language)
    return form.format(who=person(transition.who, card.language), n=missing)


def _unacknowledged(transition: Transition, card: Card) -> str:
    owner = transition.detail.get("taken_from", "") or person(card.incident.owner, card.language)
    return catalogue(card.language).news.unacknowledged.format(owner=owner)


def _silence_ends_soon(transition: Transition, card: Card) -> str:
    until = _until(transition) or card.incident.silenced_until or transition.at
    return catalogue(card.language).news.silence_ends_soon.format(at=clockface(card).at(until))


def _silenced(transition: Transition, card: Card) -> str:
    words = catalogue(card.language).news
    who, until = person(transition.who, card.language), _until(transition) or card.incident.silenced_until
    if until is None:
        return words.silenced.format(who=who)
    return words.silenced_until.format(who=who, until=clockface(card).until(until))


def _called_false_alarm(transition: Transition, card: Card) -> str:
    told = catalogue(card.language).news.false_alarm.format(who=person(transition.who, card.language))
    why = alarm_reason(transition.detail.get("why", ""), card.language)
    return f"{told} {why[:1].upper()}{why[1:]}." if why else told


def _resolved_by_user(transition: Transition, card: Card) -> str:
    return catalogue(card.language).news.resolved_by_user.format(who=person(transition.who, card.language))


def _alerts_resolved(transition: Transition, card: Card) -> str:
    words, normal = catalogue(card.language).news, learned_level(card)
    span = duration(transition.at - card.incident.opened_at, card.language)
    if transition.detail.get("why") == "drill_over":
        return handling_words(card.language).drill_over.format(span=span)
    if normal is None:
        return words.alerts_resolved.format(span=span)
    level, since = level_words(normal, card.language), clockface(card).stamp(normal.since)
    return words.alerts_resolved_normal.format(span=span, level=level, since=since)


def _told(transition: Transition) -> list[str]:
    return [name.strip() for name in transition.detail.get("receivers", "").split(",") if name.strip()]


def _until(transition: Transition) -> datetime | None:
    try:
        until = datetime.fromisoformat(transition.detail.get("until", ""))
    except ValueError:
        return None
    return until if until.tzinfo is not None else None


_NEWS: dict[Cause, Callable[[Transition, Card], str]] = {
    Cause.OPENED: _opened,
    Cause.ALERT_JOINED: _alert_joined,
    Cause.SEVERITY_RAISED: _severity_raised,
    Cause.STEP_TIMED_OUT: _step_timed_out,
    Cause.REMINDED: _reminded,
    Cause.NOT_REACHED: _not_reached,
    Cause.ESCALATED_BY_USER: _escalated,
    Cause.ACKNOWLEDGED_BY_USER: _acknowledged_by,
    Cause.SILENCED_BY_USER: _silenced,
    Cause.FALSE_ALARM_BY_USER: _called_false_alarm,
    Cause.ACKNOWLEDGED_IN_PART: _acknowledged_in_part,
    Cause.UNACKNOWLEDGED: _unacknowledged,
    Cause.SILENCE_ENDS_SOON: _silence_ends_soon,
    Cause.RESOLVED_BY_USER: _resolved_by_user,
    Cause.ALERTS_RESOLVED: _alerts_resolved,
    **HANDLED,
}
