"""The day as people live it, and what is planned for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.settings import LEAST_EXPECTED, MOST_EXPECTED, EventSettings, Settings
from buzzguard.detect.calendar import NOTHING_PLANNED, SIGNALS, Calendar, Place
from buzzguard.model import Signal

ZONES = [
    "UTC",
    "Europe/Paris",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Asia/Kolkata",  # +05:30
    "Asia/Kathmandu",  # +05:45
    "America/Havana",  # clocks go back at one in the morning, to midnight
]
DAY = 1440
MINUTES = st.integers(minute := int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) // 60, minute + 4 * 365 * DAY)


def at(text: str) -> int:
    """The minute of a time in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) // 60


def event(begins: str, ends: str, **more: Any) -> EventSettings:
    return EventSettings.model_validate({"name": "An event", "from": begins, "to": ends, "expect": 3, **more})


def calendar(zone: str, country: str = "", *events: EventSettings) -> Calendar:
    return Calendar({"acme": Place(zone, country)}, events)


def by_signal(factors: Any) -> dict[Signal, float]:
    return dict(zip(SIGNALS, map(float, factors), strict=True))


# the day as it is lived


@given(zone=st.sampled_from(ZONES), minute=MINUTES)
def test_the_slot_and_the_day_are_what_the_clock_on_the_wall_says(zone: str, minute: int) -> None:
    wall = datetime.fromtimestamp(minute * 60, UTC).astimezone(ZoneInfo(zone))
    lived = calendar(zone)
    assert (lived.slot("acme", minute), lived.day_class("acme", minute)) == (wall.hour, wall.weekday())


@pytest.mark.parametrize(
    ("zone", "midnight", "hours"),
    [
        ("Europe/Paris", "2027-03-27T23:00", [0, 1, *range(3, 24)]),
        ("Europe/Paris", "2027-10-30T22:00", [0, 1, 2, 2, *range(3, 24)]),
        ("America/New_York", "2027-03-14T05:00", [0, 1, *range(3, 24)]),
        ("America/New_York", "2027-11-07T04:00", [0, 1, 1, *range(2, 24)]),
        ("Australia/Sydney", "2027-04-03T13:00", [0, 1, 2, 2, *range(3, 24)]),  # autumn, in April
        ("America/Havana", "2027-11-07T04:00", [0, 0, *range(1, 24)]),
        ("UTC", "2027-03-28T00:00", list(range(24))),
    ],
)
def test_one_hour_is_missing_in_one_night_and_one_comes_twice_in_the_other(
    zone: str, midnight: str, hours: list[int]
) -> None:
    lived, start = calendar(zone), at(midnight)
    assert [lived.slot("acme", start + 60 * hour) for hour in range(len(hours))] == hours
    assert {lived.day_class("acme", start + 60 * hour) for hour in range(len(hours))} == {6}
    assert lived.day_class("acme", start - 1) == 5
    assert lived.day_class("acme", start + 60 * len(hours)) == 0


def test_the_evening_news_stays_at_eight_when_clocks_change() -> None:
    lived = calendar("Europe/Paris")
    assert lived.slot("acme", at("2027-03-27T19:00")) == lived.slot("acme", at("2027-03-28T18:00")) == 20


def test_half_and_quarter_hours_are_no_trouble() -> None:
    assert [calendar("Asia/Kathmandu").slot("acme", at(f"2027-03-15T{time}")) for time in ("18:14", "18:15")] == [23, 0]
    assert calendar("Asia/Kathmandu").day_class("acme", at("2027-03-15T18:15")) == 1


def test_a_public_holiday_is_lived_like_a_sunday_and_the_days_around_it_as_ever() -> None:
    french = calendar("Europe/Paris", "FR")
    july = [french.day_class("acme", at(f"2027-07-{day}T10:00")) for day in (13, 14, 15)]
    assert july == [1, 6, 3]
    assert french.holiday("acme", at("2027-07-14T10:00")) == {"en": "National Day", "fr": "Fête nationale"}
    assert french.holiday("acme", at("2027-07-15T10:00")) is None


