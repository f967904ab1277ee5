"""The outbox sends everything, in order, once as far as can be known, and no receiver waits for another."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.config.settings import StoreSettings
from buzzguard.deliver.outbox import GIVE_UP, LONGEST_WAIT, Outbox
from buzzguard.errors import DeliveryDelayed, DeliveryError, DeliveryRefused, DeliveryUncertain, StoreError
from buzzguard.model import Delivery, DeliveryState, Effects, Notification, NotificationKind
from buzzguard.store.sql import SqlStore
from tests.deliver.samples import NOW, sample_notification

MINUTE = timedelta(minutes=1)
RECEIVERS = {"comms": "room", "boss": "room", "mail": "letter"}


class Room:
    """A notifier that takes down what it is given; `troubles` of a key are raised one after the other."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.told: list[tuple[str, bool, str]] = []
        self.troubles: dict[str, list[Exception]] = {}
        self.gates: dict[str, asyncio.Event] = {}
        self.posts_before_trouble = False

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: datetime
    ) -> Delivery:
        key = notification.key
        self.told.append((key, uncertain, card.message if card else ""))
        if key in self.gates:
            await self.gates[key].wait()
        if not (uncertain and key in self.out) and (self.posts_before_trouble or not self.troubles.get(key)):
            self.out.append(key)
        if self.troubles.get(key):
            raise self.troubles[key].pop(0)
        return Delivery(key=key, at=now, state=DeliveryState.DELIVERED, place="C0", message=f"ts-{key}")

    async def close(self) -> None:
        return


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def outbox(store: SqlStore, clock: ManualClock, room: Room) -> Outbox:
    return Outbox(store, {"room": room}, RECEIVERS, clock=clock, rng=random.Random(1))


def _note(key: str, receiver: str = "comms", kind: NotificationKind = NotificationKind.CARD) -> Notification:
    return sample_notification(kind, receiver=receiver, key=key)


async def _put(store: SqlStore, *notifications: Notification) -> None:
    await store.commit(Effects(at=NOW, notifications=notifications), {})


async def test_it_sends_what_waits_in_order_and_then_nothing_waits(store: SqlStore, outbox: Outbox, room: Room) -> None:
    await _put(store, _note("card"), _note("news", kind=NotificationKind.NEWS), _note("other", receiver="boss"))

    assert await outbox.run_once() is None

    assert [key for key in room.out if key != "other"] == ["card", "news"]
    assert "other" in room.out
    assert await store.outbox_depth() == 0


async def test_news_is_told_where_the_card_stands(store: SqlStore, outbox: Outbox, room: Room) -> None:
    await _put(store, _note("card"), _note("news", kind=NotificationKind.NEWS))
    await outbox.run_once()
    assert ("news", False, "ts-card") in room.told


