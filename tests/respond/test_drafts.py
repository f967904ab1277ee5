"""A statement on its way out: nothing unfilled is approved, nobody approves for others, and it is on record."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.config.departments import DepartmentSettings
from buzzguard.model import (
    LONGEST_ANSWER,
    Cause,
    CommandKind,
    Draft,
    DraftAct,
    DraftState,
    DraftText,
    DraftVerdict,
    NotificationKind,
    Person,
    PlaybookStep,
    PlaybookView,
)
from buzzguard.respond.drafts import MOST_DRAFTS
from buzzguard.respond.playbook_text import parse_statement
from buzzguard.respond.playbooks import Page, Playbooks
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, KARIM, MINUTE, Scene, policy

TEXT = """We saw it about {{topic}} {{not a field}}: {{confirm: what happened}}. We do not know {{unknown: why}}.

— {{fill: name}}"""
ANSWERS = {"1": "a battery burned", "2": "the cause", "3": "Anna Roy"}
LEA = Person(id="U07", name="Léa", via="slack")
TOM = Person(id="U08", name="Tom", via="slack")
OWN = {
    "legal": DepartmentSettings(notify=("board",), members=("U07", "U08")),
    "management": DepartmentSettings(members=("U08",)),
}
CHAIN = ("legal", "management")


def _books() -> Playbooks:
    statement = parse_statement(TEXT, key="1", title="First words on {{topic}}")
    view = PlaybookView(id="bad-buzz", title="Bad buzz", steps=(PlaybookStep(text="Read"),), statements={"1": "First"})
    page = Page(view=view, language="en", applies="", posture="", text="", statements=(statement,))
    return Playbooks({("bad-buzz", "en"): page})


def begun(approvals: tuple[str, ...] = CHAIN, departments: dict[str, DepartmentSettings] | None = None) -> Scene:
    policies = {"crisis": policy((0, "comms"), (240, "manager"))}
    own = OWN if departments is None else departments
    one = Scene(policies, playbooks=_books(), departments=own, approvals=approvals, runs_for=("comms",))
    one.fire()
    one.ask(CommandKind.TAKE_CHARGE)
    return one


def prepare(on: Scene, **asked: object) -> Response:
    how: dict[str, object] = {"statement": "1", "language": "en", "values": ANSWERS} | asked
    return on.ask(CommandKind.DRAFT, asked=DraftText(**how))  # type: ignore[arg-type]


def judge(
    on: Scene, act: DraftAct, who: Person = CLAIRE, *, reason: str = "", draft: str = "", department: str = ""
) -> Response:
    verdict = DraftVerdict(draft=draft or draft_of(on).id, act=act, department=department)
    return on.ask(CommandKind.JUDGE_DRAFT, who=who, reason=reason, asked=verdict)


def draft_of(on: Scene) -> Draft:
    return on.incident.drafts[-1]


def refused(response: Response) -> str:
    return next((why for _, why in response.refused), "")


# drafting


def test_a_draft_is_whole_and_waits_for_the_first_of_its_chain() -> None:
    one = begun()
    prepare(one)
    draft = draft_of(one)
    assert draft.text == (
        "We saw it about Lumio {{not a field}}: a battery burned. We do not know the cause.\n\n— Anna Roy"
    )
    assert (draft.title, draft.chain, draft.awaits) == ("First words on Lumio", CHAIN, "legal")
    (move,) = one.last.transitions
    assert move.cause is Cause.DRAFTED_BY_USER
    assert (move.detail["awaits"], move.detail["ping"], move.detail["receivers"]) == ("legal", "U07,U08", "board")
    assert one.told() == ["comms:update", "comms:news", "comms:run", "board:card"]


def test_a_struck_field_takes_its_sentence_with_it() -> None:
    one = begun()
    prepare(one, values={"1": "it burned", "3": "Anna"}, struck=("2",))
    assert draft_of(one).text == "We saw it about Lumio {{not a field}}: it burned.\n\n— Anna"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"values": {"1": "it burned"}}, "unfilled: why, name"),
        ({"values": {**ANSWERS, "2": " \u200b\n"}}, "unfilled: why"),
        ({"values": {**ANSWERS, "1": "x" * (LONGEST_ANSWER + 1)}}, "too_long: what happened"),
        ({"values": {}, "struck": ("1", "2", "3")}, "nothing_left"),
        ({"statement": "7"}, "unknown_statement"),
        ({"replaces": "drf-none"}, "unknown_draft"),
    ],
    ids=["unfilled", "unreadable", "long", "nothing", "unknown", "replaces"],
)
def test_what_cannot_be_drafted_is_refused_with_its_fields(asked: dict[str, object], reason: str) -> None:
    one = begun()
    assert refused(prepare(one, **asked)) == reason
    assert one.incident.drafts == ()


def test_values_can_forge_neither_fields_nor_lines() -> None:
    one = begun()
    prepare(one, values={**ANSWERS, "1": "{{unknown: x}}\nand\x00 \u202emore {{topic}}"})
    assert draft_of(one).text.startswith(
        "We saw it about Lumio {{not a field}}: { {unknown: x} } and more { {topic} }."
    )


def test_a_repeated_command_makes_one_draft_also_after_a_restart() -> None:
    one = begun()
    asked = DraftText(statement="1", language="en", values=ANSWERS)
    one.ask(CommandKind.DRAFT, asked=asked, id="same")
    one.restart()
    assert refused(one.ask(CommandKind.DRAFT, asked=asked, id="same")) == "repeated"
    assert len(one.incident.drafts) == 1


def test_a_new_draft_takes_the_place_of_one_sent_back() -> None:
    one = begun()
    prepare(one)
    old = draft_of(one).id
    judge(one, DraftAct.SEND_BACK, LEA, reason="No cause before the report")
    prepare(one, replaces=old)
    assert [draft.state for draft in one.incident.drafts] == [DraftState.REPLACED, DraftState.WAITING]
    assert one.last.transitions[0].detail["replaces"] == old
    assert refused(judge(one, DraftAct.APPROVE, LEA, draft=old)) == "not_waiting"
    assert refused(prepare(one, replaces=old)) == "not_waiting"


def test_of_two_texts_of_one_statement_only_the_newer_waits() -> None:
    one = begun()
    prepare(one)
    first = draft_of(one).id
    prepare(one, values={**ANSWERS, "1": "a battery smoked"})
    assert [draft.state for draft in one.incident.drafts] == [DraftState.REPLACED, DraftState.WAITING]
    assert one.last.transitions[0].detail["replaces"] == first


def test_an_incident_keeps_so_many_drafts() -> None:
    one = begun()
    prepare(one)
    full = replace(one.incident, drafts=tuple(replace(draft_of(one), id=f"d{n}") for n in range(MOST_DRAFTS)))
    one.incidents[full.id] = full
    one.restart()
    assert refused(prepare(one)) == "too_many"


def test_asking_for_an_approval_ends_a_silence() -> None:
    one = begun()
    one.ask(CommandKind.SILENCE, duration=60 * MINUTE)
    prepare(one)
    assert "comms:news" in one.told()
    assert one.incident.silenced_until is None


# approving


def test_the_chain_is_walked_in_its_order_and_only_then_it_may_be_published() -> None:
    one = begun()
    prepare(one)
    assert refused(judge(one, DraftAct.PUBLISH)) == "not_approved"
    judge(one, DraftAct.APPROVE, LEA)
    (move,) = one.last.transitions
    assert (move.cause, move.who, move.detail["department"]) == (Cause.DRAFT_APPROVED_BY_USER, LEA, "legal")
    assert (move.detail["awaits"], move.detail["ping"]) == ("management", "U08")
    assert refused(judge(one, DraftAct.PUBLISH)) == "not_approved"
    judge(one, DraftAct.APPROVE, TOM)
    assert draft_of(one).state is DraftState.APPROVED
    assert one.last.transitions[0].detail["ping"] == CLAIRE.id
    judge(one, DraftAct.PUBLISH)
    assert draft_of(one).state is DraftState.PUBLISHED
    assert one.last.transitions[0].detail["approved"] == "legal: Léa, management: Tom"
    assert refused(judge(one, DraftAct.PUBLISH)) == "already_published"
    assert refused(judge(one, DraftAct.SEND_BACK, reason="late")) == "not_waiting"


def test_only_its_people_approve_for_a_department() -> None:
    one = begun()
    prepare(one)
    assert refused(judge(one, DraftAct.APPROVE, CLAIRE)) == "not_your_turn"
    assert refused(judge(one, DraftAct.APPROVE, Person(id="U07", via="cli"))) == "not_your_turn"
    assert draft_of(one).approvals == ()


def test_where_nobody_is_named_anybody_may_but_not_one_person_for_two() -> None:
    one = begun(departments={})
    prepare(one)
    judge(one, DraftAct.APPROVE, CLAIRE)
    assert refused(judge(one, DraftAct.APPROVE, CLAIRE)) == "already_approved"
    judge(one, DraftAct.APPROVE, KARIM)
    assert draft_of(one).state is DraftState.APPROVED


def test_one_who_is_named_in_both_may_approve_for_both() -> None:
    one = begun()
    prepare(one)
    judge(one, DraftAct.APPROVE, TOM)
    judge(one, DraftAct.APPROVE, TOM)
    assert draft_of(one).state is DraftState.APPROVED


def test_pressed_twice_a_button_approves_for_its_own_department_alone() -> None:
    one = begun()
    prepare(one)
    judge(one, DraftAct.APPROVE, TOM, department="legal")
    assert refused(judge(one, DraftAct.APPROVE, TOM, department="legal")) == "other_turn"
    assert draft_of(one).state is DraftState.WAITING
    judge(one, DraftAct.APPROVE, TOM, department="management")
    assert draft_of(one).state is DraftState.APPROVED


def test_whoever_sends_it_back_says_why() -> None:
    one = begun()
    prepare(one)
    assert refused(judge(one, DraftAct.SEND_BACK, LEA, reason=" ")) == "no_note"
    judge(one, DraftAct.SEND_BACK, LEA, reason="Too sure")
    assert (draft_of(one).state, draft_of(one).note) == (DraftState.SENT_BACK, "Too sure")
    assert one.last.transitions[0].reason == "Too sure"
    assert refused(judge(one, DraftAct.APPROVE, LEA)) == "not_waiting"


def test_without_a_chain_it_may_be_published_at_once() -> None:
    one = begun(approvals=())
    prepare(one)
    assert "ping" not in one.last.transitions[0].detail  # whoever drafted it knows
    judge(one, DraftAct.PUBLISH)
    assert draft_of(one).state is DraftState.PUBLISHED


def test_a_published_draft_is_a_mark_from_which_the_effect_is_measured() -> None:
    one = begun(approvals=())
    prepare(one)
    one.wait(5)
    judge(one, DraftAct.PUBLISH)
    (mark,) = one.incident.published
    assert (mark.at, mark.who) == (one.now, CLAIRE)
    assert one.last.transitions[0].detail["mark"] == mark.id
    assert NotificationKind.NEWS in {note.kind for note in one.last.notifications}


def test_there_is_no_such_draft() -> None:
    one = begun()
    assert refused(judge(one, DraftAct.APPROVE, draft="drf-none")) == "unknown_draft"


_WORDS = st.text(alphabet="a {}:\n\u200b\x02\x03[]", max_size=8)


@settings(max_examples=80, deadline=None)
@given(
    values=st.dictionaries(st.sampled_from("12349"), _WORDS, max_size=5),
    struck=st.lists(st.sampled_from("1239"), max_size=3, unique=True),
    acts=st.lists(st.tuples(st.sampled_from(list(DraftAct)), st.sampled_from([LEA, TOM, CLAIRE])), max_size=6),
)
def test_nothing_unfilled_is_ever_approved(
    values: dict[str, str], struck: list[str], acts: list[tuple[DraftAct, Person]]
) -> None:
    one = begun()
    prepare(one, values=values, struck=tuple(struck))
    if not one.incident.drafts:
        return
    for act, who in acts:
        judge(one, act, who, reason="because")
    text = draft_of(one).text
    assert all(hole not in text for hole in ("[what happened]", "[why]", "[name]", "{{confirm", "{{unknown", "\x02"))
    for field, words in (("1", "We saw it"), ("2", "We do not know"), ("3", "— ")):
        filled = "".join(values.get(field, "").replace("\u200b", "").replace("\x02", "").replace("\x03", "").split())
        assert (words in text) is (field not in struck)
        assert field in struck or filled
    if draft_of(one).state in (DraftState.APPROVED, DraftState.PUBLISHED):
        assert tuple(given.department for given in draft_of(one).approvals) == CHAIN
