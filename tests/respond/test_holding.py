"""Stories of what waits: hours by severity, caps, grouping, flapping, several who must take charge, idle owners."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from buzzguard.config.settings import PolicySettings
from buzzguard.model import Cause, CommandKind, IncidentState, NotificationKind, Severity, Verdict
from tests.respond.scene import CLAIRE, KARIM, MINUTE, Scene, policy

OFFICE = {"yellow": {"days": "mon-fri", "from": "09:00", "to": "18:00", "time_zone": "Europe/Paris"}}
MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
HOUR = 60 * MINUTE
NEWS = NotificationKind.NEWS


def scene_of(*told: tuple[int, str], **how: object) -> Scene:
    return Scene({"default": policy(*(told or ((0, "comms"), (15, "manager"))), **how)})  # type: ignore[arg-type]


def why(scene: Scene) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.reason) for one in scene.last.decisions]


# hours


def test_a_yellow_of_sunday_waits_for_monday_morning() -> None:
    scene = scene_of(hours=OFFICE)
    scene.fire(severity=Severity.YELLOW)
    assert scene.told() == []
    assert (scene.incident.held_for, scene.incident.next_step_at) == ("quiet_hours", MONDAY)
    assert why(scene) == [(Verdict.HELD, "quiet_hours")]
    assert scene.responder.next_due() == MONDAY
    scene.restart()
    scene.now = MONDAY
    scene.respond()
    assert scene.told() == ["comms:card"]
    assert scene.incident.held_for == ""
    assert scene.last.transitions[0].detail["why"] == "quiet_hours"


def test_what_grows_graver_at_night_waits_no_longer() -> None:
    scene = scene_of(hours=OFFICE)
    scene.fire(severity=Severity.YELLOW)
    scene.now += 5 * MINUTE
    scene.fire("critical-words", severity=Severity.RED)
    assert scene.told() == ["comms:card"]
    assert scene.incident.held_for == ""


def test_red_never_waits_and_orange_only_where_it_is_said() -> None:
    for severity in (Severity.ORANGE, Severity.RED):
        scene = scene_of(hours=OFFICE)
        scene.fire(severity=severity)
        assert scene.told() == ["comms:card"]
    with pytest.raises(ValidationError, match="red"):
        PolicySettings.model_validate({"steps": [{"notify": ["a"]}], "hours": {"red": {}}})


def test_what_is_over_by_the_morning_wakes_nobody() -> None:
    scene = scene_of(hours=OFFICE)
    scene.fire(severity=Severity.YELLOW)
    scene.now += HOUR
    scene.resolve()
    scene.wait(180)
    assert scene.incident.state is IncidentState.RESOLVED
    assert scene.notifications == []


def test_at_night_people_who_were_told_read_what_joins_in_the_morning() -> None:
    scene = scene_of((0, "comms"), hours=OFFICE, repeat=0, remind=60)
    scene.now = MONDAY
    scene.fire(severity=Severity.YELLOW)
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.now = MONDAY + 9 * HOUR + MINUTE
    scene.respond()
    scene.fire("volume", severity=Severity.YELLOW)
    assert scene.told(NEWS) == []
    assert (Verdict.HUSHED, "quiet_hours") in why(scene)
    assert scene.incident.remind_at == MONDAY + 24 * HOUR


# a cap


def test_a_chatty_rule_tells_of_so_many_a_day_and_then_waits() -> None:
    scene = scene_of((0, "comms"), most_a_day=1)
    scene.fire(topic="nova")
    assert scene.told() == ["comms:card"]
    first = scene.now
    scene.now += MINUTE
    scene.fire()
    assert scene.told() == []
    assert (scene.incident.held_for, scene.incident.next_step_at) == ("capped", first + 24 * HOUR)
    scene.now += MINUTE
    scene.fire("another")
    assert scene.told() == ["comms:card"]


def test_red_is_never_capped() -> None:
    scene = scene_of((0, "comms"), most_a_day=1)
    scene.fire(topic="nova", severity=Severity.RED)
    scene.now += MINUTE
    scene.fire(severity=Severity.RED)
    assert scene.told() == ["comms:card"]


# grouping, inhibition, flapping


def test_a_new_incident_waits_a_little_for_what_belongs_to_it() -> None:
    scene = scene_of(group_wait=2 * MINUTE)
    scene.fire()
    scene.now += MINUTE
    scene.fire("volume")
    assert scene.told() == []
    scene.wait(1)
    assert scene.told() == ["comms:card"]
    assert len(scene.last.notifications[0].card.incident.alerts) == 2
    red = scene_of(group_wait=2 * MINUTE)
    red.fire(severity=Severity.RED)
    assert red.told() == ["comms:card"]


def test_alerts_that_join_soon_after_another_are_told_together() -> None:
    scene = scene_of((0, "comms"), group_interval=5 * MINUTE)
    scene.fire()
    scene.now += MINUTE
    scene.fire("first")
    assert scene.told(NEWS) == ["comms"]
    for name in ("second", "third"):
        scene.now += MINUTE
        scene.fire(name)
        assert scene.told(NEWS) == []
        assert why(scene) == [(Verdict.HUSHED, "grouped")]
    scene.restart()
    scene.wait(3)
    assert scene.told(NEWS) == ["comms"]
    assert scene.last.transitions[0].detail["rules"] == "second,third"
    scene.wait(10)
    assert scene.told(NEWS) == []


def test_a_lesser_alert_that_joins_a_graver_one_calls_nobody() -> None:
    scene = scene_of()
    scene.fire(severity=Severity.RED)
    scene.now += MINUTE
    scene.fire("volume", severity=Severity.YELLOW)
    assert scene.told() == ["comms:update"]
    assert scene.last.transitions[0].detail["hushed"] == "inhibited"
    open_ears = scene_of(inhibit=False)
    open_ears.fire(severity=Severity.RED)
    open_ears.now += MINUTE
    open_ears.fire("volume", severity=Severity.YELLOW)
    assert open_ears.told(NEWS) == ["comms"]


def test_an_alert_that_comes_and_goes_is_no_news_after_a_while() -> None:
    scene = scene_of((0, "comms"), flap_after=2)
    heard = []
    for _ in range(4):
        scene.fire()
        heard.append(scene.told(NEWS) or scene.told(NotificationKind.CARD))
        scene.now += 2 * MINUTE
        scene.resolve()
        scene.now += 2 * MINUTE
    assert heard == [["comms"], ["comms"], [], []]
    assert scene.decisions[-1].reason == "flapping"


# several people, idle people


def test_where_two_are_needed_the_climb_goes_on_after_the_first() -> None:
    scene = scene_of((0, "comms"), acknowledgements=2)
    scene.fire(severity=Severity.RED)
    scene.ask(CommandKind.TAKE_CHARGE)
    assert [move.after for move in scene.last.transitions] == [IncidentState.TRIGGERED]
    assert scene.causes[-1] is Cause.ACKNOWLEDGED_IN_PART
    assert scene.incident.next_step_at is not None
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.last.refused[0][1] == "already_counted"
    scene.ask(CommandKind.TAKE_CHARGE, who=KARIM)
    assert [move.after for move in scene.last.transitions] == [IncidentState.ACKNOWLEDGED]
    assert [one.name for one in scene.incident.acknowledged_by] == ["Claire", "Karim"]
    assert scene.incident.next_step_at is None


def test_an_acknowledgement_that_leads_to_nothing_is_reminded_of_and_taken_back() -> None:
    scene = scene_of(take_back=30 * MINUTE)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.wait(29)
    assert scene.told() == []
    scene.wait(1)
    assert scene.last.transitions[0].detail["why"] == "nothing_done"
    assert scene.told(NEWS) == ["comms"]
    scene.restart()
    scene.wait(30)
    assert scene.causes[-2:] == [Cause.UNACKNOWLEDGED, Cause.STEP_TIMED_OUT]
    assert scene.incident.state is IncidentState.TRIGGERED
    assert scene.incident.owner == CLAIRE
    assert scene.told() == ["comms:update", "comms:news", "manager:card"]


def test_whoever_says_that_they_are_on_it_keeps_it() -> None:
    scene = scene_of(take_back=30 * MINUTE)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.wait(30)
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.last.refused == ()
    scene.wait(29)
    assert scene.told() == []
    scene.wait(1)
    assert scene.last.transitions[0].detail["why"] == "nothing_done"


def test_in_calm_and_silence_nothing_is_taken_back() -> None:
    scene = scene_of(take_back=30 * MINUTE)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.resolve()
    scene.wait(90)
    assert scene.incident.state is IncidentState.ACKNOWLEDGED
    assert scene.told() == []
    muted = scene_of(take_back=30 * MINUTE)
    muted.fire()
    muted.ask(CommandKind.TAKE_CHARGE)
    muted.ask(CommandKind.SILENCE, duration=2 * HOUR)
    muted.wait(100)
    assert muted.told() == []
    assert muted.incident.state is IncidentState.ACKNOWLEDGED


# a silence that ends


def test_the_end_of_a_silence_is_announced_while_it_still_goes_on() -> None:
    scene = scene_of()
    scene.fire()
    scene.ask(CommandKind.SILENCE, duration=2 * HOUR)
    scene.wait(110)
    assert scene.causes[-1] is Cause.SILENCE_ENDS_SOON
    assert scene.told(NEWS) == ["comms"]
    scene.restart()
    scene.wait(1)
    assert scene.told() == []


@pytest.mark.parametrize(("minutes", "calm"), [(120, True), (20, False)])
def test_a_short_silence_or_one_in_calm_ends_unannounced(minutes: int, calm: bool) -> None:
    scene = scene_of()
    scene.fire()
    scene.ask(CommandKind.SILENCE, duration=timedelta(minutes=minutes))
    if calm:
        scene.resolve()
    scene.wait(minutes - 5)
    assert Cause.SILENCE_ENDS_SOON not in scene.causes


# why


def test_the_rows_say_who_was_told_and_who_muted() -> None:
    scene = scene_of()
    scene.fire()
    (told,) = scene.last.decisions
    assert (told.verdict, told.reason, told.receivers) == (Verdict.TOLD, "opened", ("comms",))
    assert told.detail == {"policy": "default", "step": "0", "rule": "negative-surge"}
    scene.ask(CommandKind.SILENCE, reason="the campaign")
    scene.now += MINUTE
    scene.fire("volume")
    hushed = scene.last.decisions[-1]
    assert (hushed.verdict, hushed.reason) == (Verdict.HUSHED, "silenced")
    assert (hushed.detail["who"], hushed.detail["said"]) == ("Claire", "the campaign")


def test_what_people_have_judged_is_left_out_with_its_reason() -> None:
    scene = scene_of()
    scene.fire(fired_at=scene.now)
    began = scene.now
    scene.ask(CommandKind.FALSE_ALARM)
    scene.now += MINUTE
    scene.fire(fired_at=began)
    (left,) = scene.last.decisions
    assert (left.verdict, left.reason, left.rule) == (Verdict.LEFT_OUT, "judged", "negative-surge")


def test_that_there_is_nobody_to_tell_is_a_row_too() -> None:
    scene = Scene({}, {})
    scene.fire()
    assert why(scene) == [(Verdict.HUSHED, "nobody_to_tell")]
