"""What an encoder reads of a text: emoji by their names, addresses and handles as one word each.

The vocabularies of encoders hold hardly any emoji: each would become the unknown piece, and the strongest signal of a
short text would be lost. Written by name (`pouting face`) it is in the vocabulary. Training reads texts the same way.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import cache

MAX_CHARACTERS = 1_000
"""What is read of a text; its names of emoji may be as long again."""

_ADDRESS = re.compile(r"https?\S*|www\.\S+|\bhttp\b")
_HANDLE = re.compile(r"@\w+")
_EMOJI = re.compile("([\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff])\\1*\ufe0f?")
"""A run of one emoji is named once: said five times it means what it means once."""
_UNREADABLE = re.compile("[\ud800-\udfff\x00]")


def prepared(text: str) -> str:
    """What an encoder reads of a text, on one line. Any text gives valid Unicode of bounded length."""
    text = text[:MAX_CHARACTERS]
    if "&" in text:
        text = html.unescape(text)
    if "http" in text or "www." in text:
        text = _ADDRESS.sub("http", text)
    if "@" in text:
        text = _HANDLE.sub("@user", text)
    if not text.isascii():
        text = _EMOJI.sub(_named, _UNREADABLE.sub(" ", text))
    return " ".join(text.replace("\x00", " ").split())[: 2 * MAX_CHARACTERS]


def _named(found: re.Match[str]) -> str:
    return _name(found[1])


@cache
def _name(emoji: str) -> str:
    name = unicodedata.name(emoji, "").lower().replace(" sign", "").replace("with ", "")
    return f" {name} " if name else " "
