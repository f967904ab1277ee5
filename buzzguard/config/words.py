"""Words for faults: what was written, shown safely, and what may have been meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 40
_LONGEST_LINE = 300
_SPACES = "\u00a0\u202f"
"""Blanks of French typography: Python calls them unprintable, every terminal shows them."""


def show(word: str) -> str:
    """A text from outside, fit for one line of a terminal: cut to 40 characters, control characters escaped."""
    return safe(word if len(word) <= _LONGEST else word[: _LONGEST - 1] + "…")


def safe(text: str) -> str:
    """A message that may hold texts from outside, fit for a terminal: control characters escaped, at most a line."""
    cut = text[:_LONGEST_LINE]
    return "".join(one if one.isprintable() or one in _SPACES else f"\\u{ord(one):04x}" for one in cut)


def suggest(word: str, choices: Iterable[str]) -> str:
    """A hint for a word that is none of `choices`: ``did you mean `negative`?``; empty when none is near."""
    known = {choice.lower(): choice for choice in choices}
    near = difflib.get_close_matches(word.lower()[: 2 * _LONGEST], known, n=1, cutoff=0.6)
    return f"did you mean `{show(known[near[0]])}`?" if near else ""


def listed(choices: Iterable[str], *, last: str = "or") -> str:
    """Choices as a person lists them: `a`, `b` or `c`."""
    quoted = [f"`{show(choice)}`" for choice in choices]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"
