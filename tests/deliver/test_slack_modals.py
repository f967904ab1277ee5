"""Each modal from the press to the command: opened in time, read, refused at the field that is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from buzzguard.deliver import slack_ids as ids
from buzzguard.deliver.slack_views import Meta
from buzzguard.model import (
    AlarmReason,
    Asked,
    CommandKind,
    Declaration,
    Dismissal,
    Draft,
    DraftAct,
    DraftState,
    DraftText,
    DraftVerdict,
    FieldKind,
    Handover,
    Language,
    Merge,
    Person,
    PlaybookChoice,
    Severity,
    Split,
    Statement,
    StatementField,
)
from tests.deliver.samples import sample_alert, sample_silent_stream_alert
from tests.slack.desk import DIRECTORY, FakeDesk, open_incident
from tests.slack.sitting import NOW, Sitting
from tests.slack.strict_server import StrictSlack

LANGUAGES: tuple[Language, ...] = ("en", "fr")
MENU = ("merge", "split", "new_normal", "playbook", "statement")
STATEMENT = Statement(
    key="1",
    title="First words",
    paragraphs=(
        ("We know of ", StatementField(key="1", kind=FieldKind.CONFIRM, what="what happened"), " since this morning."),
        ("We do not know yet ", StatementField(key="2", kind=FieldKind.UNKNOWN, what="the cause"), "."),
        ("Call ", StatementField(key="3", kind=FieldKind.FILL, what="telephone"), "."),
    ),
)
SPLIT = ("3f9a1c77d0e4b825", "a1b2c3d4e5f60718")


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


def _desk() -> FakeDesk:
    incident = open_incident(alerts=(sample_alert(), sample_silent_stream_alert()))
    others = (open_incident("inc-43", topic="voltea"), open_incident("inc-44", drill=True))
    return FakeDesk(incident, *others, statements=[STATEMENT])


async def _opened(slack: StrictSlack, name: str, *, language: Language = "en", desk: FakeDesk | None = None) -> Sitting:
    sitting = Sitting(slack, desk or _desk(), language=language)
    if name in MENU:
        await sitting.press("more", name)
    else:
        what = {ids.DRAFT_OPEN: "1", ids.DRAFT_SEND_BACK: "draft-1"}.get(name, "")
        await sitting.press(name, what)
    return sitting


FLOWS: list[tuple[str, dict[str, Any], CommandKind, Asked | None, str]] = [
    ("give", {"department": "legal"}, CommandKind.GIVE, Handover(department="legal"), ""),
    (
        "give",
        {"person": "U0MARC0001", "reason": "He knows the lamp"},
        CommandKind.GIVE,
        Handover(person=Person(id="U0MARC0001", name="Marc Petit", via="slack")),
        "He knows the lamp",
    ),
    ("silence", {"reason": "Known"}, CommandKind.SILENCE, None, "Known"),
    ("merge", {"into": "inc-43"}, CommandKind.MERGE, Merge(into="inc-43"), ""),
    ("split", {"alerts": [SPLIT[0]]}, CommandKind.SPLIT, Split(alerts=SPLIT[:1]), ""),
    ("dismiss", {"why": "homonym"}, CommandKind.FALSE_ALARM, Dismissal(why=AlarmReason.HOMONYM), ""),
    ("resolve", {"summary": "Calm.\nThe lamp is back."}, CommandKind.RESOLVE, None, "Calm.\nThe lamp is back."),
    ("note", {"text": "Called the shop"}, CommandKind.NOTE, None, "Called the shop"),
    ("new_normal", {"reason": "New season"}, CommandKind.NEW_NORMAL, None, "New season"),
    (
        "playbook",
        {"playbook": "product-safety"},
        CommandKind.CHOOSE_PLAYBOOK,
        PlaybookChoice(playbook="product-safety"),
        "",
    ),
    ("statement", {"reason": "On our site"}, CommandKind.STATEMENT, None, "On our site"),
    (
        ids.DRAFT_OPEN,
        {"f:1": "the overheating", "s:2": ["strike"], "f:3": "01 23"},
        CommandKind.DRAFT,
        DraftText(statement="1", language="en", values={"1": "the overheating", "3": "01 23"}, struck=("2",)),
        "",
    ),
    (
        ids.DRAFT_SEND_BACK,
        {"reason": "Too vague"},
        CommandKind.JUDGE_DRAFT,
        DraftVerdict(draft="draft-1", act=DraftAct.SEND_BACK),
        "Too vague",
    ),
]


@pytest.mark.parametrize(("name", "answers", "kind", "asked", "reason"), FLOWS)
async def test_a_modal_becomes_its_command(
    slack: StrictSlack, name: str, answers: dict[str, Any], kind: CommandKind, asked: Asked | None, reason: str
) -> None:
    sitting = await _opened(slack, name)
    assert await sitting.submit(answers) == {}
    (command,) = sitting.desk.commands
    assert (command.kind, command.incident, command.asked, command.reason) == (kind, "inc-42", asked, reason)
    assert (command.who.id, command.at) == ("U0CLAIRE01", NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted({flow[0] for flow in FLOWS} | {"room"}))
async def test_every_modal_speaks_the_language_of_the_button(slack: StrictSlack, name: str, language: Language) -> None:
    sitting = await _opened(slack, name, language=language if name not in ids.DRAFT_ACTIONS else "en")
    assert sitting.window["callback_id"] == f"bg_{name}"
    if name not in (ids.DRAFT_OPEN, ids.DRAFT_SEND_BACK):
        assert sitting.window["close"]["text"] == {"en": "Cancel", "fr": "Annuler"}[language]


WRONG: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("give", {}, {"person": "Choose a person or a department."}),
    ("give", {"person": "U0MARC0001", "department": "legal"}, {"person": "not both"}),
    ("silence", {"for": "custom", "custom": "a while", "reason": "x"}, {"custom": "no duration"}),
    ("silence", {"for": "custom", "custom": "8d", "reason": "x"}, {"custom": "7 days at most"}),
    ("silence", {"for": "custom", "custom": "0m", "reason": "x"}, {"custom": "no duration"}),
    ("silence", {"reason": " \x00 "}, {"reason": "fill this in"}),
    ("dismiss", {"why": "other"}, {"reason": "fill this in"}),
    ("statement", {"when": int(NOW.timestamp()) + 3600}, {"when": "still to come"}),
    ("room", {"name": "Crise n°1 !"}, {"name": "Lower-case"}),
    (
        ids.DRAFT_OPEN,
        {"f:1": "the overheating", "s:1": ["strike"], "f:3": "01 23"},
        {"f:1": "filled and struck", "f:2": "or strike it"},
    ),
]


@pytest.mark.parametrize(("name", "answers", "errors"), WRONG)
async def test_what_is_filled_wrongly_is_said_at_its_field(
    slack: StrictSlack, name: str, answers: dict[str, Any], errors: dict[str, str]
) -> None:
    sitting = await _opened(slack, name)
    body = await sitting.submit(answers)
    assert body["response_action"] == "errors"
    assert body["errors"].keys() == errors.keys()
    assert all(part in body["errors"][field] for field, part in errors.items())
    assert sitting.desk.commands == []


@pytest.mark.parametrize(
    ("answers", "duration"),
    [
        ({}, timedelta(hours=1)),
        ({"for": "4h"}, timedelta(hours=4)),
        ({"for": "custom", "custom": "2h30"}, timedelta(hours=2, minutes=30)),
        ({"for": "custom", "custom": " 3 J "}, timedelta(days=3)),
        ({"for": "custom", "custom": "45 min"}, timedelta(minutes=45)),
        ({"for": f"until:{int(NOW.timestamp()) + 6 * 3600}"}, timedelta(hours=6)),
    ],
)
async def test_a_silence_lasts_as_long_as_is_chosen(
    slack: StrictSlack, answers: dict[str, Any], duration: timedelta
) -> None:
    """At three in the morning in Paris, `until 09:00` is six hours away."""
    sitting = await _opened(slack, "silence")
    assert await sitting.submit({**answers, "reason": "Known"}) == {}
    assert sitting.desk.commands[0].duration == duration


async def test_an_incident_is_merged_with_its_own_kind_alone(slack: StrictSlack) -> None:
    real = await _opened(slack, "merge")
    assert "inc-43" in str(real.window)
    assert "inc-44" not in str(real.window)
    drill = Sitting(slack, _desk())
    await drill.press("more", "merge", incident="inc-44")
    assert "No other incident" in drill.told[-1]


async def test_the_statement_shows_what_is_to_be_filled_and_who_approves(slack: StrictSlack) -> None:
    shown = str((await _opened(slack, ids.DRAFT_OPEN)).window["blocks"])
    assert "We know of *[what happened]* since this morning." in shown
    assert "Legal → Management" in shown


async def test_a_draft_that_was_sent_back_is_replaced(slack: StrictSlack) -> None:
    draft = Draft(
        id="draft-7", statement="1", title="First words", language="en", text="x", who=Person(id="U1"), at=NOW, chain=()
    )
    other = Draft(**{name: getattr(draft, name) for name in draft.__struct_fields__} | {"id": "draft-8"})
    sent_back = Draft(
        **{name: getattr(draft, name) for name in draft.__struct_fields__} | {"state": DraftState.SENT_BACK}
    )
    desk = FakeDesk(open_incident(drafts=(sent_back, other)), statements=[STATEMENT])
    sitting = await _opened(slack, ids.DRAFT_OPEN, desk=desk)
    await sitting.submit({"f:1": "a", "f:2": "b", "f:3": "c"})
    asked = desk.commands[0].asked
    assert isinstance(asked, DraftText)
    assert asked.replaces == "draft-7"


async def test_what_was_filled_in_stands_there_again_with_why_it_came_back(slack: StrictSlack) -> None:
    sent_back = Draft(
        id="draft-7",
        statement="1",
        title="First words",
        language="en",
        text="x",
        who=Person(id="U1"),
        at=NOW,
        chain=(),
        state=DraftState.SENT_BACK,
        note="Say *less*",
        values={"1": "the lamp burned"},
        struck=("2",),
    )
    desk = FakeDesk(open_incident(drafts=(sent_back,)), statements=[STATEMENT])
    sitting = await _opened(slack, ids.DRAFT_OPEN, desk=desk)
    assert "sent back: “Say ∗less∗”" in str(sitting.window["blocks"])
    await sitting.submit({"f:3": "c"})
    asked = desk.commands[0].asked
    assert isinstance(asked, DraftText)
    assert (asked.values, asked.struck) == ({"1": "the lamp burned", "3": "c"}, ("2",))


async def test_a_person_is_given_by_id_where_names_may_not_be_asked_for(slack: StrictSlack) -> None:
    slack.workspace.scopes.remove("users:read")
    sitting = await _opened(slack, "give")
    await sitting.submit({"person": "U0MARC0001"})
    assert sitting.desk.commands[0].asked == Handover(person=Person(id="U0MARC0001", via="slack"))


async def test_an_incident_is_declared_from_its_form(slack: StrictSlack) -> None:
    from buzzguard.deliver.slack_modals_work import declare

    sitting = Sitting(slack)
    view = declare(Meta(language="fr"), DIRECTORY, topic="lumio")
    assert not isinstance(view, str)
    assert await sitting.front.open_view(slack.workspace.windows.trigger(), view)
    assert (
        await sitting.submit({"severity": "red", "story": "Une vidéo montre la lampe en feu", "drill": ["drill"]}) == {}
    )
    (command,) = sitting.desk.commands
    assert (command.kind, command.incident) == (CommandKind.DECLARE, "")
    assert command.asked == Declaration(
        topic="lumio", severity=Severity.RED, story="Une vidéo montre la lampe en feu", drill=True
    )


async def test_a_statement_published_is_measured_from_then_on(slack: StrictSlack) -> None:
    sitting = await _opened(slack, "statement")
    await sitting.submit({"when": int(NOW.timestamp()) - 1800})
    assert sitting.desk.commands[0].happened_at == NOW - timedelta(minutes=30)
    assert sitting.told == ["Noted: a statement was published. What it changes is measured from then on."]
