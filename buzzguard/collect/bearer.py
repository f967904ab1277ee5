"""Asking with a token that is given for a time: renewed before it ends, and once when it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from buzzguard.collect.fields import number_at
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.config.secrets import Sealed

EARLIER = timedelta(minutes=1)
"""A token is renewed this long before it ends."""


class Token(NamedTuple):
    """A token, and when it is renewed."""

    value: Sealed
    ends: datetime


Renew = Callable[[datetime], Awaitable[Token]]
"""Gets a new token. Raises SourceError."""


def lasting(value: str, body: Any, now: datetime) -> Token:
    """The token of an answer that says in `expires_in` how many seconds it lasts (an hour when it does not)."""
    lasts = timedelta(seconds=min(number_at(body, "expires_in") or 3_600, 10**6))
    return Token(Sealed(value), now + max(lasts - EARLIER, timedelta(seconds=10)))


class Bearer:
    """Keeps its token in memory alone."""

    def __init__(self, http: HttpClient, renew: Renew, *, headers: Mapping[str, str] | None = None) -> None:
        """`headers` go with every request beside the token."""
        self._http = http
        self._renew = renew
        self._headers = {"accept": "application/json", **(headers or {})}
        self._token: Token | None = None

    async def get(self, url: str, now: datetime) -> Answer:
        """The answer of `url`, asked a second time with a new token where the first was refused (401). Raises
        SourceError, also when no token can be had."""
        answer = await self._http.get(url, headers=await self._signed(now))
        if answer.status != 401:
            return answer
        self._token = None
        return await self._http.get(url, headers=await self._signed(now))

    async def _signed(self, now: datetime) -> dict[str, str]:
        if self._token is None or now >= self._token.ends:
            self._token = await self._renew(now)
        return self._headers | {"authorization": f"Bearer {self._token.value.reveal()}"}
