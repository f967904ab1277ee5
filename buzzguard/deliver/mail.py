"""Mail over SMTP: the card as one mail, what is new as answers in its thread; updates are not sent.

The library is Python's own `smtplib` in a thread: a mail is a rare thing here, at most eight leave at once, and it
needs nothing that would have to be kept up to date. Mails that servers see twice bear the same `Message-ID`, by which
most of them drop the second. Recipients whom the server puts off are tried again without the others.

Passing: no connection, answers 4yz (RFC 5321). Lasting: 5yz, wrong credentials, no encryption where it is asked for.
"""

from __future__ import annotations

import asyncio
import re
import smtplib
import ssl
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Secret
from buzzguard.deliver import wording
from buzzguard.deliver.http import on_this_machine
from buzzguard.deliver.letters import LetterTeller
from buzzguard.deliver.mail_letters import make_letter
from buzzguard.deliver.mail_text import Envelope, make_mail, message_id
from buzzguard.deliver.slack_api import in_thread
from buzzguard.deliver.tame import tame
from buzzguard.deliver.telling import Job
from buzzguard.errors import DeliveryDelayed, DeliveryError, DeliveryRefused, DeliveryUncertain
from buzzguard.model import Card, Delivery, Letter
from buzzguard.telemetry import get_logger

T = TypeVar("T")

_log = get_logger("deliver.mail")

_PATIENCE = 8.0
"""Seconds for each answer of the server."""
_IN_ALL = 60.0
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_ATOMS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"{_ATOMS}(?:\.{_ATOMS})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)*[A-Za-z0-9-]{{1,63}}"
)
_REMEMBERED = 1_000


def _mail_address(address: str) -> str:
    if len(address) > 254 or not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address[:60]!r} is not a mail address in ASCII, write for example crisis@acme.example")
    return address


MailAddress = Annotated[str, AfterValidator(_mail_address)]


class MailSettings(Frozen):
    """The server that takes the mails, and from whom they are."""

    host: str = Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9._:-]+$")
    """The server that sends."""
    port: int | None = Field(default=None, ge=1, le=65535)
    """Its port; 587, 465 or 25 after `security` when absent."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is encrypted; `none` on this machine alone."""
    username: str = ""
    """With which name to log in; no login when empty."""
    password: Secret | None = None
    """The password for it."""
    sender: MailAddress
    """The address that the mails are from."""
    sender_name: str = Field(default="BuzzGuard", max_length=80)
    """The name beside it."""
    chart: bool = True
    """Whether the card holds the chart."""

    @model_validator(mode="after")
    def _sound(self) -> MailSettings:
        if self.security == "none" and not on_this_machine(self.host):
            raise ValueError("`security: none` is for a server on this machine: alerts and passwords could be read")
        if bool(self.username) != (self.password is not None):
            raise ValueError("`username` and `password` are given together")
        return self


class MailReceiver(Frozen):
    """Whom to write to; all see each other."""

    to: Annotated[tuple[MailAddress, ...], Field(min_length=1, max_length=50)]
    """The addresses."""


class MailNotifier(LetterTeller[MailReceiver]):
    """See `ports.Notifier`. Raises SecretError when the password cannot be read."""

    Settings = MailSettings
    Receiver = MailReceiver
    service = "mail"

    def __init__(self, settings: MailSettings, receivers: Mapping[str, MailReceiver]) -> None:
        super().__init__(receivers)
        self._settings = settings
        self._password = read_secret(settings.password) if settings.password is not None else None
        self._reached: OrderedDict[str, frozenset[str]] = OrderedDict()

    async def check(self) -> list[str]:
        """What would keep mails from leaving, one line each: connects and logs in, sends nothing."""
        try:
            await self._in_thread(self._connect_only)
        except DeliveryError as error:
            return [str(error)]
        return []

    async def _tell(self, job: Job[MailReceiver]) -> Delivery:
        key, to = job.notification.key, job.receiver.to
        envelope = self._envelope(to)
        await self._send_to_all(key, to, lambda left: self._make_and_send(job, envelope, left))
        sent = message_id("notification", key, envelope.domain)
        return job.delivered(place=job.notification.receiver, message=sent)

    async def _send_letter(self, letter: Letter, receiver: MailReceiver, now: datetime) -> None:
        mail = make_letter(letter, self._envelope(receiver.to), now=now)
        await self._send_to_all(letter.key, receiver.to, lambda left: self._hand_in(mail, left))

    def _envelope(self, to: tuple[str, ...]) -> Envelope:
        return Envelope(sender=self._settings.sender, sender_name=self._settings.sender_name, to=to)

    async def _send_to_all(
        self, key: str, to: tuple[str, ...], send: Callable[[tuple[str, ...]], dict[str, int]]
    ) -> None:
        """Send to those whom the mail of that key has not reached yet; `send` returns who was refused, and how."""
        left = tuple(address for address in to if address not in self._reached.get(key, ()))
        refused = await self._in_thread(lambda: send(left))
        self._remember(key, frozenset(to) - refused.keys())
        put_off = [address for address, code in refused.items() if code < 500]
        if put_off:
            raise DeliveryDelayed(f"mail: {len(put_off)} of {len(to)} recipients were put off by the server")
        if refused:
            _log.warning("recipient.refused", key=key, refused=len(refused), of=len(to))
        if len(refused) == len(to):
            raise DeliveryRefused(f"mail: the server refused every recipient ({max(refused.values())})")

    def _make_and_send(self, job: Job[MailReceiver], envelope: Envelope, left: tuple[str, ...]) -> dict[str, int]:
        chart = _drawn(job.shown) if self._settings.chart and job.whole else b""
        answers = job.card.message if job.card is not None else ""
        mail = make_mail(job.notification, envelope, whole=job.whole, answers=answers, now=job.now, chart=chart)
        return self._hand_in(mail, left)

    def _hand_in(self, mail: EmailMessage, left: tuple[str, ...]) -> dict[str, int]:
        with _told_in_our_words(), self._connected() as smtp:
            return _send(smtp, mail, self._settings.sender, left)

    def _connect_only(self) -> None:
        with _told_in_our_words(), self._connected() as smtp:
            smtp.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        settings = self._settings
        port = settings.port or _PORTS[settings.security]
        name = settings.sender.rpartition("@")[2]
        if settings.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.host, port, local_hostname=name, timeout=_PATIENCE, context=ssl.create_default_context()
            )
        else:
            smtp = smtplib.SMTP(settings.host, port, local_hostname=name, timeout=_PATIENCE)
        try:
            if settings.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if self._password is not None:
                _log_in(smtp, settings.username, self._password)
            yield smtp
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()  # what was sent was taken before
        finally:
            smtp.close()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_IN_ALL):
                return await in_thread(work)
        except TimeoutError:
            raise DeliveryUncertain("mail: the server took too long") from None

    def _remember(self, key: str, reached: frozenset[str]) -> None:
        self._reached[key] = self._reached.get(key, frozenset()) | reached
        while len(self._reached) > _REMEMBERED:
            self._reached.popitem(last=False)


