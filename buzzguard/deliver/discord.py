"""Discord: a message through a webhook, edited in place; what is new is a message of its own.

The address is the secret. Nobody is ever pinged (`allowed_mentions`). Limits: `content` 2,000 characters, a title 256,
a description 4,096. Passing: 429 with `retry_after` in fractions of a second, 5xx; lasting: other 4xx (the webhook was
deleted). An edited message that was deleted is posted anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.settings import Secret
from buzzguard.deliver.escape import truncate, units
from buzzguard.deliver.http import Answer, bounded, judge, secret_address
from buzzguard.deliver.letters import COLOR, MARK, LetterTeller, letter_markdown
from buzzguard.deliver.markdown import as_markdown, markdown
from buzzguard.deliver.outline import card_outline, news_outline, written
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.errors import DeliveryDelayed
from buzzguard.model import Delivery, Letter, Notification
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.discord")

_MAX_TITLE, _MAX_TEXT, _MAX_CONTENT = 250, 4_000, 400


class DiscordSettings(Frozen):
    """Discord needs no settings of its own: each receiver has its webhook."""


class DiscordReceiver(Frozen):
    """A channel, by its webhook."""

    url: Secret
    """The address of the webhook: `https://discord.com/api/webhooks/…`."""
    thread: Annotated[str, Field(pattern=r"^[0-9]{0,25}$")] = ""
    """The id of a thread in that channel, to post there."""


class DiscordNotifier(LetterTeller[DiscordReceiver], HttpTeller[DiscordReceiver]):
    """See `ports.Notifier`. Raises SecretError when an address cannot be read."""

    Settings = DiscordSettings
    Receiver = DiscordReceiver
    service = "Discord"

    def __init__(self, settings: DiscordSettings, receivers: Mapping[str, DiscordReceiver]) -> None:  # noqa: ARG002
        super().__init__(receivers)
        self._urls = {name: secret_address(each.url, what=f"receiver {name}") for name, each in receivers.items()}

    async def _tell(self, job: Job[DiscordReceiver]) -> Delivery:
        answer = await self._send(job, "POST", "", {"wait": "true"}, whole=job.whole)
        self._judge(answer, job)
        id = str(_json(answer).get("id", ""))
        sound = id.isascii() and id.isdigit() and len(id) <= 25
        return job.delivered(place=job.notification.receiver, message=id if sound else "", extra=_memory(id, sound))

    async def _update(self, job: Job[DiscordReceiver]) -> Delivery:
        assert job.card is not None  # that is what makes it an update
        id = job.card.extra.get("id", "")
        if not id:
            return await super()._update(job)
        answer = await self._send(job, "PATCH", f"/messages/{id}", {}, whole=True)
        if answer.status == 404 and _json(answer).get("code") == 10008:
            _log.warning("card.replaced", incident=job.notification.incident, reason="deleted")
            return await self._tell(Job(job.notification, job.receiver, None, job.uncertain, job.now))
        self._judge(answer, job)
        return job.delivered(place=job.card.place, message=job.card.message, extra=job.card.extra)

    async def _send(
        self, job: Job[DiscordReceiver], method: str, below: str, query: Mapping[str, str], *, whole: bool
    ) -> Answer:
        thread = {"thread_id": job.receiver.thread} if job.receiver.thread else {}
        parts = urlsplit(self._urls[job.notification.receiver].reveal())
        wanted = urlencode({**query, **thread})
        url = urlunsplit((parts.scheme, parts.netloc, f"{parts.path.rstrip('/')}{below}", wanted, ""))
        body = msgspec.json.encode(payload(job.notification, whole=whole))
        return await self._http.send(method, url, headers={"content-type": "application/json"}, content=body)

    def _judge(self, answer: Answer, job: Job[DiscordReceiver]) -> None:
        if answer.status == 429:
            said = _json(answer).get("retry_after")
            asked = float(said) if isinstance(said, int | float) and said >= 0 else 30.0
            raise DeliveryDelayed("Discord: too many requests", retry_after=max(bounded(asked), timedelta(seconds=1)))
        code = _json(answer).get("code")
        reason = f"code {code}" if isinstance(code, int) and answer.status >= 400 else ""
        judge(answer, self.service, now=job.now, reason=reason)

    async def _send_letter(self, letter: Letter, receiver: DiscordReceiver, now: datetime) -> None:
        page, parts = letter.page, urlsplit(self._urls[letter.receiver].reveal())
        title = truncate(f"{MARK} {markdown(page.title)}", _MAX_TITLE)
        embed = {
            "title": title,
            "description": truncate(letter_markdown(page, _MAX_TEXT), _MAX_TEXT),
            "color": int(COLOR.removeprefix("#"), 16),
        }
        body = msgspec.json.encode({"content": title, "embeds": [embed], "allowed_mentions": {"parse": []}})
        query = urlencode({"wait": "true"} | ({"thread_id": receiver.thread} if receiver.thread else {}))
        url = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
        answer = await self._http.send("POST", url, headers={"content-type": "application/json"}, content=body)
        judge(answer, self.service, now=now)


def payload(notification: Notification, *, whole: bool) -> dict[str, Any]:
    """The message; `whole`: the card, else what is new."""
    card = notification.card
    outline = card_outline(card) if whole else news_outline(card)
    text = truncate(written(outline, as_markdown, lambda made: units(made) <= _MAX_TEXT)[0], _MAX_TEXT)
    told = " ".join(map(markdown, outline.what))
    embed = {
        "title": truncate(f"{outline.mark} {markdown(outline.heading)}", _MAX_TITLE),
        "description": text,
        "color": int(outline.color.removeprefix("#"), 16),
        "timestamp": card.briefing.at.isoformat(),
    }
    content = truncate(f"{outline.mark} {markdown(outline.heading)}. {told}", _MAX_CONTENT)
    return {"content": content, "embeds": [embed], "allowed_mentions": {"parse": []}}


def _memory(id: str, sound: bool) -> dict[str, str]:
    return {"id": id} if sound else {}


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
