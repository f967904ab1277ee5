"""A playbook is worked through by somebody: steps are ticked, and whoever is late hears of it once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.config.departments import DepartmentSettings
from buzzguard.model import (
    Cause,
    CommandKind,
    Language,
    NotificationKind,
    PlaybookChoice,
    PlaybookStep,
    PlaybookView,
    Run,
    RunStep,
    Severity,
    StepMark,
    StepState,
    Transition,
)
from buzzguard.respond.playbooks import Page, Playbooks
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, KARIM, MINUTE, NOW, Scene, policy

RUN = NotificationKind.RUN
NEWS = NotificationKind.NEWS
NIGHT_OFF = {"from": "07:00", "to": "22:00"}
OWN = {
    "legal": DepartmentSettings(notify=("board",), members=("U07", "U08")),
    "hr": DepartmentSettings(members=("U09",)),
}


def _page(id: str, language: Language, *texts: tuple[str, str, int, str]) -> Page:
    steps = tuple(
        PlaybookStep(text=f"{text} {language} {{{{topic}}}}", owner=role, role=role, due=due * MINUTE, stage=stage)
        for text, role, due, stage in texts
    )
    view = PlaybookView(id=id, title=f"{id} {language}", steps=steps, never=("Delete",), statements={"1": "Hold"})
    return Page(view=view, language=language, applies="always", posture="unknown", text="")


FIRST = (("Read", "communications", 10, "First hour"), ("Check", "legal", 20, "First hour"))
STEPS = (*FIRST, ("Staff", "hr", 40, "Then"), ("Sum up", "", 120, "Then"))
BOOKS = Playbooks(
    {
        ("bad-buzz", "en"): _page("bad-buzz", "en", *STEPS),
        ("bad-buzz", "fr"): _page("bad-buzz", "fr", *STEPS),
        ("outage", "fr"): _page("outage", "fr", ("Relancer", "operations", 5, "Première heure")),
    }
)


def scene() -> Scene:
    policies = {"crisis": policy((0, "comms"), (240, "manager"))}
    return Scene(policies, playbooks=BOOKS, departments=OWN, runs_for=("comms", "board"))


def mark(on: Scene, step: str, state: StepState = StepState.DONE, **who: object) -> Response:
    return on.ask(CommandKind.MARK_STEP, asked=StepMark(step=step, state=state), **who)  # type: ignore[arg-type]


def begun(severity: Severity = Severity.ORANGE) -> Scene:
    one = scene()
    one.fire(severity=severity)
    one.ask(CommandKind.TAKE_CHARGE)
    return one


def run_of(on: Scene) -> Run:
    assert on.incident.run is not None
    return on.incident.run


def step_of(on: Scene, key: str) -> RunStep:
    return next(one for one in run_of(on).steps if one.key == key)


def late_news(on: Scene) -> list[Transition]:
    return [move for move in on.last.transitions if move.cause is Cause.STEPS_LATE]


# beginning


def test_nothing_runs_before_somebody_takes_charge() -> None:
    one = scene()
    one.fire()
    assert one.incident.run is None
    assert one.told(RUN) == []


def test_a_run_begins_when_somebody_takes_charge_in_both_languages() -> None:
    one = begun()
    run = run_of(one)
    assert (run.playbook, run.started_at) == ("bad-buzz", NOW)
    assert run.title == {"en": "bad-buzz en", "fr": "bad-buzz fr"}
    assert [step.key for step in run.steps] == ["1", "2", "3", "4"]
    assert run.steps[1].text == {"en": "Check en Lumio", "fr": "Check fr Lumio"}
    assert (run.steps[1].role, run.steps[1].due) == ("legal", NOW + 20 * MINUTE)
    assert one.told() == ["comms:update", "comms:news", "comms:run"]


def test_it_counts_from_whoever_took_charge_and_outlives_a_handover_and_a_graver_alert() -> None:
    one = scene()
    one.fire()
    one.wait(5)
    one.ask(CommandKind.TAKE_CHARGE)
    before = run_of(one)
    one.wait(2)
    one.ask(CommandKind.TAKE_CHARGE, who=KARIM)
    one.fire(severity=Severity.RED)
    assert run_of(one) == before
    assert before.started_at == NOW + 5 * MINUTE


def test_another_playbook_begins_anew_and_what_was_done_stays_on_record() -> None:
    one = begun()
    mark(one, "1")
    one.wait(5)
    one.ask(CommandKind.CHOOSE_PLAYBOOK, asked=PlaybookChoice(playbook="outage"))
    run = run_of(one)
    assert (run.playbook, run.started_at, [step.state for step in run.steps]) == ("outage", one.now, [StepState.OPEN])
    assert Cause.STEP_MARKED_BY_USER in one.causes
    assert one.told(RUN) == ["comms"]


def test_what_a_graver_alert_calls_for_can_be_chosen_while_another_one_runs() -> None:
    one = begun()
    one.fire("outage", severity=Severity.RED, playbook="outage")
    assert (one.incident.playbook, run_of(one).playbook) == ("outage", "bad-buzz")
    again = one.ask(CommandKind.CHOOSE_PLAYBOOK, asked=PlaybookChoice(playbook="bad-buzz"))
    assert [why for _, why in again.refused] == ["repeated"]
    one.ask(CommandKind.CHOOSE_PLAYBOOK, asked=PlaybookChoice(playbook="outage"))
    assert run_of(one).playbook == "outage"


def test_a_language_that_lacks_the_playbook_gets_the_other_ones_text() -> None:
    one = scene()
    one.fire(playbook="outage")
    one.ask(CommandKind.TAKE_CHARGE)
    (step,) = run_of(one).steps
    assert step.text == {"en": "Relancer fr Lumio", "fr": "Relancer fr Lumio"}


def test_each_receiver_reads_it_in_the_language_of_the_house_and_a_new_one_gets_it_with_the_card() -> None:
    one = begun()
    one.wait(21)
    assert one.told() == ["comms:update", "comms:news", "comms:run", "board:card", "board:run"]


# marking


def test_a_tick_edits_the_run_and_calls_nobody() -> None:
    one = begun()
    one.wait(3)
    mark(one, "1", who=KARIM)
    step = step_of(one, "1")
    assert (step.state, step.who, step.at) == (StepState.DONE, KARIM, one.now)
    assert one.told() == ["comms:update", "comms:run"]
    (move,) = one.last.transitions
    assert (move.cause, move.who) == (Cause.STEP_MARKED_BY_USER, KARIM)
    assert move.detail == {"step": "1", "state": "done", "text_en": "Read en Lumio", "text_fr": "Read fr Lumio"}
    assert one.decisions[-1].reason == "shown_in_run"
    assert one.incident.acted_at == one.now


@pytest.mark.parametrize(
    ("done", "last", "told"), [("1", "2", "stage"), ("1 2 3", "4", "all"), ("", "1", "")], ids=["stage", "all", "none"]
)
def test_the_end_of_a_stage_and_of_the_playbook_is_told(done: str, last: str, told: str) -> None:
    one = begun()
    for key in done.split():
        mark(one, key)
    mark(one, last, StepState.SKIPPED)
    assert one.last.transitions[0].detail.get("told", "") == told
    assert one.told(NEWS) == (["comms"] if told else [])


def test_that_a_late_step_is_done_is_told_to_those_who_wait_for_it() -> None:
    one = begun()
    one.wait(11)
    mark(one, "1")
    assert one.last.transitions[0].detail["told"] == "late"
    assert one.told(NEWS) == ["comms"]


def test_a_step_can_be_opened_again() -> None:
    one = begun()
    mark(one, "1")
    mark(one, "1", StepState.OPEN)
    assert step_of(one, "1").state is StepState.OPEN
    assert one.told(NEWS) == []


@pytest.mark.parametrize(
    ("step", "state", "reason"), [("9", StepState.DONE, "unknown_step"), ("1", StepState.OPEN, "already_marked")]
)
def test_what_cannot_be_marked_is_refused(step: str, state: StepState, reason: str) -> None:
    one = begun()
    assert [why for _, why in mark(one, step, state).refused] == [reason]
    assert not one.last.transitions


def test_before_a_run_there_is_nothing_to_mark() -> None:
    one = scene()
    one.fire()
    assert [why for _, why in mark(one, "1").refused] == ["no_run"]


# late


def test_late_steps_are_told_of_once_to_their_departments() -> None:
    one = begun()
    mark(one, "1")
    one.wait(20)
    (move,) = late_news(one)
    assert move.detail["steps"] == "2"
    assert move.detail["ping"] == "U07,U08"
    assert move.detail["receivers"] == "board"
    assert one.incident.receivers == ("comms", "board")
    one.wait(1)
    assert not one.last.transitions


def test_what_is_late_together_is_told_together_and_the_owner_answers_for_roles_without_people() -> None:
    one = begun()
    one.wait(300)
    (move,) = late_news(one)
    assert (move.detail["steps"], move.detail["count"]) == ("1,2,3,4", "4")
    assert move.detail["ping"].split(",") == [CLAIRE.id, "U07", "U08", "U09"]


def test_next_due_is_the_next_step() -> None:
    one = begun()
    assert one.responder.next_due() == NOW + 10 * MINUTE
    mark(one, "1")
    assert one.responder.next_due() == NOW + 20 * MINUTE


def test_at_night_a_late_step_waits_for_the_morning() -> None:
    one = Scene(
        {"crisis": policy((0, "comms"), hours={"orange": NIGHT_OFF})},
        playbooks=BOOKS,
        departments=OWN,
        runs_for=("comms",),
    )
    one.fire()
    one.ask(CommandKind.TAKE_CHARGE)
    one.wait(30)
    assert not late_news(one)
    assert one.responder.next_due() == datetime(2026, 11, 22, 7, 0, tzinfo=NOW.tzinfo)
    one.restart()
    one.now = datetime(2026, 11, 22, 7, 0, tzinfo=NOW.tzinfo)
    one.respond()
    assert late_news(one)[0].detail["count"] == "4"


def test_red_never_waits() -> None:
    one = Scene({"crisis": policy((0, "comms"), hours={"orange": NIGHT_OFF})}, playbooks=BOOKS)
    one.fire(severity=Severity.RED)
    one.ask(CommandKind.TAKE_CHARGE)
    one.wait(11)
    assert late_news(one)


def test_a_silence_holds_it_until_its_end() -> None:
    one = begun()
    one.ask(CommandKind.SILENCE, duration=25 * MINUTE)
    one.wait(24)
    assert not late_news(one)
    one.wait(1)
    assert late_news(one)[0].detail["steps"] == "1,2"


def test_the_end_of_the_incident_ends_it_and_closes_the_run() -> None:
    one = begun()
    one.ask(CommandKind.RESOLVE)
    assert one.told(RUN) == ["comms"]
    one.wait(60)
    assert not one.last.transitions


# laws

_ACTS = st.one_of(
    st.tuples(st.just("wait"), st.sampled_from([0.1, 3, 9, 26, 200, -0.02, -7, -90])),
    st.tuples(st.just("mark"), st.tuples(st.sampled_from("1234"), st.sampled_from(list(StepState)))),
    st.tuples(st.just("silence"), st.sampled_from([5, 40])),
    st.tuples(st.just("restart"), st.none()),
    st.tuples(st.just("due"), st.none()),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_ACTS, max_size=25))
def test_no_restart_or_jump_tells_of_a_step_twice_or_loses_one(acts: list[tuple[str, object]]) -> None:
    one = begun()
    told: list[str] = []
    for name, how in acts:
        _do(one, name, how)
        told += [key for move in late_news(one) for key in move.detail["steps"].split(",")]
        due = one.responder.next_due()
        assert due is None or due > one.now
        if not one.incident.silenced_until:
            late = [step for step in run_of(one).steps if step.due and step.due <= one.now]
            assert all(step.reminded_at or step.state is not StepState.OPEN for step in late)
    assert len(told) == len(set(told))
    one.wait(60 * 24 * 8)
    told += [key for move in late_news(one) for key in move.detail["steps"].split(",")]
    left = {step.key for step in run_of(one).steps if step.state is StepState.OPEN}
    assert left <= set(told)
    assert len(told) == len(set(told))


def _do(on: Scene, name: str, how: object) -> None:
    if name == "wait":
        on.wait(float(str(how)))
    elif name == "mark":
        assert isinstance(how, tuple)
        mark(on, *how)
    elif name == "silence":
        on.ask(CommandKind.SILENCE, duration=timedelta(minutes=int(str(how))))
    elif name == "restart":
        on.restart()
        on.respond()
    else:
        on.now = on.responder.next_due() or on.now
        on.respond()
