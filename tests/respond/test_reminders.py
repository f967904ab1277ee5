"""What goes on is never silent: reminders, as told, once, and the same over every restart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pydantic import ValidationError

from buzzguard.config.settings import PolicySettings
from buzzguard.model import (
    AlertState,
    Cause,
    CommandKind,
    IncidentState,
    NewNormal,
    NotificationKind,
    Severity,
    Signal,
)
from tests.respond.scene import KARIM, NOW, Scene, make_alert, policy, steps

HOUR = timedelta(hours=1)
HOURLY = {"default": policy((0, "comms"), (10, "manager"), repeat=0, remind=60)}


def reminders(scene: Scene) -> int:
    return scene.causes.count(Cause.REMINDED)


def test_an_owner_is_reminded_while_the_alert_fires_and_no_longer() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.responder.next_due() == NOW + HOUR
    scene.wait(59)
    assert scene.told() == []
    scene.wait(1)
    assert scene.told() == ["comms:update", "comms:news"]
    assert scene.last.notifications[1].card.news[0].cause is Cause.REMINDED
    assert scene.responder.next_due() == scene.now + HOUR
    scene.resolve()
    scene.wait(119)
    assert reminders(scene) == 1


def test_an_incident_that_nobody_answers_is_climbed_and_then_reminded_of_for_ever() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    told = []
    while scene.now < NOW + timedelta(days=3):
        due = scene.responder.next_due()
        assert due is not None
        scene.now = due
        scene.respond()
        told.append((scene.last.transitions[0].cause, scene.told(NotificationKind.NEWS)))
    assert told[0] == (Cause.STEP_TIMED_OUT, ["comms"])
    assert set(map(str, told[1:])) == {str((Cause.REMINDED, ["comms", "manager"]))}
    assert len(told) == 1 + 72


def test_any_news_puts_the_reminder_off() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.now += timedelta(minutes=50)
    scene.ask(CommandKind.TAKE_CHARGE, who=KARIM)
    assert scene.responder.next_due() == scene.now + HOUR


def test_what_is_switched_off_reminds_nobody() -> None:
    scene = Scene({"default": policy((0, "comms"), repeat=0)})
    scene.fire()
    assert scene.responder.next_due() is None


def test_a_silence_holds_reminders_back() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.now += timedelta(minutes=30)
    scene.ask(CommandKind.SILENCE, duration=3 * HOUR)
    scene.wait(100)
    assert reminders(scene) == 0
    scene.wait(80)
    assert reminders(scene) == 1
    assert scene.responder.next_due() == scene.now + HOUR


def test_a_shorter_pause_and_a_clock_set_back_bring_the_reminder_nearer() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.policies = {"default": policy((0, "comms"), (10, "manager"), repeat=0, remind=10)}
    scene.restart()
    scene.respond()
    assert scene.responder.next_due() == NOW + timedelta(minutes=10)
    scene.wait(-600)
    assert scene.responder.next_due() == scene.now + timedelta(minutes=10)


def test_a_long_downtime_reminds_once() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.restart()
    scene.wait(60 * 30)
    assert reminders(scene) == 1
    scene.respond()
    assert reminders(scene) == 1


@pytest.mark.parametrize("text", ["off", "never", "0", 0, False, "Off"])
def test_off_is_written_in_several_ways(text: object) -> None:
    assert PolicySettings.model_validate({"steps": steps((0, "comms")), "remind_every": text}).remind_every == 0 * HOUR


@pytest.mark.parametrize(("text", "said"), [("1m", "at least 5m"), (4, "has no unit"), ("soon", "not a duration")])
def test_what_is_no_pause_is_refused(text: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        PolicySettings.model_validate({"steps": steps((0, "comms")), "remind_every": text})


@pytest.mark.parametrize("end", [CommandKind.FALSE_ALARM, CommandKind.RESOLVE])
@pytest.mark.parametrize("restarted", [False, True])
def test_a_day_after_people_ended_it_they_are_asked_of_what_still_fires(end: CommandKind, restarted: bool) -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(end)
    if restarted:
        scene.restart()
    assert scene.responder.next_due() == NOW + 24 * HOUR
    scene.wait(24 * 60 - 1)
    assert len(scene.incidents) == 1
    scene.wait(1)
    assert len(scene.incidents) == 2
    assert scene.told() == ["comms:card"]
    assert scene.incident.relapse_of == next(iter(scene.incidents))


def test_what_was_due_while_it_stood_still_is_asked_at_the_start() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.RESOLVE)
    scene.now += 50 * HOUR
    scene.restart()
    scene.respond()
    assert scene.told() == ["comms:card"]


def test_of_what_has_resolved_nobody_is_asked() -> None:
    scene = Scene(HOURLY)
    scene.fire()
    scene.ask(CommandKind.RESOLVE)
    scene.resolve()
    assert scene.responder.next_due() is None
    scene.wait(50 * 60)
    assert len(scene.incidents) == 1


# a level that became normal


NORMAL = NewNormal(signal=Signal.NEGATIVE, window=HOUR, observed=36.0, since=NOW - timedelta(hours=2), former=12.0)


@pytest.mark.parametrize("learned", [True, False])
def test_the_end_says_whether_it_went_away_or_became_normal(learned: bool) -> None:
    scene = Scene(HOURLY)
    scene.fire()
    ended = make_alert(at=scene.now, state=AlertState.RESOLVED)
    scene.respond([replace(ended, new_normal=NORMAL if learned else None)])
    scene.wait(120)
    assert scene.incident.state is IncidentState.RESOLVED
    assert scene.last.transitions[-1].detail == ({"why": "new_normal"} if learned else {})


# restarts

ACTS = st.sampled_from(
    ["fire", "more", "graver", "resolve", "learned", "take", "escalate", "silence", "done", "false", "nothing"]
)
NIGHTS = st.lists(st.tuples(st.sampled_from([1, 7, 30, 61, 125, 1_450]), ACTS, st.booleans()), max_size=25)


def act(scene: Scene, what: str, since: list[object], count: int) -> None:
    """One step of a night."""
    alert = make_alert(at=scene.now, fired_at=since[0] or scene.now, condition=f"{count}")  # type: ignore[arg-type]
    if what in ("fire", "more", "graver"):
        since[0] = alert.fired_at
        scene.respond([replace(alert, severity=Severity.RED if what == "graver" else Severity.ORANGE)])
    elif what in ("resolve", "learned"):
        since[0] = None
        normal = NORMAL if what == "learned" else None
        scene.respond([replace(alert, state=AlertState.RESOLVED, resolved_at=scene.now, new_normal=normal)])
    elif what == "nothing" or not scene.incidents:
        scene.respond()
    else:
        kinds = {
            "take": CommandKind.TAKE_CHARGE,
            "escalate": CommandKind.ESCALATE,
            "silence": CommandKind.SILENCE,
            "done": CommandKind.RESOLVE,
            "false": CommandKind.FALSE_ALARM,
        }
        scene.ask(kinds[what], id=f"click-{count}")


def heard(scene: Scene) -> list[tuple[object, ...]]:
    """What rang in the last step: all but edits."""
    return [
        (one.receiver, one.kind, one.due_at, [(news.cause, news.detail) for news in one.card.news])
        for one in scene.last.notifications
        if one.kind is not NotificationKind.UPDATE
    ]


@settings(max_examples=150)
@given(night=NIGHTS)
def test_restarts_anywhere_ring_the_same(night: list[tuple[int, str, bool]]) -> None:
    whole, broken = Scene(HOURLY), Scene(HOURLY)
    one_since: list[object] = [None]
    two_since: list[object] = [None]
    keys: set[str] = set()
    for count, (minutes, what, restarts) in enumerate(night):
        for scene in (whole, broken):
            scene.now += timedelta(minutes=minutes)
        if restarts:
            broken.restart()
        act(whole, what, one_since, count)
        act(broken, what, two_since, count)
        assert heard(broken) == heard(whole)
        assert keys.isdisjoint(one.key for one in broken.last.notifications)
        keys |= {one.key for one in broken.last.notifications}


@settings(max_examples=100)
@given(night=NIGHTS)
def test_no_more_rings_than_one_reminder_each_hour(night: list[tuple[int, str, bool]]) -> None:
    scene, since = Scene(HOURLY), [None]
    last = None
    for count, (minutes, what, _) in enumerate(night):
        scene.now += timedelta(minutes=minutes)
        act(scene, what, since, count)  # type: ignore[arg-type]
        for move in scene.last.transitions:
            if move.cause is Cause.REMINDED:
                assert last is None or move.at - last >= HOUR or move.detail
                last = move.at
