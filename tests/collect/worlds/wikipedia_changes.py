"""The stream of recent changes of Wikimedia."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble

_TOPIC = "eqiad.mediawiki.recentchange"
_NEWS = 0.005


class World(base.World):
    """Every text is the summary of an edit of one article. Between them flow edits of others, by bots, and canaries."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("limited", "down", "web_page", "cut"))
    live = True

    async def start(self) -> None:
        """See `base.World`."""
        self.asked: list[dict[str, str]] = []
        self._connections: set[asyncio.Task[None]] = set()
        self._service = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.address = f"http://localhost:{self._service.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """See `base.World`."""
        self._service.close()
        self.hang_up()
        await self._service.wait_closed()

    def hang_up(self) -> None:
        """End every connection, as the service does now and then."""
        for task in self._connections:
            task.cancel()

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"address": self.address, "articles": {"fr.wikipedia": ["Lumio_(entreprise)"]}, "back": "1d"}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return self.settings() | {"address": f"{self.address}/none"}

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                asked = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
                await self._answer(head[0].split()[1], asked, writer)
        finally:
            self._connections.discard(task)
            writer.close()

    async def _answer(self, target: str, asked: dict[str, str], writer: asyncio.StreamWriter) -> None:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.asked.append(asked | {name: values[0] for name, values in query.items()})
        refusal = self._refusal(path)
        if refusal:
            writer.write(refusal)
            return await writer.drain()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n:ok\n\n")
        number = self._first(asked.get("last-event-id", ""), query.get("since", [""])[0])
        while True:
            for text in self.texts[number:]:
                if self.trouble == "cut":
                    event = _event(self.edit(number, text), number + 1)
                    writer.write(event[: len(event) // 2])
                    return await writer.drain()
                writer.write(self.framed(text))
                number += 1
            await writer.drain()
            await asyncio.sleep(_NEWS)

    def _refusal(self, path: str) -> bytes:
        if not path.startswith("/v2/stream/"):
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
        if self.trouble == "limited":
            wait = f"{self.wait.total_seconds():.0f}".encode()
            return b"HTTP/1.1 429 Too Many\r\nRetry-After: " + wait + b"\r\nContent-Length: 2\r\n\r\nno"
        if self.trouble == "down":
            return b"HTTP/1.1 503 Unavailable\r\nContent-Length: 2\r\n\r\nno"
        if self.trouble == "web_page":
            return b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 19\r\n\r\n<html>Later</html>\n"
        return b""

    def _first(self, position: str, since: str) -> int:
        """The number of the first text to send."""
        if position:
            return int(json.loads(position)[0]["offset"])
        begin = datetime.fromisoformat(since)
        return sum(self.at(text) < begin for text in self.texts)

    def framed(self, text: str) -> bytes:
        """What is sent with a text: noise, and its edit."""
        number = self.texts.index(text)
        edit = self.edit(number, text)
        other = edit | {"comment": "Nothing of note"}
        noise = (
            other | {"meta": {"domain": "canary"}},
            other | {"bot": True},
            other | {"title": "Another"},
            other | {"type": "log"},
            other | {"namespace": 3},
        )
        # Noise stands before the text: its position is that after the text before.
        return b"".join(_event(each, number) for each in noise) + _event(edit, number + 1)

    def edit(self, number: int, text: str) -> dict[str, Any]:
        """An edit as the stream tells it."""
        revision = {} if text in self.spoilt else {"old": 231_000_000 + number, "new": 231_000_001 + number}
        return {
            "meta": {"dt": self.at(text).isoformat(), "domain": "fr.wikipedia.org"},
            "type": "edit",
            "namespace": 0,
            "title": "Lumio (entreprise)",
            "comment": text,
            "timestamp": int(self.at(text).timestamp()),
            "user": "~2026-12345-6",
            "bot": False,
            "revision": revision,
            "server_url": "https://fr.wikipedia.org",
            "server_name": "fr.wikipedia.org",
            "server_script_path": "/w",
            "wiki": "frwiki",
        }


def _event(change: dict[str, Any], offset: int) -> bytes:
    position = json.dumps([{"topic": _TOPIC, "partition": 0, "offset": offset}])
    return f"event: message\nid: {position}\ndata: {json.dumps(change)}\n\n".encode()
