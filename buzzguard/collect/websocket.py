"""WebSockets, held to the same law as every other request: judged addresses, bounded sizes, no secret in an error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from buzzguard.collect.http import Answer, HttpClient, shown_url
from buzzguard.errors import SourceRefused, SourceUnavailable

_OPEN_SECONDS = 20.0
_MOST_REFUSAL = 100_000


class Turned(SourceUnavailable):
    """A server that answers the handshake with a status: `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} from {shown_url(answer.url)}")
        self.answer = answer


class Socket:
    """An open WebSocket."""

    def __init__(self, connection: Any, url: str, quiet: timedelta) -> None:
        self._connection = connection
        self._host = shown_url(url)
        self._quiet = quiet.total_seconds()

    async def send(self, message: str) -> None:
        """Send a text. Raises SourceUnavailable when the connection is gone."""
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(message)
        except ConnectionClosed as error:
            raise SourceUnavailable(f"{self._host}: the connection was closed") from error

    async def messages(self) -> AsyncIterator[str | bytes]:
        """What comes, until the other side closes in order. Raises SourceUnavailable for any other end, and when
        nothing comes for longer than `quiet`."""
        from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

        while True:
            try:
                async with asyncio.timeout(self._quiet):
                    message = await self._connection.recv()
            except ConnectionClosedOK:
                return
            except ConnectionClosed as error:
                raise SourceUnavailable(f"{self._host}: the connection broke") from error
            except TimeoutError as error:
                raise SourceUnavailable(f"{self._host}: nothing came for {self._quiet:.0f} s") from error
            yield message


@asynccontextmanager
async def connect(
    http: HttpClient,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    quiet: timedelta = timedelta(seconds=60),
    max_bytes: int = 1_000_000,
) -> AsyncIterator[Socket]:
    """Open `url` (ws or wss). Raises SourceUnavailable for what may pass, SourceRefused for a forbidden address,
    `Turned` when the server answers with a status. Messages above `max_bytes` end the connection."""
    connection = await _opened(http, url, headers or {}, max_bytes)
    try:
        yield Socket(connection, url, quiet)
    finally:
        await connection.close()


async def _opened(http: HttpClient, url: str, headers: Mapping[str, str], max_bytes: int) -> Any:
    from websockets.asyncio.client import connect as open_socket
    from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI

    if not url.startswith(("ws://", "wss://")):
        raise SourceRefused(f"{shown_url(url)} is not a ws or wss address")
    last: Exception | None = None
    for address in await http.addresses(url):
        dialled: dict[str, Any] = {"proxy": http.proxy.reveal()} if http.proxy else {"proxy": None, "host": address}
        try:
            return await open_socket(
                url,
                additional_headers=dict(headers),
                user_agent_header=http.agent,
                open_timeout=_OPEN_SECONDS,
                close_timeout=2.0,
                max_size=max_bytes,
                **dialled,
            )
        except InvalidStatus as error:
            raise Turned(_answer(url, error.response)) from error
        except (InvalidHandshake, InvalidURI) as error:
            raise SourceUnavailable(f"{shown_url(url)} does not speak WebSocket") from error
        except (OSError, TimeoutError) as error:
            last = error
    raise SourceUnavailable(f"{shown_url(url)}: no connection") from last


def _answer(url: str, response: Any) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.raw_items()}
    return Answer(
        status=response.status_code, headers=headers, body=bytes(response.body or b"")[:_MOST_REFUSAL], url=url
    )
