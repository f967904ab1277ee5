"""What authors took back: the text goes, the count stays.

The row of such a mention stays under its id, so that a later poll that lists it once more does not bring it back, and
so that a restart counts it as before. Its texts, its address and its author's names are blanked, and it is cut out of
the notifications kept; its author stays countable as one by a keyed hash.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Author, Click, ScoredMention
from buzzguard.store import clicks, erasing, tables
from buzzguard.understand.privacy import Keeper

_decode = msgspec.json.Decoder(ScoredMention).decode
_decode_click = msgspec.json.Decoder(Click).decode
_CHUNK = 500


async def withdraw(connection: AsyncConnection, ids: Sequence[str], at: datetime) -> None:
    """Blank the stored mentions among `ids`, and forget the corrections made on them; others cost a look-up."""
    keeper: Keeper | None = None
    for start in range(0, len(ids), _CHUNK):
        found = await _stored(connection, ids[start : start + _CHUNK])
        if not found:
            continue
        keeper = keeper or Keeper("hash", await clicks.key(connection, "authors"))
        await erasing.unquote(connection, [one.mention for one in found])
        await _forget_clicks(connection, found, at)
        await _blank(connection, [_blanked(one, keeper) for one in found])


def keys_of(authors: Iterable[str], key: bytes) -> list[str]:
    """What the rows of these authors may be found by: their keys as they are, and as hashes with the store's key."""
    keeper, found = Keeper("hash", key), list(authors)
    for author in tuple(found):
        source, _, who = author.partition(":")
        found.append(f"{source}:{keeper.keep(Author(id=who), source).id}")
    return found


async def mentions_by(connection: AsyncConnection, authors: Sequence[str]) -> set[str]:
    """The ids of the stored mentions of these authors, as the column names them."""
    columns, found = tables.mentions.c, set[str]()
    for start in range(0, len(authors), _CHUNK):
        rows = await connection.execute(select(columns.id).where(columns.author.in_(authors[start : start + _CHUNK])))
        found.update(row.id for row in rows)
    return found


async def _stored(connection: AsyncConnection, ids: Sequence[str]) -> list[ScoredMention]:
    columns = tables.mentions.c
    rows = await connection.execute(select(columns.body).where(columns.id.in_(ids)))
    return [one for row in rows if not (one := _decode(row.body)).withdrawn]


def _blanked(one: ScoredMention, keeper: Keeper) -> ScoredMention:
    mention = replace(keeper.reduce(one.mention), text="", title="", url="")
    return replace(one, mention=mention, themes=dict.fromkeys(one.themes, ()), withdrawn=True)


async def _blank(connection: AsyncConnection, blanked: Sequence[ScoredMention]) -> None:
    statement = update(tables.mentions).where(tables.mentions.c.id == bindparam("of"))
    statement = statement.values(author=bindparam("who"), body=bindparam("with"))
    rows = [{"of": one.mention.id, "who": one.mention.author_key, "with": msgspec.json.encode(one)} for one in blanked]
    await connection.execute(statement, rows)


async def _forget_clicks(connection: AsyncConnection, found: Sequence[ScoredMention], at: datetime) -> None:
    """A correction holds the text that it corrects: it goes with it, and what was learned from it too."""
    columns = tables.clicks.c
    ids = {one.mention.id for one in found}
    authors = {one.mention.author_key for one in found}
    rows = await connection.execute(select(columns.seq, columns.body).where(columns.author.in_(authors)))
    gone = [row.seq for row in rows if _decode_click(row.body).mention in ids]
    if gone:
        await connection.execute(delete(tables.clicks).where(columns.seq.in_(gone)))
        await erasing.mark(connection, at, mentions=0, clicks=len(gone))
