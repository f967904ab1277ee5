"""Folding: what must compare equal when people write a name by different keys.

`Acmé`, `ACME` and `acme` fold to the same text; so do `L’Oréal` and `l'oreal`, `Coca-Cola` and `coca cola`.
"""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+")
_SPACES = re.compile(" {2,}")
# Letters that Unicode does not decompose, and punctuation that keyboards and editors vary. A chain of `replace` is
# several times faster than `translate` on texts that hold few of them.
_SAME = (
    ("’", "'"),
    ("‘", "'"),
    ("ʼ", "'"),
    ("´", "'"),
    ("`", "'"),
    ("′", "'"),
    ("œ", "oe"),
    ("æ", "ae"),
    ("ø", "o"),
    ("ł", "l"),
    ("đ", "d"),
    ("ı", "i"),
    ("‐", " "),
    ("‑", " "),
    ("‒", " "),
    ("–", " "),
    ("—", " "),
    ("−", " "),
)
# Decomposition would glue these to the name before them: `Acme™` would read `acmetm`.
_GLUED = (("™", ""), ("℠", ""), ("®", ""), ("´", "'"))
_SAME_SIGNS = (*(pair for pair in _SAME if not pair[0].isalpha() or pair[1] == "'"), ("-", " "))


def fold(text: str) -> str:
    """`text` without case, accents and typographic variants; hyphens become spaces, runs of spaces one space.

    Folding a folded text changes nothing. Positions are not kept. Nearly free for ASCII.
    """
    folded = text.lower() if text.isascii() else _fold_unicode(text)
    if "-" in folded:
        folded = folded.replace("-", " ")
    if "`" in folded:
        folded = folded.replace("`", "'")
    return _SPACES.sub(" ", folded) if "  " in folded else folded


def _fold_unicode(text: str) -> str:
    for mark, plain in _GLUED:
        if mark in text:
            text = text.replace(mark, plain)
    folded = _MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    if folded.isascii():
        return folded
    for variant, plain in _SAME:
        if variant in folded:
            folded = folded.replace(variant, plain)
    # Casefolding may bring back a decomposable letter (Cherokee, Greek iota): rare, hence checked first.
    if not unicodedata.is_normalized("NFKD", folded):
        folded = _MARKS.sub("", unicodedata.normalize("NFKD", folded)).casefold()
    return folded


def exact_form(text: str) -> str:
    """`text` with case and accents as written; apostrophes, hyphens, trade marks and spaces as `fold` has them."""
    text = unicodedata.normalize("NFC", text)
    for mark, plain in _GLUED:
        text = text.replace(mark, plain)
    for variant, plain in _SAME_SIGNS:
        text = text.replace(variant, plain)
    return _SPACES.sub(" ", text)


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """What `fold` returns, and for each of its characters the index in `text` of the one that it comes from.

    One more index, `len(text)`, stands at the end: what was folded to `[start:end]` is
    `text[places[start]:places[end]]` with the marks and doubled spaces that follow. Several times slower than `fold`.
    """
    if text.isascii() and "  " not in (folded := fold(text)) and len(folded) == len(text):
        return folded, list(range(len(text) + 1))
    letters: list[str] = []
    places: list[int] = []
    for index, character in enumerate(text):
        for letter in _bare(character):
            if letter == " " and letters and letters[-1] == " ":
                continue
            letters.append(letter)
            places.append(index)
    places.append(len(text))
    return "".join(letters), places


def _bare(character: str) -> str:
    if character.isascii():
        return {"-": " ", "`": "'"}.get(character) or character.lower()
    return fold(character)
