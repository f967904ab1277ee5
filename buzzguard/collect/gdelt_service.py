"""Asking GDELT: one request at a time for the whole process, and errors that look like success."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec

from buzzguard.collect.answers import challenged, retry_hint
from buzzguard.collect.asked import asked
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json
from buzzguard.collect.shared import shared
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable

SLICE = timedelta(minutes=15)
"""GDELT looks at the world this often, and writes times to this."""
KEPT = timedelta(days=89)
"""The service keeps three months."""
_TIMEOUT = timedelta(seconds=30)
"""The greeting of an encrypted connection alone may take more than 10 s."""
_WAIT = timedelta(minutes=5)
_CONTROL = bytes(range(0x20))
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_KNOWN_ESCAPES = frozenset(b'"\\/bfnrtu')
_LONGEST_SENTENCE = 300
_REFUSALS = ("too short", "too long", "invalid", "unrecognized", "must ", "may only", "not supported", "unknown")


class GdeltService:
    """The interface, as all streams that ask through one client share it."""

    def __init__(self, http: HttpClient, address: str, *, pause: timedelta) -> None:
        self._http = http
        self._address = address
        self._pause = pause
        self._shared = shared(http, "GDELT")

    async def ask(self, now: datetime, **fields: str) -> Any:
        """The document of an answer; an empty object when nothing was found. Raises SourceError."""
        self._shared.check(now)
        async with self._shared.turn(self._pause):
            self._shared.check(now)
            url = asked(self._address, **fields, format="json")
            answer = await self._http.get(url, timeout=_TIMEOUT)
        return read_json(_cleaned(answer), now, explain=partial(self._explain, now=now))

    def _explain(self, answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
        sentence = _sentence(answer) if body is None else ""
        if answer.status == 429 or "limit requests" in sentence.lower():
            wait = retry_hint(answer, now) or _WAIT
            self._shared.wait(wait, now)
            return SourceUnavailable("429, GDELT has too many requests of this address", retry_after=wait)
        if answer.status != 200 or not sentence:
            return None
        if any(words in sentence.lower() for words in _REFUSALS):
            return SourceRefused(f"GDELT does not take the search: {sentence}")
        return SourceUnavailable(f"GDELT says: {sentence}", retry_after=_WAIT)


def stamp(moment: datetime) -> str:
    """An instant as GDELT writes it."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def floor(moment: datetime) -> datetime:
    """The beginning of the slice that an instant lies in."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(SLICE.total_seconds()), UTC)


def _cleaned(answer: Answer) -> Answer:
    """The same, without raw control characters, and with escapes that JSON does not know taken as they stand."""
    body = answer.body.translate(bytes.maketrans(_CONTROL, b" " * len(_CONTROL)))
    if b"\\" in body:
        body = _ESCAPE.sub(lambda found: found[0] if found[1][0] in _KNOWN_ESCAPES else b"\\" + found[0], body)
    return msgspec.structs.replace(answer, body=body)


def _sentence(answer: Answer) -> str:
    """The plain sentence that stands where a document is due; empty for a page."""
    if challenged(answer) or len(answer.body) > 2_000:
        return ""
    text = " ".join(answer.body.decode("utf-8", "replace").split())
    return "" if text[:1] in ("<", "{", "[", "") else text[:_LONGEST_SENTENCE]
