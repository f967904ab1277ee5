"""A card as a mail: headers that nothing from outside can break, text and HTML, the chart within the HTML.

The mails of an incident stand in one thread by `References`, in whatever order they arrive: all refer to a root made
of the incident and the receiver, which itself is never sent. The subject is the heading as it stands, so a mail on a
graver incident says so; Gmail, which wants equal subjects, then begins another conversation.

Headers after RFC 5322; `Auto-Submitted` after RFC 3834 keeps answering machines quiet, `X-Auto-Response-Suppress`
those of Exchange.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from buzzguard.deliver import wording
from buzzguard.deliver.escape import plain, safe_address, truncate
from buzzguard.deliver.outline import Line, Outline, Part, card_outline, news_outline
from buzzguard.deliver.tame import tame
from buzzguard.deliver.wording.messages import message_words
from buzzguard.model import Notification, Record, Severity

if TYPE_CHECKING:
    from jinja2 import Template

_MAX_SUBJECT = 180
_ASSETS = Path(__file__).parent / "assets"


class Envelope(Record, frozen=True, kw_only=True):
    """From whom and to whom; `to` are bare addresses."""

    sender: str
    sender_name: str
    to: tuple[str, ...]

    @property
    def domain(self) -> str:
        """Of the sender."""
        return self.sender.rpartition("@")[2]


def message_id(kind: str, name: str, domain: str) -> str:
    """`<…@domain>` made of a name alone, so that a repeat bears the same one."""
    made = hashlib.sha256(f"{kind}/{name}".encode("utf-8", "replace")).hexdigest()[:40]
    return f"<{made}.buzzguard@{domain}>"


def make_mail(
    notification: Notification, envelope: Envelope, *, whole: bool, answers: str, now: datetime, chart: bytes = b""
) -> EmailMessage:
    """The mail. `whole`: the card with its chart (PNG, none when empty); otherwise what is new. `answers` is the
    message id of the card before it, empty when there was none."""
    outline = card_outline(notification.card) if whole else news_outline(notification.card)
    mail = EmailMessage(policy=SMTP)
    _address(mail, notification, envelope, now)
    _thread(mail, notification, envelope, answers)
    subject = truncate(plain(outline.heading), _MAX_SUBJECT)
    mail["Subject"] = f"Re: {subject}" if answers else subject
    mail.set_content(as_text(outline), cte="quoted-printable")
    cid = message_id("chart", notification.key, envelope.domain) if chart and whole else ""
    mail.add_alternative(_as_html(outline, notification, cid.strip("<>")), subtype="html", cte="quoted-printable")
    if cid:
        html = list(mail.iter_parts())[-1]
        assert isinstance(html, EmailMessage)
        html.add_related(chart, "image", "png", cid=cid, filename="chart.png", disposition="inline")
    return mail


def as_text(outline: Outline) -> str:
    """The outline as a text without markup."""
    lines = [f"{outline.mark} {plain(outline.heading)}", ""]
    lines += [plain(line) for line in (*outline.what, *outline.state)]
    for part in outline.parts:
        lines += ["", _underlined(part), *map(_line, part.lines)]
    footer = message_words(outline.language).footer
    return "\n".join([*lines, "", "-- ", *([plain(outline.small)] if outline.small else []), footer]) + "\n"


def _underlined(part: Part) -> str:
    title = plain(part.title)
    return f"{title}\n{'-' * len(title)}"


def _line(line: Line) -> str:
    text = " ".join(filter(None, (plain(line.lead), plain(line.text))))
    place = " ".join(filter(None, (plain(line.link), safe_address(line.url))))
    return f"{'> ' if line.quoted else ''}{text}" + (f"\n  {place}" if place else "")


def _as_html(outline: Outline, notification: Notification, cid: str) -> str:
    alt = wording.chart_alt(tame(notification.card)) if cid else ""
    footer = message_words(outline.language).footer
    return _template().render(outline=outline, chart=cid, alt=alt, footer=footer, shown=plain, address=safe_address)


def _address(mail: EmailMessage, notification: Notification, envelope: Envelope, now: datetime) -> None:
    mail["From"] = Address(display_name=truncate(plain(envelope.sender_name), 80), addr_spec=envelope.sender)
    mail["To"] = tuple(Address(addr_spec=address) for address in envelope.to)
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = f"BuzzGuard <buzzguard.{envelope.domain}>"
    incident = notification.card.incident
    if incident.severity is Severity.RED and incident.state not in wording.FINAL:
        mail["Importance"] = "high"


def _thread(mail: EmailMessage, notification: Notification, envelope: Envelope, answers: str) -> None:
    root = message_id("incident", f"{notification.incident}/{notification.receiver}", envelope.domain)
    mail["Message-ID"] = message_id("notification", notification.key, envelope.domain)
    mail["In-Reply-To"] = answers or root
    mail["References"] = " ".join(dict.fromkeys(filter(None, (root, answers))))


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    source = (_ASSETS / "mail.html.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
