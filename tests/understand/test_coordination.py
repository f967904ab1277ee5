"""Clues of arrangement: found in made campaigns, not in honest anger."""

from __future__ import annotations

import gzip
import json
import os
import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from buzzguard.model import Author, Mention, MentionKind, ScoredMention, Sentiment
from buzzguard.understand.coordination import Evidence, evidence
from buzzguard.understand.copies import Copies
from buzzguard.understand.fold import fold

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DATA = Path(os.environ.get("BUZZGUARD_DATA") or Path(__file__).parents[2] / ".." / "shared" / "data")
CALL = "Acme has lied to us for years about its milk and I will never buy a single bottle from them again"
WORDS = ["acme", "milk", "never", "again", "shame", "boycott", "queue", "refund", "store", "angry", "late", "broken"]


def said(n: int, text: str, *, minutes: float = 0, handle: str = "", age: float | None = None) -> ScoredMention:
    at = NOW + timedelta(minutes=minutes)
    created = None if age is None else at - timedelta(days=age)
    mention = Mention(
        id=f"m{n}", stream="s", source="x", published=at, fetched=at, text=text,
        author=Author(id=f"a{n}", handle=handle or f"{'abcdefghij'[n % 10] * 3}jo{'klmnop'[n % 6]}", created=created),
    )  # fmt: skip
    return ScoredMention(mention=mention, topics=("acme",), sentiment=Sentiment())


def grouped(scored: list[ScoredMention]) -> list[ScoredMention]:
    copies = Copies()
    return [
        replace(one, copy_key=copies.place(one.mention.id, fold(one.mention.text), one.mention.published).key)
        for one in scored
    ]


def clues(scored: list[ScoredMention]) -> list[str]:
    return [one.clue for one in evidence(grouped(scored))]


def own_words(chance: random.Random) -> str:
    return " ".join(chance.choices(WORDS, k=20)) + f" {chance.randrange(10**6)}"


def pile_on(count: int, *, minutes: float, seed: int = 1) -> list[ScoredMention]:
    """Many people, each in words of their own, all at once."""
    chance = random.Random(seed)
    return [
        said(n, own_words(chance), minutes=chance.uniform(0, minutes), age=chance.expovariate(1 / 900) + 1)
        for n in range(count)
    ]


def test_a_pile_on_is_no_clue_however_sudden() -> None:
    for seed in range(5):
        assert clues(pile_on(300, minutes=3, seed=seed)) == []


def test_an_edited_text_by_many_hands_is_a_clue_with_its_mentions() -> None:
    chance = random.Random(1)
    campaign = [said(500 + n, f"{CALL} {'😡' * (n % 3)}", minutes=chance.uniform(0, 300)) for n in range(8)]
    (found,) = evidence(grouped(pile_on(40, minutes=300) + campaign))
    assert found.clue == "same_text"
    assert found.sentence == "coordination.same_text"
    assert found.numbers["authors"] == 8
    assert set(found.mentions) == {f"m{500 + n}" for n in range(8)}


def test_the_same_text_in_the_same_moment_is_another() -> None:
    assert clues([said(n, CALL, minutes=n / 10) for n in range(9)]) == ["same_text", "same_moment"]


def test_a_text_that_comes_like_clockwork_is_a_programs() -> None:
    assert clues([said(n, CALL, minutes=10 * n) for n in range(14)]) == ["same_text", "clockwork"]


def test_what_is_passed_on_openly_is_not_copied_in_secret() -> None:
    reposts = [said(n, CALL, minutes=n) for n in range(9)]
    reposts = [replace(one, mention=replace(one.mention, kind=MentionKind.REPOST)) for one in reposts]
    assert clues(reposts) == []
    assert clues([said(n, f"RT @jo: {CALL}", minutes=n) for n in range(9)]) == []
    assert clues([said(n, f"{CALL} https://e.org/a", minutes=n) for n in range(9)]) == []
    assert clues([said(n, "Boycott Acme, shame on you!", minutes=n) for n in range(40)]) == []


def test_one_author_who_repeats_himself_is_one() -> None:
    alone = [said(n, CALL, minutes=n) for n in range(30)]
    alone = [replace(one, mention=replace(one.mention, author=Author(id="a"))) for one in alone]
    assert clues(alone) == []


def test_new_accounts_and_accounts_of_one_day() -> None:
    chance = random.Random(2)
    crowd = pile_on(30, minutes=60)
    spread = [said(100 + n, own_words(chance), minutes=n * 7 % 60, age=1 + n) for n in range(25)]
    assert clues(crowd + spread) == ["new_accounts"]
    one_day = [said(200 + n, own_words(chance), minutes=n * 7 % 60, age=400 + n / 900) for n in range(12)]
    assert clues(crowd + one_day) == ["opened_together"]


def test_handles_as_programs_give_them() -> None:
    chance = random.Random(3)
    made = [
        said(100 + n, own_words(chance), handle=f"{'xyzw'[n % 4]}ora{n:03}{chance.randrange(10**6):07}")
        for n in range(20)
    ]
    assert "numbered_handles" in clues(pile_on(20, minutes=60) + made)
    fans = [said(100 + n, own_words(chance), handle=f"acmelover{n:02}") for n in range(9)]
    assert clues(pile_on(30, minutes=60) + fans) == ["same_stem"]


def test_nothing_is_said_of_the_unknown() -> None:
    assert evidence([]) == ()
    nobody = [said(n, CALL) for n in range(30)]
    assert clues([replace(one, mention=replace(one.mention, author=Author())) for one in nobody]) == []


def test_the_order_of_arrival_changes_nothing() -> None:
    scored = grouped(pile_on(30, minutes=60) + [said(100 + n, CALL, minutes=n, age=2 + n / 900) for n in range(20)])
    shuffled = random.Random(5).sample(scored, len(scored))
    expected: tuple[Evidence, ...] = evidence(scored)
    assert evidence(shuffled) == expected != ()


@pytest.mark.real_data
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no recordings in {DATA}: BUZZGUARD_DATA names their folder")
def test_real_pile_ons_are_not_called_arranged() -> None:
    campaigns: dict[str, list[ScoredMention]] = defaultdict(list)
    with gzip.open(DATA / "review_bombing.jsonl.gz", "rt", encoding="utf-8") as lines:
        for n, line in enumerate(map(json.loads, lines)):
            day, _, clock = line["published"].partition(" ")
            # Some are known by their day alone: the whole day is one moment, the hardest case.
            at = datetime.strptime(f"{day} {clock or '12:00:00'}", "%d.%m.%Y %H:%M:%S").replace(tzinfo=UTC)
            campaigns[line["topic"]].append(said(n, line["text"], minutes=(at - NOW) / timedelta(minutes=1)))
    assert len(campaigns) >= 3
    for scored in campaigns.values():
        assert clues(scored) == []
