"""Sentences written by hand before the terms and examples of the shipped themes, and never put among them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("held_out.jsonl")


class Labelled(NamedTuple):
    """A sentence with its language and the themes that a person gave it (none: about nothing of them)."""

    text: str
    language: str
    themes: tuple[str, ...]


def held_out() -> list[Labelled]:
    """All of them, in order."""
    rows = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    return [Labelled(row["text"], row["language"], tuple(row["themes"])) for row in rows]
