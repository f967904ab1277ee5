"""River's models behind one face, each with its own faults mended. `score` changes nothing; `learn` takes a value in.

Values are on the scale of a `Course`. A score is higher the more unusually high a value is; None is no score. What
river 0.26.1 gets wrong, and what is done:

- `GaussianScorer`: 2·|cdf − ½| is two-sided and is exactly 1 beyond eight deviations. Its Gaussian is asked instead, in
  the logarithm of the upper tail.
- `StandardAbsoluteDeviation`: two-sided; with `Quantile` a TypeError on the first sample. Its statistics are asked.
- `PredictiveAnomalyDetection`: two-sided, capped at 1, its threshold raised for ever by one spike, changed by
  `score_one`, and a forecaster is not taught a whole number. The residual of its model is judged here, against a
  spread that is cut at three deviations and forgets; every value is a float.
- `HalfSpaceTrees`: wants values in 0…1, and scores 0 for its first window, which is no score.
- `HalfSpaceTrees`, `LODA`, `LocalOutlierFactor`, `OneClassSVM`: score unusual combinations (a quiet night): `rises` is
  false, and the track asks them only for more than usual. With `lagged` features they call a tenfold burst after 60
  quiet days a thing of every day or every third week, `OneClassSVM` with any: what they do not tell means nothing
  (`adds`).
- drift detectors: tell a change once, hours late, not its side or size; a burst is none to them, so that their silence
  means nothing (`adds`). They cannot be asked without being taught: a copy is taught.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from math import erfc, isfinite, log, log10, pi, sqrt
from typing import Any, Protocol

from buzzguard.detect.by_river.catalogue import Parameters, build
from buzzguard.detect.by_river.course import Course, hour_angles

_FAR = 36.0
"""Deviations beyond which the complementary error function nears underflow."""


_FARTHEST = 96
"""Windows ahead for which a forecast is asked: learning waits for late sources, no longer than this."""


_MOST_MISSING = 2016
"""Windows made up for after a gap: three weeks of quarter hours."""


class Judge(Protocol):
    """One model of river for one signal."""

    rises: bool
    """Whether more is never scored lower."""
    adds: bool
    """Whether its silence means nothing: then it can only make rarer what the default detector says."""

    def score(self, y: float, minute: int) -> float | None:
        """How unusual a value is at this time; None while the model cannot tell."""
        ...

    def learn(self, y: float, minute: int) -> None:
        """Take a value in."""
        ...

    def skip(self, minute: int) -> None:
        """A window passes whose value is not to be learned."""
        ...


def judge_of(kind: type, parameters: Parameters, course: Course, *, lagged: bool) -> Judge:
    """The judge of a model of class `kind` (one of the catalogue's)."""
    from river import anomaly, base

    model = build(kind, parameters)
    if isinstance(model, anomaly.GaussianScorer):
        return _Gaussian(model, course)
    if isinstance(model, anomaly.StandardAbsoluteDeviation):
        return _Deviation(model, course)
    if isinstance(model, anomaly.PredictiveAnomalyDetection):
        return _Predictive(model, course, lagged=lagged)
    if isinstance(model, base.DriftDetector):
        return _Drift(model, course)
    if isinstance(model, base.SupervisedAnomalyDetector):
        return _Supervised(model, course, lagged=lagged)
    return _Combination(model, course, lagged=lagged, unit=isinstance(model, anomaly.HalfSpaceTrees))


def upper_decades(z: float) -> float:
    """Minus the common logarithm of the chance that a Gaussian lies `z` deviations or more above its mean."""
    if z < _FAR:
        return -log10(0.5 * erfc(z / sqrt(2.0)))
    return (0.5 * z * z + log(z * sqrt(2.0 * pi))) / log(10.0)


class _Gaussian:
    """`GaussianScorer`."""

    rises, adds = True, False

    def __init__(self, model: Any, course: Course) -> None:
        self._model, self._course = model, course

    def score(self, y: float, minute: int) -> float | None:  # noqa: ARG002 - part of Judge
        gaussian = self._model.gaussian
        if gaussian.n_samples < max(self._model.grace_period, 2):
            return None
        return upper_decades((y - gaussian.mu) / max(gaussian.sigma, self._course.least_spread))

    def learn(self, y: float, minute: int) -> None:  # noqa: ARG002 - part of Judge
        self._model.learn_one(None, y)

    def skip(self, minute: int) -> None:
        """It has no beat."""


class _Deviation:
    """`StandardAbsoluteDeviation`."""

    rises, adds = True, False

    def __init__(self, model: Any, course: Course) -> None:
        self._model, self._course = model, course

    def score(self, y: float, minute: int) -> float | None:  # noqa: ARG002 - part of Judge
        centre, variance = self._model.sub_stat.get(), self._model.variance.get()
        if centre is None or variance is None:
            return None
        return float((y - centre) / max(sqrt(max(variance, 0.0)), self._course.least_spread))

    def learn(self, y: float, minute: int) -> None:  # noqa: ARG002 - part of Judge
        self._model.learn_one(None, y)

    def skip(self, minute: int) -> None:
        """It has no beat."""


class _Predictive:
    """`PredictiveAnomalyDetection`: its model forecasts, or predicts from the features; the residual is judged here."""

    rises, adds = True, False

    def __init__(self, model: Any, course: Course, *, lagged: bool) -> None:
        from river.time_series.base import Forecaster

        self._model, self._course, self._lagged = model, course, lagged
        self._forecasts = isinstance(model.predictive_model, Forecaster)
        self._at = 0
        self._residuals = Course("none", minutes=course.minutes, stride=course.stride, least=course.least_spread)

    def score(self, y: float, minute: int) -> float | None:
        forecast = self._forecast(minute)
        if forecast is None or self._model.iter < self._model.warmup_period:
            return None
        return (y - forecast) / self._residuals.spread

    def learn(self, y: float, minute: int) -> None:
        self._catch_up(minute)
        forecast = self._forecast(minute)
        if forecast is not None and isfinite(forecast):
            self._residuals.learn(minute, y - forecast)
        self._model.learn_one(self._given(minute), float(y))
        self._at = minute

    def _catch_up(self, minute: int) -> None:
        """Windows that were never told count too."""
        missing = (minute - self._at) // self._course.stride - 1 if self._at else 0
        for back in range(min(missing, _MOST_MISSING), 0, -1):
            self.skip(minute - back * self._course.stride)

    def skip(self, minute: int) -> None:
        """A forecaster counts windows: it is taught what it expected, so that its season stays where it is."""
        forecast = self._forecast(minute)
        if self._forecasts:
            expected = self._course.usual(minute) if forecast is None or not isfinite(forecast) else forecast
            self._model.learn_one(None, float(expected))
            self._at = minute

    def _forecast(self, minute: int) -> float | None:
        inner = self._model.predictive_model
        if not self._forecasts:
            return float(inner.predict_one(self._given(minute)))
        # HoltWinters has nothing to say, and raises, before its first season is whole.
        if self._model.iter == 0 or not getattr(inner, "_initialized", True):
            return None
        # `horizon` is not heeded: river takes the first of so many forecasts. It is as far ahead as what is asked.
        ahead = min(max(1, (minute - self._at) // self._course.stride), _FARTHEST)
        return float(inner.forecast(ahead)[-1])

    def _given(self, minute: int) -> dict[str, float] | None:
        if self._forecasts:
            return None
        return {**(self._course.features(minute) if self._lagged else {}), **hour_angles(minute)}


class _Combination:
    """Models that score one point of several features, brought to 0…1 (`unit`) or to deviations from the mean."""

    rises = False

    def __init__(self, model: Any, course: Course, *, lagged: bool, unit: bool) -> None:
        from river import anomaly

        self._model, self._course, self._lagged = model, course, lagged
        self.adds = lagged or isinstance(model, anomaly.OneClassSVM)
        self._scale = _to_unit if unit else _to_deviations
        self._needed = int(getattr(model, "window_size", 0)) if unit else 0
        self._learned = 0

    def score(self, y: float, minute: int) -> float | None:
        if self._learned < max(self._needed, 1):
            return None
        return float(self._model.score_one(self._features(y, minute)))

    def learn(self, y: float, minute: int) -> None:
        self._learned += 1
        self._model.learn_one(self._features(y, minute))

    def skip(self, minute: int) -> None:
        """It has no beat."""

    def _features(self, y: float, minute: int) -> dict[str, float]:
        found = {"now": y, **(self._course.features(minute) if self._lagged else {})}
        scaled = {name: self._scale(value, self._course) for name, value in found.items()}
        if self._lagged:
            scaled |= {name: (1.0 + angle) / 2.0 for name, angle in hour_angles(minute).items()}
        return scaled


class _Supervised:
    """A judge of values that is not known here: its score is taken as it is."""

    rises, adds = False, False

    def __init__(self, model: Any, course: Course, *, lagged: bool) -> None:
        self._model, self._course, self._lagged = model, course, lagged

    def score(self, y: float, minute: int) -> float | None:
        # Such a score may teach: a copy is asked.
        return float(copy.deepcopy(self._model).score_one(self._given(minute), float(y)))

    def learn(self, y: float, minute: int) -> None:
        self._model.learn_one(self._given(minute), float(y))

    def skip(self, minute: int) -> None:
        """It is not taught."""

    def _given(self, minute: int) -> Mapping[str, float]:
        return {**(self._course.features(minute) if self._lagged else {}), **hour_angles(minute)}


class _Drift:
    """A drift detector: where it tells a change, the distance to the usual is the score; else 0."""

    rises, adds = False, True

    def __init__(self, model: Any, course: Course) -> None:
        self._model, self._course = model, course

    def score(self, y: float, minute: int) -> float | None:
        probe = copy.deepcopy(self._model)
        probe.update(float(y))
        if not probe.drift_detected:
            return 0.0
        return max(0.0, (y - self._course.usual(minute)) / self._course.spread)

    def learn(self, y: float, minute: int) -> None:  # noqa: ARG002 - part of Judge
        self._model.update(float(y))

    def skip(self, minute: int) -> None:
        """It has no beat."""


def _to_unit(y: float, course: Course) -> float:
    """0…1 without a largest value, which one spike would raise for ever: the usual lies at a third."""
    middle = 2.0 * max(course.mean, course.spread)
    return y / (y + middle)


def _to_deviations(y: float, course: Course) -> float:
    return (y - course.mean) / course.spread
