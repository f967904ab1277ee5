"""Laws that hold for every tier, on made-up weights; and what happens when weights cannot be read."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.model import Polarity, Sentiment, Text
from buzzguard.ports import Scorer
from buzzguard.understand.sentiment.accurate import load_accurate
from buzzguard.understand.sentiment.cascade import CascadeScorer
from buzzguard.understand.sentiment.default import DefaultScorer
from buzzguard.understand.sentiment.encoder import Encoder, Layout
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.sentiment.weights_folder import Calibration, WeightsUnreadable, calibration
from tests.understand.sentiment.made_up import BAD, DULL, GOOD, summing_graph, write

TEXTS = st.lists(
    st.one_of(
        st.text(alphabet=st.characters(exclude_categories=()), max_size=40),
        st.lists(st.sampled_from([BAD, GOOD, DULL, "😡", "a", "!", "@x"]), max_size=6).map(" ".join),
    ),
    max_size=6,
)


@pytest.fixture(scope="module", params=["quick", "default", "cascade"])
def scorer(request: pytest.FixtureRequest, folder: Path, accurate_folder: Path) -> Scorer:
    made: dict[str, Callable[[], Scorer]] = {
        "quick": lambda: QuickScorer(folder),
        "default": lambda: DefaultScorer(folder),
        "cascade": lambda: CascadeScorer(folder, accurate_folder),
    }
    return made[str(request.param)]()


def scored(scorer: Scorer, *texts: str) -> list[Sentiment]:
    return scorer.score([Text(text=text) for text in texts])


@settings(max_examples=30, deadline=None)
@given(texts=TEXTS)
def test_together_is_as_one_by_one(scorer: Scorer, texts: list[str]) -> None:
    assert scored(scorer, *texts) == [scored(scorer, text)[0] for text in texts]


@settings(max_examples=30, deadline=None)
@given(texts=TEXTS)
def test_probabilities_are_probabilities_and_the_side_follows_from_them(scorer: Scorer, texts: list[str]) -> None:
    for one in scored(scorer, *texts):
        neutral = 1 - one.negative - one.positive
        assert min(one.negative, one.positive) >= 0 and neutral >= -1e-3
        assert one.value == pytest.approx(one.positive - one.negative, abs=1e-3)
        sides = {Polarity.NEGATIVE: one.negative, Polarity.NEUTRAL: neutral, Polarity.POSITIVE: one.positive}
        if one.unsure:
            assert one.polarity is Polarity.NEUTRAL
        else:
            assert sides[one.polarity] >= max(sides.values()) - 1e-3
            assert one.confidence == pytest.approx(sides[one.polarity], abs=1e-3)


def test_each_tier_reads_what_it_learned(scorer: Scorer) -> None:
    sides = [one.polarity for one in scored(scorer, f"{BAD} !", GOOD, DULL)]
    assert sides == [Polarity.NEGATIVE, Polarity.POSITIVE, Polarity.NEUTRAL]


@pytest.mark.parametrize("nothing", ["", "  ", "\u200b", "\ud800"])
def test_of_a_text_without_words_nothing_is_claimed(scorer: Scorer, nothing: str) -> None:
    (one,) = scored(scorer, nothing)
    assert (one.value, one.polarity, one.confidence, one.unsure) == (0.0, Polarity.NEUTRAL, 0.0, True)


@pytest.mark.parametrize("hostile", ["a", "😡", "&", "@", "\u0301", "\u202e", "<b>", "QUJD", "ab😡 "])
def test_hostile_texts_cost_no_more_than_long_ones(scorer: Scorer, hostile: str) -> None:
    def seconds(text: str) -> float:
        began = time.perf_counter()
        scored(scorer, text)
        return time.perf_counter() - began

    seconds("warm")
    usual = min(seconds("un texte assez long, " * 50) for _ in range(5))
    assert min(seconds(hostile * (1_000_000 // len(hostile))) for _ in range(3)) < 20 * usual


def test_copies_are_read_once_and_answered_alike(folder: Path) -> None:
    encoder = Encoder(folder, Layout())
    bodies = [BAD, GOOD, BAD, f"{BAD} ", "", GOOD, ""]
    together = encoder.logits(bodies)
    assert np.array_equal(together, np.concatenate([encoder.logits([body]) for body in bodies]))
    assert np.array_equal(together[0], together[3])
    assert encoder.logits([]).shape == (0, 3)


def test_the_accurate_tier_reads_its_own_order_of_halves(folder: Path, accurate_folder: Path) -> None:
    quick = QuickScorer(folder).logits([BAD, GOOD])
    probabilities = load_accurate(accurate_folder).probabilities([BAD, GOOD], quick)
    assert probabilities.argmax(axis=1).tolist() == [0, 2]


def without(folder: Path, tmp_path: Path, *names: str) -> Path:
    left = tmp_path / "left"
    shutil.copytree(folder, left, ignore=shutil.ignore_patterns(*names))
    return left


@pytest.mark.parametrize("name", ["encoder.onnx", "embedding.npz", "sp.model"])
@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 no such thing", b"\x08\x07" * 40])
def test_without_an_encoder_the_quick_tier_scores_and_the_reason_is_told(
    folder: Path, tmp_path: Path, name: str, content: bytes | None
) -> None:
    left = without(folder, tmp_path, name)
    if content is not None:
        (left / name).write_bytes(content)
    scorer = DefaultScorer(left)
    assert scorer.used == "quick" and scorer.missing is not None
    assert scorer.missing.reason == ("weights_missing" if content is None else "weights_unreadable")
    assert name in scorer.missing.detail
    assert scored(scorer, BAD) == scored(QuickScorer(left), BAD)


def test_files_that_do_not_belong_together_are_refused(folder: Path, tmp_path: Path) -> None:
    left = without(folder, tmp_path, "encoder.onnx")
    (left / "encoder.onnx").write_bytes(summing_graph(8))
    missing = DefaultScorer(left).missing
    assert missing is not None and missing.reason == "weights_unreadable"


def test_without_the_quick_tier_nothing_scores(folder: Path, tmp_path: Path) -> None:
    left = without(folder, tmp_path, "quick.npz")
    for made in (QuickScorer, DefaultScorer, CascadeScorer):
        with pytest.raises(WeightsUnreadable, match="weights_missing"):
            made(left)
    (left / "quick.npz").write_bytes((folder / "embedding.npz").read_bytes())
    with pytest.raises(WeightsUnreadable, match="weights_unreadable"):
        QuickScorer(left)


def test_what_was_measured_is_read_and_its_lack_is_no_fault(tmp_path: Path) -> None:
    assert calibration(tmp_path, "quick") == Calibration()
    write(tmp_path, quick={"temperature": 2.0, "recall": 0.7}, default={"abstain": 1.0})
    sure, less = QuickScorer(tmp_path), calibration(tmp_path, "quick")
    assert (less.temperature, sure.confusion.recall, sure.confusion.false_positives) == (2.0, 0.7, 0.1)
    assert all(one.unsure for one in scored(DefaultScorer(tmp_path), BAD, GOOD))


@pytest.mark.parametrize(
    "written",
    [
        "{",
        "[]",
        json.dumps({"quick": {"temperature": 0}}),
        json.dumps({"quick": {"abstain": 2}}),
        json.dumps({"quick": {"recall": 0.1, "false_positives": 0.2}}),
        '{"quick": {"temperature": 1e999}}',
    ],
)
def test_a_broken_calibration_is_refused(tmp_path: Path, written: str) -> None:
    (tmp_path / "calibration.json").write_text(written)
    with pytest.raises(WeightsUnreadable, match="weights_unreadable"):
        calibration(tmp_path, "quick")
