"""What was spent of each allowance: read, compared and written in one transaction, so that no cap is passed."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.collect.meter import Allowance
from buzzguard.model import Record
from buzzguard.store import tables

KEPT_FOR = timedelta(days=400)
"""After an allowance has ended: more than a year, to compare."""


class Spent(Record, frozen=True, kw_only=True):
    """How much of an allowance is spent."""

    allowance: Allowance
    amount: float


async def spent(connection: AsyncConnection, allowance: Allowance) -> float:
    """What is written down for it."""
    columns = tables.spending.c
    chosen = select(columns.amount).where(columns.account == allowance.account, columns.since == allowance.since)
    return float((await connection.execute(chosen)).scalar() or 0.0)


async def spend(connection: AsyncConnection, allowance: Allowance, amount: float) -> float | None:
    """Write `amount` down; what was spent before instead, with nothing written, when it would pass the cap."""
    before = await spent(connection, allowance)
    if before + amount > allowance.cap:
        return before
    row = {
        "account": allowance.account,
        "since": allowance.since,
        "until": allowance.until,
        "unit": allowance.unit,
        "cap": allowance.cap,
        "amount": before + amount,
    }
    changed = {name: row[name] for name in ("until", "unit", "cap", "amount")}
    statement = insert(tables.spending).values(**row)
    await connection.execute(statement.on_conflict_do_update(index_elements=["account", "since"], set_=changed))
    return None


async def give_back(connection: AsyncConnection, allowance: Allowance, amount: float) -> None:
    """Take back what was written down too much."""
    columns = tables.spending.c
    left = max(0.0, await spent(connection, allowance) - amount)
    ours = (columns.account == allowance.account) & (columns.since == allowance.since)
    await connection.execute(update(tables.spending).where(ours).values(amount=left))


async def all_spent(connection: AsyncConnection) -> list[Spent]:
    """Everything that is written down, the newest allowances first."""
    columns = tables.spending.c
    rows = await connection.execute(select(tables.spending).order_by(columns.since.desc(), columns.account))
    return [
        Spent(allowance=Allowance(**{k: v for k, v in row.items() if k != "amount"}), amount=row["amount"])
        for row in rows.mappings()
    ]
