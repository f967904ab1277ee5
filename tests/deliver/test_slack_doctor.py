"""The doctor finds each thing that is broken between BuzzGuard and Slack, says what to do, and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from buzzguard.cli.slack import command
from buzzguard.clock import ManualClock, SystemClock
from buzzguard.config.settings import Secret
from buzzguard.deliver.slack import SlackReceiver, SlackSettings
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_check import Finding
from buzzguard.deliver.slack_doctor import Doctor, Patient
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_line import hello
from buzzguard.deliver.slack_press import ACTION
from buzzguard.deliver.slack_room_settings import RoomSettings
from buzzguard.deliver.slack_scopes import SCOPES
from buzzguard.deliver.slack_socket import SlackListener
from buzzguard.model import Language
from tests.slack.desk import FakeDesk
from tests.slack.rooms import RoomWorkspace
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, OTHER_CHANNEL

COMMS = {"comms": SlackReceiver(channel=CHANNEL, mention="S0CRISIS01")}


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack(RoomWorkspace()) as server:
        server.workspace.scopes = [one.name for one in SCOPES]
        yield server


def _settings(slack: StrictSlack, *, app: bool = False, signed: bool = True, **rooms: Any) -> SlackSettings:
    return SlackSettings(
        token=Secret(env="TEST_SLACK_TOKEN"),
        app_token=Secret(env="TEST_SLACK_APP_TOKEN") if app else None,
        signing_secret=Secret(env="TEST_SLACK_TOKEN") if signed else None,
        base_url=slack.base_url,
        rooms=RoomSettings(**rooms),
    )


async def _look(
    settings: SlackSettings,
    *,
    receivers: dict[str, SlackReceiver] | None = None,
    members: tuple[str, ...] = ("U0CLAIRE01",),
    off: float = 0.0,
    language: Language = "en",
    **how: Any,
) -> list[Finding]:
    patient = Patient("slack", settings, COMMS if receivers is None else receivers, {"legal": members})
    clock = ManualClock(datetime.now(UTC) + timedelta(seconds=off)) if off else SystemClock()
    return [one async for one in Doctor(patient, clock=clock, language=language).examine(**how)]


def _by(findings: list[Finding], mark: str) -> dict[str, str]:
    return {one.about: one.line for one in findings if one.mark == mark}


async def test_a_sound_app_is_found_sound_and_nothing_is_changed(slack: StrictSlack) -> None:
    found = await _look(_settings(slack, app=True, invite=("U0MARC0001",)))
    assert {one.mark for one in found} == {"sound"}, [one.line for one in found if one.mark != "sound"]
    sound = ["token", "clock", "scopes", "receiver comms", "socket", "groups", "people"]
    assert [one.about for one in found] == sound
    asked = {name for name, _ in slack.workspace.calls}
    assert asked <= {
        "auth.test",
        "conversations.info",
        "apps.connections.open",
        "usergroups.list",
        "users.info",
    }


@pytest.mark.parametrize("scope", [one.name for one in SCOPES])
async def test_each_scope_that_is_missing_is_told_with_what_it_costs(slack: StrictSlack, scope: str) -> None:
    slack.workspace.scopes.remove(scope)
    found = await _look(_settings(slack), language="fr")
    (told,) = [one for one in found if one.about == f"scope {scope}"]
    (known,) = [one for one in SCOPES if one.name == scope]
    assert known.lost["fr"] in told.text
    assert scope in told.todo
    assert told.mark == ("fault" if scope in ("chat:write", "files:write") else "hint")


async def test_scopes_that_nothing_needs_are_named(slack: StrictSlack) -> None:
    slack.workspace.scopes += ["admin", "channels:join", "chat:write.public"]
    hints = _by(await _look(_settings(slack)), "hint")
    assert "admin, channels:join" in hints["scopes"]
    assert "chat:write.public" not in hints["scopes"]


async def test_a_wrong_token_ends_the_look(slack: StrictSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", "xoxb-wrong")
    (found,) = await _look(_settings(slack))
    assert (found.mark, found.about) == ("fault", "token")
    assert "xoxb-wrong" not in found.line


async def test_every_channel_is_looked_at(slack: StrictSlack) -> None:
    slack.workspace.state.archived.append(OTHER_CHANNEL)
    slack.workspace.state.left.append(CHANNEL)
    receivers = {"a": SlackReceiver(channel="C0NOWHERE"), "b": SlackReceiver(channel=OTHER_CHANNEL)}
    receivers["c"] = SlackReceiver(channel=CHANNEL)
    faults = _by(await _look(_settings(slack), receivers=receivers), "fault")
    assert list(faults) == ["receiver a", "receiver b", "receiver c"]
    for line, word in zip(faults.values(), ("channel_not_found", "archived", "/invite"), strict=True):
        assert word in line


async def test_the_line_is_dialled_and_others_on_it_are_told(
    slack: StrictSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", "xapp-wrong")
    assert "invalid_auth" in _by(await _look(_settings(slack, app=True)), "fault")["socket"]
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)
    slack.workspace.socket_url = "ws://127.0.0.1:9/nobody-listens"
    assert "hello" in _by(await _look(_settings(slack, app=True)), "fault")["socket"]
    assert "app_token" in _by(await _look(_settings(slack, signed=False)), "hint")["socket"]
    assert "--press" in _by(await _look(_settings(slack)), "sound")["http"]


async def test_hello_tells_how_many_listen(slack: StrictSlack) -> None:
    assert await hello(SlackApi(APP_TOKEN, slack.base_url)) == 1
    assert not slack.connections[-1].received, "nothing is acknowledged that was meant for others"


@pytest.mark.parametrize(("off", "mark"), [(10, "sound"), (100, "hint"), (400, "fault")])
async def test_a_clock_that_is_off_is_told(slack: StrictSlack, off: float, mark: str) -> None:
    found = await _look(_settings(slack), off=off)
    assert [one.mark for one in found if one.about == "clock"] == [mark]


async def test_people_and_groups_that_are_gone_are_named(slack: StrictSlack) -> None:
    receivers = {"a": SlackReceiver(channel=CHANNEL, mention="S0GONE0001")}
    receivers["b"] = SlackReceiver(channel=CHANNEL, mention="U0GONE0001")
    found = await _look(_settings(slack, invite=("U0GONE0002",)), receivers=receivers, members=("W0GONE0003",))
    faults = _by(found, "fault")
    assert "`a`" in faults["group S0GONE0001"]
    assert "`b`" in faults["person U0GONE0001"]
    assert "`rooms.invite`" in faults["person U0GONE0002"]
    assert "`departments.legal`" in faults["person W0GONE0003"]


async def test_a_plan_without_user_groups_is_a_hint(slack: StrictSlack) -> None:
    slack.fail_next("usergroups.list", error="plan_upgrade_required")
    assert "canvas" in _by(await _look(_settings(slack)), "hint")["plan"]


@pytest.mark.parametrize("method", ["conversations.info", "apps.connections.open", "usergroups.list", "users.info"])
async def test_what_passes_is_no_verdict_for_the_rest(slack: StrictSlack, method: str) -> None:
    slack.fail_next(method, status=503)
    found = await _look(_settings(slack, app=method == "apps.connections.open"))
    assert len(_by(found, "fault")) == 1
    assert {"token", "scopes"} <= set(_by(found, "sound"))


async def _pressed_by_somebody(slack: StrictSlack, channel: str = CHANNEL) -> None:
    """A person who presses the button as soon as it stands there and somebody listens, until it goes."""
    async with asyncio.timeout(10):
        while not slack.messages(channel):
            await asyncio.sleep(0.02)
        while standing := slack.messages(channel):
            if any(line.open for line in slack.connections):
                await asyncio.to_thread(slack.click, standing[0]["ts"], ACTION, "doctor", channel=channel)
            await asyncio.sleep(0.1)


async def test_a_button_goes_round(slack: StrictSlack) -> None:
    press = asyncio.create_task(_pressed_by_somebody(slack, "D0MARC0001"))
    found = await _look(_settings(slack, app=True), press="U0MARC0001", wait=10)
    await press
    assert found[-1].mark == "sound"
    assert "pressed and heard" in found[-1].text


async def test_a_running_daemon_lets_the_button_go(slack: StrictSlack) -> None:
    """Slack gives a press to one of those who listen: the daemon does with it what the doctor would."""
    front = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), FakeDesk(), clock=SystemClock())
    daemon = SlackListener(_settings(slack, app=True), front)
    await daemon.start()
    press = asyncio.create_task(_pressed_by_somebody(slack))
    found = await _look(_settings(slack), press="comms", wait=10)
    await press
    await daemon.stop()
    assert "pressed and heard" in found[-1].text


async def test_a_button_that_nobody_presses_is_taken_away(slack: StrictSlack) -> None:
    found = await _look(_settings(slack), press="comms", wait=0.1)
    assert "press" in _by(found, "fault")
    assert not slack.messages()


@pytest.mark.parametrize(("where", "word"), [("nobody", "neither"), ("U0GONE0001", "user_not_found")])
async def test_a_button_for_nobody_is_refused(slack: StrictSlack, where: str, word: str) -> None:
    assert word in _by(await _look(_settings(slack), press=where), "fault")["press"]


# the command

CONFIG = """
language: {language}
topics:
  lumio: {{name: Lumio, query: lumio}}
