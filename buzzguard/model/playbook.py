"""What a playbook holds beside its steps: statements with fields to confirm or strike, questions with answers."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from buzzguard.model.base import Record

LONGEST_ANSWER = 300
"""Characters that fill a field of a statement."""


class FieldKind(StrEnum):
    """What a field of a statement asks for: a fact that somebody has confirmed, what is openly not known yet, or
    plain words (a name, a time, an address)."""

    CONFIRM = "confirm"
    UNKNOWN = "unknown"
    FILL = "fill"


class StatementField(Record, frozen=True, kw_only=True):
    """A field that is filled or struck before anybody approves the statement. `key` is the same in both languages."""

    key: str
    kind: FieldKind
    what: str


Part: TypeAlias = str | StatementField
"""A stretch of text as it stands, or a field."""


class Statement(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A statement kept ready: paragraphs of texts and fields, plain text, the incident's variables still in it.

    `key` is its place among the playbook's statements, from 1: the same in both languages. A field that is asked for
    twice has one key.
    """

    key: str
    title: str
    paragraphs: tuple[tuple[Part, ...], ...]

    @property
    def fields(self) -> tuple[StatementField, ...]:
        """The fields in their order, each once."""
        parts = (part for paragraph in self.paragraphs for part in paragraph)
        return tuple({part.key: part for part in parts if isinstance(part, StatementField)}.values())


class Question(Record, frozen=True, kw_only=True):
    """What people will ask, and what to answer or how; fields stand in the answer as they are written."""

    question: str
    answer: str
