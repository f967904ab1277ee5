"""`buzzguard backtest` as people and programs see it, over recordings and over the store."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner, Result

from buzzguard.cli import main
from buzzguard.config.settings import StoreSettings
from buzzguard.model import Mention
from buzzguard.replay import replay
from buzzguard.store.sole import SoleUse
from buzzguard.store.sql import SqlStore
from tests.recorded import ONSET, core, recording

DAY = timedelta(days=1)
SAID = [one for one in recording(count=40) if one.published >= ONSET - 1.5 * DAY]
EVENT = f"{ONSET:%Y-%m-%dT%H:%M} acme <b>the kettle</b>"
OPTIONS = ("--warm", "1d", "--days", "3,7,30", "--signal", "negative")


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recording that names its topic, with a row that nobody can read."""
    path = tmp_path_factory.mktemp("recording") / "said.jsonl"
    rows = [
        {"published": one.published, "text": one.text, "author": one.author.id, "site": one.site, "topics": "acme"}
        for one in SAID
    ]
    path.write_bytes(b"\n".join(msgspec.json.encode(row) for row in rows) + b"\n{broken\n")
    return path


def backtest(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["backtest", *map(str, arguments)])


@pytest.fixture(scope="module")
def told(said: Path) -> tuple[Result, str]:
    page = said.with_name("page.html")
    result = backtest(said, *OPTIONS, "--event", EVENT, "--lang", "fr", "--html", page)
    assert result.exit_code == 0, result.output
    return result, page.read_text("utf-8")


def test_the_report_fits_80_columns_and_is_french(told: tuple[Result, str]) -> None:
    text = told[0].stdout
    assert max(map(len, text.splitlines())) <= 80
    for french in (
        "Essai sur le passé",
        "Événements",
        "Nous suggérons",
        "avant la fin de l’heure de pointe",
        "Dans une règle",
    ):
        assert french in " ".join(text.split()).replace("\u00a0", " ")
    for english in ("alarm ", "Severity", "We suggest", "learning", "Once in", "missed"):
        assert english not in text
    assert "when: negative.once_per > days(" in text
    assert "\\u" not in text, "typography is not taken for control characters"
    assert "said.jsonl" in told[0].stderr


def test_the_page_stands_alone_and_escapes_what_comes_from_outside(told: tuple[Result, str]) -> None:
    page = told[1]
    assert "&lt;b&gt;the kettle&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "<script" not in page
    assert "http" not in page
    assert page.count("<svg") == 1


