"""What every notifier promises, held for every one that BuzzGuard finds by name.

A new built-in notifier fails here until it has a world in `tests/deliver/worlds`: what it talks to, and how a test
reads what arrived.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs

from buzzguard import plugins
from buzzguard.errors import DeliveryDelayed, DeliveryError
from buzzguard.model import Cause, Delivery, DeliveryState, IncidentState, Notification, NotificationKind
from buzzguard.ports import Notifier
from tests.deliver.samples import NOW, sample_card, sample_notification, sample_transition, sample_watcher_card
from tests.deliver.worlds.base import SECRET, World
from tests.slack.workspace import BOT_TOKEN


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SECRET", SECRET)
    monkeypatch.setenv("TEST_ROUTING_KEY", "0123456789abcdef0123456789abcdef")


@pytest.fixture(params=plugins.NOTIFIERS)
def world(request: pytest.FixtureRequest, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with import_module(f"tests.deliver.worlds.{request.param}").world(httpserver) as made:
        yield made


async def _send(
    world: World, notification: Notification, *, card: Delivery | None = None, uncertain: bool = False
) -> Delivery:
    return await world.notifier.deliver(notification, card=card, uncertain=uncertain, now=NOW)


@pytest.mark.parametrize("name", plugins.NOTIFIERS)
def test_it_brings_frozen_models_of_its_own(name: str) -> None:
    found = plugins.load("notifier", name)
    for attribute in ("Settings", "Receiver"):
        model = getattr(found, attribute)
        assert issubclass(model, BaseModel)
        assert model.model_config.get("frozen")
        with pytest.raises(ValidationError):
            model(an_unknown_key=1)


async def test_it_is_a_notifier_that_can_be_closed_twice(world: World) -> None:
    assert isinstance(world.notifier, Notifier)
    await world.notifier.close()
    await world.notifier.close()


@pytest.mark.parametrize("kind", NotificationKind)
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_it_delivers_each_kind_with_and_without_a_card_before(
    world: World, kind: NotificationKind, language: Any
) -> None:
    first = sample_notification(card=sample_card(language=language), key="first")
    second = sample_notification(kind, card=sample_card(language=language), key="second")

    alone = await _send(world, second)
    assert (alone.key, alone.at, alone.state) == ("second", NOW, DeliveryState.DELIVERED)
    assert alone.place
    assert alone.message
    assert world.arrived().strip("[]\n")

    card = await _send(world, first)
    again = await _send(world, sample_notification(kind, card=sample_card(language=language), key="third"), card=card)
    assert again.state is DeliveryState.DELIVERED


async def test_it_shows_a_card_about_the_watcher_itself(world: World) -> None:
    await _send(world, sample_notification(card=sample_watcher_card()))
    assert "BuzzGuard" in world.arrived()


async def test_it_tells_the_news_and_who_made_it(world: World) -> None:
    card = await _send(world, sample_notification())
    taken = sample_card(state=IncidentState.ACKNOWLEDGED, news=(sample_transition(Cause.ACKNOWLEDGED_BY_USER),))
    await _send(world, sample_notification(NotificationKind.NEWS, card=taken, key="news"), card=card)
    assert "Claire Morel" in world.arrived()


async def test_an_uncertain_repeat_shows_nothing_twice(world: World) -> None:
    await _send(world, sample_notification(key="k"))
    before = world.count()
    repeat = await _send(world, sample_notification(key="k"), uncertain=True)
    assert repeat.state is DeliveryState.DELIVERED
    assert repeat.message
    assert world.count() == before


async def test_several_at_once_all_arrive(world: World) -> None:
    notes = [sample_notification(key=f"k{index}") for index in range(5)]
    delivered = await asyncio.gather(*(_send(world, note) for note in notes))
    assert [delivery.key for delivery in delivered] == [note.key for note in notes]
    assert len({delivery.message for delivery in delivered}) == 5


async def test_a_world_that_is_down_is_passing_trouble_in_one_line_without_a_secret(world: World) -> None:
    world.goes_down()
    with capture_logs() as logs, pytest.raises(DeliveryDelayed) as caught:
        await _send(world, sample_notification())
    assert isinstance(caught.value, DeliveryError)
    assert "\n" not in str(caught.value)
    assert caught.value.retry_after is None or caught.value.retry_after <= timedelta(hours=1)
    assert world.secret not in str(caught.value) + str(logs) + repr(world.notifier) + repr(vars(world.notifier))
