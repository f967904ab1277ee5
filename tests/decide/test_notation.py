"""Series in short notation."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.notation import durations, numbers

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("8", [8]),
        ("2x3 30x2 2", [2, 2, 2, 30, 30, 2]),
        ("_x2 5", [None, None, 5]),
        ("0+3x4", [0, 3, 6, 9]),
        ("60-20x4", [60, 40, 20, 0]),
        ("0.5x2", [0.5, 0.5]),
    ],
)
def test_numbers(text: str, values: list[float | None]) -> None:
    assert numbers(text) == values


def test_durations() -> None:
    assert durations("0x2 1h30m _ 0m+5mx3") == [
        timedelta(0),
        timedelta(0),
        90 * MINUTE,
        None,
        timedelta(0),
        5 * MINUTE,
        10 * MINUTE,
    ]


@pytest.mark.parametrize("text", ["", "x3", "3x", "3 x 4", "3+4", "a", "-3", "1x999999", "1x50000 1", "9" * 99 + "y"])
def test_what_is_no_series_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"series"):
        numbers(text)


@given(text=st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (numbers, durations):
        try:
            assert read(text)
        except ValueError:
            continue
