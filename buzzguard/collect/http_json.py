"""The source `http_json`: any JSON interface, described in YAML.

- resumes from a cursor: newest-first lists are walked by pages (`walk`), others are read on from the last id or time;
  first poll: a day back, or as far as `backfill` says, as far as the address lets itself be asked for a time
- backs off on 429 and 5xx as the server asks in any spelling; 401 and 403 tell the operator, 410 ends the stream
- terms: those of the service, which whoever configures it has read
- secrets are headers, basic authentication or query values; no error or log shows query values
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode, urljoin, urlsplit

from pydantic import Field, field_validator, model_validator

from buzzguard.collect.card import SourceCard
from buzzguard.collect.forward import after, load_forward
from buzzguard.collect.http import Answer, same_party
from buzzguard.collect.json_api import Explain, read_json, records_in, take
from buzzguard.collect.limits import limits_of
from buzzguard.collect.mapped import Mapper, evaluated
from buzzguard.collect.site import host_of
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page, Walker
from buzzguard.config.base import Frozen
from buzzguard.config.mapping import Expression, MentionMapping
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Duration, Identifier, Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Fetched, Quarantined

_PLACE = re.compile(r"\{([a-z_]*)\}")
_PLACES = frozenset(("words", "since", "since_unix", "since_ms", "now", "page", "offset", "cursor", "last_id"))
_NEXT_LINK = re.compile(r'<([^<>]{1,4000})>\s*;[^,]*?\brel\s*=\s*"?next"?', re.IGNORECASE)
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
_MOST_FORWARD = 10


class AuthSettings(Frozen):
    """How to say who asks; at most one of `bearer`, `basic`, besides headers and query values."""

    bearer: Secret | None = None
    """A token sent as `Authorization: Bearer …`."""
    user: str = ""
    """The user of basic authentication, with `password`."""
    password: Secret | None = None
    """The password of basic authentication."""
    headers: dict[str, Secret] = {}
    """Headers that hold a secret: `X-Api-Key`."""
    query: dict[str, Secret] = {}
    """Query values that hold a secret, where a service knows nothing better."""

    @model_validator(mode="after")
    def _one_way(self) -> AuthSettings:
        if self.bearer is not None and self.password is not None:
            raise ValueError("give `bearer` or `user` and `password`, not both")
        if bool(self.user) != (self.password is not None):
            raise ValueError("`user` and `password` belong together")
        if any(not _HEADER_NAME.fullmatch(name) for name in self.headers):
            raise ValueError("a header's name holds letters, digits and - only, write for example X-Api-Key")
        return self


class PagingSettings(Frozen):
    """How the rest of a list is asked for."""

    by: Literal["none", "page", "offset", "cursor", "link", "last_id"] = "none"
    """`page`, `offset`: a number (`{page}`, `{offset}` in the address); `cursor`: what the answer names at `next`
    (`{cursor}`); `link`: the `Link` header, or a full address at `next`; `last_id`: what comes after the last id
    delivered (`{last_id}`), oldest first."""
    next: Expression = ""
    """Where an answer names its next page; an absent or empty one means that it is the last."""
    first: int = Field(default=1, ge=0, le=1)
    """The number of the first page."""
    size: int = Field(default=100, ge=1, le=10_000)
    """How many records a full page holds: by `page` or `offset`, a shorter one is the last."""
    most: int = Field(default=10, ge=1, le=100)
    """The most pages of one poll; the next poll goes on."""

    @model_validator(mode="after")
    def _names_the_next(self) -> PagingSettings:
        if self.by == "cursor" and not self.next:
            raise ValueError("paging by cursor needs `next`: where an answer names it, for example meta.next_cursor")
        return self


class HttpJsonSource:
    """One list of a JSON interface. Keeps nothing between calls but its settings."""

    card = SourceCard(
        group="anything else",
        reads="any JSON interface, described in YAML: address, sign-in, paging, and where a mention's parts stand",
        needs="what the service asks for",
        delay="the interval of polling",
        limits="those of the service; waits as it asks in any spelling",
        terms="those of the service: read them first",
    )

    class Settings(Frozen):
        """`{words}` in the address stands for the words and phrases of the stream's topics."""

        url: str = Field(max_length=4_000)
        """The address, with `{since}` (ISO 8601), `{since_unix}`, `{since_ms}`, `{now}`, `{words}`, `{page}`,
        `{offset}`, `{cursor}` and `{last_id}` in their places; what has no value yet is left out of the query."""
        params: dict[str, str | int] = Field(default={}, max_length=50)
        """Query values, with the same places; one that is empty is not sent."""
        headers: dict[str, str] = Field(default={}, max_length=20)
        """Headers that hold no secret."""
        auth: AuthSettings = AuthSettings()
        """How to say who asks."""
        records: Expression = "@"
        """Where the list of records stands in an answer."""
        mention: MentionMapping
        """Where the parts of a mention stand in a record."""
        paging: PagingSettings = PagingSettings()
        """How the rest of a list is asked for."""
        known_as: Identifier = "http_json"
        """The kind of place that its mentions count as: `forum`; places known alike count as one source."""
        error: Expression = ""
        """Where an answer names its own trouble, whatever its status: anything there but null, false or empty."""
        or_words: str = Field(default=" OR ", max_length=20)
        """What `{words}` are joined with."""
        least_every: Duration = timedelta(seconds=30)
        """The least time between two polls that the service bears."""

        @field_validator("url")
        @classmethod
        def _web_address(cls, value: str) -> str:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname or "{" in parts.netloc:
                raise ValueError("not an http or https address, write for example https://api.example.org/v1/posts")
            return value

        @model_validator(mode="after")
        def _known_places(self) -> HttpJsonSource.Settings:
            for text in (self.url, *map(str, self.params.values())):
                for name in _PLACE.findall(text):
                    if name not in _PLACES:
                        raise ValueError(f"{{{name[:30]}}} has no meaning here; known are {', '.join(sorted(_PLACES))}")
            if self.paging.by == "last_id" and "{last_id}" not in self.url + str(self.params):
                raise ValueError("paging by last_id needs {last_id} in the address or in params")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when a secret cannot be read."""
        self._stream = stream
        self._settings = settings
        self._tools = tools
        self.least_every = settings.least_every
        self._secret_headers = _secret_headers(settings.auth)
        self._secret_query = {name: read_secret(secret) for name, secret in settings.auth.query.items()}
        self._words = settings.or_words.join(f'"{word}"' if " " in word else word for word in tools.words)
        self._mapper = Mapper(
            settings.mention,
            source=settings.known_as,
            stream=stream,
            scope=host_of(settings.url),
            language=common.language,
        )

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Read what is new."""
        if self._settings.paging.by == "last_id":
            return await self._forward(cursor, now)
        identity = f"{self._settings.url}\0{self._settings.params}"
        walker = Walker(identity, backfill=self._tools.backfill, most_pages=self._settings.paging.most)
        return await walker.walk(cursor, now, lambda token, since: self._page(token, since, now))

    async def _page(self, token: str, since: datetime, now: datetime) -> Page:
        answer = await self._ask(self._address(token, since, now))
        body = self._body(answer, now)
        records = self._records(body)
        taken = self._taken(records, answer, now)
        return Page(
            mentions=tuple(taken.read),
            next=self._next(token, body, answer, len(records)),
            oldest=min((one.published for one in taken.read), default=None),
            quarantined=tuple(taken.quarantined),
            retry_after=limits_of(answer, now).wait,
        )

    async def _forward(self, cursor: str, now: datetime) -> Fetched:
        """Read on from the last id, page after page, oldest first."""
        state = load_forward(cursor, self._settings.url)
        mentions, bad, more = [], list[Quarantined](), True
        for _ in range(min(self._settings.paging.most, _MOST_FORWARD)):
            since = datetime.fromtimestamp(state.since, UTC) if state.since else self._earliest(now)
            answer = await self._ask(self._address(state.last_id, since, now))
            records = self._records(self._body(answer, now))
            taken = self._taken(records, answer, now)
            fresh, state = after(state, taken.read, self._last_id(records))
            mentions += fresh
            bad += taken.quarantined
            more = bool(fresh) and len(records) >= self._settings.paging.size
            if not more:
                break
        return Fetched(
            mentions=tuple(sorted(mentions, key=lambda one: one.published)),
            cursor=state.dump(),
            retry_after=timedelta(0) if more else None,
            backfilling=bool(self._tools.backfill) and not cursor,
            quarantined=tuple(bad),
        )

    def _earliest(self, now: datetime) -> datetime:
        return now - max(self._tools.backfill, timedelta(days=1))

    def _last_id(self, records: list[Any]) -> str:
        """The id of the last record that has one, as the service writes it."""
        for record in reversed(records):
            found = evaluated(self._settings.mention.id or self._settings.mention.url or "id", record)
            if isinstance(found, str | int) and not isinstance(found, bool) and str(found):
                return str(found)[:200]
        return ""

    async def _ask(self, url: str) -> Answer:
        if not same_party(self._settings.url, url):
            raise SourceRefused("the next page leads to another host: its address is not followed")
        headers = {"accept": "application/json"} | self._settings.headers
        headers |= {name: secret.reveal() for name, secret in self._secret_headers.items()}
        return await self._tools.http.get(_with_query(url, self._secret_query), headers=headers)

    def _body(self, answer: Answer, now: datetime) -> Any:
        authorised = bool(self._secret_headers or self._secret_query)
        return read_json(answer, now, authorised=authorised, explain=_explainer(self._settings.error))

    def _records(self, body: Any) -> list[Any]:
        try:
            found = evaluated(self._settings.records, body)
        except ValueError as error:
            raise SourceUnavailable(f"the answer has another shape than expected: {error}") from error
        return records_in(found) if found is not None else []

    def _taken(self, records: list[Any], answer: Answer, now: datetime) -> Any:
        return take(
            records,
            lambda record: self._mapper.mention(record, base=answer.url, now=now),
            stream=self._stream,
            now=now,
        )

    def _address(self, token: str, since: datetime, now: datetime) -> str:
        paging = self._settings.paging
        if paging.by == "link" and token:
            return token
        number = int(token) if token.isdecimal() else 0
        values = {
            "words": self._words,
            "since": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "since_unix": str(int(since.timestamp())),
            "since_ms": str(int(since.timestamp() * 1_000)),
            "now": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "page": str(number + paging.first),
            "offset": str(number * paging.size),
            "cursor": token,
            "last_id": token,
        }
        return _filled(self._settings.url, self._settings.params, values)

    def _next(self, token: str, body: Any, answer: Answer, count: int) -> str:
        """What the page after this one is asked with; empty when there is none."""
        paging = self._settings.paging
        if paging.by in ("page", "offset"):
            return str(int(token or 0) + 1) if count >= paging.size else ""
        if paging.by == "link" and not paging.next:
            found = _NEXT_LINK.search(answer.headers.get("link", ""))
            return urljoin(answer.url, found[1]) if found else ""
        if paging.by not in ("cursor", "link"):
            return ""
        named = evaluated(paging.next, body)
        text = str(named)[:4_000] if isinstance(named, str | int) and not isinstance(named, bool) else ""
        return urljoin(answer.url, text) if text and paging.by == "link" else text


