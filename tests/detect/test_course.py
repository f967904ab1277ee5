"""The course of the week is found again from counts."""

from __future__ import annotations

import random

import pytest

from buzzguard.detect.course import CELL, WEEK, Profile, ProfileState, Span
from tests.detect.world import poisson

NIGHT, NOON = 3 * 60, 12 * 60


def weekly(minute: int) -> float:
    """Ten times as much by day as by night, and a third on Saturday (the epoch was a Thursday)."""
    by_day = 5.0 if 8 * 60 <= minute % 1440 < 20 * 60 else 0.5
    return by_day * (0.33 if minute % WEEK // 1440 == 2 else 1.0)


def taught(weeks: int) -> Profile:
    profile, dice = Profile(), random.Random("weeks")
    for end in range(CELL, weeks * WEEK + CELL, CELL):
        count = poisson(dice, weekly(end - CELL))
        profile.learn(Span(end, CELL), float(count), known=1.0, phi=0.1, anomalous=False, learned=float(end))
        if end % 360 == 0:
            profile.refresh(None)
    return profile


def test_the_day_and_the_weekday_are_found() -> None:
    profile = taught(6)

    def expected(end: int) -> float:
        return profile.level * profile.season(Span(end, 60))

    tuesday = 6 * WEEK + 5 * 1440
    assert expected(tuesday + NOON) == pytest.approx(20.0, rel=0.25)
    assert expected(tuesday + NIGHT) == pytest.approx(2.0, rel=0.4)
    assert expected(6 * WEEK + 2 * 1440 + NOON) == pytest.approx(6.6, rel=0.5)


def test_windows_add_up_over_the_end_of_the_week() -> None:
    profile = taught(2)
    day = profile.season(Span(2 * WEEK + 300, 1440))
    hours = sum(profile.season(Span(2 * WEEK + 300 - 60 * back, 60)) for back in range(24))
    assert day == pytest.approx(hours, rel=1e-9)


def test_a_sparse_signal_borrows_the_shape_of_its_parent() -> None:
    parent, child = taught(4), Profile()
    child.refresh(parent)
    assert child.state.hour_factors == pytest.approx(parent.state.hour_factors)


def test_doubt_shrinks_with_what_was_seen() -> None:
    span = Span(NOON, 60)
    assert taught(2).doubt(span) < Profile().doubt(span) / 10.0


@pytest.mark.parametrize("field", ["hours", "parts", "hour_factors", "level"])
def test_a_table_of_the_wrong_length_is_refused(field: str) -> None:
    state = ProfileState()
    setattr(state, field, getattr(state, field)[:-1])
    with pytest.raises(ValueError, match="length"):
        state.check()
