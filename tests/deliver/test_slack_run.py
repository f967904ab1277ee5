"""The run of a playbook in Slack: what is to be done next is always there, with a button, within Block Kit's limits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.deliver.blocks import SlackMessage, render_news
from buzzguard.deliver.slack_drafts import with_drafts
from buzzguard.deliver.slack_ids import parts_of
from buzzguard.deliver.slack_run import render_run
from buzzguard.model import Card, Cause, DraftState, IncidentState, Language, StepState
from tests.deliver.block_kit import check_message, texts_of
from tests.deliver.hostile import texts as hostile_texts
from tests.deliver.runs import draft_news, run_card, sample_draft, sample_run, sample_step
from tests.deliver.samples import INCIDENT

DONE, OPEN, SKIPPED = StepState.DONE, StepState.OPEN, StepState.SKIPPED


def shown(card: Card) -> str:
    message = render_run(card)
    assert check_message(message.payload()) == []
    return "\n".join(text for _, text in texts_of(message.blocks))


def pressable(message: SlackMessage) -> dict[str, list[str]]:
    """The values of the buttons and options by action."""
    found: dict[str, list[str]] = {}
    for block in message.blocks:
        for element in [*block.get("elements", []), block.get("accessory", {})]:
            if "action_id" in element:
                values = [one["value"] for one in element.get("options", [element])]
                found.setdefault(element["action_id"], []).extend(values)
    return found


def value(what: str) -> str:
    return f"{INCIDENT}|{what}"


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            (
                "📋 Playbook: Bad buzz",
                "Steps done: *1 of 3* · ⏰ *1 late*",
                "👉 *First hour*  1/2",
                "✅ *1.* Do thing 1 – _Claire Morel,",
                "☐ *2.* Do thing 2\n      *Legal · ⏰ late, by",
                "*Never*\n✗ Delete what people say.",
                "*Then*  0/1",
                "_Legal · by ",
                "💬 *First words*\n      _not prepared yet_",
            ),
        ),
        (
            "fr",
            ("📋 Playbook : Bad buzz : la première heure", "Étapes faites : *1 sur 3* · ⏰ *1 en retard*", "*Jamais*"),
        ),
    ],
)
def test_it_says_what_is_to_be_done_by_whom_and_when(language: Language, lines: tuple[str, ...]) -> None:
    told = shown(run_card(language=language)).replace("\u00a0", " ")
    for line in lines:
        assert line in told


@pytest.mark.parametrize(("language", "mark"), [("en", "EXERCISE"), ("fr", "EXERCICE")])
def test_that_of_an_exercise_says_so_first(language: Language, mark: str) -> None:
    card = run_card(language=language)
    message = render_run(replace(card, incident=replace(card.incident, drill=True)))
    assert message.text.startswith(mark)
    assert message.blocks[0]["text"]["text"].startswith(f"📋 {mark}")
    assert mark not in render_run(card).text


def test_each_open_step_has_a_button_and_the_rare_acts_are_menus() -> None:
    found = pressable(render_run(run_card()))
    assert found["step_done"] == [value("2"), value("3")]
    assert found["step_skip"] == [value("2"), value("3")]
    assert found["step_open"] == [value("1")]
    assert found["draft_open"] == [value("1"), value("2")]


def test_what_is_forbidden_stands_with_the_stage_people_are_in() -> None:
    told = shown(run_card(sample_run(sample_step(1, DONE), sample_step(2, stage="Then"))))
    assert told.index("*Then*") < told.index("*Never*") < told.index("First words")


def test_once_all_is_done_it_says_so_and_after_the_end_nothing_can_be_pressed() -> None:
    over = sample_run(sample_step(1, DONE), sample_step(2, SKIPPED))
    assert "All done" in shown(run_card(over))
    ended = render_run(run_card(state=IncidentState.RESOLVED))
    assert pressable(ended) == {}
    assert "has ended" in ended.blocks[1]["text"]["text"]


def test_a_menu_is_another_one_after_each_mark() -> None:
    """Slack keeps what was chosen in a menu as long as its block has the same name."""
    ids = {
        render_run(run_card(sample_run(sample_step(1, state), sample_step(2)))).blocks[-1]["block_id"]
        for state in (OPEN, DONE)
    }
    assert len(ids) == 2


def test_of_another_playbook_than_the_one_that_is_run_nothing_is_shown() -> None:
    card = run_card(replace(sample_run(), playbook="outage"))
    assert "draft_open" not in pressable(render_run(card))


@pytest.mark.parametrize(
    ("state", "approved", "line", "action"),
    [
        (DraftState.WAITING, 1, "waits for management", "draft_open"),
        (DraftState.APPROVED, 2, "approved, not published yet", "draft_publish"),
        (DraftState.SENT_BACK, 0, "sent back: Too sure", "draft_open"),
        (DraftState.PUBLISHED, 2, "published", "draft_open"),
    ],
)
def test_a_statement_says_where_it_is(state: DraftState, approved: int, line: str, action: str) -> None:
    card = run_card(drafts=(sample_draft(state, approved=approved),))
    assert line in shown(card)
    assert value("drf-1" if action == "draft_publish" else "1") in pressable(render_run(card))[action]


def test_in_two_languages_a_statement_is_two_drafts() -> None:
    french = replace(sample_draft(DraftState.APPROVED, approved=2), id="drf-2", language="fr")
    card = run_card(drafts=(sample_draft(), french, replace(sample_draft(), playbook="outage", id="drf-3")))
    assert "_en: ⏳ waits for legal_\n      _fr: ✅ approved" in shown(card)
    assert pressable(render_run(card))["draft_publish"] == [value("drf-2")]


@pytest.mark.parametrize("count", [3, 13, 30, 47, 60, 100])
@pytest.mark.parametrize("stages", [1, 3, 40])
def test_however_many_steps_there_are_those_of_the_present_stage_can_all_be_ticked(count: int, stages: int) -> None:
    steps = [sample_step(at, stage=f"Stage {at * stages // (count + 1)}") for at in range(1, count + 1)]
    card = run_card(sample_run(*steps), drafts=(sample_draft(),))
    told, found = shown(card), pressable(render_run(card))
    present = [step for step in steps if step.stage == steps[0].stage] if stages < 9 else steps
    assert {value(step.key) for step in present} <= set(found["step_done"])
    assert all(f"*{step.key}.*" in told for step in present)


def test_of_many_steps_behind_us_the_last_are_named_and_the_others_counted() -> None:
    told = shown(run_card(sample_run(*(sample_step(at, DONE) for at in range(1, 30)), sample_step(30))))
    assert "and 17 more behind us" in told
    assert "*18.*" in told
    assert "*17.*" not in told


@settings(max_examples=40, deadline=None)
@given(data=st.data(), text=hostile_texts, count=st.integers(1, 25))
def test_whatever_stands_in_it_it_keeps_within_the_limits(data: Any, text: str, count: int) -> None:
    states = data.draw(st.lists(st.sampled_from(list(StepState)), min_size=count, max_size=count))
    steps = [
        replace(
            sample_step(at, state, stage=text[:50]),
            text={"en": text},
            owner={"fr": text},
            stage={"en": text[: at % 3]},
        )
        for at, state in enumerate(states, start=1)
    ]
    run = replace(sample_run(*steps), title={"en": text}, playbook="bad-buzz")
    draft = replace(sample_draft(text=text), title=text, note=text)
    shown(run_card(run, drafts=(draft,)))


# drafts


def test_an_approval_is_asked_for_with_the_whole_text_and_the_chain() -> None:
    card = draft_news(sample_draft(approved=1, text="We saw <it> & care.\n\n— Anna"), awaits="management")
    message = with_drafts(render_news(card), card)
    assert check_message(message.payload()) == []
    told = "\n".join(text for _, text in texts_of(message.blocks))
    assert "> We saw &lt;it&gt; &amp; care.\n> \n> — Anna" in told
    assert "✅ legal (Claire Morel, " in told
    assert "→ ⏳ management" in told
    assert pressable(message) == {"draft_approve": [value("drf-1:management")], "draft_send_back": [value("drf-1")]}


@pytest.mark.parametrize(
    ("state", "cause", "actions"),
    [
        (DraftState.APPROVED, Cause.DRAFT_APPROVED_BY_USER, {"draft_publish", "draft_send_back"}),
        (DraftState.SENT_BACK, Cause.DRAFT_SENT_BACK_BY_USER, {"draft_open"}),
        (DraftState.PUBLISHED, Cause.PUBLISHED_BY_USER, set()),
    ],
)
def test_each_state_offers_what_comes_next(state: DraftState, cause: Cause, actions: set[str]) -> None:
    card = draft_news(sample_draft(state, approved=2), cause)
    assert set(pressable(with_drafts(render_news(card), card))) == actions


def test_what_cannot_be_shown_whole_cannot_be_approved() -> None:
    card = draft_news(sample_draft(text="&" * 3_000))
    message = with_drafts(render_news(card), card)
    assert check_message(message.payload()) == []
    assert set(pressable(message)) == {"draft_send_back"}
    assert "too long to be shown whole" in str(message.blocks)


def test_a_long_text_is_shown_whole() -> None:
    text = "\n\n".join("wort " * 90 for _ in range(6))
    card = draft_news(sample_draft(text=text))
    message = with_drafts(render_news(card), card)
    assert check_message(message.payload()) == []
    assert str(message.blocks).count("wort") == 540


@given(st.text(max_size=90))
def test_only_what_was_written_is_read_from_a_press(value: str) -> None:
    found = parts_of(value)
    assert found is None or "|".join(found) == value