def _send(smtp: smtplib.SMTP, mail: EmailMessage, sender: str, to: tuple[str, ...]) -> dict[str, int]:
    """Hand the mail over; the recipients refused, each with the server's code."""
    smtp.ehlo_or_helo_if_needed()
    body = mail.as_bytes()
    size = [f"SIZE={len(body)}"] if smtp.has_extn("size") else []
    _accepted("the sender", smtp.mail(sender, size))
    codes = {address: smtp.rcpt(address)[0] for address in to}
    refused = {address: code for address, code in codes.items() if code not in (250, 251)}
    if len(refused) == len(codes):
        return refused
    try:
        code, _ = smtp.data(body)
    except smtplib.SMTPDataError as error:  # the body was not asked for
        code = error.smtp_code
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryUncertain(f"mail: the connection was lost in the message ({type(error).__name__})") from None
    _accepted("the message", (code, b""))
    return refused


def _accepted(what: str, answer: tuple[int, bytes]) -> None:
    code = answer[0]
    if code >= 500:
        raise DeliveryRefused(f"mail: the server refused {what} ({code})")
    if not 200 <= code < 300:
        raise DeliveryDelayed(f"mail: the server put off {what} ({code})")


def _log_in(smtp: smtplib.SMTP, name: str, password: Sealed) -> None:
    try:
        smtp.login(name, password.reveal())
        return
    except smtplib.SMTPAuthenticationError as error:
        code = error.smtp_code
    except smtplib.SMTPNotSupportedError:
        code = 0
    except (UnicodeError, ValueError):
        code = 535
    # Raised here, where no exception stands that holds what was sent.
    if code == 0:
        raise DeliveryRefused("mail: the server knows no way to log in that is known here")
    if code < 500:
        raise DeliveryDelayed(f"mail: the server put off the login ({code})")
    raise DeliveryRefused(f"mail: the server refused the name or the password ({code})")


@contextmanager
def _told_in_our_words() -> Iterator[None]:
    """Faults before the message itself: nothing of it has left."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        lasting = error.smtp_code >= 500
        fault = f"mail: the server {'refused' if lasting else 'put off'} the connection ({error.smtp_code})"
        raised: DeliveryError = (DeliveryRefused if lasting else DeliveryDelayed)(fault)
    except smtplib.SMTPNotSupportedError:
        raised = DeliveryRefused("mail: the server does not offer STARTTLS: nothing is sent unencrypted")
    except smtplib.SMTPException as error:
        raised = DeliveryDelayed(f"mail: the connection was lost ({type(error).__name__})")
    except ssl.SSLCertVerificationError as error:
        raised = DeliveryDelayed(f"mail: the certificate of the server is not trusted ({error.verify_message[:80]})")
    except ssl.SSLError:
        raised = DeliveryDelayed("mail: the encryption failed; is `security` what this port speaks?")
    except (OSError, UnicodeError) as error:
        raised = DeliveryDelayed(f"mail: no connection ({type(error).__name__})")
    else:
        return
    raise raised


def _drawn(card: Card) -> bytes:
    """The chart as PNG; empty where there is none or it cannot be drawn: the alert must leave."""
    from buzzguard.deliver.chart import chart_png, chart_svg

    card = tame(card)
    chart = card.briefing.chart
    if chart is None or not chart.volume:
        return b""
    try:
        svg = chart_svg(
            chart,
            language=card.language,
            time_zone=card.time_zone,
            title=wording.chart_title(card),
            alert_at=card.incident.opened_at,
        )
        return chart_png(svg)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a picture, the alert must leave
        _log.warning("chart.left_out", incident=card.incident.id, reason=type(error).__name__)
        return b""
