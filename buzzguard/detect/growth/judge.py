"""All that is said of a story's growth, in one record."""

from __future__ import annotations

from buzzguard.detect.growth.ahead import forecast, futures, peak_ahead
from buzzguard.detect.growth.begets import reproduction
from buzzguard.detect.growth.course import Course, minutes_of
from buzzguard.detect.growth.pace import Pace, doubling, pace
from buzzguard.detect.growth.story import Story, story
from buzzguard.model import MINUTE, Growth, Phase

YOUNG = 30
FEW = 10.0


def judge_growth(course: Course) -> Growth:
    """How the story of a course goes on. Deterministic; any numbers are taken, see `course`."""
    minutes = minutes_of(course)
    found = story(minutes)
    usual = minutes.usual_now * 60.0
    if found.begun is None:
        return Growth(at=course.at, signal=course.signal, per_hour=usual, expected_per_hour=usual)
    rate = pace(minutes, found.age)
    doubles, halves = doubling(rate)
    stage = phase(found, rate)
    ways = futures(minutes, rate, found)
    number, apparent = reproduction(minutes, found, rate.scatter)
    return Growth(
        at=course.at,
        signal=course.signal,
        phase=stage,
        since=minutes.instant(found.begun),
        per_hour=usual + rate.level * 60.0,
        expected_per_hour=usual,
        doubles_in=doubles,
        halves_in=halves,
        fitted=rate.span * MINUTE,
        forecast=forecast(minutes, ways),
        peak=None if found.past_peak else peak_ahead(minutes, ways),
        reproduction=number,
        apparent=apparent,
        past_peak=found.past_peak,
        peaked=found.peak,
    )


def phase(found: Story, rate: Pace) -> Phase:
    """Where in its life a story stands; the rules stand at `Phase`."""
    if not found.lately:
        return Phase.OVER
    if found.past_peak or (rate.clear and rate.slope < 0.0):
        return Phase.FALLING
    if rate.clear and rate.slope > 0.0:
        return Phase.GROWING
    if found.age < YOUNG or found.surplus < FEW:
        return Phase.STARTING
    return Phase.PEAKING
