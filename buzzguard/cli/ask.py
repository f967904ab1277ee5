"""How a command reaches the running daemon, and comes back with what became of it.

The command is kept in the store beside the daemon, which takes it within a second. Where no daemon runs it is kept for
the next start, and that is said.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Callable
from functools import cached_property, reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buzzguard.cli.report import faults_told

if TYPE_CHECKING:
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.model import Command, CommandKind, Directory, Incident, Person
    from buzzguard.respond.playbooks import Playbooks

PATIENCE = 15.0
"""Seconds until a daemon that runs must have answered."""
_LOOK_EVERY = 0.2
_MOST_TEXT = 2000
DONE, REFUSED, KEPT, UNANSWERED, INTERRUPTED = "done", "refused", "kept", "unanswered", "interrupted"
_STATUS = {DONE: 0, KEPT: 0, REFUSED: 1, UNANSWERED: 1, INTERRUPTED: 130}


def acting(function: Callable[..., None]) -> Callable[..., None]:
    """The options of every command that acts (who, language, form, configuration); `function` gets their `Caller`
    before its own arguments. Every expected error is told, with exit status 1."""

    @wraps(function)
    def act(*, path: Path, lang: str | None, person: str | None, as_json: bool, **own: Any) -> None:
        with faults_told():
            function(Caller(path=path, lang=lang, person=person, as_json=as_json), **own)

    options = (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; the configuration's."),
        click.option("--as", "person", metavar="PERSON", help="Who acts; the user of the system when absent."),
        click.option(
            "-c", "--config", "path", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True
        ),
    )
    return reduce(lambda made, option: option(made), options, act)


class Caller:
    """Somebody at the command line who asks the running daemon for something."""

    def __init__(self, *, path: Path, lang: str | None, person: str | None, as_json: bool) -> None:
        from buzzguard.cli.act_words import ACT_WORDS
        from buzzguard.cli.report import desk_of

        self.desk: Desk = desk_of(path, lang)
        self.who: Person = self.desk.person(person)
        self.as_json = as_json
        self.words = ACT_WORDS[self.desk.language]

    @cached_property
    def playbooks(self) -> Playbooks:
        """The playbooks. Raises ConfigError."""
        from buzzguard.respond.playbooks import load_playbooks

        return load_playbooks([self.desk.base / folder / "playbooks" for folder in self.desk.settings.rules])

    @cached_property
    def directory(self) -> Directory:
        """Who and what may be named. Raises ConfigError."""
        from buzzguard.front import directory_of

        return directory_of(self.desk.settings, self.playbooks)

    def incident(self, written: str) -> Incident:
        """The incident of that id, or the only one whose id begins so. Raises Refused, StoreError."""
        from buzzguard.cli.report_facts import the_incident
        from buzzguard.store.recalling import RecallStore

        async def found() -> Incident:
            settings = self.desk.settings.store
            store = await RecallStore.look_now(settings, now=self.desk.now, base=self.desk.base)
            try:
                return (await the_incident(self.desk, store, written)).incident
            finally:
                await store.close()

        return asyncio.run(found())

    def named(self, kind: str, written: str, known: Any) -> str:
        """One of the names that are known, by its id. Raises Refused, with what may have been meant."""
        from buzzguard.cli.mention_acts import Refused
        from buzzguard.config.words import show, suggest

        if written in known:
            return written
        near = suggest(written, known) if self.desk.language == "en" else ""
        hint = near or ", ".join(show(one) for one in sorted(known)[:12]) or self.words["none"]
        raise Refused(self.words[f"no_{kind}"].format(name=show(written), hint=hint))

    def text(self, written: str, option: str) -> str:
        """What a person wrote, in one line. Raises Refused where it is nothing, or endless."""
        from buzzguard.cli.mention_acts import Refused

        text = " ".join("".join(one if one.isprintable() else " " for one in written).split())
        if not 1 <= len(text) <= _MOST_TEXT:
            raise Refused(self.words["bad_text"].format(option=option, most=_MOST_TEXT))
        return text

    def command(self, kind: CommandKind, *, incident: str = "", **more: Any) -> Command:
        """A command of this caller, with an id of its own."""
        from buzzguard.model import Command

        id = f"cli-{secrets.token_hex(8)}"
        return Command(id=id, kind=kind, incident=incident, who=self.who, at=self.desk.now, **more)

    def ask(self, command: Command, done: str, **fields: str) -> None:
        """Ask, wait for the answer, and tell it: `done` names the sentence for what was carried out.

        Exit status 0 when it was done, or is kept for the next start; 1 when it was refused or not answered in time.
        Raises StoreError.
        """
        answer = _asked(self.desk, command)
        message = self._message(command, answer, done, fields)
        if self.as_json:
            told = {"incident": command.incident or answer["made"], "message": message}
            click.echo(json.dumps(answer | told, indent=2, ensure_ascii=False))
        else:
            click.echo(message, err=_STATUS[answer["outcome"]] == 1)
        if status := _STATUS[answer["outcome"]]:
            sys.exit(status)

    def _message(self, command: Command, answer: dict[str, str], done: str, fields: dict[str, str]) -> str:
        from buzzguard.config.words import safe
        from buzzguard.deliver.wording.refusals import refusal

        outcome = answer["outcome"]
        if outcome == REFUSED:
            return refusal(answer["reason"], self.desk.language)
        sentence = self.words[done if outcome == DONE else outcome]
        lines = sentence.format(id=command.incident, made=answer["made"], request=command.id, **fields)
        return "\n".join(map(safe, lines.splitlines()))


def _asked(desk: Desk, command: Command) -> dict[str, str]:
    """Keep the command and wait for its answer; an interrupt ends the waiting, not what was kept."""
    kept: list[str] = []
    try:
        return asyncio.run(_ask(desk, command, kept))
    except KeyboardInterrupt:
        if not kept:
            raise
        return _answer(command, INTERRUPTED)


async def _ask(desk: Desk, command: Command, kept: list[str]) -> dict[str, str]:
    from buzzguard.store.sole import SoleUse

    async with desk.writing() as store:
        await store.request(command)
        kept.append(command.id)
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while loop.time() < end:
            runs = SoleUse.held(desk.settings.store.url, base=desk.base)
            answer = await store.answer(command.id)
            if answer is not None:
                state = REFUSED if answer.outcome else DONE
                return _answer(command, state, reason=answer.outcome, made=answer.made)
            if not runs:
                return _answer(command, KEPT)
            await asyncio.sleep(_LOOK_EVERY)
    return _answer(command, UNANSWERED)


def _answer(command: Command, outcome: str, *, reason: str = "", made: str = "") -> dict[str, str]:
    return {"request": command.id, "outcome": outcome, "reason": reason, "made": made}
