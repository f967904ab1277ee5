"""What is kept of those who write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.model import Author, Mention
from buzzguard.understand.privacy import Keeper, Kept

KEY, SALT = b"k" * 32, b"s" * 16
NOW = datetime(2026, 3, 2, 12, 34, tzinfo=UTC)
AUTHORS = st.builds(Author, id=st.text(max_size=5), handle=st.text(max_size=5), name=st.text(max_size=5))
SOURCES = st.text(max_size=3)


def counted(author: Author, source: str) -> str:
    mention = Mention(id="1", stream="s", source=source, published=NOW, fetched=NOW, text="t", author=author)
    return mention.author_key


@given(AUTHORS, SOURCES, AUTHORS, SOURCES)
def test_hashed_authors_are_counted_as_they_were(one: Author, source: str, two: Author, other: str) -> None:
    keeper = Keeper("hash", KEY)
    before = (source, one.id or one.handle) == (other, two.id or two.handle)
    first, second = keeper.keep(one, source), keeper.keep(two, other)
    assert bool(counted(first, source)) == bool(counted(one, source))
    if one.id or one.handle:
        assert (first.id == second.id) == before


@given(AUTHORS, SOURCES)
def test_keeping_twice_keeps_the_same_and_another_key_another(author: Author, source: str) -> None:
    keeper, export = Keeper("hash", KEY), Keeper("hash", SALT)
    kept = keeper.keep(author, source)
    assert keeper.keep(kept, source) == kept
    if kept.id:
        assert export.keep(author, source).id != kept.id
        assert export.keep(kept, source).id not in ("", kept.id)


@given(AUTHORS, SOURCES)
def test_neither_name_nor_handle_is_left(author: Author, source: str) -> None:
    for keeper in (Keeper("hash", KEY), Keeper("nothing")):
        kept = keeper.keep(author, source)
        assert (kept.handle, kept.name) == ("", "")
    assert Keeper("nothing").keep(author, source).id == ""
    assert Keeper("handle").keep(author, source) is author


def test_what_measures_is_kept_and_a_birthday_is_a_day() -> None:
    author = Author(id="7", handle="jo", followers=12_345, verified=True, created=NOW)
    kept = Keeper("hash", KEY).keep(author, "x")
    assert (kept.followers, kept.verified) == (12_345, True)
    assert kept.created == datetime(2026, 3, 2, tzinfo=UTC)
    assert kept.id == Keeper("hash", KEY).keep(author, "x").id == "~6029.b819d84567feb76cd2deef80"


def test_a_mention_is_reduced_and_its_text_stays() -> None:
    mention = Mention(
        id="1", stream="s", source="x", published=NOW, fetched=NOW, text="thanks @al", author=Author(handle="jo")
    )
    reduced = Keeper("nothing").reduce(mention)
    assert (reduced.author, reduced.text) == (Author(), "thanks @al")
    assert Keeper("handle").reduce(mention) is mention


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 65])
def test_a_weak_key_is_refused(key: bytes) -> None:
    kept: Kept = "hash"
    with pytest.raises(ValueError, match="a key has 16 to 64 bytes"):
        Keeper(kept, key)
