"""A letter as a mail: text and HTML, in a thread of its own."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from buzzguard.deliver.escape import plain, truncate
from buzzguard.deliver.letters import COLOR, MARK, letter_text
from buzzguard.deliver.mail_text import Envelope, message_id
from buzzguard.model import Letter

if TYPE_CHECKING:
    from jinja2 import Template

_MAX_SUBJECT = 180
_ASSETS = Path(__file__).parent / "assets"


def make_letter(letter: Letter, envelope: Envelope, *, now: datetime) -> EmailMessage:
    """The mail. Its id follows from the letter's key, so that a repeat bears the same one."""
    page = letter.page
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=truncate(plain(envelope.sender_name), 80), addr_spec=envelope.sender)
    mail["To"] = tuple(Address(addr_spec=address) for address in envelope.to)
    mail["Date"] = format_datetime(now)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = f"BuzzGuard <buzzguard.{envelope.domain}>"
    mail["Message-ID"] = message_id("letter", letter.key, envelope.domain)
    mail["Subject"] = truncate(plain(page.title), _MAX_SUBJECT)
    mail.set_content(letter_text(page), cte="quoted-printable")
    html = _template().render(page=page, shown=plain, color=COLOR, mark=MARK)
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    source = (_ASSETS / "letter.html.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
