"""What alerts were worth, and how sure one can be of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.model import Cause, Command, CommandKind, Incident, Person, Transition, Usefulness
from buzzguard.respond.incident import advance, open_incident
from buzzguard.review.precision import Worth, precisions, votes_of, weighed, wilson, worth_of
from tests.review.night import CLAIRE, alert, minute


def lived(number: int, *causes: Cause, rule: str = "negative-surge") -> tuple[Incident, list[Transition]]:
    incident, opened = open_incident([replace(alert(), rule=rule)], minute(35), id=f"i{number}")
    moves = [opened]
    for place, cause in enumerate(causes):
        incident, move = advance(incident, cause, minute(40 + place), who=CLAIRE)
        moves.append(move)
    return incident, moves


KARIM, LEA = (Person(id=id, name=id, via="slack") for id in ("U2", "U3"))


def vote(incident: str, useful: bool, *, who: Person = CLAIRE, at: int = 50) -> Command:
    return Command(
        id=f"vote-{incident}-{who.id}-{at}",
        kind=CommandKind.JUDGE,
        incident=incident,
        who=who,
        at=minute(at),
        asked=Usefulness(useful=useful),
    )


@pytest.mark.parametrize(
    ("causes", "worth"),
    [
        ((), Worth.UNJUDGED),
        ((Cause.REMINDED, Cause.ALERTS_RESOLVED), Worth.UNJUDGED),
        ((Cause.ACKNOWLEDGED_BY_USER,), Worth.WORKED),
        ((Cause.ACKNOWLEDGED_BY_USER, Cause.ALERTS_RESOLVED), Worth.WORKED),
        ((Cause.RESOLVED_BY_USER,), Worth.WORKED),
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
    assert [(one.rule, one.worked, one.noise, one.unjudged) for one in found] == [
        ("volume-surge", 0, 2, 0),
        ("negative-surge", 1, 1, 1),
        ("praise-surge", 0, 0, 1),
    ]
    assert [one.share for one in found] == [0.0, pytest.approx(1 / 3), None]


def test_a_vote_is_worth_twice_what_taking_charge_says() -> None:
    lives = [lived(number, Cause.ACKNOWLEDGED_BY_USER) for number in (1, 2)] + [lived(3, Cause.FALSE_ALARM_BY_USER)]
    moves = {one.id: made for one, made in lives}
    incidents = [one for one, _ in lives]
    (silent,) = precisions(weighed(incidents, moves))
    assert (silent.useful, silent.worked, silent.noise, silent.share) == (0, 2, 1, 0.5)
    (voted,) = precisions(weighed(incidents, moves, votes_of([vote("i1", True), vote("i2", True, who=KARIM)])))
    assert (voted.useful, voted.worked, voted.noise) == (2, 0, 1)
    assert voted.share == pytest.approx(2 / 3)
    assert silent.alerts == voted.alerts == 3
    (unsaid,) = precisions(weighed(incidents[:2], moves))
    assert (unsaid.worked, unsaid.share) == (2, None), "taking charge alone proves no rule right"


def test_the_last_vote_of_each_person_counts_and_the_majority_decides() -> None:
    first, second = vote("i1", True, at=50), vote("i1", False, at=51)
    assert votes_of([second, first]) == {"i1": {("slack", "U1"): False}}
    incident, moves = lived(1, Cause.ACKNOWLEDGED_BY_USER)
    karim, lea = vote("i1", True, who=KARIM), vote("i1", True, who=LEA)

    def worth(*votes: Command) -> Worth:
        return worth_of(incident, moves, votes_of(votes).get("i1"))

    assert worth(first) is Worth.USEFUL
    assert worth(first, second) is Worth.NOISE
    assert worth(first, second, karim) is Worth.UNJUDGED, "split"
    assert worth(first, second, karim, lea) is Worth.USEFUL


def test_a_false_alarm_is_noise_whatever_the_votes() -> None:
    incident, moves = lived(1, Cause.FALSE_ALARM_BY_USER)
    assert worth_of(incident, moves, votes_of([vote("i1", True), vote("i1", True, who=KARIM)])["i1"]) is Worth.NOISE


def test_other_commands_are_no_votes() -> None:
    asked = Command(id="c", kind=CommandKind.TAKE_CHARGE, incident="i1", who=CLAIRE, at=minute(50))
    assert votes_of([asked]) == {}


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
