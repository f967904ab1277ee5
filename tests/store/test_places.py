"""Whose a thread or a room is, and what people keep: found at once, and erased from every place where it was kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.config.settings import StoreSettings
from buzzguard.model import (
    Command,
    CommandKind,
    Delivery,
    DeliveryState,
    Effects,
    Incident,
    IncidentState,
    Notification,
    NotificationKind,
    Person,
    Pinned,
    Severity,
    pin_id,
    pin_prefix,
)
from buzzguard.store.sql import SqlStore
from tests.deliver.samples import sample_card

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
CLAIRE = Person(id="U0CLAIRE01", name="Claire", via="slack")
REF = "slack:C0BUZZ0001/1795328460.000247"
SECRET = "the supplier has known since Monday"


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(url=f"sqlite:///{tmp_path / 'b.db'}"))
    yield opened
    await opened.close()


async def _post(store: SqlStore, incident: str, receiver: str, place: str, message: str) -> None:
    key = f"{incident}/1/{receiver}/card"
    told = Notification(
        key=key, incident=incident, receiver=receiver, kind=NotificationKind.CARD, due_at=NOW, card=sample_card()
    )
    await store.commit(Effects(at=NOW, notifications=(told,)), {})
    await store.record(
        Delivery(key=key, at=NOW, state=DeliveryState.DELIVERED, place=place, message=message, extra={"file": "1.1"})
    )


def _pin(mark: str, *, ref: str = REF, minutes: int = 0, incident: str = "inc-1", **pin: object) -> Command:
    asked = Pinned(ref=ref, **({"text": SECRET, "author": CLAIRE, "posted_at": NOW} | pin))  # type: ignore[arg-type]
    at = NOW + timedelta(minutes=minutes)
    return Command(id=pin_id(ref, mark), kind=CommandKind.PIN, incident=incident, who=CLAIRE, at=at, asked=asked)


async def _keep(store: SqlStore, *commands: Command) -> None:
    for one in commands:
        await store.commit(Effects(at=one.at, commands=(one,)), {})


async def test_a_thread_and_a_room_lead_to_their_incident(store: SqlStore) -> None:
    await _post(store, "inc-1", "comms", "C0BUZZ0001", "1.1")
    await _post(store, "inc-2", "comms", "C0BUZZ0001", "2.1")
    await _post(store, "inc-2", "slack:room", "C0ROOM0001", "3.1")
    assert await store.incident_at("C0BUZZ0001", "1.1") == "inc-1"
    assert await store.incident_at("C0BUZZ0001", "2.1") == "inc-2"
    assert await store.incident_at("C0ROOM0001", "9.9") == await store.incident_at("C0ROOM0001", "") == "inc-2"
    for place, thread in (("C0BUZZ0001", "3.1"), ("C0BUZZ0001", ""), ("C0NOWHERE1", "1.1"), ("", ""), ("1.1", "1.1")):
        assert await store.incident_at(place, thread) == ""


async def test_the_last_word_on_a_message_counts(store: SqlStore) -> None:
    assert await store.kept(REF) is None
    await _keep(store, _pin("a"), _pin("b", minutes=1, text="newer"), _pin("a", ref=REF + "1", minutes=2))
    known = await store.kept(REF)
    assert known is not None
    assert known.asked == Pinned(ref=REF, text="newer", author=CLAIRE, posted_at=NOW)


async def test_a_message_that_is_gone_leaves_no_word_behind(store: SqlStore, tmp_path: Path) -> None:
    other = _pin("a", ref=REF + "9", text="stays")
    gone = _pin("z", minutes=2, text="", author=None, gone=True, deleted=True)
    await _keep(store, _pin("a"), _pin("b", minutes=1, text=SECRET + "!"), other, gone)
    known, untouched = await store.kept(REF), await store.kept(REF + "9")
    assert known is not None
    assert isinstance(known.asked, Pinned)
    assert (known.asked.gone, known.asked.deleted, known.asked.text) == (True, True, "")
    assert untouched == other
    await store.close()
    database = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"stays" in database
    assert SECRET.encode() not in database.replace(b"\x00", b""), "neither in a row nor in a page that was given back"


async def test_what_is_kept_again_is_kept(store: SqlStore) -> None:
    gone = _pin("z", minutes=1, text="", author=None, gone=True)
    await _keep(store, _pin("a"), gone, _pin("a.2", minutes=2))
    known = await store.kept(REF)
    assert known == _pin("a.2", minutes=2)


async def test_what_was_kept_goes_with_its_incident(store: SqlStore) -> None:
    ended = Incident(
        id="inc-1",
        topic="lumio",
        state=IncidentState.RESOLVED,
        severity=Severity.RED,
        opened_at=NOW,
        changed_at=NOW,
        alerts=(),
        policy="",
    )
    open_one = replace(ended, id="inc-2", state=IncidentState.TRIGGERED)
    late = _pin("late", minutes=60 * 24 * 300)
    other = _pin("a", ref="slack:C1/2.2", incident="inc-2", minutes=60 * 24 * 300)
    await store.commit(Effects(at=NOW, incidents=(ended, open_one), commands=(late, other)), {})
    await store.expire(NOW + StoreSettings(url="sqlite:///x").keep_incidents + timedelta(days=1))
    assert await store.kept(REF) is None
    assert await store.kept("slack:C1/2.2") == other


@given(one=st.text(), other=st.text(), mark=st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=20))
def test_ids_of_one_message_begin_alike_and_of_no_other(one: str, other: str, mark: str) -> None:
    assert pin_id(one, mark).startswith(pin_prefix(one))
    assert pin_id(one, mark).startswith(pin_prefix(other)) is (one == other)
