"""What every notifier promises, held for every one that BuzzGuard finds by name.

A new built-in notifier fails here until it has a world: what it talks to, and how a test reads what arrived.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from rich.console import Console
from structlog.testing import capture_logs

from buzzguard import plugins
from buzzguard.deliver.console import ConsoleNotifier
from buzzguard.errors import DeliveryDelayed, DeliveryError
from buzzguard.model import Cause, Delivery, DeliveryState, IncidentState, Notification, NotificationKind
from buzzguard.ports import Notifier
from tests.deliver.samples import NOW, sample_card, sample_notification, sample_transition, sample_watcher_card
from tests.slack.fixtures import notifier as slack_notifier
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN


@dataclass(frozen=True)
class World:
    """A notifier with what it talks to. `arrived` is all that people can read by now, as one text."""

    notifier: Notifier
    arrived: Callable[[], str]
    count: Callable[[], int]
    goes_down: Callable[[], None]


@contextmanager
def _slack() -> Iterator[World]:
    with StrictSlack() as slack:
        yield World(
            notifier=slack_notifier(slack),
            arrived=lambda: str(slack.messages()),
            count=lambda: len(slack.messages()),
            goes_down=slack.stop,
        )


@contextmanager
def _console() -> Iterator[World]:
    paper = io.StringIO()
    written: list[int] = []

    class Paper(io.StringIO):
        def write(self, text: str) -> int:
            return paper.write(text)

        def flush(self) -> None:
            written.append(len(paper.getvalue()))

    screen = Paper()
    settings: Any = plugins.settings_model("notifier", "console")()
    to = ConsoleNotifier(settings, {}, console=Console(file=screen, width=100))
    yield World(notifier=to, arrived=paper.getvalue, count=lambda: len(set(written)), goes_down=lambda: _break(screen))


def _break(screen: io.StringIO) -> None:
    def refuse(_: str) -> int:
        raise OSError("the terminal is gone")

    screen.write = refuse  # type: ignore[method-assign]  # a terminal that hangs up, not a class of ours


WORLDS = {"slack": _slack, "console": _console}


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)


@pytest.fixture(params=plugins.NOTIFIERS)
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    assert request.param in WORLDS, f"give the notifier {request.param!r} a world in this file"
    with WORLDS[request.param]() as made:
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
    assert BOT_TOKEN not in str(caught.value) + str(logs) + repr(world.notifier)
