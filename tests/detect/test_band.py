"""The band of a chart is what each of its bins would be held against, were it judged by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.config.settings import EventSettings
from buzzguard.detect.calendar import Calendar, Place
from buzzguard.detect.seasonal import SeasonalDetector, SeasonalSettings
from buzzguard.model import WINDOWS, Samples, Signal

FIRST = datetime(2026, 3, 26, tzinfo=UTC)
"""Three days before clocks go forward in Paris."""
HOUR = timedelta(hours=1)
LAUNCH = EventSettings.model_validate(
    {"name": "Launch", "from": "2026-03-28T09:00", "to": "2026-03-28T21:30", "expect": 3}, by_alias=True
)


@pytest.fixture(scope="module")
def detector() -> SeasonalDetector:
    """Four days of a topic that is busier by day, with a launch on the third."""
    calendar = Calendar({"acme": Place("Europe/Paris", "FR"), "other": Place("UTC")}, [LAUNCH])
    made = SeasonalDetector(SeasonalSettings(), ("other", "acme"), calendar)
    for hours in range(1, 97):
        end = FIRST + hours * HOUR
        volume = 5 + end.hour
        made.learn(
            [
                Samples(topic="acme", window=window, end=end, closed=True, volume=max(1, volume * (window // HOUR)))
                for window in WINDOWS
            ]
        )
    return made


@pytest.mark.parametrize("length", [timedelta(minutes=15), HOUR, timedelta(hours=6)])
def test_each_bin_is_held_against_what_a_window_of_that_time_is(detector: SeasonalDetector, length: timedelta) -> None:
    bins, end = 40, FIRST + 92 * HOUR
    alone = [
        detector.assess([Samples(topic="acme", window=length, end=end - back * length)])[0].assessments[Signal.VOLUME]
        for back in range(bins - 1, -1, -1)
    ]
    expected, high = detector.band("acme", end, length, bins)
    assert expected == pytest.approx([one.expected for one in alone])
    assert high == pytest.approx([one.high for one in alone])
    assert len({round(each, 6) for each in expected}) > 5, "the season and the launch are in it"


def test_no_bins_are_no_band(detector: SeasonalDetector) -> None:
    assert detector.band("acme", FIRST, HOUR, 0) == ([], [])
