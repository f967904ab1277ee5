"""What the log tells, and what it keeps to itself."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from buzzguard import telemetry


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    telemetry.configure_logging(json=request.param == "json", stream=stream)
    yield stream
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if type(each).__module__ != telemetry.__name__]


def _failing(secret: str) -> None:
    raise ValueError(secret)


def test_an_error_is_told_by_type_and_place_never_by_message(log: io.StringIO) -> None:
    try:
        _failing("xoxb-secret")
    except ValueError:
        telemetry.get_logger("test").error("thing.failed", exc_info=True)
    assert "ValueError" in log.getvalue()
    assert "test_telemetry.py" in log.getvalue()
    assert "secret" not in log.getvalue()


def test_libraries_are_heard_once_without_their_arguments(log: io.StringIO) -> None:
    telemetry.configure_logging(json=True, stream=log)
    logging.getLogger("some.library").warning("could not reach %s\nsecond line", "https://host/?key=secret")
    logging.getLogger("some.library").info("of no interest")
    (event,) = _events(log)
    assert event["message"] == "could not reach %s"
    assert (event["event"], event["component"], event["level"]) == ("library.logged", "some.library", "warning")


def _events(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]
