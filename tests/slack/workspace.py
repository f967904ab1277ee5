"""The state of the strict Slack and its methods, written from the published reference.

What Slack enforces is enforced: tokens and scopes, channels, Block Kit's limits, rates, threads, what may be edited,
the once-only completion of an upload. What is kept survives a restart, when a state file is given.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.deliver.block_kit import check_message
from tests.slack import windows
from tests.slack.refusing import RateLimited, Refused, checked_metadata, files_shown

BOT_TOKEN = "xoxb-strict-000000000000-secretbot"
APP_TOKEN = "xapp-1-strict-000000-secretapp"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT_ID = "B0BUZZ0001"
BOT_USER = "U0BOT00001"
TEAM = "T0BUZZ0001"
CHANNEL = "C0BUZZ0001"
OTHER_CHANNEL = "C0BUZZ0002"
ALL_SCOPES = [
    "chat:write",
    "files:write",
    "channels:history",
    "groups:history",
    "channels:read",
    "groups:read",
    "commands",
    "im:history",
    "users:read",
]
_SCOPES = {
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history"),
    "conversations.replies": ("channels:history", "groups:history"),
    "conversations.info": ("channels:read", "groups:read"),
    "users.info": ("users:read",),
    "files.getUploadURLExternal": ("files:write",),
    "files.completeUploadExternal": ("files:write",),
}

Json = dict[str, Any]


@dataclass
class State:
    """Everything that a restart keeps."""

    messages: dict[str, list[Json]] = field(default_factory=dict)
    ephemeral: list[Json] = field(default_factory=list)
    files: dict[str, Json] = field(default_factory=dict)
    archived: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    last: float = 0.0


class Workspace:
    """One workspace with one app. Thread-safe.

    `burst` is how many messages a channel takes at once before it takes one a second; `unready` how many uses of a
    fresh file are refused; `page` the most messages of one page.
    """

    def __init__(
        self,
        *,
        channels: tuple[str, ...] = (CHANNEL, OTHER_CHANNEL),
        state_file: Path | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.channels = list(channels)
        self.scopes = list(ALL_SCOPES)
        self.burst = 20
        self.unready = 0
        self.pings: list[str] = []
        self.page = 100
        self.base_url = ""
        self.socket_url = ""
        self.calls: list[tuple[str, Json]] = []
        self.windows = windows.Windows(monotonic)
        self.people = {"U0CLAIRE01": "Claire Morel", "U0MARC0001": "Marc Petit"}
        self.lock = threading.RLock()
        self._state_file = state_file
        self._monotonic = monotonic
        self._buckets: dict[str, tuple[float, float]] = {}
        self.state = self._load()

    # what tests read

    def messages(self, channel: str = CHANNEL) -> list[Json]:
        """Every message of a channel, replies included, oldest first."""
        with self.lock:
            return [dict(message) for message in self.state.messages.get(channel, [])]

    def roots(self, channel: str = CHANNEL) -> list[Json]:
        """The messages that are not replies."""
        return [message for message in self.messages(channel) if "thread_ts" not in message]

    def keys(self, channel: str = CHANNEL) -> list[str]:
        """The notification key in the metadata of each message."""
        return [
            str(message["metadata"]["event_payload"]["key"])
            for message in self.messages(channel)
            if "metadata" in message
        ]

    def duplicates(self) -> list[str]:
        """Keys that stand in more than one message of the whole workspace."""
        counted = Counter(key for channel in self.state.messages for key in self.keys(channel))
        return [key for key, count in counted.items() if count > 1]

    def called(self, method: str) -> list[Json]:
        """The arguments of each call of `method`, in order."""
        with self.lock:
            return [arguments for name, arguments in self.calls if name == method]

    def delete_message(self, channel: str, ts: str) -> None:
        """As a person would."""
        with self.lock:
            self.state.messages[channel] = [m for m in self.state.messages[channel] if m["ts"] != ts]
            self._save()

    # what the app calls

    def call(self, method: str, token: str, arguments: Json) -> Json:
        """The answer of a method. Raises Refused or RateLimited."""
        with self.lock:
            self.calls.append((method, arguments))
            handler = _METHODS.get(method)
            if handler is None:
                raise Refused("unknown_method")
            self._authorise(method, token)
            answer = handler(self, arguments)
            self._save()
            return {"ok": True, **answer}

    def receive_upload(self, file_id: str, content: bytes) -> bool:
        """Bytes at the upload address; whether it is one."""
        with self.lock:
            file = self.state.files.get(file_id)
            if file is None or len(content) != file["length"]:
                return False
            file["received"] = len(content)
            file["signature"] = content[:8].hex()
            self._save()
            return True

    def auth_test(self, _: Json) -> Json:
        """`auth.test`."""
        return {"url": "https://lumio.slack.com/", "team_id": TEAM, "user_id": BOT_USER, "bot_id": BOT_ID}

    def post_message(self, arguments: Json) -> Json:
        """`chat.postMessage`."""
        channel = self._open_channel(arguments)
        self._limit_rate(channel)
        self._check_content(arguments)
        message = self._message(channel, arguments)
        thread = arguments.get("thread_ts")
        if thread is not None:
            self._check_thread(channel, str(thread))
            message["thread_ts"] = str(thread)
            message["broadcast"] = bool(arguments.get("reply_broadcast"))
        if metadata := arguments.get("metadata"):
            message["metadata"] = checked_metadata(metadata)
        self.state.messages.setdefault(channel, []).append(message)
        return {"channel": channel, "ts": message["ts"], "message": message}

    def update(self, arguments: Json) -> Json:
        """`chat.update`."""
        channel = self._open_channel(arguments)
        message = self._find(channel, str(arguments.get("ts")))
        if message is None:
            raise Refused("message_not_found")
        if message.get("bot_id") != BOT_ID:
            raise Refused("cant_update_message")
        self._check_content(arguments)
        if len(str(arguments.get("text", ""))) > 4000:
            raise Refused("msg_too_long")
        for name in ("text", "blocks", "attachments"):
            message[name] = arguments.get(name, [] if name != "text" else "")
        message["edited"] = {"user": BOT_USER, "ts": self._next_ts()}
        message["edits"] = message.get("edits", 0) + 1
        return {"channel": channel, "ts": message["ts"], "text": message["text"]}

    def post_ephemeral(self, arguments: Json) -> Json:
        """`chat.postEphemeral`."""
        channel = self._open_channel(arguments)
        self._check_content(arguments)
        told = {"channel": channel, "user": arguments["user"], "text": arguments.get("text", "")}
        self.state.ephemeral.append(told)
        return {"message_ts": self._next_ts()}

    def history(self, arguments: Json) -> Json:
        """`conversations.history`: newest first, broadcast replies included."""
        channel = self._open_channel(arguments, reading=True)
        shown = [m for m in self.state.messages.get(channel, []) if "thread_ts" not in m or m.get("broadcast")]
        return self._paged(shown[::-1], arguments)

    def replies(self, arguments: Json) -> Json:
        """`conversations.replies`: the parent, then its replies, oldest first."""
        channel = self._open_channel(arguments, reading=True)
        parent = str(arguments.get("ts"))
        shown = [m for m in self.state.messages.get(channel, []) if parent in (m["ts"], m.get("thread_ts"))]
        if not shown:
            raise Refused("thread_not_found")
        return self._paged(shown, arguments)

    def info(self, arguments: Json) -> Json:
        """`conversations.info`."""
        channel = str(arguments.get("channel"))
        if channel not in self.channels:
            raise Refused("channel_not_found")
        archived, member = channel in self.state.archived, channel not in self.state.left
        return {"channel": {"id": channel, "is_archived": archived, "is_member": member, "is_private": False}}

    def get_upload_url(self, arguments: Json) -> Json:
        """`files.getUploadURLExternal`."""
        if int(arguments.get("length", 0)) <= 0 or not arguments.get("filename"):
            raise Refused("missing_argument")
        if len(str(arguments.get("alt_txt", ""))) > 1000:
            raise Refused("alt_txt_too_large")
        file_id = f"F0CHART{len(self.state.files) + 1:03d}"
        name, length = arguments["filename"], int(arguments["length"])
        self.state.files[file_id] = {"name": name, "length": length, "received": 0, "complete": False}
        self.state.files[file_id]["unready"] = self.unready
        return {"upload_url": f"{self.base_url}upload/v1/{file_id}", "file_id": file_id}

    def complete_upload(self, arguments: Json) -> Json:
        """`files.completeUploadExternal`: once a file."""
        files = arguments.get("files")
        if not isinstance(files, list) or not files:
            raise Refused("invalid_arguments")
        for named in files:
            file = self.state.files.get(str(named.get("id")))
            if file is None or not file["received"] or file["complete"]:
                raise Refused("file_not_found")
            file["complete"] = True
        return {"files": [{"id": named["id"], "title": named.get("title", "")} for named in files]}

    def show_window(self, arguments: Json, *, method: str) -> Json:
        """`views.open`, `views.update`, `views.publish`."""
        try:
            return windows.METHODS[method](self.windows, arguments)
        except windows.WindowRefused as refused:
            raise Refused(refused.error, response_metadata={"messages": refused.faults}) from refused

    def user_info(self, arguments: Json) -> Json:
        """`users.info`."""
        user = str(arguments.get("user"))
        if user not in self.people:
            raise Refused("user_not_found")
        profile = {"display_name": "", "real_name": self.people[user]}
        return {"user": {"id": user, "is_stranger": False, "profile": profile}}

    def open_connection(self, _: Json) -> Json:
        """`apps.connections.open`."""
        return {"url": self.socket_url}

    # what it enforces

    def _authorise(self, method: str, token: str) -> None:
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if not token:
            raise Refused("not_authed")
        if token in (APP_TOKEN, BOT_TOKEN) and token != wanted:
            raise Refused("not_allowed_token_type")
        if token != wanted:
            raise Refused("invalid_auth")
        needed = _SCOPES.get(method, ())
        if needed and not set(needed) & set(self.scopes):
            raise Refused("missing_scope", needed=needed[0], provided=",".join(self.scopes))

    def _open_channel(self, arguments: Json, *, reading: bool = False) -> str:
        channel = str(arguments.get("channel"))
        if channel not in self.channels:
            raise Refused("channel_not_found")
        if channel in self.state.archived and not reading:
            raise Refused("is_archived")
        if channel in self.state.left:
            raise Refused("not_in_channel")
        return channel

    def _limit_rate(self, channel: str) -> None:
        now = self._monotonic()
        tokens, at = self._buckets.get(channel, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + now - at)
        if tokens < 1:
            self._buckets[channel] = (tokens, now)
            raise RateLimited(1)
        self._buckets[channel] = (tokens - 1, now)

    def _check_content(self, arguments: Json) -> None:
        shown: Json = {name: arguments[name] for name in ("text", "blocks", "attachments") if name in arguments}
        if not any(shown.values()):
            raise Refused("no_text")
        if faults := check_message(self._without_pings(shown)):
            raise Refused("invalid_blocks", response_metadata={"messages": faults})
        for file_id in files_shown(shown):
            file = self.state.files.get(file_id)
            if file is None or not file["complete"]:
                raise Refused("invalid_blocks", response_metadata={"messages": ["[ERROR] invalid slack file"]})
            if file["unready"]:
                file["unready"] -= 1
                raise Refused("invalid_blocks", response_metadata={"messages": ["[ERROR] invalid slack file"]})

    def _without_pings(self, shown: Json) -> Json:
        """The judge of Block Kit refuses every ping: those that a test foresees are taken out before."""
        text = json.dumps(shown)
        for ping in self.pings:
            text = text.replace(ping, "ping")
        found: Json = json.loads(text)
        return found

    def _check_thread(self, channel: str, thread: str) -> None:
        parent = self._find(channel, thread)
        if parent is None or "thread_ts" in parent:
            raise Refused("thread_not_found")

    def _message(self, channel: str, arguments: Json) -> Json:
        shown = {name: arguments.get(name, []) for name in ("blocks", "attachments")}
        author = {"user": BOT_USER, "bot_id": BOT_ID, "app_id": "A0BUZZ0001", "team": TEAM}
        text = str(arguments.get("text", ""))
        return {"type": "message", **author, "channel": channel, "ts": self._next_ts(), "text": text, **shown}

    def _next_ts(self) -> str:
        self.state.last = max(time.time(), self.state.last + 0.000002)
        return f"{self.state.last:.6f}"

    def _find(self, channel: str, ts: str) -> Json | None:
        return next((m for m in self.state.messages.get(channel, []) if m["ts"] == ts), None)

    def _paged(self, messages: list[Json], arguments: Json) -> Json:
        limit = min(int(arguments.get("limit", 100)), self.page)
        start = int(str(arguments.get("cursor") or "0"))
        with_metadata = str(arguments.get("include_all_metadata", "")).lower() in ("true", "1")
        hidden = () if with_metadata else ("metadata",)
        page = [{k: v for k, v in m.items() if k not in hidden} for m in messages[start : start + limit]]
        following = str(start + limit) if start + limit < len(messages) else ""
        return {"messages": page, "has_more": bool(following), "response_metadata": {"next_cursor": following}}

    def _load(self) -> State:
        if self._state_file is None or not self._state_file.exists():
            return State()
        return State(**json.loads(self._state_file.read_text("utf-8")))

    def _save(self) -> None:
        if self._state_file is None:
            return
        fresh = self._state_file.with_suffix(".new")
        fresh.write_text(json.dumps(vars(self.state)), "utf-8")
        fresh.replace(self._state_file)


_METHODS: Mapping[str, Callable[[Workspace, Json], Json]] = {
    "auth.test": Workspace.auth_test,
    "apps.connections.open": Workspace.open_connection,
    "chat.postMessage": Workspace.post_message,
    "chat.update": Workspace.update,
    "chat.postEphemeral": Workspace.post_ephemeral,
    "conversations.history": Workspace.history,
    "conversations.replies": Workspace.replies,
    "conversations.info": Workspace.info,
    "users.info": Workspace.user_info,
    **{name: partial(Workspace.show_window, method=name) for name in windows.METHODS},
    "files.getUploadURLExternal": Workspace.get_upload_url,
    "files.completeUploadExternal": Workspace.complete_upload,
}
