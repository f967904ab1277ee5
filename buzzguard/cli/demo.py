"""`buzzguard demo`: a crisis of an invented brand, through the real daemon, in under a minute."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from buzzguard.errors import BuzzguardError, ConfigError
from buzzguard.model import Command, CommandKind, Incident, Language, Person

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

    from buzzguard.assembly import Assembly
    from buzzguard.cli.demo_world import Said
    from buzzguard.clock import ScaledClock
    from buzzguard.daemon import Daemon
    from buzzguard.ports import Notifier

CRISIS_SPEED = 340.0
"""The crisis in half a minute: slow enough to read."""
_QUIET_EVERY, _CRISIS_EVERY = "3h", "1m"
_QUIET_STEP = timedelta(hours=2)
_CALM_BEFORE = timedelta(minutes=30)
_AFTERWARDS = timedelta(minutes=10)
_TAKE_CHARGE_AFTER = timedelta(minutes=55)
_TURN = 0.1
_QUIET_SHARE = 0.3
"""The part of the progress bar that the quiet days take."""

_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "intro": "Lumio sells kettles. BuzzGuard reads three feeds of what the public says of it.\n"
        "Twelve ordinary days go by in a few seconds; then something happens.",
        "quiet": "ordinary days",
        "crisis": "something is going on",
        "responder": "Claire (crisis manager on call)",
        "happened": "What happened",
        "began": "The first hostile mention was published at {at}.",
        "noticed": "BuzzGuard noticed at {at}: {delay} later, after {count} of {total} hostile mentions.",
        "raised": "The incident reached severity {severity}; Claire took charge.",
        "missed": "BuzzGuard noticed nothing. That is a fault: please report it.",
        "slack": "The alert stands in Slack, in {channel}, with its thread.",
        "next": "What to do next",
        "step_init": "buzzguard init      write a configuration for your own brand",
        "step_check": "buzzguard check     see whether all is well with it",
        "step_run": "buzzguard run       begin to watch",
        "step_slack": "To be told in Slack: buzzguard init --slack-channel C0123456789",
    },
    "fr": {
        "intro": "Lumio vend des bouilloires. BuzzGuard lit trois flux de ce que le public en dit.\n"
        "Douze jours ordinaires passent en quelques secondes\u00a0; puis il se passe quelque chose.",
        "quiet": "jours ordinaires",
        "crisis": "il se passe quelque chose",
        "responder": "Claire (astreinte de crise)",
        "happened": "Ce qui s’est passé",
        "began": "La première mention hostile a été publiée le {at}.",
        "noticed": "BuzzGuard l’a remarqué le {at}\u00a0: {delay} plus tard, après {count} mentions hostiles "
        "sur {total}.",
        "raised": "L’incident a atteint la gravité {severity}\u00a0; Claire l’a pris en charge.",
        "missed": "BuzzGuard n’a rien remarqué. C’est un défaut\u00a0: merci de le signaler.",
        "slack": "L’alerte se trouve dans Slack, dans {channel}, avec son fil.",
        "next": "Et maintenant",
        "step_init": "buzzguard init      écrire une configuration pour votre marque",
        "step_check": "buzzguard check     vérifier que tout est en ordre",
        "step_run": "buzzguard run       commencer à veiller",
        "step_slack": "Pour être prévenu dans Slack\u00a0: buzzguard init --slack-channel C0123456789",
    },
}


@dataclass(frozen=True)
class Target:
    """Where the demo posts: the terminal, or a Slack."""

    slack_url: str = ""
    channel: str = ""


@click.command("demo")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language (default: that of the terminal).")
@click.option("--slack-url", default="", metavar="URL", help="Post to a Slack instead, at this API address.")
@click.option("--slack-token", default="", help="Its bot token (or the variable BUZZGUARD_SLACK_TOKEN).")
@click.option("--slack-channel", default="", metavar="ID", help="Its channel.")
def command(lang: str | None, slack_url: str, slack_token: str, slack_channel: str) -> None:
    """Play a crisis of an invented brand through the real daemon and show the alerts."""
    from buzzguard import telemetry

    if slack_token:
        os.environ["BUZZGUARD_SLACK_TOKEN"] = slack_token
    if bool(slack_url) != bool(slack_channel):
        raise click.UsageError("--slack-url and --slack-channel go together")
    telemetry.configure_logging(json=False, level=logging.ERROR)
    language: Language = "fr" if (lang or os.environ.get("LANG", "en")).lower().startswith("fr") else "en"
    try:
        asyncio.run(_play(language, Target(slack_url, slack_channel)))
    except ConfigError as error:
        click.echo("\n".join(str(fault) for fault in error.faults), err=True)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


async def _play(language: Language, target: Target) -> None:
    from rich.console import Console

    from buzzguard.cli.demo_feeds import serve_feeds
    from buzzguard.cli.demo_world import QUIET, make_world
    from buzzguard.clock import ScaledClock, SystemClock

    console = Console(highlight=False)
    console.print(f"\n{_WORDS[language]['intro']}\n")
    yesterday = SystemClock().now().replace(hour=17, minute=0, second=0, microsecond=0) - timedelta(days=1)
    start = yesterday - QUIET
    said = make_world(start, language)
    clock = ScaledClock(start, speed=0)
    with tempfile.TemporaryDirectory(prefix="buzzguard-demo-") as folder:
        async with serve_feeds(said, clock) as address:
            demo = _Demo(language, target, clock, said, console, Path(folder), address)
            incident = await demo.play(start + QUIET)
    _tell_end(console, language, target, said, incident)


class _Demo:
    """The daemon with its clock, and the progress bar below what it prints."""

    def __init__(  # noqa: PLR0913 - what a demo is made of
        self,
        language: Language,
        target: Target,
        clock: ScaledClock,
        said: list[Said],
        console: Console,
        folder: Path,
        address: str,
    ) -> None:
        self._language = language
        self._target = target
        self._clock = clock
        self._said = said
        self._console = console
        self._folder = folder
        self._address = address
        self._every = _QUIET_EVERY
        self._charged = False

    async def play(self, onset: datetime) -> Incident | None:
        """Run the quiet days and the crisis; returns the incident, or None when there was none."""
        from buzzguard.cli.demo_world import CRISIS
        from buzzguard.daemon import Daemon

        daemon = Daemon(self._load, clock=self._clock, notifiers=self._notifiers)
        end = onset + CRISIS + _AFTERWARDS
        with self._progress() as progress:
            task = progress.add_task(_WORDS[self._language]["quiet"], total=1.0)
            await daemon.start()
            try:
                await self._quiet_days(daemon, onset - _CALM_BEFORE, progress, task)
                self._every = _CRISIS_EVERY
                daemon.run_at(CRISIS_SPEED)
                self._clock.run_at(CRISIS_SPEED)
                await daemon.reload()
                progress.update(task, description=_WORDS[self._language]["crisis"])
                await self._crisis(daemon, end, progress, task)
                return await self._incident(daemon)
            finally:
                await daemon.stop()

    async def _quiet_days(self, daemon: Daemon, end: datetime, progress: Progress, task: TaskID) -> None:
        """Let the clock leap from poll to poll, as fast as the daemon keeps up."""
        begin = self._clock.now()
        while (now := self._clock.now()) < end:
            self._clock.advance(min(_QUIET_STEP, end - now))
            for stream in daemon.assembly.settings.streams:
                daemon.poller.poll_now(stream)
            while not await self._all_polled(daemon):
                await asyncio.sleep(0.005)
            progress.update(task, completed=_QUIET_SHARE * ((now - begin) / (end - begin)))

    async def _all_polled(self, daemon: Daemon) -> bool:
        polls = await daemon.store.last_polls()
        now = self._clock.now()
        return all(name in polls and polls[name].at >= now for name in daemon.assembly.settings.streams)

    async def _crisis(self, daemon: Daemon, end: datetime, progress: Progress, task: TaskID) -> None:
        """Let the clock run, many times as fast as the machine's."""
        begin = self._clock.now()
        while (now := self._clock.now()) < end:
            progress.update(task, completed=_QUIET_SHARE + (1 - _QUIET_SHARE) * ((now - begin) / (end - begin)))
            await self._maybe_take_charge(daemon, now)
            await asyncio.sleep(_TURN)

    async def _maybe_take_charge(self, daemon: Daemon, now: datetime) -> None:
        """Some time after the alert somebody presses the button."""
        if self._charged or self._every == _QUIET_EVERY:
            return
        incident = await self._incident(daemon)
        if incident is None or now - incident.opened_at < _TAKE_CHARGE_AFTER:
            return
        self._charged = True
        who = Person(id="U-CLAIRE", name=_WORDS[self._language]["responder"], via="demo")
        await daemon.command(Command(id="demo-1", kind=CommandKind.TAKE_CHARGE, incident=incident.id, who=who, at=now))

    async def _incident(self, daemon: Daemon) -> Incident | None:
        incidents = await daemon.store.incidents_open(self._clock.now())
        ours = [incident for incident in incidents if incident.topic == "lumio"]
        return ours[0] if ours else None

    def _load(self) -> Assembly:
        from buzzguard.assembly import assemble
        from buzzguard.config.settings import Settings

        return assemble(Settings.model_validate(self._document()), self._folder, drill=True)

    def _document(self) -> dict[str, Any]:
        from buzzguard.cli.demo_world import SITES
        from buzzguard.config.shipped import shipped_rules

        french = self._language == "fr"
        console: dict[str, Any] = {"kind": "console"}
        room: dict[str, Any] = {"notifier": "room"}
        if self._target.slack_url:
            console = {"kind": "slack", "token": {"env": "BUZZGUARD_SLACK_TOKEN"}, "base_url": self._target.slack_url}
            room["channel"] = self._target.channel
        return {
            "language": self._language,
            "time_zone": _zone(self._language).key,
            "topics": {"lumio": {"name": "Lumio", "query": "lumio OR lumiok2", "role": "brand"}},
            "streams": {
                site.split(".")[0]: {"source": "rss", "url": f"{self._address}/{number}.xml", "every": self._every}
                for number, site in enumerate(SITES)
            },
            "notifiers": {"room": console},
            "receivers": {"crise" if french else "crisis-room": room, "direction" if french else "management": room},
            "policies": {
                "crisis": {
                    "steps": [
                        {"notify": ["crise" if french else "crisis-room"]},
                        {"notify": ["direction" if french else "management"], "after": "90m"},
                    ],
                    "repeat": 0,
                }
            },
            "rules": (str(shipped_rules()),),
            "store": {"url": "sqlite:///demo.db"},
            "network": {"allow": ["127.0.0.1"]},
            "tick": "30s",
        }

    def _notifiers(self, settings: Any) -> dict[str, Notifier]:
        from buzzguard.assembly import build_notifiers
        from buzzguard.deliver.console import ConsoleNotifier, ConsoleReceiver, ConsoleSettings

        if self._target.slack_url:
            return build_notifiers(settings)
        receivers = {name: ConsoleReceiver() for name in settings.receivers}
        return {"room": ConsoleNotifier(ConsoleSettings(), receivers, console=self._console)}

    def _progress(self) -> Progress:
        from rich.progress import BarColumn, Progress, TextColumn

        clock, zone = self._clock, _zone(self._language)

        class Instant(TextColumn):
            def render(self, task: Any) -> Any:  # noqa: ARG002 - rich's signature
                from rich.text import Text

                return Text(f"{clock.now().astimezone(zone):%d/%m %H:%M}", style="dim")

        return Progress(
            TextColumn("{task.description}"), BarColumn(bar_width=None), Instant(""), console=self._console, expand=True
        )


