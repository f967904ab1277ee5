"""What was usual: found again in calm weeks, and not moved by an earlier crisis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.model import Samples
from buzzguard.review.usual import LEAST, WINDOW, Usual, usual_of

START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(days=28)


def read(counts: list[int], *, known: float = 1.0) -> Usual:
    """What is learned of a count an hour, all of it in the first quarter."""
    samples = [
        Samples(
            topic="t", window=WINDOW, end=START + timedelta(hours=at, minutes=15), volume=n, known=known, closed=True
        )
        for at, n in enumerate(counts)
    ]
    return usual_of(samples, lambda one: one.volume, START, END)


def day_course() -> list[int]:
    """Ten an hour from eight to eight, two at night."""
    return [10 if 8 <= at % 24 < 20 else 2 for at in range(28 * 24)]


def test_day_and_night_are_told_apart() -> None:
    usual = read(day_course())
    noon = usual.between(END + timedelta(hours=12), END + timedelta(hours=13))
    night = usual.between(END + timedelta(hours=2), END + timedelta(hours=3))
    assert noon == pytest.approx(10, rel=0.1)
    assert night == pytest.approx(2, rel=0.25)


def test_an_earlier_crisis_is_not_usual() -> None:
    counts = day_course()
    for at in range(300, 312):
        counts[at] = 500
    usual = read(counts)
    whole = usual.between(END, END + timedelta(days=7))
    assert whole == pytest.approx(7 * 144, rel=0.15)


def test_what_was_never_watched_is_not_usual() -> None:
    assert not usual_of([], lambda one: one.volume, END, END).enough
    assert not usual_of([], lambda one: one.volume, END - LEAST + timedelta(hours=1), END).enough
    assert usual_of([], lambda one: one.volume, START, END).enough


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-5, 10**9), max_size=200), st.floats(0, 1))
def test_a_rate_is_finite_and_above_zero(counts: list[int], known: float) -> None:
    rates = read(counts, known=known).per_minute(END, 600)
    assert len(rates) == 600
    assert np.isfinite(rates).all()
    assert (rates >= 0).all()
