"""Asking Reddit: tokens of an approved app, and what its answers mean."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from buzzguard.collect.fields import number_at, text_at
from buzzguard.collect.gate import Gate
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json, wrong_token
from buzzguard.config.secrets import Sealed
from buzzguard.errors import SourceError, SourceRefused

_EARLIER = timedelta(minutes=1)
"""A token is renewed this long before it ends."""
_HOW = "check client_id and client_secret, and that Reddit still approves the app"
_CLOSED = {
    "private": "is private: it is read only by its members",
    "banned": "was banned by Reddit",
    "quarantined": "is quarantined: it is not read by apps",
    "gold_only": "is open to paying members only",
}


class RedditSession:
    """Asks the API with a token that it keeps in memory: renewed before it ends, and once when it is refused."""

    def __init__(self, http: HttpClient, *, address: str, api: str, agent: str, basic: Sealed) -> None:
        """`basic` is `client_id:client_secret`."""
        self._http = http
        self._address = address
        self._api = api
        self._agent = agent
        self._basic = basic
        self._token: Sealed | None = None
        self._ends: datetime | None = None
        self._gate = Gate("Reddit")

    async def get(self, path: str, parameters: Mapping[str, str], now: datetime) -> tuple[Any, timedelta | None]:
        """The document at `path`, and how long to ask nothing more (None: go on). Raises SourceError."""
        self._gate.pass_through(now)
        url = f"{self._api}{path}?{urlencode({**parameters, 'raw_json': '1'})}"
        answer = await self._http.get(url, headers=self._headers(await self._valid(now)))
        if answer.status == 401:
            self._token = None
            answer = await self._http.get(url, headers=self._headers(await self._valid(now)))
        wait = self._gate.heed(answer, now)
        return read_json(answer, now, authorised=True, explain=explain), wait

    def _headers(self, token: Sealed) -> dict[str, str]:
        return {"authorization": f"bearer {token.reveal()}", "user-agent": self._agent, "accept": "application/json"}

    async def _valid(self, now: datetime) -> Sealed:
        if self._token is None or self._ends is None or now >= self._ends:
            self._token, self._ends = await self._renewed(now)
        return self._token

    async def _renewed(self, now: datetime) -> tuple[Sealed, datetime]:
        pair = b64encode(self._basic.reveal().encode()).decode("ascii")
        headers = {
            "authorization": f"Basic {pair}",
            "user-agent": self._agent,
            "content-type": "application/x-www-form-urlencoded",
        }
        url = f"{self._address}/api/v1/access_token"
        answer = await self._http.post(url, b"grant_type=client_credentials", headers=headers)
        body = read_json(answer, now, authorised=True, explain=explain)
        token = text_at(body, "access_token")
        if not token:
            said = text_at(body, "error", most=80)
            raise wrong_token(f"{answer.status}{f', {said!r}' if said else ''}", _HOW)
        lasts = timedelta(seconds=min(number_at(body, "expires_in") or 3_600, 10**6))
        return Sealed(token), now + max(lasts - _EARLIER, timedelta(seconds=10))


def explain(answer: Answer, body: Any) -> SourceError | None:
    """What Reddit says of its own trouble: closed subreddits, a refused token, its page for machines it blocks."""
    if answer.redirects:
        status = answer.redirects[0][0]
        return SourceRefused(f"{status}, Reddit leads elsewhere: the subreddit is private, banned or written wrongly")
    if answer.status == 401:
        return wrong_token("401", _HOW)
    if body is None and _is_page(answer):
        return _page_for_people(answer)
    reason = text_at(body, "reason", most=40)
    if answer.status in (403, 404) and reason in _CLOSED:
        return SourceRefused(f"{answer.status}, the subreddit {_CLOSED[reason]}; take it out of the stream")
    if answer.status == 403:
        return SourceRefused("403, Reddit refuses: the subreddit is private, or the app is not approved for it")
    if answer.status == 451:
        return SourceRefused("451, Reddit may not show this for legal reasons")
    return None


def _is_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "") or answer.body.lstrip()[:1] == b"<"


def _page_for_people(answer: Answer) -> SourceError | None:
    if answer.status != 403:
        return None
    return SourceRefused(
        "403, Reddit answered with its page for what it blocks: the app, its user_agent or this address; "
        "ask Reddit for approval, do not try to get round it"
    )
