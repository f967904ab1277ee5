"""The measures of an incident: laws that hold for any facts, and the spans of small stories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.model import Alert, Anomaly, Command, DeliveryState, NotificationKind
from buzzguard.review.measures import Evidence, Measures, Missing, Took, measure, noticed_at
from buzzguard.review.story import Trace, story_of, traces_of
from buzzguard.review.usual import usual_of
from buzzguard.store.recalling import Attempt, Recalled
from tests.review.night import (
    CLAIRE,
    DAY,
    NIGHT,
    alert,
    anomaly,
    calm_samples,
    life,
    minute,
    statement,
    story_mentions,
    usual_mentions,
)

USUAL = usual_of(list(calm_samples()), lambda one: one.volume, NIGHT - 28 * DAY, NIGHT)
TIMES = ("notice", "tell", "acknowledge", "statement", "peak", "half_life", "calm")


def attempt(at: float, state: DeliveryState = DeliveryState.DELIVERED) -> Attempt:
    return Attempt(incident="i", receiver="comms", kind=NotificationKind.CARD, at=minute(at), state=state)


def facts(traces: list[Trace], **more: Any) -> Evidence:
    """The night with what a test wants different."""
    resolved: float | None = more.pop("resolved", None)
    incident, moves = life(resolved=resolved)
    alerts: tuple[Alert, ...] = more.pop("alerts", (alert(resolved=resolved),))
    told: dict[str, Any] = {
        "incident": incident,
        "transitions": tuple(moves),
        "attempts": (attempt(36),),
        "alerts": alerts,
    } | more
    anomalies: tuple[Anomaly, ...] = told.pop("anomalies", (anomaly(33),))
    return Evidence(
        recalled=Recalled(**told),
        traces=traces,
        story=story_of(told["incident"], alerts, traces),
        anomalies=anomalies,
        usual=USUAL,
        seen_since=NIGHT - 3 * DAY,
    )


def night(minutes: int = 600) -> list[Trace]:
    return traces_of([*usual_mentions(), *story_mentions(minutes)], "lumio")


def test_while_it_grows_it_is_too_early_to_tell() -> None:
    told = measure(facts(night(60)), now=minute(60))
    for took in (told.peak, told.half_life, told.calm, told.statement):
        assert took == Took(missing=Missing.TOO_EARLY)
    assert told.acknowledge.span == timedelta(minutes=14)


def test_half_of_what_was_beyond_the_usual() -> None:
    """Two a minute until 210, then halving each hour: the hour around its half lies an hour after the fall began."""
    told = measure(facts(night(900), resolved=700), now=minute(1500))
    assert told.instants.halved is not None
    assert abs(told.instants.halved - minute(270)) < timedelta(minutes=12)
    assert told.calm.span is not None


def test_a_burst_of_minutes_peaks_in_its_midst() -> None:
    burst = [Trace(at=minute(30 + at / 10), negative=True, narrative="a") for at in range(100)]
    before = [Trace(at=minute(at), narrative="") for at in range(-60, 0)]
    told = measure(facts([*before, *burst], resolved=60), now=minute(600))
    assert told.instants.peak == minute(35)
    assert told.size is not None
    assert told.size.peak == told.size.volume == 100


def test_nobody_was_told_and_nobody_took_charge() -> None:
    _, moves = life(resolved=400)
    told = measure(facts(night(), resolved=400, transitions=tuple(moves[:1]), attempts=()), now=minute(4000))
    assert (told.tell, told.acknowledge) == (Took(missing=Missing.NEVER), Took(missing=Missing.NEVER))


def test_what_rises_when_all_is_calm_again_is_another_story() -> None:
    later = [Trace(at=minute(900 + at / 10), narrative="other") for at in range(2000)]
    told = measure(facts([*night(), *later], resolved=400), now=minute(2000))
    assert told.instants.peak is not None
    assert told.instants.peak < minute(400)
    assert told.size is not None
    assert told.size.peak == 120


def test_what_never_came_is_told_so_once_it_is_over() -> None:
    told = measure(facts(night(), resolved=400, attempts=(attempt(36, DeliveryState.REFUSED),)), now=minute(4000))
    assert told.tell == Took(missing=Missing.NEVER)
    assert told.acknowledge == Took(missing=Missing.UNKNOWN)
    assert told.statement == Took(missing=Missing.NEVER)


def test_a_statement_that_came_before_anybody_noticed() -> None:
    told = measure(facts(night(), commands=(statement(5),)), now=minute(600))
    assert told.statement == Took(missing=Missing.BEFORE)


def test_a_mark_taken_back_counts_no_more() -> None:
    back = Command(id="undo", kind=statement(1).kind, incident="i", who=CLAIRE, at=minute(200), undoes="statement-1")
    told = measure(facts(night(), commands=(statement(100), statement(150, id="s2"), back)), now=minute(600))
    assert told.instants.stated == minute(150)


def test_without_mentions_no_volume_is_claimed() -> None:
    told = measure(facts([]), now=minute(600))
    assert told.size is None
    assert told.notice == Took(missing=Missing.UNKNOWN)
    assert told.peak == Took(missing=Missing.UNKNOWN)
    assert told.acknowledge.span == timedelta(minutes=14)


def test_anomalies_of_something_else_are_not_of_it() -> None:
    fired = (alert(),)
    incident, _ = life()
    before = (anomaly(-1000), anomaly(20), anomaly(40))
    assert noticed_at(incident, fired, before, None) == minute(20)
    assert noticed_at(incident, fired, before, minute(25)) == minute(35)
    assert noticed_at(incident, fired, (), None) == minute(35)


def test_the_story_is_the_narrative_that_was_there_before_the_alert() -> None:
    incident, _ = life()
    traces = night()
    late = [replace(one, narrative="late") if one.at > minute(100) else one for one in traces]
    story = story_of(incident, (alert(),), late)
    assert story.narrative == "a1b2c3"
    named = replace(incident, narrative="quiet")
    quiet = [Trace(at=minute(2), narrative="quiet"), *late]
    assert story_of(named, (alert(),), quiet).narrative == "quiet"
    assert story_of(named, (alert(),), late).narrative == "a1b2c3"
    bare = [replace(one, narrative="") for one in traces]
    assert story_of(incident, (alert(),), bare).narrative == ""
    assert story_of(incident, (), []).began is None


instants = st.floats(-3000, 3000)
moments = st.lists(instants, max_size=12)


def _all_facts(data: st.DataObject) -> tuple[Evidence, float]:
    traces = [
        Trace(at=minute(at), negative=hostile, narrative=story, author=story)
        for at, hostile, story in data.draw(
            st.lists(st.tuples(instants, st.booleans(), st.sampled_from(["", "a", "b"])), max_size=40)
        )
    ]
    traces.sort(key=lambda one: one.at)
    resolved = data.draw(st.none() | st.floats(36, 2000))
    evidence = facts(
        traces,
        resolved=resolved,
        attempts=tuple(attempt(at) for at in sorted(data.draw(moments))),
        commands=tuple(statement(at, id=str(at)) for at in data.draw(moments)),
        anomalies=tuple(anomaly(at) for at in sorted(data.draw(moments))),
    )
    return evidence, data.draw(st.floats(2200, 9000))


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_no_span_is_negative_and_each_is_known_or_missing_for_a_reason(data: st.DataObject) -> None:
    evidence, now = _all_facts(data)
    told: Measures = measure(evidence, now=minute(now))
    for name in TIMES:
        took: Took = getattr(told, name)
        assert (took.span is None) != (took.missing is None), name
        assert took.span is None or took.span >= timedelta(0), name
    at = told.instants
    assert at.first_mention is None or at.noticed is None or at.first_mention <= at.noticed
    assert at.noticed is not None
    assert at.noticed <= at.opened
    if at.peak is not None and at.halved is not None:
        assert at.peak < at.halved
    if at.peak is not None and at.calm is not None:
        assert at.peak <= at.calm
    if told.size is not None:
        assert 0 <= told.size.negative <= told.size.volume
        assert told.size.since <= told.size.until
