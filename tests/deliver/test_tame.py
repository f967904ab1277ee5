"""A tamed card: bounded everywhere, and the same to whoever reads a sane one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings

from buzzguard.deliver import wording
from buzzguard.deliver.tame import LINE, MAX_QUOTES, NAME, short, tame
from buzzguard.model import Card
from tests.deliver.hostile import cards
from tests.deliver.samples import sample_card, sample_watcher_card


def test_a_sane_card_stays_as_it_is_but_for_the_sixth_step() -> None:
    assert tame(sample_watcher_card("fr")) == sample_watcher_card("fr")
    card = sample_card()
    assert card.playbook is not None
    five = msgspec.structs.replace(card.playbook, steps=card.playbook.steps[:5])
    assert tame(card) == msgspec.structs.replace(card, playbook=five)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(cards)
def test_every_card_becomes_bounded_and_taming_twice_changes_nothing(card: Card) -> None:
    tamed = tame(card)
    assert tame(tamed) == tamed
    assert tamed.incident.id == card.incident.id
    assert len(tamed.briefing.quotes) <= MAX_QUOTES
    assert len(wording.heading(tamed)) < 300
    assert len(wording.state_line(tamed)) < 2_000
    assert all(len(wording.news_line(news, tamed)) < 2_000 for news in tamed.news)


def test_no_text_of_a_tamed_card_is_endless() -> None:
    """Ids of incidents, addresses and what the configuration bounds stay as they are."""
    for card in (sample_card(), sample_watcher_card("fr")):
        swollen = msgspec.convert(_swollen(msgspec.to_builtins(card)), Card)
        assert {text[:40] for text in texts_of(msgspec.to_builtins(tame(swollen))) if len(text) > LINE * 2} == set()


KEPT = (
    "id",
    "incident",
    "policy",
    "playbook",
    "fingerprint",
    "url",
    "language",
    "kind",
    "state",
    "severity",
    "cause",
    "before",
    "after",
    "signal",
    "direction",
    "phase",
    "polarity",
)


def _swollen(value: Any, name: str = "") -> Any:
    """The same with every text of somebody's, 20,000 letters long."""
    if isinstance(value, str):
        return value if name in KEPT or re.match(r"\d{4}-|-?P", value) else value + "a" * 20_000
    if isinstance(value, dict):
        return {key: _swollen(item, key) for key, item in value.items()}
    return [_swollen(item, name) for item in value] if isinstance(value, list) else value


def texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)


def test_what_follows_a_name_of_nothing_is_not_lost() -> None:
    briefing = msgspec.structs.replace(sample_card().briefing, topic_name="\n" * 100_000 + "Lumio")
    card = tame(msgspec.structs.replace(sample_card(), briefing=briefing))
    assert wording.headline(card) == "Lumio – Surge of negative mentions"


def test_many_receivers_are_cut_with_a_sign() -> None:
    card = tame(msgspec.structs.replace(sample_card(), next_receivers=tuple(f"room-{n}" for n in range(40))))
    assert card.next_receivers == (*(f"room-{n}" for n in range(6)), "…")


def test_a_text_is_cleaned_and_cut() -> None:
    assert short("a\x00b\u202e  c", NAME) == "ab c"
    assert len(short("x" * 10_000_000, LINE)) <= LINE
