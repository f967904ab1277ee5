"""What is told of clicks is what the learners make of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from buzzguard.config.settings import TopicSettings
from buzzguard.model import Click, ClickKind, Confusion, Person, Sentiment, Text
from buzzguard.understand.correction import Correction
from buzzguard.understand.fold import fold
from buzzguard.understand.sentiment.probabilities import Logits
from buzzguard.understand.standing import Standing, standings
from buzzguard.understand.teaching import Teaching

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
TOPICS = {"acme": TopicSettings(name="Acme", query="acme")}
NAMESAKES = {
    "acme": TopicSettings.model_validate(
        {
            "name": "Acme",
            "query": "acme",
            "about": {
                "examples": {
                    "ours": ["vol retard", "bagage guichet", "vol bagage", "retard guichet", "vol guichet"],
                    "others": ["hublot bateau", "hublot cassé", "montre hublot", "cassé perdu", "bateau fermé"],
                }
            },
        }
    )
}
TEXTS = ["le bagage est perdu", "un vol en retard", "guichet fermé encore", "hublot cassé net", "Un VOL  en retard"]
UNSEEN = ["un hublot, un bagage et un vol", "le guichet du retard"]
SIDES = (ClickKind.NEGATIVE, ClickKind.NOT_NEGATIVE)
EASE = 1e-9
ABOUT = (ClickKind.ABOUT_US, ClickKind.NOT_ABOUT_US)


class Scorer:
    """Finds everything half negative, and can be corrected."""

    name = "half"
    confusion = Confusion()
    correction: object = None

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        return [Sentiment() for _ in texts]

    def frozen(self, texts: Sequence[str]) -> Logits:
        return np.tile([0.5, 0.3, 0.2], (len(texts), 1))

    def rarity(self, rows: NDArray[np.int32]) -> Logits:
        return np.ones(len(rows))


def click(number: int, which: int, kind: ClickKind = ClickKind.NEGATIVE, who: str = "ana", **more: object) -> Click:
    fields: dict[str, object] = {"at": AT, "text": TEXTS[which % len(TEXTS)], "topic": "acme"} | more
    return Click(id=str(number), kind=kind, mention=f"m{which}", who=Person(id=who), **fields)  # type: ignore[arg-type]


def read(clicks: Sequence[Click], *texts: str) -> Logits:
    """The probabilities of texts after these clicks."""
    scorer = Scorer()
    teaching = Teaching(TOPICS, scorer, leads=frozenset({"clara"}))
    for one in clicks:
        teaching.learn(one)
    assert isinstance(scorer.correction, Correction)
    return scorer.correction.corrected(texts, scorer.frozen(texts))


@st.composite
def histories(draw: st.DrawFn, kinds: tuple[ClickKind, ...] = SIDES) -> list[Click]:
    """Clicks of three people on a few texts, some of them taken back."""
    made: list[Click] = []
    for number in range(draw(st.integers(1, 12))):
        if made and draw(st.integers(0, 3)) == 0:
            target = draw(st.sampled_from(made))
            made.append(_undo(number, target))
            continue
        who = draw(st.sampled_from(["ana", "bob", "clara"]))
        made.append(click(number, draw(st.integers(0, 4)), draw(st.sampled_from(kinds)), who))
    return made


def _undo(number: int, target: Click) -> Click:
    return Click(
        id=str(number), kind=ClickKind.UNDO, mention=target.mention, who=Person(id="bob"), at=AT, undoes=target.id
    )


@settings(deadline=None, max_examples=40)
@given(histories())
def test_what_is_told_to_be_put_aside_changes_nothing(clicks: list[Click]) -> None:
    told = standings(clicks, TOPICS, leads=("clara",))
    assert set(told) == {one.id for one in clicks}
    standing = [one for one in clicks if told[one.id] is not Standing.UNDO and not told[one.id].over]
    np.testing.assert_allclose(read(clicks, *TEXTS, *UNSEEN), read(standing, *TEXTS, *UNSEEN))


@settings(deadline=None, max_examples=40)
@given(histories())
def test_what_is_told_to_count_moves_texts_and_nothing_else_does(clicks: list[Click]) -> None:
    told = standings(clicks, TOPICS, leads=("clara",))
    moved = np.abs(read(clicks, *UNSEEN) - read([], *UNSEEN)).max() > EASE
    heeded = any(told[one.id] in (Standing.COUNTS, Standing.OTHERS) for one in clicks)
    assert heeded or not moved
    for one in clicks:
        if told[one.id] is Standing.THIS_TEXT:
            assert np.abs(read(clicks, one.text) - read([], one.text)).max() > EASE


def test_of_one_persons_clicks_of_a_day_five_change_their_text_and_a_hundred_are_learned() -> None:
    clicks = [click(n, 0, text=f"texte numéro {chr(97 + n % 26)}{chr(97 + n // 26)}") for n in range(101)]
    told = standings(clicks, TOPICS)
    assert [told[str(n)] for n in (0, 4, 5, 99, 100)] == [
        *(Standing.THIS_TEXT, Standing.THIS_TEXT, Standing.WAITS, Standing.WAITS, Standing.OVER_DAILY_LIMIT)
    ]
    tomorrow = click(200, 0, text="autre chose", at=AT + timedelta(days=1))
    assert standings([*clicks, tomorrow], TOPICS)["200"] is Standing.THIS_TEXT
    second = standings([*clicks, click(300, 0, who="bob", text=clicks[6].text)], TOPICS)
    assert (second["0"], second["5"], second["6"]) == (Standing.COUNTS, Standing.OTHERS, Standing.COUNTS)
    assert np.abs(read(clicks, clicks[5].text) - read([], clicks[5].text)).max() < EASE


def test_the_oldest_are_forgotten_when_there_are_thousands() -> None:
    clicks = [click(n, 0, text=f"t{n}", at=AT + timedelta(days=n)) for n in range(5_001)]
    told = standings(clicks, TOPICS)
    assert [told[str(n)] for n in (0, 499, 500)] == [Standing.FORGOTTEN, Standing.FORGOTTEN, Standing.THIS_TEXT]


@settings(deadline=None, max_examples=15)
@given(histories(ABOUT))
def test_of_what_is_about_us_the_last_word_on_a_mention_stands(clicks: list[Click]) -> None:
    def kept(chosen: Sequence[Click]) -> list[tuple[str, ...]]:
        teaching = Teaching(NAMESAKES, Scorer())
        for one in chosen:
            teaching.learn(one)
        return [teaching.about_us(("acme",), fold(text), text) for text in (*TEXTS, *UNSEEN)]

    told = standings(clicks, NAMESAKES)
    standing = [one for one in clicks if told[one.id] in (Standing.COUNTS, Standing.TOO_FEW)]
    assert kept(clicks) == kept(standing)
    assert Standing.TOO_FEW not in told.values(), "there are examples enough"


def test_clicks_without_effect_are_told() -> None:
    gone = click(1, 0, ClickKind.ABOUT_US, topic="sold")
    side = click(2, 0)
    undo = _undo(3, click(9, 0))
    told = standings([gone, side, undo], TOPICS, learns=False)
    assert told == {"1": Standing.NO_TOPIC, "2": Standing.NOT_LEARNED, "3": Standing.UNDO}
    assert not any(one.acts for one in told.values())
