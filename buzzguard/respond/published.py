"""Statements that are out: what people mark, and what an account of the house was seen to publish.

A mark changes no state and calls nobody: the card says it, and the effect is measured from it. A mention of ours is
taken for a statement when it stands on its own (a post or an article: an answer to one customer is none), names the
topic of an open incident, and came out while that was open. Nobody has said so: whoever knows better takes it back, and
the same mention is never marked again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b

from msgspec.structs import replace

from buzzguard.model import Command, CommandKind, Detected, Incident, Mention, MentionKind, Person, StatementMark
from buzzguard.respond.turn import Turn

MOST = 20
"""Mentions of ours that are taken for statements, an incident: what runs on while it is open is a campaign."""
_MOST_MARKS = 100
_ON_ITS_OWN = frozenset({MentionKind.POST, MentionKind.ARTICLE})
_LONGEST_ADDRESS = 2_000


def publish(turn: Turn, incident: Incident, command: Command) -> str:
    """Keep a mark, or take one back. Returns `repeated` for a mark that is known or was taken back, else nothing.

    Marks beyond a hundred, and those on an incident that has ended, are kept as commands alone.
    """
    if command.undoes:
        return _take_back(turn, incident, command)
    if any(one.id == command.id for one in incident.published):
        return "repeated"
    found = command.asked if isinstance(command.asked, Detected) else None
    marked = (*incident.published, _mark(command, found))[:_MOST_MARKS]
    _show(turn, replace(incident, published=marked), None if found else command)
    return ""


def detected(
    open_incidents: Iterable[Incident], own: Sequence[tuple[Mention, tuple[str, ...]]], now: datetime
) -> Iterator[Command]:
    """A command for each mention of ours, given with its topics, and each open incident that it answers."""
    if not own:
        return
    for incident in open_incidents:
        known = {one.id for one in incident.published}
        room = MOST - sum(one.detected for one in incident.published)
        for mention, topics in own:
            made = _command(mention, incident, now)
            if room > 0 and made.id not in known and incident.topic in topics and _answers(mention, incident):
                known.add(made.id)
                room -= 1
                yield made


def _take_back(turn: Turn, incident: Incident, command: Command) -> str:
    found = next((one for one in incident.published if one.id == command.undoes and not one.gone), None)
    if found is None:
        return ""  # made beside the running daemon: what is kept of both tells it to whoever looks back
    left = tuple(replace(one, gone=True) if one is found else one for one in incident.published)
    _show(turn, replace(incident, published=left), command)
    return ""


def _show(turn: Turn, incident: Incident, by_hand: Command | None) -> None:
    """Edit the cards. What a person says shows that somebody is on it."""
    acted = incident if by_hand is None else replace(incident, acted_at=turn.now, nudged_at=None)
    turn.show(acted)


def _mark(command: Command, found: Detected | None) -> StatementMark:
    return StatementMark(
        id=command.id,
        at=command.happened_at or command.at,
        who=command.who,
        url=found.url if found else "",
        detected=found is not None,
    )


def _answers(mention: Mention, incident: Incident) -> bool:
    if incident.drill or mention.kind not in _ON_ITS_OWN or mention.parent:
        return False
    return mention.time_trusted and incident.opened_at <= mention.published


def _command(mention: Mention, incident: Incident, now: datetime) -> Command:
    author = mention.author
    digest = blake2b(f"{incident.id}|{mention.id}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    return Command(
        id=f"statement-own-{digest}",
        kind=CommandKind.STATEMENT,
        incident=incident.id,
        who=Person(id=author.handle or author.id, name=author.name or author.handle, via=mention.source),
        at=now,
        happened_at=mention.published,
        asked=Detected(
            mention=mention.id,
            url=mention.url if len(mention.url) <= _LONGEST_ADDRESS else "",
            site=mention.site,
        ),
    )
