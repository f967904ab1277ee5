"""Narratives: stories of what is told, and the laws that hold whatever is told."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.model import Polarity, Told
from buzzguard.understand.fold import fold
from buzzguard.understand.narratives import Narratives
from tests.understand.narratives.tales import DAY, NOON, PRICE, RECALL, fresh, told, two_stories

HOUR = timedelta(hours=1)


def top(narratives: Narratives, at: datetime = NOON + HOUR, **more: Any) -> Any:
    return narratives.top("lumio", at, since=more.pop("since", NOON - DAY), **more)


def placed(narratives: Narratives, mentions: list[Told]) -> list[str]:
    return [narratives.place("lumio", one) for one in mentions]


def test_a_recall_and_a_price_rise_are_two_narratives() -> None:
    narratives = fresh()
    ids = placed(narratives, two_stories())
    assert len({id for id in ids[0::2] if id}) == 1
    assert len({id for id in ids[1::2] if id}) == 1
    recall, price = sorted(top(narratives), key=lambda one: "recall" not in one.headline.lower())
    assert recall.id != price.id
    assert "recall" in recall.headline.lower()
    assert "price" in price.headline.lower()
    assert recall.quote in RECALL
    assert price.quote in PRICE
    assert (recall.mentions, recall.authors, recall.negative) == (5, 5, 1.0)
    assert (recall.first_id, recall.first_at, recall.first_site) == ("m0", NOON, "mastodon.example")
    assert recall.sources == (("mastodon", 5),)


def test_a_narrative_is_shown_from_its_third_mention() -> None:
    narratives = fresh()
    ids = placed(narratives, [told(text, index) for index, text in enumerate(RECALL[:3])])
    assert ids[:2] == ["", ""]
    assert ids[2]


def test_a_day_later_the_story_goes_on_under_its_id_with_new_words() -> None:
    narratives = fresh()
    first = placed(narratives, two_stories())[-2]
    later = [
        "Toaster recall: refund form of the shop does not work",
        "No refund for my toaster, the recall form crashes",
        "Refund form still broken, recall hotline dead",
        "Hotline dead, refund form broken, bravo",
    ]
    mentions = [told(text, 100 + i, at=NOON + DAY + timedelta(minutes=i)) for i, text in enumerate(later)]
    assert placed(narratives, mentions) == [first] * 4
    now = top(narratives, NOON + DAY + HOUR, since=NOON + DAY)[0]
    assert now.id == first
    assert now.first_at == NOON
    assert now.mentions == 4
    assert "refund" in now.headline.lower()


def test_copies_are_one_narrative_and_no_crowd() -> None:
    narratives = fresh()
    text = "Never buy Lumio again, boycott them all #boycottlumio"
    ids = placed(narratives, [told(text, i, at=NOON + timedelta(seconds=i), copy_key=77) for i in range(500)])
    assert len({id for id in ids if id}) == 1
    (only,) = top(narratives)
    assert (only.mentions, only.originals, only.authors) == (500, 1, 1)


def test_copies_do_not_drown_what_people_say() -> None:
    narratives = fresh()
    mentions = [*two_stories(), *(told("Lumio giveaway, click here", 100 + i, copy_key=5) for i in range(8))]
    placed(narratives, mentions)
    assert [one.originals for one in top(narratives, NOON + 3 * HOUR)] == [5, 5, 1]


def test_one_author_who_repeats_himself_counts_once() -> None:
    narratives = fresh()
    placed(narratives, [told(text, index, author="mastodon:troll") for index, text in enumerate(RECALL)])
    assert top(narratives)[0].authors == 1


def test_many_authors_are_counted_within_some_per_cent() -> None:
    narratives = fresh()
    for index in range(3_000):
        narratives.place("lumio", told(RECALL[index % 5], index, at=NOON + timedelta(seconds=index // 4)))
    assert top(narratives)[0].authors == pytest.approx(3_000, rel=0.15)


def test_growth_compares_the_last_hour_with_those_before() -> None:
    narratives = fresh()
    slow = [told(RECALL[i % 5], i, at=NOON + i * HOUR) for i in range(6)]
    fast = [told(RECALL[i % 5], 10 + i, at=NOON + 6 * HOUR + timedelta(minutes=5 * i)) for i in range(12)]
    placed(narratives, slow + fast)
    one = top(narratives, NOON + 6 * HOUR + timedelta(minutes=55))[0]
    assert one.per_hour == 12
    assert one.growth == pytest.approx(12, rel=0.2)
    young = fresh()
    placed(young, two_stories())
    assert top(young, NOON + timedelta(minutes=20))[0].growth is None


def test_french_stories_have_french_headlines() -> None:
    narratives = fresh()
    leak = [
        "Fuite de données chez Lumio : nos mots de passe sont en ligne",
        "Encore une fuite de données, Lumio n'a prévenu personne",
        "Mes données ont fuité, merci Lumio… changez vos mots de passe !",
        "La CNIL enquête sur la fuite de données de Lumio",
    ]
    late = ["Colis jamais livré", "Livraison du colis encore repoussée", "Mon colis Lumio n'est toujours pas livré"]
    ids = placed(narratives, [told(text, index) for index, text in enumerate(leak + late)])
    assert ids[3] and ids[6] and ids[3] != ids[6]
    headlines = [one.headline for one in top(narratives)]
    assert "uite de données" in headlines[0]
    assert "colis" in headlines[1].lower()


def test_hostile_texts_do_not_speak_for_a_narrative() -> None:
    narratives = fresh()
    hostile = [
        "<script>alert(1)</script> toaster recall fire",
        "toaster recall [click](javascript:alert(1)) fire",
        "<!channel> toaster recall fire ```rm -rf```",
        "toaster recall fire " + "\u202e" + "A" * 5_000,
        "toaster recall fire call me at +33 6 12 34 56 78",
    ]
    placed(narratives, [told(text, index) for index, text in enumerate(hostile)])
    assert (top(narratives)[0].quote, top(narratives)[0].headline) == ("", "")
    placed(narratives, [told(RECALL[0], 10)])
    assert top(narratives)[0].quote == RECALL[0]


@pytest.mark.parametrize("text", ["", "   ", "😡😡😡", "https://example.org/a", "Lumio", "@lumio", "the of and", "\0"])
def test_what_says_nothing_belongs_to_no_narrative(text: str) -> None:
    narratives = fresh()
    assert placed(narratives, [told(text, index) for index in range(5)]) == [""] * 5
    assert top(narratives) == ()


def test_topics_are_apart() -> None:
    narratives = fresh()
    for one in two_stories():
        narratives.place("lumio", one)
    assert narratives.top("other", NOON + HOUR, since=NOON - DAY) == ()


def test_memory_is_bounded_whatever_is_said() -> None:
    narratives = fresh()
    for index in range(10_000):
        narratives.place("lumio", told(f"w{index}a x{index}b y{index}c", index, at=NOON + timedelta(seconds=index)))
    held = narratives._topics["lumio"]
    assert top(narratives) == ()
    assert len(held.stories) <= 64
    assert held.groups.words <= 4_096
    assert held.groups.bytes <= 4_096 * 64 * 4 + 100_000


def test_a_story_survives_a_flood_of_others() -> None:
    narratives = fresh()
    before = placed(narratives, two_stories())[-2]
    for index in range(1_000):
        narratives.place("lumio", told(f"w{index}a x{index}b", 100 + index, at=NOON + timedelta(minutes=30)))
    assert narratives.place("lumio", told(RECALL[1], 9_000, at=NOON + HOUR)) == before


def test_a_crisis_that_drowns_all_else_keeps_one_id() -> None:
    narratives = fresh()
    ids = placed(narratives, two_stories())
    crisis = [
        told(f"{RECALL[i % 5]} in {town}", 100 + i, at=NOON + HOUR + timedelta(seconds=20 * i))
        for i, town in enumerate(f"town{number}" for number in range(600))
    ]
    assert set(placed(narratives, crisis)) == {ids[-2]}


def test_what_is_not_told_any_more_is_forgotten_and_said() -> None:
    narratives = fresh()
    id = placed(narratives, two_stories())[-2]
    narratives.place("lumio", told("Quite another thing", 99, at=NOON + 5 * DAY))
    assert top(narratives, NOON + 5 * DAY) == ()
    assert narratives.current("lumio", id) == ""
    assert {(one.kind, one.id) for one in narratives.changes("lumio")} >= {("faded", id)}


def test_two_narratives_that_become_one_are_merged_and_recorded() -> None:
    narratives = fresh(near=0.5, same=0.5)
    one = [told("toaster fire kitchen", i, at=NOON + timedelta(seconds=i)) for i in range(4)]
    other = [told("recall refund hotline", 10 + i, at=NOON + timedelta(seconds=10 + i)) for i in range(4)]
    first, second = placed(narratives, one)[-1], placed(narratives, other)[-1]
    assert first != second
    bridge = [
        told("toaster fire kitchen recall refund hotline", 20 + i, at=NOON + timedelta(minutes=i)) for i in range(40)
    ]
    placed(narratives, bridge)
    placed(narratives, [told("toaster fire", 90, at=NOON + 2 * HOUR)])
    (change,) = narratives.changes("lumio")
    assert (change.kind, change.id, change.into) == ("merged", second, first)
    assert narratives.current("lumio", second) == first
    (left,) = top(narratives, NOON + 3 * HOUR)
    assert (left.id, left.merged, left.mentions) == (first, (second,), 49)


def test_an_erased_mention_is_quoted_no_more() -> None:
    narratives = fresh()
    placed(narratives, two_stories())
    first = top(narratives)[0]
    assert narratives.forget([first.mention, first.first_id]) >= 1
    after = next(one for one in top(narratives) if one.id == first.id)
    assert after.mention != first.mention
    assert after.first_id == ""
    assert after.mentions == first.mentions
    narratives.forget([f"m{index}" for index in range(100)])
    assert {one.quote + one.headline for one in top(narratives)} == {""}


def test_a_backdated_mention_begins_no_story() -> None:
    narratives = fresh()
    placed(narratives, two_stories())
    assert narratives.place("lumio", told(RECALL[0], 90, at=NOON - 20_000 * DAY)) == ""
    assert top(narratives)[0].first_at >= NOON


def test_years_of_quiet_are_no_trouble() -> None:
    narratives = fresh()
    narratives.place("lumio", told(RECALL[0], 90, at=NOON - 13_000 * DAY))
    ids = placed(narratives, two_stories())
    assert len({id for id in ids if id}) == 2


def test_a_known_id_comes_back_after_it_faded() -> None:
    narratives = fresh()
    id = placed(narratives, two_stories())[-2]
    later = [(told(RECALL[i], 100 + i, at=NOON + 9 * DAY), id) for i in range(3)]
    narratives.restore("lumio", later)
    assert [one.id for one in top(narratives, NOON + 9 * DAY)] == [id]


def test_numbers_that_are_none_do_no_harm() -> None:
    narratives = fresh()
    odd = [replace(one, value=value) for one, value in zip(two_stories(), [float("nan"), 9e99] * 5, strict=True)]
    placed(narratives, odd)
    assert all(-1.0 <= one.sentiment <= 1.0 for one in top(narratives))


def test_a_restart_with_the_last_mentions_alone_keeps_the_ids() -> None:
    live = fresh()
    mentions = two_stories()
    ids = placed(live, mentions)
    again = fresh()
    again.restore("lumio", list(zip(mentions, ids, strict=True))[5:])
    assert {one.id for one in top(again)} == {one.id for one in top(live)}
    assert again.place("lumio", told(RECALL[0], 50)) == live.place("lumio", told(RECALL[0], 50))


def test_equal_times_in_equal_order_give_equal_narratives() -> None:
    mentions = [replace(one, at=NOON) for one in two_stories()]
    one, other = fresh(), fresh()
    assert placed(one, mentions) == placed(other, mentions)
    assert top(one) == top(other)


WORDS = st.sampled_from(
    ["recall", "fire", "toaster", "price", "double", "refund", "hotline", "colis", "livré", "遅延", "café", "leak"]
)
TEXTS = st.one_of(st.lists(WORDS, max_size=6).map(" ".join), st.text(max_size=30))
MENTIONS = st.lists(
    st.tuples(TEXTS, st.integers(0, 200_000), st.integers(0, 3), st.integers(0, 4), st.sampled_from(Polarity)),
    max_size=60,
)


def tales(drawn: list[tuple[str, int, int, int, Polarity]]) -> list[Told]:
    return [
        Told(
            id=f"m{index}",
            at=NOON + timedelta(seconds=seconds),
            text=text,
            folded=fold(text),
            copy_key=copy,
            author_key=f"a{author}" if author else "",
            source=f"s{author}",
            polarity=polarity,
        )
        for index, (text, seconds, copy, author, polarity) in enumerate(drawn)
    ]


@settings(max_examples=30, deadline=None)
@given(MENTIONS)
def test_law_restored_is_as_lived(drawn: list[tuple[str, int, int, int, Polarity]]) -> None:
    mentions = tales(drawn)
    live, again = fresh(most=8, vocabulary=64), fresh(most=8, vocabulary=64)
    ids = placed(live, mentions)
    again.restore("lumio", zip(mentions, ids, strict=True))
    at = NOON + 3 * DAY
    assert top(again, at, n=20) == top(live, at, n=20)
    assert again.changes("lumio") == live.changes("lumio")
    more = told("recall fire toaster", 1_000, at=at)
    assert again.place("lumio", more) == live.place("lumio", more)


@settings(max_examples=30, deadline=None)
@given(MENTIONS)
def test_law_numbers_of_a_narrative_fit_together(drawn: list[tuple[str, int, int, int, Polarity]]) -> None:
    narratives = fresh(most=8, vocabulary=64)
    mentions = tales(drawn)
    placed(narratives, mentions)
    shown = top(narratives, NOON + 3 * DAY, n=20)
    assert len({one.id for one in shown}) == len(shown) <= 8
    assert sum(one.mentions for one in shown) <= len(mentions)
    texts = {one.id: one.text for one in mentions}
    for one in shown:
        assert 1 <= one.originals <= one.mentions or one.originals == 0
        assert one.authors <= one.originals
        assert 0.0 <= one.negative + one.positive <= 1.0
        assert sum(count for _, count in one.sources) == one.mentions
        assert one.quote == "" or one.quote == texts[one.mention]
        assert one.first_at <= one.last_at


@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        "a " * 500_000,
        "# " * 500_000,
        "@" * 1_000_000,
        "é̂" * 100_000,
        "'" * 1_000_000,
        "1 " * 500_000,
        "漢" * 500_000,
    ],
    ids=["letter", "words", "tags", "handles", "marks", "quotes", "digits", "unspaced"],
)
def test_no_text_costs_much_more_than_a_long_one(text: str) -> None:
    plain = " ".join(f"word{index}" for index in range(2_000))
    usual, worst = _cost(plain), _cost(text)
    assert worst <= 10 * usual + 0.05


def _cost(text: str) -> float:
    narratives = fresh()
    mentions = [Told(id=str(i), at=NOON, text=text, folded=text, copy_key=0) for i in range(20)]
    begun = time.process_time()
    placed(narratives, mentions)
    top(narratives)
    return time.process_time() - begun


def test_the_memory_of_a_topic_is_small() -> None:
    held = fresh()
    placed(held, two_stories())
    assert held._topics["lumio"].groups.bytes < 20_000
    assert sys.getsizeof(held._topics["lumio"].stories) < 2_000
