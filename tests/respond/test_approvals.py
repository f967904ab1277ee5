"""An approval that nobody gives is asked for again, by those whose turn it is, in the hours in which they are told."""

from __future__ import annotations

from msgspec.structs import replace

from buzzguard.model import Cause, CommandKind, DraftAct, NotificationKind, PlaybookStep, PlaybookView, Severity
from buzzguard.respond.approvals import ANSWER_WITHIN
from buzzguard.respond.playbook_text import parse_statement
from buzzguard.respond.playbooks import Page, Playbooks
from tests.respond.scene import MINUTE, Scene, policy
from tests.respond.test_drafts import LEA, OWN, TEXT, TOM, begun, draft_of, judge, prepare

_QUARTER = ANSWER_WITHIN / MINUTE


def asked_again(on: Scene) -> list[str]:
    return [move.detail["awaits"] for move in on.last.transitions if move.cause is Cause.APPROVAL_LATE]


def reminding(*, severity: Severity = Severity.ORANGE, **more: object) -> Scene:
    """Somebody is in charge under a policy that reminds people every forty minutes."""
    statement = parse_statement(TEXT, key="1", title="First words")
    view = PlaybookView(id="bad-buzz", title="Bad buzz", steps=(PlaybookStep(text="Read"),), statements={"1": "First"})
    page = Page(view=view, language="en", applies="", posture="", text="", statements=(statement,))
    one = Scene(
        {"crisis": policy((0, "comms"), (240, "manager"), remind=40, **more)},  # type: ignore[arg-type]
        playbooks=Playbooks({("bad-buzz", "en"): page}),
        departments=OWN,
        approvals=("legal", "management"),
    )
    one.fire(severity=severity)
    one.ask(CommandKind.TAKE_CHARGE)
    prepare(one)
    return one


def test_those_whose_turn_it_is_are_asked_again_after_a_quarter_of_an_hour_once() -> None:
    one = begun()
    prepare(one)
    one.wait(_QUARTER - 1)
    assert asked_again(one) == []
    assert one.responder.next_due() == one.now + MINUTE
    one.wait(1)
    (move,) = one.last.transitions
    assert (move.cause, move.detail["awaits"], move.detail["ping"]) == (Cause.APPROVAL_LATE, "legal", "U07,U08")
    assert one.told(NotificationKind.NEWS) == ["comms", "board"]
    one.restart()
    one.wait(300)
    assert asked_again(one) == []


def test_each_approval_has_its_own_time_and_what_is_decided_is_asked_for_no_more() -> None:
    one = begun()
    prepare(one)
    one.wait(_QUARTER - 1)
    judge(one, DraftAct.APPROVE, LEA)
    one.wait(_QUARTER - 1)
    assert asked_again(one) == []
    one.wait(1)
    assert asked_again(one) == ["management"]
    judge(one, DraftAct.APPROVE, TOM)
    assert draft_of(one).remind_at is None
    prepare(one)
    judge(one, DraftAct.SEND_BACK, reason="too long")
    one.wait(200)
    assert asked_again(one) == []


def test_the_policy_says_how_often_they_are_asked() -> None:
    one = reminding()
    told = []
    for _ in range(100):
        one.wait(1)
        told += [one.now] if asked_again(one) else []
    assert [(at - told[0]) / MINUTE for at in told] == [0, 40, 80]


def test_it_waits_for_the_morning_unless_it_is_red_and_for_the_end_of_a_silence() -> None:
    night = {name: {"from": "07:00", "to": "22:00"} for name in ("orange",)}
    one = reminding(hours=night)
    one.wait(60)
    assert asked_again(one) == []
    one.wait(60 * 5)
    assert asked_again(one) == ["legal"]
    red = reminding(severity=Severity.RED, hours=night)
    red.wait(_QUARTER)
    assert asked_again(red) == ["legal"]
    muted = reminding()
    muted.ask(CommandKind.SILENCE, duration=60 * MINUTE)
    muted.wait(50)
    assert asked_again(muted) == []
    muted.wait(10)
    assert asked_again(muted) == ["legal"]


def test_a_clock_that_is_set_back_leaves_them_their_time() -> None:
    one = reminding()
    one.wait(-600)
    one.wait(_QUARTER - 1)
    assert asked_again(one) == []
    one.wait(1)
    assert asked_again(one) == ["legal"]
    assert replace(draft_of(one), remind_at=None).awaits == "legal"
