"""Scores against cases small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from buzzguard.understand.train.scores import calibration_error, mean, rows, scores


def test_scores_of_four_texts() -> None:
    said = np.array([[0.8, 0.1, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]])
    found = scores(said, np.array([0, 1, 1, 2]))
    assert (found.precision, found.recall, found.accuracy) == (0.5, 1.0, 0.75)
    assert found.f1 == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_a_class_that_no_text_has_does_not_count() -> None:
    assert scores(np.eye(3)[[0, 2]], np.array([0, 2])).macro_f1 == 1.0


def test_who_is_right_as_often_as_sure_has_no_calibration_error() -> None:
    said = np.tile([0.75, 0.25, 0.0], (4, 1))
    assert calibration_error(said, np.array([0, 0, 0, 1])) == pytest.approx(0.0)
    assert calibration_error(said, np.array([1, 1, 1, 1])) == pytest.approx(0.75)


def test_the_mean_weighs_languages_alike() -> None:
    good, bad = np.eye(3)[[0, 1, 2]], np.eye(3)[[1, 2, 0] * 10]
    parts = {
        "french": scores(good, np.array([0, 1, 2])),
        "german": scores(bad, np.array([0, 1, 2] * 10)),
    }
    assert mean(parts).macro_f1 == 0.5
    assert mean(parts).texts == 33
    assert [line[0] for line in rows(parts)] == ["french", "german", "mean"]


def test_nothing_has_no_score() -> None:
    with pytest.raises(ValueError, match="nothing"):
        scores(np.zeros((0, 3)), np.zeros(0, np.int64))
