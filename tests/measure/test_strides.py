"""The rhythm of closed windows."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.measure.strides import STRIDES
from buzzguard.model import MINUTE, WINDOWS


def test_every_window_has_a_stride_of_whole_minutes_that_divides_the_day_and_the_window() -> None:
    assert tuple(STRIDES) == WINDOWS
    for window, stride in STRIDES.items():
        assert not stride % MINUTE
        assert not window % stride
        assert not timedelta(days=1) % stride
