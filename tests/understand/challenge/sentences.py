"""The challenge set: hand-written sentences by phenomenon, with the side that they take for a brand's reputation.

`negative` is what a comms team would file as bad news for the brand that is spoken of, `positive` as good news; the
rest is `neutral`. A sentence with a `target` is labelled for that target alone, and may stand here once for each.
News of a crisis is bad news, however soberly it is told. Nothing may be trained on this set.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from buzzguard.model import Polarity

LANGUAGES = ("fr", "en")
HERE = Path(__file__).parent


class Sentence(NamedTuple):
    """One sentence with its label. `target` is empty where it speaks of one brand only."""

    text: str
    label: Polarity
    phenomenon: str
    language: str
    target: str = ""


def read_challenge(language: str) -> list[Sentence]:
    """The sentences of a language, in order. Raises ValueError or KeyError for a line that is none."""
    lines = (HERE / f"{language}.jsonl").read_text("utf-8").splitlines()
    return [_sentence(json.loads(line), language) for line in lines]


def _sentence(row: dict[str, str], language: str) -> Sentence:
    return Sentence(
        text=row["text"],
        label=Polarity(row["label"]),
        phenomenon=row["phenomenon"],
        language=language,
        target=row.get("target", ""),
    )
