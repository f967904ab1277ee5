"""Who is on call when, in the time of those who are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from buzzguard.config.rotas import RotaSettings
from buzzguard.model import CommandKind
from buzzguard.respond.rotas import Duty, Rota, Rotas
from tests.respond.scene import Scene, policy

PARIS = ZoneInfo("Europe/Paris")
WEEKLY = {"layers": [{"members": ["claire", "karim", "lea"], "from": "2026-11-02"}]}


def rota(written: dict[str, Any], *, country: str = "FR") -> Rota:
    return Rota(RotaSettings.model_validate(written), time_zone="Europe/Paris", country=country)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def who(of: Rota, text: str) -> str:
    return ",".join(of.duty(paris(text)).who)


def test_turns_change_each_week_at_the_handover() -> None:
    weekly = rota(WEEKLY)
    assert who(weekly, "2026-11-02T09:00") == "claire"
    assert who(weekly, "2026-11-09T08:59") == "claire"
    assert who(weekly, "2026-11-09T09:00") == "karim"
    assert who(weekly, "2026-11-23T09:00") == "claire"
    assert who(weekly, "2026-11-02T08:59") == "lea"


def test_a_handover_keeps_its_local_time_when_clocks_change() -> None:
    weekly = rota({"layers": [{"members": ["claire", "karim"], "from": "2027-03-22", "handover": "sun 09:00"}]})
    assert who(weekly, "2027-04-04T08:59") == "claire"
    assert who(weekly, "2027-04-04T09:00") == "karim"


def test_turns_may_be_days() -> None:
    daily = rota({"layers": [{"members": ["a", "b"], "turn": "1d", "handover": "18:00", "from": "2026-11-02"}]})
    assert [who(daily, f"2026-11-0{day}T18:00") for day in (2, 3, 4)] == ["a", "b", "a"]
    assert who(daily, "2026-11-03T17:59") == "a"


SUN = {
    "layers": [
        {"members": ["paris"], "hours": {"from": "08:00", "to": "20:00"}},
        {"members": ["montreal"], "hours": {"from": "08:00", "to": "20:00", "time_zone": "America/Toronto"}},
        {"members": ["sydney"]},
    ]
}


def test_layers_follow_the_sun() -> None:
    assert [who(rota(SUN), f"2026-11-24T{hour}:30") for hour in ("07", "08", "19", "20", "23")] == [
        "sydney",
        "paris",
        "paris",
        "montreal",
        "montreal",
    ]


def test_a_public_holiday_is_no_working_day_and_may_have_people_of_its_own() -> None:
    holidays = rota(
        {
            "layers": [
                {"members": ["office"], "hours": {"days": "mon-fri", "from": "09:00", "to": "18:00"}},
                {"members": ["volunteer"], "hours": {"days": "holiday"}},
                {"members": ["night"]},
            ]
        }
    )
    assert who(holidays, "2026-11-10T12:00") == "office"
    assert who(holidays, "2026-11-11T12:00") == "volunteer"
    assert who(holidays, "2026-11-12T19:00") == "night"
    assert (
        who(
            rota({**WEEKLY, "layers": [{"members": ["x"], "hours": {"days": "holiday"}}]}, country="GB"),
            "2026-12-25T10:00",
        )
        == "x"
    )


def test_hours_of_a_night_belong_to_the_day_on_which_they_begin() -> None:
    nights = rota(
        {
            "layers": [
                {"members": ["owl"], "hours": {"days": "fri", "from": "22:00", "to": "07:00"}},
                {"members": ["lark"]},
            ]
        }
    )
    assert who(nights, "2026-11-20T22:00") == "owl"
    assert who(nights, "2026-11-21T06:59") == "owl"
    assert who(nights, "2026-11-21T07:00") == "lark"
    assert who(nights, "2026-11-21T23:00") == "lark"


def test_who_stands_in_is_on_call_and_the_last_word_wins() -> None:
    swapped = rota(
        {
            **WEEKLY,
            "overrides": [
                {"who": "lea", "from": "2026-11-05", "to": "2026-11-06"},
                {"who": "karim", "from": "2026-11-06T12:00", "to": "2026-11-06T14:00"},
                {"who": "lea", "from": "2026-11-07", "to": "2026-11-20", "instead_of": "karim"},
            ],
        }
    )
    assert swapped.duty(paris("2026-11-05T00:00")) == Duty(who=("lea",), by="override")
    assert who(swapped, "2026-11-06T13:00") == "karim"
    assert who(swapped, "2026-11-06T23:59") == "lea"
    assert who(swapped, "2026-11-08T10:00") == "claire"
    assert who(swapped, "2026-11-10T10:00") == "lea"


def test_where_nobody_is_on_call_everybody_is_told() -> None:
    gap = rota({"layers": [{"members": ["a", "b"], "hours": {"days": "mon-fri"}}]})
    assert gap.duty(paris("2026-11-21T12:00")) == Duty(who=("a", "b"), by="nobody")


def test_the_plan_names_each_shift_once() -> None:
    start = paris("2026-11-23T00:00")
    shifts = rota(WEEKLY).shifts(start, start + timedelta(days=9))
    assert [(shift.begins, shift.duty.who) for shift in shifts] == [
        (start, ("lea",)),
        (paris("2026-11-23T09:00"), ("claire",)),
        (paris("2026-11-30T09:00"), ("karim",)),
    ]
    assert shifts[-1].ends == start + timedelta(days=9)


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ({"turn": "36h"}, "whole days"),
        ({"turn": "1d", "handover": "mon 09:00"}, "turns of whole weeks"),
        ({"handover": "noon"}, "is no handover"),
        ({"handover": "lundi 09:00"}, "is no weekday"),
        ({"members": []}, "at least 1"),
        ({"hours": {"from": "09:00", "to": "09:00"}}, "the same time"),
        ({"hours": {"from": "25:00"}}, "not a time of day"),
        ({"hours": {"days": "mon-fry"}}, ""),
    ],
)
def test_what_cannot_be_meant_is_refused(layer: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said or None):
        RotaSettings.model_validate({"layers": [{"members": ["a"], **layer}]})


def test_times_that_yaml_reads_as_numbers_are_times() -> None:
    read = RotaSettings.model_validate({"layers": [{"members": ["a"], "hours": {"from": 1080, "to": 1200}}]})
    assert read.layers[0].hours is not None and read.layers[0].hours.begins == 18 * 60


INSTANTS = st.integers(0, 730 * 1440).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@given(INSTANTS, st.sampled_from([WEEKLY, SUN]), st.integers(1, 30))
def test_shifts_have_no_gap_and_say_what_each_instant_says(start: datetime, written: dict[str, Any], days: int) -> None:
    of, end = rota(written), start + timedelta(days=days)
    shifts = of.shifts(start, end)
    assert (shifts[0].begins, shifts[-1].ends) == (start, end)
    assert all(one.ends == two.begins and one.duty != two.duty for one, two in pairwise(shifts))
    for shift in shifts:
        assert shift.begins < shift.ends
        middle = shift.begins + (shift.ends - shift.begins) / 2
        assert of.duty(shift.begins) == of.duty(middle) == of.duty(shift.ends - timedelta(seconds=1)) == shift.duty


# told


NIGHT = Rotas(
    {
        "oncall": RotaSettings.model_validate(
            {"layers": [{"members": ["comms", "manager"], "turn": "1d", "handover": "03:00", "from": "2026-11-21"}]}
        )
    }
)


def test_a_step_tells_whoever_is_on_call_when_it_goes_out() -> None:
    scene = Scene({"default": policy((0, "oncall"), (120, "oncall board"))}, rotas=NIGHT)
    scene.fire()
    assert scene.told() == ["comms:card"]
    scene.wait(120)
    assert scene.told() == ["comms:update", "comms:news", "manager:card", "board:card"]
    assert scene.last.transitions[0].detail["receivers"] == "manager,board"


def test_the_card_names_who_will_be_on_call_then() -> None:
    scene = Scene({"default": policy((0, "comms"), (120, "oncall"))}, rotas=NIGHT)
    scene.fire()
    assert scene.last.notifications[0].card.next_receivers == ("manager",)


def test_whoever_takes_over_the_watch_hears_of_what_goes_on() -> None:
    scene = Scene({"default": policy((0, "oncall"), repeat=0, remind=120)}, rotas=NIGHT)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.wait(119)
    assert scene.told() == []
    scene.wait(2)
    assert scene.told() == ["comms:update", "comms:news", "manager:card"]
    assert scene.last.transitions[0].detail == {"on_call": "manager"}
