"""Labelled texts: cleaned, each once, none that is judged on; what is broken is told with its place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.understand.train.cleaning import cleaned, identity
from buzzguard.understand.train.corpus import BadCorpus, Example, capped, read_corpus, unique, weights
from tests.understand.train import made_up


def example(text: str, label: int = 0, source: str = "umsab") -> Example:
    return Example(text, label, "french", source)


def test_nothing_that_is_judged_on_is_trained_on(labelled: Path) -> None:
    corpus = read_corpus(labelled, ("reviews",))
    judged = {identity(one.text) for own in corpus.val.values() for one in own}
    trained = [identity(one.text) for one in corpus.train]
    assert len(trained) == len(set(trained)) == 420
    assert not judged.intersection(trained)
    assert corpus.two_sided == {"reviews"}


def test_a_judged_text_is_left_out_in_another_guise_too() -> None:
    judged = "Le service client de cette banque est vraiment lamentable, j'abandonne"
    guises = [
        judged.upper() + " !!!",
        "@bob " + judged + " https://t.co/x1",
        judged[:50] + "… (via @presse)",
    ]
    assert list(unique([*map(example, guises), example("Tout autre chose")], [judged])) == [example("Tout autre chose")]


def test_a_judged_text_of_few_letters_is_left_out_only_when_equal() -> None:
    assert list(unique([example("Nul !"), example("Nul de chez nul")], ["nul"])) == [example("Nul de chez nul")]


@given(st.text(max_size=80))
def test_cleaning_twice_changes_nothing_that_tells_texts_apart(text: str) -> None:
    assert identity(cleaned(text)) == identity(cleaned(cleaned(text)))


def test_addresses_and_handles_become_one_word_each() -> None:
    assert cleaned("@a_b  vu sur https://x.fr/y &amp; http // t. co / Ab1\n") == "@user vu sur http & http"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"text": "a", "label": 7}', "label 7"),
        ('{"label": 1}', "expected"),
        ("[1]", "expected"),
        ("not json", "expected"),
    ],
)
def test_a_broken_record_is_told_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    (tmp_path / "extra").mkdir()
    (tmp_path / "extra" / "mine.jsonl").write_text('{"text": "ok", "label": 1}\n\n' + line + "\n", "utf-8")
    with pytest.raises(BadCorpus, match=rf"mine\.jsonl:3: .*{said}"):
        read_corpus(tmp_path, ("mine",))


def test_a_set_of_ones_own_is_enough(tmp_path: Path) -> None:
    (tmp_path / "extra").mkdir()
    made_up.write_set(tmp_path, "mine", [{"text": "Nul !", "label": 0}, {"text": "Bien", "label": "2"}])
    corpus = read_corpus(tmp_path, ("mine",))
    assert [(one.text, one.label, one.source) for one in corpus.train] == [("Nul !", 0, "mine"), ("Bien", 2, "mine")]
    assert not corpus.val


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadCorpus, match="no set 'absent'"):
        read_corpus(tmp_path, ("absent",))
    with pytest.raises(BadCorpus, match="no labelled texts"):
        read_corpus(tmp_path, ())


def test_labels_and_texts_must_be_as_many(tmp_path: Path) -> None:
    made_up.write(tmp_path, ("french",))
    path = tmp_path / "umsab" / "french" / "train_labels.txt"
    path.write_text(path.read_text() + "0\n" * 10)
    with pytest.raises(BadCorpus, match="190 labels for 181 texts"):
        read_corpus(tmp_path, ())


def test_rare_classes_weigh_more_within_bounds() -> None:
    examples = [example(str(number), int(number < 2)) for number in range(100)]
    given_weights = weights(examples, evenness=1.0)
    assert given_weights[0] == 3.0
    assert given_weights[-1] == pytest.approx(50 / 98)
    assert np.allclose(weights(examples, evenness=0.0), 1.0)


def test_caps_hold_for_all_but_umsab() -> None:
    examples = [example(str(number), number % 3, source) for number in range(30) for source in ("umsab", "big")]
    chosen = capped(examples, {"big": 2}, np.random.default_rng(0))
    assert sum(one.source == "big" for one in chosen) == 6
    assert sum(one.source == "umsab" for one in chosen) == 30
