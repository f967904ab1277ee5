"""Asking JSON interfaces: what an answer means, and its records one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from buzzguard.collect.answers import challenged, check_status, shown
from buzzguard.collect.charset import decode
from buzzguard.collect.http import Answer
from buzzguard.collect.limits import wait_of
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import EXCERPT, Quarantined

T = TypeVar("T")
Explain = Callable[[Answer, Any], SourceError | None]
"""Reads what a service says of its own trouble, in an answer whose body (None: not JSON) was read; None: no trouble."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_BAD_RECORD = (KeyError, ValueError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)


def _nothing(_: Answer, __: Any) -> None:
    return None


def read_json(answer: Answer, now: datetime, *, authorised: bool = False, explain: Explain = _nothing) -> Any:
    """The document of an answer.

    `explain` looks first, at any status: services hide their troubles in bodies, also under 200. Then the status
    counts, with the wait that the answer asks for in any spelling. Raises SourceError, in one line; a web page where
    JSON is due is named as such.
    """
    body = _decoded(answer)
    trouble = explain(answer, body)
    if trouble is not None:
        raise trouble
    try:
        check_status(answer, now, authorised=authorised)
    except SourceUnavailable as error:
        raise SourceUnavailable(str(error), retry_after=error.retry_after or wait_of(answer, now)) from None
    if body is None:
        raise SourceUnavailable(_not_json(answer), retry_after=wait_of(answer, now))
    return body


def wrong_token(what: str, how: str) -> SourceRefused:
    """The error for a credential that a service does not take: `what` of its answer, `how` it is renewed."""
    return SourceRefused(f"{what}, the token was refused; {how}")


class Taken(NamedTuple):
    """Records that were read, and those set aside."""

    read: list[Any]
    quarantined: list[Quarantined]


def take(records: Iterable[Any], build: Callable[[Any], T | None], *, stream: str, now: datetime) -> Taken:
    """Build something of each record; a record of which nothing can be built is set aside with its reason.

    `build` raises ValueError (or TypeError, KeyError…) for a bad record and returns None for one to be passed over.
    """
    taken = Taken([], [])
    for record in records:
        try:
            built = build(record)
        except _BAD_RECORD as error:
            taken.quarantined.append(quarantined(record, error, stream=stream, now=now))
            continue
        if built is not None:
            taken.read.append(built)
    return taken


def quarantined(record: Any, error: Exception, *, stream: str, now: datetime) -> Quarantined:
    """A record set aside."""
    missing = isinstance(error, KeyError) and error.args
    reason = f"{error.args[0]!r} is missing" if missing else " ".join(str(error).split())
    return Quarantined(stream=stream, at=now, reason=(reason or type(error).__name__)[:300], record=_excerpt(record))


def records_in(body: Any, *path: str) -> list[Any]:
    """The list at `path` of a document; empty where it is absent or null. Raises SourceUnavailable when it is no
    list."""
    for name in path:
        if not isinstance(body, dict):
            raise SourceUnavailable(f"the answer has another shape than expected: no object around {name!r}")
        body = body.get(name)
        if body is None:
            return []
    if not isinstance(body, list):
        raise SourceUnavailable(f"the answer has another shape than expected: {'.'.join(path) or 'it'} is no list")
    return body


def _decoded(answer: Answer) -> Any:
    """The JSON of an answer, None when it is none. Raw control characters inside strings (GDELT) are borne."""
    body = answer.body.strip()
    if not body:
        return None
    text = decode(body, content_type=answer.headers.get("content-type", ""))
    for attempt in (text, _CONTROL.sub(" ", text)):
        try:
            return msgspec.json.decode(attempt.lstrip("\ufeff"))
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            continue
    return None


def _not_json(answer: Answer) -> str:
    where = shown(answer)
    if answer.truncated:
        return f"the connection broke while reading {where}"
    if challenged(answer):
        return f"{where} is blocked by a challenge page"
    if "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<":
        return f"{where} answered with a web page where JSON was due: it may be blocked or under maintenance"
    return f"{where} answered with something that is not JSON"


def _excerpt(record: Any) -> str:
    try:
        return msgspec.json.encode(record).decode("utf-8", "replace")[:EXCERPT]
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError):
        return repr(type(record))
