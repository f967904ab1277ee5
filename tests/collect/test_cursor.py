"""The memory of a feed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.cursor import advance, load_cursor, mark

URL = "https://press.example/feed"


def test_a_cursor_comes_back_as_it_was() -> None:
    cursor = advance(
        load_cursor("", address=URL), listed=["a", "b"], etag='W/"1"', modified="Sun", moved="https://n.example/"
    )
    assert load_cursor(cursor.dump(), address=URL) == cursor


@given(st.text(max_size=100))
def test_a_damaged_cursor_is_an_empty_one(text: str) -> None:
    assert load_cursor(text, address=URL).seen == ()


def test_what_belongs_to_another_address_is_forgotten_but_not_what_was_seen() -> None:
    cursor = advance(load_cursor("", address=URL), listed=["a"], etag="1", moved="https://n.example/")
    other = load_cursor(cursor.dump(), address="https://other.example/")
    assert (other.etag, other.moved, other.seen) == ("", "", ("a",))


def test_the_memory_is_bounded_by_what_is_listed_and_a_margin() -> None:
    cursor = load_cursor("", address=URL)
    for day in range(100):
        cursor = advance(cursor, listed=[mark(f"{day}-{n}") for n in range(20)])
    assert len(cursor.seen) == 220
    assert mark("99-0") in cursor.seen
    assert mark("90-0") in cursor.seen


def test_validators_of_absurd_length_are_not_kept() -> None:
    assert advance(load_cursor("", address=URL), listed=[], etag="x" * 9_999).etag == ""
