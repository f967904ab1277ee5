"""`buzzguard silence`: mute by matchers, before or without an incident; and see what is muted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from buzzguard.cli.ask import Caller, acting
from buzzguard.cli.incident_acts import read_span

if TYPE_CHECKING:
    from buzzguard.model import Mute, Silence


@click.group("silence")
def command() -> None:
    """Mute what matches for a while, end that, and show what is muted."""


@command.command("add")
@click.option("--topic", default="", help="What is said of this topic.")
@click.option("--rule", default="", help="The alerts of this rule.")
@click.option("--narrative", default="", metavar="ID", help="This story; `incident show --json` names it.")
@click.option("--department", default="", help="What is the business of this department.")
@click.option(
    "--severity",
    type=click.Choice(["yellow", "orange", "red"]),
    default=None,
    help="The gravest that is muted; orange when absent: red is muted only where it is said.",
)
@click.option("--for", "duration", required=True, metavar="DURATION", help="For how long: 2h, 30m; 7d at most.")
@click.option("--reason", required=True, help="Why.")
@acting
def add(caller: Caller, duration: str, reason: str, severity: str | None, **matchers: str) -> None:
    """Mute what matches all that is said: nobody is called for it until the silence ends."""
    from buzzguard.deliver.wording import duration as spoken
    from buzzguard.model import CommandKind, Mute, Severity

    given = _matchers(caller, matchers)
    asked = Mute(severity=None if severity is None else Severity(severity), **given)
    span = read_span(caller, duration)
    made = caller.command(CommandKind.MUTE, duration=span, reason=caller.text(reason, "--reason"), asked=asked)
    caller.ask(made, "muted", duration=spoken(span, caller.desk.language), what=", ".join(_what(caller, asked)))


@command.command("end")
@click.argument("id")
@acting
def end(caller: Caller, id: str) -> None:
    """End the silence ID (`silence list` names them) now."""
    from buzzguard.model import CommandKind, Unmute

    going_on = {one.id for one in _silences(caller)}
    near = [one for one in going_on if len(id) > len("sil-") and one.startswith(id)]
    chosen = near[0] if len(near) == 1 else caller.named("silence", id, going_on)
    caller.ask(caller.command(CommandKind.UNMUTE, asked=Unmute(silence=chosen)), "unmuted", silence=chosen)


@command.command("list")
@acting
def list_silences(caller: Caller) -> None:
    """Show what is muted, by whom, why, and until when."""
    found = _silences(caller)
    if caller.as_json:
        click.echo(json.dumps([_document(one) for one in found], indent=2, ensure_ascii=False))
        return
    for line in _lines(caller, found):
        click.echo(line)


def _silences(caller: Caller) -> list[Silence]:
    import asyncio

    async def read() -> list[Silence]:
        async with caller.desk.looking() as store:
            return await store.silences_active(caller.desk.now)

    return asyncio.run(read())


def _matchers(caller: Caller, written: dict[str, str]) -> dict[str, str]:
    """The matchers, each by its id. Raises Refused."""
    from buzzguard.cli.mention_acts import Refused

    given = {name: value.strip() for name, value in written.items() if value.strip()}
    if not given:
        raise Refused(caller.words["no_matcher"])
    if "topic" in given:
        given["topic"] = caller.desk.topic(given["topic"])
    if "department" in given:
        given["department"] = caller.named("department", given["department"], caller.directory.departments)
    if "rule" in given:
        given["rule"] = caller.named("rule", given["rule"], _rules(caller))
    return given


def _rules(caller: Caller) -> set[str]:
    """The ids of the rules. Raises ConfigError."""
    from buzzguard.decide.loader import load_rules

    desk = caller.desk
    folders = [desk.base / folder for folder in desk.settings.rules]
    rules = load_rules(folders, policies=desk.settings.policies.keys(), playbooks=frozenset(caller.directory.playbooks))
    return {one.id for one in rules}


def _what(caller: Caller, one: Mute | Silence) -> Iterator[str]:
    """What is muted, in words."""
    from buzzguard.config.words import show
    from buzzguard.deliver.wording import severity_name
    from buzzguard.model import Severity

    words = caller.words
    names = ("topic", "rule", "narrative", "department")
    yield from (words[name].format(value=show(value)) for name in names if (value := getattr(one, name)))
    if not one.topic:
        yield words["any_topic"]
    severity = severity_name(one.severity or Severity.ORANGE, caller.desk.language).lower()
    yield words["up_to"].format(severity=severity)


def _lines(caller: Caller, silences: list[Silence]) -> Iterator[str]:
    from buzzguard.config.words import safe
    from buzzguard.deliver.wording import Clockface

    words, desk = caller.words, caller.desk
    face = Clockface(desk.language, desk.settings.time_zone, desk.now)
    if not silences:
        yield words["no_silences"]
    for one in silences:
        until = face.until(one.ends_at)
        who = words["by"].format(who=one.who.name or one.who.id)
        reason = f"  « {one.reason} »" if one.reason else ""
        yield safe(f"{one.id}  {until}  {', '.join(_what(caller, one))}  {who}{reason}")


def _document(one: Silence) -> dict[str, Any]:
    def at(instant: datetime) -> str:
        return instant.isoformat()

    return {
        "id": one.id,
        "topic": one.topic,
        "rule": one.rule,
        "narrative": one.narrative,
        "department": one.department,
        "severity": one.severity.value if one.severity else None,
        "starts_at": at(one.starts_at),
        "ends_at": at(one.ends_at),
        "who": {"id": one.who.id, "name": one.who.name, "via": one.who.via},
        "reason": one.reason,
    }
