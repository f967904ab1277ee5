"""How texts of a corpus are cleaned, and when two are the same."""

from __future__ import annotations

import html
import re

MAX_CHARACTERS = 1_000
"""What is read of a text, as when scoring."""
_ADDRESS = re.compile(r"https?\s*//\s*t\.\s*co\s*/\s*\S+|https?\S*|www\.\S+")
"""Also addresses that a tokeniser took apart (`http // t. co / Ab1`)."""
_HANDLE = re.compile(r"@\w+")


def cleaned(text: str) -> str:
    """Entities resolved, addresses as `http`, handles as `@user`, white space as one space."""
    text = html.unescape(text[:MAX_CHARACTERS])
    text = _HANDLE.sub("@user", _ADDRESS.sub("http", text))
    return " ".join(text.split())


def identity(text: str) -> str:
    """Equal for texts that differ in addresses, handles, case, punctuation and spaces alone; empty when no more is
    there."""
    bare = _HANDLE.sub(" ", _ADDRESS.sub(" ", html.unescape(text)))
    return "".join(filter(str.isalnum, bare.lower()))
