"""What the quick tier sees of a text: hashed n-grams of characters and words, without a loop over them in Python.

Characters: 2 to 5 in a row within a word and its edges. Words: alone and in pairs; a symbol (punctuation, an emoji)
is a word of its own. Both are hashed into tables of `SIZE` rows each (hashed n-grams: Weinberger et al. 2009;
character n-grams within words: fastText, Bojanowski et al. 2017). Hashes are arithmetic on code points: they are the
same in every process, and what was trained on them stays valid. Scoring and training both use this file.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

MAX_CHARACTERS = 1_000
"""What is read of a text: bounds the work for any input."""
BITS = 20
SIZE = 1 << BITS
"""Rows for character n-grams, and as many again, after them, for words."""
ROWS = 2 * SIZE
LONGEST = 5
"""Characters in the longest n-gram; the shortest has two."""

Hashes: TypeAlias = NDArray[np.uint64]
Numbers: TypeAlias = NDArray[np.int64]

_ADDRESS = re.compile(r"https?\S*|www\.\S+|\bhttp\b")
_HANDLE = re.compile(r"@\w+")
_DRAWN_OUT = re.compile(r"(.)\1{3,}")
_ADDRESS_SIGN, _HANDLE_SIGN = "\ue000", "\ue001"

_APART, _LETTER, _SYMBOL = 0, 1, 2
_KNOWN_CODES = 0x40000
"""Above lie no letters: what is there counts as white space."""
_EDGE = np.uint64(1)
_SHIFT = np.uint64(7)
"""Keeps every code point off the edge's value."""
_PRIME = np.uint64(1099511628211)
_MASK = np.uint64(SIZE - 1)


class Block(NamedTuple):
    """The n-grams of one kind: text `i` has the rows `rows[start[i]:start[i + 1]]`, a repeated n-gram repeatedly.

    `rows` counts in the whole table (words begin at `SIZE`). With ones as data it is a CSR matrix.
    """

    rows: NDArray[np.int32]
    start: Numbers


class Features(NamedTuple):
    """The n-grams of several texts, in their order."""

    chars: Block
    words: Block


def normalised(text: str) -> str:
    """What is hashed of a text: lower case, addresses and handles as one sign each, drawn-out letters cut to three."""
    text = text[:MAX_CHARACTERS]
    if "&" in text:
        text = html.unescape(text)
    if "http" in text or "www." in text:
        text = _ADDRESS.sub(_ADDRESS_SIGN, text)
    if "@" in text:
        text = _HANDLE.sub(_HANDLE_SIGN, text)
    return _DRAWN_OUT.sub(r"\1\1\1", text.lower().replace("\u2019", "'"))


def hashed(texts: Sequence[str]) -> Features:
    """The n-grams of each text. Never raises for a text; one without letters or symbols has none."""
    if not texts:
        return _nothing(0)
    bodies = [f" {normalised(text)} " for text in texts]
    lengths = np.fromiter(map(len, bodies), np.int64, len(bodies))
    codes = np.frombuffer("".join(bodies).encode("utf-32-le", "surrogatepass"), np.uint32)
    kinds = np.take(_kinds(), codes, mode="clip")
    letter = kinds == _LETTER
    # Each text begins and ends with a space: a change of kind is a word's first letter or the place after its last.
    changes = np.flatnonzero(letter[1:] != letter[:-1]) + 1
    starts, ends = changes[::2], changes[1::2]
    words = _Words(codes[letter].astype(np.uint64) + _SHIFT, starts, ends - starts)
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    return Features(_characters(words, bounds), _tokens(words, codes, kinds == _SYMBOL, bounds))


class _Words(NamedTuple):
    """The letters of all words in a row (shifted code points), where each word begins in the text, and its length."""

    letters: Hashes
    starts: Numbers
    lengths: Numbers


def _nothing(texts: int) -> Features:
    empty = Block(np.zeros(0, np.int32), np.zeros(texts + 1, np.int64))
    return Features(empty, empty)