def test_the_json_tells_the_same_for_programs(said: Path) -> None:
    result = backtest(said, *OPTIONS, "--event", EVENT, "--rule", "negative-surge", "--json")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["unreadable"] == 1
    (event,) = document["rules"]["events"]
    assert event["found"]
    assert event["lead_seconds"] is not None
    assert {alert["rule"] for alert in document["rules"]["alerts"]} == {"negative-surge"}
    assert [row["threshold_days"] for row in document["sweep"]] == [3, 7, 30]
    assert document["suggestion"]["yaml"].startswith("when: negative.once_per > days(")


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--topic", "acmee"), "did you mean `acme`?"),
        (("--rule", "negative-serge"), "did you mean `negative-surge`?"),
        (("--event", "tomorrow acme"), "begins with no time"),
        (("--event", "2026-03-02 acne"), "did you mean `acme`?"),
        (("--days", "7,x"), "--days"),
        (("--hold", "12"), "is not a duration, write for example"),
        (("--at-most", "few"), "2 per 30d"),
        (("--store",), "one of the two"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_played(
    said: Path, arguments: tuple[str, ...], hint: str
) -> None:
    result = backtest(said, *arguments)
    assert result.exit_code == 1
    assert hint in result.stderr
    assert not result.stdout


def test_bad_lines_of_a_file_of_events_are_told_with_their_place(said: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("start,topic,name\n2026-03-05,acme,kettle\nsoon,acme,x\n")
    result = backtest(said, "--events", events)
    assert result.exit_code == 1
    assert f"{events}:3:1" in result.stderr


@pytest.fixture
def calm(tmp_path: Path) -> Path:
    """Some mentions of one day."""
    path = tmp_path / "calm.csv"
    path.write_text("published,text,topics\n" + "".join(f"2026-03-02T0{h}:00Z,acme {h},acme\n" for h in range(9)))
    return path


def test_what_is_shorter_than_the_learning_period_says_what_to_do(calm: Path) -> None:
    result = backtest(calm)
    assert result.exit_code == 1
    assert "too short to judge" in result.stderr
    assert "--warm" in result.stderr


def test_an_event_outside_the_recording_is_told_with_when_that_was(calm: Path) -> None:
    result = backtest(calm, "--warm", "1h", "--event", "2025-01-01 acme")
    assert result.exit_code == 1
    assert "outside what was recorded" in result.stderr
    assert "2026-03-02 00:00 to 2026-03-02 08:00" in result.stderr


def test_a_calm_past_is_told_as_one_and_never_as_proof(calm: Path) -> None:
    result = backtest(calm, "--warm", "1h", "--event", "2026-03-02T04:00 acme", "--lasts", "1h")
    assert result.exit_code == 0, result.output
    assert "No alert." in result.stdout
    assert "missed" in result.stdout


def test_an_empty_recording_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("published,text\n")
    result = backtest(path, "--topic", "acme")
    assert result.exit_code == 1
    assert "the recording is empty" in result.stderr


def test_mentions_of_nothing_watched_are_no_empty_recording(calm: Path) -> None:
    calm.write_text("published,text\n2026-03-02T00:00Z,nothing of it\n")
    result = backtest(calm, "--topic", "acme")
    assert result.exit_code == 1
    assert "none of the 1 mentions read was counted" in result.stderr


CONFIG = """\
topics:
  acme: {name: Acme, query: acme}
notifiers: {terminal: {kind: console}}
receivers: {screen: {notifier: terminal}}
policies: {crisis: {steps: [{notify: [screen]}]}}
store: {url: "sqlite:///watch.db"}
rules: []
"""


async def _watched(folder: Path, mentions: list[Mention]) -> None:
    """What a daemon would have stored of them."""
    store = await SqlStore.open(StoreSettings(url="sqlite:///watch.db"), base=folder)
    try:
        for effects in replay(core(), mentions, until=mentions[-1].published + timedelta(seconds=1)):
            await store.commit(msgspec.structs.replace(effects, notifications=()), {})
    finally:
        await store.close()


def test_the_store_is_read_beside_a_running_daemon_and_nothing_is_written(tmp_path: Path) -> None:
    late = [msgspec.structs.replace(one, fetched=one.published + timedelta(minutes=7)) for one in SAID[::3]]
    asyncio.run(_watched(tmp_path, late))
    (tmp_path / "buzzguard.yml").write_text(CONFIG)
    before = (tmp_path / "watch.db").read_bytes()
    daemon = SoleUse.take("sqlite:///watch.db", base=tmp_path)
    try:
        result = backtest("--store", "-c", tmp_path / "buzzguard.yml", *OPTIONS)
    finally:
        daemon.release()
    assert result.exit_code == 0, result.output
    assert f"{len(late)} mentions" in result.stdout
    assert result.stdout.startswith("Backtest")
    assert "7 min or more after publication" in " ".join(result.stdout.split())
    assert (tmp_path / "watch.db").read_bytes() == before


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    (tmp_path / "buzzguard.yml").write_text(CONFIG)
    result = backtest("--store", "-c", tmp_path / "buzzguard.yml")
    assert result.exit_code == 1
    assert "there is no database" in result.stderr
    assert not (tmp_path / "watch.db").exists()
    assert "name it with -c" in backtest("--store").stderr
