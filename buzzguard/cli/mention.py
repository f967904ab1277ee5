"""`buzzguard mention`: what was understood of mentions, and people's corrections of it."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.cli.mention_text import Titles
    from buzzguard.model import Click, Language, ScoredMention
    from buzzguard.store.looking import MentionStore
    from buzzguard.understand.standing import Standing

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@click.group("mention")
def command() -> None:
    """Show mentions, and correct what was understood of them.

    A team's corrections teach the scorer: they change how this text, and texts like it, are read from then on. What a
    single person can change is bounded, and all of it can be taken back.
    """


def _common(function: F) -> F:
    lang = click.option(
        "--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; that of the configuration if absent."
    )
    config = click.option(
        "-c",
        "--config",
        "path",
        type=click.Path(path_type=Path),
        default=Path("buzzguard.yml"),
        show_default=True,
        help="The configuration.",
    )
    return config(lang(function))


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_as = click.option("--as", "person", metavar="PERSON", help="Who says so; the user of the system when absent.")


@command.command("list")
@click.argument("topic", required=False)
@click.option("--since", metavar="TIME", help="Published within this long: 2h, 7d; all that is kept when absent.")
@click.option("--negative", "side", flag_value="negative", help="Only negative ones.")
@click.option("--positive", "side", flag_value="positive", help="Only positive ones.")
@click.option("--unsure", "side", flag_value="unsure", help="Only those whose side is unsure.")
@click.option("--theme", metavar="ID", help="Only those about this theme.")
@click.option("--narrative", metavar="ID", help="Only those of this narrative.")
@click.option("--language", metavar="CODE", help="Only those in this language: fr.")
@click.option("-n", "most", type=click.IntRange(1, 10_000), default=20, show_default=True, help="At most so many.")
@_common
@_json
def list_mentions(path: Path, lang: str | None, as_json: bool, most: int, **chosen: str | None) -> None:
    """Show mentions (of TOPIC, an id or a name), the newest first.

    Reads the database beside a running daemon and changes nothing. With --json authors are told as `privacy.exports`
    allows: hashed with a new salt each time, unless it says otherwise.
    """
    with _faults_told():
        desk = _desk(path, lang)
        topic = desk.topic(chosen["topic"]) if chosen["topic"] else ""
        since = _span(chosen["since"])
        holding = [value for value in (topic, chosen["theme"], chosen["narrative"], _code(chosen["language"])) if value]
        found = asyncio.run(_listed(desk, since, most + 1, (holding, lambda one: _fits(one, topic, chosen))))
        shown = found[:most]
        if as_json:
            from buzzguard.cli.mention_json import Exporter

            exporter = Exporter(desk)
            _print_json([exporter.mention(one) for one in shown])
            return
        _print_mentions(desk, shown, topic)
        if len(found) > most:
            click.secho(desk.words.and_more.format(n=2 * most), dim=True)


@command.command("show")
@click.argument("id")
@_common
@_json
def show_mention(id: str, path: Path, lang: str | None, as_json: bool) -> None:
    """Show all that was understood of the mention ID (or the only one whose id begins so), and the clicks on it."""
    with _faults_told():
        from buzzguard.cli.mention_acts import around, found

        desk = _desk(path, lang)

        async def gather(store: MentionStore) -> Any:
            scored = await found(desk, store, id)
            clicks, _ = await store.clicks_after(0)
            return scored, await around(store, scored), clicks

        scored, near, clicks = asyncio.run(_looked(desk, gather))
        standing = desk.standings(clicks)
        ours = [(one, standing[one.id]) for one in clicks if one.mention == scored.mention.id]
        if as_json:
            from buzzguard.cli.mention_json import Exporter

            _print_json(Exporter(desk).detail(scored, near, ours))
            return
        from buzzguard.cli.mention_text import detail_lines

        for line in detail_lines(desk, scored, _titles(desk), near, ours):
            click.echo(line)


@command.command("say")
@click.argument("id")
@click.argument("what", type=click.Choice(["negative", "not-negative", "about-us", "not-about-us"]))
@click.option("--topic", metavar="TOPIC", help="About which topic; needed where the mention has several.")
@_as
@_common
def say_so(id: str, what: str, topic: str | None, person: str | None, path: Path, lang: str | None) -> None:
    """Correct what was understood of the mention ID: which side it takes, or whether it is about the topic at all.

    It is written into the database, beside a running daemon, which learns it at its next step.
    """
    with _faults_told():
        from buzzguard.cli.mention_acts import say
        from buzzguard.cli.mention_text import moment, standing_told, tame
        from buzzguard.model import ClickKind

        desk = _desk(path, lang)
        who, kind, words = desk.person(person), ClickKind(what.replace("-", "_")), desk.words
        said = asyncio.run(say(desk, id, kind, topic=topic, who=who))
        ours, name = said.click, tame(who.id, 80)
        if said.known:
            click.echo(words.already.format(who=name, click=ours.id, at=moment(desk, ours.at)))
        else:
            click.echo(words.will[kind].format(who=name, topic=tame(ours.topic)))
        click.secho(words.quote.format(text=tame(ours.text, 140)), dim=True)
        click.echo(words.saved.format(click=ours.id, standing=standing_told(desk, said.standing)))
        click.echo(words.from_now)
        if said.given_topic and kind in (ClickKind.ABOUT_US, ClickKind.NOT_ABOUT_US):
            click.secho(words.given_topic, fg="yellow")
        click.echo(words.undo_hint.format(click=ours.id))


@command.command("undo")
@click.argument("id", metavar="CLICK_ID")
@_as
@_common
def undo_click(id: str, person: str | None, path: Path, lang: str | None) -> None:
    """Take back a click: texts are read as if it had never been."""
    with _faults_told():
        from buzzguard.cli.mention_acts import undo
        from buzzguard.cli.mention_text import tame

        desk = _desk(path, lang)
        who, words = desk.person(person), desk.words
        taken = asyncio.run(undo(desk, id, who=who))
        said = words.kinds[taken.kind]
        by, mention = tame(taken.who.name or taken.who.id), tame(taken.mention, 160)
        click.echo(words.undone.format(who=tame(who.id, 80), click=tame(taken.id), said=said, mention=mention, by=by))
        click.echo(words.from_now)
        click.echo(words.say_again.format(mention=mention, said=taken.kind.value.replace("_", "-")))


@command.command("clicks")
@click.option("-n", "most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many.")
@_common
@_json
def show_clicks(most: int, path: Path, lang: str | None, as_json: bool) -> None:
    """Show who said what of which mention, the newest first, and whether it counts."""
    with _faults_told():
        desk = _desk(path, lang)
        clicks, _ = asyncio.run(_looked(desk, lambda store: store.clicks_after(0)))
        standing = desk.standings(clicks)
        shown = [(one, standing[one.id]) for one in reversed(clicks[-most:])]
        if as_json:
            from buzzguard.cli.mention_json import click_document

            _print_json([click_document(*one) for one in shown])
            return
        _print_clicks(desk, shown, more=len(clicks) > most)


@command.command("erase")
@click.argument("author")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_common
def erase_author(author: str, yes: bool, path: Path, lang: str | None) -> None:
    """Delete every mention by AUTHOR, and the corrections made on them: a person's right to be erased (GDPR).

    AUTHOR is source:id or source:handle, such as mastodon:@jdupont@example.social. Where hashes of authors are kept,
    source:id is hashed likewise.
    """
    with _faults_told():
        from buzzguard.cli import mention_erasure

        desk = _desk(path, lang)
        keys = asyncio.run(mention_erasure.preview(desk, author))
        words = desk.words
        for line in mention_erasure.told(desk, keys):
            click.echo(line)
        if not yes and click.prompt(words.ask, default="", show_default=False).strip()[:1].lower() not in ("y", "o"):
            click.echo(words.left)
            sys.exit(1)
        gone = asyncio.run(mention_erasure.erase(desk, keys))
        click.echo(words.erased[gone != 1].format(n=gone))
        click.echo(words.reload)


@contextmanager
def _faults_told() -> Iterator[None]:
    """Every expected error in a line or more on standard error, and exit status 1."""
    try:
        yield
    except ConfigError as error:
        from buzzguard.cli.common import echo_faults

        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        from buzzguard.cli.mention_acts import Refused
        from buzzguard.config.words import safe

        click.echo(str(error) if isinstance(error, Refused) else safe(str(error)), err=True)
        sys.exit(1)


def _desk(path: Path, lang: str | None) -> Desk:
    from buzzguard import telemetry
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings

    telemetry.configure_logging(json=False, level=logging.ERROR)
    settings = load_settings(path, models=plugin_models(), query_fault=query_fault)
    language = cast("Language", lang or settings.language)
    return Desk(settings=settings, base=path.resolve().parent, language=language, now=SystemClock().now())


def _span(written: str | None) -> timedelta | None:
    from buzzguard.config.durations import parse_duration

    if written is None:
        return None
    try:
        return parse_duration(written)
    except ValueError as error:
        raise BuzzguardError(f"--since: {error}") from error


def _fits(scored: ScoredMention, topic: str, chosen: dict[str, str | None]) -> bool:
    from buzzguard.cli.mention_text import side_of, toward_of

    side, theme, narrative, language = (chosen[name] for name in ("side", "theme", "narrative", "language"))
    if topic and topic not in scored.topics:
        return False
    sides = {side_of(toward_of(scored, one)) for one in ([topic] if topic else scored.topics)}
    return (
        (not side or side in sides)
        and (not theme or theme in scored.themes)
        and (not narrative or narrative in scored.narratives)
        and (not language or _code(language) == scored.language)
    )


def _code(language: str | None) -> str:
    return (language or "").strip().lower()


async def _listed(
    desk: Desk, since: timedelta | None, most: int, wanted: tuple[list[str], Callable[[ScoredMention], bool]]
) -> list[ScoredMention]:
    holding, fits = wanted

    async def gather(store: MentionStore) -> list[ScoredMention]:
        found: list[ScoredMention] = []
        begin = None if since is None else desk.now - since
        async for one in store.newest(since=begin, holding=[[value] for value in holding]):
            if fits(one):
                found.append(one)
            if len(found) == most:
                break
        return found

    return await _looked(desk, gather)


async def _looked(desk: Desk, look: Callable[[MentionStore], Awaitable[T]]) -> T:
    async with desk.looking() as store:
        return await look(store)


def _titles(desk: Desk) -> Titles:
    """What themes are called; of a file that cannot be used the id is shown."""
    from buzzguard.understand.theme_files import read_themes

    read, _ = read_themes([desk.base / folder for folder in desk.settings.rules])
    return {one.theme.id: cast("Any", one.theme.title) for one in read}


def _print_mentions(desk: Desk, found: list[ScoredMention], topic: str) -> None:
    from buzzguard.cli.mention_text import mention_lines

    if not found:
        click.echo(desk.words.nothing)
        return
    titles = _titles(desk) if any(one.themes for one in found) else {}
    for one in found:
        for line in mention_lines(desk, one, titles, topic=topic):
            click.echo(line)


def _print_clicks(desk: Desk, found: list[tuple[Click, Standing]], *, more: bool) -> None:
    from buzzguard.cli.mention_text import click_lines

    if not found:
        click.echo(desk.words.no_clicks)
    for one, standing in found:
        for line in click_lines(desk, one, standing):
            click.echo(line)
    if more:
        click.secho(desk.words.and_more.format(n=2 * len(found)), dim=True)


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