def test_a_holiday_begins_and_ends_at_the_midnight_of_its_people() -> None:
    french = calendar("Europe/Paris", "FR")
    edges = ["2027-07-13T21:59", "2027-07-13T22:00", "2027-07-14T21:59", "2027-07-14T22:00"]
    assert [french.day_class("acme", at(edge)) for edge in edges] == [1, 6, 6, 3]
    american = calendar("America/New_York", "US")
    assert american.day_class("acme", at("2028-01-01T03:00")) == 6  # the 31st: the day off for New Year's Day
    assert american.day_class("acme", at("2027-12-31T04:59")) == 3


def test_without_a_country_no_day_is_a_holiday() -> None:
    assert calendar("Europe/Paris").day_class("acme", at("2027-07-14T10:00")) == 2
    assert calendar("Europe/Paris").holiday("acme", at("2027-07-14T10:00")) is None


def test_where_people_work_on_sundays_a_holiday_is_like_their_day_of_rest() -> None:
    israeli = calendar("Asia/Jerusalem", "IL")
    assert israeli.day_class("acme", at("2027-04-22T08:00")) == 5  # Passover, a Thursday
    assert israeli.day_class("acme", at("2027-04-25T08:00")) == 6  # a Sunday like any other


# planned events


def test_nothing_is_planned_unless_somebody_planned_it() -> None:
    plain = calendar("Europe/Paris", "FR")
    minute = at("2027-07-14T10:00")
    assert plain.factors("acme", minute) is plain.mean_factors("acme", minute - DAY, minute) is NOTHING_PLANNED
    assert plain.planned("acme", minute) == ()


@pytest.mark.parametrize(
    ("tone", "usual"),
    [
        ("any", set()),
        ("positive", {Signal.NEGATIVE}),
        ("negative", {Signal.POSITIVE}),
    ],
)
def test_the_tone_of_an_event_says_what_stays_as_usual(tone: str, usual: set[Signal]) -> None:
    planned = calendar("UTC", "", event("2027-03-15", "2027-03-15", tone=tone))
    told = by_signal(planned.factors("acme", at("2027-03-15T12:00")))
    never = {Signal.GRAVITY, Signal.SHARE, Signal.CRISIS}
    assert {signal for signal, factor in told.items() if factor == 3.0} == set(Signal) - usual - never
    assert told[Signal.SHARE] == (1.5 if tone == "negative" else 1.0)
    assert told[Signal.GRAVITY] == told[Signal.CRISIS] == 1.0


def test_an_event_is_on_from_its_first_minute_to_its_last() -> None:
    planned = calendar("Europe/Paris", "", event("2027-03-15T20:50", "2027-03-15T22:00", name="TV spot"))
    edges = ["2027-03-15T19:49", "2027-03-15T19:50", "2027-03-15T20:59", "2027-03-15T21:00"]
    assert [planned.factors("acme", at(edge))[0] for edge in edges] == [1, 3, 3, 1]
    assert [planned.planned("acme", at(edge)) for edge in edges] == [(), ("TV spot",), ("TV spot",), ()]
    assert [found.expect for found in planned.events("acme", at(edges[1]))] == [3]


def test_a_day_is_that_of_each_topics_people_unless_the_event_has_a_zone() -> None:
    topics = {"here": Place("Europe/Paris"), "there": Place("America/New_York")}
    local = Calendar(topics, [event("2027-03-15", "2027-03-15")])
    world = Calendar(topics, [event("2027-03-15", "2027-03-15", time_zone="UTC")])
    hours = [at(f"2027-03-15T{hour:02}:00") - 120 for hour in range(0, 8)]
    on = [
        [bool(found.planned(name, hour)) for hour in hours].index(True) for found in (local, world) for name in topics
    ]
    assert on == [1, 6, 2, 2]


