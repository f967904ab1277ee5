"""Which mentions an alert quotes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.measure.quotes import BIN, KEPT, QuoteBook
from buzzguard.measure.tally import fact_of
from buzzguard.model import Polarity, ScoredMention
from tests.measure.builders import mention

BAD = Polarity.NEGATIVE


def book(*mentions: ScoredMention) -> QuoteBook:
    made = QuoteBook()
    for index, one in enumerate(mentions):
        made.add(one, fact_of(one, index % 3))
    return made


def urls(made: QuoteBook, limit: int = 10) -> list[str]:
    return [quote.url.rpartition("/")[2] for quote in made.best(0, 60, limit)]


def test_negative_mentions_come_first_then_those_with_the_larger_audience() -> None:
    made = book(
        mention("praise", 0, author="a", followers=10**6),
        mention("small", 0, author="b", polarity=BAD, followers=10),
        mention("large", 0, author="c", polarity=BAD, followers=500),
        mention("liked", 0, author="d", polarity=BAD, followers=10, likes=9),
    )
    assert urls(made) == ["liked", "large", "small", "praise"]
    assert urls(made, 2) == ["liked", "large"]


def test_an_author_is_quoted_once_and_so_is_a_text() -> None:
    made = book(
        mention("1", 0, author="a", polarity=BAD, followers=3),
        mention("2", 0, author="a", polarity=BAD, followers=2),
        mention("3", 0, author="b", polarity=BAD, followers=1, key=7),
        mention("4", 0, author="c", polarity=BAD, key=7),
    )
    assert urls(made) == ["1", "3"]


def test_neither_one_author_nor_one_text_crowds_out_the_others() -> None:
    flood = [mention(f"f{index}", 0, author="loud", polarity=BAD, followers=10**6) for index in range(50)]
    copies = [mention(f"c{index}", 0, author=f"c{index}", polarity=BAD, followers=10**6, key=1) for index in range(50)]
    other = mention("other", 0, author="x", polarity=BAD)
    assert urls(book(*flood, other)) == ["f9", "other"]
    assert urls(book(*copies, other)) == ["c9", "other"]


def test_a_long_text_is_cut_between_words() -> None:
    made = book(mention("1", 0, text="word " * 100, author="a"), mention("2", 0, text="x" * 400, author="b"))
    for quote in made.best(0, 60, 2):
        assert len(quote.text) <= 280 and quote.text.endswith("…")
    assert any(quote.text.endswith("word…") for quote in made.best(0, 60, 2))


@pytest.mark.parametrize("title", ["My kettle melted", "My kettle melted…", "My kettle melted ...", "My kettle…", ""])
def test_a_title_that_is_the_beginning_of_its_text_is_not_quoted_twice(title: str) -> None:
    text = "My kettle melted while I was pouring."
    one = mention("1", 0, text=text)
    made = book(replace(one, mention=replace(one.mention, title=title)))
    assert [quote.text for quote in made.best(0, 60, 1)] == [text]


def test_only_mentions_of_the_window_are_quoted_and_old_ones_forgotten() -> None:
    made = QuoteBook()
    made.add(old := mention("old", 0), fact_of(old, 2))
    made.add(new := mention("new", 4), fact_of(new, 4))
    assert [quote.url for quote in made.best(3, 8, 5)] == ["https://example.org/new"]
    made.forget(BIN)
    assert made.best(0, 60, 5) == ()


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 9), st.integers(0, 5), st.booleans()), max_size=40
    ).flatmap(lambda facts: st.tuples(st.just(facts), st.permutations(range(len(facts)))))
)
@settings(deadline=None)
def test_the_choice_does_not_depend_on_the_order_of_arrival(
    drawn: tuple[list[tuple[str, int, int, bool]], list[int]],
) -> None:
    facts, order = drawn
    made = [
        mention(str(index), 0, author=author, followers=followers, key=key, polarity=BAD if bad else Polarity.NEUTRAL)
        for index, (author, followers, key, bad) in enumerate(facts)
    ]
    one, other = QuoteBook(), QuoteBook()
    for item in made:
        one.add(item, fact_of(item, 0))
    for index in order:
        other.add(made[index], fact_of(made[index], 0))
    assert one.best(0, 60, KEPT) == other.best(0, 60, KEPT)


def test_copies_with_their_own_address_are_quoted_once() -> None:
    made = book(*(mention(str(n), 0, author=f"bot {n}", copy_key=9, followers=n) for n in range(4)))
    assert urls(made) == ["3"]
