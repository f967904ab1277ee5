"""What people did with an incident beyond a press of a button, in one sentence each.

Whoever writes a transition tells what it knows in its `detail`; each sentence stands also where that is empty.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from buzzguard.deliver.wording.handling_words import Handling, handling_words
from buzzguard.deliver.wording.quantities import catalogue, plural
from buzzguard.deliver.wording.saying import department
from buzzguard.deliver.wording.sentences import clockface, headline, person
from buzzguard.model import Card, Cause, StepState, Transition

_MOST = 4
"""Digits of a count that is believed."""


def _declared(transition: Transition, card: Card) -> str:
    words, language = handling_words(card.language), card.language
    story = card.incident.story or transition.detail.get("story", "")
    form = words.declared_drill if card.drill or card.incident.drill else words.declared
    severity = catalogue(language).severity[transition.severity].lower()
    told = form.format(who=person(transition.who or card.incident.declared_by, language), severity=severity)
    asked_at = _instant(transition.detail.get("asked_at", ""))
    late = "" if asked_at is None else words.declared_late.format(at=clockface(card).stamp(asked_at))
    return " ".join(filter(None, (told, words.quoted.format(text=story) if story else "", late)))


def _instant(written: str) -> datetime | None:
    """An aware instant; None for what is none."""
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _given(transition: Transition, card: Card) -> str:
    words, detail = handling_words(card.language), transition.detail
    who = person(transition.who, card.language)
    named = detail.get("department", "")
    to = department(named, card.language) if named else detail.get("to", "") or detail.get("person", "")
    told = words.given.format(who=who, to=to) if to else words.given_plain.format(who=who)
    receivers = _receivers(transition)
    if not receivers:
        return told
    form = plural(words.told, len(receivers), card.language)
    return f"{told} {form.format(receivers=', '.join(receivers))}"


def _merged(transition: Transition, card: Card) -> str:
    other = transition.detail.get("into", "") or card.incident.merged_into
    return _about(transition, card, handling_words(card.language).merged, other)


def _merged_in(transition: Transition, card: Card) -> str:
    detail = transition.detail
    other = detail.get("from", "") or detail.get("merged", "") or detail.get("incident", "")
    return _about(transition, card, handling_words(card.language).merged_in, other)


def _split(transition: Transition, card: Card) -> str:
    detail = transition.detail
    other = detail.get("into", "") or detail.get("split", "") or detail.get("incident", "")
    return _about(transition, card, handling_words(card.language).split, other)


def _split_off(transition: Transition, card: Card) -> str:
    other = transition.detail.get("from", "") or card.incident.split_from
    return _about(transition, card, handling_words(card.language).split_off, other)


def _about(transition: Transition, card: Card, form: str, other: str) -> str:
    words = handling_words(card.language)
    who = person(transition.who, card.language)
    return form.format(who=who, other=other or words.another)


def _noted(transition: Transition, card: Card) -> str:
    form = handling_words(card.language)
    who = person(transition.who, card.language)
    return form.noted.format(who=who) if transition.reason else form.noted_plain.format(who=who)


def _new_normal(transition: Transition, card: Card) -> str:
    return handling_words(card.language).new_normal.format(who=person(transition.who, card.language))


def _playbook(transition: Transition, card: Card) -> str:
    words = handling_words(card.language)
    chosen = transition.detail.get("playbook", "") or card.incident.playbook
    same = card.playbook is not None and card.playbook.id == chosen
    name = card.playbook.title if same and card.playbook is not None else chosen
    return words.playbook.format(who=person(transition.who, card.language), playbook=name)


def _step_marked(transition: Transition, card: Card) -> str:
    words, detail = handling_words(card.language), transition.detail
    state = detail.get("state", "")
    form = words.step.get(StepState(state) if state in list(StepState) else StepState.DONE, "")
    text = _spoken(transition, "text", card)
    step = words.quoted.format(text=text) if text else words.a_step
    told = form.format(who=person(transition.who, card.language), step=step)
    stage = _spoken(transition, "stage", card)
    if detail.get("told") == "all":
        return f"{told} {words.all_done}"
    return f"{told} {words.stage_done.format(stage=stage)}" if detail.get("told") == "stage" and stage else told


def _steps_late(transition: Transition, card: Card) -> str:
    words = handling_words(card.language)
    written = transition.detail.get("count", "")
    count = int(written) if written.isdecimal() and len(written) <= _MOST else 1
    steps = _spoken(transition, "text", card) or transition.detail.get("steps", "") or words.a_step
    told = plural(words.late, count, card.language).format(n=count, steps=steps)
    owners = _spoken(transition, "owner", card)
    return f"{told} {words.late_owners.format(owners=owners)}" if owners else told


def _drafted(transition: Transition, card: Card) -> str:
    words = handling_words(card.language)
    return f"{_of_draft(transition, card, words.drafted)} {_awaits(transition, card, words)}".strip()


def _approved(transition: Transition, card: Card) -> str:
    words = handling_words(card.language)
    told = _of_draft(transition, card, words.approved)
    return f"{told} {_awaits(transition, card, words) or words.all_approved}"


def _approval_late(transition: Transition, card: Card) -> str:
    words, detail = handling_words(card.language), transition.detail
    form = replace(transition, detail={**detail, "department": detail.get("awaits", "")})
    told = _of_draft(form, card, words.still_awaits)
    return told[0].upper() + told[1:]


def _sent_back(transition: Transition, card: Card) -> str:
    return _of_draft(transition, card, handling_words(card.language).sent_back)


def _published(transition: Transition, card: Card) -> str:
    return _of_draft(transition, card, handling_words(card.language).published)


def _of_draft(transition: Transition, card: Card, form: str) -> str:
    words, detail = handling_words(card.language), transition.detail
    named = detail.get("department", "")
    return form.format(
        who=person(transition.who, card.language),
        draft=words.quoted.format(text=detail["title"]) if detail.get("title") else words.a_statement,
        department=department(named, card.language) if named else words.a_department,
    )


def _awaits(transition: Transition, card: Card, words: Handling) -> str:
    awaited = transition.detail.get("awaits", "")
    return words.awaits.format(department=department(awaited, card.language)) if awaited else ""


def _room(transition: Transition, card: Card) -> str:
    room = card.incident.room
    name = transition.detail.get("room", "") or (room.name if room is not None else "") or headline(card)
    return handling_words(card.language).room.format(who=person(transition.who, card.language), room=name)


def _spoken(transition: Transition, name: str, card: Card) -> str:
    detail = transition.detail
    other = "en" if card.language == "fr" else "fr"
    return detail.get(f"{name}_{card.language}", "") or detail.get(f"{name}_{other}", "") or detail.get(name, "")


def _receivers(transition: Transition) -> list[str]:
    return [name.strip() for name in transition.detail.get("receivers", "").split(",") if name.strip()]


HANDLED: dict[Cause, Callable[[Transition, Card], str]] = {
    Cause.DECLARED_BY_USER: _declared,
    Cause.GIVEN_BY_USER: _given,
    Cause.MERGED_BY_USER: _merged,
    Cause.MERGED_IN: _merged_in,
    Cause.SPLIT_BY_USER: _split,
    Cause.SPLIT_OFF: _split_off,
    Cause.NOTED_BY_USER: _noted,
    Cause.NEW_NORMAL_BY_USER: _new_normal,
    Cause.PLAYBOOK_CHOSEN_BY_USER: _playbook,
    Cause.STEP_MARKED_BY_USER: _step_marked,
    Cause.STEPS_LATE: _steps_late,
    Cause.DRAFTED_BY_USER: _drafted,
    Cause.DRAFT_APPROVED_BY_USER: _approved,
    Cause.APPROVAL_LATE: _approval_late,
    Cause.DRAFT_SENT_BACK_BY_USER: _sent_back,
    Cause.PUBLISHED_BY_USER: _published,
    Cause.ROOM_OPENED_BY_USER: _room,
}
"""The sentence of each cause."""
