"""`buzzguard run`: the daemon, in the foreground, as systemd wants it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buzzguard import systemd
from buzzguard.config.words import safe
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.assembly import Assembly
    from buzzguard.daemon import Daemon
    from buzzguard.ports import Clock
    from buzzguard.web.app import SlackDoor

_STUCK_AFTER = timedelta(minutes=2)
_STOP_WITHIN = 9.5
"""Seconds; a stop that takes longer is cut off, which loses nothing: what is not committed is read again."""
_PRESSES = 2.0
"""Seconds that presses of buttons have to come to their end."""


@click.command("run")
@click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("buzzguard.yml"),
    show_default=True,
    help="The configuration.",
)
@click.option(
    "--log", type=click.Choice(["auto", "json", "console"]), default="auto", help="Form of the log (auto: by terminal)."
)
def command(path: Path, log: str) -> None:
    """Run the daemon until SIGTERM or SIGINT; SIGHUP reloads the configuration."""
    from buzzguard import telemetry
    from buzzguard.cli.common import echo_faults

    json = log == "json" or (log == "auto" and not sys.stderr.isatty())
    telemetry.configure_logging(json=json)
    _hear_threads()
    try:
        sound = asyncio.run(_run(path))
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(safe(str(error)), err=True)
        sys.exit(1)
    sys.exit(0 if sound else 1)


async def _run(path: Path) -> bool:
    """Run until asked to stop; whether that was why it ended. Raises BuzzguardError when it cannot begin."""
    from buzzguard.clock import SystemClock
    from buzzguard.daemon import Daemon

    stop, reload = asyncio.Event(), asyncio.Event()
    _on_signals({signal.SIGTERM: stop.set, signal.SIGINT: stop.set, signal.SIGHUP: reload.set})
    clock = SystemClock()
    daemon = Daemon(lambda: load(path), clock=clock)
    if not await _unless(stop, daemon.start()):
        return True
    doors: _Doors | None = None
    try:
        doors = _Doors(daemon, clock)
        await doors.open()
        settle_memory()
        systemd.notify(f"READY=1\nSTATUS={_status(daemon)}")
        helpers = [asyncio.create_task(_reload(daemon, doors, reload)), asyncio.create_task(_sign_of_life(daemon))]
        await _first(stop.wait(), daemon.failed.wait())
        for helper in helpers:
            helper.cancel()
    finally:
        systemd.notify("STOPPING=1")
        await _stop(daemon, doors)
    return not daemon.failed.is_set()


def settle_memory() -> None:
    """Spare the garbage collector what was built at the start, and let it look less often: the core makes millions of
    records and hardly a cycle (measured: a tenth more mentions a second)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


class _Doors:
    """The web server, and what it needs of the daemon."""

    def __init__(self, daemon: Daemon, clock: Clock) -> None:
        from buzzguard.web.app import Web
        from buzzguard.web.pagerduty import PagerdutyHook
        from buzzguard.web.server import WebServer

        self._daemon = daemon
        settings = daemon.assembly.settings.web
        self._web = Web(daemon, settings, clock=clock, slack=self._slack(), hubs=daemon.subscriptions)
        self._pagerduty = PagerdutyHook(daemon, clock=clock)
        self._pagerduty.replace(daemon.notifiers.values())
        self._server = WebServer(self._web.app(self._pagerduty.route()), settings)

    async def open(self) -> None:
        """Listen. Raises BuzzguardError when the address cannot be taken."""
        await self._server.start()

    def refit(self) -> None:
        """Take the secrets and limits of a configuration that was reloaded."""
        self._web.replace(self._daemon.assembly.settings.web, self._slack())
        self._pagerduty.replace(self._daemon.notifiers.values())

    async def close(self) -> None:
        """Finish open requests within a short grace."""
        await self._server.stop()
        await self._web.finish(_PRESSES)

    def _slack(self) -> list[SlackDoor]:
        found: list[Any] = list(self._daemon.notifiers.values())
        return [notifier for notifier in found if getattr(notifier, "signing_secret", None) is not None]


async def _stop(daemon: Daemon, doors: _Doors | None) -> None:
    """Close all. What hangs, a thread in a look-up of a name for example, does not keep the process alive."""
    last_resort = threading.Timer(_STOP_WITHIN, os._exit, (0,))
    last_resort.daemon = True
    last_resort.start()
    work = [daemon.stop()] if doors is None else [daemon.stop(), doors.close()]
    await asyncio.gather(*work)


def _status(daemon: Daemon) -> str:
    settings = daemon.assembly.settings
    return f"watching {len(settings.topics)} topics on {len(settings.streams)} streams"


def load(path: Path) -> Assembly:
    """Everything that the configuration at `path` names. Raises ConfigError."""
    from buzzguard.assembly import assemble
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.config.loader import load_settings
    from buzzguard.config.secrets import read_secret, secrets_in

    settings = load_settings(path, models=plugin_models(), query_fault=query_fault)
    for _, secret in secrets_in(settings.web):
        read_secret(secret)  # the web server takes it once the rest runs, too late to refuse
    return assemble(settings, path.resolve().parent)


async def _reload(daemon: Daemon, doors: _Doors, asked: asyncio.Event) -> None:
    from buzzguard import telemetry
    from buzzguard.clock import SystemClock

    log = telemetry.get_logger("run")
    while True:
        await asked.wait()
        asked.clear()
        systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={SystemClock().monotonic() * 1e6:.0f}")
        try:
            taken = await daemon.reload()
            if taken:
                doors.refit()
        except Exception:  # the loop of a task: a fault in a reload must not cost the next one
            log.error("reload.failed", exc_info=True)
            taken = False
        status = _status(daemon) if taken else "the last reload was refused: the former configuration keeps running"
        systemd.notify(f"READY=1\nSTATUS={status}")


async def _sign_of_life(daemon: Daemon) -> None:
    """Feed systemd's watchdog, but only while the worker takes turns: a stuck daemon must be restarted."""
    period = systemd.watchdog_seconds()
    if period is None:
        return
    while True:
        if daemon.turning(_STUCK_AFTER):
            systemd.notify("WATCHDOG=1")
        await asyncio.sleep(period / 3)


def _on_signals(handlers: dict[signal.Signals, Callable[[], None]]) -> None:
    loop = asyncio.get_running_loop()
    for number, handler in handlers.items():
        loop.add_signal_handler(number, handler)


async def _unless(stop: asyncio.Event, start: Coroutine[Any, Any, None]) -> bool:
    """Whether `start` came to its end before it was to be stopped; it is cut short when not."""
    starting = asyncio.create_task(start)
    await _first(stop.wait(), asyncio.shield(starting))
    if not starting.done():
        starting.cancel()
        await asyncio.wait([starting])
        return False
    starting.result()
    return True


async def _first(*works: Awaitable[Any]) -> None:
    """Until one of them is done; the others are cancelled."""
    tasks = [asyncio.ensure_future(work) for work in works]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _hear_threads() -> None:
    """A thread that dies says so in the log, and without its error's message: that may hold a text or a secret."""
    from buzzguard import telemetry

    log = telemetry.get_logger("run")

    def hear(what: threading.ExceptHookArgs) -> None:
        log.error("thread.failed", thread=what.thread.name if what.thread else "", exc_info=what.exc_value)

    threading.excepthook = hear
    logging.captureWarnings(True)
