"""Bounded inflation."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.inflate import Damaged, Inflate, TooLarge

LIMIT = 100_000


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("", bytes),
    ],
)
@given(body=st.binary(max_size=3_000), cuts=st.lists(st.integers(1, 50), max_size=40))
def test_what_was_packed_comes_back_however_it_is_cut(
    encoding: str, pack: Callable[[bytes], bytes], body: bytes, cuts: list[int]
) -> None:
    inflate, packed = Inflate(encoding, limit=LIMIT), pack(body)
    for cut in cuts:
        inflate.feed(packed[:cut])
        packed = packed[cut:]
    inflate.feed(packed)
    assert inflate.body == body
    assert inflate.whole


def test_a_bomb_is_stopped_before_it_fills_memory() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    inflate = Inflate("gzip", limit=LIMIT)
    with pytest.raises(TooLarge):
        inflate.feed(bomb[:90_000])
    assert len(inflate.body) <= LIMIT + 1


def test_a_body_that_fills_the_limit_exactly_is_taken() -> None:
    inflate = Inflate("gzip", limit=LIMIT)
    inflate.feed(gzip.compress(bytes(LIMIT)))
    assert len(inflate.body) == LIMIT


def test_members_of_gzip_are_joined_and_padding_behind_them_is_ignored() -> None:
    inflate = Inflate("gzip", limit=LIMIT)
    inflate.feed(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(100))
    assert inflate.body == b"one two"
    assert inflate.whole


def test_endless_empty_members_are_an_attack() -> None:
    inflate = Inflate("gzip", limit=LIMIT)
    with pytest.raises(Damaged):
        inflate.feed(gzip.compress(b"") * 2_000)


def test_what_came_before_a_break_stays_readable() -> None:
    inflate = Inflate("gzip", limit=LIMIT)
    inflate.feed(gzip.compress(bytes(range(256)) * 100)[:-20])
    assert inflate.body.startswith(bytes(range(200)))
    assert not inflate.whole


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_an_encoding_that_was_not_offered_is_refused(encoding: str) -> None:
    with pytest.raises(Damaged):
        Inflate(encoding, limit=LIMIT)


def test_garbage_is_damaged() -> None:
    with pytest.raises(Damaged):
        Inflate("gzip", limit=LIMIT).feed(b"<rss>")
