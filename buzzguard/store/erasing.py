"""A person's right to be erased: what is deleted, what is cut out of what was told, and the mark that it was done."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import (
    Briefing,
    Clue,
    Mention,
    Narrative,
    Notification,
    NotificationKind,
    Quote,
    Said,
    ScoredMention,
)
from buzzguard.store import quarantine, tables

_decode = msgspec.json.Decoder(ScoredMention).decode
_told = msgspec.json.Decoder(Notification).decode


async def erase_author(connection: AsyncConnection, author: str, at: datetime, *, named: str = "") -> int:
    """Delete an author's mentions, the clicks on them, and their words in the notifications kept; how many mentions.

    What was set aside goes where it holds the author's id, handle or name, or `named`: what they are called where the
    store keeps hashes.
    """
    written = select(tables.mentions.c.body).where(tables.mentions.c.author == author)
    mentions = [_decode(row.body).mention for row in await connection.execute(written)]
    await unquote(connection, mentions)
    clicks = await connection.execute(delete(tables.clicks).where(tables.clicks.c.author == author))
    await _unquarantine(connection, [author.partition(":")[2], named], mentions)
    gone = await connection.execute(delete(tables.mentions).where(tables.mentions.c.author == author))
    await mark(connection, at, mentions=int(gone.rowcount), clicks=int(clicks.rowcount))
    return int(gone.rowcount)


async def mark(connection: AsyncConnection, at: datetime, *, mentions: int, clicks: int) -> None:
    """Note that so many are gone, for a daemon that holds them; nothing when none are."""
    if mentions or clicks:
        await connection.execute(insert(tables.erasures).values(at=at, mentions=mentions, clicks=clicks))


async def last(connection: AsyncConnection) -> int:
    """The number of the last mark; 0 when there is none."""
    return int((await connection.execute(select(func.max(tables.erasures.c.seq)))).scalar() or 0)


_NO_QUOTES = NotificationKind.DIGEST.value
"""A letter tells of numbers, and quotes nobody."""


async def unquote(connection: AsyncConnection, mentions: list[Mention]) -> None:
    """Cut mentions out of every notification that is kept: those that wait tell of them no more."""
    if not mentions:
        return
    columns = tables.outbox.c
    ids = frozenset(mention.id for mention in mentions)
    quotes = frozenset(_mark_of(mention) for mention in mentions)
    changed = []
    # Nothing told before a mention was published can tell of it.
    possible = (columns.due_at >= min(mention.published for mention in mentions)) & (columns.kind != _NO_QUOTES)
    rows = await connection.execute(select(columns.seq, columns.body).where(possible))
    for row in rows:
        notification = _told(row.body)
        card = notification.card
        without = _without(card.briefing, ids, quotes)
        if without != card.briefing:
            body = msgspec.json.encode(replace(notification, card=replace(card, briefing=without)))
            changed.append({"of": row.seq, "body": body})
    if changed:
        statement = update(tables.outbox).where(columns.seq == bindparam("of")).values(body=bindparam("body"))
        await connection.execute(statement, changed)


async def _unquarantine(connection: AsyncConnection, called: list[str], mentions: list[Mention]) -> None:
    names = {name for one in mentions for name in (one.author.id, one.author.handle, one.author.name)}
    wanted = quarantine.naming([*called, *names])
    if wanted is not None:
        await connection.execute(delete(tables.quarantine).where(wanted))


def _without(briefing: Briefing, ids: frozenset[str], quotes: frozenset[tuple[str, ...]]) -> Briefing:
    said = briefing.said
    return replace(
        briefing,
        quotes=_kept(briefing.quotes, quotes),
        said=None if said is None else _less(said, ids, quotes),
    )


def _less(said: Said, ids: frozenset[str], quotes: frozenset[tuple[str, ...]]) -> Said:
    return replace(
        said,
        narratives=tuple(_silent(one, ids) for one in said.narratives),
        clues=tuple(_shown(one, ids) for one in said.clues),
        advocates=_kept(said.advocates, quotes),
    )


def _silent(narrative: Narrative, ids: frozenset[str]) -> Narrative:
    if narrative.first_id in ids:
        narrative = replace(narrative, first_id="", first_source="", first_site="")
    if narrative.mention in ids:
        # The headline is a phrase of one of its mentions: perhaps of this one.
        narrative = replace(narrative, headline="", quote="", mention="")
    return narrative


def _shown(clue: Clue, ids: frozenset[str]) -> Clue:
    return (
        clue
        if ids.isdisjoint(clue.mentions)
        else replace(clue, mentions=tuple(id for id in clue.mentions if id not in ids))
    )


def _kept(quotes: Iterable[Quote], gone: frozenset[tuple[str, ...]]) -> tuple[Quote, ...]:
    return tuple(one for one in quotes if (one.published.isoformat(), one.author, one.site) not in gone)


def _mark_of(mention: Mention) -> tuple[str, ...]:
    """What a quote, which has no id, is known by."""
    return mention.published.isoformat(), mention.author.name or mention.author.handle, mention.site
