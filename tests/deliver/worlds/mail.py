"""A real mail server on this machine, which drops what it has already (by `Message-ID`), as most do."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP as Server
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from pytest_httpserver import HTTPServer

from buzzguard.config.settings import Secret
from buzzguard.deliver.mail import MailNotifier, MailReceiver, MailSettings
from tests.deliver.worlds.base import SECRET, World


@dataclass
class Box:
    """What arrived, and what the server answers instead of taking it."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    on_rcpt: dict[str, str] = field(default_factory=dict)
    on_data: str = ""
    hang_up: bool = False

    async def handle_RCPT(
        self, server: Server, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address in self.on_rcpt:
            return self.on_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Server, session: Session, envelope: Envelope) -> str:
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        if self.on_data:
            return self.on_data
        content = envelope.original_content or b""
        mail = message_from_bytes(content, _class=EmailMessage, policy=SMTP)
        self.envelopes.append(envelope)
        if mail["Message-ID"] not in [other["Message-ID"] for other in self.mails]:
            self.mails.append(mail)
        return "250 OK"


def body(mail: EmailMessage, kind: str = "plain") -> str:
    """The text of a mail."""
    part = mail.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


@contextmanager
def serving(box: Box, **options: Any) -> Iterator[Controller]:
    """A server on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller itself cannot choose one
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield controller
    finally:
        controller.stop()


def log_in(server: Server, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Knows one name and one password."""
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"buzz", SECRET.encode())
    return AuthResult(success=good, handled=good)


def notifier(controller: Controller, **more: Any) -> MailNotifier:
    """A notifier that speaks to the server."""
    given = {"host": "127.0.0.1", "port": controller.port, "security": "none", "sender": "buzz@acme.example"} | more
    to = MailReceiver(to=("crisis@acme.example", "legal@acme.example"))
    return MailNotifier(MailSettings.model_validate(given), {"comms": to})


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    box = Box()
    with serving(box, authenticator=log_in, auth_require_tls=False) as controller:
        login = {"username": "buzz", "password": Secret(env="TEST_SECRET")}
        yield World(
            notifier=notifier(controller, **login, chart=False),
            arrived=lambda: "\n".join(map(body, box.mails)),
            count=lambda: len(box.mails),
            goes_down=lambda: setattr(box, "on_data", "451 later"),
        )
