"""ntfy: a push to telephones by topic, on ntfy.sh or a server of one's own.

Whoever knows a topic's name on a server without accounts reads it: choose one that nobody guesses, and keep it as a
secret. A message is at most 4,096 bytes. An attempt whose end is not known is looked for in what the server keeps (12
hours by default) by its words; where that may not be read, it is sent again.

Passing: 429 (42901 too many requests), 5xx; lasting: 401 and 403 (40101, 40301), a daily quota that is used up (42908)
until the next day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from pydantic import Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.secrets import SecretError, read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver import wording
from buzzguard.deliver.escape import plain, truncate
from buzzguard.deliver.http import Answer, PrivateAddress, judge
from buzzguard.deliver.letters import LetterTeller, letter_text
from buzzguard.deliver.outline import Outline, Part, card_outline, news_outline, written
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.errors import DeliveryDelayed, DeliveryError
from buzzguard.model import Delivery, IncidentState, Letter, Notification, Severity

_MAX_BYTES, _MAX_TITLE = 3_900, 200
_PRIORITY = {Severity.RED: 5, Severity.ORANGE: 4, Severity.YELLOW: 3}
_TAG = {Severity.RED: "rotating_light", Severity.ORANGE: "orange_circle", Severity.YELLOW: "yellow_circle"}
_FINAL_TAG = {IncidentState.RESOLVED: "white_check_mark", IncidentState.FALSE_ALARM: "white_circle"}
_QUOTA = 42908


class NtfySettings(Frozen):
    """The server and the account on it."""

    url: PrivateAddress = "https://ntfy.sh"
    """The server."""
    token: Secret | None = None
    """An access token (`tk_…`), where the topic is protected."""


class NtfyReceiver(Frozen):
    """A topic: exactly one of `topic` and `secret_topic`."""

    topic: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,64}$")
    """Its name, where an account protects it."""
    secret_topic: Secret | None = None
    """Its name, where knowing it is enough to read it."""
    click: PrivateAddress | None = None
    """What a touch on the message opens, a crisis page of yours for example."""

    @model_validator(mode="after")
    def _one_topic(self) -> NtfyReceiver:
        if bool(self.topic) == (self.secret_topic is not None):
            raise ValueError("give exactly one of `topic` and `secret_topic`")
        return self


class NtfyNotifier(LetterTeller[NtfyReceiver], HttpTeller[NtfyReceiver]):
    """See `ports.Notifier`. Raises SecretError when a secret cannot be read."""

    Settings = NtfySettings
    Receiver = NtfyReceiver
    service = "ntfy"

    def __init__(self, settings: NtfySettings, receivers: Mapping[str, NtfyReceiver]) -> None:
        super().__init__(receivers)
        self._url = settings.url.rstrip("/")
        self._token = None if settings.token is None else read_secret(settings.token)
        self._topics = {name: Topic(name, receiver) for name, receiver in receivers.items()}

    async def _tell(self, job: Job[NtfyReceiver]) -> Delivery:
        name = job.notification.receiver
        made = payload(job.notification, whole=job.whole) | {"topic": self._topics[name].reveal()}
        if job.receiver.click is not None:
            made["click"] = job.receiver.click
        # JSON goes to the root; at the topic's own address it would be the text of the message.
        answer = await self._http.send("POST", self._url, headers=self._headers(), content=msgspec.json.encode(made))
        code = _first(answer).get("code")
        if answer.status == 429 and code == _QUOTA:
            raise DeliveryDelayed("ntfy: the quota of the day is used up (42908)", retry_after=timedelta(hours=1))
        judge(answer, self.service, now=job.now, reason=f"code {code}" if isinstance(code, int) else "")
        return job.delivered(place=name, message=_id(_first(answer)))

    async def _send_letter(self, letter: Letter, receiver: NtfyReceiver, now: datetime) -> None:
        made: dict[str, Any] = {"topic": self._topics[letter.receiver].reveal(), "priority": 2, "tags": ["bar_chart"]}
        made |= {"title": truncate(plain(letter.page.title), _MAX_TITLE), "message": _short(letter_text(letter.page))}
        made |= {"click": receiver.click} if receiver.click is not None else {}
        answer = await self._http.send("POST", self._url, headers=self._headers(), content=msgspec.json.encode(made))
        judge(answer, self.service, now=now)

    async def _find(self, job: Job[NtfyReceiver]) -> Delivery | None:
        name, sought = job.notification.receiver, payload(job.notification, whole=job.whole)
        since = int((job.notification.due_at - timedelta(minutes=1)).timestamp())
        url = f"{self._url}/{quote(self._topics[name].reveal())}/json?poll=1&since={since}"
        try:
            answer = await self._http.send("GET", url, headers=self._headers())
        except DeliveryError:
            return await super()._find(job)
        if answer.status != 200:
            return await super()._find(job)
        kept = [_dict(each) for each in answer.body.splitlines()]
        same = (one for one in kept if all(one.get(field) == sought[field] for field in ("title", "message")))
        found = next(same, None)
        return None if found is None else job.delivered(place=name, message=_id(found))

    def _headers(self) -> dict[str, str]:
        own = {} if self._token is None else {"authorization": f"Bearer {self._token.reveal()}"}
        return {"content-type": "application/json", **own}


class Topic:
    """The name of a topic, never shown."""

    def __init__(self, name: str, receiver: NtfyReceiver) -> None:
        """Raises SecretError when it is a secret that cannot be read, or no name of a topic."""
        self._sealed = None if receiver.secret_topic is None else read_secret(receiver.secret_topic)
        self._plain = receiver.topic
        given = self.reveal()
        if not (given.replace("-", "").replace("_", "").isalnum() and given.isascii() and len(given) <= 64):
            raise SecretError(f"the secret topic of the receiver {name} is not 1 to 64 of A-Z a-z 0-9 _ -")

    def reveal(self) -> str:
        """The name itself."""
        return self._plain if self._sealed is None else self._sealed.reveal()


def payload(notification: Notification, *, whole: bool) -> dict[str, Any]:
    """The message without its topic; `whole`: the card, else what is new."""
    card = notification.card
    outline = card_outline(card) if whole else news_outline(card)
    text = _short(written(outline, _text, lambda made: len(made.encode()) <= _MAX_BYTES)[0])
    final, severity = card.incident.state in wording.FINAL, card.incident.severity
    return {
        "title": truncate(plain(outline.heading), _MAX_TITLE),
        "message": text,
        "priority": 2 if final else _PRIORITY[severity],
        "tags": [_FINAL_TAG[card.incident.state] if final else _TAG[severity]],
    }


def _text(outline: Outline, parts: tuple[Part, ...]) -> str:
    lines = [plain(each) for each in (*outline.what, *outline.state)]
    for part in parts:
        lines += ["", plain(part.title), *(plain(f"{each.lead} {each.text}") for each in part.lines)]
    return "\n".join(lines)


def _id(message: Mapping[str, Any]) -> str:
    id = message.get("id")
    return id if isinstance(id, str) and id.isalnum() and len(id) <= 40 else ""


def _first(answer: Answer) -> dict[str, Any]:
    return _dict(answer.body)


def _dict(text: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _short(text: str) -> str:
    while len(text.encode()) > _MAX_BYTES:
        text = truncate(text, len(text) * 3 // 4)
    return text
