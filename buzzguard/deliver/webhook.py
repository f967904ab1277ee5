"""Any program that takes a POST: the notification as JSON, signed after Standard Webhooks.

`{"type": …, "timestamp": …, "data": …}` with the types `incident.card`, `incident.update`, `incident.news` and `ping`
(from `buzzguard check --online`). `data` holds the notification's `key`, which the receiver keeps to know a repeat by,
the `card` with all its facts, and its `text` in the receiver's language. `webhook-id` is made of the key alone: the
same for every attempt. Signatures: https://github.com/standard-webhooks/standard-webhooks, `v1`.

Passing: no answer, 408, 425, 429, 5xx, with `Retry-After`; lasting: redirects and the other 4xx, 410 among them.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.clock import SystemClock
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver.escape import plain
from buzzguard.deliver.http import PrivateAddress, judge
from buzzguard.deliver.letters import LetterTeller, letter_text
from buzzguard.deliver.outline import card_outline, news_outline
from buzzguard.deliver.tame import tame
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.errors import DeliveryError, DeliveryRefused
from buzzguard.model import Delivery, Letter, Notification, NotificationKind


class WebhookSettings(Frozen):
    """How messages are signed."""

    signing_secret: Secret | None = None
    """The secret that both sides know, `whsec_` and base64 or any text; unsigned when absent."""
    former_secret: Secret | None = None
    """The one before it, until every receiver has the new one: both sign."""
    token: Secret | None = None
    """A bearer token to show."""
    updates: bool = True
    """Whether changes of a card are sent too; programs mostly want them."""


class WebhookReceiver(Frozen):
    """Where to send."""

    url: PrivateAddress
    """The address; https, but for this machine."""


class WebhookNotifier(LetterTeller[WebhookReceiver], HttpTeller[WebhookReceiver]):
    """See `ports.Notifier`. Raises SecretError when a secret cannot be read."""

    Settings = WebhookSettings
    Receiver = WebhookReceiver
    service = "the webhook"
    repeats_harmlessly = True

    def __init__(self, settings: WebhookSettings, receivers: Mapping[str, WebhookReceiver]) -> None:
        super().__init__(receivers)
        self._updates = settings.updates
        named = (settings.signing_secret, settings.former_secret)
        self._secrets = [read_secret(secret) for secret in named if secret is not None]
        self._token = None if settings.token is None else read_secret(settings.token)

    async def check(self) -> list[str]:
        """Send each receiver a signed `ping`; one line for each that does not take it."""
        troubles, now = [], SystemClock().now()
        for name, receiver in self._receivers.items():
            try:
                await self._post(receiver, f"ping/{name}/{now.timestamp()}", "ping", {"receiver": name}, now)
            except DeliveryError as error:
                troubles.append(f"receiver {name}: {error}")
        return troubles

    async def _tell(self, job: Job[WebhookReceiver]) -> Delivery:
        kind, key = job.notification.kind, job.notification.key
        await self._post(job.receiver, key, f"incident.{kind.value}", payload(job.notification), job.now)
        return job.delivered(place=job.notification.receiver, message=webhook_id(key))

    async def _send_letter(self, letter: Letter, receiver: WebhookReceiver, now: datetime) -> None:
        data = {"key": letter.key, "about": letter.about, "receiver": letter.receiver}
        data |= {"text": letter_text(letter.page), "page": sound(msgspec.to_builtins(letter.page))}
        await self._post(receiver, letter.key, letter.kind.value, data, now)

    async def _update(self, job: Job[WebhookReceiver]) -> Delivery:
        return await (self._tell(job) if self._updates else super()._update(job))

    async def _post(
        self, receiver: WebhookReceiver, key: str, kind: str, data: Mapping[str, Any], now: datetime
    ) -> None:
        body = msgspec.json.encode({"type": kind, "timestamp": now, "data": data})
        headers = {"content-type": "application/json", **signed(webhook_id(key), body, self._secrets, now)}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.reveal()}"
        answer = await self._http.send("POST", receiver.url, headers=headers, content=body)
        if answer.status == 410:
            raise DeliveryRefused("the webhook says that it is gone for good (410): take its receiver out")
        judge(answer, self.service, now=now)


def webhook_id(key: str) -> str:
    """The id of a message, the same whenever it is sent; no full stop in it, as the signature needs."""
    return f"msg_{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}"


def signed(id: str, body: bytes, secrets: list[Sealed], now: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks: id, time of sending, a signature with each secret."""
    sent = str(int(now.timestamp()))
    headers = {"webhook-id": id, "webhook-timestamp": sent}
    if not secrets:
        return headers
    made = (hmac.new(_key(each.reveal()), f"{id}.{sent}.".encode() + body, hashlib.sha256).digest() for each in secrets)
    return headers | {"webhook-signature": " ".join(f"v1,{base64.b64encode(one).decode()}" for one in made)}


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def payload(notification: Notification) -> dict[str, Any]:
    """The `data` of a message."""
    card = notification.card
    outline = news_outline(card) if notification.kind is NotificationKind.NEWS else card_outline(card)
    text = {"heading": outline.heading, "what": outline.what, "state": outline.state}
    return {
        "key": notification.key,
        "incident": notification.incident,
        "receiver": notification.receiver,
        "drill": card.drill,
        "text": {name: plain(said) if isinstance(said, str) else list(map(plain, said)) for name, said in text.items()},
        "card": sound(msgspec.to_builtins(tame(card))),
    }


def sound(value: Any) -> Any:
    """The same for JSON: no lone surrogates, and nothing for numbers that are none."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {sound(name): sound(item) for name, item in value.items()}
    return [sound(item) for item in value] if isinstance(value, list | tuple) else value
