"""What was done about incidents, read beside the daemon that writes it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from buzzguard.config.settings import StoreSettings
from buzzguard.model import Delivery, DeliveryState, Effects, NotificationKind, Severity, Silence
from buzzguard.review.usual import WINDOW
from buzzguard.store.recalling import RecallStore
from buzzguard.store.sql import SqlStore
from tests.review.night import DAY, INCIDENT, NIGHT, SILENCE, keep, minute, told

SETTINGS = StoreSettings()


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """The store of a running daemon, after the night."""
    store = await SqlStore.open(SETTINGS, base=tmp_path)
    await keep(store)
    yield store
    await store.close()


async def test_an_incident_comes_back_with_all_that_was_done(daemon: SqlStore, tmp_path: Path) -> None:
    store = await RecallStore.look_now(SETTINGS, now=minute(600), base=tmp_path)
    recalled = await store.recall(INCIDENT)
    assert recalled is not None
    assert [one.version for one in recalled.transitions] == [1, 2, 3]
    assert [one.receiver for one in recalled.attempts[:2]] == ["comms", "manager"]
    assert [one.at for one in recalled.attempts] == sorted(one.at for one in recalled.attempts)
    assert [one.id for one in recalled.silences] == ["s1"]
    assert [one.id for one in recalled.commands] == ["statement-1"]
    assert recalled.alerts[0].resolved_at == minute(400)
    assert await store.recall(INCIDENT[:-1]) is None
    assert await store.incidents_named(INCIDENT[:8], 3) == [INCIDENT]
    assert await store.incidents_named("inc-3", 3) == []
    assert await store.first_told([INCIDENT, "inc-none"]) == {INCIDENT: minute(36)}
    await store.close()


async def test_a_silence_without_a_topic_belongs_to_what_it_covered(daemon: SqlStore, tmp_path: Path) -> None:
    def silence(id: str, **names: object) -> Silence:
        return replace(SILENCE, id=id, topic="", **names)

    kept = (
        silence("by-rule", rule="negative-surge"),
        silence("all-but-red", severity=Severity.ORANGE),
        silence("another-rule", rule="unheard"),
        silence("another-department", department="unheard"),
        silence("drills", drill=True),
    )
    await daemon.commit(Effects(at=minute(500), silences=kept), {})
    store = await RecallStore.look_now(SETTINGS, now=minute(600), base=tmp_path)
    recalled = await store.recall(INCIDENT)
    assert recalled is not None
    assert {one.id for one in recalled.silences} == {"s1", "by-rule", "all-but-red"}
    await store.close()


async def test_spans_are_open_at_the_beginning(daemon: SqlStore, tmp_path: Path) -> None:
    store = await RecallStore.look_now(SETTINGS, now=minute(600), base=tmp_path)
    assert [one.id for one in await store.incidents_between(minute(34), minute(35))] == [INCIDENT]
    assert not await store.incidents_between(minute(35), minute(600))
    assert [one.rule for one in await store.fired_between(minute(34), minute(35))] == ["negative-surge"]
    assert len(await store.anomalies_between("lumio", minute(0), minute(600))) == 2
    assert len(await store.samples_between("lumio", WINDOW, NIGHT - 2 * DAY, NIGHT - DAY)) == 24
    assert not await store.samples_between("nova", WINDOW, NIGHT - 2 * DAY, NIGHT)
    await store.close()


async def test_keys_of_another_form_are_passed_over(daemon: SqlStore, tmp_path: Path) -> None:
    for key in (f"{INCIDENT}/odd", f"{INCIDENT}/1/comms/unheard", f"{INCIDENT}0/1/comms/card"):
        await daemon.record(Delivery(key=key, at=minute(1), state=DeliveryState.DELIVERED))
    await daemon.record(told("a/b", 2))
    store = await RecallStore.look_now(SETTINGS, now=minute(600), base=tmp_path)
    recalled = await store.recall(INCIDENT)
    assert recalled is not None
    assert (recalled.attempts[0].receiver, recalled.attempts[0].kind) == ("a/b", NotificationKind.CARD)
    assert recalled.attempts[1].at == minute(36)
    await store.close()
