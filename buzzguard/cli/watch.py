"""`buzzguard watch`: a brand on the places that ask for no key, with no configuration at all."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.config.words import safe
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from datetime import timedelta

    from buzzguard.assembly import Assembly
    from buzzguard.cli.watch_places import Place, Wish
    from buzzguard.daemon import Daemon
    from buzzguard.model import Language

_LOOK_EVERY = 1.0


@click.command("watch")
@click.argument("brand")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language (default: that of the terminal).")
@click.option("--google-news", is_flag=True, help="Read Google News too: its terms allow personal use only.")
@click.option("--contact", default="", metavar="ADDRESS", help="A mail or web address that places are told.")
@click.option("--database", type=click.Path(path_type=Path), help="Where to keep what is learned (default: a cache).")
@click.option("--for", "span", metavar="TIME", help="Stop after so long: 30m.")
@click.option("--places", type=click.Path(path_type=Path), hidden=True, help="Other places than the shipped ones.")
@click.option("--allow", multiple=True, hidden=True, help="A host whose private address may be read.")
def command(  # noqa: PLR0913 - one for each option
    brand: str,
    lang: str | None,
    google_news: bool,
    contact: str,
    database: Path | None,
    span: str | None,
    places: Path | None,
    allow: tuple[str, ...],
) -> None:
    """Watch BRAND on the places that ask for no key, and open alerts in this terminal."""
    from buzzguard import telemetry
    from buzzguard.cli.common import echo_faults
    from buzzguard.cli.watch_places import Wish

    telemetry.configure_logging(json=False, level=logging.CRITICAL)
    language: Language = "fr" if (lang or os.environ.get("LANG", "en")).lower().startswith("fr") else "en"
    wish = Wish(brand=brand, language=language, google_news=google_news, contact=contact)
    try:
        asyncio.run(_watch(*_prepared(wish, places, database, allow), lasting=_span(span)))
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(safe(str(error)), err=True)
        sys.exit(1)


def _prepared(
    wish: Wish, file: Path | None, database: Path | None, allow: tuple[str, ...]
) -> tuple[Wish, list[Place], Assembly, Path]:
    """Everything built but not begun, and the start screen shown. Raises BuzzguardError."""
    from buzzguard.assembly import assemble
    from buzzguard.cli import watch_places
    from buzzguard.cli.starting import brand_trouble
    from buzzguard.cli.watch_words import WORDS
    from buzzguard.config.settings import Settings

    words = WORDS[wish.language]
    if brand_trouble(wish.brand):
        raise BuzzguardError(words.odd.format(brand=safe(repr(wish.brand[:100]))))
    found = watch_places.places(watch_places.read_places(file), wish)
    chosen = [place for place in found if not place.why_not]
    if not chosen:
        raise BuzzguardError(words.nothing)
    kept = (database or watch_places.database_of(wish.brand)).absolute()
    told = watch_places.document(wish, chosen, database=kept, allow=allow)
    assembly = assemble(Settings.model_validate(told), Path())
    _show_start(wish, found, str(kept), next(iter(assembly.settings.topics.values())).query)
    return wish, chosen, assembly, kept


def _show_start(wish: Wish, found: list[Place], database: str, query: str) -> None:
    from buzzguard.cli.watch_words import WORDS

    words = WORDS[wish.language]
    click.secho(words.watching.format(brand=safe(wish.brand), query=safe(query)), bold=True)
    click.echo(f"\n{words.reads}{words.colon}{', '.join(place.title for place in found if not place.why_not)}")
    click.echo(f"{words.leaves_out}{words.colon}".rstrip())
    for place in found:
        if place.why_not:
            click.secho(f"  {words.why_not[place.why_not].format(title=place.title)}", dim=True)
    click.secho(f"  {words.keys}", dim=True)
    click.echo(f"\n{words.young}\n{words.kept.format(database=safe(database))}\n{words.go_on}\n{words.stop}\n")


async def _watch(
    wish: Wish, chosen: list[Place], assembly: Assembly, database: Path, *, lasting: timedelta | None
) -> None:
    """Until somebody stops it. Raises BuzzguardError when it cannot begin."""
    from buzzguard.clock import SystemClock
    from buzzguard.daemon import Daemon

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    daemon = Daemon(lambda: assembly, clock=SystemClock())
    await daemon.start()
    database.chmod(0o600)
    telling = asyncio.create_task(_tell_answers(daemon, wish, chosen))
    try:
        async with asyncio.timeout(None if lasting is None else lasting.total_seconds()):
            await stop.wait()
    except TimeoutError:
        pass
    finally:
        telling.cancel()
        mentions = await _known(daemon)
        await daemon.stop()
    _say_end(wish, mentions)


async def _tell_answers(daemon: Daemon, wish: Wish, chosen: list[Place]) -> None:
    """A line when a place answers for the first time, stops to answer, or answers again."""
    from buzzguard.cli.watch_words import WORDS

    words, titles = WORDS[wish.language], {place.name: place.title for place in chosen}
    told: dict[str, bool] = {}
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        for name, poll in (await daemon.store.last_polls()).items():
            if name not in titles or told.get(name) == poll.ok:
                continue
            told[name] = poll.ok
            title, reason = titles[name], safe(poll.reason.partition(": ")[2])
            line = words.answers.format(title=title) if poll.ok else words.fails.format(title=title, reason=reason)
            click.secho(("✓ " if poll.ok else "✗ ") + line, fg="green" if poll.ok else "yellow")


async def _known(daemon: Daemon) -> int:
    from datetime import timedelta

    from buzzguard.clock import SystemClock

    return len(await daemon.store.mentions_since(SystemClock().now() - timedelta(days=90)))


def _say_end(wish: Wish, mentions: int) -> None:
    from buzzguard.cli.watch_words import WORDS
    from buzzguard.deliver.wording.quantities import number

    told = WORDS[wish.language].ended
    click.echo("\n" + told.format(mentions=number(mentions, wish.language), brand=safe(wish.brand)))


def _span(written: str | None) -> timedelta | None:
    from buzzguard.config.durations import parse_duration

    if written is None:
        return None
    try:
        return parse_duration(written)
    except ValueError as error:
        raise BuzzguardError(f"--for: {error}") from error
