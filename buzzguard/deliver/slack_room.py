"""A crisis room: a channel made for one incident, and what is put into it.

One incident has one room. Its name follows from the incident and its purpose names it, so that a second press, a lost
answer or a crash in the middle finds the channel that was made instead of making another; a message of ours, sent last,
says that all was put in. Each part may fail by itself: the room opens all the same and says what is missing.

The incident's card, its news and the channel's topic come through the outbox like those of any receiver
(`slack_room_news`); here are the people, the bookmark of the alert and the playbook.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_furnish import Furnisher, is_furnished
from buzzguard.deliver.slack_room_words import numbered, room_name, room_word
from buzzguard.deliver.wording import FINAL
from buzzguard.errors import DeliveryError, DeliveryUncertain, StoreError
from buzzguard.model import Command, CommandKind, Incident, Language, Person, Room
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

_log = get_logger("deliver.slack")

_MOST_NAMES = 9
_PAGE = 1_000
_MOST_PAGES = 10
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")
_BAD_NAME = frozenset({"invalid_name", "invalid_name_required", "invalid_name_punctuation"}) | {
    "invalid_name_maxlength",
    "invalid_name_specials",
}
_LOCKS: WeakKeyDictionary[SlackFront, asyncio.Lock] = WeakKeyDictionary()
"""One room is opened at a time: what a name that is taken belongs to can be told only then."""


@dataclass(frozen=True)
class Wish:
    """Which room a person wants."""

    who: Person
    name: str
    private: bool
    departments: tuple[str, ...]
    language: Language


class _NoRoom(Exception):
    """No channel was made, for this named reason."""


async def open_room(  # noqa: PLR0913 - what the form of a room asks
    front: SlackFront,
    incident: Incident,
    *,
    who: Person,
    name: str,
    private: bool,
    departments: Sequence[str],
    language: Language,
) -> str:
    """Open the room of an incident; the named reason when there is none afterwards or there was one, else empty.

    `name` is what the channel is to be called, empty for the usual name; `departments` are ids of the directory. It
    makes a dozen calls: let it go on behind the acknowledgement. Pressed again after a crash it finishes what was
    begun.
    """
    wish = Wish(who, name, private, tuple(departments), language)
    async with _LOCKS.setdefault(front, asyncio.Lock()):
        try:
            return await _open(front, incident.id, wish)
        except _NoRoom as reason:
            return str(reason)
        except StoreError:
            return "failed"


async def _open(front: SlackFront, id: str, wish: Wish) -> str:
    incident = await front.desk.incident(id)
    if incident is None:
        return "unknown_incident"
    room = incident.room
    if room is not None and (room.via != front.name or await is_furnished(front.api, room.place, id)):
        return "room_is_open"
    if room is None:
        if incident.state in FINAL:
            return "already_final"
        room = await _Maker(front, incident, wish).make()
        now = front.clock.now()
        reason = await front.desk.command(
            Command(
                id=f"room-{room.place}-{now:%Y%m%dT%H%M%S%f}",
                kind=CommandKind.OPEN_ROOM,
                incident=id,
                who=wish.who,
                at=now,
                asked=room,
            )
        )
        if reason:
            return reason
    await Furnisher(front, incident, room, who=wish.who, departments=wish.departments, language=wish.language).furnish()
    _log.info("room.opened", incident=id, channel=room.place)
    return ""


class _Maker:
    """Makes the channel, or finds the one that was made before."""

    def __init__(self, front: SlackFront, incident: Incident, wish: Wish) -> None:
        self._front = front
        self._api: SlackApi = front.api
        self._incident = incident
        self._wish = wish
        self._listed: list[dict[str, Any]] | None = None
        self._user = ""
        self._doubtful = False

    async def make(self) -> Room:
        """The room. Raises _NoRoom."""
        zone, language = self._front.desk.directory.time_zone, self._wish.language
        name = room_name(self._wish.name, self._incident, language=language, time_zone=zone)
        try:
            me = await self._api.me()
            self._user = me.user
            channel = await self._first_free(name)
            await self._mark(channel["id"])
        except DeliveryError as error:
            _log.warning("room.refused", incident=self._incident.id, reason=str(error))
            raise _NoRoom(_reason(error)) from error
        home = me.url.rstrip("/")
        url = f"{home}/archives/{channel['id']}" if re.fullmatch(r"https?://[\w.:-]{1,200}", home) else ""
        shown = str(channel.get("name") or name)[:80]
        return Room(place=channel["id"], name=shown, via=self._front.name, url=url, language=language)

    async def _first_free(self, name: str) -> dict[str, Any]:
        for number in range(1, _MOST_NAMES + 1):
            called = numbered(name, number)
            channel = await self._create(called) or await self._ours(called)
            if channel is None and self._doubtful:
                channel = await self._create(called)  # the lost answer was to a call that did nothing
            if channel is not None:
                return channel
        raise _NoRoom("room_name_taken")

    async def _create(self, name: str) -> dict[str, Any] | None:
        """The new channel; None where the name is taken, perhaps by ourselves a moment or a crash ago."""
        wanted = {"name": name, "is_private": self._wish.private}
        self._doubtful = False
        try:
            answer = await self._api.call("conversations.create", json=wanted, repeatable=False)
        except DeliveryUncertain:
            self._doubtful, self._listed = True, None
            return None  # it may have been made: the list of channels tells
        except SlackRefused as refused:
            if refused.code == "name_taken":
                return None
            raise
        channel = answer.get("channel")
        if not isinstance(channel, dict) or not _CHANNEL.fullmatch(str(channel.get("id"))):
            raise _NoRoom("room_later")
        return channel

    async def _ours(self, name: str) -> dict[str, Any] | None:
        """The channel of that name when we made it for this incident and did not come to say so."""
        for channel in await self._channels():
            if channel.get("name") != name or channel.get("creator") != self._user:
                continue
            purpose = channel.get("purpose")
            said = str(purpose.get("value", "")) if isinstance(purpose, dict) else ""
            unsaid = not said and not await self._front.desk.incident_at(str(channel.get("id")), "")
            if not channel.get("is_archived") and (self._incident.id in said.split(" ") or unsaid):
                return channel
        return None

    async def _channels(self) -> list[dict[str, Any]]:
        """The channels that we can see, asked for once; none where we may not look: then another name is taken."""
        if self._listed is None:
            try:
                self._listed = [one async for page in self._pages() for one in page]
            except SlackRefused as refused:
                _log.warning("room.unlooked", reason=str(refused))
                self._listed = []
        return self._listed

    async def _pages(self) -> Any:
        kind = "private_channel" if self._wish.private else "public_channel"
        cursor = ""
        for _ in range(_MOST_PAGES):
            form = {"types": kind, "limit": _PAGE, "exclude_archived": "true"} | ({"cursor": cursor} if cursor else {})
            answer = await self._api.call("conversations.list", form=form)
            found = answer.get("channels")
            yield [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
            metadata = answer.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, dict) else ""
            if not cursor:
                return

    async def _mark(self, channel: str) -> None:
        """Write on the channel whose it is: by it a later press knows it again."""
        purpose = room_word("purpose", self._wish.language, incident=self._incident.id)
        try:
            await self._api.call("conversations.setPurpose", json={"channel": channel, "purpose": purpose})
        except DeliveryError as error:
            _log.warning("room.unmarked", channel=channel, reason=str(error))


def _reason(error: DeliveryError) -> str:
    """The named reason why no room could be made."""
    if not isinstance(error, SlackRefused):
        return "room_later"
    if error.code == "missing_scope":
        return "room_scope_missing"
    return "room_name_unfit" if error.code in _BAD_NAME else "room_forbidden"
