"""The door to services over HTTP: bounded, through the operator's proxy, without a word of secrets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from buzzguard.config.secrets import SecretError
from buzzguard.config.settings import NetworkSettings, Secret
from buzzguard.deliver.http import Http
from buzzguard.errors import DeliveryDelayed, DeliveryUncertain

Handle = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _server(handle: Handle) -> AsyncIterator[str]:
    ended: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(end := asyncio.Event())
        await handle(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        end.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
        for end in ended:
            await end.wait()


async def test_an_answer_lost_on_its_way_leaves_doubt() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    async with _server(hang_up) as url:
        http = Http("the service")
        with pytest.raises(DeliveryUncertain, match="the service: the answer was lost") as caught:
            await http.send("POST", f"{url}/secret-path", content=b"x")
        await http.close()
    assert "secret-path" not in repr(caught.value)
    assert caught.value.__context__ is None


async def test_a_service_that_never_answers_is_not_waited_for() -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.read()

    async with _server(silence) as url:
        http = Http("the service", patience=0.2)
        with pytest.raises(DeliveryUncertain):
            await http.send("POST", url, content=b"x")
        await http.close()


async def test_an_answer_without_end_is_read_in_part() -> None:
    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(1_000):
                writer.write(b"x" * 10_000)
                await writer.drain()

    async with _server(flood) as url:
        http = Http("the service")
        assert len((await http.send("GET", url)).body) == 200_000
        await http.close()


async def test_requests_to_others_go_through_the_proxy_and_those_to_this_machine_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    async with _server(answer) as proxy, _server(answer) as near:
        monkeypatch.setenv("PROXY", proxy)
        http = Http("the service")
        http.use(NetworkSettings(proxy=Secret(env="PROXY")))
        assert (await http.send("POST", "http://am.acme.example:9093/x")).status == 204
        assert (await http.send("POST", f"{near}/y")).status == 204
        await http.close()
    assert asked == [b"POST http://am.acme.example:9093/x HTTP/1.1", b"POST /y HTTP/1.1"]


async def test_a_proxy_that_is_none_is_told_without_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY", "nonsense:user:password")
    with pytest.raises(SecretError) as caught:
        Http("the service").use(NetworkSettings(proxy=Secret(env="PROXY")))
    assert "password" not in str(caught.value)


async def test_a_proxy_that_is_down_is_passing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY", "http://127.0.0.1:1")
    http = Http("the service")
    http.use(NetworkSettings(proxy=Secret(env="PROXY")))
    with pytest.raises(DeliveryDelayed) as caught:
        await http.send("POST", "https://am.acme.example/x")
    assert not isinstance(caught.value, DeliveryUncertain)
    await http.close()


async def test_no_library_logs_an_address(caplog: pytest.LogCaptureFixture) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    caplog.set_level("DEBUG")
    async with _server(answer) as url:
        http = Http("the service")
        await http.send("POST", f"{url}/secret-path", headers={"authorization": "Bearer secret-token"})
        await http.close()
    assert "secret" not in caplog.text
