"""A card in each channel, edited in place, told of in its thread; never lost, never twice, never a token shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.config.secrets import SecretError
from buzzguard.config.settings import Secret
from buzzguard.deliver.slack import SlackNotifier, SlackReceiver, SlackSettings
from buzzguard.errors import DeliveryDelayed, DeliveryUncertain
from buzzguard.model import (
    Cause,
    Delivery,
    DeliveryState,
    NotificationKind,
    Severity,
)
from buzzguard.ports import Notifier
from tests.deliver.samples import NOW, sample_card, sample_notification, sample_transition
from tests.slack.desk import FakeDesk
from tests.slack.fixtures import news, notifier, send, settings, update
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, OTHER_CHANNEL


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


async def test_a_card_is_posted_with_its_key_and_without_previews(slack: StrictSlack) -> None:
    delivery = await send(notifier(slack), sample_notification(key="k1"))

    (message,) = slack.messages()
    assert delivery == Delivery(
        key="k1", at=NOW, state=DeliveryState.DELIVERED, place=CHANNEL, message=message["ts"], extra={}
    )
    assert message["metadata"]["event_payload"] == {"key": "k1", "incident": sample_card().incident.id}
    (call,) = slack.workspace.called("chat.postMessage")
    assert (call["unfurl_links"], call["unfurl_media"]) == (False, False)
    assert message["text"]
    assert message["blocks"]


async def test_an_update_edits_the_card_in_place(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    before = slack.messages()[0]["blocks"]

    delivery = await send(to, update(), card=card)

    (message,) = slack.messages()
    assert (delivery.place, delivery.message) == (card.place, card.message)
    assert message["edits"] == 1
    assert message["blocks"] != before
    assert message["metadata"]["event_payload"]["key"] != "update"


async def test_news_is_told_in_the_thread(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    await send(to, news(), card=card)
    reply = slack.messages()[1]
    assert (reply["thread_ts"], reply["broadcast"]) == (card.message, False)


@pytest.mark.parametrize("cause", [Cause.SEVERITY_RAISED, Cause.STEP_TIMED_OUT, Cause.ESCALATED_BY_USER])
async def test_what_must_not_be_missed_shows_in_the_channel_too(slack: StrictSlack, cause: Cause) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    await send(to, news(cause), card=card)
    assert slack.messages()[1]["broadcast"] is True


@pytest.mark.parametrize("kind", [NotificationKind.NEWS, NotificationKind.UPDATE])
async def test_where_no_card_stands_a_whole_card_is_posted(slack: StrictSlack, kind: NotificationKind) -> None:
    delivery = await send(notifier(slack), sample_notification(kind))
    (message,) = slack.roots()
    assert delivery.message == message["ts"]
    assert any(block["type"] == "actions" for block in message["blocks"])


@pytest.mark.parametrize(("mention", "ping"), [("S012AB", "<!subteam^S012AB>"), ("U0CLAIRE01", "<@U0CLAIRE01>")])
async def test_a_new_card_pings_who_is_named_and_nothing_else_does(slack: StrictSlack, mention: str, ping: str) -> None:
    slack.workspace.pings = [ping]
    to = notifier(slack, mention=mention)
    card = await send(to, sample_notification())
    await send(to, news(), card=card)
    posted, told = slack.messages()
    assert posted["blocks"][0]["text"]["text"] == ping
    assert ping in posted["text"]
    assert ping not in str(told)

    await send(to, update(), card=card)
    assert ping not in str(slack.messages()[0])


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_a_card_that_cannot_be_edited_is_replaced_by_a_new_one(slack: StrictSlack, error: str) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    slack.fail_next("chat.update", error=error)
    delivery = await send(to, update(key="u1"), card=card)
    assert delivery.message == slack.messages()[-1]["ts"] != card.message
    assert slack.workspace.keys()[-1] == "u1"


async def test_a_receiver_moved_to_another_channel_gets_its_card_there(slack: StrictSlack) -> None:
    card = await send(notifier(slack), sample_notification())
    slack.workspace.state.archived.append(CHANNEL)
    moved = notifier(slack, channel=OTHER_CHANNEL)
    assert (await send(moved, update(), card=card)).place == OTHER_CHANNEL
    assert (await send(moved, news(), card=card)).place == OTHER_CHANNEL


async def test_news_of_a_deleted_card_is_told_in_the_channel(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    slack.workspace.delete_message(CHANNEL, card.message)
    await send(to, news(key="n1"), card=card)
    (message,) = slack.roots()
    assert message["metadata"]["event_payload"]["key"] == "n1"


# never twice


async def test_a_lost_answer_is_looked_up_and_nothing_is_posted_twice(slack: StrictSlack) -> None:
    to = notifier(slack)
    slack.fail_next("chat.postMessage", drop_after_processing=True)
    with pytest.raises(DeliveryUncertain):
        await send(to, sample_notification(key="k"))

    delivery = await send(to, sample_notification(key="k"), uncertain=True)

    (message,) = slack.messages()
    assert (delivery.state, delivery.message) == (DeliveryState.DELIVERED, message["ts"])


async def test_a_post_that_never_arrived_is_made_after_looking(slack: StrictSlack) -> None:
    to = notifier(slack)
    await send(to, sample_notification(key="earlier"))
    slack.fail_next("chat.postMessage", drop=True)
    with pytest.raises(DeliveryUncertain):
        await send(to, sample_notification(key="k"))
    await send(to, sample_notification(key="k"), uncertain=True)
    assert slack.workspace.keys() == ["earlier", "k"]


async def test_news_whose_answer_was_lost_is_found_in_the_thread(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    slack.fail_next("chat.postMessage", drop_after_processing=True)
    with pytest.raises(DeliveryUncertain):
        await send(to, news(key="n"), card=card)
    delivery = await send(to, news(key="n"), card=card, uncertain=True)
    assert slack.workspace.duplicates() == []
    assert delivery.message == slack.messages()[-1]["ts"]


async def test_the_look_up_reads_page_after_page(slack: StrictSlack) -> None:
    slack.workspace.page = 3
    slack.workspace.burst = 100
    to = notifier(slack)
    card = await send(to, sample_notification(key="k0"))
    for index in range(8):
        await send(to, sample_notification(key=f"k{index + 1}"))
        await send(to, news(key=f"n{index}"), card=card)
    await send(to, sample_notification(key="k1"), uncertain=True)
    await send(to, news(key="n7"), card=card, uncertain=True)
    assert slack.workspace.duplicates() == []


async def test_a_key_posted_by_another_app_is_not_taken_for_ours(slack: StrictSlack) -> None:
    to = notifier(slack)
    await send(to, sample_notification(key="k"))
    slack.workspace.state.messages[CHANNEL][0]["bot_id"] = "B0EVIL0001"
    await send(to, sample_notification(key="k"), uncertain=True)
    assert len(slack.messages()) == 2


async def test_without_the_scope_to_look_it_posts_again_and_says_so(slack: StrictSlack) -> None:
    slack.workspace.scopes = ["chat:write"]
    to = notifier(slack)
    await send(to, sample_notification(key="k"))
    with capture_logs() as logs:
        await send(to, sample_notification(key="k"), uncertain=True)
    assert len(slack.messages()) == 2
    assert [log["key"] for log in logs if log["event"] == "lookup.refused"] == ["k"]


async def test_while_it_cannot_look_it_does_not_post(slack: StrictSlack) -> None:
    slack.fail_next("conversations.history", status=503, retry_after=7)
    with pytest.raises(DeliveryDelayed) as caught:
        await send(notifier(slack), sample_notification(), uncertain=True)
    assert caught.value.retry_after == timedelta(seconds=7)
    assert slack.messages() == []


async def test_an_update_that_replaced_its_card_does_not_replace_it_twice(slack: StrictSlack) -> None:
    to = notifier(slack)
    gone = Delivery(key="k", at=NOW, state=DeliveryState.DELIVERED, place=CHANNEL, message="1.000001")
    slack.fail_next("chat.postMessage", drop_after_processing=True)
    with pytest.raises(DeliveryUncertain):
        await send(to, update(), card=gone)
    await send(to, update(), card=gone, uncertain=True)
    assert slack.workspace.keys() == ["update"]


# the configuration


@pytest.mark.parametrize("channel", ["#general", "general", "X0123", "C0/../1", "", "c0123"])
def test_what_is_no_channel_id_is_refused(channel: str) -> None:
    with pytest.raises(ValidationError, match="channel id"):
        SlackReceiver(channel=channel)


@pytest.mark.parametrize("mention", ["here", "@claire", "<!channel>", "C012"])
def test_only_a_person_or_a_group_can_be_pinged(mention: str) -> None:
    with pytest.raises(ValidationError, match="user group"):
        SlackReceiver(channel="C0123", mention=mention)


def test_a_token_that_cannot_be_read_is_said_at_the_start() -> None:
    with pytest.raises(SecretError, match="NOT_SET"):
        SlackNotifier(SlackSettings(token=Secret(env="NOT_SET")), {})


def test_it_listens_where_socket_mode_is_set_up(slack: StrictSlack) -> None:
    sound = SlackNotifier(settings(slack.base_url, app=True), {})
    assert sound.listener(clock=ManualClock(NOW), desk=FakeDesk()) is not None
    assert notifier(slack).listener(clock=ManualClock(NOW), desk=FakeDesk()) is None


def test_it_offers_its_signing_secret_sealed(slack: StrictSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_SIGNING", "8f742231")
    given = SlackSettings(token=Secret(env="TEST_SLACK_TOKEN"), signing_secret=Secret(env="TEST_SLACK_SIGNING"))
    offered = SlackNotifier(given, {}).signing_secret
    assert offered is not None
    assert (offered.reveal(), "8f742231" in repr(offered)) == ("8f742231", False)
    assert notifier(slack).signing_secret is None


def test_it_is_a_notifier(slack: StrictSlack) -> None:
    assert isinstance(notifier(slack), Notifier)


async def test_severity_raised_needs_no_card_of_its_own(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await send(to, sample_notification())
    red = sample_card(severity=Severity.RED, news=(sample_transition(Cause.SEVERITY_RAISED, severity=Severity.RED),))
    await send(to, sample_notification(NotificationKind.UPDATE, card=red, key="u"), card=card)
    await send(to, sample_notification(NotificationKind.NEWS, card=red, key="n"), card=card)
    assert len(slack.roots()) == 1
    assert "🔴" in slack.roots()[0]["blocks"][0]["text"]["text"]


# the check


async def test_a_sound_workspace_has_no_fault(slack: StrictSlack) -> None:
    sound = SlackNotifier(settings(slack.base_url, app=True), {"comms": SlackReceiver(channel=CHANNEL)})
    assert await sound.check() == []


async def test_the_manifest_asks_for_what_the_check_wants(slack: StrictSlack) -> None:
    manifest = yaml.safe_load((Path(__file__).parents[2] / "deploy" / "slack-manifest.yml").read_text("utf-8"))
    slack.workspace.scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert await notifier(slack, chart=True).check() == []
    assert manifest["settings"]["socket_mode_enabled"] is True


async def test_the_check_tells_every_fault_with_what_to_do(slack: StrictSlack) -> None:
    slack.workspace.scopes = ["files:write", "channels:read"]
    slack.workspace.state.archived.append(OTHER_CHANNEL)
    slack.workspace.state.left.append(CHANNEL)
    receivers = {"a": SlackReceiver(channel="C0NOWHERE"), "b": SlackReceiver(channel=OTHER_CHANNEL)}
    receivers["c"] = SlackReceiver(channel=CHANNEL)
    faults = await SlackNotifier(settings(slack.base_url), receivers).check()
    told = "\n".join(faults)
    assert len(faults) == 5
    for word in ("chat:write", "channels:history", "channel_not_found", "archived", "/invite"):
        assert word in told


@pytest.mark.parametrize("token", ["xoxb-wrong", APP_TOKEN])
async def test_the_check_tells_of_a_wrong_token(
    slack: StrictSlack, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", token)
    (fault,) = await notifier(slack).check()
    assert "token" in fault
    assert token not in fault
