"""Where a word ends: in scripts with spaces at what is no letter, in others nowhere that can be seen."""

from __future__ import annotations

import re

# Scripts written without spaces between words, or with endings glued on (Hangul: syllables, and the letters into which
# folding takes them apart).
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_SIGILS = "#@"


def unspaced(character: str) -> bool:
    """Whether it belongs to a script in which a word's edge cannot be seen."""
    return character >= "\u0e00" and _UNSPACED.match(character) is not None


def in_word(character: str) -> bool:
    """Whether a word goes on here: a letter or digit of a script with spaces, or `_`."""
    return (character.isalnum() or character == "_") and not unspaced(character)


def needs_left(character: str) -> bool:
    """Whether a term that begins so must not stand behind a letter: `@acme` is not in `jobs@acme.example`."""
    return in_word(character) or character in _SIGILS


def open_syllable(character: str) -> bool:
    """Whether it is a vowel or last consonant of Hangul: a syllable that is not over."""
    return "\u1160" <= character <= "\u11ff"