def _characters(words: _Words, bounds: Numbers) -> Block:
    offsets = np.concatenate([[0], np.cumsum(words.lengths + 2)])
    total = int(offsets[-1])
    edged = np.full(total + LONGEST, _EDGE, np.uint64)
    within = np.ones(total, bool)
    within[offsets[:-1]] = False
    within[offsets[1:] - 1] = False
    edged[:total][within] = words.letters
    # How many characters of its word each place has from itself on: an n-gram longer than that leaves the word.
    left = np.repeat(offsets[1:], words.lengths + 2) - np.arange(total)
    hashes = np.empty((total, LONGEST - 1), np.uint64)
    rolling = edged[:total]
    for length in range(2, LONGEST + 1):
        rolling = rolling * _PRIME + edged[length - 1 : length - 1 + total]
        hashes[:, length - 2] = rolling + np.uint64(length * 0x51ED27)
    fits = left[:, None] >= np.arange(2, LONGEST + 1)
    first_words = np.searchsorted(words.starts, bounds)
    counts = np.concatenate([[0], np.cumsum(np.count_nonzero(fits, axis=1))])
    return Block(_rows(hashes[fits]), counts[offsets[first_words]])


def _tokens(words: _Words, codes: NDArray[np.uint32], symbol: NDArray[np.bool_], bounds: Numbers) -> Block:
    hashes = np.zeros(len(codes), np.uint64)
    hashes[symbol] = codes[symbol].astype(np.uint64) * np.uint64(0xABCD1234567)
    token = symbol.copy()
    if len(words.starts):
        hashes[words.starts] = _whole(words)
        token[words.starts] = True
    places = np.flatnonzero(token)
    count = len(places)
    alone = _mixed(hashes[places])
    grams = np.empty((count, 2), np.uint64)
    grams[:, 0] = alone
    grams[:-1, 1] = _mixed(alone[:-1] * np.uint64(31) + alone[1:] + np.uint64(99))
    firsts = np.searchsorted(places, bounds)
    paired = np.ones((count, 2), bool)
    # The last token of a text has no next one to pair with.
    paired[firsts[1:][firsts[1:] > firsts[:-1]] - 1, 1] = False
    pairs_before = np.concatenate([[0], np.cumsum(paired[:, 1])])
    index = (grams[paired] & _MASK).astype(np.int32) + np.int32(SIZE)
    return Block(index, firsts + pairs_before[firsts])


def _whole(words: _Words) -> Hashes:
    """The hash of each word: a polynomial of its letters."""
    begins = np.cumsum(words.lengths) - words.lengths
    place = np.arange(len(words.letters)) - np.repeat(begins, words.lengths)
    powers = _powers()[np.minimum(place, MAX_CHARACTERS)]
    return np.add.reduceat(words.letters * powers, begins)


@cache
def _powers() -> Hashes:
    powers = np.full(MAX_CHARACTERS + 1, _PRIME, np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


def _rows(hashes: Hashes) -> NDArray[np.int32]:
    return (_mixed(hashes) & _MASK).astype(np.int32)


def _mixed(hashes: Hashes) -> Hashes:
    """Spreads what differs in any bit over the low ones (the finaliser of SplitMix, one round)."""
    hashes = hashes ^ (hashes >> np.uint64(29))
    hashes *= np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(32)
    return hashes


@cache
def _kinds() -> NDArray[np.uint8]:
    """For each code point whether it separates, is a letter, or stands for itself."""
    kinds = np.array(
        [_kind(category) for category in map(unicodedata.category, map(chr, range(_KNOWN_CODES)))], np.uint8
    )
    for code in map(ord, "'#_"):
        kinds[code] = _LETTER
    # How an emoji is drawn says nothing.
    kinds[0xFE00:0xFE10] = _APART
    kinds[-1] = _APART
    return kinds


def _kind(category: str) -> int:
    if category[0] in "LNM":
        return _LETTER
    return _SYMBOL if category[0] in "SP" or category == "Co" else _APART