def test_an_event_concerns_its_topics_alone() -> None:
    topics = {"acme": Place("UTC"), "other": Place("UTC")}
    planned = Calendar(topics, [event("2027-03-15", "2027-03-15", topics=["acme", "gone", "acme"])])
    minute = at("2027-03-15T12:00")
    assert planned.factors("acme", minute)[0] == 3
    assert planned.factors("other", minute) is NOTHING_PLANNED
    with pytest.raises(KeyError):
        planned.factors("gone", minute)


def test_overlapping_events_multiply_within_bounds() -> None:
    day = ("2027-03-15", "2027-03-15")
    minute = at("2027-03-15T12:00")
    both = calendar("UTC", "", event(*day, name="One"), event(*day, name="Two", expect=4, tone="positive"))
    assert by_signal(both.factors("acme", minute))[Signal.VOLUME] == 12
    assert by_signal(both.factors("acme", minute))[Signal.NEGATIVE] == 3
    assert both.planned("acme", minute) == ("One", "Two")
    much = calendar("UTC", "", event(*day, expect=100), event(*day, expect=100))
    little = calendar("UTC", "", event(*day, expect=0.01), event(*day, expect=0.01))
    assert much.factors("acme", minute)[0] == MOST_EXPECTED
    assert little.factors("acme", minute)[0] == LEAST_EXPECTED


def test_a_window_that_an_event_fills_by_a_quarter_expects_that_much_more() -> None:
    planned = calendar("UTC", "", event("2027-03-15T23:45", "2027-03-16T00:15"))
    end = at("2027-03-16T00:00")
    assert planned.mean_factors("acme", end - 60, end)[0] == pytest.approx(1.5)
    assert planned.mean_factors("acme", end - 60, end + 60)[0] == pytest.approx(1.5)
    assert planned.mean_factors("acme", end - 5, end + 5)[0] == 3
    assert planned.mean_factors("acme", end - 3 * DAY, end + 3 * DAY)[0] == pytest.approx(1 + 2 * 30 / (6 * DAY))


def _some_event(*, day: int, hour: int, minutes: int, every: str | None, expect: float, tone: str) -> EventSettings:
    begins = datetime(2027, 1, 1, hour, tzinfo=UTC) + timedelta(days=day)
    ends = begins + timedelta(minutes=minutes)
    return event(f"{begins:%Y-%m-%dT%H:%M}", f"{ends:%Y-%m-%dT%H:%M}", every=every, expect=expect, tone=tone)


EVENTS = st.lists(
    st.builds(
        _some_event,
        day=st.integers(0, 30),
        hour=st.integers(0, 23),
        minutes=st.integers(1, 7 * DAY),
        every=st.sampled_from([None, "week", "year"]),
        expect=st.floats(LEAST_EXPECTED, MOST_EXPECTED),
        tone=st.sampled_from(["any", "positive", "negative"]),
    ),
    max_size=4,
)


@given(zone=st.sampled_from(ZONES), events=EVENTS, after=st.integers(-2 * DAY, 500 * DAY), length=st.integers(1, 200))
def test_the_mean_is_the_mean_of_the_minutes(zone: str, events: list[EventSettings], after: int, length: int) -> None:
    planned = calendar(zone, "", *events)
    start = at("2027-01-01T00:00") + after
    each = np.array([planned.factors("acme", minute) for minute in range(start, start + length)])
    assert planned.mean_factors("acme", start, start + length) == pytest.approx(each.mean(axis=0))
    assert (each >= LEAST_EXPECTED).all() and (each <= MOST_EXPECTED).all()
    assert (each[:, SIGNALS.index(Signal.GRAVITY)] == 1).all()


