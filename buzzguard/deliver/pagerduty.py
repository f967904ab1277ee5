"""PagerDuty, Events API v2: an alert for each incident, acknowledged and resolved as the incident is.

The alert's `dedup_key` is the incident, so a repeat is no second alert. What changes no state and is no news is not
sent: it would only fill the alert's log. An incident that grew graver after somebody took charge is triggered again;
PagerDuty pages nobody for an alert that is acknowledged, so that one is resolved first and opened anew.

The way back is `pagerduty_webhook`. Limits: `summary` 1,024 characters, `dedup_key` 255, 120 calls a minute and key.
Passing: 429, 5xx; lasting: 400 (the event or its key is wrong). No pictures: PagerDuty takes the address of one that
the internet can read, and BuzzGuard's charts are not public.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from buzzguard.config.base import Frozen
from buzzguard.config.secrets import Sealed, SecretError, read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver import wording
from buzzguard.deliver.escape import plain, safe_address, truncate
from buzzguard.deliver.http import PrivateAddress, judge
from buzzguard.deliver.outline import card_outline, news_outline
from buzzguard.deliver.tame import tame
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.model import Card, Cause, Delivery, IncidentState, Notification, NotificationKind, Severity

Action = Literal["trigger", "acknowledge", "resolve"]

PREFIX = "buzzguard/"
"""Of every `dedup_key`: what else is in a PagerDuty account is not ours."""
_SEVERITY = {Severity.RED: "critical", Severity.ORANGE: "error", Severity.YELLOW: "warning"}
_MAX_SUMMARY, _MAX_KEY = 1_000, 255


class PagerdutySettings(Frozen):
    """The account."""

    base_url: PrivateAddress = "https://events.pagerduty.com"
    """Where events go; accounts in Europe have an address of their own."""
    webhook_secret: Secret | None = None
    """The secret of a webhook subscription (v3), by which PagerDuty says who acknowledged or resolved."""


class PagerdutyReceiver(Frozen):
    """A service of the account."""

    routing_key: Secret
    """The integration key (Events API v2) of the service, 32 characters."""


class PagerdutyNotifier(HttpTeller[PagerdutyReceiver]):
    """See `ports.Notifier`. Raises SecretError when a secret cannot be read."""

    Settings = PagerdutySettings
    Receiver = PagerdutyReceiver
    service = "PagerDuty"
    pages = True
    repeats_harmlessly = True
    keeps_state = True

    def __init__(self, settings: PagerdutySettings, receivers: Mapping[str, PagerdutyReceiver]) -> None:
        super().__init__(receivers)
        self._url = f"{settings.base_url.rstrip('/')}/v2/enqueue"
        self._keys = {name: read_secret(receiver.routing_key) for name, receiver in receivers.items()}
        self.webhook_secret: Sealed | None = (
            None if settings.webhook_secret is None else read_secret(settings.webhook_secret)
        )
        """Verifies what PagerDuty says; None where it says nothing."""
        for name, key in self._keys.items():
            if not (len(key.reveal()) == 32 and key.reveal().isalnum() and key.reveal().isascii()):
                raise SecretError(f"the routing key of the receiver {name} has not 32 letters and digits")

    async def _tell(self, job: Job[PagerdutyReceiver]) -> Delivery:
        for action in actions(job.notification, whole=job.whole):
            await self._enqueue(job, event(job.notification, action))
        place, key = job.notification.receiver, job.notification.key
        return job.delivered(place=place, message=key, extra=_told(job.shown))

    async def _update(self, job: Job[PagerdutyReceiver]) -> Delivery:
        assert job.card is not None  # that is what makes it an update
        same = job.card.extra.get("told") == _told(job.shown)["told"]
        return await (super()._update(job) if same else self._tell(job))

    async def _enqueue(self, job: Job[PagerdutyReceiver], made: Mapping[str, Any]) -> None:
        body = msgspec.json.encode({**made, "routing_key": self._keys[job.notification.receiver].reveal()})
        headers = {"content-type": "application/json"}
        answer = await self._http.send("POST", self._url, headers=headers, content=body)
        reason = "the event or its routing key is not valid" if answer.status == 400 else ""
        judge(answer, self.service, now=job.now, reason=reason)


def dedup_key(incident: str) -> str:
    """The key of the incident's alert; a hash stands for an id that is too long."""
    key = f"{PREFIX}{incident}"
    return key if len(key) <= _MAX_KEY else f"{PREFIX}{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()}"


def actions(notification: Notification, *, whole: bool) -> tuple[Action, ...]:
    """What makes the alert stand as the incident does; `whole`: PagerDuty may know nothing of it yet."""
    incident = notification.card.incident
    if incident.state in wording.FINAL:
        return ("resolve",)
    if incident.state is IncidentState.ACKNOWLEDGED:
        return ("trigger", "acknowledge") if whole else ("acknowledge",)
    raised = any(news.cause is Cause.SEVERITY_RAISED for news in notification.card.news)
    asked_again = notification.kind is NotificationKind.NEWS and raised and incident.owner is not None
    return ("resolve", "trigger") if asked_again and not whole else ("trigger",)


def event(notification: Notification, action: Action) -> dict[str, Any]:
    """The event, without its routing key; also what ends an alert says who did it and why."""
    card = tame(notification.card)
    outline = news_outline(card) if notification.kind is NotificationKind.NEWS else card_outline(card)
    summary = truncate(plain(" · ".join((outline.heading, *outline.what))), _MAX_SUMMARY)
    addresses = {safe_address(quote.url): plain(quote.site or quote.author) for quote in wording.main_quotes(card)}
    return {
        "event_action": action,
        "dedup_key": dedup_key(notification.incident),
        "payload": {
            "summary": summary,
            "source": "buzzguard",
            "severity": _SEVERITY[card.incident.severity],
            "timestamp": card.incident.opened_at.isoformat(timespec="milliseconds"),
            "component": plain(card.incident.topic),
            "group": "reputation",
            "class": plain(card.incident.alerts[0].rule) if card.incident.alerts else "incident",
            "custom_details": _details(card),
        },
        "client": "BuzzGuard",
        "links": [{"href": address, "text": text or address} for address, text in addresses.items() if address],
    }


def _details(card: Card) -> dict[str, Any]:
    outline = card_outline(card)
    parts = {plain(part.title): [plain(f"{line.lead} {line.text}") for line in part.lines] for part in outline.parts}
    return {"state": [plain(line) for line in outline.state], **parts, "drill": card.drill}


def _told(card: Card) -> dict[str, str]:
    return {"told": f"{card.incident.state.value}:{card.incident.severity.value}"}
