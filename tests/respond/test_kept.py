"""What people say of an incident: notes, why it was a false alarm, what is kept without changing anything."""

from __future__ import annotations

import pytest

from buzzguard.model import AlarmReason, Cause, CommandKind, Dismissal, NotificationKind, PlaybookChoice
from buzzguard.respond.stage import Response
from tests.respond.scene import KARIM, Scene


def refusals(response: Response) -> list[str]:
    return [reason for _, reason in response.refused]


def test_a_note_is_told_to_all_who_were_told() -> None:
    scene = Scene()
    scene.fire()
    scene.wait(15)
    moves = scene.ask(CommandKind.NOTE, who=KARIM, reason="Spoke to the plant.").transitions
    assert [(move.cause, move.who, move.reason) for move in moves] == [
        (Cause.NOTED_BY_USER, KARIM, "Spoke to the plant.")
    ]
    assert scene.told(NotificationKind.NEWS) == ["comms", "manager"]
    assert refusals(scene.ask(CommandKind.NOTE, reason=" ")) == ["no_text"]


def test_a_note_after_the_end_moves_nothing_but_the_record() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.FALSE_ALARM)
    ended = scene.incident
    scene.wait(60 * 20)
    scene.ask(CommandKind.NOTE, reason="It was a homonym.")
    assert scene.told(NotificationKind.NEWS) == ["comms"]
    assert (scene.incident.state, scene.incident.changed_at) == (ended.state, ended.changed_at)
    scene.wait(60 * 4)
    assert len(scene.incidents) == 2, "what still fires is asked of anew a day after its end, not after the note"


@pytest.mark.parametrize("kind", [CommandKind.STATEMENT, CommandKind.PIN, CommandKind.JUDGE])
@pytest.mark.parametrize("incident", ["ended", "forgotten"])
def test_what_changes_no_state_is_kept_of_any_incident(kind: CommandKind, incident: str) -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.RESOLVE)
    response = scene.ask(kind, incident=scene.incident.id if incident == "ended" else "inc-2019")
    assert (response.refused, response.incidents) == ((), ())


def test_another_playbook_is_chosen() -> None:
    scene = Scene()
    scene.fire()
    move = scene.ask(CommandKind.CHOOSE_PLAYBOOK, asked=PlaybookChoice(playbook="stream-silence")).transitions[0]
    assert (move.cause, move.detail["playbook"], move.detail["from"]) == (
        Cause.PLAYBOOK_CHOSEN_BY_USER,
        "stream-silence",
        "bad-buzz",
    )
    assert scene.incident.playbook == "stream-silence"
    assert refusals(scene.ask(CommandKind.CHOOSE_PLAYBOOK, asked=PlaybookChoice(playbook="no"))) == ["unknown_playbook"]
    again = scene.ask(CommandKind.CHOOSE_PLAYBOOK, asked=PlaybookChoice(playbook="stream-silence"))
    assert refusals(again) == ["repeated"]


def test_a_false_alarm_says_of_what_kind() -> None:
    scene = Scene()
    scene.fire()
    move = scene.ask(CommandKind.FALSE_ALARM, asked=Dismissal(why=AlarmReason.HOMONYM), reason="A town").transitions[0]
    assert (move.detail["category"], move.reason) == ("homonym", "A town")


def test_a_note_on_what_is_forgotten_is_kept_as_it_was_said_and_calls_nobody() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.RESOLVE)
    scene.resolve()
    scene.wait(60 * 24 * 9)
    told = scene.ask(CommandKind.NOTE, reason="The lab has answered.")
    assert (told.refused, told.transitions, told.notifications) == ((), (), ())
    assert refusals(scene.ask(CommandKind.NOTE, reason=" ")) == ["no_text"]
