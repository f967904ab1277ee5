"""Names of log events and metrics, in one place.

A log event is `noun.past_tense` with fields, never a sentence; it never holds a secret or the text of a mention.
"""

from __future__ import annotations

import logging
import sys
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


def configure_logging(*, json: bool, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send log events to `stream` (standard error by default), as JSON or in console form."""
    out = stream or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if json:
        shared += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    else:
        shared += [structlog.dev.ConsoleRenderer(colors=out.isatty())]
    structlog.configure(
        processors=shared,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=False,
    )


def _dumps(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()


def get_logger(name: str) -> Any:
    """A logger whose events carry `component=name`; it takes its form when it is used, not when it is made."""
    return structlog.get_logger(component=name)
