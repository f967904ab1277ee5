"""Rate limits, in the spellings of the services that are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.http import Answer
from buzzguard.collect.limits import limits_of, wait_of

NOW = datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)


def answer(**headers: str) -> Answer:
    named = {name.replace("_", "-").lower(): value for name, value in headers.items()}
    return Answer(status=200, headers=named, body=b"", url="https://example.org/")


@pytest.mark.parametrize(
    "headers",
    [
        {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": "2026-11-22T06:25:10.000000Z"},  # Mastodon
        {"x_rate_limit_remaining": "0", "x_rate_limit_reset": "1795328710"},  # X
        {"x_ratelimit_remaining": "0.0", "x_ratelimit_reset": "300"},  # Reddit
        {"RateLimit_Remaining": "0", "RateLimit_Reset": "1795328710", "RateLimit_Policy": "3000;w=300"},  # Bluesky
        {"Retry_After": "300"},
        {"Retry_After": "Sun, 22 Nov 2026 06:25:10 GMT"},
    ],
)
def test_each_spelling_asks_for_the_same_wait(headers: dict[str, str]) -> None:
    assert wait_of(answer(**headers), NOW) == timedelta(minutes=5)


def test_what_remains_asks_for_no_wait() -> None:
    found = limits_of(answer(x_ratelimit_remaining="996.0", x_ratelimit_reset="498"), NOW)
    assert found.remaining == 996
    assert found.reset_in == timedelta(seconds=498)
    assert found.wait is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_header_breaks_the_reader_or_makes_it_wait_for_days(remaining: str, reset: str) -> None:
    wait = wait_of(answer(x_ratelimit_remaining=remaining, x_ratelimit_reset=reset), NOW)
    assert wait is None or timedelta(0) <= wait <= timedelta(hours=24)
