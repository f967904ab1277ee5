"""What Slack sends, read without trust: every shape may come, and a text may hold anything."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from buzzguard.deliver.escape import clean
from buzzguard.model import Person

LONGEST_TEXT = 3_000
"""Of what a person types into a field, as Slack allows it."""
INCIDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")
SLACK_ID = re.compile(r"[A-Z0-9]{2,30}")
PERSON_ID = re.compile(r"[UW][A-Z0-9]{1,29}")
STAMP = re.compile(r"[0-9]{1,16}(\.[0-9]{1,9})?")
"""How Slack names a message within its channel."""
_MARKUP = re.compile(r"[<>&]+")
_MOST_READ = 20_000
_LONGEST_NAME = 80


def part(payload: object, *path: str) -> object:
    """What stands at the end of a path of keys; None where the path breaks off."""
    for key in path:
        if not isinstance(payload, Mapping):
            return None
        payload = payload.get(key)
    return payload


def text_at(payload: object, *path: str) -> str:
    """The text at the end of a path of keys; empty where there is none."""
    found = part(payload, *path)
    return found if isinstance(found, str) else ""


def matching(pattern: re.Pattern[str], text: str) -> str:
    """The text where it is wholly of the pattern, else nothing."""
    return text if pattern.fullmatch(text) else ""


def typed(text: object, limit: int = LONGEST_TEXT) -> str:
    """What a person typed, line by line without control characters and lone surrogates, cut at `limit`."""
    if not isinstance(text, str):
        return ""
    lines = [clean(line) for line in text[:_MOST_READ].splitlines()]
    return "\n".join(lines).strip()[:limit].strip()


def person_of(payload: object) -> Person | None:
    """Whoever acted; None when nobody is named. The name cannot break out of its line."""
    user = part(payload, "user")
    id = matching(SLACK_ID, text_at(user, "id"))
    if not id:
        return None
    return Person(id=id, name=shown_name(text_at(user, "name") or text_at(user, "username")) or id, via="slack")


def shown_name(name: str) -> str:
    """A name, without what could break a line or a message."""
    return clean(_MARKUP.sub("", name[:1_000])).strip()[:_LONGEST_NAME].strip()


def digest(*parts: str) -> str:
    """The id of a command: equal for equal parts."""
    return "slack-" + hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
