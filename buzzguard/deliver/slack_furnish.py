"""What is put into a crisis room once it is there: people, the bookmark of the alert, the playbook, and a word of what
could not be put in. Everything may be done twice without harm."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from buzzguard.deliver.escape import mrkdwn
from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_markdown import as_sections, for_canvas, in_messages
from buzzguard.deliver.slack_payload import text_at
from buzzguard.deliver.slack_room_words import counted_people, intro, missing_line, room_word
from buzzguard.errors import DeliveryError, StoreError
from buzzguard.model import Card, Delivery, Department, Incident, Language, Person, Room
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

_log = get_logger("deliver.slack")

ROOM_EVENT = "buzzguard_room"
_LOOK = 0.25
_AT_ONCE = 100
"""People that one call may invite."""
_MOST_PEOPLE = 500
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,30}")
_IN_ALREADY = frozenset({"already_in_channel", "cant_invite_self"})
_OF_ONE = frozenset({"user_not_found", "user_is_restricted", "ura_max_channels", "cant_invite", "user_disabled"}) | {
    "user_not_visible",
    "already_in_channel",
    "cant_invite_self",
}
"""Refusals that concern one of the people; every other one concerns the call."""
_CANVAS_THERE = frozenset({"channel_canvas_already_exists", "free_team_canvas_tab_already_exists"})


async def is_furnished(api: SlackApi, channel: str, incident: str) -> bool:
    """Whether the room holds our word that it is complete; also where that cannot be told."""
    form = {"channel": channel, "limit": 200, "include_all_metadata": "true"}
    try:
        me = await api.me()
        answer = await api.call("conversations.history", form=form)
    except DeliveryError:
        return True
    messages = answer.get("messages")
    found = [one for one in messages if isinstance(one, dict)] if isinstance(messages, list) else []
    ours = [one for one in found if me.user in ("", one.get("user")) or me.bot == one.get("bot_id")]
    return bool(answer.get("has_more")) or any(_says(one, incident) for one in ours)


def _says(message: Mapping[str, Any], incident: str) -> bool:
    """By what the message carries, or where that is not shown by what it reads."""
    if text_at(message, "metadata", "event_type") == ROOM_EVENT:
        return text_at(message, "metadata", "event_payload", "incident") == incident
    return f"`{incident}`" in text_at(message, "text")


class Furnisher:
    """Puts into the room of an incident what belongs there."""

    def __init__(
        self,
        front: SlackFront,
        incident: Incident,
        room: Room,
        *,
        who: Person,
        departments: Sequence[str],
        language: Language,
    ) -> None:
        self._front = front
        self._api: SlackApi = front.api
        self._incident = incident
        self._room = room
        self._who = who
        known = front.desk.directory.departments
        self._departments = [known[one] for one in dict.fromkeys(departments) if one in known]
        self._language = language
        self._missing: list[str] = []
        self._invited = 0
        self._card: Card | None = None

    async def furnish(self) -> None:
        """Put in each part, then say that this was done, and what could not be."""
        self._card = await self._front.desk.card(self._incident.id, self._language)
        await self._invite(await self._people())
        await self._bookmark()
        await self._follow_card()
        instead = await self._playbook()
        await self._introduce()
        if instead is not None:
            await self._in_messages(*instead)

    # people

    async def _people(self) -> list[str]:
        """Whoever is to be there, each once: the one who asked, the owner, the departments, those always invited."""
        owner, always = self._incident.owner, self._front.rooms.invite
        first = [one.id for one in (self._who, owner) if one is not None and one.via == "slack"]
        members = [member for department in self._departments for member in department.members]
        grouped = [member for one in always if one.startswith("S") for member in await self._group(one)]
        single = [one for one in always if not one.startswith("S")]
        found = dict.fromkeys(one for one in (*first, *members, *single, *grouped) if _PERSON.fullmatch(one))
        return list(found)[:_MOST_PEOPLE]

    async def _group(self, group: str) -> list[str]:
        try:
            users = (await self._api.call("usergroups.users.list", form={"usergroup": group})).get("users")
        except DeliveryError as error:
            self._miss("group", error, who=group)
            return []
        return [str(one) for one in users] if isinstance(users, list) else []

    async def _invite(self, people: Sequence[str]) -> None:
        for start in range(0, len(people), _AT_ONCE):
            chunk = people[start : start + _AT_ONCE]
            try:
                await self._invite_these(chunk)
            except SlackRefused as refused:
                if refused.code not in _OF_ONE:
                    self._miss("invite_all", refused)
                    return
                await self._invite_each(chunk)
            except DeliveryError as error:
                self._miss("invite_all", error)
                return

    async def _invite_these(self, people: Sequence[str]) -> None:
        wanted = {"channel": self._room.place, "users": ",".join(people), "force": True}
        errors = (await self._api.call("conversations.invite", json=wanted)).get("errors")
        out = {text_at(one, "user"): text_at(one, "error")[:80] for one in errors} if isinstance(errors, list) else {}
        self._invited += len(people)
        for who, code in out.items():
            if who in people and code not in _IN_ALREADY:
                self._invited -= 1
                self._miss("invite", SlackRefused("conversations.invite", code), who=who)

    async def _invite_each(self, people: Iterable[str]) -> None:
        """One by one, so that one who cannot come keeps nobody else out."""
        for who in people:
            try:
                await self._api.call("conversations.invite", json={"channel": self._room.place, "users": who})
            except SlackRefused as refused:
                if refused.code not in _IN_ALREADY:
                    self._miss("invite", refused, who=who)
                    continue
            except DeliveryError as error:
                self._miss("invite", error, who=who)
                continue
            self._invited += 1

    # the alert

    async def _follow_card(self) -> None:
        """Let the incident's card come first, as long as people may wait: it says what the room is about."""
        for _ in range(round(self._front.card_patience / _LOOK)):
            try:
                cards = (await self._front.desk.places([self._incident.id])).get(self._incident.id, [])
            except StoreError:
                return
            if any(one.place == self._room.place and one.message for one in cards):
                return
            await asyncio.sleep(_LOOK)

    async def _bookmark(self) -> None:
        cards = (await self._front.desk.places([self._incident.id])).get(self._incident.id, [])
        alert = next((one for one in cards if _is_alert(one, self._room)), None)
        if alert is None:
            return
        try:
            asked = {"channel": alert.place, "message_ts": alert.message}
            link = str((await self._api.call("chat.getPermalink", form=asked)).get("permalink") or "")
            if link and not await self._is_bookmarked(link):
                title = room_word("alert", self._language, incident=self._incident.id)
                wanted = {"channel_id": self._room.place, "title": title[:250], "type": "link", "link": link}
                await self._api.call("bookmarks.add", json=wanted)
        except DeliveryError as error:
            self._miss("bookmark", error)

    async def _is_bookmarked(self, link: str) -> bool:
        try:
            found = (await self._api.call("bookmarks.list", form={"channel_id": self._room.place})).get("bookmarks")
        except SlackRefused:
            return False
        return isinstance(found, list) and any(isinstance(one, dict) and one.get("link") == link for one in found)

    # the playbook

    async def _playbook(self) -> tuple[str, str] | None:
        """Put the playbook into the canvas; its title and text where it must be a message instead."""
        text = await self._front.desk.playbook(self._incident.id, self._language)
        if not text.strip():
            return None
        view = self._card.playbook if self._card is not None else None
        title = room_word("canvas_title", self._language, title=view.title if view is not None else "BuzzGuard")
        if not self._front.rooms.canvas:
            return title, text
        try:
            await self._canvas(title, text)
        except DeliveryError as error:
            self._miss("canvas", error, then=room_word("by_message", self._language))
            return title, text
        return None

    async def _canvas(self, title: str, text: str) -> None:
        content = {"type": "markdown", "markdown": for_canvas(text)}
        wanted = {"channel_id": self._room.place, "title": title[:250], "document_content": content}
        try:
            await self._api.call("conversations.canvases.create", json=wanted, repeatable=False)
        except SlackRefused as refused:
            if refused.code not in _CANVAS_THERE:
                raise
            await self._add_to_canvas(text, content)

    async def _add_to_canvas(self, text: str, content: Mapping[str, str]) -> None:
        """Write behind what stands in the channel's canvas, unless the playbook is in it: people tick its boxes."""
        info = await self._api.call("conversations.info", form={"channel": self._room.place})
        canvas = _canvas_of(info.get("channel"))
        if not canvas:
            raise SlackRefused("canvases.edit", "canvas_not_found")
        heading = next((line.lstrip("# ") for line in text.splitlines() if line.startswith("#")), "")
        if heading:
            criteria = {"contains_text": heading[:100]}
            asked = {"canvas_id": canvas, "criteria": criteria}
            try:
                if (await self._api.call("canvases.sections.lookup", json=asked)).get("sections"):
                    return
            except SlackRefused as refused:
                _log.info("canvas.unread", reason=str(refused))
        change = {"operation": "insert_at_end", "document_content": content}
        await self._api.call("canvases.edit", json={"canvas_id": canvas, "changes": [change]})

    async def _in_messages(self, title: str, text: str) -> None:
        """The playbook as messages, the first of them pinned."""
        try:
            stamps = [
                await self._post(title, sections)
                for sections in in_messages([f"📖 *{mrkdwn(title)}*", *as_sections(text)])
            ]
            await self._api.call("pins.add", json={"channel": self._room.place, "timestamp": stamps[0]})
        except DeliveryError as error:
            _log.warning("room.incomplete", channel=self._room.place, part="playbook", reason=str(error))

    # the word

    async def _introduce(self) -> None:
        names = [_title(one, self._language) for one in self._departments]
        whom = ", ".join([*names, counted_people(self._invited, self._language)]) if self._invited else ""
        topic = self._card.briefing.topic_name if self._card is not None else self._incident.topic
        text = intro(
            self._incident,
            topic=topic or self._incident.topic,
            who=self._who,
            invited=whom,
            missing=self._missing,
            language=self._language,
        )
        payload = {"incident": self._incident.id}
        try:
            await self._post(text, [text], metadata={"event_type": ROOM_EVENT, "event_payload": payload})
        except DeliveryError as error:
            _log.warning("room.not_introduced", channel=self._room.place, reason=str(error))

    async def _post(self, text: str, sections: Sequence[str], **more: Any) -> str:
        blocks = [
            {"type": "section", "text": {"type": "mrkdwn", "text": section, "verbatim": True}} for section in sections
        ]
        quiet = {"unfurl_links": False, "unfurl_media": False}
        message = {"channel": self._room.place, "text": text[:3_000], "blocks": blocks, **quiet, **more}
        answer = await self._api.call("chat.postMessage", json=message, repeatable=False)
        return str(answer.get("ts", ""))

    def _miss(self, part: str, error: DeliveryError, *, who: str = "", then: str = "") -> None:
        _log.warning("room.incomplete", channel=self._room.place, part=part, reason=str(error))
        line = missing_line(room_word(part, self._language, who=who), error, self._language)
        self._missing.append(f"{line} – {then}" if then else line)


def _title(department: Department, language: Language) -> str:
    return department.title.get(language) or department.id


def _is_alert(delivery: Delivery, room: Room) -> bool:
    """Whether it posted a card in a channel that is not the room."""
    return bool(delivery.message) and delivery.place != room.place and bool(_CHANNEL.fullmatch(delivery.place))


def _canvas_of(channel: object) -> str:
    """The id of a channel's canvas, as `conversations.info` tells it."""
    for name in ("properties", "canvas"):
        channel = channel.get(name) if isinstance(channel, Mapping) else None
    found = channel.get("file_id") if isinstance(channel, Mapping) else None
    return found if isinstance(found, str) else ""
