"""The accurate tier as it ships: the weights of `deploy/accurate`, found as the installed package is."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from buzzguard.model import Polarity, Sentiment, Text
from buzzguard.understand.sentiment.accurate import PACKAGE, load_accurate
from buzzguard.understand.sentiment.cascade import Budget, CascadeScorer
from buzzguard.understand.sentiment.quick import QuickScorer

PROJECT = Path(__file__).parents[3] / "deploy" / "accurate"
"""Put on the path, its package is as good as installed."""
WEIGHTS = {"embedding.npz", "encoder.onnx", "sp.model"}
CLEAR = {
    "Un service client honteux, je suis furieux": Polarity.NEGATIVE,
    "Worst airline ever, they lost my bag and never apologised 😡": Polarity.NEGATIVE,
    "The shop opens at nine on Monday": Polarity.NEUTRAL,
    "Merci, une équipe adorable et un produit magnifique": Polarity.POSITIVE,
    "Das beste Handy, das ich je hatte, danke!": Polarity.POSITIVE,
}
TORN = "bof, je sais pas trop"
"""What the default tier is not certain of."""

pytestmark = pytest.mark.skipif(not (PROJECT / PACKAGE / "sp.model").exists(), reason="weights beside the sources")


def texts(*bodies: str) -> list[Text]:
    return [Text(text=body) for body in bodies]


def sides(sentiments: list[Sentiment]) -> list[Polarity]:
    return [one.polarity for one in sentiments]


@pytest.fixture(scope="module")
def cascade() -> CascadeScorer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(PROJECT), *sys.path])
        return CascadeScorer(budget=Budget(units=10_000_000))


def half_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *left_out: str) -> Path:
    """The package without some of its files, in the place of the whole one."""
    own = tmp_path / PACKAGE
    shutil.copytree(PROJECT / PACKAGE, own, ignore=shutil.ignore_patterns("__pycache__", *left_out))
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return own


def test_the_package_holds_what_the_tier_reads() -> None:
    assert {"__init__.py", "calibration.json", *WEIGHTS} <= {path.name for path in (PROJECT / PACKAGE).iterdir()}


def test_installed_beside_it_is_found_without_being_named(cascade: CascadeScorer) -> None:
    assert cascade.tiers == ("quick", "default", "accurate")
    assert cascade.missing == ()


def test_it_knows_the_sides_of_clear_texts_in_several_languages(cascade: CascadeScorer) -> None:
    found = cascade.rescore(texts(*CLEAR))
    assert sides(found) == list(CLEAR.values())
    assert {one.tier for one in found} == {"accurate"}


def test_the_cascade_asks_it_for_what_is_uncertain_alone(cascade: CascadeScorer) -> None:
    found = cascade.score(texts(*CLEAR, TORN))
    assert [one.tier for one in found] == ["default"] * len(CLEAR) + ["accurate"]


def test_what_it_says_of_a_text_does_not_depend_on_the_others(cascade: CascadeScorer) -> None:
    together = cascade.rescore(texts(*CLEAR, TORN))
    assert [cascade.rescore(texts(body))[0] for body in (*CLEAR, TORN)] == together


@pytest.mark.parametrize(
    ("left_out", "told"),
    [({"embedding.npz"}, "embedding.npz"), ({"encoder.onnx"}, "encoder.onnx"), (WEIGHTS, "sp.model")],
)
def test_of_half_a_package_the_missing_file_is_told_and_the_default_tier_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_out: set[str], told: str
) -> None:
    half_a_package(tmp_path, monkeypatch, *left_out)
    cascade = CascadeScorer()
    assert cascade.tiers == ("quick", "default")
    (missing,) = cascade.missing
    assert (missing.tier, missing.reason) == ("accurate", "weights_missing")
    assert told in missing.detail
    assert [one.tier for one in cascade.rescore(texts(TORN))] == ["default"]


@pytest.mark.parametrize("name", ["embedding.npz", "encoder.onnx", "sp.model", "calibration.json"])
def test_a_download_cut_short_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    own = half_a_package(tmp_path, monkeypatch)
    whole = (own / name).read_bytes()
    (own / name).write_bytes(whole[: len(whole) // 2])
    (missing,) = CascadeScorer().missing
    assert missing.reason == "weights_unreadable"
    assert name in missing.detail


def test_large_files_left_as_pointers_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = half_a_package(tmp_path, monkeypatch)
    for name in WEIGHTS:
        (own / name).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    (missing,) = CascadeScorer().missing
    assert missing.reason == "weights_unreadable"


def test_it_stands_on_the_quick_tier(cascade: CascadeScorer) -> None:
    tier = load_accurate(PROJECT / PACKAGE)
    bodies = [*CLEAR, ""]
    found = tier.probabilities(bodies, QuickScorer().logits(bodies))
    assert found.sum(axis=1) == pytest.approx(1.0)
    assert set(found[-1].tolist()) == {1 / 3}
    assert cascade.rescore(texts(""))[0].unsure
