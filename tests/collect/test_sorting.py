"""External sort."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.collect import sorting
from buzzguard.model import Mention

T0 = datetime(2026, 1, 1, tzinfo=UTC)


def mention(number: int, minute: int, text: str = "") -> Mention:
    when = T0 + timedelta(minutes=minute)
    return Mention(id=str(number), stream="s", source="r", published=when, fetched=when, text=text)


@pytest.mark.parametrize("rows", [0, 1, sorting.RUN_ROWS * 2 + 500])
def test_what_comes_out_is_what_went_in_but_in_order_and_stable(rows: int) -> None:
    rng = random.Random(3)
    given = [mention(number, rng.randrange(500)) for number in range(rows)]
    assert list(sorting.sort_externally(iter(given))) == sorted(given, key=sorting.by_time)


def test_runs_are_bounded_by_text_as_well_as_by_rows() -> None:
    text = "x" * (sorting.RUN_CHARACTERS + 1)
    given = [mention(number, 80 - number, text if number < 2 else "") for number in range(5)]
    assert len(sorting.take_run(iter(given))) == 1
    assert [int(each.id) for each in sorting.sort_externally(iter(given))] == [4, 3, 2, 1, 0]


def test_more_runs_than_files_may_be_open_are_merged_in_steps() -> None:
    rng = random.Random(5)
    given = [mention(number, rng.randrange(30)) for number in range(500)]
    assert list(sorting.sort_externally(iter(given), run_rows=3)) == sorted(given, key=sorting.by_time)
