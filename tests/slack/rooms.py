"""What the strict Slack knows of channels that an app makes: their names, people, pins, bookmarks and canvases."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.slack.refusing import Refused
from tests.slack.workspace import ALL_SCOPES, BOT_USER, CHANNEL, OTHER_CHANNEL, Json, Workspace

ROOM_SCOPES = [
    "channels:manage",
    "groups:write",
    "pins:write",
    "bookmarks:read",
    "bookmarks:write",
    "canvases:read",
    "canvases:write",
    "usergroups:read",
    "users:read",
    "im:write",
]
_NAME = re.compile(r"[a-z0-9_-]{1,80}")
_MANAGE = ("channels:manage", "groups:write")
_SCOPES: Mapping[str, tuple[str, ...]] = {
    "conversations.create": _MANAGE,
    "conversations.invite": (*_MANAGE, "channels:write.invites"),
    "conversations.setTopic": (*_MANAGE, "channels:write.topic"),
    "conversations.setPurpose": (*_MANAGE, "channels:write.topic"),
    "conversations.list": ("channels:read", "groups:read"),
    "conversations.open": ("im:write",),
    "pins.add": ("pins:write",),
    "bookmarks.add": ("bookmarks:write",),
    "bookmarks.list": ("bookmarks:read",),
    "conversations.canvases.create": ("canvases:write",),
    "canvases.edit": ("canvases:write",),
    "canvases.sections.lookup": ("canvases:read",),
    "usergroups.users.list": ("usergroups:read",),
    "usergroups.list": ("usergroups:read",),
    "chat.delete": ("chat:write",),
}


class RoomWorkspace(Workspace):
    """A workspace in which channels can be made. `guests` may not be invited; `canvases` is false on a plan that has
    none; `crowded` names are taken by channels of other people."""

    def __init__(self, *, crowded: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(**more)
        self.scopes = [*dict.fromkeys([*ALL_SCOPES, *ROOM_SCOPES])]
        self.people |= {"U0LEILA001": "Leïla Haddad"}
        self.guests: set[str] = set()
        self.groups = {"S0CRISIS01": ["U0MARC0001", "U0LEILA001"]}
        self.canvases = True
        self.made: dict[str, Json] = {}
        self.team_url = "https://lumio.slack.com/"
        for name in crowded:
            self._add(name, creator="U0SOMEBODY", private=False)

    def room(self, number: int = 1) -> Json:
        """A channel that was made, in order of making; those of others are none."""
        return [one for one in self.made.values() if one["creator"] == BOT_USER][number - 1]

    def rooms(self) -> list[str]:
        """The names of the channels that the app made."""
        return [one["name"] for one in self.made.values() if one["creator"] == BOT_USER]

    def say(self, text: str, *, channel: str = CHANNEL, thread: str = "", **more: Any) -> Json:
        """A person writes a message, by default Claire; the message itself, to be changed as Slack would."""
        stamp = self._next_ts()
        message: Json = {"type": "message", "user": "U0CLAIRE01", "text": text, "ts": stamp, **more}
        if thread:
            message["thread_ts"] = thread
        self.state.messages.setdefault(channel, []).append(message)
        return message

    def call(self, method: str, token: str, arguments: Json) -> Json:
        """The answer of a method. Raises Refused or RateLimited."""
        handler = _METHODS.get(method)
        if handler is None:
            return super().call(method, token, arguments)
        with self.lock:
            self.calls.append((method, arguments))
            self._authorise(method, token)
            needed = _SCOPES.get(method, ())
            if needed and not set(needed) & set(self.scopes):
                raise Refused("missing_scope", needed=needed[0], provided=",".join(self.scopes))
            return {"ok": True, **handler(self, arguments)}

    def create(self, arguments: Json) -> Json:
        """`conversations.create`."""
        name = str(arguments.get("name", ""))
        if not _NAME.fullmatch(name):
            raise Refused("invalid_name_specials")
        if any(one["name"] == name for one in self.made.values()):
            raise Refused("name_taken")
        needed = "groups:write" if arguments.get("is_private") else "channels:manage"
        if needed not in self.scopes:
            raise Refused("missing_scope", needed=needed, provided=",".join(self.scopes))
        return {"channel": self._add(name, creator=BOT_USER, private=bool(arguments.get("is_private")))}

    def list_channels(self, arguments: Json) -> Json:
        """`conversations.list`."""
        private = "private_channel" in str(arguments.get("types"))
        shown = [one for one in self.made.values() if one["is_private"] is private]
        start, limit = int(str(arguments.get("cursor") or "0")), int(arguments.get("limit", 100))
        following = str(start + limit) if start + limit < len(shown) else ""
        return {"channels": shown[start : start + limit], "response_metadata": {"next_cursor": following}}

    def describe(self, arguments: Json) -> Json:
        """`conversations.info`."""
        made = self.made.get(str(arguments.get("channel")))
        if made is None:
            return super().info(arguments)
        canvas = {"properties": {"canvas": {"file_id": made["canvas"]["id"]}}} if made["canvas"] else {}
        return {"channel": {**made, **canvas, "is_archived": made["id"] in self.state.archived, "is_member": True}}

    def set_topic(self, arguments: Json) -> Json:
        """`conversations.setTopic`."""
        return self._set("topic", arguments)

    def set_purpose(self, arguments: Json) -> Json:
        """`conversations.setPurpose`."""
        return self._set("purpose", arguments)

    def invite(self, arguments: Json) -> Json:
        """`conversations.invite`."""
        channel, users = self._made(arguments), str(arguments.get("users", "")).split(",")
        if len(users) > 100:
            raise Refused("too_many_users")
        errors = [{"user": one, "ok": False, "error": why} for one in users if (why := self._unfit(channel, one))]
        if errors and not arguments.get("force"):
            raise Refused(str(errors[0]["error"]), errors=errors)
        fit = [one for one in users if not self._unfit(channel, one)]
        if not fit:
            raise Refused(str(errors[0]["error"]), errors=errors)
        channel["people"] += fit
        return {"channel": channel} | ({"errors": errors} if errors else {})

    def pin(self, arguments: Json) -> Json:
        """`pins.add`."""
        channel, stamp = self._open_channel(arguments), str(arguments.get("timestamp"))
        message = self._find(channel, stamp)
        if message is None:
            raise Refused("message_not_found")
        pinned = message.setdefault("pinned_to", [])
        if channel in pinned:
            raise Refused("already_pinned")
        pinned.append(channel)
        return {}

    def bookmark(self, arguments: Json) -> Json:
        """`bookmarks.add`."""
        channel = self._made({"channel": arguments.get("channel_id")})
        if arguments.get("type") != "link" or not str(arguments.get("link", "")).startswith("http"):
            raise Refused("invalid_link")
        channel["bookmarks"].append({"title": arguments["title"], "link": arguments["link"]})
        return {"bookmark": channel["bookmarks"][-1]}

    def list_bookmarks(self, arguments: Json) -> Json:
        """`bookmarks.list`."""
        return {"bookmarks": self._made({"channel": arguments.get("channel_id")})["bookmarks"]}

    def create_canvas(self, arguments: Json) -> Json:
        """`conversations.canvases.create`."""
        channel = self._made({"channel": arguments.get("channel_id")})
        if not self.canvases:
            raise Refused("team_tier_cannot_create_channel_canvases")
        if channel["canvas"]:
            raise Refused("channel_canvas_already_exists")
        channel["canvas"] = {"id": f"F0CANVAS{len(self.made):02d}", "text": _markdown(arguments)}
        return {"canvas_id": channel["canvas"]["id"]}

    def edit_canvas(self, arguments: Json) -> Json:
        """`canvases.edit`: one operation a call."""
        (change,) = arguments["changes"]
        canvas = self._canvas(arguments)
        if change["operation"] != "insert_at_end":
            raise Refused("canvas_editing_failed")
        canvas["text"] += _markdown(change)
        return {}

    def look_up_sections(self, arguments: Json) -> Json:
        """`canvases.sections.lookup`."""
        found = arguments["criteria"]["contains_text"] in self._canvas(arguments)["text"]
        return {"sections": [{"id": "temp:C:1"}] if found else []}

    def group(self, arguments: Json) -> Json:
        """`usergroups.users.list`."""
        users = self.groups.get(str(arguments.get("usergroup")))
        if users is None:
            raise Refused("no_such_subteam")
        return {"users": users}

    def list_groups(self, _: Json) -> Json:
        """`usergroups.list`."""
        return {"usergroups": [{"id": one} for one in self.groups]}

    def permalink(self, arguments: Json) -> Json:
        """`chat.getPermalink`."""
        channel, stamp = str(arguments.get("channel")), str(arguments.get("message_ts"))
        if self._find(channel, stamp) is None:
            raise Refused("message_not_found")
        return {"permalink": f"{self.team_url}archives/{channel}/p{stamp.replace('.', '')}"}

    def delete(self, arguments: Json) -> Json:
        """`chat.delete`."""
        channel, stamp = self._open_channel(arguments), str(arguments.get("ts"))
        if self._find(channel, stamp) is None:
            raise Refused("message_not_found")
        self.delete_message(channel, stamp)
        return {}

    def open_direct(self, arguments: Json) -> Json:
        """`conversations.open`."""
        user = str(arguments.get("users"))
        if user not in self.people:
            raise Refused("user_not_found")
        channel = f"D{user[1:]}"
        if channel not in self.channels:
            self.channels.append(channel)
        return {"channel": {"id": channel}}

    def _add(self, name: str, *, creator: str, private: bool) -> Json:
        id = f"C0ROOM{len(self.made) + 1:04d}"
        topic: Json = {"topic": {"value": ""}, "purpose": {"value": ""}}
        inside: Json = {"people": [BOT_USER], "bookmarks": [], "canvas": None}
        self.made[id] = {"id": id, "name": name, "creator": creator, "is_private": private, **topic, **inside}
        if creator == BOT_USER:
            self.channels.append(id)
        return self.made[id]

    def _made(self, arguments: Json) -> Json:
        channel = self.made.get(str(arguments.get("channel")))
        if channel is None:
            raise Refused("channel_not_found")
        if channel["id"] in self.state.archived:
            raise Refused("is_archived")
        return channel

    def _set(self, what: str, arguments: Json) -> Json:
        value = str(arguments.get(what, ""))
        if len(value.encode("utf-16-le")) // 2 > 250:
            raise Refused("too_long")
        self._made(arguments)[what] = {"value": value}
        return {what: value}

    def _unfit(self, channel: Json, user: str) -> str:
        if user == BOT_USER:
            return "cant_invite_self"
        if user not in self.people:
            return "user_not_found"
        if user in channel["people"]:
            return "already_in_channel"
        return "user_is_restricted" if user in self.guests else ""

    def _canvas(self, arguments: Json) -> Json:
        found = [one["canvas"] for one in self.made.values() if one["canvas"]]
        canvas = next((one for one in found if one["id"] == arguments.get("canvas_id")), None)
        if canvas is None:
            raise Refused("canvas_not_found")
        known: Json = canvas
        return known


def _markdown(arguments: Json) -> str:
    content = arguments["document_content"]
    if content["type"] != "markdown" or not content["markdown"]:
        raise Refused("canvas_creation_failed")
    return str(content["markdown"])


_METHODS: Mapping[str, Callable[[RoomWorkspace, Json], Json]] = {
    "conversations.create": RoomWorkspace.create,
    "conversations.list": RoomWorkspace.list_channels,
    "conversations.info": RoomWorkspace.describe,
    "conversations.setTopic": RoomWorkspace.set_topic,
    "conversations.setPurpose": RoomWorkspace.set_purpose,
    "conversations.invite": RoomWorkspace.invite,
    "conversations.open": RoomWorkspace.open_direct,
    "pins.add": RoomWorkspace.pin,
    "bookmarks.add": RoomWorkspace.bookmark,
    "bookmarks.list": RoomWorkspace.list_bookmarks,
    "conversations.canvases.create": RoomWorkspace.create_canvas,
    "canvases.edit": RoomWorkspace.edit_canvas,
    "canvases.sections.lookup": RoomWorkspace.look_up_sections,
    "usergroups.users.list": RoomWorkspace.group,
    "usergroups.list": RoomWorkspace.list_groups,
    "chat.getPermalink": RoomWorkspace.permalink,
    "chat.delete": RoomWorkspace.delete,
}
__all__ = ["CHANNEL", "OTHER_CHANNEL", "ROOM_SCOPES", "RoomWorkspace"]