@given(events=EVENTS, minutes=st.lists(st.integers(0, 400 * DAY), min_size=1, max_size=5))
def test_what_is_told_of_all_topics_is_what_is_told_of_each(events: list[EventSettings], minutes: list[int]) -> None:
    topics = {f"{zone}-{number}": Place(zone, country) for number, country in enumerate(("", "FR")) for zone in ZONES}
    events = [
        one.model_copy(update={"topics": tuple(list(topics)[number::3])}) if number else one
        for number, one in enumerate(events)
    ]
    all_topics = Calendar(topics, events)
    for minute in (at("2027-01-01T00:00") + after for after in minutes):
        tick = all_topics.at(minute)
        mean = all_topics.mean_factors_of_all(minute - 90, minute)
        for row, topic in enumerate(all_topics.topics):
            alone = Calendar({topic: topics[topic]}, events)
            assert tick.slot[row] == alone.slot(topic, minute)
            assert tick.day_class[row] == alone.day_class(topic, minute)
            assert (tick.factors[row] == alone.factors(topic, minute)).all()
            assert (mean[row] == alone.mean_factors(topic, minute - 90, minute)).all()


def test_what_is_told_of_a_minute_is_the_same_in_any_order_and_nobody_can_change_it() -> None:
    planned = calendar("UTC", "FR", event("2027-01-04T08:00", "2027-01-04T09:00", every="week"))
    minutes = [at("2027-01-04T08:30") + 7 * DAY * week for week in range(40)]
    assert {float(planned.factors("acme", minute)[0]) for minute in [*minutes, *reversed(minutes)]} == {3.0}
    tick = planned.at(minutes[0])
    for array in (tick.factors, tick.slot, tick.day_class, planned.factors("acme", minutes[0])):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert (planned.at(minutes[0] - DAY).factors == 1).all()
    assert (planned.at(minutes[0]).factors[:, 0] == 3).all()


def test_an_empty_span_has_no_mean() -> None:
    planned = calendar("UTC")
    with pytest.raises(ValueError, match="no minute"):
        planned.mean_factors("acme", 5, 5)
    with pytest.raises(ValueError, match="no minute"):
        planned.mean_factors_of_all(5, 4)


def test_no_topics_have_no_calendar() -> None:
    tick = Calendar({}).at(at("2027-01-01T00:00"))
    assert (len(tick.slot), len(tick.day_class), tick.factors.shape) == (0, 0, (0, len(SIGNALS)))


def test_a_configuration_says_where_topics_live() -> None:
    settings = Settings.model_validate(
        {
            "time_zone": "Europe/Paris",
            "country": "FR",
            "topics": {
                "acme": {"name": "Acme", "query": "acme"},
                "abroad": {"name": "Acme", "query": "acme", "country": "US", "time_zone": "America/New_York"},
                "nowhere": {"name": "Acme", "query": "acme", "country": ""},
            },
            "calendar": [
                {"name": "Campaign", "from": "2027-07-14", "to": "2027-07-14", "expect": 2, "topics": ["acme"]}
            ],
        }
    )
    planned = Calendar.of(settings)
    noon = at("2027-07-14T12:00")
    assert [planned.slot(topic, noon) for topic in settings.topics] == [14, 8, 14]
    assert [planned.day_class(topic, noon) for topic in settings.topics] == [6, 2, 2]
    assert [planned.planned(topic, noon) for topic in settings.topics] == [("Campaign",), (), ()]


def test_ten_thousand_topics_share_what_is_computed() -> None:
    """How long a tick takes is told by the benches; here: that it is one computation for each group, not topic."""
    zones, countries = ZONES[:5], ["FR", "US", "GB"]
    topics = {f"t{number}": Place(zones[number % 5], countries[number % 3]) for number in range(10_000)}
    planned = Calendar(topics, [event("2027-03-15", "2027-03-20", topics=["t1", "t6"])])
    first = planned.at(at("2027-03-17T10:00"))
    assert first.factors[:, 0].sum() == 10_000 + 2 * 2
    following = planned.at(at("2027-03-17T10:01"))
    assert following is not first
    assert following.factors is first.factors
    assert following.slot is first.slot
