"""`buzzguard replay` as people and programs see it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from buzzguard.cli import main
from tests.recorded import recording

ALERT_KEYS = {
    "topic",
    "rule",
    "title",
    "severity",
    "since",
    "fired_at",
    "ended_at",
    "signal",
    "window_seconds",
    "observed",
    "expected",
    "once_per_seconds",
    "learned_seconds",
    "peak",
    "peak_at",
    "lead_seconds",
    "mentions",
    "negative",
    "positive",
    "said",
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording with a crisis, and a row that nobody can read."""
    path = tmp_path_factory.mktemp("recording") / "said.jsonl"
    rows = [
        {"published": one.published, "text": one.text, "author": one.author.id, "site": one.site} for one in recording()
    ]
    path.write_bytes(b"\n".join(msgspec.json.encode(row) for row in rows) + b"\n{broken\n")
    return path


@cache
def replay(*arguments: str | Path) -> Result:
    """The same command is run once."""
    return CliRunner().invoke(main, ["replay", *map(str, arguments)])


def test_each_alert_is_printed_and_a_pipe_cuts_no_line(said: Path) -> None:
    result = replay(said, "--topic", "acme")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    told = [line for line in lines if "Surge of negative mentions  " in line and "later" in line]
    assert len(told) == 1
    assert told[0].startswith("2026-03-05 10:")
    assert any("negative mentions in" in line and "usually" in line for line in lines)
    assert "said.jsonl" in result.stdout
    assert "\x1b" not in result.stdout
    noticed, grown = (
        next(line for line in lines if f"● {severity}" in line and "Signs of a crisis" in line)
        for severity in ("Yellow", "Orange")
    )
    assert grown[:16] > noticed[:16], "an alert that grew graver is told with the time at which it did"


def test_in_french_everything_is_french(said: Path) -> None:
    result = replay(said, "--topic", "acme", "--lang", "fr")
    assert result.exit_code == 0, result.output
    assert "Poussée de mentions négatives" in result.stdout
    assert "05/03/2026" in result.stdout
    for english in ("usually", "later", "Severity", "mentions a second"):
        assert english not in result.stdout


def test_the_json_has_stable_keys(said: Path) -> None:
    result = replay(said, "--topic", "acme", "--json")
    document = json.loads(result.stdout)
    assert set(document) == {
        "mentions",
        "dropped",
        "unreadable",
        "first",
        "last",
        "seconds",
        "mentions_per_second",
        "alerts",
    }
    assert document["unreadable"] == 1
    assert document["alerts"]
    assert all(set(alert) == ALERT_KEYS for alert in document["alerts"])
    assert "said.jsonl" in result.stderr


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_holds_a_chart_and_every_alert_and_fetches_nothing(said: Path, tmp_path: Path, language: str) -> None:
    page = tmp_path / "page.html"
    topics = ("--topic", "<b>acme</b> OR acme", "--topic", "unheard")
    assert replay(said, *topics, "--lang", language, "--html", page, "--json").exit_code == 0
    text = page.read_text("utf-8")
    assert f'<html lang="{language}">' in text
    assert text.count("<svg ") == 2, "a topic of which nothing is said is drawn, too"
    assert 'class="story"' in text and "Sentiment" in text
    assert text.count("<circle ") == text.count('<td class="when">') >= 1
    assert "<b>acme" not in text
    assert "http" not in text
    assert "<script" not in text
    assert ("usually" in text) == (language == "en")


def test_until_stops_before_the_crisis(said: Path) -> None:
    result = replay(said, "--topic", "acme", "--until", "2026-03-05", "--json")
    assert json.loads(result.stdout)["alerts"] == []


def test_a_recording_that_names_no_topic_needs_one(said: Path) -> None:
    result = replay(said)
    assert result.exit_code == 1
    assert "--topic" in result.stderr


def test_a_page_that_cannot_be_written_is_said_in_a_line(said: Path, tmp_path: Path) -> None:
    result = replay(said, "--topic", "acme", "--until", "2026-03-02T01:00", "--html", tmp_path / "no" / "page.html")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
    assert "Traceback" not in result.output


def test_a_faulty_query_is_said_with_its_fault(said: Path) -> None:
    result = replay(said, "--topic", "acme AND (")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.stderr
    assert result.exception is None or isinstance(result.exception, SystemExit)


def test_alerts_say_what_is_said_in_which_language_and_on_which_side(said: Path) -> None:
    english = replay(said, "--topic", "acme").stdout
    assert "Languages: " in english and "English" in english
    assert "Sentiment: " in english and " negative, " in english
    assert "Themes: " in english and "\u201c" in english
    french = replay(said, "--topic", "acme", "--lang", "fr").stdout
    assert "Langues\u00a0: " in french and "Sentiment\u00a0: " in french and "«\u00a0" in french


def test_a_story_is_told_once_while_alerts_follow_each_other(said: Path) -> None:
    alerts = json.loads(replay(said, "--topic", "acme", "--json").stdout)["alerts"]
    lines = replay(said, "--topic", "acme").stdout.splitlines()
    told = sum(line.lstrip().startswith("Sentiment: ") for line in lines)
    assert 1 <= told <= len(alerts) + sum(alert["severity"] != "yellow" for alert in alerts)
    for alert in alerts:
        assert alert["negative"] + alert["positive"] <= alert["mentions"]
        assert alert["said"]["languages"]
