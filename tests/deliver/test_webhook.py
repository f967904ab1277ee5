"""Webhooks against a loopback server that judges them as `buzzguard.web` would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.config.secrets import Sealed
from buzzguard.config.settings import Secret
from buzzguard.deliver.webhook import WebhookNotifier, WebhookReceiver, WebhookSettings, signed
from buzzguard.errors import DeliveryDelayed, DeliveryError, DeliveryRefused, DeliveryUncertain
from buzzguard.model import NotificationKind
from buzzguard.web.signature import refusal
from tests.deliver.samples import NOW, sample_card, sample_notification
from tests.deliver.worlds.base import SECRET, Service, service
from tests.deliver.worlds.webhook import answer, notifier


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", SECRET)


@pytest.fixture
def made(httpserver: HTTPServer) -> Iterator[Service]:
    with service(httpserver, answer) as served:
        yield served


async def _send(to: WebhookNotifier, kind: NotificationKind = NotificationKind.CARD, key: str = "k") -> None:
    await to.deliver(sample_notification(kind, key=key), card=None, uncertain=False, now=NOW)


async def test_it_says_what_and_when_and_every_fact(made: Service) -> None:
    await _send(notifier(made))
    (body,) = made.bodies()
    assert (body["type"], body["timestamp"]) == ("incident.card", "2026-11-22T01:58:00Z")
    assert (body["data"]["key"], body["data"]["receiver"], body["data"]["drill"]) == ("k", "comms", False)
    assert body["data"]["card"]["incident"]["severity"] == "orange"
    assert body["data"]["text"]["heading"].startswith("Orange · Lumio")
    assert len(made.asked[0].get_data()) < 20_000


async def test_an_update_is_sent_unless_it_is_not_wanted(made: Service) -> None:
    for wanted in (True, False):
        to = notifier(made, updates=wanted)
        card = await to.deliver(sample_notification(key="c"), card=None, uncertain=False, now=NOW)
        update = sample_notification(NotificationKind.UPDATE, key="u")
        await to.deliver(update, card=card, uncertain=False, now=NOW)
    assert [body["type"] for body in made.bodies()] == ["incident.card", "incident.update", "incident.card"]


async def test_every_attempt_bears_the_same_id(made: Service) -> None:
    made.troubles = [Response(status=500)]
    with pytest.raises(DeliveryUncertain):
        await _send(notifier(made))
    for _ in range(2):
        await _send(notifier(made))
    assert len({request.headers["webhook-id"] for request in made.asked}) == 1


@pytest.mark.parametrize(
    ("trouble", "error", "wait"),
    [
        (Response(status=429, headers={"Retry-After": "90"}), DeliveryDelayed, timedelta(seconds=90)),
        (
            Response(status=503, headers={"Retry-After": "Sun, 22 Nov 2026 02:00:00 GMT"}),
            DeliveryDelayed,
            timedelta(minutes=2),
        ),
        (Response(status=429, headers={"Retry-After": "9" * 9}), DeliveryDelayed, timedelta(hours=1)),
        (Response(status=429, headers={"Retry-After": "soon"}), DeliveryDelayed, timedelta(seconds=30)),
        (Response(status=502), DeliveryUncertain, None),
        (Response(status=302, headers={"Location": "https://evil.example"}), DeliveryRefused, None),
        (Response(status=410), DeliveryRefused, None),
        (Response("<secret>", status=400), DeliveryRefused, None),
    ],
)
async def test_the_answer_says_whether_to_try_again(
    made: Service, trouble: Response, error: type[DeliveryError], wait: timedelta | None
) -> None:
    made.troubles = [trouble]
    with pytest.raises(error) as caught:
        await _send(notifier(made))
    assert type(caught.value) is error
    assert getattr(caught.value, "retry_after", None) == wait
    assert "secret" not in str(caught.value)
    assert "evil" not in str(caught.value)


async def test_nobody_listening_is_passing_and_in_no_doubt() -> None:
    to = WebhookNotifier(WebhookSettings(), {"comms": WebhookReceiver(url="http://127.0.0.1:1/private-path")})
    with pytest.raises(DeliveryDelayed, match="no connection") as caught:
        await _send(to)
    assert not isinstance(caught.value, DeliveryUncertain)
    assert "private-path" not in repr(caught.value)
    assert caught.value.__context__ is None
    assert await to.check() == ["receiver comms: the webhook: no connection"]
    await to.close()


async def test_check_sends_a_ping_and_tells_who_did_not_take_it(made: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    to = WebhookNotifier(WebhookSettings(), {"comms": WebhookReceiver(url=made.url)})
    assert await to.check() == ["receiver comms: the webhook refused the message, 401"]
    assert made.bodies()[0]["type"] == "ping"
    made.answer = lambda _: Response(status=200)
    assert await to.check() == []


def test_while_secrets_change_both_sign() -> None:
    new, old = Sealed("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), Sealed("old secret")
    headers = signed("msg_1", b"{}", [new, old], NOW)
    for secret_ in (new, old):
        assert refusal(headers, b"{}", token=None, secret=secret_, now=NOW) is None
    assert refusal(headers, b"[]", token=None, secret=new, now=NOW) is not None


def test_the_signature_is_the_one_of_the_standard() -> None:
    """The example of its reference libraries."""
    from datetime import UTC, datetime

    at = datetime.fromtimestamp(1614265330, UTC)
    secret_ = Sealed("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', [secret_], at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    "url", ["http://acme.example/x", "ftp://acme.example", "https://u:p@acme.example", "https://", "x"]
)
def test_an_address_that_would_tell_secrets_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        WebhookReceiver(url=url)


def test_a_bearer_token_is_read_at_once() -> None:
    assert WebhookNotifier(WebhookSettings(token=Secret(env="TEST_SECRET")), {})


async def test_what_is_told_is_the_card_of_the_receiver(made: Service) -> None:
    to = notifier(made)
    french = sample_notification(card=sample_card(language="fr", drill=True), key="fr")
    await to.deliver(french, card=None, uncertain=False, now=NOW)
    data = made.bodies()[0]["data"]
    assert data["drill"] is True
    assert data["text"]["heading"].startswith("EXERCICE – ")
