"""The notifier that prints, and what it prints."""

from __future__ import annotations

import io
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError
from rich.cells import cell_len
from rich.console import Console
from syrupy.assertion import SnapshotAssertion

from buzzguard.deliver.console import ConsoleNotifier, ConsoleReceiver, ConsoleSettings
from buzzguard.deliver.terminal import card_renderable, news_renderable, update_renderable
from buzzguard.errors import DeliveryDelayed
from buzzguard.model import (
    Card,
    Cause,
    DeliveryState,
    IncidentState,
    Language,
    NotificationKind,
    Quote,
    Severity,
)
from buzzguard.ports import Notifier
from tests.deliver.hostile import cards
from tests.deliver.samples import (
    NOW,
    sample_card,
    sample_notification,
    sample_quotes,
    sample_transition,
    sample_watcher_card,
)


def screen(width: int = 100, *, color: bool = False) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="truecolor" if color else None,
        highlight=False,
    )


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def drawn(renderable: object, width: int = 100) -> str:
    console = screen(width)
    console.print(renderable)
    return printed(console)


def notifier(console: Console) -> ConsoleNotifier:
    return ConsoleNotifier(ConsoleSettings(), {"comms": ConsoleReceiver()}, console=console)


# golden


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("severity", "state"),
    [
        (Severity.YELLOW, IncidentState.TRIGGERED),
        (Severity.RED, IncidentState.TRIGGERED),
        (Severity.ORANGE, IncidentState.ACKNOWLEDGED),
        (Severity.ORANGE, IncidentState.RESOLVED),
    ],
)
def test_cards(snapshot: SnapshotAssertion, severity: Severity, state: IncidentState, language: Language) -> None:
    assert drawn(card_renderable(sample_card(language=language, severity=severity, state=state))) == snapshot


def test_a_card_in_colour(snapshot: SnapshotAssertion) -> None:
    console = screen(color=True)
    console.print(card_renderable(sample_card(severity=Severity.RED, learned=timedelta(days=2), drill=True)))
    assert printed(console) == snapshot


def test_the_watcher_card(snapshot: SnapshotAssertion) -> None:
    assert drawn(card_renderable(sample_watcher_card("fr"))) == snapshot


def test_news(snapshot: SnapshotAssertion) -> None:
    news = (
        sample_transition(Cause.SEVERITY_RAISED, severity=Severity.RED),
        sample_transition(Cause.ACKNOWLEDGED_BY_USER),
    )
    assert drawn(news_renderable(sample_card(news=news))) == snapshot


# laws


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards)
def test_no_card_leaves_the_width_or_commands_the_terminal(card: Card) -> None:
    for renderable in (card_renderable(card), news_renderable(card), update_renderable(card)):
        text = drawn(renderable)
        assert not set(text) & {
            chr(code) for code in (*range(10), *range(11, 32), 127, *range(128, 160), 0x202E, 0xE000)
        }
        assert all(cell_len(line) <= 100 for line in text.split("\n"))
    assert drawn(update_renderable(card)).count("\n") == 1


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_a_card_fits_every_terminal(width: int) -> None:
    assert max(map(cell_len, drawn(card_renderable(sample_card(language="fr")), width).split("\n"))) <= min(width, 100)


def test_the_text_of_a_mention_is_neither_markup_nor_a_command() -> None:
    quote = msgspec.structs.replace(sample_quotes()[0], text="[bold]x[/bold] \x1b[2J\x1b]0;t\x07end")
    assert "[bold]x[/bold] end" in drawn(card_renderable(sample_card(quotes=(quote,))))


def test_no_break_spaces_hold_at_the_end_of_a_line() -> None:
    words = "mot " * 21 + "1\u202f284\u202f500\u00a0! fin"
    quote: Quote = msgspec.structs.replace(sample_quotes()[0], text=words)
    assert "1\u202f284\u202f500\u00a0!" in drawn(card_renderable(sample_card(quotes=(quote,))))


# the notifier


async def test_a_card_is_printed_whole_and_delivered() -> None:
    console = screen()
    made = notifier(console)
    assert isinstance(made, Notifier)
    notification = sample_notification()
    delivery = await made.deliver(notification, card=None, uncertain=False, now=NOW)
    assert (delivery.key, delivery.at, delivery.state) == (notification.key, NOW, DeliveryState.DELIVERED)
    assert delivery.place == "console" and delivery.message
    assert "Surge of negative mentions" in printed(console)
    assert "Take charge" in printed(console)


async def test_an_update_is_one_short_line() -> None:
    console = screen()
    made = notifier(console)
    first = await made.deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    before = printed(console)
    update = sample_notification(NotificationKind.UPDATE, card=sample_card(state=IncidentState.ACKNOWLEDGED))
    await made.deliver(update, card=first, uncertain=False, now=NOW)
    added = printed(console).removeprefix(before)
    assert added.count("\n") == 1
    assert "Claire Morel took charge" in added


async def test_an_update_of_a_card_never_printed_shows_the_card() -> None:
    console = screen()
    await notifier(console).deliver(sample_notification(NotificationKind.UPDATE), card=None, uncertain=False, now=NOW)
    assert "Top mentions" in printed(console)


async def test_news_are_printed_as_lines() -> None:
    console = screen()
    card = sample_card(news=(sample_transition(Cause.ACKNOWLEDGED_BY_USER),))
    await notifier(console).deliver(
        sample_notification(NotificationKind.NEWS, card=card), card=None, uncertain=False, now=NOW
    )
    assert printed(console).strip().endswith("Claire Morel took charge. Escalation stops.")


async def test_a_repeat_is_not_printed_twice() -> None:
    console = screen()
    made = notifier(console)
    await made.deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    once = printed(console)
    again = await made.deliver(sample_notification(), card=None, uncertain=True, now=NOW)
    assert printed(console) == once
    assert again.state is DeliveryState.DELIVERED


async def test_a_closed_terminal_delays_the_delivery_and_loses_nothing() -> None:
    console = screen()
    made = notifier(console)
    console.file.close()
    with pytest.raises(DeliveryDelayed, match="terminal"):
        await made.deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    console.file = io.StringIO()
    await made.deliver(sample_notification(), card=None, uncertain=True, now=NOW)
    assert "Lumio" in printed(console)


@pytest.mark.parametrize(("color", "codes"), [("always", True), ("never", False), ("auto", False)])
async def test_colour_is_a_setting(color: str, codes: bool, capsys: pytest.CaptureFixture[str]) -> None:
    made = ConsoleNotifier(ConsoleNotifier.Settings.model_validate({"color": color}), {})
    await made.deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    await made.close()
    await made.close()
    assert ("\x1b[" in capsys.readouterr().out) is codes


def test_settings_refuse_what_they_do_not_know() -> None:
    with pytest.raises(ValidationError):
        ConsoleNotifier.Settings.model_validate({"colour": "auto"})
    with pytest.raises(ValidationError):
        ConsoleNotifier.Receiver.model_validate({"channel": "C1"})
