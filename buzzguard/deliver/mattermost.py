"""Mattermost: a post through an incoming webhook; such a post can be neither edited nor answered.

The address is the secret. The heading stands in the post itself, which is what a telephone shows, the rest in an
attachment with the severity's colour. Passing: 429, 5xx; lasting: other 4xx (the webhook was removed or disabled).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.config.base import Frozen
from buzzguard.config.settings import Secret
from buzzguard.deliver import wording
from buzzguard.deliver.escape import truncate, units
from buzzguard.deliver.http import judge, secret_address
from buzzguard.deliver.letters import COLOR, MARK, LetterTeller, letter_markdown
from buzzguard.deliver.markdown import as_markdown, bold, markdown
from buzzguard.deliver.outline import card_outline, news_outline, written
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.model import Delivery, Letter, Notification, Severity

MAX_TEXT = 12_000
"""Of 16,383: what is longer is split into several posts."""
_PRIORITIES = {Severity.RED: "urgent", Severity.ORANGE: "important"}


class MattermostSettings(Frozen):
    """What every post shares."""

    priority: bool = False
    """Whether red and orange are marked as urgent and important, where the server knows message priority."""


class MattermostReceiver(Frozen):
    """A channel, by its webhook."""

    url: Secret
    """The address of the incoming webhook: `https://…/hooks/…`."""
    channel: str = ""
    """Another channel than the webhook's own, where it may."""


class MattermostNotifier(LetterTeller[MattermostReceiver], HttpTeller[MattermostReceiver]):
    """See `ports.Notifier`. Raises SecretError when an address cannot be read."""

    Settings = MattermostSettings
    Receiver = MattermostReceiver
    service = "Mattermost"

    def __init__(self, settings: MattermostSettings, receivers: Mapping[str, MattermostReceiver]) -> None:
        super().__init__(receivers)
        self._priority = settings.priority
        self._urls = {name: secret_address(each.url, what=f"receiver {name}") for name, each in receivers.items()}

    async def _tell(self, job: Job[MattermostReceiver]) -> Delivery:
        name = job.notification.receiver
        made = payload(job.notification, whole=job.whole, priority=self._priority)
        if job.receiver.channel:
            made["channel"] = job.receiver.channel
        headers = {"content-type": "application/json"}
        url, body = self._urls[name].reveal(), msgspec.json.encode(made)
        judge(await self._http.send("POST", url, headers=headers, content=body), self.service, now=job.now)
        return job.delivered(place=name, message=job.notification.key)

    async def _send_letter(self, letter: Letter, receiver: MattermostReceiver, now: datetime) -> None:
        page = letter.page
        shown = {"fallback": markdown(page.title), "color": COLOR, "text": letter_markdown(page, MAX_TEXT)}
        made: dict[str, Any] = {"text": f"{MARK} {bold(page.title)}", "attachments": [shown]}
        made |= {"channel": receiver.channel} if receiver.channel else {}
        headers, url = {"content-type": "application/json"}, self._urls[letter.receiver].reveal()
        answer = await self._http.send("POST", url, headers=headers, content=msgspec.json.encode(made))
        judge(answer, self.service, now=now)


def payload(notification: Notification, *, whole: bool, priority: bool) -> dict[str, Any]:
    """The post; `whole`: the card, else what is new."""
    card = notification.card
    outline = card_outline(card) if whole else news_outline(card)
    text = truncate(written(outline, as_markdown, lambda made: units(made) <= MAX_TEXT)[0], MAX_TEXT)
    fallback = " ".join(map(markdown, outline.what))
    made: dict[str, Any] = {
        "text": f"{outline.mark} {bold(outline.heading)}",
        "attachments": [{"fallback": fallback, "color": outline.color, "text": text}],
    }
    urgent = _PRIORITIES.get(card.incident.severity)
    if priority and urgent and card.incident.state not in wording.FINAL:
        made["priority"] = {"priority": urgent}
    return made
