"""What people ask of the stored incidents and mentions while somebody waits for the answer: each look is bounded."""

from __future__ import annotations

import asyncio
import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, Table, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.measure.quotes import quote_of
from buzzguard.model import (
    Alert,
    Cause,
    Command,
    Decision,
    Delivery,
    Incident,
    Quote,
    Record,
    ScoredMention,
    Transition,
)
from buzzguard.model.desk import Found
from buzzguard.store import tables
from buzzguard.store.recalled import Attempt, Recalled, attempt_of
from buzzguard.understand.fold import fold

T = TypeVar("T")

MOST_LOOKED_AT = 60_000
"""Mentions that a search looks at, the newest: their texts must be folded, which no index can do."""
_PAGE = 500
_HOLDERS = 200
"""Of the newest incidents, those in which an alert is looked for."""
_EXERCISE = b'"drill":true'
"""How an exercise is recognised before it is decoded; within a text, quotation marks are escaped."""
_WORD = re.compile(r'"([^"]+)"|«\s*([^»]+?)\s*»|“([^”]+)”|(\S+)')
_MOST_WORDS = 12
_PLAIN = (*zip("éèêëàâçùûüîïôöä’–«»\u00a0", "eeeeaacuuuiiooa'    ", strict=True), ("œ", "oe"), ("…", "..."))
_UNPARTED = "\u2e80"
"""From here on letters belong to scripts that write words without spaces between them."""


class Reasons(Record, frozen=True, kw_only=True):
    """Why people were told or not: `alert` when that was asked about, `incidents` those that hold it or are it."""

    incidents: tuple[Incident, ...] = ()
    alert: Alert | None = None
    decisions: tuple[Decision, ...] = ()


class _Texts(msgspec.Struct):
    """Of a mention, what a search reads."""

    text: str = ""
    title: str = ""


class _Readable(msgspec.Struct):
    """Of a stored mention, what a search reads: five times as fast to decode as the whole."""

    mention: _Texts


