"""What the tests of the Slack modules share."""

from __future__ import annotations

from buzzguard.config.settings import Secret
from buzzguard.deliver.slack import SlackNotifier, SlackReceiver, SlackSettings
from buzzguard.model import Cause, Delivery, IncidentState, Notification, NotificationKind
from tests.deliver.samples import NOW, sample_card, sample_notification, sample_transition
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import CHANNEL


class Naps:
    """A sleep that takes no time and remembers what was asked of it."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)


def settings(base_url: str, *, chart: bool = False, app: bool = False) -> SlackSettings:
    """Settings whose tokens come from the environment that `tokens` sets."""
    app_token = Secret(env="TEST_SLACK_APP_TOKEN") if app else None
    return SlackSettings(token=Secret(env="TEST_SLACK_TOKEN"), app_token=app_token, base_url=base_url, chart=chart)


def notifier(
    slack: StrictSlack, *, chart: bool = False, channel: str = CHANNEL, mention: str = "", naps: Naps | None = None
) -> SlackNotifier:
    """A notifier for the receiver `comms`."""
    receivers = {"comms": SlackReceiver(channel=channel, mention=mention)}
    return SlackNotifier(settings(slack.base_url, chart=chart), receivers, sleep=naps or Naps())


async def send(
    to: SlackNotifier, notification: Notification, *, card: Delivery | None = None, uncertain: bool = False
) -> Delivery:
    """One attempt, now."""
    return await to.deliver(notification, card=card, uncertain=uncertain, now=NOW)


def update(state: IncidentState = IncidentState.ACKNOWLEDGED, key: str = "update") -> Notification:
    """An edit of the card."""
    return sample_notification(NotificationKind.UPDATE, card=sample_card(state=state), key=key)


def news(cause: Cause = Cause.ACKNOWLEDGED_BY_USER, key: str = "news") -> Notification:
    """News for the card's thread."""
    card = sample_card(news=(sample_transition(cause),))
    return sample_notification(NotificationKind.NEWS, card=card, key=key)
