"""What Slack's modals are built of and read from: fields within Block Kit's limits, and what people put in them.

A field is an input block; its name is the block's id. What a modal is about travels in its `private_metadata`, which
comes back from outside and is read without trust.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

from buzzguard.deliver.escape import plain, truncate, units
from buzzguard.deliver.slack_payload import (
    INCIDENT,
    LONGEST_TEXT,
    PERSON_ID,
    SLACK_ID,
    STAMP,
    matching,
    part,
    text_at,
    typed,
)
from buzzguard.deliver.slack_words import FieldWords, SlackWords
from buzzguard.model import Language, Record

View: TypeAlias = dict[str, Any]
Block: TypeAlias = dict[str, Any]
Option: TypeAlias = dict[str, Any]

PREFIX = "bg_"
"""Of the `callback_id` of our modals."""
MOST_OPTIONS, MOST_TICKS, MOST_BLOCKS = 100, 10, 100
"""Of a select, of boxes to tick, of a modal."""
LONGEST_VALUE = 150
"""Of an option."""
_TEXT, _TITLE, _LABEL, _HINT, _PLACEHOLDER, _SECTION = 75, 24, 2_000, 2_000, 150, 3_000
_VALUE = "value"
_MOST_CHOSEN = 200
_LATEST = 4_102_444_800
"""2100: no statement is published later, and no instant overflows before."""


class Meta(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a modal is about, and where it was opened: the incident, and the statement or the draft (`what`).

    `replaces` is the draft that a new one takes the place of.
    """

    incident: str = ""
    language: Language = "en"
    channel: str = ""
    thread: str = ""
    what: str = ""
    replaces: str = ""

    def written(self) -> str:
        """As it stands in `private_metadata`."""
        return msgspec.json.encode(self).decode()


def read_meta(view: object) -> Meta | None:
    """What a modal is about; None when it is none that we wrote."""
    try:
        found = msgspec.json.decode(text_at(view, "private_metadata").encode("utf-8", "replace"), type=Meta)
    except (msgspec.DecodeError, RecursionError):
        return None
    if found.incident and not INCIDENT.fullmatch(found.incident):
        return None
    if any(value and not INCIDENT.fullmatch(value) for value in (found.what, found.replaces)):
        return None
    return Meta(
        incident=found.incident,
        language=found.language,
        channel=matching(SLACK_ID, found.channel),
        thread=matching(STAMP, found.thread),
        what=found.what,
        replaces=found.replaces,
    )


