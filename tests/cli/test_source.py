"""`buzzguard source`: kinds, one live fetch, how streams are doing, what was set aside."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard import plugins
from buzzguard.cli import main
from buzzguard.clock import SystemClock
from buzzguard.collect.meter import Allowance
from buzzguard.config.settings import StoreSettings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import Breaker, Effects, Poll, Quarantined
from buzzguard.store.sql import SqlStore


def present() -> datetime:
    """The instant at which the command runs: asked by each test, as a long run begins long before most of them."""
    return SystemClock().now().replace(microsecond=0)


MINUTE = timedelta(minutes=1)
_ITEM = "<item><guid>{n}</guid><title>{title}</title><description>{text}</description><pubDate>{at}</pubDate></item>"


def feed(*items: tuple[str, str]) -> str:
    now = present()
    at = f"{now - 5 * MINUTE:%a, %d %b %Y %H:%M:%S} GMT"
    inner = "".join(_ITEM.format(n=n, title=title, text=text, at=at) for n, (title, text) in enumerate(items))
    return f"<rss version='2.0'><channel><title>t</title>{inner}</channel></rss>"


@pytest.fixture
def config(tmp_path: Path, httpserver: HTTPServer) -> Path:
    told = {
        "time_zone": "Europe/Paris",
        "topics": {"acme": {"name": "Acme", "query": "acme -jobs"}, "lumio": {"name": "Lumio", "query": "lumio"}},
        "streams": {
            "press": {"source": "rss", "url": httpserver.url_for("/feed"), "topics": ["acme"]},
            "forum": {"source": "rss", "url": httpserver.url_for("/forum")},
            "old": {"source": "rss", "url": httpserver.url_for("/old"), "enabled": False},
            "young": {"source": "rss", "url": httpserver.url_for("/young")},
        },
        "rules": [str(shipped_rules())],
        "network": {"allow": ["localhost", "127.0.0.1"]},
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"screen": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["screen"]}]}},
    }
    path = tmp_path / "buzzguard.yml"
    path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    return path


def ran(config: Path | None, *arguments: str) -> Result:
    chosen = [] if config is None else ["-c", str(config)]
    return CliRunner().invoke(main, ["source", *arguments, *chosen])


def stored(config: Path, *effects: Effects, spent: float = 0.0) -> None:
    now = present()

    async def write() -> None:
        store = await SqlStore.open(StoreSettings(), base=config.parent)
        for one in effects:
            await store.commit(one, {})
        if spent:
            day = timedelta(days=1)
            budget = Allowance(account="x/acme", unit="dollars", cap=10.0, since=now - day, until=now + day)
            await store.spend(budget, spent)
        await store.close()

    asyncio.run(write())


def test_every_kind_is_listed_with_what_it_needs() -> None:
    shown = ran(None, "list")
    assert shown.exit_code == 0, shown.output
    documents = json.loads(ran(None, "list", "--json").output)
    assert [one["name"] for one in documents] == plugins.names("source")
    assert all(one["name"] in shown.output for one in documents)
    french = ran(None, "list", "--lang", "fr").output
    assert "Sans clé" in french
    assert "conditions\u00a0: " in french


def test_a_test_shows_what_would_be_stored_and_which_words_match(config: Path, httpserver: HTTPServer) -> None:
    items = [("Acme burns", "&lt;b&gt;smoke&lt;/b&gt; \u202e everywhere"), ("Acme jobs", "apply"), ("Nothing", "here")]
    httpserver.expect_request("/feed").respond_with_data(feed(*items), content_type="application/rss+xml")
    result = ran(config, "test", "press")
    assert result.exit_code == 0, result.output
    assert "3 mentions came" in result.output
    assert "Acme burns | smoke" in result.output
    assert "✓ acme: matches (acme)" in result.output
    assert "acme: does not match, not satisfied: NOT jobs" in result.output
    assert "lumio" not in result.output
    assert "\u202e" not in result.output
    assert "Nothing of this was kept." in result.output
    assert not (config.parent / "buzzguard.db").exists()
    document = json.loads(ran(config, "test", "press", "--json").output)
    assert [one["topics"]["acme"]["matches"] for one in document["shown"]].count(True) == 1


def test_a_test_of_what_cannot_be_read_says_why_in_one_line(config: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/feed").respond_with_response(Response("no", 401))
    result = ran(config, "test", "press")
    assert result.exit_code == 1
    assert "401" in result.output
    assert len(result.output.strip().splitlines()) == 1


def test_an_unknown_stream_is_named_with_what_may_be_meant(config: Path) -> None:
    assert "there is no stream `pres` (did you mean `press`?)" in ran(config, "test", "pres").output
    assert "il n’y a pas de flux `pres`" in ran(config, "quarantine", "pres", "--lang", "fr").output


def test_status_tells_success_lag_next_poll_breaker_budget_and_the_last_error(config: Path) -> None:
    now = present()
    good = Poll(stream="forum", at=now - 9 * MINUTE, ok=True, next_at=now - 7 * MINUTE)
    reason = "forum: 401, the token was\x1b[31m refused"
    bad = Poll(
        stream="forum", at=now - MINUTE, ok=False, reason=reason, next_at=now + 58 * MINUTE, failures=5,
        breaker=Breaker.OPEN,
    )  # fmt: skip
    well = Poll(stream="press", at=now - 2 * MINUTE, ok=True, next_at=now + MINUTE, lag=timedelta(seconds=90))
    stored(config, Effects(at=now, polls=(good, well, bad)), spent=2.5)
    result = ran(config, "status")
    assert result.exit_code == 1
    press, forum, error, old, young, money = result.output.splitlines()
    assert press.startswith("✓ press (rss)  last success: 2 min ago")
    assert "behind the present: " in press
    assert "last success: 9 min ago" in forum
    assert "5 failures in a row" in forum
    assert "breaker: open" in forum
    assert "401, the token was" in error
    assert "\x1b" not in result.output
    assert "not read" in old
    assert "last success: never" in young
    assert "x/acme: 2.5 of 10 dollars" in money
    documents = json.loads(ran(config, "status", "--json").output)
    named = {one["stream"]: one for one in documents["streams"]}
    assert (named["forum"]["breaker"], named["press"]["lag_seconds"]) == ("open", 90.0)
    assert named["forum"]["last_success"] == good.at.isoformat()
    assert documents["spending"][0]["spent"] == 2.5
    french = ran(config, "status", "--lang", "fr").output
    assert "dernier succès\u00a0: il y a" in french
    assert "disjoncteur\u00a0: ouvert" in french


def test_a_probe_that_is_due_is_half_open(config: Path) -> None:
    now = present()
    bad = Poll(stream="forum", at=now - 90 * MINUTE, ok=False, next_at=now - MINUTE, failures=5, breaker=Breaker.OPEN)
    stored(config, Effects(at=now, polls=(bad,)))
    assert "half-open" in ran(config, "status").output


def test_without_a_store_status_says_so(config: Path) -> None:
    result = ran(config, "status")
    assert result.exit_code == 1
    assert "nothing was watched yet" in result.output


def test_what_was_set_aside_is_shown_harmless(config: Path) -> None:
    now = present()
    one = Quarantined(stream="press", at=now, reason="no id", record='{"a": "\x1b[31m\u202e"}')
    other = Quarantined(stream="forum", at=now - MINUTE, reason="no time", record="x" * 5_000)
    stored(config, Effects(at=now, quarantined=(one, other)), Effects(at=now, quarantined=(one,)))
    shown = ran(config, "quarantine").output
    assert "press  no id (2 times)" in shown
    assert "forum  no time (once)" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "forum" not in ran(config, "quarantine", "press").output
    documents = json.loads(ran(config, "quarantine", "--json").output)
    assert [(one["stream"], one["times"]) for one in documents] == [("press", 2), ("forum", 1)]
