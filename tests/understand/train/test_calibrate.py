"""Calibration finds the temperature that was hidden, and mixes in only what helps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from buzzguard.understand.sentiment.probabilities import softmax
from buzzguard.understand.train.calibrate import Judged, cross_checked, fitted, joined, probabilities
from buzzguard.understand.train.scores import calibration_error


def world(texts: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """True logits of texts, and labels drawn from them."""
    dice = np.random.default_rng(seed)
    logits = dice.normal(0, 1.5, (texts, 3))
    drawn = (softmax(logits).cumsum(axis=1) < dice.random((texts, 1))).sum(axis=1)
    return logits, np.minimum(drawn, 2)


def test_the_temperature_is_found_again() -> None:
    logits, labels = world(4_000)
    judged = Judged(labels, logits * 2)
    measured = fitted(judged)
    assert 1.8 < measured.temperature < 2.2
    assert calibration_error(probabilities(judged, measured), labels) < 0.03


def test_an_encoder_that_knows_all_is_mixed_with_little() -> None:
    logits, labels = world(4_000)
    noise = np.random.default_rng(1).normal(0, 1, logits.shape)
    measured = fitted(Judged(labels, noise, logits))
    assert measured.quick_weight <= 0.05
    assert 0.8 < measured.temperature < 1.25


def test_two_who_know_halves_are_mixed() -> None:
    logits, labels = world(4_000)
    dice = np.random.default_rng(2)
    one, other = (logits + dice.normal(0, 1.5, logits.shape) for _ in range(2))
    assert 0.2 < fitted(Judged(labels, one, other)).quick_weight <= 0.6


def test_margins_leave_the_stated_shares() -> None:
    logits, labels = world(4_000)
    judged = Judged(labels, logits)
    measured = fitted(judged)
    ordered = np.sort(probabilities(judged, measured), axis=1)
    ahead = ordered[:, 2] - ordered[:, 1]
    assert 0.18 < (ahead <= measured.escalate).mean() < 0.22
    assert (ahead <= measured.abstain).mean() <= 0.1
    assert measured.false_positives < measured.recall


def test_a_scorer_that_knows_nothing_still_gets_a_calibration() -> None:
    labels = np.arange(90) % 3
    measured = fitted(Judged(labels, np.tile([0.0, 1.0, 0.0], (90, 1))))
    assert measured.false_positives < measured.recall


def test_each_language_is_judged_by_what_was_fitted_elsewhere() -> None:
    logits, labels = world(600)
    parts = {"french": Judged(labels, logits), "hindi": Judged(labels[::-1].copy(), logits)}
    checked = cross_checked(parts, {"hindi"})
    alone = cross_checked({"french": parts["french"]})
    assert checked["french"] == alone["french"]
    assert checked["french"].texts == 600
    assert len(joined(list(parts.values())).labels) == 1_200
