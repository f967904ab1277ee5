"""The store as it stood: only what was known by then, read beside a running daemon that does not notice."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import (
    Alert,
    AlertState,
    Cause,
    Checkpoint,
    Effects,
    Evidence,
    Incident,
    IncidentState,
    Mention,
    Poll,
    Samples,
    ScoredMention,
    Sentiment,
    Severity,
    Transition,
)
from buzzguard.store.past import PastStore
from buzzguard.store.sole import SoleUse
from buzzguard.store.sql import SqlStore

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FILE = "buzzguard.db"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


async def look(folder: Path, at: datetime = NOW, *, closed: datetime | None = None) -> PastStore:
    return await PastStore.look(StoreSettings(), at=at, closed=closed or at, base=folder)


def mention(name: str, at: datetime, *, fetched: datetime | None = None) -> ScoredMention:
    made = Mention(id=name, stream="s", source="rss", published=at, fetched=fetched or at, text=name)
    return ScoredMention(mention=made, topics=("acme",), sentiment=Sentiment())


def sample(end: datetime) -> Samples:
    return Samples(topic="acme", window=5 * MINUTE, end=end, volume=1, closed=True)


def alert(**more: object) -> Alert:
    told = {
        "fingerprint": "f",
        "rule": "surge",
        "topic": "acme",
        "labels": {},
        "state": AlertState.RESOLVED,
        "severity": Severity.RED,
        "since": NOW - 2 * HOUR,
        "fired_at": NOW - HOUR,
        "resolved_at": NOW + HOUR,
        "at": NOW + HOUR,
        "title": {"en": "Surge"},
        "evidence": Evidence(window=HOUR),
    }
    return Alert(**(told | more))  # type: ignore[arg-type] # a test names the fields it changes


def move(version: int, at: datetime, after: IncidentState) -> Transition:
    return Transition(
        incident="i", version=version, before=None, after=after, cause=Cause.OPENED, at=at, severity=Severity.ORANGE
    )


async def test_what_came_later_is_not_seen(store: SqlStore, tmp_path: Path) -> None:
    early, late = NOW - HOUR, NOW + HOUR
    told = Effects(
        at=late,
        mentions=(
            mention("old", early),
            mention("young", late),
            mention("published before, read after", early, fetched=late),
        ),
        samples=(sample(early), sample(NOW - 5 * MINUTE), sample(late)),
        checkpoints=(Checkpoint(topic="acme", at=late, detector="d", state=b""),),
    )
    await store.commit(told, {})
    past = await look(tmp_path, closed=NOW - 10 * MINUTE)
    assert [one.mention.id for one in await past.mentions_since(NOW - 24 * HOUR)] == ["old"]
    assert [one.end for one in await past.samples_since(NOW - 24 * HOUR)] == [early], "the others had not closed"
    assert await past.checkpoints() == []
    assert await past.first_seen("acme") == early
    assert await past.first_seen("other") is None
    await past.close()


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (NOW - 3 * HOUR, None),
        (NOW - 90 * MINUTE, AlertState.PENDING),
        (NOW, AlertState.FIRING),
        (NOW + 2 * HOUR, None),
    ],
)
async def test_an_alert_is_as_it_stood_then(
    store: SqlStore, tmp_path: Path, at: datetime, state: AlertState | None
) -> None:
    await store.commit(Effects(at=NOW, alerts=(alert(),)), {})
    past = await look(tmp_path, at)
    assert [one.state for one in await past.alerts_open()] == ([] if state is None else [state])
    fired = await past.fired("acme", at - 2 * HOUR)
    assert [one.rule for one in fired] == (["surge"] if NOW - HOUR <= at < NOW + HOUR else [])
    await past.close()


async def test_an_incident_stands_at_its_last_transition(store: SqlStore, tmp_path: Path) -> None:
    incident = Incident(
        id="i",
        topic="acme",
        state=IncidentState.RESOLVED,
        severity=Severity.RED,
        opened_at=NOW - HOUR,
        changed_at=NOW + HOUR,
        alerts=(),
        policy="p",
    )
    moves = (
        move(0, NOW - HOUR, IncidentState.TRIGGERED),
        move(1, NOW - MINUTE, IncidentState.ACKNOWLEDGED),
        move(2, NOW + HOUR, IncidentState.RESOLVED),
    )
    await store.commit(Effects(at=NOW, incidents=(incident,), transitions=moves), {})
    past = await look(tmp_path)
    (handled,) = await past.handled("acme", NOW - 24 * HOUR)
    assert handled.last.after is IncidentState.ACKNOWLEDGED
    assert await past.handled("other", NOW - 24 * HOUR) == []
    await past.close()


@pytest.mark.parametrize("failing", [False, True])
async def test_a_stream_polled_since_is_told_as_it_must_have_been(
    store: SqlStore, tmp_path: Path, failing: bool
) -> None:
    polls = [Poll(stream="s", at=NOW - HOUR, ok=True)]
    polls += [Poll(stream="s", at=NOW - 10 * MINUTE, ok=False)] if failing else []
    polls += [Poll(stream="s", at=NOW + HOUR, ok=True)]
    for poll in polls:
        await store.commit(Effects(at=poll.at, polls=(poll,)), {})
    past = await look(tmp_path)
    last = (await past.last_polls())["s"]
    assert (last.at <= NOW, last.ok) == (True, not failing)
    await past.close()


async def test_it_reads_beside_a_daemon_that_writes_and_changes_nothing(store: SqlStore, tmp_path: Path) -> None:
    await store.commit(Effects(at=NOW, mentions=(mention("a", NOW - HOUR),)), {})
    sole = SoleUse.take(StoreSettings().url, base=tmp_path)
    before = hashlib.sha256((tmp_path / FILE).read_bytes()).hexdigest()
    past = await look(tmp_path)
    first = await past.mentions_since(NOW - 24 * HOUR)
    await store.commit(Effects(at=NOW, mentions=(mention("b", NOW - MINUTE),)), {})
    assert await past.mentions_since(NOW - 24 * HOUR) == first, "one look is one moment"
    assert hashlib.sha256((tmp_path / FILE).read_bytes()).hexdigest() == before
    with pytest.raises(StoreError, match="readonly"):
        await past.commit(Effects(at=NOW, mentions=(mention("c", NOW),)), {})
    await past.close()
    sole.release()


async def test_a_database_that_nobody_may_write_to_can_be_read(store: SqlStore, tmp_path: Path) -> None:
    await store.commit(Effects(at=NOW, mentions=(mention("a", NOW - HOUR),)), {})
    await store.close()
    folder = tmp_path / "copy # 50 % ?"
    folder.mkdir()
    shutil.copy(tmp_path / FILE, folder / FILE)
    folder.chmod(0o555)
    past = await look(folder)
    assert len(await past.mentions_since(NOW - 24 * HOUR)) == 1
    await past.close()
    folder.chmod(0o755)


async def test_what_is_no_database_of_ours_is_said_in_a_line(store: SqlStore, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="nothing was watched yet"):
        await look(tmp_path / "nowhere")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / FILE).write_text("this is a letter, not a database " * 100)
    with pytest.raises(StoreError, match="no database of BuzzGuard"):
        await look(tmp_path / "text")
    (tmp_path / "foreign").mkdir()
    sqlite3.connect(tmp_path / "foreign" / FILE).close()
    with pytest.raises(StoreError, match="no database of BuzzGuard"):
        await look(tmp_path / "foreign")
    with pytest.raises(StoreError, match="names no file"):
        await PastStore.look(StoreSettings(url="sqlite://"), at=NOW, closed=NOW)


@pytest.mark.parametrize(("revision", "said"), [("0001", "older BuzzGuard"), ("9999", "newer BuzzGuard")])
async def test_a_database_of_another_version_is_refused(
    store: SqlStore, tmp_path: Path, revision: str, said: str
) -> None:
    await store.close()
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match=said):
        await look(tmp_path)


async def test_a_locked_database_says_try_again(store: SqlStore, tmp_path: Path) -> None:
    await store.close()
    holder = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked by another program"):
        await PastStore.look(StoreSettings(), at=NOW, closed=NOW, base=tmp_path, patience=0.05)
    holder.close()


async def test_the_last_sign_of_the_watch_is_a_mention_or_a_poll(store: SqlStore, tmp_path: Path) -> None:
    early = await look(tmp_path)
    assert await early.last_sign() is None
    await early.close()
    await store.commit(Effects(at=NOW, samples=(sample(NOW - 5 * HOUR), sample(NOW + HOUR))), {})
    mentions = await look(tmp_path)
    assert await mentions.last_sign() == NOW - 5 * HOUR
    await mentions.close()
    await store.commit(Effects(at=NOW, polls=(Poll(stream="s", at=NOW + 2 * HOUR, ok=True),)), {})
    polled = await look(tmp_path)
    assert await polled.last_sign() == NOW, "who is polled later was polled then"
    await polled.close()


async def test_the_budget_is_given_incidents_as_they_stood(store: SqlStore, tmp_path: Path) -> None:
    incident = Incident(
        id="i",
        topic="acme",
        state=IncidentState.FALSE_ALARM,
        severity=Severity.RED,
        opened_at=NOW - HOUR,
        changed_at=NOW + HOUR,
        alerts=(),
        policy="p",
        version=2,
    )
    moves = (move(0, NOW - HOUR, IncidentState.TRIGGERED), move(1, NOW + HOUR, IncidentState.FALSE_ALARM))
    await store.commit(Effects(at=NOW, incidents=(incident,), transitions=moves), {})
    past = await look(tmp_path)
    (then,) = await past.incidents_since(NOW - 24 * HOUR)
    assert (then.state, then.severity, then.version) == (IncidentState.TRIGGERED, Severity.ORANGE, 0)
    await past.close()
