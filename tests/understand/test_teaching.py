"""What people teach: taken back, said twice, said of one topic."""

from __future__ import annotations

from datetime import UTC, datetime

from buzzguard.config.settings import TopicSettings
from buzzguard.config.understanding import AboutSettings
from buzzguard.model import Click, ClickKind, Person
from buzzguard.understand.fold import fold
from buzzguard.understand.teaching import Teaching
from buzzguard.understand.vader import VaderScorer

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
TOPICS = {
    "orange": TopicSettings(name="Orange", query="orange", about=AboutSettings(context=("réseau",), against=("jus",))),
    "free": TopicSettings(name="Free", query="free"),
}
JUICE = "un jus d'orange pressée ce matin"


def _click(id: str, kind: ClickKind, *, undoes: str = "", topic: str = "orange", mention: str = "m") -> Click:
    return Click(id=id, kind=kind, mention=mention, who=Person(id=id), at=AT, text=JUICE, topic=topic, undoes=undoes)


def _about(teaching: Teaching, text: str) -> tuple[str, ...]:
    return teaching.about_us(("orange", "free"), fold(text), text)


def test_a_text_that_is_surely_about_a_namesake_is_not_the_topics() -> None:
    teaching = Teaching(TOPICS, VaderScorer())
    assert _about(teaching, JUICE) == ("free",)
    assert _about(teaching, "le réseau orange est en panne") == ("orange", "free")


def test_taking_back_a_word_brings_back_the_one_before_it() -> None:
    one, other = Teaching(TOPICS, VaderScorer()), Teaching(TOPICS, VaderScorer())
    texts = [f"{word} orange {n}" for word in ("vitamine", "marmelade", "facture") for n in range(9)]
    said = [
        Click(id=f"{n}", kind=kind, mention=f"m{n}", who=Person(id="a"), at=AT, text=text, topic="free")
        for n, text in enumerate(texts)
        for kind in (ClickKind.ABOUT_US if "facture" in text else ClickKind.NOT_ABOUT_US,)
    ]
    wrong = Click(id="w", kind=ClickKind.ABOUT_US, mention="m0", who=Person(id="b"), at=AT, text=texts[0], topic="free")
    for teaching in (one, other):
        for click in said:
            teaching.learn(click)
    one.learn(wrong)
    one.learn(_click("undo", ClickKind.UNDO, undoes="w"))
    for text in (*texts, JUICE, "marmelade"):
        assert _about(one, text) == _about(other, text)


def test_the_same_click_twice_and_an_undo_of_nothing_change_nothing() -> None:
    teaching = Teaching(TOPICS, VaderScorer())
    for _ in range(2):
        teaching.learn(_click("a", ClickKind.NOT_ABOUT_US, topic="gone"))
        teaching.learn(_click("b", ClickKind.UNDO, undoes="never"))
        teaching.learn(_click("c", ClickKind.NEGATIVE))
    assert _about(teaching, JUICE) == ("free",)
