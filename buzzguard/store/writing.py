"""How a step's effects become rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Table
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Effects, Poll, Samples, ScoredMention
from buzzguard.store import places, quarantine, requests, tables
from buzzguard.store.withdrawing import withdraw

_encode = msgspec.json.Encoder().encode
_INSERT_MENTION = (
    "INSERT INTO mentions (id, published, stream, author, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"
)
_AMEND_MENTION = "UPDATE mentions SET body = ? WHERE id = ?"


async def write_effects(connection: AsyncConnection, effects: Effects) -> None:
    """Write everything but cursors and polls. Rows already there: facts stay as they are, states are replaced."""
    if effects.mentions:
        # The one table that takes hundreds of rows a step: past SQLAlchemy's parameters, at half the price.
        await connection.exec_driver_sql(_INSERT_MENTION, [_mention_row(scored) for scored in effects.mentions])
    if effects.amended:
        await connection.exec_driver_sql(_AMEND_MENTION, [(_encode(one), one.mention.id) for one in effects.amended])
    if effects.withdrawn:
        await withdraw(connection, effects.withdrawn, effects.at)
    await replace_rows(connection, tables.samples, [sample_row(sample) for sample in effects.samples])
    await replace_rows(connection, tables.checkpoints, [msgspec.structs.asdict(c) for c in effects.checkpoints])
    await _keep(connection, tables.anomalies, [_anomaly_row(anomaly) for anomaly in effects.anomalies])
    alerts = (*effects.noted, *effects.alerts)
    await replace_rows(connection, tables.alerts, [_row(tables.alerts, alert) for alert in alerts])
    await replace_rows(
        connection, tables.incidents, [_row(tables.incidents, incident) for incident in effects.incidents]
    )
    await _keep(connection, tables.transitions, [_row(tables.transitions, move) for move in effects.transitions])
    await replace_rows(connection, tables.silences, [_row(tables.silences, silence) for silence in effects.silences])
    await _keep(connection, tables.commands, [_row(tables.commands, command) for command in effects.commands])
    await places.forget_text(connection, effects.commands)
    await _keep(connection, tables.outbox, [_outbox_row(due) for due in effects.notifications], unique="key")
    await _keep(connection, tables.decisions, [_row(tables.decisions, one) for one in effects.decisions])
    await requests.write_answers(connection, effects.answers, effects.at)
    await quarantine.write(connection, effects.quarantined)
    await replace_rows(connection, tables.counts, [_row(tables.counts, count) for count in effects.counts])
    rows = [{"stream": one.stream, "body": _encode(one)} for one in effects.backfills]
    await replace_rows(connection, tables.backfills, rows)


async def write_cursors(connection: AsyncConnection, cursors: Mapping[str, str]) -> None:
    """Move the cursors of the streams that the step has read."""
    rows = [{"stream": stream, "cursor": cursor} for stream, cursor in cursors.items()]
    await replace_rows(connection, tables.streams, rows)


async def write_polls(connection: AsyncConnection, polls: Sequence[Poll], last: Mapping[str, Poll]) -> None:
    """Keep each stream's last poll; and in the log those that tell of lost time, and failed and late ones with the good
    ones on either side of them.

    Only those are needed to know which minutes are unknown; all of them would fill the disk. A good one of the log has
    `next_at` only where the next came late: of others the next is left out.
    """
    latest: dict[str, Poll] = {}
    logged: list[Poll] = []
    for poll in polls:
        before = latest.get(poll.stream, last.get(poll.stream))
        late = before is not None and before.ok and before.overdue is not None and poll.at > before.overdue
        if before is not None and (late or before.ok != poll.ok):
            logged.append(before if late else _alone(before))
        if not poll.ok or poll.lost or late or (before is not None and not before.ok):
            logged.append(_alone(poll))
        latest[poll.stream] = poll
    log = [{"stream": poll.stream, "at": poll.at, "body": _encode(poll)} for poll in logged]
    await replace_rows(connection, tables.polls, log)
    rows = [{"stream": stream, "cursor": "", "last_poll": _encode(poll)} for stream, poll in latest.items()]
    await replace_rows(connection, tables.streams, rows, only=("last_poll",))


def _alone(poll: Poll) -> Poll:
    return replace(poll, next_at=None) if poll.ok else poll


def _mention_row(scored: ScoredMention) -> tuple[Any, ...]:
    mention = scored.mention
    return mention.id, tables.microseconds(mention.published), mention.stream, mention.author_key, _encode(scored)


def sample_row(samples: Samples) -> dict[str, Any]:
    """A sample as a row."""
    return {name: getattr(samples, name) for name in Samples.__struct_fields__}


def _anomaly_row(anomaly: Any) -> dict[str, Any]:
    assessment = anomaly.assessment
    return {
        "topic": anomaly.topic,
        "at": anomaly.at,
        "signal": assessment.signal.value,
        "window": assessment.window,
        "body": _encode(anomaly),
    }


def _outbox_row(notification: Any) -> dict[str, Any]:
    return {
        "key": notification.key,
        "incident": notification.incident,
        "receiver": notification.receiver,
        "kind": notification.kind.value,
        "state": "waiting",
        "due_at": notification.due_at,
        "attempts": 0,
        "body": _encode(notification),
    }


def _row(table: Table, record: Any) -> dict[str, Any]:
    row = {column.name: getattr(record, column.name) for column in table.columns if column.name != "body"}
    return row | {"body": _encode(record)}


async def _keep(connection: AsyncConnection, table: Table, rows: list[dict[str, Any]], *, unique: str = "") -> None:
    if not rows:
        return
    keys = [unique] if unique else [column.name for column in table.primary_key]
    await connection.execute(insert(table).on_conflict_do_nothing(index_elements=keys), rows)


async def replace_rows(
    connection: AsyncConnection, table: Table, rows: list[dict[str, Any]], *, only: tuple[str, ...] = ()
) -> None:
    """Write rows, in the place of those of equal keys; `only` names the columns that are replaced."""
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    names = only or tuple(name for name in rows[0] if name not in keys)
    changed = {name: statement.excluded[name] for name in names}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)
