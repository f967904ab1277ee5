"""River's detectors by name, and their parameters as YAML may give them."""

from __future__ import annotations

from typing import Any

import pytest

from buzzguard.detect.by_river import catalogue

FORECASTER = {"predictive_model": {"class": "time_series.HoltWinters", "alpha": 0.3}}


def said(model: str, **parameters: Any) -> list[tuple[tuple[str, ...], str]]:
    return catalogue.faults(catalogue.choose(model), parameters)


def test_every_anomaly_and_drift_detector_of_numbers_is_offered() -> None:
    assert {
        "GaussianScorer",
        "HalfSpaceTrees",
        "LODA",
        "LocalOutlierFactor",
        "OneClassSVM",
        "PredictiveAnomalyDetection",
        "StandardAbsoluteDeviation",
        "ADWIN",
        "KSWIN",
        "PageHinkley",
    } <= set(catalogue.offered())


@pytest.mark.parametrize("name", ["KSWIN", "river.drift.KSWIN"])
def test_a_detector_is_chosen_by_its_short_or_its_full_name(name: str) -> None:
    assert catalogue.choose(name).__name__ == "KSWIN"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HalfSpaceTree", "no detector `HalfSpaceTree`, write HalfSpaceTrees"),
        ("river.drift.HalfSpaceTrees", "write HalfSpaceTrees"),
        ("zzz", "write ADWIN or"),
        ("river.drift.binary.DDM", "watches yes and no"),
        ("ThresholdFilter", "only filters what another detector learns"),
        ("river.anomaly.QuantileFilter", "only filters"),
        ("DummyDriftDetector", "whatever the values are"),
        ("os.system", "no detector"),
    ],
)
def test_what_cannot_judge_is_refused_with_a_reason(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        catalogue.choose(name)


@pytest.mark.parametrize(
    ("model", "parameters", "at", "words"),
    [
        ("HalfSpaceTrees", {"n_treez": 5}, ("n_treez",), "no parameter `n_treez`, write n_trees"),
        ("HalfSpaceTrees", {"n_trees": "many"}, ("n_trees",), "expected a whole number"),
        ("HalfSpaceTrees", {"n_trees": True}, ("n_trees",), "expected a whole number"),
        ("HalfSpaceTrees", {"n_trees": 2.5}, ("n_trees",), "expected a whole number"),
        ("HalfSpaceTrees", {"n_trees": 0}, ("n_trees",), "write a number from 1"),
        ("HalfSpaceTrees", {"n_trees": -3}, ("n_trees",), "out of range"),
        ("HalfSpaceTrees", {"n_trees": 10**9}, ("n_trees",), "out of range"),
        ("HalfSpaceTrees", {"n_trees": 200}, ("n_trees",), "MiB for each topic and signal are too large"),
        ("HalfSpaceTrees", {"height": 99999}, ("height",), "too large"),
        ("HalfSpaceTrees", {"limits": [0, 1]}, ("limits",), "expected a plain value"),
        ("PageHinkley", {"delta": float("nan")}, ("delta",), "finite"),
        ("PageHinkley", {"mode": 3}, ("mode",), "expected a text"),
        ("StandardAbsoluteDeviation", {"sub_stat": 3}, ("sub_stat",), "a section with its `class`"),
        ("StandardAbsoluteDeviation", {"sub_stat": {"q": 0.5}}, ("sub_stat",), "class: stats.Quantile"),
        ("StandardAbsoluteDeviation", {"sub_stat": {"class": "stats.Quantil"}}, ("sub_stat",), "write stats.Quantile"),
        ("StandardAbsoluteDeviation", {"sub_stat": {"class": "datasets.Phishing"}}, ("sub_stat",), "no part that"),
        ("StandardAbsoluteDeviation", {"sub_stat": {"class": "stats.os.system"}}, ("sub_stat",), "has no"),
        ("StandardAbsoluteDeviation", {"sub_stat": {"class": "stats.Quantile", "p": 1}}, ("sub_stat", "p"), "write q"),
        ("PredictiveAnomalyDetection", {"predictive_model": {"class": "time_series.HoltWinters"}}, (), "needs `alpha`"),
        ("GaussianScorer", {"grace_period": {"class": "stats.Mean"}}, ("grace_period",), "found a section"),
    ],
)
def test_a_faulty_parameter_is_named_with_its_place(
    model: str, parameters: dict[str, Any], at: tuple[str, ...], words: str
) -> None:
    ((where, message),) = said(model, **parameters)
    assert where[: len(at)] == at
    assert words in message


def test_every_fault_is_told_at_once() -> None:
    assert len(said("HalfSpaceTrees", n_treez=1, height="tall", window_size=0)) == 3


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("GaussianScorer", {"window_size": 672}),
        ("GaussianScorer", {"window_size": None}),
        ("OneClassSVM", {"nu": 1, "intercept_lr": 0.1, "optimizer": {"class": "optim.SGD", "lr": 0.1}}),
        ("PredictiveAnomalyDetection", FORECASTER),
        ("LocalOutlierFactor", {"engine": {"class": "river.neighbors.LazySearch", "window_size": 100}}),
    ],
)
def test_sound_parameters_build_a_model(model: str, parameters: dict[str, Any]) -> None:
    assert said(model, **parameters) == []
    assert type(catalogue.build(catalogue.choose(model), parameters)).__name__ == model


def test_models_throw_no_dice_of_their_own() -> None:
    for model in ("HalfSpaceTrees", "LODA", "KSWIN"):
        assert catalogue.build(catalogue.choose(model), {}).seed == catalogue.SEED
        assert catalogue.build(catalogue.choose(model), {"seed": 7}).seed == 7
