"""Asking YouTube's Data API: its two budgets of a day, and what its answers mean."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import asked
from buzzguard.collect.fields import at, text_at
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json, wrong_token
from buzzguard.collect.meter import Allowance, Meter
from buzzguard.config.secrets import Sealed
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable

_PACIFIC = ZoneInfo("America/Los_Angeles")
_DAY_IS_OVER = frozenset(("quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg"))
_TOO_FAST = frozenset(("rateLimitExceeded", "userRateLimitExceeded"))
_LOST_PAGE = frozenset(("processingFailure", "invalidPageToken", "invalidParameter", "badRequest"))
_CLOSED = {"commentsDisabled": "comments are disabled", "videoNotFound": "it is gone or private"}
_HOW = "check the key, and that the YouTube Data API is enabled for its project"
_TAGS = re.compile(r"<[^>]*>")

Budget = Literal["units", "searches"]


class Closed(SourceRefused):
    """A video whose comments cannot be read: `reason` says why; the others can."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


class LostPage(SourceUnavailable):
    """The page to go on with is not known any more."""


class YoutubeApi:
    """Asks with a key; every call is written down before it is made."""

    def __init__(self, http: HttpClient, meter: Meter, *, address: str, key: Sealed, account: str) -> None:
        self._http = http
        self._meter = meter
        self._address = address
        self._key = key
        self._account = account

    async def get(self, method: str, now: datetime, *, budget: Budget, cap: int, **fields: str | int | None) -> Any:
        """The document that a method returns. Raises SourceError: Closed and LostPage are for the caller to bear."""
        await self._meter.spend(self.allowance(budget, cap, now), 1, now)
        headers = {"x-goog-api-key": self._key.reveal(), "accept": "application/json"}
        answer = await self._http.get(asked(f"{self._address}/{method}", **fields), headers=headers)
        return read_json(answer, now, authorised=True, explain=partial(explain, now=now))

    def allowance(self, budget: Budget, cap: int, now: datetime) -> Allowance:
        """What may be spent of a budget: it begins anew at midnight in California."""
        since, until = pacific_day(now)
        return Allowance(account=f"{self._account} {budget}", unit="calls", cap=cap, since=since, until=until)


def pacific_day(now: datetime) -> tuple[datetime, datetime]:
    """The day of the budgets that `now` is in, UTC; 23 or 25 hours long when clocks change."""
    here = now.astimezone(_PACIFIC).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    after = (here.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=_PACIFIC)
    return here.astimezone(now.tzinfo), after.astimezone(now.tzinfo)


def explain(answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
    """What YouTube says of its own trouble."""
    reason, said = _reason(body), _said(body)
    if answer.status == 200 and at(body, "error") is None:
        return None
    if reason in _CLOSED:
        return Closed(f"{answer.status}, {_CLOSED[reason]}")
    if reason in _DAY_IS_OVER or (answer.status == 429 and "per day" in said):
        return SourceUnavailable(
            f"{answer.status}, the day's quota is used up; it begins anew at midnight in California",
            retry_after=pacific_day(now)[1] - now,
        )
    if reason in _TOO_FAST:
        return SourceUnavailable(f"{answer.status}, too many requests to YouTube", retry_after=retry_hint(answer, now))
    return _refused(answer, reason, said)


def _refused(answer: Answer, reason: str, said: str) -> SourceError | None:
    if reason == "keyInvalid" or "api key" in said.lower() or answer.status == 401:
        return wrong_token(str(answer.status), _HOW)
    if answer.status == 400 and reason in _LOST_PAGE:
        return LostPage(f"400, YouTube does not take what it is asked: {said or reason}")
    if answer.status == 403 and reason:
        return SourceRefused(f"403, YouTube refuses ({reason}); {_HOW}")
    return None


def _reason(body: Any) -> str:
    errors = at(body, "error.errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return text_at(first, "reason", most=60)


def _said(body: Any) -> str:
    return " ".join(html.unescape(_TAGS.sub("", text_at(body, "error.message", most=300))).split())