notifiers:
  slack:
    kind: slack
    token: {{env: TEST_SLACK_TOKEN}}
    signing_secret: {{env: TEST_SLACK_TOKEN}}
    base_url: {url}
receivers:
  comms: {{notifier: slack, channel: {channel}}}
policies:
  default: {{steps: [{{after: 0m, notify: [comms]}}]}}
"""


def _run(slack: StrictSlack, folder: Path, *more: str, language: str = "fr") -> Any:
    path = folder / "buzzguard.yml"
    path.write_text(CONFIG.format(url=slack.base_url, channel=CHANNEL, language=language), "utf-8")
    return CliRunner().invoke(command, ["doctor", "-c", str(path), *more])


def test_the_command_speaks_the_language_of_the_house(slack: StrictSlack, tmp_path: Path) -> None:
    result = _run(slack, tmp_path)
    assert result.exit_code == 0, result.output
    assert "✓ Destinataire comms" in result.output
    assert "→" not in result.output


def test_a_fault_is_the_exit_status(slack: StrictSlack, tmp_path: Path) -> None:
    slack.workspace.scopes.remove("chat:write")
    result = _run(slack, tmp_path, "--lang", "en")
    assert result.exit_code == 1
    assert "✗ The scope chat:write is missing: no alert arrives" in result.output
    assert "  → Add the scope chat:write" in result.output
    assert '"mark": "fault"' in _run(slack, tmp_path, "--json").output


def test_which_slack_must_be_clear(slack: StrictSlack, tmp_path: Path) -> None:
    result = _run(slack, tmp_path, "--notifier", "other")
    assert result.exit_code == 1
    assert "slack" in result.output
    assert "Traceback" not in result.output