class Asking:
    """The part of the store that answers people. Its methods raise StoreError."""

    @abstractmethod
    def _read(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection to read by."""

    async def incident(self, id: str) -> Incident | None:
        """An incident; None when there is none of that id."""
        columns = tables.incidents.c
        found = await self._newest(tables.incidents, Incident, columns.id == id, by=columns.opened_at, limit=1)
        return found[0] if found else None

    async def called_normal(self, since: datetime) -> list[tuple[Incident, datetime]]:
        """See `ports.Store.called_normal`."""
        moves, columns = tables.transitions.c, tables.incidents.c
        chosen = (
            select(columns.body, moves.at)
            .join(tables.incidents, columns.id == moves.incident)
            .where((moves.cause == Cause.NEW_NORMAL_BY_USER.value) & (moves.at > since))
            .order_by(moves.at)
        )
        decode = msgspec.json.Decoder(Incident).decode
        async with self._read() as connection:
            return [(decode(row.body), row.at) for row in await connection.execute(chosen)]

    async def opened_since(self, since: datetime, limit: int) -> list[Incident]:
        """The newest incidents opened after `since`, in order of opening."""
        column = tables.incidents.c.opened_at
        return await self._newest(tables.incidents, Incident, column > since, by=column, limit=limit)

    async def last_exercise(self, since: datetime) -> Recalled | None:
        """The newest exercise begun after `since`, with what was done about it; None when there was none."""
        columns = tables.incidents.c
        wanted = (columns.opened_at > since) & (func.instr(columns.body, _EXERCISE) > 0)
        found = await self._newest(tables.incidents, Incident, wanted, by=columns.opened_at, limit=1)
        if not found:
            return None
        id = found[0].id
        moves, asked = tables.transitions.c, tables.commands.c
        return Recalled(
            incident=found[0],
            transitions=tuple(
                await self._newest(tables.transitions, Transition, moves.incident == id, by=moves.version)
            ),
            attempts=tuple(await self._attempts(id)),
            commands=tuple(await self._newest(tables.commands, Command, asked.incident == id, by=asked.at)),
        )

    async def _attempts(self, id: str) -> list[Attempt]:
        """The attempts to tell people of an incident, in order; by their keys, which outlive the messages."""
        columns = tables.deliveries.c
        chosen = select(tables.deliveries).where(columns.key >= f"{id}/", columns.key < f"{id}0")
        async with self._read() as connection:
            rows = (await connection.execute(chosen.order_by(columns.at, columns.seq))).all()
        return [one for row in rows if (one := attempt_of(row)) is not None]

    async def places(self, incidents: Sequence[str]) -> list[tuple[str, Delivery]]:
        """The deliveries by which the cards of these incidents stand, each with the id of its incident."""
        columns = tables.cards.c
        chosen = select(columns.incident, columns.body).where(columns.incident.in_(incidents)).order_by(columns.at)
        decode = msgspec.json.Decoder(Delivery).decode
        async with self._read() as connection:
            return [(row.incident, decode(row.body)) for row in await connection.execute(chosen)]

    async def reasons(self, name: str, *, limit: int | None = None) -> Reasons | None:
        """The decisions on an incident, an alert by its fingerprint, or the last alert of a rule; the newest `limit`.

        None when nothing is known by that name.
        """
        incident = await self.incident(name)
        if incident is not None:
            told = await self._decisions(tables.decisions.c.incident == name, limit)
            return Reasons(incidents=(incident,), decisions=tuple(told))
        alert = await self._last_alert(name)
        if alert is None:
            return None
        holders = await self._holders(alert.fingerprint)
        columns = tables.decisions.c
        about = columns.alert == alert.fingerprint
        if holders:
            about = or_(about, columns.incident == holders[0].id)
        return Reasons(incidents=tuple(holders), alert=alert, decisions=tuple(await self._decisions(about, limit)))

    async def holding(self, words: str, limit: int, *, enough: Callable[[], bool] = lambda: False) -> Found:
        """The newest mentions whose text or title holds all of `words`, as `fold` compares.

        A word is found where one begins so; what stands in quotation marks is looked for as it stands. Looks at the
        newest `MOST_LOOKED_AT`, and no further once `enough` says so.
        """
        wanted = _wanted(words)
        found: list[Quote] = []
        looked, before = 0, None
        while wanted and looked < MOST_LOOKED_AT:
            rows = await self._page(before)
            found += await asyncio.to_thread(_matching, rows, wanted, limit - len(found))
            looked += len(rows)
            if len(rows) < _PAGE or len(found) >= limit:
                return Found(quotes=tuple(found))
            before = rows[-1]
            if enough():
                break
        return Found(quotes=tuple(found), since=before.published if before is not None else None)

    async def _page(self, before: Any) -> Sequence[Any]:
        columns = tables.mentions.c
        chosen = select(columns.published, columns.id, columns.body)
        if before is not None:
            older = and_(columns.published == before.published, columns.id < before.id)
            chosen = chosen.where(
                columns.published <= before.published, or_(columns.published < before.published, older)
            )
        chosen = chosen.order_by(columns.published.desc(), columns.id.desc()).limit(_PAGE)
        async with self._read() as connection:
            return (await connection.execute(chosen)).all()

    async def _last_alert(self, name: str) -> Alert | None:
        """The newest record of the alerts whose fingerprint or rule is `name`."""
        columns = tables.alerts.c
        for column in (columns.fingerprint, columns.rule):
            found = await self._newest(tables.alerts, Alert, column == name, by=columns.at, limit=1)
            if found:
                return found[0]
        return None

    async def _holders(self, alert: str) -> list[Incident]:
        """Of the newest incidents those that hold an alert, the newest first."""
        columns = tables.incidents.c
        newest = select(columns.id).order_by(columns.opened_at.desc()).limit(_HOLDERS)
        async with self._read() as connection:
            ids = [row.id for row in await connection.execute(newest)]
        found = await self._newest(tables.incidents, Incident, columns.id.in_(ids), by=columns.opened_at)
        return [one for one in reversed(found) if any(held.fingerprint == alert for held in one.alerts)]

    async def _decisions(self, wanted: Any, limit: int | None) -> list[Decision]:
        columns = tables.decisions.c
        chosen = select(columns.body).where(wanted).order_by(columns.at.desc(), columns.key.desc()).limit(limit)
        return await self._reversed(chosen, Decision)

    async def _newest(self, table: Table, kind: type[T], wanted: Any, *, by: Any, limit: int | None = None) -> list[T]:
        """The last `limit` records that fit, in the order of the column `by`."""
        return await self._reversed(select(table.c.body).where(wanted).order_by(by.desc()).limit(limit), kind)

    async def _reversed(self, chosen: Select[Any], kind: type[T]) -> list[T]:
        decode = msgspec.json.Decoder(kind).decode
        async with self._read() as connection:
            rows = (await connection.execute(chosen)).all()
        return [decode(row.body) for row in reversed(rows)]


def plainer(text: str) -> str:
    """A text that folds to the same (guillemets apart), and most French ones several times as fast."""
    text = text.lower()
    if not text.isascii():
        for letter, plain in _PLAIN:
            text = text.replace(letter, plain)
    return text


def _wanted(words: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each word or phrase folded, with the pattern by which it begins a word."""
    written = (next(filter(None, found.groups()), "") for found in _WORD.finditer(words))
    folded = dict.fromkeys(word for one in written if (word := fold(one).strip()))
    return tuple((word, _pattern(word)) for word in list(folded)[:_MOST_WORDS])


def _pattern(word: str) -> re.Pattern[str]:
    parted = word[0].isalnum() and word[0] < _UNPARTED
    return re.compile((r"(?<!\w)" if parted else "") + re.escape(word))


def _matching(rows: Iterable[Any], wanted: Sequence[tuple[str, re.Pattern[str]]], limit: int) -> list[Quote]:
    """The first mentions that hold all that is wanted, as quotes."""
    found: list[Quote] = []
    decode = msgspec.json.Decoder(ScoredMention).decode
    for body in _held(rows, wanted):
        one = decode(body)
        if not one.withdrawn:
            found.append(quote_of(one))
        if len(found) >= limit:
            break
    return found


def _held(rows: Iterable[Any], wanted: Sequence[tuple[str, re.Pattern[str]]]) -> Iterator[bytes]:
    decode = msgspec.json.Decoder(_Readable).decode
    for row in rows:
        mention = decode(row.body).mention
        text = fold(plainer(f"{mention.title}\n{mention.text}" if mention.title else mention.text))
        if all(word in text and pattern.search(text) for word, pattern in wanted):
            yield row.body
