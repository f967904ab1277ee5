"""What a query would have matched, before it goes live."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.cli import main
from buzzguard.cli.topic_preview import SAMPLES, Preview
from buzzguard.clock import SystemClock
from buzzguard.config.settings import StoreSettings
from buzzguard.config.shipped import shipped_rules
from buzzguard.model import Effects, Mention, ScoredMention, Sentiment
from buzzguard.store.sql import SqlStore
from buzzguard.understand.query import parse_query

NOW = SystemClock().now().replace(hour=12, microsecond=0)
DAY = timedelta(days=1)


def mention(number: int, text: str, *, days_ago: float = 0.0) -> Mention:
    at = NOW - days_ago * DAY
    return Mention(id=f"rss:{number}", stream="s", source="rss", published=at, fetched=at, text=text, site="x.example")


def previewed(query: str, *mentions: Mention) -> Preview:
    preview = Preview(parse_query(query), zone=UTC, now=NOW + DAY)
    preview.take_all(mentions)
    return preview


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["topic", "preview", *arguments])


def test_the_word_that_brings_the_noise_is_named_with_what_it_brings() -> None:
    right = [mention(n, f"Acme kettle number {n} leaks") for n in range(10)]
    noise = [mention(100 + n, f"the old kettle of my aunt, {n}") for n in range(20)]
    preview = previewed("(acme OR kettle) -recipe", *right, *noise, mention(999, "kettle recipe"))
    kettle, acme = preview.words()
    assert (kettle.word, kettle.matches, kettle.alone, kettle.suspect) == ("kettle", 30, 20, True)
    assert (acme.alone, acme.suspect) == (0, False)
    assert all("aunt" in one.mention.text for one in kettle.samples)
    assert preview.kept_out == {"NOT recipe": 1}


def test_days_without_a_match_count_for_the_rate() -> None:
    preview = previewed("acme", mention(1, "acme", days_ago=9), mention(2, "other"), mention(3, "acme"))
    assert (preview.span, preview.matched, preview.looked) == (10, 2, 3)


@given(seed=st.integers(0, 50), count=st.integers(0, 60))
def test_samples_are_the_same_in_whatever_order_mentions_come(seed: int, count: int) -> None:
    mentions = [mention(number, f"acme {number}") for number in range(count)]
    shuffled = random.Random(seed).sample(mentions, count)
    one, other = previewed("acme", *mentions), previewed("acme", *shuffled)
    assert {sample.mention.id for sample in one.samples()} == {sample.mention.id for sample in other.samples()}
    assert len(one.samples()) == min(count, SAMPLES)


def test_a_recording_is_looked_through(tmp_path: Path) -> None:
    rows = [
        {"id": n, "published": datetime(2026, 11, 1 + n, tzinfo=UTC).isoformat(), "text": f"Acme \x1b[31m {n}"}
        for n in range(5)
    ]
    file = tmp_path / "r.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows) + "\nnonsense\n", encoding="utf-8")
    result = ran("acme", str(file))
    assert result.exit_code == 0, result.output
    assert "5 of 5 mentions match (about 1 a day over 5 days)" in result.output
    assert "acme: in 5, alone in 5" in result.output
    assert "1 could not be read" in result.output
    assert "\x1b" not in result.output
    french = ran("acme", str(file), "--lang", "fr").output
    assert "5 mentions sur 5 correspondent" in french
    document = json.loads(ran("acme", str(file), "--json").stdout)
    assert (document["matched"], document["per_day"], document["words"][0]["word"]) == (5, 1.0, "acme")


def test_what_is_stored_is_looked_through_and_what_no_topic_counts_is_told(tmp_path: Path) -> None:
    told = {"topics": {"acme": {"name": "Acme", "query": "acme"}}, "rules": [str(shipped_rules())]}
    (tmp_path / "buzzguard.yml").write_text(yaml.safe_dump(told), encoding="utf-8")
    stored = [
        ScoredMention(
            mention=mention(n, f"kettle {n}", days_ago=n), topics=("acme",) if n < 2 else (), sentiment=Sentiment()
        )
        for n in range(6)
    ]

    async def write() -> None:
        store = await SqlStore.open(StoreSettings(), base=tmp_path)
        await store.commit(Effects(at=NOW, mentions=tuple(stored)), {})
        await store.close()

    asyncio.run(write())
    result = ran("kettle", "-c", str(tmp_path / "buzzguard.yml"))
    assert result.exit_code == 0, result.output
    assert "6 of 6 mentions match" in result.output
    assert "Only what some topic counted is stored" in result.output
    assert "alone in 6 (these go with it; 4 of them no topic counts today)" in result.output
    recent = json.loads(ran("kettle", "-c", str(tmp_path / "buzzguard.yml"), "--since", "60h", "--json").stdout)
    assert recent["matched"] < 6
    assert ran("kettle", "-c", str(tmp_path / "buzzguard.yml"), "--since", "soon").exit_code == 1


def test_a_wrong_query_and_a_missing_configuration_are_told() -> None:
    assert ran("acme lang:french").exit_code == 2
    assert ran("acme", "-c", "/no/such/file.yml").exit_code == 1
