"""Fields of records from outside."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.fields import at, decimal_at, id_at, moment_at, number_at, text_at

INSTANT = datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


def test_a_path_goes_through_objects_only() -> None:
    record = {"user": {"name": "x", "tags": ["a"]}, "none": None}
    assert at(record, "user.name") == "x"
    assert at(record, "user.name.first") is None
    assert at(record, "none.name") is None
    assert at([record], "user") is None


def test_texts_are_cut_and_anything_else_is_empty() -> None:
    assert text_at({"t": "abc"}, "t", most=2) == "ab"
    assert text_at({"t": 3}, "t") == text_at({"t": None}, "t") == text_at({}, "t") == ""


@pytest.mark.parametrize("written", ["12", 12, 12.0])
def test_ids_may_be_written_as_numbers(written: object) -> None:
    assert id_at({"id": written}, "id") == "12"


@pytest.mark.parametrize("written", [None, "", True, 1.5, [], {}])
def test_a_record_without_an_id_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="id"):
        id_at({"id": written}, "id")


@pytest.mark.parametrize(
    "written",
    [
        1795328410,
        1795328410.0,
        1795328410000,
        "1795328410",
        "1795328410000",
        "2026-11-22T06:20:10Z",
        "2026-11-22T06:20:10.000+0000",
        "2026-11-22T07:20:10+01:00",
        "Sun, 22 Nov 2026 06:20:10 GMT",
    ],
)
def test_times_are_read_in_every_shape(written: object) -> None:
    assert moment_at({"at": written}, "at") == INSTANT


@pytest.mark.parametrize("written", [None, "", "soon", True, -1, 0, float("nan"), float("inf"), [], 10**40])
def test_a_record_without_a_time_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="time"):
        moment_at({"at": written}, "at")


def test_counts_are_never_negative_or_endless() -> None:
    assert number_at({"n": "1412"}, "n") == 1412
    assert number_at({"n": -3}, "n") == number_at({"n": float("nan")}, "n") == number_at({"n": "many"}, "n") == 0
    assert number_at({"n": 10**40}, "n") == 10**15


def test_ratings_are_finite() -> None:
    assert decimal_at({"r": "4.5"}, "r") == 4.5
    assert decimal_at({"r": "nan"}, "r") is decimal_at({"r": True}, "r") is None


@given(JSON)
def test_nothing_from_outside_raises_anything_but_value_errors(value: Any) -> None:
    record = {"x": value}
    text_at(record, "x.y")
    number_at(record, "x")
    decimal_at(record, "x")
    for read in (id_at, moment_at):
        with contextlib.suppress(ValueError):
            read(record, "x")