async def test_passing_trouble_is_tried_again_when_the_service_said(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.troubles["card"] = [DeliveryDelayed("rate limited", retry_after=MINUTE)]

    assert await outbox.run_once() == NOW + MINUTE
    clock.set(NOW + MINUTE - timedelta(seconds=1))
    await outbox.run_once()
    assert room.out == []

    clock.set(NOW + MINUTE)
    assert await outbox.run_once() is None
    assert room.told == [("card", False, ""), ("card", False, "")]
    assert room.out == ["card"]


async def test_waits_grow_from_two_seconds_to_five_minutes(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.troubles["card"] = [DeliveryDelayed("down") for _ in range(14)]
    waits = []
    for _ in range(14):
        again = await outbox.run_once()
        assert again is not None
        waits.append(again - clock.now())
        clock.set(again)

    assert timedelta(seconds=2) <= waits[0] <= timedelta(seconds=2.6)
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert waits[-1] == LONGEST_WAIT


async def test_a_lost_answer_makes_the_next_attempt_look_first(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.posts_before_trouble = True
    room.troubles["card"] = [DeliveryUncertain("the answer was lost")]

    again = await outbox.run_once()
    assert again is not None
    clock.set(again)
    await outbox.run_once()

    assert [uncertain for _, uncertain, _ in room.told] == [False, True]
    assert room.out == ["card"]


async def test_doubt_outlives_trouble_that_came_before_looking(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.troubles["card"] = [DeliveryUncertain("lost"), DeliveryDelayed("look-up rate limited")]
    for _ in range(3):
        clock.set(await outbox.run_once() or clock.now())
    assert [uncertain for _, uncertain, _ in room.told] == [False, True, True]


async def test_an_attempt_cut_short_comes_back_as_uncertain(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.gates["card"] = asyncio.Event()
    running = asyncio.create_task(outbox.run_once())
    while not room.told:
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    room.gates.clear()
    await Outbox(store, {"room": room}, RECEIVERS, clock=clock).run_once()
    assert room.told == [("card", False, ""), ("card", True, "")]


async def test_a_refusal_is_recorded_logged_and_blocks_nobody(store: SqlStore, outbox: Outbox, room: Room) -> None:
    await _put(store, _note("card"), _note("news", kind=NotificationKind.NEWS), _note("other", receiver="boss"))
    room.troubles["card"] = [DeliveryRefused("not_in_channel. Invite the app")]

    with capture_logs() as logs:
        await outbox.run_once()

    assert sorted(room.out) == ["news", "other"]
    refused = [log for log in logs if log["event"] == "notification.refused"]
    assert [(log["log_level"], log["key"]) for log in refused] == [("error", "card")]
    assert await store.outbox_depth() == 0


async def test_a_fault_of_a_notifier_is_passing_and_named_by_its_class_alone(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.troubles["card"] = [KeyError("xoxb-secret")]
    with capture_logs() as logs:
        again = await outbox.run_once()
    assert again is not None
    assert "xoxb-secret" not in str(logs)
    assert "KeyError" in str(logs)

    clock.set(again)
    await outbox.run_once()
    assert room.out == ["card"]


async def test_after_a_day_it_gives_up_and_says_so(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    clock.advance(GIVE_UP + MINUTE)
    room.troubles["card"] = [DeliveryDelayed("down")]
    with capture_logs() as logs:
        assert await outbox.run_once() is None
    assert [log["reason"] for log in logs if log["event"] == "notification.refused"] == ["gave up after 24 h: down"]
    assert await store.outbox_depth() == 0


async def test_a_receiver_that_nobody_serves_any_more_is_refused(store: SqlStore, outbox: Outbox) -> None:
    await _put(store, _note("card", receiver="mail"), _note("card2", receiver="gone"))
    with capture_logs() as logs:
        await outbox.run_once()
    assert len([log for log in logs if log["event"] == "notification.refused"]) == 2


async def test_a_slow_receiver_holds_back_no_other(store: SqlStore, outbox: Outbox, room: Room) -> None:
    room.gates["slow"] = asyncio.Event()
    stop = asyncio.Event()
    await _put(store, _note("slow"), _note("quick", receiver="boss"))
    running = asyncio.create_task(outbox.run(stop))
    async with asyncio.timeout(5):
        while "quick" not in room.out:
            await asyncio.sleep(0.01)
        await _put(store, _note("later", receiver="boss"))
        outbox.wake()
        while "later" not in room.out:
            await asyncio.sleep(0.01)
        stop.set()
        room.gates["slow"].set()
        await running
    assert set(room.out) == {"slow", "quick", "later"}
    assert await store.outbox_depth() == 0


async def test_nothing_is_sent_twice_while_an_attempt_is_under_way(store: SqlStore, outbox: Outbox, room: Room) -> None:
    room.gates["slow"] = asyncio.Event()
    stop = asyncio.Event()
    await _put(store, _note("slow"))
    running = asyncio.create_task(outbox.run(stop))
    async with asyncio.timeout(5):
        while not room.told:
            await asyncio.sleep(0)
        for _ in range(20):
            outbox.wake()
            await asyncio.sleep(0.002)
        room.gates["slow"].set()
        stop.set()
        await running
    assert room.told == [("slow", False, "")]


async def test_after_its_run_has_ended_it_still_sends_once_more(store: SqlStore, outbox: Outbox, room: Room) -> None:
    stop = asyncio.Event()
    stop.set()
    await outbox.run(stop)
    await _put(store, _note("last"))
    await outbox.run_once()
    assert room.out == ["last"]
    assert outbox.depth == 0


async def test_two_looks_at_once_send_nothing_twice(store: SqlStore, outbox: Outbox, room: Room) -> None:
    await _put(store, *(_note(f"k{index}", receiver=("comms", "boss")[index % 2]) for index in range(6)))
    await asyncio.gather(outbox.run_once(), outbox.run_once())
    assert len(room.told) == len(room.out) == 6


async def test_it_goes_on_with_other_notifiers(store: SqlStore, outbox: Outbox, room: Room) -> None:
    another = Room()
    outbox.replace({"lounge": another}, {"comms": "lounge"})
    await _put(store, _note("card"))
    await outbox.run_once()
    assert (room.out, another.out) == ([], ["card"])


class Broken:
    """A store whose disk is full: `refuses` names the methods that fail."""

    def __init__(self, store: SqlStore, refuses: set[str]) -> None:
        self._store = store
        self.refuses = refuses

    def __getattr__(self, name: str) -> object:
        if name in self.refuses:
            return self._refuse
        return getattr(self._store, name)

    async def _refuse(self, *_: object) -> None:
        raise StoreError("the disk is full")


@pytest.mark.parametrize("method", ["begin", "card", "record"])
async def test_a_store_that_refuses_neither_loops_nor_loses(
    store: SqlStore, room: Room, clock: ManualClock, method: str
) -> None:
    await _put(store, _note("card"))
    broken = Broken(store, {method})
    outbox = Outbox(broken, {"room": room}, RECEIVERS, clock=clock)  # type: ignore[arg-type]  # a fake at the seam
    again = await outbox.run_once()
    assert again is not None
    assert await store.outbox_depth() == 1

    broken.refuses.clear()
    clock.set(again)
    await outbox.run_once()
    assert room.out == ["card"]
    assert room.told[-1] == ("card", method != "begin", "")
    assert await store.outbox_depth() == 0


async def test_an_error_that_says_nothing_of_trying_again_is_refused(
    store: SqlStore, outbox: Outbox, room: Room
) -> None:
    await _put(store, _note("card"))
    room.troubles["card"] = [DeliveryError("of a plugin")]
    assert await outbox.run_once() is None
    assert await store.outbox_depth() == 0


async def test_it_is_stuck_when_nothing_arrives_for_a_quarter_of_an_hour(
    store: SqlStore, outbox: Outbox, room: Room, clock: ManualClock
) -> None:
    await _put(store, _note("card"))
    room.troubles["card"] = [DeliveryDelayed("down") for _ in range(20)]
    await outbox.run_once()
    assert outbox.stuck == ""
    while clock.now() < NOW + 16 * MINUTE:
        clock.set(await outbox.run_once() or clock.now())
    await outbox.run_once()
    assert outbox.stuck == "no message arrives anywhere"

    room.troubles.clear()
    clock.set(await outbox.run_once() or clock.now())
    await outbox.run_once()
    assert (room.out, outbox.stuck) == (["card"], "")


async def test_it_is_stuck_when_it_does_not_read_the_store(outbox: Outbox, clock: ManualClock) -> None:
    await outbox.run_once()
    clock.advance(3 * MINUTE)
    assert outbox.stuck == "the outbox does not read the store"
