"""The laws of NAB's score."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.nab_score import PROFILES, Labelled, count, label, normalise, optimise, rate, total
from tests.bench.watching import BoolArray

STANDARD = PROFILES["standard"]


def one_file(spans: list[tuple[int, int]], rows: int = 1000) -> Labelled:
    return label("a", rows, spans)


def flags(*rows: int, length: int = 1000) -> dict[str, BoolArray]:
    flagged = np.zeros(length, dtype=np.bool_)
    flagged[list(rows)] = True
    return {"a": flagged}


def test_nothing_flagged_is_0_and_the_first_row_of_each_window_100() -> None:
    file = one_file([(300, 399), (700, 750)])
    assert list(rate([file], flags()).values()) == [0.0, 0.0, 0.0]
    assert rate([file], flags(300, 700)) == pytest.approx(dict.fromkeys(PROFILES, 100.0))


def test_only_the_earliest_flag_of_a_window_counts() -> None:
    file = one_file([(300, 399)])
    assert total([file], flags(350, 351, 399), STANDARD) == total([file], flags(350), STANDARD)
    assert (
        total([file], flags(310), STANDARD) > total([file], flags(350), STANDARD) > total([file], flags(399), STANDARD)
    )


def test_the_middle_of_a_window_still_earns_most_of_its_worth() -> None:
    assert total([one_file([(300, 399)])], flags(350), STANDARD) == pytest.approx(0.848 / 0.987, abs=0.002)


def test_every_false_row_is_charged_less_just_after_a_window() -> None:
    file = one_file([(300, 399)])
    alone = total([file], flags(300), STANDARD)
    near, far = total([file], flags(300, 402), STANDARD), total([file], flags(300, 900), STANDARD)
    assert alone - far == pytest.approx(0.11)
    assert 0 < alone - near < 0.02
    assert alone - total([file], flags(300, 900, 901, 902), STANDARD) == pytest.approx(0.33)


def test_before_the_first_window_a_false_row_costs_all() -> None:
    file = one_file([(300, 399)])
    assert total([file], flags(200), STANDARD) == pytest.approx(-1.11)


def test_probation_is_neither_rewarded_nor_charged() -> None:
    file = one_file([(20, 60), (300, 399)])
    assert total([file], flags(10, 30, 149), STANDARD) == -1.0
    assert count([file], flags(10, 30, 149)) == (0, 1, 0)
    assert not one_file([], rows=20_000).judged[749]
    assert one_file([], rows=20_000).judged[750]


def test_a_window_half_in_probation_counts_for_its_other_half() -> None:
    file = one_file([(100, 199)])
    assert count([file], flags(120, 170)) == (1, 1, 0)
    assert total([file], flags(120), STANDARD) == -1.0


def test_a_window_of_one_row_and_one_at_the_end_are_scored() -> None:
    file = one_file([(500, 500), (990, 999)])
    assert rate([file], flags(500, 990))["standard"] == pytest.approx(100.0)
    assert total([file], flags(501), STANDARD) == pytest.approx(-2.11)


def test_without_windows_there_is_no_score() -> None:
    assert np.isnan(normalise(0.0, 0, STANDARD))


def test_a_detector_that_only_errs_is_best_silent() -> None:
    file = one_file([(300, 399)])
    scores = np.zeros(1000)
    scores[800:] = 5.0
    assert optimise([file], {"a": scores}, STANDARD) == (float("inf"), -1.0)


@given(st.lists(st.integers(0, 6), min_size=80, max_size=80), st.sampled_from(sorted(PROFILES)))
def test_the_best_threshold_beats_every_other(values: list[int], name: str) -> None:
    profile = PROFILES[name]
    scores = {"a": np.array(values, dtype=np.float64)}
    file = one_file([(20, 29), (40, 55)], rows=80)
    tried = [total([file], {"a": scores["a"] >= at}, profile) for at in (*range(8), float("inf"))]
    threshold, best = optimise([file], scores, profile)
    assert best == pytest.approx(max(tried))
    assert total([file], {"a": scores["a"] >= threshold}, profile) == pytest.approx(best)
