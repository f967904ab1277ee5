"""What a topic's `detect:` section may say when its detector is `river`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Literal

import msgspec
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from buzzguard.config.base import Frozen
from buzzguard.config.settings import Duration
from buzzguard.detect.by_river import catalogue
from buzzguard.detect.by_river.course import Course
from buzzguard.detect.by_river.judges import judge_of
from buzzguard.model import MEASURED, MINUTE, WINDOWS, Signal

_TRIALS = 60
"""Windows on which parameters are tried before they are believed."""


class RiverSettings(Frozen):
    """Settings of the detector `river`."""

    model: str = "GaussianScorer"
    """The anomaly or drift detector of river that judges: `HalfSpaceTrees`, `river.drift.ADWIN`…"""
    parameters: dict[str, Any] = {}
    """The parameters of its constructor; a part that is a model itself is a section with its `class`."""
    signals: tuple[Signal, ...] = Field(default=(Signal.VOLUME, Signal.NEGATIVE), min_length=1)
    """The signals that it judges; the default detector judges the others."""
    window: Duration = WINDOWS[1]
    """The length of the windows that it is fed with."""
    features: Literal["plain", "lagged"] = "plain"
    """What a model of several features sees: the value alone, or with it the values before and the time of day; with
    these it only adds to what the default detector says."""
    transform: Literal["root", "log", "none"] = "root"
    """The scale on which it sees counts; the root makes their scatter even."""

    @field_validator("model")
    @classmethod
    def _is_offered(cls, model: str) -> str:
        catalogue.choose(model)
        return model

    @field_validator("parameters")
    @classmethod
    def _fit_the_model(cls, parameters: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        model = info.data.get("model")
        if model is None:
            return parameters
        kind = catalogue.choose(model)
        found = catalogue.faults(kind, parameters)
        if found:
            raise ValidationError.from_exception_data(
                "parameters",
                [InitErrorDetails(type=_as_error(message), loc=where, input=parameters) for where, message in found],
            )
        trouble = _trouble(model, msgspec.json.encode(parameters))
        if trouble:
            raise ValueError(f"river's `{kind.__name__}` does not work with these parameters: {trouble}")
        return parameters

    @field_validator("signals")
    @classmethod
    def _are_measured(cls, signals: tuple[Signal, ...]) -> tuple[Signal, ...]:
        for signal in signals:
            if signal not in MEASURED:
                raise ValueError(f"`{signal}` follows from other signals, write only {', '.join(MEASURED)}")
        return tuple(dict.fromkeys(signals))

    @field_validator("window")
    @classmethod
    def _is_a_window(cls, window: Duration) -> Duration:
        if window not in WINDOWS:
            lengths = ", ".join(f"{length // MINUTE}m" for length in WINDOWS)
            raise ValueError(f"no window of this length is measured, write one of {lengths}")
        return window


def _as_error(message: str) -> PydanticCustomError:
    """A message in the form in which the centre reads the messages of validators."""
    return PydanticCustomError("value_error", "{error}", {"error": message})


@lru_cache(maxsize=256)
def _trouble(model: str, parameters: bytes) -> str:
    """What a model with these parameters raises when it is used; empty when nothing."""
    course = Course("root", minutes=15, stride=15)
    try:
        judge = judge_of(catalogue.choose(model), msgspec.json.decode(parameters), course, lagged=True)
        for index in range(_TRIALS):
            minute, y = 15 * index, course.shape(index * 7 % 11)
            judge.score(y, minute)
            judge.learn(y, minute)
            course.remember(minute, y)
            course.learn(minute, y)
    except Exception as error:  # noqa: BLE001 - a library's model: nobody can name all that it raises
        return f"{type(error).__name__}: {error}"[:200]
    return ""
