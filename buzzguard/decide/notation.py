"""Series in short notation, after promtool: `2x60 30x10 _x5 0+3x20`.

`30x10` is 30 ten times, `30` once, `_` an unknown value, `0+3x20` twenty values from 0 in steps of 3 (`60-3x20` goes
down). With durations the same: `0d x60` is written `0dx60`, and `0m+1mx90` grows by a minute a step.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from buzzguard.config.durations import parse_duration
from buzzguard.config.located import show

LONGEST_SERIES = 50_000
"""Values of one series: a month of minutes."""

_NUMBER = r"\d+(?:\.\d+)?"
_DURATION = r"(?:\d+[wdhms])+|0"
_Value = TypeVar("_Value", float, timedelta)


def numbers(text: str) -> list[float | None]:
    """Read a series of numbers; None stands for unknown. Raises ValueError that names the word it cannot read."""
    return _series(text, _NUMBER, float)


def durations(text: str) -> list[timedelta | None]:
    """Read a series of durations; None stands for unknown. Raises ValueError that names the word it cannot read."""
    return _series(text, _DURATION, _duration)


def _duration(word: str) -> timedelta:
    return timedelta(0) if word == "0" else parse_duration(word)


def _series(text: str, pattern: str, read: Callable[[str], _Value]) -> list[_Value | None]:
    word_pattern = re.compile(
        rf"(?:(?P<unknown>_)|(?P<value>{pattern})(?:(?P<sign>[+-])(?P<step>{pattern}))?)(?:x(?P<times>\d{{1,6}}))?"
    )
    values: list[_Value | None] = []
    for word in str(text).split():
        match = word_pattern.fullmatch(word)
        if match is None or (match["step"] and not match["times"]):
            raise ValueError(f"{show(word)!r} is no part of a series, write for example 2x60 30x10 _x5 0+3x20")
        times = int(match["times"] or 1)
        if len(values) + times > LONGEST_SERIES:
            raise ValueError(f"the series has more than {LONGEST_SERIES} values")
        values += _repeated(match, times, read)
    if not values:
        raise ValueError("the series is empty, write for example 2x60 30x10")
    return values


def _repeated(match: re.Match[str], times: int, read: Callable[[str], _Value]) -> list[_Value | None]:
    if match["unknown"]:
        return [None] * times
    value = read(match["value"])
    if not match["step"]:
        return [value] * times
    step = read(match["step"])
    sign = 1 if match["sign"] == "+" else -1
    return [value + step * (sign * index) for index in range(times)]
