"""What people do in Slack, whichever way it comes in: presses, modals, slash commands, events.

Socket Mode and signed HTTP requests hand everything to `SlackFront.take`; what it returns is the body of the
acknowledgement, within Slack's three seconds. What takes longer goes on behind it and answers by itself.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal, TypeAlias

from buzzguard.deliver.slack_answers import Place, tell
from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_home import Home
from buzzguard.deliver.slack_payload import SLACK_ID, matching, part, shown_name, text_at
from buzzguard.deliver.slack_room_settings import RoomSettings
from buzzguard.deliver.slack_turns import Turns
from buzzguard.deliver.slack_words import words
from buzzguard.errors import DeliveryError, StoreError
from buzzguard.model import Command, Language
from buzzguard.ports import Clock, FrontDesk
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

Kind: TypeAlias = Literal["interactive", "command", "event"]
Body: TypeAlias = dict[str, Any]
PATIENCE = 2.0
"""Seconds that an acknowledgement waits for what was asked: after 3 s the person is shown a failure."""
CARD_PATIENCE = 5.0
"""Seconds that a crisis room waits for its card before it is furnished."""
_NAME_PATIENCE = 1.0
_REMEMBERED = 2_000
"""Of each kind: presses and events seen, names, refusals."""


class SlackFront:
    """One app in one workspace, at the daemon's front desk. `name` is its notifier's in the configuration."""

    def __init__(
        self,
        api: SlackApi,
        desk: FrontDesk,
        *,
        clock: Clock,
        name: str = "slack",
        rooms: RoomSettings | None = None,
    ) -> None:
        self.api = api
        self.desk = desk
        self.clock = clock
        self.name = name
        self.rooms = rooms or RoomSettings()
        self.home = Home(self)
        self.turns = Turns()
        self.patience = PATIENCE
        self.card_patience = CARD_PATIENCE
        self.refused: OrderedDict[str, str] = OrderedDict()
        """Why commands were refused, by id: the same submission again is told the same."""
        self._seen: dict[Kind, OrderedDict[str, str]] = {}
        self._names: OrderedDict[str, str] = OrderedDict()
        self._names_hidden = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, kind: Kind, payload: Mapping[str, Any]) -> Body:
        """Do what is asked, or begin to; the body to acknowledge with, empty for none. Never raises."""
        handle = _HANDLERS.get(kind)
        if handle is None or not isinstance(payload, Mapping):
            return {}
        try:
            return await handle(self, payload)
        except Exception as error:  # noqa: BLE001 - a payload that breaks us must not break the line it came over
            _log.error("front.failed", kind=kind, error=type(error).__name__)
            return {}

    async def command(self, command: Command) -> str:
        """Carry out a command; the named reason when it was refused, empty when it was done. Never raises."""
        _log.info("command.received", command=command.kind.value, incident=command.incident, who=command.who.id)
        try:
            reason = await self.desk.command(command) or ""
        except StoreError:
            reason = "stopping"
        except Exception as error:  # noqa: BLE001 - the person must learn that the press was lost
            _log.error("command.failed", command=command.id, incident=command.incident, error=type(error).__name__)
            reason = "failed"
        return self._as_before(command.id, reason)

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> bool:
        """Open a modal; false when Slack does not: the trigger is older than three seconds, or was used."""
        try:
            await self.api.call("views.open", json={"trigger_id": trigger, "view": dict(view)}, repeatable=False)
        except DeliveryError as error:
            _log.warning("view.refused", view=view.get("callback_id"), reason=str(error))
            return False
        return True

    async def tell(self, place: Place, text: str) -> None:
        """Say something to one person, where they acted. `text` is mrkdwn, escaped."""
        await tell(self.api, place, text)

    async def name_of(self, user: str) -> str:
        """How a person is called in the workspace; empty when the app may not ask (scope `users:read`)."""
        if user in self._names:
            return self._names[user]
        if self._names_hidden:
            return ""
        try:
            asked = self.api.call("users.info", form={"user": user})
            found = await asyncio.wait_for(asked, _NAME_PATIENCE)
        except SlackRefused as refused:
            self._names_hidden = refused.code == "missing_scope"
            return ""
        except (DeliveryError, TimeoutError):
            return ""
        told = part(found, "user")
        profile = part(told, "profile")
        names = (text_at(profile, "display_name"), text_at(profile, "real_name"), text_at(told, "name"))
        return _keep(self._names, user, next(filter(None, map(shown_name, names)), ""))

    def is_new(self, id: str, kind: Kind = "interactive") -> bool:
        """Whether this is the first time that `id` comes: Slack delivers again what it saw no answer to.

        Each kind is remembered by itself: events of a busy channel push no press out of memory.
        """
        seen = self._seen.setdefault(kind, OrderedDict())
        if id in seen:
            return False
        _keep(seen, id, "")
        return True

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let work go on behind the acknowledgement."""
        task = asyncio.get_running_loop().create_task(_guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def patiently(self, work: Coroutine[Any, Any, None]) -> bool:
        """Wait for work as long as an acknowledgement may; false when it goes on behind it."""
        done, _ = await asyncio.wait([self.begin(work)], timeout=self.patience)
        return bool(done)

    async def finish(self, seconds: float) -> None:
        """Let what was acknowledged come to its end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def close(self) -> None:
        """Do nothing more by itself."""
        await self.home.stop()

    def missed(self, payload: Mapping[str, Any], body: Body) -> None:
        """Say what stood in an acknowledgement that went out too late to be read."""
        from buzzguard.deliver.slack_submissions import tell_missed

        if "command" in payload:
            self.begin(_tell_answer(self, payload, body))
        else:
            self.begin(tell_missed(self, payload, body))

    def language_for(self, known: Language | None) -> Language:
        """The language of what was pressed, or else that of the house."""
        return known or self.desk.directory.language

    def _as_before(self, id: str, reason: str) -> str:
        if reason == "repeated":
            return self.refused.get(id, reason)
        if reason:
            _keep(self.refused, id, reason)
        return reason


def _keep(memory: OrderedDict[str, str], key: str, value: str) -> str:
    memory[key] = value
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)
    return value


async def _guarded(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - the loop of a task: nobody else would ever hear of it
        _log.error("front.failed", kind="task", error=type(error).__name__)


async def _interactive(front: SlackFront, payload: Mapping[str, Any]) -> Body:
    from buzzguard.deliver.slack_guests import turned_away

    kind = text_at(payload, "type")
    if await turned_away(front, payload):
        return {}
    if kind == "block_actions":
        from buzzguard.deliver.slack_presses import pressed

        return await pressed(front, payload)
    if kind == "view_submission":
        from buzzguard.deliver.slack_submissions import submitted

        return await submitted(front, payload)
    return {}


async def _command(front: SlackFront, fields: Mapping[str, Any]) -> Body:
    """A slash command; one that takes longer is answered where it was typed."""
    known = {str(name): value for name, value in fields.items() if isinstance(value, str)}
    trigger = known.get("trigger_id", "")
    if trigger and not front.is_new(trigger, "command"):
        return {}
    answered: list[Body] = []
    acknowledged = asyncio.Event()

    async def answer() -> None:
        body = await _answer_command(front, known)
        answered.append(body)
        if acknowledged.is_set():
            await _tell_answer(front, known, body)

    if await front.patiently(answer()):
        return answered[0] if answered else {}
    acknowledged.set()
    return {"response_type": "ephemeral", "text": words(front.language_for(None)).notice["busy"]}


async def _tell_answer(front: SlackFront, fields: Mapping[str, Any], body: Body) -> None:
    place = Place(
        user=matching(SLACK_ID, text_at(fields, "user_id")), channel=matching(SLACK_ID, text_at(fields, "channel_id"))
    )
    if place.user and body.get("text"):
        await tell(front.api, place, str(body["text"]), blocks=body.get("blocks") or ())


async def _event(front: SlackFront, payload: Mapping[str, Any]) -> Body:
    kind = text_at(payload, "type")
    if kind == "url_verification":
        return {"challenge": text_at(payload, "challenge")[:500]}
    event = part(payload, "event")
    hear = _EVENTS.get(text_at(event, "type"))
    if kind != "event_callback" or hear is None or not isinstance(event, Mapping):
        return {}
    id = text_at(payload, "event_id")
    if id and front.is_new(id, "event"):
        front.begin(hear(front, event))
    return {}


async def _answer_command(front: SlackFront, fields: Mapping[str, str]) -> Body:
    from buzzguard.deliver.slack_slash import answer

    return await answer(front, fields)


async def _keep_record(front: SlackFront, event: Mapping[str, Any]) -> None:
    from buzzguard.deliver.slack_record import heard

    await heard(front, event)


async def _show_home(front: SlackFront, event: Mapping[str, Any]) -> None:
    await front.home.opened(event)


_HANDLERS: Mapping[str, Callable[[SlackFront, Mapping[str, Any]], Awaitable[Body]]] = {
    "interactive": _interactive,
    "command": _command,
    "event": _event,
}
_EVENTS: Mapping[str, Callable[[SlackFront, Mapping[str, Any]], Coroutine[Any, Any, None]]] = {
    "app_home_opened": _show_home,
    "pin_added": _keep_record,
    "pin_removed": _keep_record,
    "reaction_added": _keep_record,
    "reaction_removed": _keep_record,
    "message": _keep_record,
}
