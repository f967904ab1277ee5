"""PagerDuty's event interface: one alert for each `dedup_key`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.pagerduty import PagerdutyNotifier, PagerdutyReceiver, PagerdutySettings
from tests.deliver.worlds.base import Service, World, service

KEY = "0123456789abcdef0123456789abcdef"


def answer(request: Request) -> Response:
    """202, or 400 for what PagerDuty does not take."""
    event = json.loads(request.get_data())
    if request.path != "/v2/enqueue" or event.get("routing_key") != KEY:
        return _invalid("'routing_key' is missing or invalid")
    if event["event_action"] not in ("trigger", "acknowledge", "resolve") or len(event["dedup_key"]) > 255:
        return _invalid("'event_action' is invalid")
    told = event.get("payload", {})
    if event["event_action"] == "trigger":
        if not told.get("summary") or len(told["summary"]) > 1024 or not told.get("source"):
            return _invalid("'payload.summary' is missing or blank")
        if told.get("severity") not in ("critical", "error", "warning", "info"):
            return _invalid("'payload.severity' is invalid")
    if len(request.get_data()) > 512_000:
        return _invalid("too large")
    made = {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]}
    return Response(json.dumps(made), status=202, content_type="application/json")


def _invalid(reason: str) -> Response:
    made = {"status": "invalid event", "message": "Event object is invalid", "errors": [reason]}
    return Response(json.dumps(made), status=400, content_type="application/json")


def notifier(made: Service, **settings: object) -> PagerdutyNotifier:
    """A notifier that sends there; `TEST_ROUTING_KEY` holds the key."""
    given = PagerdutySettings.model_validate({"base_url": made.url, **settings})
    to = PagerdutyReceiver(routing_key=Secret(env="TEST_ROUTING_KEY"))
    return PagerdutyNotifier(given, {"comms": to})


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    with service(server, answer) as made:
        yield World(
            notifier=notifier(made),
            arrived=lambda: json.dumps(made.bodies(), ensure_ascii=False),
            count=lambda: len({body["dedup_key"] for body in made.bodies()}),
            goes_down=made.goes_down,
            secret=KEY,
        )
