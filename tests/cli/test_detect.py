"""`buzzguard detect explain` on the store of a small real watch."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from buzzguard.assembly import assemble
from buzzguard.cli import main
from buzzguard.config.settings import Settings
from buzzguard.config.shipped import shipped_rules
from buzzguard.pipeline import Core
from buzzguard.replay import replay
from buzzguard.store.sole import SoleUse
from buzzguard.store.sql import SqlStore
from tests.recorded import START, hostile, ordinary

ONSET = START + timedelta(days=1, hours=9)
AT = "2026-03-03T10:20"
"""In Paris twenty minutes into the crisis."""
KEYS = {
    *("topic", "name", "at", "headline", "caveats", "detector", "known", "baseline", "signals", "rules", "alerts"),
    *("incidents", "planned", "holiday", "chart", "budget_factor"),
}


def document(**more: Any) -> dict[str, Any]:
    """One brand in Paris; its mentions are kept for ever, the tests being of all ages."""
    told: dict[str, Any] = {
        "time_zone": "Europe/Paris",
        "topics": {
            "acme": {"name": "Acme & Söhne", "query": "acme"},
            "lumio": {"name": "Lumio", "query": "lumio"},
        },
        "rules": [str(shipped_rules())],
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"comms": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["comms"]}], "repeat": 0}},
        "store": {"keep_mentions": "36500d", "keep_samples": "36500d"},
    }
    return told | more


async def watched(folder: Path) -> None:
    """A day and a half of mentions through the core into the store."""
    assembly = assemble(Settings.model_validate(document()), folder)
    core = Core(assembly.settings, assembly.parts)
    store = await SqlStore.open(assembly.settings.store, base=folder)
    end = ONSET + timedelta(minutes=40)
    said = [*ordinary(START, end, every=timedelta(minutes=20)), *hostile(ONSET, 60)]
    for effects in replay(core, sorted(said, key=lambda one: one.published), until=end):
        await store.commit(effects, {})
    await store.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An installation with its database."""
    made = tmp_path_factory.mktemp("watch")
    (made / "buzzguard.yml").write_text(json.dumps(document()), encoding="utf-8")
    asyncio.run(watched(made))
    yield made


def explain(folder: Path, *arguments: str | Path, topic: str = "acme") -> Result:
    config = folder / "buzzguard.yml"
    return CliRunner().invoke(main, ["detect", "explain", topic, "-c", str(config), *map(str, arguments)])


def test_it_says_why_an_alert_came_and_writes_page_and_picture(folder: Path, tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "picture.png"
    sole = SoleUse.take("sqlite:///buzzguard.db", base=folder)
    result = explain(folder, "--at", AT, "--html", page, "--png", picture)
    sole.release()
    assert result.exit_code == 0, result.output
    first = result.stdout.splitlines()[0]
    assert first.startswith("Acme & Söhne: ") and "negative mentions in the last" in first
    assert "as known on 3\u00a0Mar\u00a02026 at 10:20 (Europe/Paris)" in result.stdout
    assert "Surge of negative mentions" in result.stdout
    assert "Still learning" in result.stdout
    assert "\x1b" not in result.stdout
    assert "Acme &amp; Söhne" in page.read_text("utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_in_french_everything_is_french(folder: Path) -> None:
    result = explain(folder, "--at", AT, "--lang", "fr", "--window", "1h")
    assert result.exit_code == 0, result.output
    assert "mentions négatives dans la dernière heure, contre" in result.stdout.replace("\n", " ")
    for english in ("usual", "Window", "asks for", "learned", "Usual"):
        assert english not in result.stdout


def test_before_the_crisis_it_knows_nothing_of_it(folder: Path) -> None:
    before = json.loads(explain(folder, "--at", "2026-03-03T09:55", "--json").stdout)
    after = json.loads(explain(folder, "--at", AT, "--json").stdout)
    assert set(before) == set(after) == KEYS
    assert (before["alerts"], before["incidents"], before["chart"]["alerts"]) == ([], [], [])
    assert after["alerts"] and after["incidents"] and after["chart"]["alerts"]
    negative = {one["signal"]: one for one in after["signals"]}["negative"]
    hour = next(one for one in negative["scales"] if one["window_seconds"] == 3600)
    assert hour["observed"] == after["chart"]["negative"][-1], "the chart ends with the hour that is told"
    assert hour["observed"] > hour["high"]
    fired = {one["rule"] for one in after["alerts"] if one["state"] == "firing"}
    assert {one["rule"] for one in after["rules"] if one["met"]} & fired
    surge = next(one for one in before["rules"] if one["rule"] == "negative-surge")
    assert not surge["met"]
    assert any(not clause["holds"] for clause in surge["clauses"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at", "2026-02-01T10:00"), "was first measured at 2026-03-02"),
        (("--at", "2100-01-01T10:00"), "has not come yet"),
        (("--at", "yesterday"), "is not a date or time"),
        (("--at", "2026-02-30"), "does not exist"),
    ],
)
def test_a_time_that_cannot_be_looked_at_is_said_in_a_line(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    result = explain(folder, *arguments)
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_topic_that_is_not_watched_brings_what_may_have_been_meant(folder: Path) -> None:
    assert "did you mean `acme`" in explain(folder, topic="acm").stderr
    assert "`acme` and `lumio`" in explain(folder, topic="\x1b[2Jzzz").stderr
    assert "\x1b" not in explain(folder, topic="\x1b[2Jzzz").stderr
    assert "no mention of lumio was ever counted" in explain(folder, "--at", AT, topic="LUMIO").stderr


def test_a_watch_that_has_not_begun_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "buzzguard.yml").write_text(json.dumps(document()), encoding="utf-8")
    assert "nothing was watched yet" in explain(tmp_path).stderr
    assert not (tmp_path / "buzzguard.db").exists()
    asyncio.run(_emptily_opened(tmp_path))
    assert "holds nothing yet" in explain(tmp_path).stderr


async def _emptily_opened(folder: Path) -> None:
    store = await SqlStore.open(Settings.model_validate(document()).store, base=folder)
    await store.close()


def test_mentions_that_have_expired_are_not_taken_for_silence(folder: Path, tmp_path: Path) -> None:
    settings = document(store={"keep_mentions": "30d", "url": f"sqlite:///{folder / 'buzzguard.db'}"})
    (tmp_path / "buzzguard.yml").write_text(json.dumps(settings), encoding="utf-8")
    assert "mentions are kept for 30 days" in explain(tmp_path, "--at", AT).stderr


def test_a_page_that_cannot_be_written_is_said_in_a_line(folder: Path, tmp_path: Path) -> None:
    result = explain(folder, "--at", AT, "--html", tmp_path / "no" / "page.html")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr
