"""Listens to what people do in Slack over Socket Mode: no address of ours need be reachable from outside.

Slack's own client holds the connection in threads. It is told not to reconnect by itself: a supervisor does so with a
growing pause, also when Slack is down at the start, and says in the log when the line is lost and found.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any, Protocol

from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver.slack_api import SlackApi, in_thread, quiet_logger
from buzzguard.deliver.slack_front import Body, Kind, SlackFront
from buzzguard.errors import ConfigError, DeliveryError
from buzzguard.model import Fault
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from slack_sdk.socket_mode import SocketModeClient
    from slack_sdk.socket_mode.client import BaseSocketModeClient
    from slack_sdk.socket_mode.request import SocketModeRequest

_log = get_logger("deliver.slack")

_KINDS: Mapping[str, Kind] = {"interactive": "interactive", "slash_commands": "command", "events_api": "event"}
_ANSWER_WITHIN = 2.5
"""Seconds until an envelope is acknowledged at the latest, whatever holds back the loop: Slack waits for three."""
_LOOK = 0.5
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_PING = 3.0
"""Seconds between pings; four without an answer, and the line counts as lost."""
_STOP_LIMIT = 3.0


class SocketSettings(Protocol):
    """What is needed of the notifier's settings."""

    @property
    def app_token(self) -> Secret | None: ...
    @property
    def base_url(self) -> str: ...


