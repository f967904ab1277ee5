"""`buzzguard topic`: try the query of a topic on texts and on the past before it must work."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from buzzguard.config.words import safe
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.topic_preview import Preview
    from buzzguard.model import Language
    from buzzguard.understand.matchtext import MatchText
    from buzzguard.understand.query import Query
    from buzzguard.understand.trial import Found, Trial

_WORDS = {
    "en": {
        "yes": "matches",
        "no": "does not match",
        "found": "found",
        "against": "not satisfied",
        "count": "{n} of {all} texts match",
        "column": "column",
    },
    "fr": {
        "yes": "correspond",
        "no": "ne correspond pas",
        "found": "trouvé",
        "against": "non satisfait",
        "count": "{n} texte(s) sur {all} correspondent",
        "column": "colonne",
    },
}
_MAX_TEXT = 10_000
_SHOWN = 300


@click.group("topic")
def command() -> None:
    """Try queries of topics."""


@command.command("try")
@click.argument("query")
@click.argument("texts", nargs=-1)
@click.option(
    "-f", "--file", type=click.File(encoding="utf-8", errors="replace"), help="Texts, one a line; - for stdin."
)
@click.option("--title", default="", help="The title of the texts.")
@click.option("--language", default="", help="Their language (fr); guessed when absent.")
@click.option("--source", default="", help="The kind of their source (rss).")
@click.option("--site", default="", help="Their site (lemonde.fr).")
@click.option("--author", default="", help="Their author's handle.")
@click.option("--kind", default="", help="Their kind (post, review).")
@click.option("--url", default="", help="Their address.")
@click.option(
    "--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Language of the answer."
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def attempt(
    query: str, texts: tuple[str, ...], file: TextIO | None, lang: str, as_json: bool, **fields: str
) -> None:  # fmt: skip
    """Show whether TEXTS match QUERY, and with which words.

    Write -- before a QUERY or a text that begins with a minus. Exit status 1 when no text matches, 2 when the query is
    wrong.
    """
    from buzzguard.understand.trial import attempt as held

    parsed = _parsed(query, lang)
    results = [(text, held(parsed, text)) for text in (_text(one, fields) for one in _all(texts, file))]
    if as_json:
        click.echo(json.dumps([_as_json(text, trial) for text, trial in results], indent=2, ensure_ascii=False))
    else:
        _print(results, lang)
    sys.exit(0 if any(trial.holds for _, trial in results) or not results else 1)


@command.command("preview")
@click.argument("query")
@click.argument("recordings", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-c",
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("buzzguard.yml"),
    show_default=True,
    help="Whose stored mentions are looked at, without RECORDINGs.",
)
@click.option("-m", "--mapping", type=click.Path(exists=True, path_type=Path), help="What a recording's columns mean.")
@click.option("--since", metavar="TIME", help="Stored mentions of this long only: 7d; all that is kept when absent.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Language.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def preview(  # noqa: PLR0913 - one for each option
    query: str,
    recordings: tuple[Path, ...],
    config: Path,
    mapping: Path | None,
    since: str | None,
    lang: Language,
    as_json: bool,
) -> None:
    """Show what QUERY would have matched in what is stored, or in RECORDINGs, before it goes live.

    How many a day, samples, and which word brings the noise. A daemon may run; nothing is written.
    """
    from buzzguard.cli.topic_preview_text import preview_document, preview_lines

    parsed = _parsed(query, lang)
    try:
        held = _previewed(parsed, recordings, mapping) if recordings else _previewed_store(parsed, config, since)
    except ConfigError as error:
        from buzzguard.cli.common import echo_faults

        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(safe(" ".join(str(error).split())), err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(preview_document(held), indent=2, ensure_ascii=False))
        return
    for line in preview_lines(held, lang, stored=not recordings):
        click.echo(line)


def _previewed(query: Query, paths: tuple[Path, ...], mapping: Path | None) -> Preview:
    from buzzguard.cli.common import said
    from buzzguard.cli.recordings import Recordings
    from buzzguard.cli.topic_preview import Preview
    from buzzguard.clock import SystemClock

    made = Preview(query, zone=UTC, now=SystemClock().now())
    recordings = Recordings(paths, mapping)
    made.take_all(recordings.mentions())
    made.unreadable += recordings.fault_count
    for fault in recordings.faults:
        click.echo(safe(said(fault)), err=True)
    return made


def _previewed_store(query: Query, config: Path, since: str | None) -> Preview:
    from zoneinfo import ZoneInfo

    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.cli.topic_preview import Preview
    from buzzguard.clock import SystemClock
    from buzzguard.config.durations import parse_duration
    from buzzguard.config.loader import load_settings
    from buzzguard.store.looking import MentionStore

    settings = load_settings(config, models=plugin_models(), query_fault=query_fault)
    now = SystemClock().now()
    try:
        begin = None if since is None else now - parse_duration(since)
    except ValueError as error:
        raise BuzzguardError(f"--since: {error}") from error
    made = Preview(query, zone=ZoneInfo(settings.time_zone), now=now)

    async def look() -> None:
        store = await MentionStore.look_now(settings.store, now=now, base=config.resolve().parent)
        try:
            await made.take_stream(store.newest(since=begin))
        finally:
            await store.close()

    asyncio.run(look())
    return made


def _parsed(query: str, lang: str) -> Query:
    from buzzguard.understand.query import QueryError, parse_query

    try:
        return parse_query(query)
    except QueryError as error:
        shown = query.replace("\n", " ").replace("\t", " ")
        click.echo(safe(shown), err=True)
        click.echo(" " * (error.column - 1) + click.style("^", fg="red", bold=True), err=True)
        click.echo(f"{_WORDS[lang]['column']} {error.column}: {safe(error.message)} ({safe(error.hint)})", err=True)
        sys.exit(2)


def _all(texts: Sequence[str], file: TextIO | None) -> Iterator[str]:
    yield from texts
    for line in file or ():
        if line.strip():
            yield line


def _text(written: str, fields: dict[str, str]) -> MatchText:
    """The text as the watch would read it."""
    from buzzguard.understand.fold import fold
    from buzzguard.understand.language import guess_language, language_code
    from buzzguard.understand.matchtext import MatchText, searched
    from buzzguard.understand.normalise import canonical_url, one_line, plain_text, site_of_canonical

    title, body = plain_text(fields["title"], _SHOWN), plain_text(written, _MAX_TEXT)
    original, url = searched(title, body), canonical_url(fields["url"], anchor=True)
    return MatchText(
        folded=fold(original),
        original=original,
        title=title,
        language=language_code(fields["language"]) or guess_language(f"{title} {body}"),
        source=one_line(fields["source"], _SHOWN),
        site=one_line(fields["site"], _SHOWN).lower().removeprefix("www.") or site_of_canonical(url),
        author=one_line(fields["author"], _SHOWN),
        kind=fields["kind"],
        url=url,
    )


def _as_json(text: MatchText, trial: Trial) -> dict[str, object]:
    found = [{"term": one.term, "start": one.start, "end": one.end} for one in trial.found]
    return {"text": text.original, "matches": trial.holds, "found": found, "against": list(trial.against)}


def _print(results: Sequence[tuple[MatchText, Trial]], lang: str) -> None:
    words = _WORDS[lang]
    for text, trial in results:
        mark = (
            click.style("✓ " + words["yes"], fg="green") if trial.holds else click.style("✗ " + words["no"], fg="red")
        )
        click.echo(f"{mark}  {_highlighted(text.original, trial.found)}")
        told = {"found": dict.fromkeys(one.term for one in trial.found), "against": dict.fromkeys(trial.against)}
        for what, parts in told.items():
            if parts:
                colon = "\u00a0: " if lang == "fr" else ": "
                click.echo(click.style(f"    {words[what]}{colon}{safe(' · '.join(parts))}", dim=True))
    if len(results) > 1:
        number = sum(trial.holds for _, trial in results)
        click.secho(words["count"].format(n=number, all=len(results)), bold=True)


def _highlighted(text: str, found: Sequence[Found]) -> str:
    """The text with what was found in bold; a long one from shortly before its first find on."""
    begin = max(0, found[0].start - _SHOWN // 4) if found and len(text) > _SHOWN else 0
    end = min(len(text), begin + _SHOWN)
    parts, at = ["…" if begin else ""], begin
    for one in found:
        if at <= one.start and one.end <= end:
            bold = click.style(safe(text[one.start : one.end]), bold=True, underline=True)
            parts += [safe(text[at : one.start]), bold]
            at = one.end
    return "".join([*parts, safe(text[at:end]), "…" if end < len(text) else ""])
