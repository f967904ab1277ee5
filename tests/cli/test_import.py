"""`buzzguard import`, as a user runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from buzzguard.cli import main
from buzzguard.collect.recording import read_recording
from tests.collect.test_exports import BRANDWATCH


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "lumio.csv"
    path.write_text(BRANDWATCH, encoding="utf-8")
    return path


def run(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["import", *map(str, args)])
    return result.exit_code, result.output


def test_an_export_becomes_a_recording_beside_it(export: Path) -> None:
    code, output = run(export)
    assert code == 0
    assert "an export of Brandwatch" in output
    assert "2 mentions" in output
    assert len(list(read_recording(export.with_name("lumio.jsonl.zst")))) == 2


def test_nothing_is_written_over_without_being_asked(export: Path, tmp_path: Path) -> None:
    target = tmp_path / "there.jsonl"
    target.write_text("mine")
    assert run(export, "-o", target)[0] == 1
    assert target.read_text() == "mine"
    assert run(export, "-o", target, "--force")[0] == 0


def test_times_without_a_zone_are_taken_in_the_one_that_is_given(export: Path, tmp_path: Path) -> None:
    target = tmp_path / "paris.jsonl"
    run(export, "-o", target, "--time-zone", "Europe/Paris")
    assert next(iter(read_recording(target))).published.hour == 5


@pytest.mark.parametrize(
    ("content", "told"), [("", "empty"), ("a,b\n1,2\n", "no column looks like a time"), ("[1]", "JSON Lines")]
)
def test_what_cannot_be_read_is_told_in_a_line(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content)
    code, output = run(path)
    assert code == 1
    assert told in output


def test_a_zone_that_is_none_and_a_folder_that_is_not_there(export: Path, tmp_path: Path) -> None:
    assert "Europe/Paris" in run(export, "--time-zone", "Mars/Base")[1]
    code, output = run(export, "-o", tmp_path / "none" / "x.jsonl")
    assert code == 1
    assert "cannot be written" in output
