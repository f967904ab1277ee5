"""Laws of the baselines of counts that come without texts."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from math import inf, sqrt

import pytest

from buzzguard.detect.counted import Counted, _beyond
from buzzguard.model import Assessment, Count, CountKind, Direction, Signal

START = datetime(2026, 1, 5, tzinfo=UTC)
DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(weeks=1)


def views(values: list[float], *, length: timedelta = DAY, stream: str = "wiki", first: int = 0) -> list[Count]:
    return [
        Count(
            stream=stream,
            kind=CountKind.PAGE_VIEWS,
            start=START + (first + n) * length,
            end=START + (first + n + 1) * length,
            value=value,
        )
        for n, value in enumerate(values)
    ]


def counted(counts: list[Count]) -> Counted:
    made = Counted(["acme"], {"wiki": ["acme"], "other": ["acme"]})
    made.take(counts)
    return made


def told(counts: list[Count], *, later: timedelta = HOUR) -> Assessment | None:
    now = max(count.end for count in counts) + later
    for signals in counted(counts).assess("acme", now).values():
        return signals.get(Signal.PAGE_VIEWS)
    return None


def ordinary(bins: int, *, mean: float = 1000.0, week: int = 7, seed: int = 1) -> list[float]:
    """A series that varies by a tenth, half as much at weekends."""
    dice = random.Random(seed)
    return [round(mean * (0.5 if n % week >= week * 5 / 7 else 1.0) * dice.lognormvariate(0, 0.1)) for n in range(bins)]


def test_a_day_that_many_look_is_rare_and_its_number_is_said() -> None:
    found = told([*views(ordinary(56)), *views([9000.0], first=56)])
    assert found is not None and found.direction is Direction.ABOVE
    assert (found.observed, found.window) == (9000.0, DAY)
    assert found.expected == pytest.approx(1000, rel=0.15)
    assert found.once_per > timedelta(days=365)
    assert found.expected < found.high < 2000


def test_the_baseline_knows_the_day_of_the_week() -> None:
    sunday = told(views(ordinary(56)))
    assert sunday is not None and sunday.expected == pytest.approx(500, rel=0.15)
    assert sunday.once_per < timedelta(days=30)
    monday_like = told([*views(ordinary(55)), *views([1000.0], first=55)])
    assert monday_like is not None and monday_like.once_per > timedelta(days=60), "a Monday's views on a Sunday"


def test_a_young_series_says_nothing_and_an_old_count_is_not_spoken_of() -> None:
    assert told([*views(ordinary(10)), *views([90_000.0], first=10)]) is None
    loud = [*views(ordinary(56)), *views([9000.0], first=56)]
    assert told(loud, later=timedelta(hours=47)) is not None
    assert told(loud, later=timedelta(hours=49)) is None
    assert told(loud, later=-HOUR) is None


def test_a_return_period_is_bounded_by_what_is_known() -> None:
    found = told([*views(ordinary(22)), *views([1e9], first=22)])
    assert found is not None and timedelta(days=90) < found.once_per <= 10 * timedelta(days=23)


def test_ordinary_days_are_as_rare_as_they_claim() -> None:
    """Over many series, what is said to happen once in thirty days or less happens about as often."""
    claimed = watched = 0
    for seed in range(40):
        values = ordinary(150, seed=seed)
        made = counted(views(values[:60]))
        for day in range(60, 150):
            made.take(views([values[day]], first=day))
            found = made.assess("acme", START + (day + 1) * DAY + HOUR)[DAY][Signal.PAGE_VIEWS]
            claimed += found.direction is Direction.ABOVE and found.once_per >= timedelta(days=30)
            watched += 1
    assert claimed <= 1.3 * watched / 30


def test_a_crisis_in_the_past_hardly_moves_the_baseline() -> None:
    values = ordinary(56)
    loud = [value * 50 if 40 <= n < 45 else value for n, value in enumerate(values)]
    calm, after = told([*views(values), *views([1000.0], first=56)]), told([*views(loud), *views([1000.0], first=56)])
    assert calm is not None and after is not None
    assert after.expected == pytest.approx(calm.expected, rel=0.15)


def test_a_later_count_of_the_same_span_replaces_the_former_and_order_does_not_matter() -> None:
    values = views(ordinary(60))
    revised = [*views([3000.0], first=59)]
    first = told([*values, *revised])
    shuffled = values.copy()
    random.Random(2).shuffle(shuffled)
    assert first == told([*shuffled, *revised])
    assert first is not None and first.observed == 3000.0


def test_hours_are_compared_with_the_same_hour() -> None:
    day_and_night = [1000.0 if 8 <= n % 24 < 20 else 50.0 for n in range(24 * 14)]
    dice = random.Random(3)
    noisy = [round(value * dice.lognormvariate(0, 0.1)) for value in day_and_night]
    night = told(views([*noisy, 60.0], length=HOUR))
    loud = told(views([*noisy, 1000.0], length=HOUR))
    assert night is not None and night.once_per < timedelta(days=30) and night.window == HOUR
    assert loud is not None and loud.once_per > timedelta(days=90)


def test_two_series_share_the_doubt() -> None:
    loud = [*views(ordinary(56)), *views([1e9], first=56)]
    quiet = views(ordinary(57, seed=5), stream="other")
    alone, together = told(loud), told([*loud, *quiet])
    assert alone is not None and together is not None
    assert together.observed == 1e9 and together.once_per == alone.once_per / 2


@pytest.mark.parametrize("value", [-1.0, inf, float("nan")])
def test_a_count_that_is_none_is_passed_over(value: float) -> None:
    assert counted([]).take(views([value])) == set()


def test_the_tail_is_that_of_student() -> None:
    for deviate, beyond in ((0.0, 0.5), (1.4398, 0.1), (1.9432, 0.05), (3.7074, 0.005), (5.2076, 0.001)):
        assert _beyond(deviate) == pytest.approx(beyond, rel=1e-3)
    assert _beyond(30.0) == pytest.approx(_beyond(30.0001), rel=0.05)
    assert _beyond(sqrt(1e30)) >= 0.0
