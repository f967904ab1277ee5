"""Mails against a real SMTP server on this machine."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import SMTP
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from buzzguard.config.secrets import SecretError
from buzzguard.config.settings import Secret
from buzzguard.deliver.mail import MailNotifier, MailReceiver, MailSettings
from buzzguard.deliver.mail_text import Envelope, make_mail
from buzzguard.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain
from buzzguard.model import Card, Cause, Delivery, IncidentState, NotificationKind, Severity
from tests.deliver import hostile
from tests.deliver.samples import NOW, sample_card, sample_notification, sample_transition
from tests.deliver.worlds.base import SECRET
from tests.deliver.worlds.certificates import authority
from tests.deliver.worlds.mail import Box, body, log_in, notifier, serving

FROM = Envelope(sender="buzz@acme.example", sender_name="BuzzGuard", to=("crisis@acme.example",))


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def to(box: Box) -> Iterator[MailNotifier]:
    with serving(box) as controller:
        yield notifier(controller)


async def _card(to: MailNotifier, card: Card | None = None, key: str = "k") -> Delivery:
    return await to.deliver(sample_notification(card=card, key=key), card=None, uncertain=False, now=NOW)


async def test_the_card_has_a_text_a_page_and_the_chart_within_it(box: Box, to: MailNotifier) -> None:
    await _card(to, sample_card(language="fr"))
    (mail,) = box.mails
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    picture = list(mail.walk())[-1]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in body(mail, "html")
    assert picture.get_content().startswith(b"\x89PNG")
    assert "Que faire d’abord" in body(mail)
    assert "Envoyé par BuzzGuard, qui ne lit pas les réponses." in body(mail)
    assert 'lang="fr"' in body(mail, "html")


async def test_machines_that_answer_are_told_not_to(box: Box, to: MailNotifier) -> None:
    await _card(to)
    (mail,) = box.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["List-Id"] == "BuzzGuard <buzzguard.acme.example>"
    assert mail["Date"] == "Sun, 22 Nov 2026 01:58:00 +0000"


async def test_news_answers_the_card_and_updates_are_not_sent(box: Box, to: MailNotifier) -> None:
    card = await _card(to)
    update = sample_notification(NotificationKind.UPDATE, key="u")
    assert (await to.deliver(update, card=card, uncertain=False, now=NOW)).message == card.message
    taken = sample_card(state=IncidentState.ACKNOWLEDGED, news=(sample_transition(Cause.ACKNOWLEDGED_BY_USER),))
    news = sample_notification(NotificationKind.NEWS, card=taken, key="n")
    await to.deliver(news, card=card, uncertain=False, now=NOW)
    first, second = box.mails
    assert second["In-Reply-To"] == first["Message-ID"] == card.message
    assert first["Message-ID"] in second["References"]
    assert first["References"] in second["References"]
    assert second["Subject"] == f"Re: {first['Subject']}"
    assert "Claire Morel" in body(second)
    assert [part.get_content_type() for part in second.walk()] == ["multipart/alternative", "text/plain", "text/html"]


async def test_red_is_important_until_it_is_over(box: Box, to: MailNotifier) -> None:
    await _card(to, sample_card(severity=Severity.RED), "1")
    await _card(to, sample_card(severity=Severity.RED, state=IncidentState.RESOLVED), "2")
    assert [mail["Importance"] for mail in box.mails] == ["high", None]


async def test_an_uncertain_repeat_bears_the_same_id(box: Box) -> None:
    with serving(box) as controller:
        for uncertain in (False, True):  # two processes: nothing is remembered
            again = notifier(controller)
            await again.deliver(sample_notification(key="k"), card=None, uncertain=uncertain, now=NOW)
    assert (len(box.envelopes), len(box.mails)) == (2, 1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [("451 greylisted", DeliveryDelayed), ("554 no", DeliveryRefused), ("552 full", DeliveryRefused)],
)
async def test_the_server_says_whether_to_try_again(
    box: Box, to: MailNotifier, answer: str, error: type[Exception]
) -> None:
    box.on_data = answer
    with pytest.raises(error, match=f"message .{answer[:3]}") as caught:
        await _card(to)
    assert not isinstance(caught.value, DeliveryUncertain)


async def test_a_connection_lost_within_the_message_leaves_doubt(box: Box, to: MailNotifier) -> None:
    box.hang_up = True
    with pytest.raises(DeliveryUncertain, match="lost"):
        await _card(to)


async def test_recipients_put_off_are_tried_again_without_the_others(box: Box, to: MailNotifier) -> None:
    box.on_rcpt = {"legal@acme.example": "450 later"}
    with pytest.raises(DeliveryDelayed, match="1 of 2"):
        await _card(to)
    box.on_rcpt = {}
    await _card(to)
    assert [envelope.rcpt_tos for envelope in box.envelopes] == [["crisis@acme.example"], ["legal@acme.example"]]


async def test_one_recipient_unknown_costs_the_other_nothing(box: Box, to: MailNotifier) -> None:
    box.on_rcpt = {"legal@acme.example": "550 unknown"}
    await _card(to)
    assert box.envelopes[0].rcpt_tos == ["crisis@acme.example"]


async def test_nobody_reachable_is_lasting(box: Box, to: MailNotifier) -> None:
    box.on_rcpt = dict.fromkeys(("crisis@acme.example", "legal@acme.example"), "550 unknown")
    with pytest.raises(DeliveryRefused, match="every recipient"):
        await _card(to)
    assert box.mails == []


async def test_a_password_is_checked_without_a_mail_and_never_shown(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", SECRET)
    monkeypatch.setenv("WRONG", "wr0ng-password")
    with serving(box, authenticator=log_in, auth_require_tls=False) as controller:
        good = notifier(controller, username="buzz", password=Secret(env="TEST_SECRET"))
        assert await good.check() == []
        wrong = notifier(controller, username="buzz", password=Secret(env="WRONG"))
        assert await wrong.check() == ["mail: the server refused the name or the password (535)"]
        with pytest.raises(DeliveryRefused) as caught:
            await _card(wrong)
    assert "wr0ng" not in f"{caught.value!r} {caught.value.__cause__} {caught.value.__context__} {wrong!r}"
    assert box.mails == []


async def test_nothing_leaves_unencrypted_where_encryption_is_asked_for(box: Box) -> None:
    with serving(box) as controller:
        asked = notifier(controller, security="starttls")
        with pytest.raises(DeliveryRefused, match="STARTTLS"):
            await _card(asked)
        with pytest.raises(DeliveryDelayed, match="encryption failed"):
            await _card(notifier(controller, security="tls"))
    assert box.envelopes == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_the_connection_is_encrypted_and_the_certificate_judged(
    box: Box, security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted, chain = authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain)
    options = {"tls_context": context} if security == "starttls" else {}
    with serving(box, ssl_context=context if security == "tls" else None, **options) as controller:
        to = notifier(controller, security=security)
        with pytest.raises(DeliveryDelayed, match="not trusted"):
            await _card(to)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        await _card(to)
    assert len(box.mails) == 1


async def test_nobody_listening_is_passing() -> None:
    settings_ = MailSettings(host="127.0.0.1", port=1, security="none", sender="buzz@acme.example")
    to = MailNotifier(settings_, {"comms": MailReceiver(to=("a@acme.example",))})
    with pytest.raises(DeliveryDelayed, match="no connection") as caught:
        await _card(to)
    assert not isinstance(caught.value, DeliveryUncertain)


@pytest.mark.parametrize(
    "wrong",
    [
        {"security": "none", "host": "mail.acme.example"},
        {"username": "buzz"},
        {"sender": "buzz@acme.example\r\nBcc: x@evil.example"},
        {"sender": "no address"},
        {"host": "mail acme"},
    ],
)
def test_what_cannot_work_is_refused_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MailSettings.model_validate({"host": "127.0.0.1", "sender": "buzz@acme.example"} | wrong)


@pytest.mark.parametrize(
    "address", ["a@b\nc", "a b@c.example", "<a@c.example>", "é@c.example", "a@", "@c.example", "a,b@c.de"]
)
def test_an_address_cannot_hold_another_header(address: str) -> None:
    with pytest.raises(ValidationError):
        MailReceiver.model_validate({"to": [address]})


def test_a_password_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_SECRET", raising=False)
    given_ = MailSettings(host="localhost", username="b", password=Secret(env="TEST_SECRET"), sender="b@acme.example")
    with pytest.raises(SecretError):
        MailNotifier(given_, {})


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(card=hostile.cards)
def test_whatever_the_card_holds_the_mail_is_one_mail(card: Card) -> None:
    """Header injection is impossible: the headers read back are the ones written, each once."""
    for whole in (True, False):
        mail = make_mail(sample_notification(card=card), FROM, whole=whole, answers="", now=NOW)
        raw = mail.as_bytes()
        back = message_from_bytes(raw, policy=SMTP)
        assert sorted(back.keys()) == sorted(mail.keys())
        assert back["To"] == "crisis@acme.example"
        assert len(str(make_header(decode_header(back["Subject"])))) <= 400
        assert max(map(len, raw.split(b"\r\n"))) <= 998
        assert b"\n" not in raw.replace(b"\r\n", b"")


def test_a_subject_in_french_is_encoded() -> None:
    mail = make_mail(sample_notification(card=sample_card(language="fr")), FROM, whole=True, answers="", now=NOW)
    line = next(line for line in mail.as_bytes().split(b"\r\n") if line.startswith(b"Subject:"))
    assert line.isascii()
    assert b"=?utf-8?" in line


def test_what_people_wrote_is_inert_in_the_page() -> None:
    quotes = tuple(
        quote.__class__(
            text='<script>alert(1)</script> https://evil.example "x',
            url='https://e.example/"><b>',
            author="a",
            site="s",
            published=NOW - timedelta(minutes=1),
            polarity=quote.polarity,
        )
        for quote in sample_card().briefing.quotes[:1]
    )
    html = body(
        make_mail(sample_notification(card=sample_card(quotes=quotes)), FROM, whole=True, answers="", now=NOW), "html"
    )
    assert "<script" not in html
    assert "https://evil.example" not in html
    assert '"><b>' not in html
