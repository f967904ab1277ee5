"""PagerDuty: the alert stands as the incident does, and people's acts there come back."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.config.secrets import Sealed, SecretError
from buzzguard.deliver.pagerduty import actions, dedup_key
from buzzguard.deliver.pagerduty_webhook import parse_event, verified
from buzzguard.errors import DeliveryDelayed, DeliveryRefused
from buzzguard.model import Card, Cause, CommandKind, IncidentState, NotificationKind, Severity
from tests.deliver.samples import CLAIRE, INCIDENT, NOW, sample_card, sample_notification, sample_transition
from tests.deliver.worlds.base import Service, service
from tests.deliver.worlds.pagerduty import KEY, answer, notifier

SECRET = Sealed("webhook secret")


@pytest.fixture(autouse=True)
def routing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_ROUTING_KEY", KEY)


@pytest.fixture
def made(httpserver: HTTPServer) -> Iterator[Service]:
    with service(httpserver, answer) as served:
        yield served


def _news(state: IncidentState, cause: Cause) -> Card:
    return sample_card(state=state, news=(sample_transition(cause),))


async def test_an_incident_is_triggered_acknowledged_and_resolved_as_one_alert(made: Service) -> None:
    to = notifier(made)
    card = await to.deliver(sample_notification(key="1"), card=None, uncertain=False, now=NOW)
    for key, state, cause in (
        ("2", IncidentState.ACKNOWLEDGED, Cause.ACKNOWLEDGED_BY_USER),
        ("3", IncidentState.RESOLVED, Cause.ALERTS_RESOLVED),
    ):
        news = sample_notification(NotificationKind.NEWS, card=_news(state, cause), key=key)
        await to.deliver(news, card=card, uncertain=False, now=NOW)
    assert [body["event_action"] for body in made.bodies()] == ["trigger", "acknowledge", "resolve"]
    assert {body["dedup_key"] for body in made.bodies()} == {f"buzzguard/{INCIDENT}"}
    first = made.bodies()[0]
    assert (first["payload"]["severity"], first["payload"]["component"]) == ("error", "lumio")
    assert first["links"][0]["href"].startswith("https://")


async def test_an_update_is_sent_when_the_state_or_severity_changed_and_only_then(made: Service) -> None:
    to = notifier(made)
    card = await to.deliver(sample_notification(key="1"), card=None, uncertain=False, now=NOW)
    for key, shown in (("2", sample_card()), ("3", sample_card(severity=Severity.RED))):
        update = sample_notification(NotificationKind.UPDATE, card=shown, key=key)
        card = await to.deliver(update, card=card, uncertain=False, now=NOW)
    assert [body["payload"]["severity"] for body in made.bodies()] == ["error", "critical"]


def test_what_grew_graver_after_somebody_took_it_pages_again() -> None:
    graver = sample_card(severity=Severity.RED, news=(sample_transition(Cause.SEVERITY_RAISED, severity=Severity.RED),))
    taken = replace(graver, incident=replace(graver.incident, owner=CLAIRE))
    news = sample_notification(NotificationKind.NEWS, card=taken)
    assert actions(news, whole=False) == ("resolve", "trigger")
    assert actions(sample_notification(NotificationKind.NEWS, card=graver), whole=False) == ("trigger",)


def test_who_is_told_first_of_a_taken_incident_sees_it_taken() -> None:
    taken = sample_notification(card=sample_card(state=IncidentState.ACKNOWLEDGED))
    assert actions(taken, whole=True) == ("trigger", "acknowledge")


@pytest.mark.parametrize(("status", "error"), [(400, DeliveryRefused), (429, DeliveryDelayed), (500, DeliveryDelayed)])
async def test_trouble(made: Service, status: int, error: type[Exception]) -> None:
    made.troubles = [Response(f"{KEY} is wrong", status=status)]
    with pytest.raises(error) as caught:
        await notifier(made).deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    assert KEY not in str(caught.value)


def test_a_routing_key_that_is_none_is_told_without_it(made: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_ROUTING_KEY", "short-key")
    with pytest.raises(SecretError, match="32") as caught:
        notifier(made)
    assert "short-key" not in str(caught.value)


@given(st.text(max_size=400), st.text(max_size=400))
def test_each_incident_has_a_key_of_its_own_within_the_limit(one: str, other: str) -> None:
    assert len(dedup_key(one)) <= 255
    assert (dedup_key(one) == dedup_key(other)) == (one == other)


def _event(**changed: Any) -> dict[str, Any]:
    """An event as PagerDuty's documentation shows it."""
    return {
        "id": "01DEEPFBRHN0ZT6PQRMU8FGH1P",
        "event_type": "incident.acknowledged",
        "resource_type": "incident",
        "occurred_at": "2026-11-22T01:59:22.169Z",
        "agent": {"id": "PLH1HKV", "summary": "Claire Morel", "type": "user_reference"},
        "client": None,
        "data": {
            "id": "PGR0VU2",
            "type": "incident",
            "status": "acknowledged",
            "incident_key": f"buzzguard/{INCIDENT}",
        },
    } | changed


def _body(**changed: Any) -> bytes:
    return json.dumps({"event": _event(**changed)}).encode()


def _sign(body: bytes, secret: Sealed = SECRET) -> str:
    return f"v1={hmac.new(secret.reveal().encode(), body, hashlib.sha256).hexdigest()}"


def test_a_person_s_acts_there_are_commands_here() -> None:
    taken = parse_event(_body(), now=NOW)
    assert taken is not None
    assert (taken.kind, taken.incident, taken.who.name, taken.who.via) == (
        CommandKind.TAKE_CHARGE,
        INCIDENT,
        "Claire Morel",
        "pagerduty",
    )
    assert parse_event(_body(), now=NOW + timedelta(minutes=1)) == replace(taken, at=NOW + timedelta(minutes=1))
    resolved = parse_event(_body(event_type="incident.resolved"), now=NOW)
    assert resolved is not None
    assert resolved.kind is CommandKind.RESOLVE


@pytest.mark.parametrize(
    "other",
    [
        {"event_type": "incident.annotated"},
        {"agent": {"id": "P1", "type": "service_reference", "summary": "Events API"}},
        {"agent": None},
        {"data": {"incident_key": "somebody else's"}},
        {"data": {"incident_key": 3}},
        {"id": ""},
        {"id": "x" * 1000},
    ],
)
def test_all_else_asks_nothing(other: dict[str, Any]) -> None:
    assert parse_event(_body(**other), now=NOW) is None


@given(st.binary(max_size=60) | st.recursive(st.none() | st.text(max_size=3), st.lists).map(json.dumps).map(str.encode))
def test_any_body_is_read_or_passed_over(body: bytes) -> None:
    assert parse_event(body, now=NOW) is None


def test_a_signature_is_judged_also_while_secrets_change() -> None:
    body = _body()
    assert verified(SECRET, body, _sign(body))
    assert verified(SECRET, body, f"{_sign(body, Sealed('old'))},{_sign(body)}")
    for wrong in (
        "",
        "v1=",
        _sign(body, Sealed("old")),
        _sign(b"other"),
        _sign(body).upper(),
        "é",
        "v0" + _sign(body)[2:],
    ):
        assert not verified(SECRET, body, wrong)
