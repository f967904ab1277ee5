"""WebSockets held to the law of every request, against a real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from buzzguard.collect.http import HttpClient
from buzzguard.collect.websocket import Turned, connect
from buzzguard.config.settings import NetworkSettings
from buzzguard.errors import SourceRefused, SourceUnavailable

SOON = timedelta(seconds=0.2)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost",), user_agent="BuzzGuard test"))
    yield client
    await client.close()


@asynccontextmanager
async def serving(handler: Any, **options: Any) -> AsyncIterator[str]:
    async with serve(handler, "localhost", 0, **options) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://localhost:{port}/subscribe?token=hush"


async def test_messages_come_until_the_other_side_closes_in_order(http: HttpClient) -> None:
    heard: list[str | None] = []

    async def talk(socket: ServerConnection) -> None:
        heard.append(socket.request.headers.get("user-agent") if socket.request else None)
        heard.append(str(await socket.recv()))
        await socket.send("one")
        await socket.send(b"two")

    async with serving(talk) as url, connect(http, url) as socket:
        await socket.send("hello")
        assert [message async for message in socket.messages()] == ["one", b"two"]
    assert heard == ["BuzzGuard test", "hello"]


async def test_a_silent_server_is_given_up_in_time(http: HttpClient) -> None:
    async def silent(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with serving(silent) as url, connect(http, url, quiet=SOON) as socket:
        with pytest.raises(SourceUnavailable, match="nothing came"):
            await anext(socket.messages())


async def test_a_broken_connection_is_passing_trouble(http: HttpClient) -> None:
    async def breaks(socket: ServerConnection) -> None:
        socket.transport.abort()

    async with serving(breaks) as url, connect(http, url) as socket:
        with pytest.raises(SourceUnavailable, match="broke"):
            await anext(socket.messages())


async def test_a_message_beyond_the_bound_ends_the_connection(http: HttpClient) -> None:
    async def huge(socket: ServerConnection) -> None:
        await socket.send("x" * 100_000)
        await asyncio.sleep(1)

    async with serving(huge) as url, connect(http, url, max_bytes=1_000) as socket:
        with pytest.raises(SourceUnavailable):
            await anext(socket.messages())


async def test_a_handshake_that_is_refused_tells_the_status_and_no_secret(http: HttpClient) -> None:
    async def never(socket: ServerConnection) -> None: ...

    def refuse(_: ServerConnection, __: Request) -> Response:
        return Response(HTTPStatus.TOO_MANY_REQUESTS, "slow", Headers({"Retry-After": "7"}), b"later")

    async with serving(never, process_request=refuse) as url:
        with pytest.raises(Turned, match="429") as raised:
            async with connect(http, url):
                pass
    assert raised.value.answer.status == 429
    assert raised.value.answer.headers["retry-after"] == "7"
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("ws://127.0.0.2:9/x", SourceRefused),  # not a host that the operator named
        ("ws://169.254.169.254/latest", SourceRefused),
        ("http://localhost/x", SourceRefused),
        ("ws://localhost:9/x", SourceUnavailable),
        ("ws://[::bad/x", SourceRefused),
    ],
)
async def test_an_address_that_may_not_or_cannot_be_dialled(http: HttpClient, url: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        async with connect(http, url):
            pass


async def test_what_speaks_no_websocket_is_passing_trouble(http: HttpClient) -> None:
    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(nonsense, "localhost", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(SourceUnavailable):
        async with connect(http, f"ws://localhost:{port}/"):
            pass
    server.close()
