"""Text messages by Twilio: the heading, what happens and who has it, in two segments at most.

Updates are not sent. An attempt whose end is not known is looked for among the messages to that number, by its words.
No `StatusCallback`: what the network makes of a message after Twilio took it is seen in Twilio's console alone.

Passing: 429 (20429, never processed), 5xx; lasting: 401 (20003), 21xxx (the numbers or the account).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from pydantic import Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver.http import Answer, PrivateAddress, judge
from buzzguard.deliver.outline import card_outline, news_outline
from buzzguard.deliver.sms_text import sms_text
from buzzguard.deliver.telling import HttpTeller, Job
from buzzguard.errors import DeliveryError, DeliveryRefused
from buzzguard.model import Delivery, Notification

_VALID = timedelta(hours=4)
"""A message that a telephone, switched off, gets later than this tells of the past."""
_CLOCKS_APART = timedelta(minutes=1)
_HINTS = {
    20003: "the account or its token is wrong",
    21211: "the receiver's number is not valid",
    21408: "the account may not send to that country: see its geographic permissions",
    21603: "the sender is missing",
    21606: "the sender's number cannot send text messages from this account",
    21608: "a trial account sends to verified numbers only",
    21610: "the receiver has answered STOP and is told nothing more",
    21611: "too many messages wait at the sender's number",
    21612: "nothing can be sent from this sender to that number",
    21614: "the receiver's number is not that of a mobile telephone",
    21617: "the message is too long",
    21659: "the sender's number is not of this account",
    21704: "the messaging service has no sender",
}

Number = Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
"""E.164: `+33600000001`."""
Sender = Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14}|[A-Za-z0-9 ]{1,11}|)$")]
"""A number, or a name of up to 11 letters where the country permits it."""


class SmsSettings(Frozen):
    """The account at Twilio, and from whom messages are: exactly one of `sender` and `messaging_service`."""

    account: str = Field(pattern=r"^AC[0-9a-fA-F]{32}$")
    """The account: `AC` and 32 digits."""
    key: str = Field(default="", pattern=r"^(SK[0-9a-fA-F]{32})?$")
    """An API key, `SK` and 32 digits; the account itself signs in when absent."""
    token: Secret
    """The secret of that key, or of the account."""
    sender: Sender = ""
    """The number or name that messages are from."""
    messaging_service: str = Field(default="", pattern=r"^(MG[0-9a-fA-F]{32})?$")
    """A messaging service that chooses the sender."""
    base_url: PrivateAddress = "https://api.twilio.com"
    """The interface."""

    @model_validator(mode="after")
    def _one_sender(self) -> SmsSettings:
        if bool(self.sender) == bool(self.messaging_service):
            raise ValueError("give exactly one of `sender` and `messaging_service`")
        return self


class SmsReceiver(Frozen):
    """A telephone."""

    to: Number
    """Its number: `+33600000001`."""


class SmsNotifier(HttpTeller[SmsReceiver]):
    """See `ports.Notifier`. Raises SecretError when the token cannot be read."""

    Settings = SmsSettings
    Receiver = SmsReceiver
    service = "Twilio"
    pages = True

    def __init__(self, settings: SmsSettings, receivers: Mapping[str, SmsReceiver]) -> None:
        super().__init__(receivers)
        self._settings = settings
        self._token = read_secret(settings.token)
        self._url = f"{settings.base_url.rstrip('/')}/2010-04-01/Accounts/{settings.account}/Messages.json"

    async def _tell(self, job: Job[SmsReceiver]) -> Delivery:
        settings = self._settings
        sender = {"From": settings.sender} if settings.sender else {"MessagingServiceSid": settings.messaging_service}
        form = {"To": job.receiver.to, **sender, "Body": text_of(job.notification, whole=job.whole)}
        form["ValidityPeriod"] = str(int(_VALID.total_seconds()))
        headers = {"content-type": "application/x-www-form-urlencoded", **self._signed_in()}
        answer = await self._http.send("POST", self._url, headers=headers, content=urlencode(form).encode())
        said = _json(answer)
        code = said.get("code")
        known = isinstance(code, int) and code in _HINTS
        if known and 400 <= answer.status < 500 and answer.status != 429:
            raise DeliveryRefused(f"Twilio refused the message: {_HINTS[int(code or 0)]} ({code})")
        judge(answer, self.service, now=job.now, reason=f"code {code}" if isinstance(code, int) else "")
        return job.delivered(place=job.notification.receiver, message=_sid(said))

    async def _find(self, job: Job[SmsReceiver]) -> Delivery | None:
        day = (job.notification.due_at - timedelta(hours=1)).date().isoformat()
        query = urlencode({"To": job.receiver.to, "DateSent>": day, "PageSize": "50"})
        try:
            answer = await self._http.send("GET", f"{self._url}?{query}", headers=self._signed_in())
        except DeliveryError:
            return await super()._find(job)
        if answer.status != 200:
            return await super()._find(job)
        sent = _json(answer).get("messages")
        body = text_of(job.notification, whole=job.whole)
        listed = [message for message in (sent if isinstance(sent, list) else []) if isinstance(message, dict)]
        found = next((message for message in listed if message.get("body") == body and _is_out(message, job)), None)
        return None if found is None else job.delivered(place=job.notification.receiver, message=_sid(found))

    def _signed_in(self) -> dict[str, str]:
        name = self._settings.key or self._settings.account
        return {"authorization": f"Basic {base64.b64encode(f'{name}:{self._token.reveal()}'.encode()).decode()}"}


def text_of(notification: Notification, *, whole: bool) -> str:
    """The message; `whole`: the card, else what is new."""
    return sms_text(card_outline(notification.card) if whole else news_outline(notification.card))


def _is_out(message: Mapping[str, Any], job: Job[SmsReceiver]) -> bool:
    """Whether a message that was found is this one and on its way: an older one of the same words, or one that failed,
    told nobody of this."""
    try:
        made = parsedate_to_datetime(str(message.get("date_created", "")))
    except (ValueError, TypeError, OverflowError):
        return False
    recent = made.tzinfo is not None and made >= job.notification.due_at - _CLOCKS_APART
    return recent and message.get("status") not in ("failed", "undelivered", "canceled")


def _sid(message: Mapping[str, Any]) -> str:
    sid = message.get("sid")
    return sid if isinstance(sid, str) and sid.isalnum() and len(sid) <= 40 else ""


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
