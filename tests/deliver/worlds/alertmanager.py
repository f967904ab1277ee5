"""Alertmanager: what is firing, by its labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.alertmanager import AlertmanagerNotifier, AlertmanagerReceiver, AlertmanagerSettings
from tests.deliver.worlds.base import SECRET, Service, World, service


def answer(request: Request) -> Response:
    """200 and nothing; 400 with a reason for an alert that ends before it starts, or whose labels are none."""
    if request.headers.get("authorization") != f"Bearer {SECRET}":
        return Response(status=401)
    for alert in json.loads(request.get_data()):
        if alert["endsAt"] < alert["startsAt"] or not all(alert["labels"].values()):
            return Response(json.dumps("start time must be before end time"), status=400)
    return Response(status=200)


def firing(made: Service, at: str) -> list[dict[str, str]]:
    """The labels of what fires at an instant."""
    known: dict[str, tuple[dict[str, str], str]] = {}
    for body in made.bodies():
        known |= {json.dumps(alert["labels"]): (alert["labels"], alert["endsAt"]) for alert in body}
    return [labels for labels, ends in known.values() if ends > at]


def notifier(made: Service, **receiver: object) -> AlertmanagerNotifier:
    """A notifier that sends there."""
    settings = AlertmanagerSettings(url=made.url, password=Secret(env="TEST_SECRET"))
    return AlertmanagerNotifier(settings, {"comms": AlertmanagerReceiver.model_validate(receiver)})


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    with service(server, answer) as made:
        yield World(
            notifier=notifier(made),
            arrived=lambda: json.dumps(made.bodies(), ensure_ascii=False),
            count=lambda: len(firing(made, "2026-11-22T01:58:00.000+00:00")),
            goes_down=made.goes_down,
        )
