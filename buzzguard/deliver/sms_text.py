"""A card in a text message of at most two segments, counted as the networks count.

A segment holds 160 characters of GSM 03.38 (those of its extension count two), 70 of UCS-2; of two joined ones each
holds 153 and 67. One `ê` or `ç` would more than halve the room, so French is written without the accents that GSM
lacks; a name in another script is left as it is.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from buzzguard.deliver.escape import ELLIPSIS, clean, graphemes, units
from buzzguard.deliver.outline import Outline

MAX_SEGMENTS = 2
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_WRITTEN = {
    **{"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", ELLIPSIS: "...", "·": "-"},
    **{"\u00a0": " ", "\u202f": " ", "œ": "oe", "Œ": "OE", "×": "x", "→": ">", "✗": "x", "≥": ">=", "−": "-"},
}


class Size(NamedTuple):
    """How a text travels."""

    encoding: str
    segments: int


def size(text: str) -> Size:
    """The encoding (`GSM-7` or `UCS-2`) and how many segments."""
    if all(char in _BASIC or char in _EXTENSION for char in text):
        septets = len(text) + sum(char in _EXTENSION for char in text)
        return Size("GSM-7", 1 if septets <= 160 else -(-septets // 153))
    count = units(text)
    return Size("UCS-2", 1 if count <= 70 else -(-count // 67))


def simple(text: str) -> str:
    """The text on one line in the alphabet of GSM, as far as its letters have a form there."""
    shown = "".join(_WRITTEN.get(char, char) for char in clean(text))
    # A quotation mark stands without the space that French puts within.
    shown = shown.replace('" ', '"', 1) if shown.startswith('" ') else shown
    return "".join(char if char in _BASIC or char in _EXTENSION else _bare(char) for char in shown)


def sms_text(outline: Outline) -> str:
    """The heading, what happens, who has it: what fits into two segments, cut between visible characters; what comes
    after that, whole or not at all."""
    text = simple(outline.heading)
    must = len(outline.what) + 1
    for at, sentence in enumerate((*outline.what, *outline.state)):
        longer = f"{text}. {simple(sentence)}" if text[-1:] not in ".!?" else f"{text} {simple(sentence)}"
        if size(longer).segments > MAX_SEGMENTS:
            return _cut(longer) if at < must else text
        text = longer
    return _cut(text)


def _cut(text: str) -> str:
    pieces = graphemes(text)
    if size(text).segments <= MAX_SEGMENTS:
        return text
    low, high = 0, len(pieces)
    while low < high:
        middle = (low + high + 1) // 2
        fits = size("".join(pieces[:middle]) + "...").segments <= MAX_SEGMENTS
        low, high = (middle, high) if fits else (low, middle - 1)
    return "".join(pieces[:low]).rstrip() + "..."


def _bare(char: str) -> str:
    base = unicodedata.normalize("NFD", char)[:1]
    return base if base in _BASIC else char
