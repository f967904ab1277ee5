"""Runs the application on loopback, inside the daemon's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp

from buzzguard import telemetry
from buzzguard.config.settings import WebSettings
from buzzguard.errors import BuzzguardError

_GRACE = 2
"""Seconds that open requests get when the server stops."""

log = telemetry.get_logger("web")


class _Server(uvicorn.Server):
    """Signals belong to the daemon, not to its web server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """Serves `app` at the settings' host and port; port 0 takes a free one, see `port`."""

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=_GRACE,
            server_header=False,
        )
        self._server = _Server(config)
        self._settings = settings
        self._task: asyncio.Task[None] | None = None
        self.port = settings.port

    async def start(self) -> None:
        """Listen. Raises BuzzguardError when the address cannot be taken."""
        sock = socket.socket(socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((self._settings.host, self._settings.port))
        except OSError as error:
            sock.close()
            place = f"{self._settings.host}:{self._settings.port}"
            raise BuzzguardError(f"web: cannot listen on {place}: {error.strerror}; change web.port") from error
        self.port = int(sock.getsockname()[1])
        self._task = asyncio.create_task(self._server.serve(sockets=[sock]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)
        log.info("web.started", host=self._settings.host, port=self.port)

    async def stop(self) -> None:
        """Finish open requests within a short grace, then close."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
