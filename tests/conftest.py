"""Settings of every test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

# Examples are bounded in number, not in time: the machines that run them differ and are shared. What decides on a
# change tries the same examples each time; everybody else looks for new ones.
settings.register_profile(
    "buzzguard",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("buzzguard")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that was run within a test sets the level of the log; the next test must not inherit it.

    Errors are told with a plain traceback: the one with the variables of every frame takes minutes to draw a core.
    """
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
    yield
    structlog.reset_defaults()
