"""The incident machine: every pair of state and cause, legal or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.errors import IllegalTransition
from buzzguard.model import Cause, Incident, IncidentState, Person, Severity
from buzzguard.respond.incident import FINAL, NEXT, advance, incident_id, open_incident
from tests.respond.scene import NOW, make_alert

CLAIRE = Person(id="U1", name="Claire")


def incident_in(state: IncidentState) -> Incident:
    """An incident in `state`, silenced, with a step to come."""
    opened, _ = open_incident([make_alert()], NOW, id="inc-1", policy="crisis", playbook="bad-buzz")
    soon = NOW + timedelta(minutes=5)
    return Incident(
        **{name: getattr(opened, name) for name in opened.__struct_fields__}
        | {"state": state, "next_step_at": soon, "silenced_until": soon}
    )


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("state", IncidentState)
def test_every_pair_is_moved_by_the_table_or_refused(state: IncidentState, cause: Cause) -> None:
    incident, later = incident_in(state), NOW + timedelta(minutes=1)
    if (state, cause) not in NEXT:
        with pytest.raises(IllegalTransition, match=cause.value):
            advance(incident, cause, later, who=CLAIRE)
        return
    moved, record = advance(incident, cause, later, who=CLAIRE, reason="because", detail={"rule": "r"})
    assert moved.state is record.after is NEXT[state, cause]
    assert (record.before, record.cause, record.at, record.who) == (state, cause, later, CLAIRE)
    assert moved.version == record.version == incident.version + 1
    assert moved.changed_at == (incident.changed_at if state in FINAL else later)
    assert (moved.next_step_at is None) == (moved.state is not IncidentState.TRIGGERED)
    assert (moved.silenced_until is None) == (moved.state in FINAL)
    assert moved.owner == (CLAIRE if cause in (Cause.ACKNOWLEDGED_BY_USER, Cause.ACKNOWLEDGED_IN_PART) else None)
    assert (record.reason, record.detail) == ("because", {"rule": "r"})


def test_nothing_leaves_a_final_state() -> None:
    final = {cause: after for (state, cause), after in NEXT.items() if state in FINAL and after is not state}
    assert final == {}
    assert {cause for state, cause in NEXT if state in FINAL} == {Cause.NOTED_BY_USER}


def test_an_incident_begins_by_an_alert_a_declaration_or_a_split_and_is_triggered() -> None:
    begun = {cause: after for (state, cause), after in NEXT.items() if state is None}
    assert begun == dict.fromkeys((Cause.OPENED, Cause.DECLARED_BY_USER, Cause.SPLIT_OFF), IncidentState.TRIGGERED)


def test_the_table_reaches_every_state_and_uses_every_cause() -> None:
    assert set(NEXT.values()) == set(IncidentState)
    assert {cause for _, cause in NEXT} == set(Cause)


def test_severity_rises_and_never_falls() -> None:
    incident = incident_in(IncidentState.TRIGGERED)
    raised, record = advance(incident, Cause.SEVERITY_RAISED, NOW, severity=Severity.RED)
    assert raised.severity is record.severity is Severity.RED
    kept, _ = advance(raised, Cause.SEVERITY_RAISED, NOW, severity=Severity.YELLOW)
    assert kept.severity is Severity.RED


def test_an_incident_opens_with_its_alerts_and_says_why() -> None:
    alerts = [make_alert("surge", severity=Severity.RED, raised_by="spread.sources >= 3"), make_alert("words")]
    incident, record = open_incident(alerts, NOW, id="inc-1", policy="crisis", relapse_of="inc-0")
    assert (incident.state, incident.severity, incident.version) == (IncidentState.TRIGGERED, Severity.RED, 1)
    assert (record.before, record.after, record.cause) == (None, IncidentState.TRIGGERED, Cause.OPENED)
    assert record.detail == {"rules": "surge,words", "raised_by": "spread.sources >= 3", "relapse_of": "inc-0"}
    assert incident.receivers == ()


def test_ids_are_short_sort_by_time_and_differ_within_a_second() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    times = [midnight + timedelta(seconds=second) for second in range(0, 86_400, 611)]
    ids = [incident_id("lumio", time, ()) for time in times]
    assert ids == sorted(ids)
    assert all(len(id) == 19 for id in ids)
    first = incident_id("lumio", midnight, ())
    assert first == incident_id("lumio", midnight, ())
    assert first != incident_id("nova", midnight, ())
    assert incident_id("lumio", midnight, {first}) == f"{first}-2"
    assert incident_id("lumio", midnight, {first, f"{first}-2"}) == f"{first}-3"
