"""A draft is told everywhere with its whole text; what cannot show a run is never asked to."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from buzzguard.clock import ManualClock
from buzzguard.config.settings import StoreSettings
from buzzguard.deliver.outbox import Outbox
from buzzguard.deliver.outline import news_outline
from buzzguard.model import Delivery, DeliveryState, Effects, Notification, NotificationKind
from buzzguard.store.sql import SqlStore
from tests.deliver.runs import draft_news, run_card, sample_draft
from tests.deliver.samples import NOW, sample_incident, sample_notification

CARD, UPDATE, NEWS, RUN = (NotificationKind(kind) for kind in ("card", "update", "news", "run"))


class Place:
    """Takes what it is given; remembers the memory of the card that it was shown."""

    shows_runs = True

    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, str]]] = []

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: datetime
    ) -> Delivery:
        memory = dict(card.extra) if card is not None else {}
        self.told.append((notification.key, memory))
        if notification.kind is RUN:
            memory["run"] = "there"
        return Delivery(
            key=notification.key, at=now, state=DeliveryState.DELIVERED, place="p", message="card", extra=memory
        )

    async def close(self) -> None:
        """Nothing to free."""


class Plain(Place):
    """One that cannot show runs."""

    shows_runs = False


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


async def _put(store: SqlStore, *told: tuple[str, NotificationKind]) -> None:
    notes = [sample_notification(kind, card=run_card(), key=key) for key, kind in told]
    await store.commit(Effects(at=NOW, notifications=tuple(notes)), {})


def _outbox(store: SqlStore, place: Place) -> Outbox:
    return Outbox(store, {"room": place}, {"comms": "room"}, clock=ManualClock(NOW), rng=random.Random(1))


async def test_of_edits_in_a_row_the_newest_of_each_kind_goes_out_and_news_keep_their_place(store: SqlStore) -> None:
    order = [("c", CARD), ("u1", UPDATE), ("r1", RUN), ("u2", UPDATE), ("r2", RUN), ("n", NEWS), ("r3", RUN)]
    await _put(store, *order)
    place = Place()
    await _outbox(store, place).run_once()
    assert [key for key, _ in place.told] == ["c", "u2", "r2", "n", "r3"]
    assert dict(place.told)["r3"] == {"run": "there"}
    assert await store.outbox_depth() == 0


async def test_a_run_that_may_be_out_is_looked_for_before_a_newer_one_edits_it(store: SqlStore) -> None:
    await _put(store, ("c", CARD))
    await _outbox(store, Place()).run_once()
    await _put(store, ("r1", RUN))
    await store.begin("r1", NOW)
    await _put(store, ("r2", RUN))
    place = Place()
    await _outbox(store, place).run_once()
    assert [key for key, _ in place.told] == ["r1", "r2"]


async def test_a_notifier_that_shows_no_runs_is_not_given_one_and_nobody_fails(store: SqlStore) -> None:
    await _put(store, ("c", CARD), ("r", RUN))
    place = Plain()
    outbox = _outbox(store, place)
    await outbox.run_once()
    assert [key for key, _ in place.told] == ["c"]
    assert (await store.outbox_depth(), outbox.troubles) == (0, ())


async def test_a_run_that_did_not_arrive_calls_nobody_else(store: SqlStore) -> None:
    await store.commit(Effects(at=NOW, incidents=(sample_incident(),)), {})
    await _put(store, ("r", RUN), ("n", NEWS))
    assert [one.key for one in await store.untold(["comms"], NOW, without="x")] == ["n"]


def test_a_mail_holds_the_whole_text_and_the_chain() -> None:
    told = news_outline(draft_news(sample_draft(approved=1, text="We saw it.\n\n— Anna"), awaits="management"))
    (part,) = told.parts
    assert [line.text for line in part.lines][:2] == ["We saw it.", "— Anna"]
    assert part.lines[-1].text.endswith("→ ⏳ management")
