"""Whom news in a thread pings: the owner, and everybody when nobody has answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from buzzguard.deliver.slack import SlackNotifier
from buzzguard.model import Cause, Delivery, IncidentState, Notification, NotificationKind, Person
from tests.deliver.samples import NOW, sample_card, sample_notification, sample_transition
from tests.slack.fixtures import notifier
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


async def _send(to: SlackNotifier, notification: Notification, *, card: Delivery | None = None) -> Delivery:
    return await to.deliver(notification, card=card, uncertain=False, now=NOW)


@pytest.mark.parametrize(
    ("cause", "after", "pings", "broadcast"),
    [
        (Cause.REMINDED, IncidentState.ACKNOWLEDGED, ["<@U0CLAIRE01>"], False),
        (Cause.REMINDED, IncidentState.TRIGGERED, ["<@U0CLAIRE01>", "<!subteam^S012AB>"], True),
        (Cause.SEVERITY_RAISED, IncidentState.TRIGGERED, ["<@U0CLAIRE01>", "<!subteam^S012AB>"], True),
        (Cause.STEP_TIMED_OUT, IncidentState.TRIGGERED, [], True),
    ],
)
async def test_a_reminder_pings_the_owner_and_what_nobody_answers_everybody(
    slack: StrictSlack, cause: Cause, after: IncidentState, pings: list[str], broadcast: bool
) -> None:
    slack.workspace.pings = ["<@U0CLAIRE01>", "<!subteam^S012AB>"]
    to = notifier(slack, mention="S012AB")
    card = await _send(to, sample_notification())
    owner = Person(id="U0CLAIRE01", name="Claire", via="slack")
    shown = sample_card(news=(replace(sample_transition(cause), after=after),))
    shown = replace(shown, incident=replace(shown.incident, owner=owner))
    await _send(to, sample_notification(NotificationKind.NEWS, card=shown, key="n"), card=card)
    reply = slack.messages()[1]
    assert reply["text"].startswith(" ".join(pings))
    assert [ping for ping in slack.workspace.pings if ping in reply["text"]] == pings
    assert reply["broadcast"] is broadcast


@pytest.mark.parametrize("owner", [Person(id="U0CLAIRE01", via="demo"), Person(id="!channel", via="slack")])
async def test_only_a_person_of_slack_is_pinged(slack: StrictSlack, owner: Person) -> None:
    to = notifier(slack)
    card = await _send(to, sample_notification())
    shown = sample_card(news=(replace(sample_transition(Cause.REMINDED), after=IncidentState.ACKNOWLEDGED),))
    shown = replace(shown, incident=replace(shown.incident, owner=owner))
    await _send(to, sample_notification(NotificationKind.NEWS, card=shown, key="n"), card=card)
    assert "<" not in slack.messages()[1]["text"]