def _filled(url: str, params: Mapping[str, str | int], values: Mapping[str, str]) -> str:
    """The address with its places filled; a query value that stands for nothing is left out."""
    bare, _, query = url.partition("?")
    bare = _PLACE.sub(lambda place: quote(values[place[1]], safe=""), bare)
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    filled = [(name, _PLACE.sub(lambda place: quote(values[place[1]], safe=""), value), value) for name, value in pairs]
    parts = [f"{name}={value}" for name, value, written in filled if value or not written]
    for name, written in params.items():
        value = _PLACE.sub(lambda place: values[place[1]], str(written))
        if value:
            parts.append(urlencode({name: value}))
    return bare + ("?" + "&".join(parts) if parts else "")


def _with_query(url: str, secrets: Mapping[str, Sealed]) -> str:
    if not secrets:
        return url
    added = urlencode({name: secret.reveal() for name, secret in secrets.items()})
    return f"{url}{'&' if '?' in url else '?'}{added}"


def _explainer(expression: str) -> Explain:
    def explain(answer: Answer, body: Any) -> SourceError | None:
        if not expression or body is None:
            return None
        try:
            found = evaluated(expression, body)
        except ValueError:
            return None
        if not found:
            return None
        said = " ".join(str(found).split())[:150]
        return SourceUnavailable(f"{answer.status}, the service says: {said}") if answer.status == 200 else None

    return explain


def _secret_headers(auth: AuthSettings) -> dict[str, Sealed]:
    found = {name.lower(): read_secret(secret) for name, secret in auth.headers.items()}
    if auth.bearer is not None:
        found["authorization"] = Sealed(f"Bearer {read_secret(auth.bearer).reveal()}")
    if auth.password is not None:
        pair = f"{auth.user}:{read_secret(auth.password).reveal()}"
        found["authorization"] = Sealed("Basic " + b64encode(pair.encode()).decode("ascii"))
    return found
