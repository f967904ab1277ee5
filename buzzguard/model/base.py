"""What all nouns are made of, and the fault that a person is shown."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Language: TypeAlias = Literal["en", "fr"]
"""The languages in which BuzzGuard itself speaks."""

Localised: TypeAlias = dict[str, str]
"""A text a user reads, by language: `{"en": …, "fr": …}`."""

WATCHER_TOPIC = "buzzguard"
"""The topic under which BuzzGuard's own troubles (a silent stream) become incidents: the watcher is watched."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every noun: frozen, built by keyword."""


class Fault(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in a file a person wrote. Lines and columns count from 1; 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{tail}"
