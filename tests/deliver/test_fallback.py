"""What has not arrived, and when those who stand in for its receiver are asked for."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.console import Console
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.config.settings import ReceiverSettings, StoreSettings
from buzzguard.deliver.blocks import render_card
from buzzguard.deliver.fallback import FallbackWatch, due, must_hear
from buzzguard.deliver.outline import card_outline
from buzzguard.deliver.sms_text import simple, sms_text
from buzzguard.deliver.terminal import card_renderable
from buzzguard.errors import StoreError
from buzzguard.model import (
    Cause,
    Command,
    Delivery,
    DeliveryState,
    Effects,
    IncidentState,
    Language,
    Notification,
    NotificationKind,
    Severity,
    Untold,
)
from buzzguard.store.sql import SqlStore
from tests.deliver.samples import INCIDENT, NOW, sample_card, sample_incident, sample_notification, sample_transition

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
_FALLBACK = {"to": ["mail", "sms"]}
RECEIVERS: dict[str, ReceiverSettings] = {
    "room": ReceiverSettings.model_validate({"notifier": "slack", "fallback": _FALLBACK}),
    "mail": ReceiverSettings(notifier="smtp"),
    "sms": ReceiverSettings(notifier="sms"),
}


def untold(key: str = "k", **how: object) -> Untold:
    given: dict[str, object] = {
        "incident": INCIDENT,
        "receiver": "room",
        "kind": NotificationKind.CARD,
        "since": NOW,
        "severity": Severity.RED,
    }
    return Untold(key=key, **(given | how))  # type: ignore[arg-type]  # named in the tests


def news(cause: Cause, key: str = "n", **how: object) -> Untold:
    return untold(key, kind=NotificationKind.NEWS, news=(sample_transition(cause),), **how)


@pytest.mark.parametrize(
    "cause", [Cause.SEVERITY_RAISED, Cause.STEP_TIMED_OUT, Cause.ESCALATED_BY_USER, Cause.REMINDED]
)
def test_people_must_hear_what_calls_them(cause: Cause) -> None:
    assert must_hear(news(cause))


@pytest.mark.parametrize("cause", [Cause.ALERT_JOINED, Cause.SILENCED_BY_USER, Cause.NOT_REACHED])
def test_other_news_can_wait_until_the_service_is_back(cause: Cause) -> None:
    assert not must_hear(news(cause))


def test_a_reminder_to_whoever_is_in_charge_can_wait_too() -> None:
    move = replace(sample_transition(Cause.REMINDED), after=IncidentState.ACKNOWLEDGED)
    assert not must_hear(untold(kind=NotificationKind.NEWS, news=(move,)))


def test_an_edit_in_place_is_nothing_that_must_be_heard() -> None:
    moves = (sample_transition(Cause.SEVERITY_RAISED),)
    assert not must_hear(untold(kind=NotificationKind.UPDATE, news=moves))


def test_what_was_sent_in_anothers_place_is_not_followed_any_further() -> None:
    move = replace(sample_transition(Cause.NOT_REACHED), detail={"receivers": "mail,room"})
    assert not must_hear(untold(news=(move,)))
    assert must_hear(untold(news=(replace(move, detail={"receivers": "mail"}),)))


def test_a_card_is_waited_for_two_minutes() -> None:
    assert due([untold()], RECEIVERS, NOW + 2 * MINUTE - SECOND) == []
    (command,) = due([untold()], RECEIVERS, NOW + 2 * MINUTE)
    assert command.id == "fallback/k"
    missing = command.undelivered
    assert missing is not None
    assert (missing.receiver, missing.notifier, missing.instead) == ("room", "slack", ("mail", "sms"))
    assert (missing.since, missing.refused) == (NOW, False)


def test_what_is_refused_for_good_is_not_waited_for() -> None:
    (command,) = due([untold(refused=True)], RECEIVERS, NOW)
    assert command.undelivered is not None
    assert command.undelivered.refused


def test_what_is_less_grave_is_left_to_the_outbox() -> None:
    assert due([untold(severity=Severity.ORANGE)], RECEIVERS, NOW + 60 * MINUTE) == []


def test_a_card_counts_as_red_once_the_word_that_it_is_red_waits_behind_it() -> None:
    waiting = [untold(severity=Severity.ORANGE), news(Cause.SEVERITY_RAISED, since=NOW + 9 * MINUTE)]
    (command,) = due(waiting, RECEIVERS, NOW + 9 * MINUTE)
    assert command.id == "fallback/k"


def test_each_incident_and_receiver_is_asked_for_by_itself() -> None:
    waiting = [
        untold("a"),
        untold("b", incident="other"),
        news(Cause.STEP_TIMED_OUT, "c"),
        untold("d", receiver="mail"),
    ]
    assert [command.id for command in due(waiting, RECEIVERS, NOW + 2 * MINUTE)] == ["fallback/a", "fallback/b"]


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "room (slack) could not be reached for 2 min."),
        ("fr", "room (slack) est injoignable depuis 2\u00a0min."),
    ],
)
def test_the_card_of_those_who_stand_in_says_first_why_they_are_told(language: Language, line: str) -> None:
    detail = {"receiver": "room", "notifier": "slack", "seconds": "120", "receivers": "sms"}
    moves = (sample_transition(), replace(sample_transition(Cause.NOT_REACHED), detail=detail))
    card = sample_card(language=language, severity=Severity.RED, news=moves)
    assert card_outline(card).what[0] == line
    assert simple(line) in sms_text(card_outline(card))
    assert line in str(render_card(card, chart_file=None).blocks).replace("\\xa0", "\u00a0")
    console = Console(file=io.StringIO(), width=100)
    console.print(card_renderable(card))
    assert line in console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO


class Desk:
    """Takes what is asked, and keeps it as the response does."""

    def __init__(self, store: SqlStore) -> None:
        self.asked: list[str] = []
        self.keeps = True
        self._store = store

    async def ask(self, command: Command) -> str | None:
        self.asked.append(command.id)
        if self.keeps:
            await self._store.commit(Effects(at=NOW, commands=(command,)), {})
        return None


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    await opened.commit(Effects(at=NOW, incidents=(sample_incident(severity=Severity.RED),)), {})
    yield opened
    await opened.close()


@pytest.fixture
def desk(store: SqlStore) -> Desk:
    return Desk(store)


def _watch(
    store: SqlStore, desk: Desk, *, after: timedelta = 2 * MINUTE, receivers: Mapping[str, ReceiverSettings] = RECEIVERS
) -> FallbackWatch:
    return FallbackWatch(store, receivers, clock=ManualClock(NOW + after), ask=desk.ask)


def _card(key: str = "card", receiver: str = "room", kind: NotificationKind = NotificationKind.CARD) -> Notification:
    return sample_notification(kind, card=sample_card(severity=Severity.RED), receiver=receiver, key=key)


async def _put(store: SqlStore, *notifications: Notification) -> None:
    await store.commit(Effects(at=NOW, notifications=notifications), {})


async def _ends(store: SqlStore, key: str, state: DeliveryState, *, retry: timedelta | None = None) -> None:
    await store.begin(key, NOW)
    again = NOW + retry if retry is not None else None
    await store.record(Delivery(key=key, at=NOW, state=state, reason="why", retry_at=again, message="1"))


async def test_a_message_that_is_delayed_again_and_again_is_asked_for_once(store: SqlStore, desk: Desk) -> None:
    await _put(store, _card())
    for minutes in (1, 5, 10):
        await _ends(store, "card", DeliveryState.DELAYED, retry=minutes * MINUTE)
    for _ in range(3):
        await _watch(store, desk).look()
    assert desk.asked == ["fallback/card"]


async def test_what_a_step_could_not_carry_out_is_asked_once_a_start(store: SqlStore, desk: Desk) -> None:
    desk.keeps = False
    await _put(store, _card())
    watch = _watch(store, desk)
    for _ in range(3):
        await watch.look()
    await _watch(store, desk).look()
    assert desk.asked == ["fallback/card"] * 2


async def test_a_refusal_is_asked_for_at_once_and_a_delivery_never(store: SqlStore, desk: Desk) -> None:
    await _put(store, _card("there"), _card("refused"))
    await _ends(store, "there", DeliveryState.DELIVERED)
    await _ends(store, "refused", DeliveryState.REFUSED)
    await _watch(store, desk, after=timedelta(0)).look()
    assert desk.asked == ["fallback/refused"]


@pytest.mark.parametrize("state", [one for one in IncidentState if one is not IncidentState.TRIGGERED])
async def test_it_stops_once_somebody_has_dealt_with_it(store: SqlStore, desk: Desk, state: IncidentState) -> None:
    await _put(store, _card())
    await store.commit(Effects(at=NOW, incidents=(sample_incident(severity=Severity.RED, state=state),)), {})
    await _watch(store, desk).look()
    assert desk.asked == []


async def test_receivers_without_a_fallback_and_edits_are_passed_over(store: SqlStore, desk: Desk) -> None:
    await _put(store, _card("a", "mail"), _card("b", kind=NotificationKind.UPDATE))
    await _watch(store, desk).look()
    assert desk.asked == []


async def test_another_configuration_is_followed(store: SqlStore, desk: Desk) -> None:
    await _put(store, _card())
    watch = _watch(store, desk, receivers={})
    await watch.look()
    watch.replace(RECEIVERS)
    await watch.look()
    assert desk.asked == ["fallback/card"]


async def test_trouble_of_the_store_is_said_once_and_tried_again(store: SqlStore, desk: Desk) -> None:
    await _put(store, _card())

    async def closed(_: Command) -> str | None:
        raise StoreError("stopping")

    watch = FallbackWatch(store, RECEIVERS, clock=ManualClock(NOW + 2 * MINUTE), ask=closed)
    with capture_logs() as logs:
        await watch.look()
        await watch.look()
    assert [log["event"] for log in logs] == ["fallback.delayed"]
    await _watch(store, desk).look()
    assert desk.asked == ["fallback/card"]
