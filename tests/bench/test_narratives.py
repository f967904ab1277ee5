"""The narratives bench measures agreement and identity as their sources define them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.bench.narratives import Labelled, headlines, main, read, reported
from tests.bench.narratives_rivals import RIVALS
from tests.bench.narratives_score import agreement, alone, as_shown, identity
from tests.understand.narratives.tales import PRICE, RECALL, told

FAST = ("SimHash", "MinHash", "cosine", "each", "all")


def story(folder: Path) -> Path:
    """Two stories about one airline, an hour apart."""
    rows = [
        {
            "id": str(index),
            "brand": "Lumio",
            "published": f"2015-02-17 0{index % 2}:{index:02d}:00 -0800",
            "author": f"a{index}",
            "text": text,
            "sentiment": "negative",
            "reason": reason,
        }
        for index, (text, reason) in enumerate(
            [*((text, "recall") for text in RECALL), *((text, "price") for text in PRICE), ("hello", None)]
        )
    ]
    path = folder / "stories.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    return path


def test_perfect_groups_agree_wholly_and_one_group_not_at_all() -> None:
    labels = ["a", "a", "b", "b", "c", "c"]
    assert agreement(labels, labels)["v"] == pytest.approx(1.0)
    assert agreement(labels, labels)["adjusted"] == pytest.approx(1.0)
    assert agreement(labels, ["x"] * 6)["v"] == pytest.approx(0.0)


def test_splinters_have_a_v_measure_and_nothing_above_chance() -> None:
    labels = [index % 4 for index in range(200)]
    splinters = agreement(labels, list(range(200)))
    assert splinters["homogeneity"] == pytest.approx(1.0)
    assert splinters["v"] > 0.4
    assert splinters["adjusted"] == pytest.approx(0.0, abs=1e-9)


def test_a_v_measure_is_that_of_its_paper() -> None:
    # Homogeneity 1; completeness is 1 - H(K|C)/H(K) with K in three groups of 2, 2 and 4.
    measured = agreement(["a"] * 4 + ["b"] * 4, [1, 1, 2, 2, 3, 3, 3, 3])
    assert measured["homogeneity"] == pytest.approx(1.0)
    assert measured["completeness"] == pytest.approx(2 / 3)
    assert measured["v"] == pytest.approx(0.8)


def test_identity_is_kept_when_a_label_has_one_group_in_consecutive_hours() -> None:
    times = [0.0, 0.0, 3_600.0, 3_600.0]
    assert identity("abab", ["1", "2", "1", "2"], times) == {"same": 1.0, "other": 0.0, "kept": 1.0}
    assert identity("abab", ["1"] * 4, times)["kept"] == 0.0
    assert identity("abab", ["1", "2", "3", "4"], times)["same"] == 0.0


def test_what_is_too_small_to_show_is_one_remainder() -> None:
    assert as_shown(["a", "b", "b", "b", ""]) == ["", "b", "b", "b", ""]
    assert alone(["a", "", ""]) == ["a", "alone-1", "alone-2"]


def test_the_file_is_read_in_order_of_time_and_what_was_tuned_on_is_left_out(tmp_path: Path) -> None:
    streams = read(story(tmp_path))
    assert [one.told.at for one in streams["Lumio"]] == sorted(one.told.at for one in streams["Lumio"])
    one = Labelled(told("x", 1), "a")
    assert list(reported({"Delta": [one], "United": [one]})) == ["United"]
    assert list(reported({"Delta": [one]})) == ["Delta"]


def test_every_rival_groups_a_stream(tmp_path: Path) -> None:
    rows = read(story(tmp_path))["Lumio"]
    for name, make in RIVALS.items():
        if name.startswith(FAST):
            place = make("Lumio")
            assert all(isinstance(place(one.told), str) for one in rows), name


def test_headlines_are_told(tmp_path: Path) -> None:
    found = headlines(read(story(tmp_path)), 5)
    assert any("recall" in line.lower() for line in found)


@pytest.mark.parametrize("more", [[], ["--json", "--headlines", "3"]])
def test_the_bench_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    for name in list(RIVALS):
        if not name.startswith(FAST):
            monkeypatch.delitem(RIVALS, name)
    main([str(story(tmp_path)), *more])
    printed = capsys.readouterr().out
    assert "BuzzGuard" in printed
    if more:
        assert (
            json.loads(printed)["methods"]["BuzzGuard"]["adjusted"] > 0.3
        )  # the first two of each story came before it was shown
