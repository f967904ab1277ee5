"""What a press does: a command that is carried out, or a modal that is opened while its trigger lives."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from buzzguard.deliver.slack_actions import Press, command_of, parse_press
from buzzguard.deliver.slack_answers import UNANSWERED, Place
from buzzguard.deliver.slack_deeds import DRILL_BEGIN, begin_drill
from buzzguard.deliver.slack_front import Body, SlackFront
from buzzguard.deliver.slack_modals import MODALS, Modal, opened
from buzzguard.deliver.slack_payload import part, text_at
from buzzguard.deliver.slack_press import answer_trial, is_trial
from buzzguard.deliver.slack_scene import Scene, is_final
from buzzguard.deliver.slack_views import Meta
from buzzguard.deliver.slack_words import words
from buzzguard.deliver.wording.refusals import refusal
from buzzguard.errors import StoreError
from buzzguard.model import CommandKind, Language

_LOOK_PATIENCE = 1.5
"""Seconds for what a modal must be told; its trigger lives three, and opening it takes its time."""
_MOST_OTHERS = 100


async def pressed(front: SlackFront, payload: Mapping[str, Any]) -> Body:
    """Do what a button asks for. A press that is no button of ours is acknowledged and does nothing: a link's comes
    here too, and Slack shows every other answer to the person as a failure."""
    if is_trial(payload):
        front.begin(answer_trial(front.api, payload))
        return {}
    if _named(payload) == DRILL_BEGIN:
        await front.patiently(begin_drill(front, payload))
        return {}
    press = parse_press(payload)
    if press is None:
        return {}
    if press.modal:
        # Opened twice, the second would be refused for a trigger that is used.
        if front.is_new(press.id):
            await front.patiently(_open(front, press))
        return {}
    await front.patiently(_obey(front, press))
    return {}


def _named(payload: Mapping[str, Any]) -> str:
    actions = part(payload, "actions")
    return text_at(actions[0], "action_id") if isinstance(actions, list) and actions else ""


async def _obey(front: SlackFront, press: Press) -> None:
    command = command_of(press, front.clock.now())
    if command is None:
        return
    reason = await front.command(command)
    language = front.language_for(press.language)
    if reason and reason not in UNANSWERED:
        await front.tell(_place(press), refusal(reason, language))
    elif not reason and command.kind is CommandKind.JUDGE:
        await front.tell(_place(press), words(language).notice[press.action])


async def _open(front: SlackFront, press: Press) -> None:
    language, modal = front.language_for(press.language), MODALS[press.modal]
    scene = await _scene(front, press, modal, language)
    if isinstance(scene, str):
        await front.tell(_place(press), refusal(scene, language))
        return
    view = opened(modal, scene)
    if isinstance(view, str):
        await front.tell(_place(press), words(language).notice[view])
        return
    if not await front.open_view(press.trigger, view):
        await front.tell(_place(press), _instead(modal, press, scene.incident.topic, language))


async def _scene(front: SlackFront, press: Press, modal: Modal, language: Language) -> Scene | str:
    """What the modal is made of, or the named reason why there is nothing to open."""
    try:
        return await asyncio.wait_for(_look(front, press, modal, language), _LOOK_PATIENCE)
    except (StoreError, TimeoutError):
        return "failed"


async def _look(front: SlackFront, press: Press, modal: Modal, language: Language) -> Scene | str:
    incident = await front.desk.incident(press.incident)
    if incident is None:
        return "unknown_incident"
    if is_final(incident):
        return "already_final"
    others = await front.desk.open_incidents(_MOST_OTHERS) if modal.others else ()
    statements = await front.desk.statements(incident.id, language) if modal.statements else ()
    thread = press.thread
    return Scene(
        meta=Meta(incident=incident.id, language=language, channel=press.channel, thread=thread, what=_what(press)),
        incident=incident,
        directory=front.desk.directory,
        now=front.clock.now(),
        others=tuple(others),
        statements=tuple(statements),
    )


def _what(press: Press) -> str:
    return press.what if press.action == press.modal else ""


def _instead(modal: Modal, press: Press, topic: str, language: Language) -> str:
    """What to do where no modal can be opened: press again, or type what does the same."""
    own = words(language)
    slash, told = own.slash.get(press.modal, ""), own.notice["not_opened"]
    command = slash or (f"buzzguard {modal.command}" if modal.command else "")
    if not command:
        return told
    shown = command.format(incident=press.incident, topic=topic)
    return told + own.notice["instead" if slash else "instead_there"].format(command=shown)


def _place(press: Press) -> Place:
    return Place(user=press.who.id, channel=press.channel, thread=press.thread)
