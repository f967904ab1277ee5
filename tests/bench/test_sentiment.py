"""The bench of sentiment reads UMSAB's layout and judges whatever weights it is given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench import sentiment
from tests.understand.sentiment import made_up as weights
from tests.understand.train import made_up as labelled


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    return (
        labelled.write(tmp_path_factory.mktemp("texts")) / "umsab",
        weights.write(tmp_path_factory.mktemp("weights")),
        weights.write_accurate(tmp_path_factory.mktemp("accurate")),
    )


def test_each_tier_and_each_word_list_is_measured(
    folders: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, quick, accurate = map(str, folders)
    monkeypatch.setattr("sys.argv", ["sentiment", texts, "--weights", quick, "--accurate", accurate, "--json"])
    sentiment.main()
    figures = json.loads(capsys.readouterr().out)
    assert {"quick", "default", "accurate", "cascade", "VADER, its French port"} <= figures["umsab"].keys()
    for one in figures["umsab"].values():
        assert one["texts_a_second"] > 0
        assert all(0 <= found["macro_f1"] <= 1 for found in one["languages"].values())
    assert figures["umsab"]["cascade"]["languages"]["french"]["texts"] == 90


def test_what_is_not_installed_is_told(folders: tuple[Path, Path, Path]) -> None:
    _, quick, _ = folders
    found = list(sentiment.tiers(quick, Path("nowhere")))
    assert found[-1] == "accurate, cascade: weights_missing"


def test_labels_and_texts_must_be_as_many(tmp_path: Path) -> None:
    folder = labelled.write(tmp_path) / "umsab"
    (folder / "french" / "val_labels.txt").write_text("0\n" * 200)
    with pytest.raises(ValueError, match="200 labels"):
        sentiment.read(folder, "val")
