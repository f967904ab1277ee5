"""Asking one Mastodon server, within its limits: hashtag timelines, search, what it says of itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from buzzguard.collect.asked import asked
from buzzguard.collect.fields import at, moment_at, text_at
from buzzguard.collect.gate import Gate
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.mastodon_statuses import Statuses
from buzzguard.collect.meter import Allowance, Meter
from buzzguard.collect.site import host_of
from buzzguard.collect.walk import Page
from buzzguard.config.secrets import Sealed
from buzzguard.errors import SourceError, SourceRefused

_PER_PAGE = 40
_MOST_PAGED = 280
"""Requests with `max_id` in a quarter of an hour; a server allows 300."""
_QUARTER = 15
RENEW = "make a new one on the server, Preferences → Development, with read:statuses and read:search"
_NO_SEARCH = "{host} found nothing: it may have no full-text search, and the search shows only who agreed to be found"


class Server:
    """One server. Remembers its rate limit and what it said of its feeds, until the process ends."""

    def __init__(self, http: HttpClient, address: str, *, stream: str, token: Sealed | None, meter: Meter) -> None:
        self.address = address
        self.host = host_of(address)
        self.statuses = Statuses(stream, address)
        self._http = http
        self._stream = stream
        self._token = token
        self._meter = meter
        self._gate = Gate(self.host)
        self._about: Any = None

    @property
    def headers(self) -> dict[str, str]:
        """What a request shows of itself."""
        return {"authorization": f"Bearer {self._token.reveal()}"} if self._token else {}

    async def timeline(self, token: str, since: datetime, *, tag: str, local: bool, now: datetime) -> Page:  # noqa: ARG002
        """A page of a hashtag's timeline; `token` is the id that it is older than."""
        if token:
            await self._meter.spend(_paging(self.host, now), 1, now)
        address = f"{self.address}/api/v1/timelines/tag/{quote(tag, safe='')}"
        answer, body = await self._asked(
            asked(address, limit=_PER_PAGE, local="true" if local else None, max_id=token or None), now
        )
        statuses = records_in(body)
        note = "" if statuses or token else await self._closed(local=local, now=now)
        return self._page(statuses, next=_older(answer), note=note, now=now)

    async def search(self, token: str, since: datetime, *, query: str, now: datetime) -> Page:
        """A page of a search; `token` is how many were shown before."""
        _, body = await self._asked(
            asked(
                f"{self.address}/api/v2/search",
                q=f"{query} after:{since - timedelta(days=1):%Y-%m-%d}",
                type="statuses",
                limit=_PER_PAGE,
                offset=token or None,
            ),
            now,
        )
        statuses = records_in(body, "statuses")
        shown = int(token or 0) + len(statuses)
        note = "" if shown else _NO_SEARCH.format(host=self.host)
        return self._page(statuses, next=str(shown) if len(statuses) >= _PER_PAGE else "", note=note, now=now)

    async def streaming(self, now: datetime) -> str:
        """Where the server pushes, as an http address. Raises SourceError."""
        address = text_at(await self._instance(now), "configuration.urls.streaming", most=500)
        scheme, _, rest = address.partition("://")
        found = {"wss": "https", "https": "https", "ws": "http", "http": "http"}.get(scheme)
        # A token never goes out in clear because a server says so.
        if not found or not rest or (found == "http" and self.address.startswith("https:")):
            return self.address
        return f"{found}://{rest}".rstrip("/")

    def explain(self, answer: Answer, body: Any) -> SourceError | None:
        """What the server says of its own trouble."""
        said = text_at(body, "error", most=150)
        if answer.status == 401 and self._token:
            return wrong_token("401", RENEW)
        if answer.status in (401, 422) and not self._token:
            return SourceRefused(f"{answer.status}, {self.host} shows this only to who has a `token` ({said})")
        if answer.status == 403:
            return SourceRefused(f"403, the token may not do this ({said}); {RENEW}")
        if answer.status == 422:
            return SourceRefused(f"422, {self.host} refuses the request: {said}")
        if answer.status == 404:
            return SourceRefused(f"404, {self.host} does not answer as a Mastodon server; check the address")
        return None

    async def _asked(self, url: str, now: datetime) -> tuple[Answer, Any]:
        self._gate.pass_through(now)
        answer = await self._http.get(url, headers=self.headers)
        self._gate.heed(answer, now)
        return answer, read_json(answer, now, authorised=self._token is not None, explain=self.explain)

    def _page(self, statuses: list[Any], *, next: str, note: str, now: datetime) -> Page:
        times = take(statuses, partial(moment_at, path="created_at"), stream=self._stream, now=now).read
        taken = take(statuses, partial(self.statuses.mention, now=now), stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=next if statuses else "",
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
            note=note,
        )

    async def _closed(self, *, local: bool, now: datetime) -> str:
        """Why a timeline may be empty, by what the server says of its feeds (since 4.5); empty when it is open."""
        try:
            feeds = at(await self._instance(now), "configuration.timelines_access.hashtag_feeds")
        except SourceError:
            return ""
        access = {name: text_at(feeds, name) for name in (("local",) if local else ("local", "remote"))}
        if access and all(value == "disabled" for value in access.values()):
            return f"{self.host} has turned its hashtag timelines off: nothing can be read there"
        if "authenticated" in access.values() and self._token is None:
            return f"{self.host} shows its hashtag timelines only to who has a `token`"
        shut = [name for name, value in access.items() if value == "disabled"]
        return f"{self.host} does not show {shut[0]} statuses of hashtags" if shut else ""

    async def _instance(self, now: datetime) -> Any:
        if self._about is None:
            _, self._about = await self._asked(f"{self.address}/api/v2/instance", now)
        return self._about


def _older(answer: Answer) -> str:
    """The id that the next page is older than, from the `Link` header; only the id: a token goes nowhere else."""
    for part in answer.headers.get("link", "").split(","):
        target, _, relation = part.partition(";")
        if 'rel="next"' in relation.replace("'", '"'):
            values = parse_qs(urlsplit(target.strip().strip("<>")).query).get("max_id", [""])
            return values[0][:100]
    return ""


def _paging(host: str, now: datetime) -> Allowance:
    hour = now.astimezone(UTC).replace(second=0, microsecond=0)
    since = hour - timedelta(minutes=hour.minute % _QUARTER)
    return Allowance(
        account=f"mastodon pages of {host}",
        unit="requests",
        cap=_MOST_PAGED,
        since=since,
        until=since + timedelta(minutes=_QUARTER),
    )
