"""Prometheus Alertmanager, API v2: one alert an incident, kept firing until it is over.

Alertmanager knows an alert by all its labels together, so nothing that changes stands in them but the severity, by
which people route: an alert of the incident's other severities is ended in the same request. An alert ends by itself
`hold` after the last that was heard of the incident, which is more than a policy's reminders are apart.

Every message makes the alert anew, so repeats are harmless. Passing: 429, 5xx; lasting: 4xx.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from pydantic import Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Secret
from buzzguard.deliver import wording
from buzzguard.deliver.escape import plain, truncate
from buzzguard.deliver.http import WebAddress, judge, private_address
from buzzguard.deliver.outline import card_outline
from buzzguard.deliver.tame import tame
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.model import Card, Delivery, Severity

_MAX_TEXT = 4_000
Label = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
_OWN = frozenset(("alertname", "topic", "severity", "incident", "drill"))


class AlertmanagerSettings(Frozen):
    """The server, and how to sign in where that is needed."""

    url: WebAddress
    """The server: `http://alertmanager:9093`."""
    username: str = ""
    """The name for basic authentication."""
    password: Secret | None = None
    """Its password; without a name, a bearer token."""
    hold: Duration = timedelta(hours=24)
    """How long an alert goes on by itself when nothing more is heard."""

    @model_validator(mode="after")
    def _sound(self) -> AlertmanagerSettings:
        if self.username and self.password is None:
            raise ValueError("`username` needs a `password`")
        if self.password is not None:
            private_address(self.url)
        if not timedelta(minutes=10) <= self.hold <= timedelta(days=30):
            raise ValueError("`hold` is from 10m to 30d")
        return self


class AlertmanagerReceiver(Frozen):
    """What Alertmanager routes by, beside the incident's own labels."""

    labels: dict[Label, Annotated[str, Field(max_length=200)]] = {}
    """Labels to add."""

    @model_validator(mode="after")
    def _not_our_own(self) -> AlertmanagerReceiver:
        taken = sorted(_OWN & self.labels.keys())
        if taken:
            raise ValueError(f"{', '.join(taken)} is set by BuzzGuard")
        return self


class AlertmanagerNotifier(HttpTeller[AlertmanagerReceiver]):
    """See `ports.Notifier`. Raises SecretError when the password cannot be read."""

    Settings = AlertmanagerSettings
    Receiver = AlertmanagerReceiver
    service = "Alertmanager"
    repeats_harmlessly = True
    keeps_state = True

    def __init__(self, settings: AlertmanagerSettings, receivers: Mapping[str, AlertmanagerReceiver]) -> None:
        super().__init__(receivers)
        self._settings = settings
        self._password = None if settings.password is None else read_secret(settings.password)
        self._url = f"{settings.url.rstrip('/')}/api/v2/alerts"

    async def _tell(self, job: Job[AlertmanagerReceiver]) -> Delivery:
        made = payload(job.shown, labels=job.receiver.labels, hold=self._settings.hold, now=job.now)
        headers = {"content-type": "application/json", **self._signed_in()}
        answer = await self._http.send("POST", self._url, headers=headers, content=msgspec.json.encode(made))
        judge(answer, self.service, now=job.now)
        return job.delivered(place=job.notification.receiver, message=job.notification.key)

    async def _update(self, job: Job[AlertmanagerReceiver]) -> Delivery:
        return await self._tell(job)

    def _signed_in(self) -> dict[str, str]:
        if self._password is None:
            return {}
        if not self._settings.username:
            return {"authorization": f"Bearer {self._password.reveal()}"}
        both = f"{self._settings.username}:{self._password.reveal()}".encode()
        return {"authorization": f"Basic {base64.b64encode(both).decode()}"}


def payload(card: Card, *, labels: Mapping[str, str], hold: timedelta, now: datetime) -> list[dict[str, Any]]:
    """The incident's alert, then those of its other severities, ended."""
    card = tame(card)
    incident, over = card.incident, card.incident.state in wording.FINAL
    outline = card_outline(card)
    annotations = {
        "summary": truncate(plain(outline.heading), 300),
        "description": truncate(plain(" ".join(outline.what)), _MAX_TEXT),
        "state": truncate(plain(" ".join(outline.state)), _MAX_TEXT),
    }
    first = {
        "labels": _labels(card, labels, incident.severity),
        "annotations": annotations,
        "startsAt": _stamp(min(incident.opened_at, now)),
        "endsAt": _stamp(now if over else now + hold),
    }
    ended = {"startsAt": _stamp(min(incident.opened_at, now)), "endsAt": _stamp(now)}
    others = [each for each in Severity if each is not incident.severity]
    return [first, *({"labels": _labels(card, labels, each), "annotations": {}, **ended} for each in others)]


def _labels(card: Card, labels: Mapping[str, str], severity: Severity) -> dict[str, str]:
    own = {
        "alertname": "BuzzGuardIncident",
        "topic": plain(card.incident.topic) or "unknown",
        "severity": severity.value,
        "incident": truncate(plain(card.incident.id), 200) or "unknown",
    }
    return {**labels, **own, **({"drill": "true"} if card.drill else {})}


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
