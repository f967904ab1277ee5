"""The quick tier, from labelled texts to what the watch says of a text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from buzzguard.model import Polarity, Text
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.train import quick
from buzzguard.understand.train.__main__ import main
from buzzguard.understand.train.corpus import Corpus, labels, read_corpus, texts
from buzzguard.understand.train.lesson import taught

pytest.importorskip("sklearn", reason="scikit-learn trains the quick tier")


@pytest.fixture(scope="module")
def corpus(labelled: Path) -> Corpus:
    return read_corpus(labelled, ())


@pytest.fixture(scope="module")
def model(corpus: Corpus) -> quick.Linear:
    return quick.train(corpus.train)


@pytest.fixture(scope="module")
def scorer(model: quick.Linear, tmp_path_factory: pytest.TempPathFactory) -> QuickScorer:
    folder = tmp_path_factory.mktemp("quick")
    quick.write(model, folder / quick.FILE)
    return QuickScorer(folder)


def test_the_scorer_says_what_was_trained(corpus: Corpus, model: quick.Linear, scorer: QuickScorer) -> None:
    bodies = texts(corpus.val["french"])
    trained = quick.scaled(quick.counts(bodies), model.frequency) @ model.weights + model.bias
    said = scorer.logits(bodies)
    assert np.abs(said - trained).max() < 0.05
    assert (said.argmax(axis=1) == trained.argmax(axis=1)).all()


def test_it_learns_words_that_tell_the_side(corpus: Corpus, scorer: QuickScorer) -> None:
    for examples in corpus.val.values():
        assert (scorer.logits(texts(examples)).argmax(axis=1) == labels(examples)).mean() > 0.95
    worst, best = scorer.score([Text(text="horrible et raté"), Text(text="bravo, superbe")])
    assert (worst.polarity, best.polarity) == (Polarity.NEGATIVE, Polarity.POSITIVE)


def test_the_same_texts_give_the_same_weights(corpus: Corpus, model: quick.Linear) -> None:
    again = quick.train(corpus.train)
    assert np.array_equal(again.weights, model.weights)
    assert np.array_equal(again.bias, model.bias)


def test_a_teacher_is_believed_about_what_nobody_labelled(corpus: Corpus) -> None:
    unlabelled = [f"{word} zorglub" for word in ("un", "deux", "trois", "quatre", "cinq", "six")]

    def teacher(bodies: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([[5.0, 0.0, 0.0] if "zorglub" in body else [0.0, 0.0, 0.0] for body in bodies])

    lesson = taught(corpus, unlabelled, teacher)  # type: ignore[arg-type]
    found = quick.train(lesson.examples, lesson)
    said = quick.scaled(quick.counts(["zorglub"]), found.frequency) @ found.weights + found.bias
    assert said.argmax() == 0


def test_the_command_trains_and_calibrates(labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quick", str(labelled), "--sets", "reviews", "--out", str(tmp_path)]) == 0
    assert main(["calibrate", str(labelled), "--out", str(tmp_path)]) == 0
    measured = QuickScorer(tmp_path).measured
    assert measured.recall > 0.9
    assert measured.false_positives < 0.1
    assert "french" in capsys.readouterr().err


def test_what_cannot_be_read_ends_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["quick", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err.startswith("error: ")
