"""What a message of Slack says, as plain text: names instead of ids, addresses instead of markup, nothing endless."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from buzzguard.deliver.slack_payload import PERSON_ID, text_at, typed

LONGEST = 3_000
_MOST_READ = 20_000
_MOST_NAMES = 20
_MOST_PARTS = 20
_MARKUP = re.compile(r"<([^<>\n]{1,2000})>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

NameOf = Callable[[str], Awaitable[str]]
"""How a person is called, by their id; empty where that is not known."""


async def plain_text(message: Mapping[str, Any], name_of: NameOf) -> str:
    """The text of a message; of one without text, what its attachments and files are called."""
    raw = text_at(message, "text")[:_MOST_READ]
    parts = [await _readable(raw, name_of), *(() if raw.strip() else _attached(message)), *_files(message)]
    return typed("\n".join(part for part in parts if part.strip()), LONGEST)


async def _readable(raw: str, name_of: NameOf) -> str:
    ids = dict.fromkeys(found[1][1:] for found in _MARKUP.finditer(raw) if found[1].startswith("@"))
    wanted = [id for id in ids if PERSON_ID.fullmatch(id)][:_MOST_NAMES]
    names = {id: await name_of(id) for id in wanted}
    shown = _MARKUP.sub(lambda found: _spelled(found[1], names), raw)
    for entity, char in _ENTITIES:
        shown = shown.replace(entity, char)
    return shown


def _spelled(inner: str, names: Mapping[str, str]) -> str:
    """`@U1` → `@Claire`, `#C1|room` → `#room`, `!here` → `@here`, `https://…|words` → `words (https://…)`."""
    target, _, label = inner.partition("|")
    sign, rest = target[:1], target[1:]
    if sign == "@":
        return f"@{(label or names.get(rest) or rest).lstrip('@')}"
    if sign == "#":
        return f"#{(label or rest).lstrip('#')}"
    if sign == "!":
        word = rest.partition("^")[0]
        return label or f"@{word}"
    return f"{label} ({target})" if label and label != target else target.removeprefix("mailto:")


def _attached(message: Mapping[str, Any]) -> list[str]:
    attachments = message.get("attachments")
    found = attachments[:_MOST_PARTS] if isinstance(attachments, list) else []
    return [text_at(one, "fallback") or text_at(one, "text") or text_at(one, "title") for one in found]


def _files(message: Mapping[str, Any]) -> list[str]:
    files = message.get("files")
    names = [text_at(one, "name") or text_at(one, "title") for one in (files if isinstance(files, list) else [])]
    return [f"📎 {name[:200]}" for name in names[:_MOST_PARTS] if name]
