"""ntfy, text messages and Alertmanager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.config.secrets import SecretError
from buzzguard.config.settings import Secret
from buzzguard.deliver.alertmanager import AlertmanagerReceiver, AlertmanagerSettings
from buzzguard.deliver.ntfy import NtfyReceiver, payload
from buzzguard.deliver.sms import SmsReceiver, SmsSettings, text_of
from buzzguard.deliver.sms_text import Size, simple, size
from buzzguard.errors import DeliveryDelayed, DeliveryRefused
from buzzguard.model import IncidentState, NotificationKind, Severity
from tests.deliver.hostile import texts
from tests.deliver.samples import NOW, sample_card, sample_notification
from tests.deliver.worlds import alertmanager, ntfy, sms
from tests.deliver.worlds.base import SECRET, Service, service

AT = "2026-11-22T01:58:00.000+00:00"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SECRET", SECRET)


@pytest.fixture
def made(httpserver: HTTPServer) -> Iterator[Service]:
    with service(httpserver, alertmanager.answer) as served:
        yield served


async def _send(to: Any, kind: NotificationKind = NotificationKind.CARD, **more: Any) -> Any:
    notification = sample_notification(kind, card=more.pop("shown", None), key=more.pop("key", "k"))
    return await to.deliver(notification, **{"card": None, "uncertain": False, "now": NOW} | more)


@pytest.mark.parametrize(
    ("severity", "state", "priority"),
    [
        (Severity.RED, IncidentState.TRIGGERED, 5),
        (Severity.ORANGE, IncidentState.ACKNOWLEDGED, 4),
        (Severity.YELLOW, IncidentState.TRIGGERED, 3),
        (Severity.RED, IncidentState.RESOLVED, 2),
    ],
)
def test_a_telephone_rings_by_severity(severity: Severity, state: IncidentState, priority: int) -> None:
    shown = sample_card(severity=severity, state=state)
    assert payload(sample_notification(card=shown), whole=True)["priority"] == priority


@pytest.mark.parametrize("world", [ntfy, sms])
async def test_an_attempt_in_doubt_is_looked_for_by_another_process(made: Service, world: Any) -> None:
    kept = made.answer = world.Server()
    for uncertain in (False, True):
        await _send(world.notifier(made), uncertain=uncertain)
    assert len(kept.kept) == 1
    await _send(world.notifier(made), uncertain=True, key="other", shown=sample_card(language="fr"))
    assert len(kept.kept) == 2


@pytest.mark.parametrize("changed", [{"status": "failed"}, {"now": NOW - timedelta(hours=1)}])
async def test_a_text_message_that_failed_or_is_older_told_nobody_of_this(
    made: Service, changed: dict[str, Any]
) -> None:
    kept = made.answer = sms.Server()
    for name, value in changed.items():
        setattr(kept, name, value)
    for uncertain in (False, True):
        await _send(sms.notifier(made), uncertain=uncertain)
    assert len(kept.kept) == 2


async def test_what_may_not_be_looked_for_is_sent_again(made: Service) -> None:
    kept = ntfy.Server()
    made.answer, kept.readable = kept, False
    for uncertain in (False, True):
        await _send(ntfy.notifier(made), uncertain=uncertain)
    assert len(kept.kept) == 2


async def test_a_quota_used_up_is_waited_for(made: Service) -> None:
    made.troubles = [Response(json.dumps({"code": 42908, "http": 429}), status=429)]
    with pytest.raises(DeliveryDelayed, match="quota") as caught:
        await _send(ntfy.notifier(made))
    assert caught.value.retry_after == timedelta(hours=1)


async def test_a_topic_that_is_a_secret_stays_one(made: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_TOPIC", "guess-me-not")
    made.troubles = [Response(json.dumps({"code": 40301}), status=403)]
    to = ntfy.notifier(made, topic="", secret_topic=Secret(env="TEST_TOPIC"))
    with pytest.raises(DeliveryRefused) as caught:
        await _send(to)
    assert "guess" not in repr(caught.value) + repr(vars(to))
    monkeypatch.setenv("TEST_TOPIC", "two words")
    with pytest.raises(SecretError) as refused:
        ntfy.notifier(made, topic="", secret_topic=Secret(env="TEST_TOPIC"))
    assert "two words" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, Size("GSM-7", 1)),
        ("a" * 161, Size("GSM-7", 2)),
        ("€" * 80, Size("GSM-7", 1)),
        ("€" * 81, Size("GSM-7", 2)),
        ("é" * 160, Size("GSM-7", 1)),
        ("ê" * 70, Size("UCS-2", 1)),
        ("ç" * 71, Size("UCS-2", 2)),
        ("😀" * 35, Size("UCS-2", 1)),
        ("😀" * 36, Size("UCS-2", 2)),
        ("a" * 307, Size("GSM-7", 3)),
    ],
)
def test_segments_are_counted_as_the_networks_count(text: str, expected: Size) -> None:
    assert size(text) == expected


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("La façade s’écroule", "La facade s'écroule"),
        ("Prévu\u00a0: « fête »", 'Prévu : " fete "'),
        ("œuf à 3,5\u202f%", "oeuf à 3,5 %"),
        ("東京", "東京"),
    ],
)
def test_french_keeps_the_accents_that_cost_nothing(text: str, written: str) -> None:
    assert simple(text) == written


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("whole", [True, False])
def test_a_text_message_says_what_and_fits(language: Any, severity: Severity, whole: bool) -> None:
    text = text_of(sample_notification(card=sample_card(language=language, severity=severity)), whole=whole)
    assert size(text).segments <= 2
    assert size(text).encoding == "GSM-7"
    assert "Lumio" in text


@given(texts)
def test_any_text_is_cut_to_two_segments(text: str) -> None:
    from buzzguard.deliver.outline import Outline
    from buzzguard.deliver.sms_text import sms_text

    outline = Outline(heading=text, mark="", color="#000000", language="fr", what=(text,), state=(text,))
    assert size(sms_text(outline)).segments <= 2


@pytest.mark.parametrize(
    ("status", "code", "error", "said"),
    [
        (400, 21211, DeliveryRefused, "number is not valid"),
        (400, 21610, DeliveryRefused, "STOP"),
        (400, 21999, DeliveryRefused, "21999"),
        (401, 20003, DeliveryRefused, "token"),
        (429, 20429, DeliveryDelayed, "too many"),
        (503, 20503, DeliveryDelayed, "passing"),
    ],
)
async def test_twilio_s_errors_say_what_to_do(
    made: Service, status: int, code: int, error: type[Exception], said: str
) -> None:
    made.troubles = [sms.refused(status, code)]
    with pytest.raises(error, match=said) as caught:
        await _send(sms.notifier(made))
    assert "Twilio's words" not in str(caught.value)


@pytest.mark.parametrize("wrong", [{"sender": ""}, {"messaging_service": "MG" + "0" * 32}, {"account": "AC1"}])
def test_an_account_that_cannot_work_is_refused(wrong: dict[str, str]) -> None:
    sound = {"account": sms.ACCOUNT, "token": {"env": "T"}, "sender": "Lumio"}
    assert SmsSettings.model_validate(sound)
    with pytest.raises(ValidationError):
        SmsSettings.model_validate(sound | wrong)


@pytest.mark.parametrize("number", ["0600000001", "+33 6 00", "+0600000000", "+336000000011111111"])
def test_a_number_is_international(number: str) -> None:
    with pytest.raises(ValidationError):
        SmsReceiver(to=number)


async def test_an_alert_fires_in_one_severity_until_it_is_over(made: Service) -> None:
    to = alertmanager.notifier(made, labels={"team": "comms"})
    card = await _send(to)
    (labels,) = alertmanager.firing(made, AT)
    assert labels == {
        "alertname": "BuzzGuardIncident",
        "topic": "lumio",
        "severity": "orange",
        "incident": "lumio-20261122-0157",
        "team": "comms",
    }
    await _send(to, NotificationKind.UPDATE, key="u", card=card, shown=sample_card(severity=Severity.RED))
    assert [labels["severity"] for labels in alertmanager.firing(made, AT)] == ["red"]
    over = sample_card(severity=Severity.RED, state=IncidentState.RESOLVED)
    await _send(to, NotificationKind.NEWS, key="n", card=card, shown=over)
    assert alertmanager.firing(made, AT) == []


async def test_an_alert_holds_longer_than_reminders_are_apart(made: Service) -> None:
    await _send(alertmanager.notifier(made))
    assert alertmanager.firing(made, "2026-11-23T01:57:59.000+00:00")
    assert not alertmanager.firing(made, "2026-11-23T01:58:01.000+00:00")


def test_settings_that_would_tell_a_password_or_change_identity_are_refused() -> None:
    with pytest.raises(ValidationError):
        AlertmanagerSettings.model_validate({"url": "http://am:9093", "password": {"env": "X"}})
    with pytest.raises(ValidationError):
        AlertmanagerReceiver(labels={"severity": "page"})
    with pytest.raises(ValidationError):
        NtfyReceiver(topic="a", secret_topic=Secret(env="X"))
