"""A silence mutes what its author knew of, and nothing graver."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.model import AlertState, Cause, CommandKind, IncidentState, NotificationKind, Person, Severity, Silence
from buzzguard.respond.silences import LONGEST_DURATION
from tests.respond.scene import CLAIRE, KARIM, NOW, Scene, make_alert

CARD = NotificationKind.CARD
HOUR = timedelta(hours=1)


def silenced(severity: Severity = Severity.ORANGE) -> Scene:
    """An incident that Claire has just silenced for an hour."""
    scene = Scene()
    scene.fire(severity=severity)
    scene.ask(CommandKind.SILENCE, reason="the campaign")
    return scene


def test_the_silence_is_told_once_and_then_holds_for_an_hour() -> None:
    scene = silenced()
    assert scene.told() == ["comms:update", "comms:news"]
    assert scene.last.transitions[0].detail == {"until": (NOW + HOUR).isoformat()}
    (silence,) = scene.last.silences
    assert (silence.topic, silence.ends_at, silence.reason) == ("lumio", NOW + HOUR, "the campaign")
    assert scene.incident.next_step_at == scene.incident.silenced_until == NOW + HOUR
    scene.now += timedelta(minutes=20)
    scene.fire("critical-words")
    assert scene.told() == ["comms:update"]
    scene.wait(29)
    assert scene.told() == []
    scene.wait(1)
    assert scene.last.transitions[0].cause is Cause.SILENCE_ENDS_SOON
    assert scene.told() == ["comms:update", "comms:news"]
    scene.wait(9)
    assert scene.told() == []


def test_when_it_ends_while_an_alert_fires_the_climb_goes_on_and_says_so() -> None:
    scene = silenced()
    scene.wait(60)
    assert scene.told() == ["comms:update", "comms:news", "manager:card"]
    assert scene.last.transitions[0].detail["why"] == "silence_ended"
    assert scene.incident.silenced_until is None


def test_when_it_ends_in_calm_nobody_is_woken_and_the_incident_resolves_in_time() -> None:
    scene = silenced()
    scene.resolve()
    scene.wait(60)
    assert scene.told() == ["comms:update"]
    assert scene.incident.next_step_at == NOW + timedelta(hours=2)
    scene.wait(60)
    assert scene.incident.state is IncidentState.RESOLVED


def test_when_calm_breaks_after_a_silence_the_climb_is_soon_due() -> None:
    scene = silenced()
    scene.resolve()
    scene.wait(60)
    scene.fire()
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=15)


def test_when_it_ends_with_nobody_left_to_tell_those_told_hear_that_it_goes_on() -> None:
    scene = Scene({"default": Scene().policies["watch"]})
    scene.fire()
    scene.ask(CommandKind.SILENCE)
    scene.wait(60)
    assert scene.told() == ["comms:update", "comms:news"]
    assert scene.last.transitions[0].detail == {"why": "silence_ended", "last": "yes"}
    assert scene.responder.next_due() is None


def test_when_it_ends_after_somebody_took_charge_the_owner_hears_that_it_goes_on() -> None:
    scene = silenced()
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.told() == ["comms:update"]
    scene.wait(60)
    assert scene.told() == ["comms:update", "comms:news"]
    [told] = scene.last.transitions
    assert (told.cause, told.detail) == (Cause.REMINDED, {"why": "silence_ended"})


def test_when_it_ends_in_calm_after_somebody_took_charge_only_the_card_changes() -> None:
    scene = silenced()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.resolve()
    scene.wait(60)
    assert scene.told() == ["comms:update"]


def test_a_graver_alert_breaks_it_and_the_climb_goes_on_at_once() -> None:
    scene = silenced()
    scene.now += timedelta(minutes=5)
    scene.fire("critical-words", severity=Severity.RED)
    assert scene.causes[-3:] == [Cause.ALERT_JOINED, Cause.SEVERITY_RAISED, Cause.STEP_TIMED_OUT]
    assert scene.last.transitions[1].detail["silence"] == "broken"
    assert scene.told(CARD) == ["manager"]
    assert "comms:news" in scene.told()
    assert scene.last.silences[0].ends_at == scene.now


def test_a_relapse_under_the_silence_is_muted_until_it_ends() -> None:
    scene = silenced()
    scene.ask(CommandKind.RESOLVE)
    scene.resolve()
    scene.now += timedelta(minutes=10)
    scene.fire()
    assert scene.told() == []
    assert scene.incident.silenced_until == NOW + HOUR
    scene.wait(50)
    assert scene.told() == ["comms:card"]
    assert scene.causes[-1] is Cause.STEP_TIMED_OUT


def test_a_graver_relapse_is_not_muted_even_after_a_restart() -> None:
    scene = silenced(Severity.YELLOW)
    scene.ask(CommandKind.RESOLVE)
    scene.resolve()
    scene.restart()
    scene.fire(severity=Severity.ORANGE)
    assert scene.told() == ["comms:card"]


def test_an_incident_that_opens_in_one_step_with_a_graver_alert_is_heard() -> None:
    scene = silenced(Severity.YELLOW)
    scene.ask(CommandKind.RESOLVE)
    yellow = make_alert("volume", severity=Severity.YELLOW)
    scene.respond([yellow, make_alert("words", severity=Severity.RED)])
    assert scene.told() == ["comms:card"]


def test_calling_for_help_ends_the_silence() -> None:
    scene = silenced()
    scene.ask(CommandKind.ESCALATE)
    assert scene.told(CARD) == ["manager"]
    assert scene.incident.silenced_until is None
    assert scene.last.silences[0].ends_at == scene.now


def test_a_second_silence_replaces_the_first() -> None:
    scene = silenced()
    scene.ask(CommandKind.SILENCE, who=KARIM, duration=timedelta(hours=3))
    assert scene.told() == ["comms:update"]
    assert scene.incident.next_step_at == scene.incident.silenced_until == NOW + 3 * HOUR
    assert sorted(silence.ends_at for silence in scene.silences.values()) == [NOW, NOW + 3 * HOUR]


def test_the_same_click_silences_once_even_over_a_restart() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.SILENCE, id="click")
    scene.restart()
    assert scene.ask(CommandKind.SILENCE, id="click").refused[0][1] == "repeated"


def test_nobody_can_mute_for_ever() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.SILENCE, duration=timedelta(days=4000))
    assert scene.incident.silenced_until == NOW + LONGEST_DURATION


def test_a_silence_from_elsewhere_never_hides_a_red() -> None:
    scene = Scene()
    who = Person(id="cli")
    scene.silences["sil"] = Silence(id="sil", topic="lumio", starts_at=NOW, ends_at=NOW + HOUR, who=who)
    scene.restart()
    scene.fire()
    assert scene.told() == []
    scene.fire("critical-words", severity=Severity.RED)
    assert scene.told(CARD) == ["comms"]


def test_a_clock_set_back_does_not_lengthen_a_silence_or_end_it() -> None:
    scene = silenced()
    scene.wait(-300)
    assert scene.incident.silenced_until == scene.now + HOUR
    assert scene.told() == ["comms:update"]
    scene.wait(60)
    assert scene.told(CARD) == ["manager"]


def test_a_restart_in_the_middle_changes_nothing() -> None:
    scene = silenced()
    scene.now += timedelta(minutes=30)
    scene.restart()
    scene.respond([make_alert(state=AlertState.FIRING)])
    assert scene.told() == []
    scene.wait(30)
    assert scene.told(CARD) == ["manager"]


def test_an_end_under_a_silence_edits_the_card_and_rings_nobody() -> None:
    scene = silenced()
    scene.ask(CommandKind.FALSE_ALARM)
    assert scene.told() == ["comms:update"]


def test_a_silence_that_ended_stays_so_when_the_clock_is_set_back() -> None:
    scene = silenced(Severity.YELLOW)
    scene.now += timedelta(minutes=5)
    scene.fire("critical-words", severity=Severity.RED)
    scene.ask(CommandKind.RESOLVE)
    scene.wait(-600)
    scene.resolve()
    scene.fire(severity=Severity.YELLOW)
    assert scene.told() == ["comms:card"]


def test_red_breaks_the_silence_of_an_owner_who_stays_the_owner() -> None:
    scene = silenced()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.fire("critical-words", severity=Severity.RED)
    assert "comms:news" in scene.told()
    assert (scene.incident.state, scene.incident.owner) == (IncidentState.TRIGGERED, CLAIRE)
    assert scene.incident.silenced_until is None
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=15)
