"""What alerts were worth, and how sure one can be of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.model import Cause, Incident, Transition
from buzzguard.respond.incident import advance, open_incident
from buzzguard.review.precision import Worth, precisions, weighed, wilson, worth_of
from tests.review.night import CLAIRE, alert, minute


def lived(number: int, *causes: Cause, rule: str = "negative-surge") -> tuple[Incident, list[Transition]]:
    incident, opened = open_incident([replace(alert(), rule=rule)], minute(35), id=f"i{number}")
    moves = [opened]
    for place, cause in enumerate(causes):
        incident, move = advance(incident, cause, minute(40 + place), who=CLAIRE)
        moves.append(move)
    return incident, moves


@pytest.mark.parametrize(
    ("causes", "worth"),
    [
        ((), Worth.UNJUDGED),
        ((Cause.REMINDED, Cause.ALERTS_RESOLVED), Worth.UNJUDGED),
        ((Cause.ACKNOWLEDGED_BY_USER,), Worth.USEFUL),
        ((Cause.ACKNOWLEDGED_BY_USER, Cause.ALERTS_RESOLVED), Worth.USEFUL),
        ((Cause.RESOLVED_BY_USER,), Worth.USEFUL),
        ((Cause.ACKNOWLEDGED_BY_USER, Cause.FALSE_ALARM_BY_USER), Worth.NOISE),
    ],
)
def test_what_people_did_says_what_it_was_worth(causes: tuple[Cause, ...], worth: Worth) -> None:
    assert worth_of(*lived(1, *causes)) is worth


def test_the_noisiest_rule_stands_first() -> None:
    lives = [
        lived(1, Cause.ACKNOWLEDGED_BY_USER),
        lived(2, Cause.FALSE_ALARM_BY_USER),
        lived(3),
        lived(4, Cause.FALSE_ALARM_BY_USER, rule="volume-surge"),
        lived(5, Cause.FALSE_ALARM_BY_USER, rule="volume-surge"),
        lived(6, rule="praise-surge"),
    ]
    found = precisions(weighed([one for one, _ in lives], {one.id: moves for one, moves in lives}))
    assert [(one.rule, one.useful, one.noise, one.unjudged, one.share) for one in found] == [
        ("volume-surge", 0, 2, 0, 0.0),
        ("negative-surge", 1, 1, 1, 0.5),
        ("praise-surge", 0, 0, 1, None),
    ]


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_interval_holds_the_share_and_narrows(trials: int, part: float) -> None:
    successes = round(part * trials)
    low, high = wilson(successes, trials)
    assert 0 <= low <= successes / trials + 1e-9
    assert successes / trials - 1e-9 <= high <= 1
    wider = wilson(successes, trials)
    narrow = wilson(4 * successes, 4 * trials)
    assert narrow[1] - narrow[0] <= wider[1] - wider[0] + 1e-9


def test_a_known_interval() -> None:
    assert wilson(8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)
