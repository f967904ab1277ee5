"""`statement ID`: mark that a statement was published, so that its effect can be measured; or take a mark back.

A mark is a command that is kept, and changes no incident: it may be written beside a running daemon, and after the end.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.model import Command, Person
    from buzzguard.store.recalling import Recalled

EARLIEST = timedelta(days=3)
"""How long before an incident was opened a statement may have been published."""
MOST_NOTE = 500


@click.command("statement")
@click.argument("id")
@click.option("--at", "moment", metavar="TIME", help="When it came out: 2027-03-15T20:50, local; now when absent.")
@click.option("--note", default="", help="What and where: the address of the statement, for example.")
@click.option("--undo", "mark", metavar="MARK", help="Take back this mark instead.")
@click.option("--as", "person", metavar="PERSON", help="Who says so; the user of the system when absent.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; the configuration's if absent.")
@click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("buzzguard.yml"),
    show_default=True,
    help="The configuration.",
)
def statement(  # noqa: PLR0913 - one argument an option, as click passes them
    id: str, moment: str | None, note: str, mark: str | None, person: str | None, lang: str | None, path: Path
) -> None:
    """Mark that a statement on the incident ID was published: `report incident` then tells what it changed."""
    from buzzguard.cli.report import desk_of, faults_told

    with faults_told():
        from buzzguard.cli.mention_text import moment as told
        from buzzguard.cli.report_words import WORDS
        from buzzguard.config.words import show

        desk = desk_of(path, lang)
        who, words = desk.person(person), WORDS[desk.language]
        at = _instant(desk, moment)
        if mark is not None:
            made = asyncio.run(take_back(desk, id, mark, who))
            click.echo(words["taken_back"].format(id=show(made.incident), mark=show(mark)))
            return
        made = asyncio.run(mark_statement(desk, id, at, note=note, who=who))
        undo = f"buzzguard report statement {made.incident} --undo {made.id}"
        click.echo(words["marked"].format(id=show(made.incident), at=told(desk, at), command=undo))


async def mark_statement(desk: Desk, id: str, at: datetime, *, note: str, who: Person) -> Command:
    """Keep the mark that a statement was published at `at`; the same one twice is kept once.

    Raises Refused for an unknown incident or a time that cannot be, StoreError.
    """
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.cli.mention_text import moment as told
    from buzzguard.cli.report_words import WORDS
    from buzzguard.deliver.tame import short
    from buzzguard.model import Command, CommandKind

    words, incident = WORDS[desk.language], (await _recall(desk, id)).incident
    if at > desk.now:
        raise Refused(words["at_future"].format(at=told(desk, at)))
    if at < incident.opened_at - EARLIEST:
        raise Refused(words["at_long_before"].format(at=told(desk, at), opened=told(desk, incident.opened_at)))
    digest = blake2b(f"{incident.id}|{at.isoformat()}|{who.via}|{who.id}|{note}".encode(), digest_size=5).hexdigest()
    made = Command(
        id=f"statement-{digest}",
        kind=CommandKind.STATEMENT,
        incident=incident.id,
        who=who,
        at=desk.now,
        reason=short(note, MOST_NOTE),
        happened_at=at,
    )
    await _keep(desk, made)
    return made


async def take_back(desk: Desk, id: str, mark: str, who: Person) -> Command:
    """Take back a mark. Raises Refused when the incident bears none of that id, StoreError."""
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.cli.report_words import WORDS
    from buzzguard.config.words import show
    from buzzguard.model import Command, CommandKind
    from buzzguard.review.timeline import statements

    recalled = await _recall(desk, id)
    incident = recalled.incident.id
    if mark not in {one.id for one in statements(recalled.commands, recalled.transitions)}:
        raise Refused(WORDS[desk.language]["no_mark"].format(id=show(incident), mark=show(mark)))
    made = Command(id=f"{mark}-undo", kind=CommandKind.STATEMENT, incident=incident, who=who, at=desk.now, undoes=mark)
    await _keep(desk, made)
    return made


async def _recall(desk: Desk, id: str) -> Recalled:
    from buzzguard.cli.report_facts import the_incident
    from buzzguard.store.recalling import RecallStore

    store = await RecallStore.look_now(desk.settings.store, now=desk.now, base=desk.base)
    try:
        return await the_incident(desk, store, id)
    finally:
        await store.close()


async def _keep(desk: Desk, made: Command) -> None:
    from buzzguard.model import Effects

    async with desk.writing() as store:
        await store.commit(Effects(at=desk.now, commands=(made,)), {})


def _instant(desk: Desk, moment: str | None) -> datetime:
    """The instant asked for, in the team's time zone when it names none. Raises Refused."""
    from buzzguard.cli.mention_acts import Refused
    from buzzguard.config.moments import begin_of, parse_moment
    from buzzguard.deliver.wording import zone

    if moment is None:
        return desk.now
    try:
        return begin_of(parse_moment(moment), zone(desk.settings.time_zone))
    except ValueError as error:
        raise Refused(f"--at: {error}") from error
