"""The modals through local-slack, a Slack that others wrote: pressed on the card, filled in, submitted, refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack import SlackNotifier, SlackReceiver
from buzzguard.model import AlarmReason, CommandKind, Dismissal, Handover, Merge, Person
from tests.deliver.samples import INCIDENT, NOW, sample_card, sample_notification
from tests.slack.desk import FakeDesk, open_incident
from tests.slack.fixtures import settings
from tests.slack.local_slack import PERSON, LocalSlack, local_slack
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL

__all__ = ["local_slack"]

pytestmark = pytest.mark.slack_peer

FLOWS: list[tuple[str, str, dict[str, Any]]] = [
    ("give", "", {"person": PERSON}),
    ("silence", "", {"for": "4h", "reason": "Une campagne"}),
    ("more", "merge", {"into": "inc-43"}),
    ("dismiss", "", {"why": "homonym"}),
    ("resolve", "", {"summary": "Retour au calme"}),
]


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)


async def _until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not happened():
            await asyncio.sleep(0.02)


async def test_an_incident_is_given_silenced_merged_and_closed_from_its_card(local_slack: LocalSlack) -> None:
    desk = FakeDesk(open_incident(INCIDENT), open_incident("inc-43"))
    to = SlackNotifier(settings(local_slack.base_url, app=True), {"comms": SlackReceiver(channel=CHANNEL)})
    listener = to.listener(clock=ManualClock(NOW), desk=desk)
    assert listener is not None
    await listener.start()
    await to.deliver(sample_notification(card=sample_card(language="fr")), card=None, uncertain=False, now=NOW)
    await _until(lambda: listener.connected)
    (card,) = local_slack.messages()
    try:
        for action, what, answers in FLOWS:
            await asyncio.to_thread(local_slack.press, card, action, what)
            await _until(local_slack.window)
            assert await asyncio.to_thread(local_slack.submit, answers) == {}
            assert local_slack.window() is None
        desk.reason = "already_final"
        await asyncio.to_thread(local_slack.press, card, "note")
        await _until(local_slack.window)
        refused = await asyncio.to_thread(local_slack.submit, {"text": "Trop tard"})
    finally:
        await listener.stop()
        await to.close()

    given, silenced, merged, dismissed, resolved, _ = desk.commands
    assert given.asked == Handover(person=Person(id=PERSON, name="claire", via="slack"))
    assert (silenced.kind, silenced.duration) == (CommandKind.SILENCE, timedelta(hours=4))
    assert merged.asked == Merge(into="inc-43")
    assert dismissed.asked == Dismissal(why=AlarmReason.HOMONYM)
    assert (resolved.kind, resolved.reason) == (CommandKind.RESOLVE, "Retour au calme")
    assert {command.incident for command in desk.commands} == {INCIDENT}
    assert refused == {"text": "Cet incident est déjà clos\u00a0: rien n’a été modifié."}
