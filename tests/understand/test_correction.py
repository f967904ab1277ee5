"""What people's clicks may change, and what no person alone can."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from buzzguard.understand import correction as module
from buzzguard.understand.anchors import ANCHORS
from buzzguard.understand.correction import (
    ALONE,
    DIRECT,
    DIRECT_PER_DAY,
    LEARNED_PER_DAY,
    TOGETHER,
    Click,
    Correction,
    Side,
)
from buzzguard.understand.sentiment.cascade import CascadeScorer
from buzzguard.understand.sentiment.probabilities import Logits, logs
from buzzguard.understand.sentiment.weights_folder import SHIPPED
from tests.acceptance.real_data import data_folder
from tests.bench.correction import LANGUAGES, Bench, airline, umsab

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
SUBJECT = ["bagage", "vol", "retard", "guichet", "embarquement", "hublot", "escale", "pilote"]
SIDES: list[Side] = ["negative", "not_negative", "neutral", "positive"]
EASE = 1e-6


def frozen(texts: Sequence[str]) -> Logits:
    """A scorer that finds everything half negative."""
    return np.tile([0.5, 0.3, 0.2], (len(texts), 1))


def rarity(rows: NDArray[np.int32]) -> NDArray[np.float64]:
    return np.ones(len(rows))


def made(clicks: Sequence[Click] = ()) -> Correction:
    return Correction(frozen, rarity, clicks)


def click(number: int, text: str, person: str = "ana", side: Side = "not_negative", **more: object) -> Click:
    fields: dict[str, object] = {"at": AT, "lead": False} | more
    return Click(id=str(number), text=text, person=person, side=side, **fields)  # type: ignore[arg-type]


def moved(correction: Correction, text: str) -> Logits:
    """How far each log-odds between two sides moved."""
    moves = logs(correction.corrected([text], frozen([text])))[0] - logs(frozen([text]))[0]
    apart: Logits = np.abs(moves[:, None] - moves[None, :])
    return apart


sentences = st.lists(st.sampled_from(SUBJECT), min_size=1, max_size=4).map(" ".join)


def clicks_by(people: st.SearchStrategy[str], *, lead: bool = True, most: int = 25) -> st.SearchStrategy[list[Click]]:
    one = st.tuples(sentences, people, st.sampled_from(SIDES), st.integers(0, 3), st.booleans())
    return st.lists(one, max_size=most).map(
        lambda rows: [
            Click(id=str(number), text=text, person=who, side=side, at=AT + timedelta(days=day), lead=leads and lead)
            for number, (text, who, side, day, leads) in enumerate(rows)
        ]
    )


def answers(correction: Correction) -> list[list[float]]:
    texts = [*SUBJECT, "vol retard", "autre chose"]
    told: list[list[float]] = correction.corrected(texts, frozen(texts)).tolist()
    return told


@settings(max_examples=30, deadline=None)
@given(clicks_by(st.just("ana")), sentences)
def test_one_person_moves_no_text_further_than_what_is_allowed(clicks: list[Click], text: str) -> None:
    correction = made(clicks)
    clicked = {one.text for one in clicks}
    assert moved(correction, text).max() <= ALONE + (DIRECT if text in clicked else 0) + EASE


@settings(max_examples=20, deadline=None)
@given(clicks_by(st.just("ana"), lead=False), sentences)
def test_one_person_who_does_not_lead_moves_only_what_was_clicked(clicks: list[Click], text: str) -> None:
    if text not in {one.text for one in clicks}:
        assert moved(made(clicks), text).max() == 0


def test_one_person_cannot_flip_a_crisis() -> None:
    crisis = [f"boycott number {number} {SUBJECT[number % 8]}" for number in range(300)]
    days = 3
    clicks = [
        click(number, text, lead=True, at=AT + timedelta(days=number // LEARNED_PER_DAY))
        for number, text in enumerate(crisis)
    ]
    correction = made(clicks)
    hard = np.tile([0.8, 0.1, 0.1], (len(crisis), 1))
    flipped = np.count_nonzero(correction.corrected(crisis, hard).argmax(axis=1) != 0)
    # Log-odds of ln 8 are beyond what one person's teaching reaches: what flips was clicked, and counted.
    assert np.log(8) > ALONE
    assert flipped <= DIRECT_PER_DAY * days


@settings(max_examples=20, deadline=None)
@given(clicks_by(st.sampled_from(["ana", "bob", "eve", "joe"])), sentences)
def test_all_together_move_what_was_not_clicked_by_a_bounded_margin(clicks: list[Click], text: str) -> None:
    if text not in {one.text for one in clicks}:
        assert moved(made(clicks), text).max() <= TOGETHER + EASE


@settings(max_examples=30, deadline=None)
@given(clicks_by(st.sampled_from(["ana", "bob"]), most=12), st.data())
def test_what_is_undone_has_never_been(clicks: list[Click], data: st.DataObject) -> None:
    correction = made(clicks)
    undone = data.draw(st.sets(st.sampled_from(clicks)) if clicks else st.just(set()))
    for one in undone:
        assert correction.undo(one.id)
    assert answers(correction) == answers(made([one for one in clicks if one not in undone]))
    assert not correction.undo("never clicked")


@settings(max_examples=20, deadline=None)
@given(clicks_by(st.sampled_from(["ana", "bob"]), most=12))
def test_the_state_is_the_clicks(clicks: list[Click]) -> None:
    learned = made()
    for one in clicks:
        learned.learn(one)
        assert learned.learn(one) == "known"
    assert answers(learned) == answers(made(clicks))
    assert np.allclose(np.sum(answers(learned), axis=1), 1)


def test_a_clicked_text_is_corrected_at_once() -> None:
    correction = made([click(1, "vol en retard")])
    probabilities = correction.corrected(["Vol en  RETARD", "bagage"], frozen(["", ""]))
    assert probabilities[0].argmax() != 0
    assert probabilities[1].tolist() == pytest.approx([0.5, 0.3, 0.2])


def test_two_people_teach_what_neither_could_alone() -> None:
    ours = [click(number, f"{word} perdu", side="positive") for number, word in enumerate(SUBJECT)]
    also = [click(100 + number, f"{word} trouvé", "bob", "positive") for number, word in enumerate(SUBJECT)]
    assert moved(made(ours), "bagage embarquement").max() == 0
    assert moved(made(ours + also), "bagage embarquement").max() > 0.05
    assert made(ours + also).corrected(["bagage embarquement"], frozen([""]))[0, 2] > 0.2


def test_a_person_counts_once_on_a_text_and_may_change_their_mind() -> None:
    often = [click(number, "vol", at=AT + timedelta(days=number)) for number in range(9)]
    assert answers(made(often)) == answers(made(often[-1:]))
    changed = made([click(1, "vol", side="negative"), click(2, "vol", side="positive")])
    assert answers(changed) == answers(made([click(2, "vol", side="positive")]))


def test_two_who_agree_move_a_text_further_and_two_who_do_not_leave_it() -> None:
    one = [click(1, "vol", side="positive")]
    agreed = made([*one, click(2, "vol", "bob", "positive")])
    assert moved(agreed, "vol").max() > moved(made(one), "vol").max()
    torn = made([click(1, "vol", side="negative"), click(2, "vol", "bob", "not_negative")])
    assert moved(torn, "vol").max() < 0.5


def test_beyond_the_daily_number_texts_need_a_second_person() -> None:
    clicks = [click(number, f"boycott {number}") for number in range(DIRECT_PER_DAY + 2)]
    last = clicks[-1].text
    assert moved(made(clicks), last).max() == 0
    second = click(99, last, "bob")
    assert moved(made([*clicks, second]), last).max() >= 2 * DIRECT - EASE


def test_clicks_beyond_the_day_are_kept_without_effect() -> None:
    correction = made()
    told = [correction.learn(click(number, f"texte {number}")) for number in range(LEARNED_PER_DAY + 1)]
    assert told == ["learned"] * LEARNED_PER_DAY + ["over_daily_limit"]
    assert correction.learn(click(500, "demain", at=AT + timedelta(days=1))) == "learned"


def test_only_the_newest_clicks_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CLICKS", 20)
    clicks = [click(number, f"{SUBJECT[number % 8]} {number}") for number in range(24)]
    correction = made(clicks)
    assert len(correction) <= 20
    assert answers(correction) == answers(made(clicks[-len(correction) :]))


def test_teaching_that_puts_plain_sentences_on_the_wrong_side_is_scaled_down() -> None:
    sides = {text: place for place, side in enumerate(ANCHORS) for text in ANCHORS[side]}

    def knows_anchors(texts: Sequence[str]) -> Logits:
        rows = np.full((len(texts), 3), 0.3)
        for row, text in enumerate(texts):
            rows[row, sides.get(text, 1)] = 0.4
        return rows

    correction = Correction(knows_anchors, rarity)
    for number, text in enumerate(ANCHORS["positive"]):
        correction.learn(click(number, f"{text} Vraiment.", side="negative", lead=True))
    everyday = [text for texts in ANCHORS.values() for text in texts]
    after = correction.corrected(everyday, knows_anchors(everyday)).argmax(axis=1).tolist()
    assert after == [sides[text] for text in everyday]


@pytest.mark.parametrize("text", ["", "\ud800", "😡" * 5000, "a" * 1_000_000])
def test_any_text_can_be_clicked_and_corrected(text: str) -> None:
    correction = made([click(1, text, lead=True)])
    assert np.isfinite(correction.corrected([text, ""], frozen([text, ""]))).all()
    assert made().corrected([], frozen([])).shape == (0, 3)


@pytest.mark.real_data
def test_clicks_help_a_team_and_cost_the_rest_of_the_world_less_than_a_point() -> None:
    folder = data_folder()
    if not (folder / "airline.jsonl.gz").is_file():
        pytest.skip(f"the real data are not here: {folder} (BUZZGUARD_DATA names their folder)")
    if not (SHIPPED / "quick.npz").is_file():
        pytest.skip("no weights were trained yet")
    general = {language: umsab(folder / "text" / "umsab", language) for language in LANGUAGES[:2]}
    # One text in five is enough to see it, and quick.
    bench = Bench(CascadeScorer(SHIPPED), airline(folder / "airline.jsonl.gz")[::5], general)
    before, after = bench.after(0, 0, 1), bench.after(100, 0, 1)
    assert after["macro_f1"] > before["macro_f1"] + 0.02
    assert after["umsab_mean"] > before["umsab_mean"] - 0.01
