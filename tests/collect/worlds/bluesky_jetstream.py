"""A Jetstream server, classic wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from pytest_httpserver import HTTPServer
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from werkzeug import Request as WebRequest
from werkzeug import Response as WebResponse

from tests.collect.worlds import base
from tests.collect.worlds.base import Trouble, reply

DID = "did:plc:exampleexampleexample000"
OTHER = "did:plc:other0000000000000000000"
REFUSALS: dict[Trouble, int] = {"limited": 429, "down": 503, "web_page": 200}
_SIGNS = "234567abcdefghijklmnopqrstuvwxyz"


def tid(at: datetime) -> str:
    """The key of a record made at an instant."""
    value = int(at.timestamp() * 1e6) << 10
    return "".join(_SIGNS[value >> 5 * place & 31] for place in reversed(range(13)))


def micro(at: datetime) -> int:
    """An instant as the wire writes it."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def commit(text: str, at: datetime, *, did: str = DID, operation: str = "create", **fields: Any) -> dict[str, Any]:
    """A post's event, said and seen at `at`; further fields of its record."""
    rkey = fields.pop("rkey", tid(at))
    told: dict[str, Any] = {"rev": fields.pop("rev", f"r{micro(at)}"), "operation": operation, "rkey": rkey}
    told["collection"] = "app.bsky.feed.post"
    if operation != "delete":
        record = {"$type": "app.bsky.feed.post", "createdAt": f"{at.isoformat()}", "langs": ["fr"], "text": text}
        told |= {"cid": "bafyexample", "record": record | fields}
    return {"did": did, "time_us": micro(at), "kind": "commit", "commit": told}


async def first_of(*waits: Coroutine[Any, Any, object]) -> None:
    """Wait until one of these ends."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


class World(base.World):
    """One server that replays what it holds from a cursor on, then pushes what comes."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("limited", "down", "web_page"))
    live = True

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        super().__init__(server, folder)
        self.asked: list[dict[str, list[str]]] = []
        """The queries of the connections."""
        self.extra: list[dict[str, Any] | str | bytes] = []
        """Further frames, after the texts."""
        self.profiles_asked: list[list[str]] = []
        self.profiles_status = 200
        self.clamp: datetime | None = None
        self._came = asyncio.Event()
        self._socket: Server | None = None

    async def start(self) -> None:
        """See `base.World`."""
        self._socket = await serve(self._talk, "127.0.0.1", 0, process_request=self._greet, compression=None)

    async def stop(self) -> None:
        """See `base.World`."""
        assert self._socket is not None
        self._socket.close()
        await self._socket.wait_closed()

    @property
    def address(self) -> str:
        """Where it listens."""
        assert self._socket is not None
        return f"ws://localhost:{next(iter(self._socket.sockets)).getsockname()[1]}"

    def settings(self) -> dict[str, Any]:
        """See `base.World`."""
        self.server.expect_request("/xrpc/app.bsky.actor.getProfiles").respond_with_handler(self._profiles)
        return {"hosts": [f"{self.address}/subscribe"], "profiles": self.server.url_for("/")}

    def missing(self) -> dict[str, Any]:
        """See `base.World`."""
        return {"hosts": [f"{self.address}/nothing"], "profiles": ""}

    def publish(self, *texts: str) -> None:
        """See `base.World`."""
        super().publish(*texts)
        self._came.set()

    def push(self, *frames: dict[str, Any] | str | bytes) -> None:
        """Send these after everything else."""
        self.extra += frames
        self._came.set()

    def hang_up(self) -> None:
        """Break every connection."""
        assert self._socket is not None
        for connection in self._socket.connections:
            connection.transport.abort()

    async def _greet(self, connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        if parts.path != "/subscribe":
            return connection.respond(404, "nothing here")
        status = REFUSALS.get(self.trouble)
        if status is not None:
            refusal = connection.respond(status, "<html>no</html>")
            if status == 429:
                refusal.headers["Retry-After"] = str(int(self.wait.total_seconds()))
            return refusal
        self.asked.append(parse_qs(parts.query))
        return None

    async def _talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = parse_qs(urlsplit(connection.request.path).query)
        most = int(query["maxMessageSizeBytes"][0])
        since = int(query["cursor"][0])
        texts = extra = 0
        try:
            while connection.state is State.OPEN:
                while texts < len(self.texts):
                    texts += 1
                    await self._send(connection, self._event(self.texts[texts - 1]), since, most)
                while extra < len(self.extra):
                    extra += 1
                    await self._send(connection, self.extra[extra - 1], since, most)
                self._came.clear()
                await first_of(self._came.wait(), connection.wait_closed())
        except ConnectionClosed:
            return

    async def _send(
        self, connection: ServerConnection, event: dict[str, Any] | str | bytes, since: int, most: int
    ) -> None:
        if isinstance(event, dict):
            if (event.get("time_us") or since) < max(since, micro(self.clamp) if self.clamp else 0):
                return
            event = json.dumps(event)
        if len(event) <= most:
            await connection.send(event)

    def _event(self, text: str) -> dict[str, Any]:
        at = self.at(text)
        if text in self.spoilt:
            return {"did": DID, "time_us": None, "kind": "commit", "commit": {"operation": "create"}}
        return commit(text, at) | {"time_us": micro(at + timedelta(seconds=0.2)), "cursor": 88_123_456}

    def _profiles(self, request: WebRequest) -> WebResponse:
        actors = request.args.getlist("actors")
        self.profiles_asked.append(actors)
        profiles = [
            {"did": did, "handle": f"{did[8:13]}.bsky.social", "displayName": "Clémence", "followersCount": 812}
            for did in actors
            if did != OTHER
        ]
        return reply({"profiles": profiles}, self.profiles_status)
