"""`buzzguard run`: the daemon, in the foreground, as systemd wants it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from buzzguard.assembly import Assembly
    from buzzguard.config.secrets import Sealed
    from buzzguard.daemon import Daemon
    from buzzguard.ports import Clock
    from buzzguard.web.server import WebServer

_STUCK_AFTER = timedelta(minutes=2)
_STOP_WITHIN = 9.5
"""Seconds; a stop that takes longer is cut off, which loses nothing: what is not committed is read again."""


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

    json = log == "json" or (log == "auto" and not sys.stderr.isatty())
    telemetry.configure_logging(json=json)
    try:
        asyncio.run(_run(path))
    except ConfigError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        click.echo("The configuration cannot be used: run `buzzguard check`.", err=True)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


async def _run(path: Path) -> None:
    from buzzguard import systemd
    from buzzguard.clock import SystemClock
    from buzzguard.daemon import Daemon
    from buzzguard.web.server import WebServer

    stop, reload = asyncio.Event(), asyncio.Event()
    _on_signals({signal.SIGTERM: stop.set, signal.SIGINT: stop.set, signal.SIGHUP: reload.set})
    clock = SystemClock()
    daemon = Daemon(lambda: load(path), clock=clock)
    await daemon.start()
    web = WebServer(_web_app(daemon, clock), daemon.assembly.settings.web)
    try:
        await web.start()
        systemd.notify(f"READY=1\nSTATUS=watching {len(daemon.assembly.settings.streams)} streams")
        helpers = [asyncio.create_task(_reload(daemon, reload)), asyncio.create_task(_sign_of_life(daemon))]
        await stop.wait()
        for helper in helpers:
            helper.cancel()
    finally:
        systemd.notify("STOPPING=1")
        await _stop(daemon, web)


async def _stop(daemon: Daemon, web: WebServer) -> None:
    try:
        async with asyncio.timeout(_STOP_WITHIN):
            await web.stop()
            await daemon.stop()
    except TimeoutError:
        click.echo("BuzzGuard did not finish in time; what was not committed is read again at the next start", err=True)


def load(path: Path) -> Assembly:
    """Everything that the configuration at `path` names. Raises ConfigError."""
    from buzzguard.assembly import assemble
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.config.loader import load_settings

    settings = load_settings(path, models=plugin_models(), query_fault=query_fault)
    return assemble(settings, path.resolve().parent)


def _web_app(daemon: Daemon, clock: Clock) -> ASGIApp:
    from buzzguard.web.app import Web

    return Web(daemon, daemon.assembly.settings.web.intake, clock=clock, slack_secrets=_slack_secrets(daemon)).app()


def _slack_secrets(daemon: Daemon) -> tuple[Sealed, ...]:
    """The signing secrets of the notifiers that take clicks over HTTP."""
    secrets = (getattr(notifier, "signing_secret", None) for notifier in daemon.notifiers.values())
    return tuple(secret for secret in secrets if secret is not None)


async def _reload(daemon: Daemon, asked: asyncio.Event) -> None:
    from buzzguard import systemd
    from buzzguard.clock import SystemClock

    while True:
        await asked.wait()
        asked.clear()
        systemd.notify(f"RELOADING=1\nMONOTONIC_USEC={SystemClock().monotonic() * 1e6:.0f}")
        taken = await daemon.reload()
        status = "reloaded" if taken else "the last reload was refused: the former configuration keeps running"
        systemd.notify(f"READY=1\nSTATUS={status}")


async def _sign_of_life(daemon: Daemon) -> None:
    """Feed systemd's watchdog, but only while the worker takes turns: a stuck daemon must be restarted."""
    from buzzguard import systemd

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
