"""The chart of a card: uploaded once, kept while it tells the truth, and never the reason why an alert is late."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from structlog.testing import capture_logs

from buzzguard.model import Card, Chart, Delivery, NotificationKind, Severity
from tests.deliver.samples import NOW, sample_card, sample_chart, sample_notification, sample_watcher_card
from tests.slack.fixtures import Naps, notifier
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, Json

_PNG = "89504e470d0a1a0a"


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


async def _post(slack: StrictSlack, card: Card | None = None, naps: Naps | None = None) -> Delivery:
    to = notifier(slack, chart=True, naps=naps)
    return await to.deliver(sample_notification(card=card), card=None, uncertain=False, now=NOW)


async def _edit(slack: StrictSlack, card: Card, before: Delivery) -> Delivery:
    note = sample_notification(NotificationKind.UPDATE, card=card)
    return await notifier(slack, chart=True).deliver(note, card=before, uncertain=False, now=NOW)


def _shown(message: Json) -> list[str]:
    return [block["slack_file"]["id"] for block in message["blocks"] if block["type"] == "image"]


def _with_chart(**changed: object) -> Card:
    card = sample_card()
    chart: Chart = msgspec.structs.replace(sample_chart(), **changed)
    return msgspec.structs.replace(card, briefing=msgspec.structs.replace(card.briefing, chart=chart))


async def test_the_picture_is_uploaded_described_and_shown(slack: StrictSlack) -> None:
    delivery = await _post(slack)
    ((file_id, file),) = slack.workspace.state.files.items()
    assert (file["complete"], file["signature"]) == (True, _PNG)
    assert _shown(slack.messages()[0]) == [file_id] == [delivery.extra["file"]]
    (asked,) = slack.workspace.called("files.getUploadURLExternal")
    assert "Lumio" in asked["alt_txt"]


async def test_a_card_without_a_chart_uploads_nothing(slack: StrictSlack) -> None:
    await _post(slack, sample_watcher_card())
    assert slack.workspace.state.files == {}
    assert len(slack.messages()) == 1


async def test_an_update_keeps_the_chart_while_little_has_changed(slack: StrictSlack) -> None:
    before = await _post(slack)
    after = await _edit(slack, sample_card(), before)
    assert len(slack.workspace.state.files) == 1
    assert after.extra == before.extra
    assert _shown(slack.messages()[0]) == [before.extra["file"]]


@pytest.mark.parametrize(
    "card",
    [
        sample_card(severity=Severity.RED),
        _with_chart(volume=tuple(value * 2 + 10 for value in sample_chart().volume)),
        _with_chart(start=sample_chart().start + timedelta(minutes=15)),
    ],
    ids=["graver", "higher", "later"],
)
async def test_an_update_draws_anew_when_the_evidence_has_changed(slack: StrictSlack, card: Card) -> None:
    before = await _post(slack)
    after = await _edit(slack, card, before)
    assert after.extra["file"] != before.extra["file"]
    assert _shown(slack.messages()[0]) == [after.extra["file"]]


async def test_memory_of_another_version_is_drawn_anew(slack: StrictSlack) -> None:
    before = msgspec.structs.replace(await _post(slack), extra={"file": "F1", "chart_until": "?", "chart_peak": "x"})
    assert (await _edit(slack, sample_card(), before)).extra["file"] != "F1"


@pytest.mark.parametrize(
    ("method", "fault"),
    [
        ("files.getUploadURLExternal", {"error": "missing_scope"}),
        ("files.getUploadURLExternal", {"status": 429, "retry_after": 60}),
        ("files.getUploadURLExternal", {"body": '{"ok": true, "upload_url": "file:///etc/passwd", "file_id": "F1"}'}),
        ("files.getUploadURLExternal", {"body": '{"ok": true, "upload_url": "http://[::1", "file_id": "F1"}'}),
        ("files.getUploadURLExternal", {"body": '{"ok": true}'}),
        ("upload", {"status": 500}),
        ("upload", {"drop": True}),
        ("files.completeUploadExternal", {"error": "file_not_found"}),
        ("files.completeUploadExternal", {"drop_after_processing": True}),
    ],
)
async def test_an_upload_that_fails_never_costs_the_alert(slack: StrictSlack, method: str, fault: Json) -> None:
    slack.fail_next(method, **fault)
    with capture_logs() as logs:
        delivery = await _post(slack)
    (message,) = slack.messages()
    assert _shown(message) == []
    assert "file" not in delivery.extra
    assert "chart.failed" in [log["event"] for log in logs]
    assert BOT_TOKEN not in str(logs)


async def test_one_picture_serves_all_receivers_that_are_shown_the_same(slack: StrictSlack) -> None:
    to = notifier(slack, chart=True)
    cards = [sample_card(), sample_card(), sample_card(language="fr")]
    notes = [sample_notification(card=card, key=f"k{index}") for index, card in enumerate(cards)]
    sent = await asyncio.gather(*(to.deliver(note, card=None, uncertain=False, now=NOW) for note in notes))
    first, second, french = (delivery.extra["file"] for delivery in sent)
    assert first == second != french
    assert len(slack.workspace.state.files) == 2


async def test_an_upload_that_failed_is_tried_again_for_the_next(slack: StrictSlack) -> None:
    to = notifier(slack, chart=True)
    slack.fail_next("upload", status=500)
    first, second = [
        await to.deliver(sample_notification(key=key), card=None, uncertain=False, now=NOW) for key in ("a", "b")
    ]
    assert "file" not in first.extra
    assert second.extra["file"]


async def test_a_failed_redraw_keeps_the_older_chart(slack: StrictSlack) -> None:
    before = await _post(slack)
    slack.fail_next("upload", status=500)
    await _edit(slack, sample_card(severity=Severity.RED), before)
    assert _shown(slack.messages()[0]) == [before.extra["file"]]


async def test_a_file_that_is_not_ready_is_waited_for(slack: StrictSlack) -> None:
    slack.workspace.unready = 2
    naps = Naps()
    delivery = await _post(slack, naps=naps)
    assert _shown(slack.messages()[0]) == [delivery.extra["file"]]
    assert {0.5, 1.0} <= set(naps.taken)


async def test_a_file_that_never_gets_ready_is_left_out(slack: StrictSlack) -> None:
    slack.workspace.unready = 99
    with capture_logs() as logs:
        delivery = await _post(slack)
    (message,) = slack.messages()
    assert _shown(message) == []
    assert delivery.extra == {}
    assert any(block["type"] == "actions" for block in message["blocks"])
    assert "chart.left_out" in [log["event"] for log in logs]


async def test_a_chart_that_cannot_be_drawn_never_costs_the_alert(slack: StrictSlack) -> None:
    hopeless = _with_chart(bin=timedelta(0), start=NOW.replace(year=9999))
    await _post(slack, hopeless)
    assert len(slack.messages()) == 1
