"""What the documents say is true: commands parse, files exist, tables are what the code has."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from prometheus_client.metrics import MetricWrapperBase

from buzzguard import telemetry
from buzzguard.cli import main
from buzzguard.cli.common import plugin_models, query_fault
from buzzguard.config.loader import load_settings
from buzzguard.config.settings import StoreSettings
from buzzguard.store.sql import SqlStore
from tests import readme_sources

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "deploy" / "README.md", ROOT / "rules" / "README.md"]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)")
_CHAPTER = re.compile(r"\]\(([^):#\s]*)#([^)\s]+)\)")


def _texts() -> Iterator[tuple[Path, str]]:
    for path in DOCUMENTS:
        yield path, path.read_text("utf-8")


def _commands() -> list[str]:
    """Every `buzzguard …` command line: in shell blocks, and in code within the text."""
    found = []
    for _, text in _texts():
        for kind, block in _FENCE.findall(text):
            if kind in ("sh", ""):
                found += block.replace("\\\n", " ").splitlines()
        found += _CODE.findall(" ".join(_FENCE.sub("", text).split()))
    cut = (re.search(r"(?:^|&& |/bin/|uv run )(buzzguard (?:[a-z-].*)?)$", line.split(" #")[0]) for line in found)
    return sorted({re.split(r" > |&&|  +", match[1])[0].strip() for match in cut if match})


@pytest.mark.parametrize("line", _commands())
def test_each_command_line_parses(line: str) -> None:
    """Up to its arguments: each subcommand exists, each option is one of its own."""
    words = shlex.split(line)[1:]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words[0])
        assert found is not None, f"no command {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word.split("=")[0] for word in words if word.startswith("-")} <= known | {"--help"}
    assert CliRunner().invoke(command, ["--help"]).exit_code == 0


def test_the_documents_hold_commands() -> None:
    assert {"buzzguard demo", "buzzguard run -c buzzguard.yml", "buzzguard rules test"} <= set(_commands())


@pytest.mark.parametrize(("path", "text"), list(_texts()), ids=lambda value: str(value)[-20:])
def test_each_file_linked_exists(path: Path, text: str) -> None:
    targets = [target for target in _LINK.findall(text) if "://" not in target]
    assert [target for target in targets if not (path.parent / target).exists()] == []


@pytest.mark.parametrize(("path", "text"), list(_texts()), ids=lambda value: str(value)[-20:])
def test_each_chapter_linked_exists(path: Path, text: str) -> None:
    for file, chapter in _CHAPTER.findall(text):
        linked = (path.parent / file).resolve() if file else path
        titles = re.findall(r"^#+ (.*)$", linked.read_text("utf-8"), re.MULTILINE)
        assert chapter in {re.sub(r"[^\w -]", "", title.strip().lower()).replace(" ", "-") for title in titles}


def _metrics() -> list[str]:
    rows = ["| metric | kind | labels | means |", "| --- | --- | --- | --- |"]
    for metric in vars(telemetry).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            name = f"{family.name}_total" if family.type == "counter" else family.name
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            rows.append(f"| `{name}` | {family.type} | {labels} | {family.documentation} |")
    return rows


def test_the_table_of_metrics_is_what_is_served() -> None:
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    table = re.search(r"<!-- metrics:.*?-->\n(.*?)\n<!-- end of metrics -->", text, re.DOTALL)
    assert table is not None
    assert table[1].splitlines() == _metrics()


def test_the_table_of_sources_is_what_their_cards_say() -> None:
    """When it fails: `python -m tests.readme_sources`."""
    text = readme_sources.README.read_text("utf-8")
    assert text == readme_sources.written(text)


def test_each_log_event_documented_is_logged() -> None:
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    chapter = text.split("## Logs")[1].split("## ")[0]
    named = {
        event for row in chapter.splitlines() if row.startswith("| `") for event in _CODE.findall(row.split("|")[1])
    }
    source = "".join(path.read_text("utf-8") for path in (ROOT / "buzzguard").rglob("*.py"))
    logged = set(re.findall(r'"([a-z_]+\.[a-z_]+)"', source)) | {"alert.pending", "alert.firing", "alert.resolved"}
    assert named - {"incident.…"} <= logged
    assert len(named) > 20


async def test_each_sql_command_works_on_a_real_database(tmp_path: Path) -> None:
    store = await SqlStore.open(StoreSettings(), base=tmp_path)
    text = (ROOT / "deploy" / "README.md").read_text("utf-8").replace("/var/backups", str(tmp_path / "copies"))
    (tmp_path / "copies").mkdir()
    commands = re.findall(r'sqlite3 \S*/(\S+\.db) "([A-Z].*?)"', text)
    assert len(commands) >= 4
    for file, sql in commands:
        path = tmp_path / file if file == "buzzguard.db" and "integrity" not in sql else tmp_path / "copies" / file
        connection = sqlite3.connect(path, isolation_level=None)
        connection.executescript(sql)
        connection.close()
    await store.close()
    restored = await SqlStore.open(StoreSettings(url=f"sqlite:///{tmp_path}/copies/buzzguard.db"))
    assert await restored.cursors() == {}
    await restored.close()


@pytest.mark.parametrize("place", ["curl --fail http://127.0.0.1:8787/readyz", "`GET /healthz`", "`GET /metrics`"])
def test_the_addresses_of_health_are_named(place: str) -> None:
    assert place in (ROOT / "deploy" / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    "heading",
    [
        "## Any other source, without Python",
        "## Pushed mentions",
        "## Telling people elsewhere than in Slack",
    ],
)
def test_the_examples_of_sections_are_accepted(heading: str, tmp_path: Path) -> None:
    text = (ROOT / "deploy" / "README.md").read_text("utf-8").split(heading)[1].split("\n## ")[0]
    example = next(block for kind, block in _FENCE.findall(text) if kind == "yaml")
    file = tmp_path / "buzzguard.yml"
    file.write_text("topics:\n  acme: {name: Acme, query: acme}\n" + example, "utf-8")
    assert load_settings(file, models=plugin_models(), query_fault=query_fault).topics
