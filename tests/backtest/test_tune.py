"""What people said of alerts, turned into thresholds."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.backtest.tune import (
    Fired,
    Outcome,
    Reason,
    Threshold,
    Tuning,
    candidates,
    play,
    threshold_of,
    tune,
    with_threshold,
)
from buzzguard.decide.expression import compile_condition
from buzzguard.decide.rule import Rule
from buzzguard.pipeline import Core
from buzzguard.review.precision import Weighed, Worth, precisions
from tests.recorded import ONSET, core, hostile, ordinary
from tests.review.night import DAY, HOUR, NIGHT

USEFUL, NOISE, UNJUDGED = Worth.USEFUL, Worth.NOISE, Worth.UNJUDGED


def rule(when: str = "negative.once_per > days(90) && negative.count >= 10") -> Rule:
    """The shipped surge of negative mentions with another condition."""
    surge = next(one for one in core().parts.rules if one.id == "negative-surge")
    file = surge.file.model_copy(update={"when": when})
    return surge._replace(file=file, when=compile_condition(when, scope="topic"))


def judged(*worths: Worth) -> list[Weighed]:
    """One alert a day, an hour long."""
    return [
        Weighed(
            rule="negative-surge",
            topic="acme",
            incident=f"i{day}",
            fired_at=NIGHT + day * DAY,
            until=NIGHT + day * DAY + HOUR,
            worth=worth,
        )
        for day, worth in enumerate(worths)
    ]


def fired(*days: float, late: float = 0) -> tuple[Fired, ...]:
    """Alerts of a replay on these days, so many minutes late."""
    return tuple(
        Fired(
            rule="negative-surge",
            topic="acme",
            at=NIGHT + day * DAY + timedelta(minutes=late),
            until=NIGHT + day * DAY + HOUR,
        )
        for day in days
    )


def tuned(alerts: list[Weighed], played: dict[int, tuple[Fired, ...]], chosen: Rule | None = None) -> Tuning:
    keyed = {("negative-surge", days * DAY): several for days, several in played.items()}
    (told,) = precisions(alerts)
    return tune(chosen or rule(), told, alerts, keyed)


def test_the_lowest_threshold_that_spares_most_noise_and_loses_nothing() -> None:
    alerts = judged(USEFUL, NOISE, USEFUL, NOISE, NOISE, UNJUDGED)
    everything = fired(0, 1, 2, 3, 4, 5)
    found = tuned(
        alerts,
        {
            90: everything,
            120: fired(0, 1, 2, 3, late=5),
            180: fired(0, 2, 3, late=10),
            270: fired(0, 2, 3, late=15),
            365: fired(0),
        },
    )
    assert found.reason is Reason.SPARES_NOISE
    assert found.proposal is not None
    assert found.proposal.threshold == 180 * DAY
    assert (found.proposal.noise_gone, found.proposal.useful_lost, found.proposal.later) == (
        2,
        0,
        timedelta(minutes=10),
    )
    assert [one.incident for one in found.proposal.gone] == ["i1", "i4", "i5"]
    assert found.line == "when: negative.once_per > days(180) && negative.count >= 10"
    assert [one.alerts for one in found.outcomes[:2]] == [6, 4]


def test_what_spares_noise_at_the_price_of_a_useful_alert_is_not_proposed() -> None:
    alerts = judged(USEFUL, USEFUL, NOISE, NOISE, NOISE)
    found = tuned(alerts, {90: fired(0, 1, 2, 3, 4), 120: fired(0, 2, 3, 4), 180: fired(0)})
    assert (found.reason, found.proposal) == (Reason.NO_HELP, None)


def test_what_the_replay_does_not_show_again_counts_for_nothing() -> None:
    alerts = judged(USEFUL, USEFUL, NOISE, NOISE, NOISE)
    found = tuned(alerts, {90: fired(0, 2), 120: fired(0)})
    assert (found.reason, found.seen) == (Reason.TOO_FEW, 2)


def test_a_rule_that_was_always_right_is_left_alone() -> None:
    found = tuned(judged(USEFUL, USEFUL), {90: fired(0, 1), 120: ()})
    assert (found.reason, found.proposal) == (Reason.PRECISE, None)


@pytest.mark.parametrize(
    "when",
    ["volume.count >= 10", "negative.once_per > days(9) || volume.once_per > days(90)", "crisis.once_per > weeks"],
)
def test_a_condition_without_a_single_threshold_is_told(when: str) -> None:
    chosen = rule()
    chosen = chosen._replace(file=chosen.file.model_copy(update={"when": when}))
    assert threshold_of(chosen) is None
    assert tuned(judged(NOISE), {}, chosen).reason is Reason.NO_THRESHOLD


@given(st.sampled_from([1, 7, 30, 90, 365, 1000]), st.integers(1, 3000))
def test_another_threshold_changes_nothing_else(own: int, other: int) -> None:
    chosen = rule(f"authors.count >= 5 && negative.once_per > days({own}) && negative.count >= 10")
    assert threshold_of(chosen) == Threshold(name="negative.once_per", value=own * DAY)
    expected = f"authors.count >= 5 && negative.once_per > days({other}) && negative.count >= 10"
    assert with_threshold(chosen, other * DAY) == expected
    assert all(one > own * DAY for one in candidates(Threshold(name="x", value=own * DAY)))


def test_a_higher_threshold_fires_no_sooner_over_the_same_past() -> None:
    plain = core()
    chosen = rule("negative.once_per > days(2) && negative.count >= 5")
    parts = msgspec.structs.replace(plain.parts, rules=(chosen,))
    mentions = [*ordinary(ONSET - DAY / 2, ONSET), *hostile(ONSET, 20)]
    found = play(Core(plain.settings, parts), sorted(mentions, key=lambda one: one.published), [chosen])
    assert set(found) == {("negative-surge", days * DAY) for days in (2, 3, 7, 14, 30, 60)}
    first = [min((one.at for one in found["negative-surge", days * DAY]), default=None) for days in (2, 3, 7)]
    known = [one for one in first if one is not None]
    assert known
    assert known == sorted(known)


def test_an_outcome_counts_each_alert_once() -> None:
    found = tuned(judged(NOISE, NOISE, NOISE, USEFUL, USEFUL), {90: fired(0, 1, 2, 3, 4), 120: fired(3, 4)})
    best = found.proposal
    assert isinstance(best, Outcome)
    assert best.noise_gone == len(best.gone) == 3