def _zone(language: Language) -> ZoneInfo:
    """Where the people of the demo work."""
    return ZoneInfo("Europe/Paris" if language == "fr" else "Europe/London")


def _tell_end(
    console: Console,
    language: Language,
    target: Target,
    said: list[Said],
    incident: Incident | None,
) -> None:
    from buzzguard.deliver.wording import duration, severity_name

    own = _WORDS[language]
    zone = _zone(language)
    hostile = [one.at for one in said if one.hostile]
    console.print(f"\n[bold]{own['happened']}[/]")
    console.print("  " + own["began"].format(at=f"{hostile[0].astimezone(zone):%d/%m %H:%M}"))
    if incident is None:
        console.print("  " + own["missed"])
    else:
        noticed = incident.opened_at
        console.print(
            "  "
            + own["noticed"].format(
                at=f"{noticed.astimezone(zone):%d/%m %H:%M}",
                delay=duration(noticed - hostile[0], language),
                count=sum(at <= noticed for at in hostile),
                total=len(hostile),
            )
        )
        console.print("  " + own["raised"].format(severity=severity_name(incident.severity, language)))
    if target.slack_url:
        console.print("  " + own["slack"].format(channel=target.channel))
    console.print(f"\n[bold]{own['next']}[/]")
    for step in ("step_init", "step_check", "step_run", "step_slack"):
        console.print("  " + own[step])
    console.print()
