"""Names of log events and metrics, in one place.

A log event is `noun.past_tense` with fields, never a sentence; it never holds a secret or the text of a mention.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

MENTIONS = Counter("buzzguard_mentions_total", "Mentions by outcome.", ["outcome"], registry=REGISTRY)
"""`outcome`: counted, repeat, no_topic, too_late, invalid, known."""
POLLS = Counter("buzzguard_polls_total", "Polls by stream and outcome.", ["stream", "outcome"], registry=REGISTRY)
STREAM_AGE = Gauge(
    "buzzguard_stream_last_success_timestamp_seconds", "When each stream was last read.", ["stream"], registry=REGISTRY
)
POLL_DELAY = Histogram(
    "buzzguard_poll_delay_seconds",
    "Time from when a poll was due to when it began.",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 15, 60),
    registry=REGISTRY,
)
STEP_SECONDS = Histogram(
    "buzzguard_step_seconds",
    "Time of one step, by stage.",
    ["stage"],
    buckets=(0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10),
    registry=REGISTRY,
)
ALERTS = Gauge("buzzguard_alerts", "Alerts by state.", ["state"], registry=REGISTRY)
INCIDENTS = Gauge("buzzguard_incidents_open", "Open incidents by severity.", ["severity"], registry=REGISTRY)
OUTBOX_DEPTH = Gauge("buzzguard_outbox_depth", "Notifications that wait.", registry=REGISTRY)
DELIVERIES = Counter(
    "buzzguard_deliveries_total",
    "Delivery attempts by notifier and outcome.",
    ["notifier", "outcome"],
    registry=REGISTRY,
)
RELOAD_OK = Gauge("buzzguard_config_last_reload_successful", "1 when the last reload was taken.", registry=REGISTRY)
STORE_ERRORS = Counter("buzzguard_store_errors_total", "Transactions that the database refused.", registry=REGISTRY)


_DEEPEST = 12
"""Places named of the way of an error."""


def configure_logging(*, json: bool, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send log events to `stream` (standard error by default), as JSON or in console form.

    What libraries tell of trouble goes the same way, as `library.logged`.
    """
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _places_of_error,
    ]
    if json:
        shared += [structlog.processors.JSONRenderer(serializer=_dumps)]
    else:
        shared += [structlog.dev.ConsoleRenderer(colors=out.isatty())]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    for former in [handler for handler in root.handlers if isinstance(handler, _Libraries)]:
        root.removeHandler(former)
    root.addHandler(_Libraries(logging.WARNING))


def _places_of_error(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """`exc_info` as the error's type and the places it passed: its message may hold a mention's text or a secret."""
    given = event.pop("exc_info", None)
    if isinstance(given, tuple):
        given = given[1]
    error = sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event.setdefault("error", type(error).__name__)
        frames = traceback.extract_tb(error.__traceback__)[-_DEEPEST:]
        event["trace"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return event


class _Libraries(logging.Handler):
    """Takes the standard library's log records. Arguments are left out: they may hold addresses, texts and tokens."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the record's template, first line only."""
        template = str(record.msg).partition("\n")[0][:200]
        level = "error" if record.levelno >= logging.ERROR else "warning"
        getattr(get_logger(record.name), level)("library.logged", message=template, exc_info=record.exc_info)


def _dumps(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def get_logger(name: str) -> Any:
    """A logger whose events carry `component=name`; it takes its form when it is used, not when it is made."""
    return structlog.get_logger(component=name)
