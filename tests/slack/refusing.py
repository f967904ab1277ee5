"""How the strict Slack refuses, and what it looks for in a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """An answer with `ok: false`, or 429."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.answer = {"ok": False, "error": error, **more}


class RateLimited(Exception):
    """HTTP 429."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


def checked_metadata(metadata: object) -> Json:
    if not isinstance(metadata, dict) or set(metadata) != {"event_type", "event_payload"}:
        raise Refused("invalid_metadata_format")
    payload = metadata["event_payload"]
    if not isinstance(payload, dict) or any(isinstance(value, dict) for value in payload.values()):
        raise Refused("invalid_metadata_schema")
    return metadata


def files_shown(node: object) -> Iterator[str]:
    """The ids of the files that image blocks show, at any depth."""
    if isinstance(node, Mapping):
        shown = node.get("slack_file")
        if isinstance(shown, Mapping):
            yield str(shown.get("id"))
        for value in node.values():
            yield from files_shown(value)
    elif isinstance(node, list):
        for item in node:
            yield from files_shown(item)
