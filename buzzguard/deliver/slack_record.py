"""The record of an incident: messages that people pin, or mark with :pushpin:, in its card’s thread or in its room.

What is kept follows the message: a newer wording replaces the older one, and when it is deleted, or nobody keeps it any
more, its text goes from the store as well. The id of each command names the message and its wording, so that two people
who pin the same message, and an event that Slack delivers again, are one entry.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from buzzguard.deliver.escape import safe_address
from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_payload import PERSON_ID, SLACK_ID, STAMP, matching, part, shown_name, text_at
from buzzguard.deliver.slack_plain import plain_text
from buzzguard.errors import DeliveryError, StoreError
from buzzguard.model import Command, CommandKind, Person, Pinned, Record, pin_id
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

_log = get_logger("deliver.slack")

Sleep = Callable[[float], Awaitable[object]]

_AGAIN = (0.0, 2.0, 15.0, 90.0)
"""Seconds before each attempt to take in an event."""
PUSHPINS = frozenset({"pushpin", "round_pushpin"})
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")
_GONE = frozenset({"thread_not_found", "message_not_found"})
_UNSEEN = Person(id="slack", name="Slack", via="slack")
"""Who deleted a message: Slack does not tell."""


class _Spot(Record, frozen=True, kw_only=True):
    """Which message, and the instant of the event as Slack stamps it."""

    channel: str
    stamp: str
    event: str

    @property
    def ref(self) -> str:
        return f"slack:{self.channel}/{self.stamp}"


async def heard(front: SlackFront, event: Mapping[str, Any], *, sleep: Sleep = asyncio.sleep) -> None:
    """Take in an event of a channel: a pin, a :pushpin:, an edit, a deletion. Whatever else comes is passed over.

    Never raises for what an event holds. Slack sends an event once: what passes is waited for, what is refused for
    good is logged.
    """
    take = _TAKES.get(text_at(event, "subtype") or text_at(event, "type"))
    if take is None:
        return
    reason = "too many events wait"
    if not front.turns.full:
        with front.turns.queued():
            reason = await _take_in(front, lambda: take(front, event), _about(event), sleep)
    if reason:
        _log.error("record.lost", kind=text_at(event, "type")[:40], reason=reason)


async def _take_in(front: SlackFront, take: Callable[[], Awaitable[None]], about: str, sleep: Sleep) -> str:
    """Take an event in when it is its turn; why that failed in the end, empty when it did not."""
    reason = ""
    for wait in _AGAIN:
        await sleep(wait)
        try:
            await front.turns.take(about, take, sleep=sleep)
            return ""
        except SlackRefused as refused:
            return str(refused)
        except (DeliveryError, StoreError) as error:
            reason = str(error)
    return reason


def _about(event: Mapping[str, Any]) -> str:
    """Which message an event is about: its events are taken in one after the other."""
    stamps = (("item", "message", "ts"), ("item", "ts"), ("message", "ts"), ("deleted_ts",))
    return next(filter(None, (text_at(event, *path) for path in stamps)), "")


async def _pinned(front: SlackFront, event: Mapping[str, Any]) -> None:
    item = part(event, "item")
    spot = _spot(text_at(event, "channel_id") or text_at(item, "channel"), text_at(item, "message", "ts"), event)
    message = part(item, "message")
    if spot is not None and isinstance(message, Mapping):
        await _keep(front, spot, message, by=text_at(event, "user"))


async def _marked(front: SlackFront, event: Mapping[str, Any]) -> None:
    item = part(event, "item")
    spot = _spot(text_at(item, "channel"), text_at(item, "ts"), event)
    if spot is None or text_at(event, "reaction").partition("::")[0] not in PUSHPINS:
        return
    message = await _fetch(front.api, spot)
    if message is not None:
        await _keep(front, spot, message, by=text_at(event, "user"))


async def _unmarked(front: SlackFront, event: Mapping[str, Any]) -> None:
    """A pin or a :pushpin: was taken away: the message stays kept while another one is on it."""
    item = part(event, "item")
    stamp = text_at(item, "message", "ts") or text_at(item, "ts")
    spot = _spot(text_at(event, "channel_id") or text_at(item, "channel"), stamp, event)
    reaction = text_at(event, "reaction").partition("::")[0]
    if spot is None or (reaction and reaction not in PUSHPINS):
        return
    known = await front.desk.kept(spot.ref)
    if known is None or _pin_of(known).gone:
        return
    message = await _fetch(front.api, spot)
    if message is None or not _is_kept(message, spot.channel):
        await _end(front, spot, known, who=await _person(front, text_at(event, "user")))


async def _edited(front: SlackFront, event: Mapping[str, Any]) -> None:
    message = part(event, "message")
    spot = _spot(text_at(event, "channel"), text_at(message, "ts"), event)
    if spot is None or not isinstance(message, Mapping):
        return
    if text_at(message, "subtype") == "tombstone":
        await _deleted_at(front, spot)
        return
    known = await front.desk.kept(spot.ref)
    if known is None or _pin_of(known).gone:
        return
    by = text_at(message, "edited", "user") or text_at(message, "user")
    await _keep(front, spot, message, by=by, known=known)


async def _deleted(front: SlackFront, event: Mapping[str, Any]) -> None:
    former = part(event, "previous_message")
    stamp = text_at(event, "deleted_ts") or text_at(former, "ts")
    spot = _spot(text_at(event, "channel"), stamp, event)
    if spot is not None:
        await _deleted_at(front, spot)


async def _deleted_at(front: SlackFront, spot: _Spot) -> None:
    known = await front.desk.kept(spot.ref)
    if known is not None and not _pin_of(known).deleted:
        await _end(front, spot, known, who=_UNSEEN, deleted=True)


async def _keep(
    front: SlackFront, spot: _Spot, message: Mapping[str, Any], *, by: str, known: Command | None = None
) -> None:
    """Keep a message as it reads now, where it belongs to an incident and is not our own."""
    thread = matching(STAMP, text_at(message, "thread_ts")) or spot.stamp
    incident = known.incident if known is not None else await front.desk.incident_at(spot.channel, thread)
    if not incident or await _is_ours(front.api, message):
        return
    known = known or await front.desk.kept(spot.ref)
    before = None if known is None else _pin_of(known)
    text = await plain_text(message, front.name_of)
    if before is not None and not before.gone and before.text == text:
        return
    edited = matching(STAMP, text_at(message, "edited", "ts"))
    again = f".{spot.event}" if before is not None and before.gone else ""
    asked = Pinned(
        ref=spot.ref,
        text=text,
        author=await _author(front, message),
        posted_at=_instant(spot.stamp),
        url=await _permalink(front.api, spot, message),
    )
    who = await _person(front, by)
    await _ask(front, incident, asked, mark=f"{edited or spot.stamp}{again}", who=who)


async def _end(front: SlackFront, spot: _Spot, known: Command, *, who: Person, deleted: bool = False) -> None:
    asked = replace(_pin_of(known), text="", author=None, url="", gone=True, deleted=deleted)
    word = "deleted" if deleted else "gone"
    await _ask(front, known.incident, asked, mark=f"{word}.{spot.event}", who=who)


async def _ask(front: SlackFront, incident: str, asked: Pinned, *, mark: str, who: Person) -> None:
    command = Command(
        id=pin_id(asked.ref, mark),
        kind=CommandKind.PIN,
        incident=incident,
        who=who,
        at=front.clock.now(),
        asked=asked,
    )
    # An incident that has ended refuses it; the command is kept all the same, and with it the record.
    await front.desk.command(command)


def _spot(channel: str, stamp: str, event: Mapping[str, Any]) -> _Spot | None:
    channel, stamp = matching(_CHANNEL, channel), matching(STAMP, stamp)
    told = matching(STAMP, text_at(event, "event_ts") or text_at(event, "ts"))
    return _Spot(channel=channel, stamp=stamp, event=told or "0") if channel and stamp else None


def _pin_of(known: Command) -> Pinned:
    return known.asked if isinstance(known.asked, Pinned) else Pinned(ref="", gone=True, deleted=True)


def _is_kept(message: Mapping[str, Any], channel: str) -> bool:
    """Whether a pin or a :pushpin: is on a message, as Slack shows it."""
    pinned, reactions = message.get("pinned_to"), message.get("reactions")
    marks = reactions if isinstance(reactions, list) else []
    named = {text_at(one, "name").partition("::")[0] for one in marks}
    return bool(named & PUSHPINS) or (isinstance(pinned, list) and channel in pinned)


async def _is_ours(api: SlackApi, message: Mapping[str, Any]) -> bool:
    """Whether we wrote it: the timeline knows already what it tells."""
    me = await api.me()
    bot, user = text_at(message, "bot_id"), text_at(message, "user")
    return bool((bot and bot == me.bot) or (user and user == me.user))


async def _fetch(api: SlackApi, spot: _Spot) -> Mapping[str, Any] | None:
    """The message as it is now; None when it is gone. Raises DeliveryError when that cannot be told."""
    form = {"channel": spot.channel, "ts": spot.stamp, "limit": 1, "inclusive": "true"}
    try:
        messages = (await api.call("conversations.replies", form=form)).get("messages")
    except SlackRefused as refused:
        if refused.code in _GONE:
            return None
        raise
    found = messages if isinstance(messages, list) else []
    return next((one for one in found if isinstance(one, Mapping) and one.get("ts") == spot.stamp), None)


async def _permalink(api: SlackApi, spot: _Spot, message: Mapping[str, Any]) -> str:
    told = safe_address(text_at(message, "permalink"))
    if told:
        return told
    asked = {"channel": spot.channel, "message_ts": spot.stamp}
    try:
        return safe_address(text_at(await api.call("chat.getPermalink", form=asked), "permalink"))
    except DeliveryError as error:
        _log.info("record.unlinked", reason=str(error))
        return ""


async def _author(front: SlackFront, message: Mapping[str, Any]) -> Person:
    """Who wrote it; a program is marked as one."""
    bot = matching(SLACK_ID, text_at(message, "bot_id"))
    if not bot:
        return await _person(front, text_at(message, "user"))
    name = shown_name(text_at(message, "username") or text_at(message, "bot_profile", "name")) or bot
    return Person(id=bot, name=f"{name} (bot)", via="slack")


async def _person(front: SlackFront, id: str) -> Person:
    known = matching(PERSON_ID, id)
    return Person(id=known, name=await front.name_of(known) or known, via="slack") if known else _UNSEEN


def _instant(stamp: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(float(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return None


_TAKES: Mapping[str, Callable[[SlackFront, Mapping[str, Any]], Awaitable[None]]] = {
    "pin_added": _pinned,
    "pin_removed": _unmarked,
    "reaction_added": _marked,
    "reaction_removed": _unmarked,
    "message_changed": _edited,
    "message_deleted": _deleted,
}
EVENTS = frozenset({"pin_added", "pin_removed", "reaction_added", "reaction_removed", "message"})
"""The types of events that `heard` takes something from."""