class SlackListener:
    """Hands everything that comes to the front, on the event loop, and acknowledges with what it says.

    What asks for no answer is acknowledged before it is looked at. Raises ConfigError when the settings hold no
    `app_token`, SecretError when it cannot be read.
    """

    def __init__(self, settings: SocketSettings, front: SlackFront) -> None:
        if settings.app_token is None:
            missing = "Socket Mode needs an app_token (xapp-…)"
            raise ConfigError([Fault(file="", line=0, column=0, message=missing)])
        self._front = front
        self._app_api = SlackApi(read_secret(settings.app_token).reveal(), settings.base_url)
        self._client: SocketModeClient | None = None
        self._supervisor: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._connected = False
        self.answer_within = _ANSWER_WITHIN

    @property
    def connected(self) -> bool:
        """Whether the line to Slack stands, as last seen."""
        return self._connected

    async def start(self) -> None:
        """Begin to listen; returns at once, also when Slack cannot be reached yet."""
        if self._supervisor is None:
            self._supervisor = asyncio.create_task(self._supervise())

    async def stop(self) -> None:
        """Hang up, and let what is under way end. May be called twice."""
        if self._supervisor is not None:
            self._supervisor.cancel()
            with suppress(asyncio.CancelledError):
                await self._supervisor
            self._supervisor = None
        client, self._client = self._client, None
        if client is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(in_thread(lambda: close_client(client)), _STOP_LIMIT)
        self._connected = False
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_STOP_LIMIT)
        await self._front.finish(_STOP_LIMIT)

    async def _supervise(self) -> None:
        client = self._client = self._make_client(asyncio.get_running_loop())
        pause = _FIRST_PAUSE
        suspected = False
        while True:
            if client.is_connected() and not (suspected and _hung_up(client)):
                self._note(connected=True)
                pause = _FIRST_PAUSE
                # Suspected first, so that the client may still read what came before the end.
                suspected = _hung_up(client)
                await asyncio.sleep(_LOOK)
                continue
            self._note(connected=False)
            if suspected:
                with suppress(OSError):
                    await in_thread(client.disconnect)
                suspected = False
            reason = await self._connect(client)
            if reason:
                _log.warning("slack.connect_failed", reason=reason, retry_in=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _connect(self, client: SocketModeClient) -> str:
        """Try once; the reason why it failed, empty when it did not."""
        try:
            # Asked through our own door, which tells the reason; the client sleeps in a thread when it is limited.
            url = str((await self._app_api.call("apps.connections.open")).get("url", ""))
        except DeliveryError as error:
            return str(error)
        try:
            await in_thread(lambda: _open(client, url))
        except Exception as error:  # noqa: BLE001 - the loop of a task: the line must be tried again whatever happened
            return type(error).__name__
        return "" if client.is_connected() else "no connection"

    def _make_client(self, loop: asyncio.AbstractEventLoop) -> SocketModeClient:
        from slack_sdk.socket_mode import SocketModeClient

        web = self._app_api.client()
        client = SocketModeClient(
            app_token=str(web.token),
            web_client=web,
            logger=quiet_logger(),
            auto_reconnect_enabled=False,
            ping_interval=_PING,
            proxy=web.proxy,
        )
        client.proxy = web.proxy

        def hear(_: BaseSocketModeClient, request: SocketModeRequest) -> None:
            self._hear(client, loop, request)

        client.socket_mode_request_listeners.append(hear)
        return client

    def _hear(self, client: SocketModeClient, loop: asyncio.AbstractEventLoop, request: SocketModeRequest) -> None:
        """In a thread of the client: acknowledge in time, and leave the rest to the loop."""
        kind, payload = _KINDS.get(request.type), request.payload
        if kind is None or not isinstance(payload, dict):
            _acknowledge(client, request, {})
            return
        answer: Future[Body] = Future()
        if not _asks_for_answer(request):
            _acknowledge(client, request, {})
            answer.cancel()
        with suppress(RuntimeError):  # the loop is closed: we are stopping
            loop.call_soon_threadsafe(self._begin, kind, payload, answer)
        if not answer.cancelled():
            _acknowledge(client, request, _in_time(answer, self.answer_within))

    def _begin(self, kind: Kind, payload: dict[str, Any], answer: Future[Body]) -> None:
        task = asyncio.get_running_loop().create_task(self._take(kind, payload, answer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _take(self, kind: Kind, payload: dict[str, Any], answer: Future[Body]) -> None:
        body = await self._front.take(kind, payload)
        if answer.set_running_or_notify_cancel():
            answer.set_result(body)
        elif body:
            self._front.missed(payload, body)

    def _note(self, *, connected: bool) -> None:
        if connected == self._connected:
            return
        self._connected = connected
        if connected:
            _log.info("slack.connected")
        else:
            _log.warning("slack.disconnected")


def _asks_for_answer(request: SocketModeRequest) -> bool:
    """Whether what is acknowledged with is shown to a person: presses and events have none."""
    payload = request.payload if isinstance(request.payload, dict) else {}
    return request.type == "slash_commands" or payload.get("type") == "view_submission"


def _in_time(answer: Future[Body], seconds: float) -> Body:
    """The answer, or none when it comes too late: whoever makes it sees that nobody waits any more."""
    try:
        return answer.result(seconds)
    except TimeoutError:
        return {} if answer.cancel() else answer.result()


def _acknowledge(client: SocketModeClient, request: SocketModeRequest, body: Body) -> None:
    try:
        client.send_socket_mode_response({"envelope_id": request.envelope_id, **({"payload": body} if body else {})})
    except Exception as error:  # noqa: BLE001 - unacknowledged it comes again, and its id tells that it is the same
        _log.warning("slack.acknowledge_failed", error=type(error).__name__)


def _open(client: SocketModeClient, url: str) -> None:
    with client.connect_operation_lock:
        if not client.is_connected():
            client.wss_uri = url
            client.connect()


def _hung_up(client: SocketModeClient) -> bool:
    """Whether the other side has cut the line: the client takes 15 s to notice, reading an empty socket in a hurry."""
    session = client.current_session
    sock = session.sock if session is not None else None
    number = sock.fileno() if sock is not None else -1
    if number < 0:
        return False
    line = select.poll()
    line.register(number, select.POLLRDHUP)
    return bool(line.poll(0))


def close_client(client: SocketModeClient) -> None:
    """Hang up, once no connection is being opened: one opened afterwards would never be closed."""
    with client.connect_operation_lock:
        session = client.current_session
        sock = session.sock if session is not None else None
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)  # the client waits in a read of 3 s before it can hang up
        client.close()
