"""What may not be read, or is no file, is told in a line with what to do, by every command that opens it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buzzguard.cli import main
from buzzguard.cli.starting import Answers, write

AT_DATABASE = (
    ("detect", "explain", "acme"),
    ("mention", "list"),
    ("mention", "erase", "rss:x", "--yes"),
    ("backtest", "--store"),
)
RULES = ("", "themes", "words", "accounts", "playbooks")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An installation; all of it may be read again at the end."""
    answers = Answers(language="en", brand="Acme", feeds=("https://acme.example/feed.xml",), channel="")
    write(answers, tmp_path, force=True)
    yield tmp_path
    for path in (tmp_path / "buzzguard.db", tmp_path / "rules", *(tmp_path / "rules" / name for name in RULES)):
        if path.exists():
            path.chmod(0o755)


def run(home: Path, *arguments: str) -> Result:
    """One command; an exception that it does not expect fails the test."""
    return CliRunner().invoke(main, [*arguments, "-c", str(home / "buzzguard.yml")], catch_exceptions=False)


def refused(path: Path, mode: int = 0) -> None:
    """Nobody may read it; the test is skipped where that stops nobody."""
    path.chmod(mode)
    if os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
        pytest.skip("the superuser may read everything")


def _unreadable(database: Path) -> None:
    database.write_bytes(b"")
    refused(database)


def _within_a_closed_folder(database: Path) -> None:
    database.mkdir()
    refused(database)
    config = database.parent / "buzzguard.yml"
    config.write_text(config.read_text("utf-8").replace("buzzguard.db", "buzzguard.db/inner.db"), "utf-8")


@pytest.mark.parametrize("arguments", AT_DATABASE)
@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_unreadable, "may not be read (run it as the user"),
        (_within_a_closed_folder, "may not be read (run it as the user"),
        (Path.mkdir, "is a folder, not a database: see store.url"),
        (lambda file: file.write_bytes(os.urandom(9_000)), "is no database of BuzzGuard"),
        (lambda _: None, "there is no database at"),
    ],
)
def test_a_database_that_cannot_be_read(
    home: Path, arguments: tuple[str, ...], spoil: Callable[[Path], object], said: str
) -> None:
    spoil(home / "buzzguard.db")
    result = run(home, *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("mode", [0, 0o100, 0o400])
@pytest.mark.parametrize("folder", RULES)
def test_rules_that_may_not_be_read_are_never_passed_over(home: Path, folder: str, mode: int) -> None:
    refused(home / "rules" / folder, mode)
    for arguments in (("check",), ("detect", "explain", "acme")):
        result = run(home, *arguments)
        assert result.exit_code == 1
        assert "cannot be read: permission denied" in result.stderr, arguments
