"""What a submitted modal does: refused at the field that is wrong, carried out, or refused in the modal itself.

Whoever waits longer than Slack does is told where the modal was opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from buzzguard.deliver.slack_answers import UNANSWERED, Place
from buzzguard.deliver.slack_front import Body, SlackFront
from buzzguard.deliver.slack_modals import MODALS, Modal, refusal_view
from buzzguard.deliver.slack_payload import digest, part, person_of, text_at
from buzzguard.deliver.slack_scene import Filled, RoomWish, Wish
from buzzguard.deliver.slack_views import PREFIX, Meta, Values, read_meta
from buzzguard.deliver.slack_words import words
from buzzguard.deliver.wording.refusals import refusal
from buzzguard.errors import StoreError
from buzzguard.model import Command, Handover, Person, Record
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")


class _Submission(Record, frozen=True, kw_only=True):
    """A modal as it came back, before what is in it is read."""

    id: str
    modal: Modal
    meta: Meta
    who: Person
    values: Values

    @property
    def place(self) -> Place:
        return Place(user=self.who.id, channel=self.meta.channel, thread=self.meta.thread)


async def submitted(front: SlackFront, payload: Mapping[str, Any]) -> Body:
    """Carry out what a modal of ours asks for. Others close."""
    view = part(payload, "view")
    name = text_at(view, "callback_id").removeprefix(PREFIX)
    modal, who, meta = MODALS.get(name), person_of(payload), read_meta(view)
    if modal is None or who is None:
        _log.warning("submission.ignored", reason="not a modal of ours" if modal is None else "no user")
        return {}
    if meta is None or not text_at(view, "id"):
        _log.warning("submission.ignored", reason="not as it was opened", modal=name)
        language = front.language_for(None)
        return _updated(Meta(language=language), words(language).notice["not_understood"])
    values = Values(view)
    id = digest(text_at(payload, "team", "id"), who.id, name, text_at(view, "id"), values.fingerprint())
    return await _take(front, _Submission(id=id, modal=modal, meta=meta, who=who, values=values))


async def tell_missed(front: SlackFront, payload: Mapping[str, Any], body: Body) -> None:
    """Tell whoever submitted a modal what they could not be shown in it."""
    who, meta = person_of(payload), read_meta(part(payload, "view"))
    errors = body.get("errors")
    said = next(iter(errors.values()), "") if isinstance(errors, Mapping) else ""
    if body.get("response_action") == "update":
        blocks = part(body, "view", "blocks")
        said = text_at(blocks[0], "text", "text") if isinstance(blocks, list) and blocks else ""
    if who is not None and said:
        place = Place(user=who.id, channel=meta.channel if meta else "", thread=meta.thread if meta else "")
        await front.tell(place, str(said))


async def _take(front: SlackFront, it: _Submission) -> Body:
    wish = it.modal.read(Filled(it.meta, it.values, directory=front.desk.directory, now=front.clock.now()))
    if isinstance(wish, dict):
        return {"response_action": "errors", "errors": wish}
    outcome: list[str] = []
    late: list[bool] = []

    async def carry_out() -> None:
        reason = await (_open_room(front, it, wish) if isinstance(wish, RoomWish) else _ask(front, it, wish))
        outcome.append(reason)
        if late and reason not in {"", *UNANSWERED}:
            await front.tell(it.place, refusal(reason, it.meta.language))

    if not await front.patiently(carry_out()):
        late.append(True)
        return {}
    return _answer(it, outcome[0] if outcome else "failed")


async def _ask(front: SlackFront, it: _Submission, wish: Wish) -> str:
    now = front.clock.now()
    command = Command(
        id=it.id,
        kind=wish.kind,
        incident=it.meta.incident,
        who=it.who,
        at=now,
        duration=wish.duration,
        reason=wish.reason,
        happened_at=wish.happened_at,
        asked=await _named(front, wish),
    )
    reason = await front.command(command)
    if not reason and wish.notice:
        front.begin(front.tell(it.place, words(it.meta.language).notice[wish.notice]))
    return reason


async def _named(front: SlackFront, wish: Wish) -> Any:
    """What is asked, a person in it by the name that people know."""
    asked = wish.asked
    if not isinstance(asked, Handover) or asked.person is None:
        return asked
    name = await front.name_of(asked.person.id)
    return replace(asked, person=replace(asked.person, name=name))


async def _open_room(front: SlackFront, it: _Submission, wish: RoomWish) -> str:
    from buzzguard.deliver.slack_room import open_room

    try:
        incident = await front.desk.incident(it.meta.incident)
    except StoreError:
        return "failed"
    if incident is None:
        return "unknown_incident"
    return await open_room(
        front,
        incident,
        who=it.who,
        name=wish.name,
        private=wish.private,
        departments=wish.departments,
        language=it.meta.language,
    )


def _answer(it: _Submission, reason: str) -> Body:
    if not reason or reason in UNANSWERED:
        return {}
    text = refusal(reason, it.meta.language)
    if it.modal.answer_at in it.values.fields:
        return {"response_action": "errors", "errors": {it.modal.answer_at: text}}
    return _updated(it.meta, text)


def _updated(meta: Meta, text: str) -> Body:
    return {"response_action": "update", "view": refusal_view(meta, text)}
