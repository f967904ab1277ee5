"""A crisis room is told like any receiver, pings nobody twice, and keeps its card pinned and its topic true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from buzzguard.errors import DeliveryDelayed
from buzzguard.model import (
    Cause,
    Delivery,
    IncidentState,
    Language,
    Notification,
    NotificationKind,
    Person,
    Room,
    Severity,
)
from tests.deliver.samples import CLAIRE, INCIDENT, NOW, sample_card, sample_notification, sample_transition
from tests.slack.fixtures import notifier
from tests.slack.rooms import RoomWorkspace
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL

PING = "S012AB"


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack(RoomWorkspace()) as server:
        server.workspace.call("conversations.create", BOT_TOKEN, {"name": "crisis"})
        yield server


def _channel(slack: StrictSlack) -> dict[str, Any]:
    assert isinstance(slack.workspace, RoomWorkspace)
    return slack.workspace.room()


def _for_room(slack: StrictSlack, kind: NotificationKind, *, owner: Person | None = None, **card: Any) -> Notification:
    shown = sample_card(**card)
    room = Room(place=_channel(slack)["id"], name="crisis")
    incident = replace(shown.incident, room=room, owner=owner)
    made = sample_notification(
        kind, card=replace(shown, incident=incident), key=f"{kind.value}-{len(slack.messages())}"
    )
    return replace(made, receiver=room.receiver)


async def _tell(slack: StrictSlack, told: Notification, card: Delivery | None = None) -> Delivery:
    return await notifier(slack, mention=PING).deliver(told, card=card, uncertain=False, now=NOW)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_card_is_pinned_and_the_topic_says_who_has_it(slack: StrictSlack, language: Language) -> None:
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD, language=language))
    (message,) = slack.messages(card.place)
    assert card.place == _channel(slack)["id"]
    assert message["pinned_to"] == [card.place]
    nobody = {"en": "nobody in charge yet", "fr": "personne en charge pour l’instant"}[language]
    assert _channel(slack)["topic"]["value"] == f"🟠 Orange · Lumio · {nobody} · {INCIDENT}"
    assert not slack.messages(CHANNEL)
    assert PING not in str(message)


async def test_the_topic_follows_what_people_must_know_and_nothing_else(slack: StrictSlack) -> None:
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD))
    card = await _tell(slack, _for_room(slack, NotificationKind.UPDATE), card)
    assert len(slack.workspace.called("conversations.setTopic")) == 1
    owned: dict[str, Any] = {"owner": CLAIRE, "state": IncidentState.ACKNOWLEDGED, "severity": Severity.RED}
    card = await _tell(slack, _for_room(slack, NotificationKind.UPDATE, **owned), card)
    assert _channel(slack)["topic"]["value"] == f"🔴 Red · Lumio · in charge: Claire Morel · {INCIDENT}"
    card = await _tell(slack, _for_room(slack, NotificationKind.UPDATE, state=IncidentState.RESOLVED), card)
    assert _channel(slack)["topic"]["value"] == f"🟢 Resolved · Lumio · {INCIDENT}"
    assert len(slack.messages(card.place)) == 1
    assert not slack.workspace.state.archived


async def test_news_stands_in_the_channel_and_pings_nobody_twice(slack: StrictSlack) -> None:
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD))
    news = (sample_transition(Cause.SEVERITY_RAISED),)
    await _tell(slack, _for_room(slack, NotificationKind.NEWS, news=news, owner=CLAIRE), card)
    told = slack.messages(card.place)[-1]
    assert "thread_ts" not in told
    assert "<@" not in str(told)
    assert "<!" not in str(told)


@pytest.mark.parametrize(("scope", "part"), [("pins:write", "Pinning the card"), ("channels:manage", "topic")])
async def test_what_is_refused_is_told_once_and_costs_no_message(slack: StrictSlack, scope: str, part: str) -> None:
    slack.workspace.scopes = [one for one in slack.workspace.scopes if one not in (scope, "groups:write")]
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD))
    for owner in (CLAIRE, None):
        card = await _tell(slack, _for_room(slack, NotificationKind.UPDATE, owner=owner), card)
    told = [one["text"] for one in slack.messages(card.place)[1:]]
    assert len([one for one in told if part in one and scope in one]) == 1


async def test_what_passes_is_done_with_the_next_edit(slack: StrictSlack) -> None:
    slack.fail_next("pins.add", status=429, retry_after=9)
    slack.fail_next("conversations.setTopic", status=503)
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD))
    assert "pinned_to" not in slack.messages(card.place)[0]
    card = await _tell(slack, _for_room(slack, NotificationKind.UPDATE), card)
    assert slack.messages(card.place)[0]["pinned_to"]
    assert _channel(slack)["topic"]["value"]


async def test_the_last_topic_is_tried_until_it_stands(slack: StrictSlack) -> None:
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD))
    slack.fail_next("conversations.setTopic", status=503)
    ended = _for_room(slack, NotificationKind.UPDATE, state=IncidentState.FALSE_ALARM)
    with pytest.raises(DeliveryDelayed):
        await _tell(slack, ended, card)
    await _tell(slack, ended, card)
    assert _channel(slack)["topic"]["value"].startswith("⚪ False alarm")


async def test_an_endless_hostile_topic_fits(slack: StrictSlack) -> None:
    owner = Person(id="U0X", name="<!channel> " + "é" * 400, via="slack")
    card = await _tell(slack, _for_room(slack, NotificationKind.CARD, owner=owner))
    topic = _channel(slack)["topic"]["value"]
    assert topic.endswith(INCIDENT)
    assert "<" not in topic
    assert card.extra["room_topic"] == topic
