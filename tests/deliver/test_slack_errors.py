"""What Slack refuses, limits or leaves in doubt is told apart; no message shows a token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from buzzguard.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain
from tests.deliver.samples import NOW, sample_notification
from tests.slack.fixtures import Naps, notifier, send
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


@pytest.mark.parametrize(
    "fault",
    [
        {"error": "internal_error"},
        {"error": "fatal_error"},
        {"error": "service_unavailable"},
        {"error": "request_timeout"},
        {"status": 500},
        {"status": 502},
        {"body": "<html>a captive portal</html>"},
        {"body": "[]"},
        {"body": '{"ok": false, "error": "<b>no</b>"}'},
        {"drop": True},
    ],
)
async def test_passing_trouble_of_a_post_leaves_doubt(slack: StrictSlack, fault: dict[str, object]) -> None:
    slack.fail_next("chat.postMessage", **fault)
    with pytest.raises(DeliveryUncertain):
        await send(notifier(slack), sample_notification())


@pytest.mark.parametrize("fault", [{"error": "ratelimited"}, {"error": "rate_limited"}, {"status": 429}])
async def test_rate_limits_leave_no_doubt_and_say_how_long(slack: StrictSlack, fault: dict[str, object]) -> None:
    slack.fail_next("chat.postMessage", retry_after=11, **fault)
    with pytest.raises(DeliveryDelayed) as caught:
        await send(notifier(slack), sample_notification())
    assert not isinstance(caught.value, DeliveryUncertain)
    assert caught.value.retry_after == timedelta(seconds=11)


async def test_a_limited_method_is_left_alone_until_its_time(slack: StrictSlack) -> None:
    to = notifier(slack)
    slack.fail_next("chat.postMessage", status=429, retry_after=11)
    for seconds in (0, 5):
        with pytest.raises(DeliveryDelayed):
            now = NOW + timedelta(seconds=seconds)
            await to.deliver(sample_notification(), card=None, uncertain=False, now=now)
    assert slack.messages() == []
    await to.deliver(sample_notification(), card=None, uncertain=False, now=NOW + timedelta(seconds=11))
    assert len(slack.messages()) == 1


@pytest.mark.parametrize("said", ["soon", "-1", "", "99999999999999999999", "0"])
async def test_a_senseless_retry_after_does_no_harm(slack: StrictSlack, said: str) -> None:
    slack.fail_next("chat.postMessage", status=429, retry_after=said)
    with pytest.raises(DeliveryDelayed) as caught:
        await send(notifier(slack), sample_notification())
    assert caught.value.retry_after is not None
    assert timedelta(seconds=1) <= caught.value.retry_after <= timedelta(hours=1)


async def test_a_slack_that_is_not_there_leaves_no_doubt(slack: StrictSlack) -> None:
    to = notifier(slack)
    slack.stop()
    with pytest.raises(DeliveryDelayed) as caught:
        await send(to, sample_notification())
    assert not isinstance(caught.value, DeliveryUncertain)


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("invalid_auth", "bot token"),
        ("account_inactive", "Install the app"),
        ("token_revoked", "Install the app"),
        ("channel_not_found", "channel id"),
        ("not_in_channel", "/invite"),
        ("is_archived", "archived"),
        ("missing_scope", "chat:write"),
        ("restricted_action_read_only_channel", "settings"),
        ("something_new", "docs.slack.dev"),
    ],
)
async def test_a_lasting_refusal_says_what_to_do(slack: StrictSlack, error: str, advice: str) -> None:
    slack.fail_next("chat.postMessage", error=error)
    with pytest.raises(DeliveryRefused) as caught:
        await send(notifier(slack), sample_notification())
    assert error in str(caught.value)
    assert advice in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_an_unknown_receiver_is_refused(slack: StrictSlack) -> None:
    with pytest.raises(DeliveryRefused):
        await send(notifier(slack), sample_notification(receiver="nobody"))


async def test_blocks_that_slack_refuses_become_plain_text(slack: StrictSlack) -> None:
    slack.fail_next("chat.postMessage", error="invalid_blocks")
    with capture_logs() as logs:
        await send(notifier(slack), sample_notification(key="k"))
    (message,) = slack.messages()
    assert message["blocks"] == []
    assert "Lumio" in message["text"]
    assert [log["event"] for log in logs if log["log_level"] == "error"] == ["message.simplified"]


# no secret shown


async def test_no_error_nor_log_nor_repr_shows_a_token(slack: StrictSlack, capsys: pytest.CaptureFixture[str]) -> None:
    to = notifier(slack)
    shown = [repr(to), str(vars(to))]
    faults: list[dict[str, Any]] = [
        {"error": "invalid_auth"},
        {"status": 500},
        {"drop": True},
        {"body": f"<html>{BOT_TOKEN}</html>"},
    ]
    with capture_logs() as logs:
        for fault in faults:
            slack.fail_next("chat.postMessage", **fault)
            with pytest.raises((DeliveryDelayed, DeliveryRefused)) as caught:
                await send(to, sample_notification())
            error: BaseException | None = caught.value
            while error is not None:
                shown += [str(error), repr(error), str(vars(error))]
                error = error.__cause__ or error.__context__
    captured = capsys.readouterr()
    assert BOT_TOKEN not in "".join([*shown, str(logs), captured.out, captured.err])


# pace


async def test_a_channel_gets_one_message_a_second(slack: StrictSlack) -> None:
    naps = Naps()
    to = notifier(slack, naps=naps)
    for index in range(4):
        await send(to, sample_notification(key=f"k{index}"))
    assert len(naps.taken) == 3
    assert all(2.0 < later <= 3.0 for later in naps.taken[2:])
    assert 0 < naps.taken[0] <= 1.0
