"""`buzzguard report incident` and `statement` on a real store."""

from __future__ import annotations

import asyncio
import json
import re
import string
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from buzzguard.cli import main, report_pdf
from buzzguard.cli.mention_acts import Desk, Refused
from buzzguard.cli.report_facts import Facts, gather
from buzzguard.cli.report_page import as_html, as_markdown, escaped
from buzzguard.cli.report_telling import Teller, tell
from buzzguard.cli.report_week import gather_week, week_document
from buzzguard.cli.report_words import WORDS
from buzzguard.cli.statement import mark_statement, take_back
from buzzguard.config.settings import Settings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import Language, Person
from buzzguard.review.effect import Verdict
from buzzguard.review.timeline import EntryKind
from buzzguard.review.week_telling import tell_week
from buzzguard.review.week_words import WEEK_WORDS
from buzzguard.store.sql import SqlStore
from tests.review.night import CLAIRE, INCIDENT, keep, minute

LANGUAGES: tuple[Language, ...] = ("en", "fr")


def document() -> dict[str, Any]:
    return {
        "time_zone": "Europe/Paris",
        "topics": {"lumio": {"name": "Lumio <b>", "query": "lumio"}},
        "rules": [str(shipped_rules())],
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"comms": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["comms"]}], "repeat": 0}},
        "sentiment": {"scorer": "quick"},
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation whose store holds the night, written once."""
    base = tmp_path_factory.mktemp("night")
    (base / "buzzguard.yml").write_text(yaml.safe_dump(document()), encoding="utf-8")

    async def fill() -> None:
        store = await SqlStore.open(Settings.model_validate(document()).store, base=base)
        await keep(store)
        await store.close()

    asyncio.run(fill())
    return base


def desk(folder: Path, *, now: datetime, language: Language = "en") -> Desk:
    return Desk(settings=Settings.model_validate(document()), base=folder, language=language, now=now)


@pytest.fixture(scope="module")
def facts(folder: Path) -> Facts:
    return gather(desk(folder, now=minute(1200)), INCIDENT)


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["report", *arguments, "-c", str(folder / "buzzguard.yml")])


def test_the_night_is_measured(facts: Facts) -> None:
    told = facts.measures
    assert facts.story.narrative == "a1b2c3"
    assert told.instants.first_mention == minute(9.25)
    assert told.instants.noticed == minute(31)
    assert told.notice.span == timedelta(minutes=21, seconds=45)
    assert told.tell.span == timedelta(minutes=5)
    assert told.acknowledge.span == timedelta(minutes=14)
    assert told.statement.span == timedelta(minutes=89)
    assert told.instants.calm == minute(400)
    assert told.size is not None
    assert told.size.peak == 120
    assert dict(told.size.sources).keys() == {"rss", "mastodon"}


def test_a_statement_after_which_a_fifth_is_left_is_seen(facts: Facts) -> None:
    (effect,) = facts.effects
    assert effect.unfit is None
    assert [one.verdict for one in effect.volume[:2]] == [Verdict.LESS, Verdict.LESS]
    assert {one.verdict for one in effect.share} <= {Verdict.AS_EXPECTED, Verdict.TOO_VAGUE}


def test_at_once_it_is_too_early_to_tell(folder: Path) -> None:
    early = gather(desk(folder, now=minute(150)), INCIDENT)
    assert {one.verdict for effect in early.effects for one in effect.volume} == {Verdict.TOO_EARLY}


def test_the_timeline_holds_everything_once_and_in_order(facts: Facts) -> None:
    kinds = [one.kind for one in facts.entries]
    assert [one.at for one in facts.entries] == sorted(one.at for one in facts.entries)
    assert kinds[0] is EntryKind.STORY_BEGAN
    counted = {kind: kinds.count(kind) for kind in set(kinds)}
    assert counted == {
        EntryKind.STORY_BEGAN: 1,
        EntryKind.PEAK: 1,
        EntryKind.TRANSITION: 3,
        EntryKind.TOLD: 3,
        EntryKind.NOT_TOLD: 1,
        EntryKind.EDITED: 1,
        EntryKind.STATEMENT: 1,
        EntryKind.SILENCE_ENDED: 1,
    }
    failed = next(one for one in facts.entries if one.kind is EntryKind.NOT_TOLD)
    assert (failed.receiver, failed.count, failed.reason) == ("manager", 2, "slack is down")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_form_tells_the_same(facts: Facts, language: Language) -> None:
    page = tell(facts, language)
    markdown, html = as_markdown(page), as_html(page)
    lines = [Teller(facts, language).line(one) for one in facts.entries]
    assert all(lines)
    for line in lines:
        assert escaped(line) in markdown
    assert ("22/11/2026 02:35" if language == "fr" else "2026-11-22 02:35") in markdown
    assert "Claire" in html
    assert "Lumio &lt;b&gt;" in html
    assert "<b>" not in html
    assert "<svg" in html


def test_hostile_notes_neither_format_nor_link(facts: Facts) -> None:
    markdown = as_markdown(tell(facts, "en"))
    (line,) = (one for one in markdown.splitlines() if "site" in one and "published our" in one)
    assert r"on \<our\> site \| https\://x.example" in line
    assert len(re.findall(r"(?<!\\)\|", line)) == 4
    assert escaped("1. a\n# b @name [x](y)") == "1\\. a \\# b @\u2060name \\[x\\](y)"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_runs_and_fetches_nothing(facts: Facts) -> None:
    tags = _Tags()
    tags.feed(as_html(tell(facts, "fr")))
    assert "script" not in tags.seen
    assert not tags.addresses


def test_the_command_prints_every_form(folder: Path, tmp_path: Path) -> None:
    shown = run(folder, "incident", INCIDENT[:-3])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith(f"# Incident {INCIDENT}: ")
    told = json.loads(run(folder, "incident", INCIDENT, "--json", "--lang", "fr").output)
    assert told["id"] == INCIDENT
    assert {one["kind"] for one in told["timeline"]} >= {"transition", "told", "statement"}
    target = tmp_path / "report.html"
    assert run(folder, "incident", INCIDENT, "--html", "-o", str(target)).exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_what_cannot_be_is_said_in_a_line(folder: Path, tmp_path: Path) -> None:
    none = run(folder, "incident", "inc-none\x1b[31m")
    assert none.exit_code == 1
    assert INCIDENT in none.output
    assert "\x1b" not in none.output
    unwritten = run(folder, "incident", INCIDENT, "-o", str(tmp_path / "no" / "file"))
    assert unwritten.exit_code == 1
    assert "cannot be written" in unwritten.output
    assert run(folder, "statement", INCIDENT, "--at", "2099-01-01T00:00").exit_code == 1
    assert run(folder, "statement", INCIDENT, "--at", "yesterday").exit_code == 1


async def test_a_mark_is_kept_once_and_can_be_taken_back(tmp_path: Path) -> None:
    here = desk(tmp_path, now=minute(300))
    store = await SqlStore.open(here.settings.store, base=tmp_path)
    await keep(store, minutes=300, resolved=None, spoke=None)
    await store.close()
    made = await mark_statement(here, INCIDENT, minute(200), note="on our site", who=CLAIRE)
    again = await mark_statement(here, INCIDENT, minute(200), note="on our site", who=CLAIRE)
    assert made.id == again.id
    told = await asyncio.to_thread(gather, here, INCIDENT)
    assert told.measures.instants.stated == minute(200)
    assert len(told.effects) == 1
    assert told.measures.calm.missing is not None
    with pytest.raises(Refused):
        await take_back(here, INCIDENT, "statement-other", CLAIRE)
    with pytest.raises(Refused):
        await mark_statement(here, INCIDENT, minute(301), note="", who=CLAIRE)
    with pytest.raises(Refused):
        await mark_statement(here, INCIDENT, minute(-5000), note="", who=CLAIRE)
    await take_back(here, INCIDENT, made.id, Person(id="boss"))
    told = await asyncio.to_thread(gather, here, INCIDENT)
    assert told.measures.instants.stated is None
    assert [one.kind for one in told.entries].count(EntryKind.STATEMENT_TAKEN_BACK) == 1


@pytest.mark.skipif(report_pdf.browser() is None, reason="no browser on this machine prints")
def test_a_browser_prints_the_page(facts: Facts, tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    report_pdf.print_pdf(as_html(tell(facts, "fr")), target, "fr")
    assert target.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_week_is_told_to_leaders(folder: Path, language: Language) -> None:
    digest = gather_week(desk(folder, now=minute(5 * 1440), language=language), "2026-11-18")
    assert (digest.week.start, digest.week.end) == (
        datetime(2026, 11, 15, 23, tzinfo=UTC),
        datetime(2026, 11, 22, 23, tzinfo=UTC),
    )
    (topic,) = digest.week.topics
    assert (topic.now.mentions, topic.before.mentions) == (139, 168)
    markdown = as_markdown(tell_week(digest, language))
    title = (
        "# La semaine du 16/11/2026 au 22/11/2026" if language == "fr" else "# The week from 2026-11-16 to 2026-11-22"
    )
    assert markdown.startswith(title)
    assert INCIDENT in markdown
    assert "| 1 | 0 | 1 | 0 | 0 | – |" in markdown, "taken in charge, and judged by nobody: no rule is proved right"
    document = json.loads(json.dumps(week_document(digest)))
    assert document["time_to"]["acknowledge"]["median_seconds"] == 14 * 60
    assert [one["rule"] for one in document["rules"]] == ["negative-surge"]


def test_a_week_that_holds_nothing_is_told_as_quiet(folder: Path) -> None:
    digest = gather_week(desk(folder, now=minute(5 * 1440)), "2026-10-07")
    page = as_markdown(tell_week(digest, "en"))
    assert "No incident was opened." in page
    assert "No rule alerted." in page
    with pytest.raises(Refused):
        gather_week(desk(folder, now=minute(0)), "2026-12-24")
    with pytest.raises(Refused):
        gather_week(desk(folder, now=minute(0)), "next")
    assert run(folder, "week", "--json").exit_code == 0


@pytest.mark.parametrize("words", [WORDS, WEEK_WORDS])
def test_both_languages_say_the_same_things(words: Mapping[Language, Mapping[str, str]]) -> None:
    def fields(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert words["en"].keys() == words["fr"].keys()
    for key, text in words["en"].items():
        assert fields(text) == fields(words["fr"][key]), key
    assert not [key for key, text in words["fr"].items() if re.search(r" [:;!?»]|« |[a-z]'[a-z]", text)]