class Values:
    """What was put into the fields of a submitted modal."""

    def __init__(self, view: object) -> None:
        values = part(view, "state", "values")
        self._values: Mapping[str, Any] = values if isinstance(values, Mapping) else {}

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that came back."""
        return tuple(name for name in list(self._values)[:MOST_BLOCKS] if isinstance(name, str))

    def text(self, field: str, limit: int = LONGEST_TEXT) -> str:
        """What was typed; empty for nothing."""
        return typed(part(self._values, field, _VALUE, "value"), limit)

    def one(self, field: str) -> str:
        """The value of the option chosen; empty for none."""
        return text_at(self._values, field, _VALUE, "selected_option", "value")[:LONGEST_VALUE]

    def many(self, field: str) -> tuple[str, ...]:
        """The values of the options chosen, each once."""
        chosen = part(self._values, field, _VALUE, "selected_options")
        options = chosen[:_MOST_CHOSEN] if isinstance(chosen, list) else []
        found = (text_at(option, "value")[:LONGEST_VALUE] for option in options)
        return tuple(dict.fromkeys(value for value in found if value))

    def user(self, field: str) -> str:
        """The Slack id of the person chosen; empty for nobody."""
        return matching(PERSON_ID, text_at(self._values, field, _VALUE, "selected_user"))

    def moment(self, field: str) -> datetime | None:
        """The instant chosen; None for none."""
        chosen = part(self._values, field, _VALUE, "selected_date_time")
        if not isinstance(chosen, int) or isinstance(chosen, bool) or not 0 < chosen < _LATEST:
            return None
        return datetime.fromtimestamp(chosen, UTC)

    def fingerprint(self) -> str:
        """All of it, for recognising the same submission."""
        return json.dumps(self._values, sort_keys=True, default=str)


def modal(name: str, meta: Meta, blocks: Sequence[Block], words: SlackWords) -> View:
    """A modal of ours; one that asks for nothing has no submit button."""
    texts = words.modal[name]
    view = {
        "type": "modal",
        "callback_id": f"{PREFIX}{name}",
        "title": _said(texts.title, _TITLE),
        "close": _said(words.close if texts.submit else words.done, _TITLE),
        "private_metadata": meta.written(),
        "blocks": list(blocks)[:MOST_BLOCKS],
    }
    return {**view, "submit": _said(texts.submit, _TITLE)} if texts.submit else view


def paragraph(text: str) -> list[Block]:
    """Mrkdwn, already escaped; nothing for nothing."""
    shown = {"type": "mrkdwn", "text": truncate(text, _SECTION), "verbatim": True}
    return [{"type": "section", "text": shown}] if text else []


def small_print(text: str) -> list[Block]:
    """Mrkdwn in small, already escaped; nothing for nothing."""
    shown = {"type": "mrkdwn", "text": truncate(text, 2_000), "verbatim": True}
    return [{"type": "context", "elements": [shown]}] if text else []


def typing(
    name: str, texts: FieldWords, *, lines: bool = False, optional: bool = False, most: int = 1_000, initial: str = ""
) -> Block:
    """A field for words, over several lines where asked; `most` characters."""
    element: Block = {"type": "plain_text_input", "action_id": _VALUE, "multiline": lines, "max_length": most}
    if initial:
        element["initial_value"] = initial[:most]
    return _input(name, texts, _placed(element, texts), optional=optional)


def picking(name: str, texts: FieldWords, options: Sequence[Option], *, optional: bool = False, at: str = "") -> Block:
    """A menu with one choice; `at` is the value chosen at first."""
    element = {"type": "static_select", "action_id": _VALUE, "options": list(options)[:MOST_OPTIONS]}
    return _input(name, texts, _placed(_started(element, at), texts), optional=optional)


def radio(name: str, texts: FieldWords, options: Sequence[Option], *, at: str = "") -> Block:
    """A choice of which all is seen."""
    element = {"type": "radio_buttons", "action_id": _VALUE, "options": list(options)[:MOST_TICKS]}
    return _input(name, texts, _started(element, at))


def ticking(
    name: str, texts: FieldWords, options: Sequence[Option], *, optional: bool = False, at: Collection[str] = ()
) -> Block:
    """Boxes to tick, those of the values `at` at first; a menu where there are more than Slack shows as boxes."""
    ticked = [one for one in options if one["value"] in at]
    first = {"initial_options": ticked} if ticked else {}
    if len(options) <= MOST_TICKS:
        element: Block = {"type": "checkboxes", "action_id": _VALUE, "options": list(options), **first}
        return _input(name, texts, element, optional=optional)
    element = {"type": "multi_static_select", "action_id": _VALUE, "options": list(options)[:MOST_OPTIONS], **first}
    return _input(name, texts, _placed(element, texts), optional=optional)


def person(name: str, texts: FieldWords, *, optional: bool = False) -> Block:
    """Somebody of the workspace."""
    return _input(name, texts, _placed({"type": "users_select", "action_id": _VALUE}, texts), optional=optional)


def instant(name: str, texts: FieldWords, at: datetime) -> Block:
    """A date and a time of day, shown in the time zone of whoever looks."""
    element = {"type": "datetimepicker", "action_id": _VALUE, "initial_date_time": int(at.timestamp())}
    return _input(name, texts, element)


def option(value: str, text: str) -> Option:
    """Something to choose; `text` may come from outside."""
    return {"text": _said(plain(text), _TEXT), "value": value}


def fitting(options: Iterable[Option]) -> list[Option]:
    """The options that Slack takes, each value once."""
    kept = {one["value"]: one for one in options if one["value"] and units(one["value"]) <= LONGEST_VALUE}
    return list(kept.values())[:MOST_OPTIONS]


def _input(name: str, texts: FieldWords, element: Block, *, optional: bool = False) -> Block:
    block = {
        "type": "input",
        "block_id": name,
        "label": _said(texts.label, _LABEL),
        "element": element,
        "optional": optional,
    }
    return {**block, "hint": _said(texts.hint, _HINT)} if texts.hint else block


def _placed(element: Block, texts: FieldWords) -> Block:
    return {**element, "placeholder": _said(texts.placeholder, _PLACEHOLDER)} if texts.placeholder else element


def _started(element: Block, at: str) -> Block:
    chosen = next((one for one in element["options"] if one["value"] == at), None)
    return {**element, "initial_option": chosen} if chosen is not None else element


def _said(text: str, limit: int) -> Block:
    """Words of ours, what is filled in made harmless before."""
    return {"type": "plain_text", "text": truncate(text, limit), "emoji": True}
