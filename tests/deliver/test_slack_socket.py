"""The buttons over Socket Mode: acknowledged at once, obeyed once, heard again after every break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_socket import SlackListener
from buzzguard.deliver.wording import button
from buzzguard.errors import ConfigError
from buzzguard.model import CommandKind
from tests.slack.desk import FakeDesk
from tests.slack.fixtures import settings
from tests.slack.strict_server import StrictSlack
from tests.slack.windows import filled
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


async def _until(happened: Callable[[], object], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.02)


@asynccontextmanager
async def _listening(slack: StrictSlack, desk: FakeDesk, *, connected: bool = True) -> AsyncIterator[SlackListener]:
    front = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), desk, clock=ManualClock(NOW))
    listener = SlackListener(settings(slack.base_url, app=True), front)
    await listener.start()
    try:
        if connected:
            await _until(lambda: listener.connected)
        yield listener
    finally:
        await listener.stop()


async def test_a_press_is_acknowledged_and_becomes_a_command(slack: StrictSlack) -> None:
    desk = FakeDesk()
    async with _listening(slack, desk):
        envelope = slack.click("1795328460.000247", "take_charge", "inc-42")
        assert await asyncio.to_thread(slack.acknowledged, envelope)
        await _until(lambda: desk.commands)
    (command,) = desk.commands
    assert (command.kind, command.incident, command.at) == (CommandKind.TAKE_CHARGE, "inc-42", NOW)
    assert slack.workspace.state.ephemeral == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [("unknown_incident", "plus connu"), ("already_final", "déjà clos"), ("of another version", "pas possible")],
)
async def test_a_refused_press_is_answered_to_the_person_alone(slack: StrictSlack, reason: str, words: str) -> None:
    async with _listening(slack, FakeDesk(reason=reason)):
        slack.click("1795328460.000247", "take_charge", "inc-42")
        await _until(lambda: slack.workspace.state.ephemeral)
    (told,) = slack.workspace.state.ephemeral
    assert (told["channel"], told["user"]) == (CHANNEL, "U0CLAIRE01")
    assert words in told["text"]


async def test_the_answer_speaks_the_language_of_the_button(slack: StrictSlack) -> None:
    async with _listening(slack, FakeDesk(reason="already_final")):
        slack.click("1.0", "take_charge", "inc-42", label=button(CommandKind.TAKE_CHARGE, "en"))
        await _until(lambda: slack.workspace.state.ephemeral)
    assert "closed already" in slack.workspace.state.ephemeral[0]["text"]


async def test_a_press_delivered_twice_is_not_answered(slack: StrictSlack) -> None:
    desk = FakeDesk(reason="repeated")
    async with _listening(slack, desk):
        slack.click("1.0", "take_charge", "inc-42")
        await _until(lambda: desk.commands)
    assert slack.workspace.state.ephemeral == []


async def test_a_press_that_could_not_be_recorded_is_not_lost_in_silence(slack: StrictSlack) -> None:
    with capture_logs() as logs:
        async with _listening(slack, FakeDesk(fault=RuntimeError("disk full"))):
            slack.click("1795328460.000247", "take_charge", "inc-42")
            await _until(lambda: slack.workspace.state.ephemeral)
    assert "Réessayez" in slack.workspace.state.ephemeral[0]["text"]
    assert "command.failed" in [log["event"] for log in logs]


async def test_what_is_no_press_is_acknowledged_and_ignored(slack: StrictSlack) -> None:
    desk = FakeDesk()
    async with _listening(slack, desk):
        for kind, payload in (("events_api", {"type": "event_callback"}), ("interactive", {"type": "shortcut"})):
            slack.send({"type": kind, "envelope_id": kind, "payload": payload})
            assert await asyncio.to_thread(slack.acknowledged, kind)
        slack.click("1.0", "not_ours", "inc-42")
        slack.click("1.0", "escalate", "inc-42")
        await _until(lambda: desk.commands)
    assert [command.kind for command in desk.commands] == [CommandKind.ESCALATE]


_TYPED = {"command": "/buzz", "user_id": "U0CLAIRE01", "channel_id": CHANNEL}


async def test_what_asks_for_an_answer_is_acknowledged_with_it(slack: StrictSlack) -> None:
    """A window that is refused and submitted again, a slash command, and an event that asks for none."""
    desk = FakeDesk(reason="already_final")
    async with _listening(slack, desk):
        slack.click("1.0", "note", "inc-42", label="Add a note…")
        await _until(lambda: slack.workspace.windows.opened)
        (view,) = slack.workspace.windows.opened
        body = await asyncio.to_thread(slack.hand_in, "interactive", filled(view, {"text": "Called the shop"}))
        assert body["errors"] == {"text": "This incident is closed already: nothing was changed."}
        desk.reason = None
        assert await asyncio.to_thread(slack.hand_in, "interactive", filled(view, {"text": "Called again"})) == {}
        body = await asyncio.to_thread(slack.hand_in, "slash_commands", {**_TYPED, "text": "status"})
        assert "Lumio" in str(body["blocks"])
        event = {"type": "app_home_opened", "user": "U0CLAIRE01", "tab": "home"}
        heard = {"type": "event_callback", "event_id": "Ev1", "event": event}
        slack.send({"type": "events_api", "envelope_id": "e1", "payload": heard})
        assert await asyncio.to_thread(slack.acknowledged, "e1")
        await _until(lambda: slack.workspace.windows.homes)
    assert [command.reason for command in desk.commands] == ["Called the shop", "Called again"]


async def test_whatever_holds_it_back_it_is_acknowledged_in_time_and_told_afterwards(slack: StrictSlack) -> None:
    desk = FakeDesk(reason="already_final")
    async with _listening(slack, desk) as listener:
        slack.click("1.0", "note", "inc-42", label="Add a note…")
        await _until(lambda: slack.workspace.windows.opened)
        listener.answer_within = 0.05
        desk.gate.clear()
        submitted = filled(slack.workspace.windows.opened[0], {"text": "Called the shop"})
        assert await asyncio.to_thread(slack.hand_in, "interactive", submitted) == {}
        assert await asyncio.to_thread(slack.hand_in, "slash_commands", {**_TYPED, "text": "take inc-42"}) == {}
        desk.gate.set()
        await _until(lambda: len(slack.workspace.state.ephemeral) == 2)
    assert all("closed already" in str(told) for told in slack.workspace.state.ephemeral)


async def test_a_slack_that_is_down_at_the_start_is_found_later(slack: StrictSlack) -> None:
    slack.fail_next("apps.connections.open", status=503, times=1)
    desk = FakeDesk()
    with capture_logs() as logs:
        async with _listening(slack, desk):
            slack.click("1.0", "escalate", "inc-42")
            await _until(lambda: desk.commands)
    events = [log["event"] for log in logs]
    assert events.index("slack.connect_failed") < events.index("slack.connected")


async def test_a_wrong_app_token_is_named_without_being_shown(
    slack: StrictSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", "xapp-wrong")
    with capture_logs() as logs:
        async with _listening(slack, FakeDesk(), connected=False):
            await _until(lambda: any(log["event"] == "slack.connect_failed" for log in logs))
    assert "invalid_auth" in str(logs)
    assert "xapp-wrong" not in str(logs)


async def test_after_slack_hangs_up_it_calls_again(slack: StrictSlack) -> None:
    desk = FakeDesk()
    with capture_logs() as logs:
        async with _listening(slack, desk):
            slack.connections[0].close()
            await _until(lambda: len(slack.connections) == 2 and slack.connections[1].open)
            slack.click("1.0", "escalate", "inc-42")
            await _until(lambda: desk.commands)
    assert [log["event"] for log in logs if log["event"].startswith("slack.")][:3] == [
        "slack.connected",
        "slack.disconnected",
        "slack.connected",
    ]


async def test_a_line_cut_without_a_word_is_noticed_within_seconds(slack: StrictSlack) -> None:
    desk = FakeDesk()
    with capture_logs() as logs:
        async with _listening(slack, desk):
            slack.fail_next("apps.connections.open", status=503)
            slack.connections[0].cut()
            await _until(lambda: len(slack.connections) == 2 and slack.connections[1].open, seconds=5)
            slack.click("1.0", "escalate", "inc-42")
            await _until(lambda: desk.commands)
    told = [log["event"] for log in logs if log["event"].startswith("slack.")]
    assert told == ["slack.connected", "slack.disconnected", "slack.connect_failed", "slack.connected"]


async def test_when_slack_asks_for_it_the_line_is_renewed_before_the_cut(slack: StrictSlack) -> None:
    desk = FakeDesk()
    async with _listening(slack, desk):
        slack.send({"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "x"}})
        await _until(lambda: len(slack.connections) == 2)
        await _until(lambda: not slack.connections[0].open)
        slack.click("1.0", "escalate", "inc-42")
        await _until(lambda: desk.commands)


async def test_it_stops_twice_and_hangs_up(slack: StrictSlack) -> None:
    async with _listening(slack, FakeDesk()) as listener:
        await listener.stop()
        assert not listener.connected
        await _until(lambda: not slack.connections[0].open)


def test_without_an_app_token_it_says_what_is_missing(slack: StrictSlack) -> None:
    front = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), FakeDesk(), clock=ManualClock(NOW))
    with pytest.raises(ConfigError, match="app_token"):
        SlackListener(settings(slack.base_url), front)
