"""From people: what they say a mention is, which corrects what the machine said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from buzzguard.model.base import Record
from buzzguard.model.handling import Person


class ClickKind(StrEnum):
    """What a person says of a mention; `undo` takes back an earlier click."""

    NEGATIVE = "negative"
    NOT_NEGATIVE = "not_negative"
    ABOUT_US = "about_us"
    NOT_ABOUT_US = "not_about_us"
    UNDO = "undo"


class Click(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person's correction of one mention: a fact that is stored; what was learned is rebuilt from all of them.

    `text` is the plain text that the scorer read (title included), kept so that the lesson outlives the mention;
    `language` is its language. `topic` is the topic that it is, or is not, about. `author` is the mention's
    `author_key`, by which it is erased. `undoes` is the id of the click that an `undo` takes back. The same id
    delivered twice counts once.
    """

    id: str
    kind: ClickKind
    mention: str
    who: Person
    at: datetime
    text: str = ""
    language: str = ""
    topic: str = ""
    author: str = ""
    undoes: str = ""
