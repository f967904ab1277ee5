"""Retention: what is older than its purpose needs is deleted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.config.settings import StoreSettings
from buzzguard.model import MINUTE, AlertState, IncidentState
from buzzguard.store import erasing, quarantine, requests, spending, tables

_KEEP_MINUTES = timedelta(days=30)
"""Per-minute samples serve charts; the windows learned from are kept for `keep_samples`."""
_KEEP_PENDING = timedelta(days=7)
"""A condition that stopped holding before its time leaves its pending alert behind: nothing tells of it."""
_FINAL = (IncidentState.RESOLVED.value, IncidentState.FALSE_ALARM.value)


async def expire(connection: AsyncConnection, settings: StoreSettings, now: datetime) -> dict[str, int]:
    """Delete what is older than its retention, from every table; returns rows deleted by table.

    Quotes inside ended notifications are mentions too: they go with `keep_mentions`, not with the incident. Open
    incidents and what still waits in the outbox never expire.
    """
    mentions_before = now - settings.keep_mentions
    samples_before = now - settings.keep_samples
    incidents_before = now - settings.keep_incidents
    minutes = (tables.samples.c.window == MINUTE) & (tables.samples.c.end < now - _KEEP_MINUTES)
    ended = tables.outbox.c.ended_at.is_not(None) & (tables.outbox.c.ended_at < mentions_before)
    done = tables.incidents.c.state.in_(_FINAL) & (tables.incidents.c.changed_at < incidents_before)
    resolved = (tables.alerts.c.state == AlertState.RESOLVED.value) & (tables.alerts.c.at < incidents_before)
    lapsed = (tables.alerts.c.state == AlertState.PENDING.value) & (tables.alerts.c.at < now - _KEEP_PENDING)
    old = select(tables.incidents.c.id).where(done)
    rows: list[tuple[Table, ColumnElement[bool] | Any]] = [
        (tables.mentions, tables.mentions.c.published < mentions_before),
        (tables.samples, minutes | (tables.samples.c.end < samples_before)),
        (tables.counts, tables.counts.c.end < samples_before),
        (tables.anomalies, tables.anomalies.c.at < samples_before),
        (tables.polls, tables.polls.c.at < now - _KEEP_MINUTES),
        (tables.outbox, ended),
        (tables.deliveries, tables.deliveries.c.at < incidents_before),
        (tables.silences, tables.silences.c.ends_at < incidents_before),
        (tables.clicks, tables.clicks.c.at < samples_before),
        (tables.decisions, tables.decisions.c.at < incidents_before),
        (tables.commands, (tables.commands.c.at < incidents_before) | tables.commands.c.incident.in_(old)),
        (tables.requests, tables.requests.c.taken_at < now - requests.KEPT_FOR),
        (tables.alerts, lapsed | resolved),
        (tables.transitions, tables.transitions.c.incident.in_(old)),
        (tables.cards, tables.cards.c.incident.in_(old)),
        (tables.incidents, done),
        (tables.quarantine, tables.quarantine.c.at < now - quarantine.KEPT_FOR),
        (tables.spending, tables.spending.c.until < now - spending.KEPT_FOR),
    ]
    gone: dict[str, int] = {}
    for table, wanted in rows:
        result = await connection.execute(delete(table).where(wanted))
        gone[table.name] = int(result.rowcount)
    await erasing.mark(connection, now, mentions=gone["mentions"], clicks=gone["clicks"])
    return gone
