"""Asking X: what its answers mean, and what they cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from buzzguard.collect.fields import at, text_at
from buzzguard.collect.gate import Gate
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json, wrong_token
from buzzguard.collect.limits import wait_of
from buzzguard.collect.x_purse import Purse
from buzzguard.config.secrets import Sealed
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable

_CONSOLE = "see the developer console of X"
_USUAL_WINDOW = timedelta(minutes=15)


class XApi:
    """Asks with the bearer token of an app, and pays from a purse."""

    def __init__(self, http: HttpClient, *, address: str, token: Sealed, purse: Purse) -> None:
        self._http = http
        self._address = address
        self._token = token
        self._purse = purse
        self._gates: dict[str, Gate] = {}

    async def get(
        self, path: str, parameters: Mapping[str, str], now: datetime, *, cost: Callable[[Any], float]
    ) -> tuple[Any, timedelta | None]:
        """The document at `path`, and how long to ask nothing more there. What it can cost is held already; what it
        did is settled by `cost`. Raises SourceError."""
        gate = self._gates.setdefault(path, Gate("X"))
        gate.pass_through(now)
        headers = {"authorization": f"Bearer {self._token.reveal()}", "accept": "application/json"}
        answer = await self._http.get(f"{self._address}{path}?{urlencode(parameters)}", headers=headers)
        wait = gate.heed(answer, now)
        if answer.status >= 400:
            # Charged is what is returned; whether a call that failed is charged is told nowhere: at most its own price.
            await self._purse.settle(cost({}))
        body = read_json(answer, now, authorised=True, explain=partial(explain, now=now))
        await self._purse.settle(cost(body))
        return body, wait


def explain(answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
    """What X says of its own trouble."""
    kind = text_at(body, "type", most=200).rpartition("/")[2]
    if answer.status == 429:
        return _too_much(answer, kind, now)
    if answer.status == 401:
        return wrong_token("401", f"make a new bearer token, {_CONSOLE}")
    if answer.status == 402 or kind == "client-forbidden":
        return SourceRefused(f"{answer.status}, the app has no credits left or is not enrolled; {_CONSOLE}")
    if answer.status == 400:
        return SourceRefused(f"400, X does not take what it is asked: {_detail(body)}")
    if answer.status == 403:
        return SourceRefused(f"403, X refuses: {_detail(body)}; {_CONSOLE}")
    if answer.status == 200 and at(body, "errors") and at(body, "data") is None and at(body, "meta") is None:
        return SourceUnavailable(f"200, but X answered with errors alone: {_detail(body)}")
    return None


def partial_errors(body: Any) -> str:
    """What X says of posts that it left out of an answer, empty when it says nothing."""
    errors = at(body, "errors")
    if not isinstance(errors, list) or not errors:
        return ""
    return f"X left {len(errors)} things out: {_line(text_at(errors[0], 'title', most=120)) or 'it does not say why'}"


def _too_much(answer: Answer, kind: str, now: datetime) -> SourceError:
    if kind == "usage-capped":
        tomorrow = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return SourceUnavailable(
            f"429, the cap of posts that this account may read in a month is used up; {_CONSOLE}",
            retry_after=tomorrow - now,
        )
    return SourceUnavailable("429, too many requests to X", retry_after=wait_of(answer, now) or _USUAL_WINDOW)


def _detail(body: Any) -> str:
    errors = at(body, "errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    said = text_at(first, "message", most=200) or text_at(first, "detail", most=200)
    return _line(said or text_at(body, "detail", most=200) or text_at(body, "title", most=200)) or "it does not say why"


def _line(text: str) -> str:
    return " ".join(text.split())
