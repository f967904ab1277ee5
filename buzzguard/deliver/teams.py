"""Microsoft Teams: an Adaptive Card posted to a Workflows webhook; nothing there can be edited or answered.

The address holds the secret (`sig=`). 202 means accepted, no more: a flow that fails later says nothing to us. Cards
are of version 1.4, as later ones have been refused; 28 KB is the limit, so what is least important is left out.
Passing: 429 (more than four a second), 5xx; lasting: other 4xx (the flow was deleted or its address renewed).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.config.base import Frozen
from buzzguard.config.settings import Secret
from buzzguard.deliver.http import judge, secret_address
from buzzguard.deliver.letters import MARK, LetterTeller, letter_markdown
from buzzguard.deliver.markdown import bold, line, markdown
from buzzguard.deliver.outline import Outline, Part, card_outline, news_outline, written
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.deliver.wording.messages import message_words
from buzzguard.model import Delivery, IncidentState, Letter, Notification, Severity

MAX_BYTES = 26_000
"""Of 28,672: Teams counts after it has expanded the card."""
_COLORS = {Severity.RED: "Attention", Severity.ORANGE: "Warning", Severity.YELLOW: "Accent"}


class TeamsSettings(Frozen):
    """Teams needs no settings of its own: each receiver has its webhook."""


class TeamsReceiver(Frozen):
    """A channel or chat, by its workflow."""

    url: Secret
    """The address that "Post to a channel when a webhook request is received" gave."""


class TeamsNotifier(LetterTeller[TeamsReceiver], HttpTeller[TeamsReceiver]):
    """See `ports.Notifier`. Raises SecretError when an address cannot be read."""

    Settings = TeamsSettings
    Receiver = TeamsReceiver
    service = "Teams"

    def __init__(self, settings: TeamsSettings, receivers: Mapping[str, TeamsReceiver]) -> None:  # noqa: ARG002
        super().__init__(receivers)
        self._urls = {name: secret_address(each.url, what=f"receiver {name}") for name, each in receivers.items()}

    async def _tell(self, job: Job[TeamsReceiver]) -> Delivery:
        name = job.notification.receiver
        body, headers = payload(job.notification, whole=job.whole), {"content-type": "application/json"}
        answer = await self._http.send("POST", self._urls[name].reveal(), headers=headers, content=body)
        judge(answer, self.service, now=job.now)
        return job.delivered(place=name, message=job.notification.key)

    async def _send_letter(self, letter: Letter, receiver: TeamsReceiver, now: datetime) -> None:  # noqa: ARG002
        page = letter.page
        heading = _block(f"{MARK} {markdown(page.title)}", weight="Bolder", size="Large")
        told = [_block(each) for each in letter_markdown(page, MAX_BYTES // 4).split("\n\n")]
        body = msgspec.json.encode(_adaptive([heading, *told], fallback=markdown(page.title)))
        headers, url = {"content-type": "application/json"}, self._urls[letter.receiver].reveal()
        judge(await self._http.send("POST", url, headers=headers, content=body), self.service, now=now)


def payload(notification: Notification, *, whole: bool) -> bytes:
    """The message as JSON within Teams' limit; `whole`: the card, else what is new."""
    card = notification.card
    over = card.incident.state in (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)
    color = "Good" if over else _COLORS[card.incident.severity]
    outline = card_outline(card) if whole else news_outline(card)

    def write(shown: Outline, parts: tuple[Part, ...]) -> str:
        return msgspec.json.encode(_message(shown, parts, color)).decode()

    return written(outline, write, lambda text: len(text.encode()) <= MAX_BYTES)[0].encode()


def _message(outline: Outline, parts: tuple[Part, ...], color: str) -> dict[str, Any]:
    heading = _block(f"{outline.mark} {markdown(outline.heading)}", weight="Bolder", size="Large", color=color)
    body = [heading, *(_block(markdown(each)) for each in outline.what)]
    body += [_block(bold(each) if at == 0 else markdown(each)) for at, each in enumerate(outline.state)]
    for part in parts:
        body.append(_block(markdown(part.title), weight="Bolder", separator=True))
        body += [
            _block(line(each), spacing="Small", **({"isSubtle": True} if each.quoted else {})) for each in part.lines
        ]
    small = [markdown(outline.small)] if outline.small else []
    small += [message_words(outline.language).shortened] if parts != outline.parts else []
    body += [_block(each, size="Small", isSubtle=True) for each in small]
    return _adaptive(body, fallback=markdown(outline.heading))


def _adaptive(body: list[dict[str, object]], *, fallback: str) -> dict[str, Any]:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "fallbackText": fallback,
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _block(text: str, **more: object) -> dict[str, object]:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}
