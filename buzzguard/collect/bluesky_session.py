"""A login of Bluesky, kept and renewed in memory: logging in is limited to 30 in 5 minutes and 300 a day."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from buzzguard.collect.fields import text_at
from buzzguard.collect.gate import Gate
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json, wrong_token
from buzzguard.collect.meter import Allowance, Meter
from buzzguard.config.secrets import Sealed
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable

_MOST_LOGINS = 30
"""A day and account: a tenth of what the service bears, as other programs may log in with it."""
RENEW = "make a new app password in Bluesky, Settings → App passwords"


class Session:
    """The session of one account on one server. Two requests never log in at once."""

    def __init__(self, http: HttpClient, base: str, *, identifier: str, password: Sealed, meter: Meter) -> None:
        self._http = http
        self._base = base
        self._identifier = identifier
        self._password = password
        self._meter = meter
        self._access: Sealed | None = None
        self._refresh: Sealed | None = None
        self._turn = asyncio.Lock()
        self._gate = Gate("Bluesky")

    async def get(self, url: str, now: datetime) -> Any:
        """The document at `url`, asked for with the session; one that has expired is renewed once. Raises
        SourceError."""
        self._gate.pass_through(now)
        token = await self._token(None, now)
        for attempt in range(2):
            answer = await self._http.get(url, headers={"authorization": f"Bearer {token.reveal()}"})
            self._gate.heed(answer, now)
            if attempt or not _expired(answer):
                return read_json(answer, now, authorised=True, explain=explain)
            token = await self._token(token, now)
        raise AssertionError("unreachable")

    async def _token(self, stale: Sealed | None, now: datetime) -> Sealed:
        """The token to ask with; another one than `stale`."""
        async with self._turn:
            if self._access is None or self._access is stale:
                self._access = None
                self._access = (await self._renewed(now)) or (await self._begun(now))
            return self._access

    async def _renewed(self, now: datetime) -> Sealed | None:
        """A new token for the old session; None when there is none or it has ended."""
        refresh, self._refresh = self._refresh, None
        if refresh is None:
            return None
        url = f"{self._base}/xrpc/com.atproto.server.refreshSession"
        try:
            answer = await self._http.post(url, b"", headers={"authorization": f"Bearer {refresh.reveal()}"})
            return self._taken(read_json(answer, now, authorised=True, explain=explain))
        except SourceRefused:
            return None
        except SourceUnavailable:
            self._refresh = refresh
            raise

    async def _begun(self, now: datetime) -> Sealed:
        day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        await self._meter.spend(
            Allowance(
                account=f"bluesky logins of {self._identifier}",
                unit="logins",
                cap=_MOST_LOGINS,
                since=day,
                until=day + timedelta(days=1),
            ),
            1,
            now,
        )
        body = msgspec.json.encode({"identifier": self._identifier, "password": self._password.reveal()})
        url = f"{self._base}/xrpc/com.atproto.server.createSession"
        answer = await self._http.post(url, body, headers={"content-type": "application/json"})
        if answer.status == 401:
            raise wrong_token("401", f"check `identifier`, or {RENEW}")
        return self._taken(read_json(answer, now, authorised=True, explain=explain))

    def _taken(self, body: Any) -> Sealed:
        access, refresh = text_at(body, "accessJwt"), text_at(body, "refreshJwt")
        if not access:
            raise SourceUnavailable("the answer to the login holds no token")
        self._refresh = Sealed(refresh) if refresh else None
        return Sealed(access)


def explain(answer: Answer, body: Any) -> SourceError | None:
    """What Bluesky says of its own trouble."""
    name = text_at(body, "error", most=100)
    if name == "BadQueryString":
        return SourceRefused(f"400, the search does not understand the query: {text_at(body, 'message', most=150)}")
    if name in ("ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired"):
        return wrong_token(f"{answer.status}", RENEW)
    if name == "AccountTakedown":
        return SourceRefused(f"{answer.status}, the account has been taken down")
    if answer.status == 403 and b"administrative rules" in answer.body[:5_000]:
        return SourceRefused(
            "403, this host does not serve the search (public.api.bsky.app has not since 2025); set `service` to the "
            "server of the account, https://bsky.social for most"
        )
    return None


def _expired(answer: Answer) -> bool:
    return answer.status in (400, 401) and (b"ExpiredToken" in answer.body or b"InvalidToken" in answer.body)
