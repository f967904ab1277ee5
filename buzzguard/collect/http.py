"""The only door to the network: bounded, guarded requests.

Every request is held to the same law: only http and https; the address dialled is one that was judged (`address`),
redirects included; body and inflated body are capped (`inflate`); one time limit covers the whole answer; what a caller
sends to one host never reaches another; two requests at most run on one host at a time.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit
from weakref import WeakValueDictionary

import httpx

from buzzguard import __version__
from buzzguard.collect.address import Resolver
from buzzguard.collect.inflate import OFFERED, Damaged, Inflate, TooLarge
from buzzguard.config.secrets import Sealed, SecretError, read_secret
from buzzguard.config.settings import NetworkSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Record

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MAX_REDIRECTS = 5
_PER_HOST = 2
_LONGEST_URL = 8_000
_TRAVELS = frozenset(("accept", "accept-language", "if-none-match", "if-modified-since"))
"""Headers that may follow a redirect to another host; any other may hold a secret."""
_TOKEN_IN_PATH = re.compile(r"/bot[^/]+(?=/)")


class Answer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a server answered.

    `headers` have lower-case names; `url` is where the answer came from; `redirects` are the hops before it, each the
    status met and the address it led to. `truncated` says that the connection ended before the body did: `body` is what
    had come.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    url: str
    redirects: tuple[tuple[int, str], ...] = ()
    truncated: bool = False


def shown_url(url: str) -> str:
    """`url` as it may be shown: no user and password, no query values (both may be secrets), no fragment, no token of a
    Telegram bot."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        query = "&".join(f"{quote(name)}=…" for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    except ValueError:
        return "(an address that cannot be read)"
    return urlunsplit((parts.scheme, host, _TOKEN_IN_PATH.sub("/bot…", parts.path), query, ""))[:300]


def same_party(one: str, other: str) -> bool:
    """Whether secrets meant for the address `one` may be sent to `other`: same origin, or its https form."""
    a, b = httpx.URL(one), httpx.URL(other)
    if a.host != b.host:
        return False
    if a.scheme == "http" and b.scheme == "https":
        return _port(a) == 80 and _port(b) == 443
    return a.scheme == b.scheme and _port(a) == _port(b)


class Sent(NamedTuple):
    """What is sent: `headers` have lower-case names."""

    method: str
    headers: dict[str, str]
    body: bytes | None = None


class Unwelcome(SourceUnavailable):
    """A stream that does not open: `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status} from {shown_url(answer.url)}")
        self.answer = answer


class HttpClient:
    """Sends requests. One for the whole process; `close` when done (twice is allowed)."""

    def __init__(self, network: NetworkSettings) -> None:
        """Raises ConfigError when the proxy's secret cannot be read."""
        self._resolver = Resolver(network.allow)
        self._agent = network.user_agent or f"BuzzGuard/{__version__} (early warning for reputation; feed reader)"
        self._proxied = network.proxy is not None
        self._proxy_address = read_secret(network.proxy) if network.proxy else None
        proxy = _proxy(self._proxy_address) if self._proxy_address else None
        # No connection is kept for reuse: a kept one would be chosen by address, whichever host name it was opened for.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        self._transport = httpx.AsyncHTTPTransport(verify=_trusted(), limits=limits, proxy=proxy, trust_env=False)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def close(self) -> None:
        """Free connections and threads."""
        self._resolver.close()
        await self._transport.aclose()

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 24_000_000,
        timeout: timedelta = timedelta(seconds=20),
    ) -> Answer:
        """Fetch `url`, following redirects.

        Any status is an answer. Raises SourceUnavailable for what may pass (no connection, too slow, broken) and
        SourceRefused for what will not (forbidden address, too large, not http); neither message holds a secret.
        """
        return await self._follow(Sent("GET", _lower(headers)), url, max_bytes=max_bytes, timeout=timeout)

    async def post(
        self,
        url: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        max_bytes: int = 24_000_000,
        timeout: timedelta = timedelta(seconds=20),
    ) -> Answer:
        """Send `body` to `url`; a redirect is an answer here: what is sent is meant for one place. Raises as `get`."""
        here = _checked(url)
        sent = Sent("POST", _lower(headers), body)
        return (await self._turn(here, sent, max_bytes=max_bytes, seconds=timeout.total_seconds()))[0]

    @asynccontextmanager
    async def stream(
        self, url: str, *, headers: Mapping[str, str] | None = None, quiet: timedelta = timedelta(seconds=60)
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The pieces of an answer that does not end, each within `quiet` of the one before; redirects are refused.

        Raises as `get`, also while it is read; a status other than 200 raises with what the server said.
        """
        here = _checked(url)
        asked = _lower(headers) | {"accept-encoding": "identity"}
        try:
            async with asyncio.timeout(quiet.total_seconds()):
                response = await self._response(here, Sent("GET", asked))
        except TimeoutError as error:
            raise SourceUnavailable(f"{shown_url(url)} took too long to answer") from error
        try:
            if response.status_code != 200:
                raise Unwelcome(await self._read(here, response, max_bytes=100_000))
            yield _pieces(response, here, quiet)
        finally:
            await response.aclose()

    async def addresses(self, url: str) -> tuple[str, ...]:
        """The addresses that may be dialled for `url`, whatever its scheme. Raises as `get`."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise SourceRefused(f"{shown_url(url)} is not an address that can be read") from error
        return await self._addresses(parsed)

    @property
    def agent(self) -> str:
        """How requests name their sender."""
        return self._agent

    @property
    def proxy(self) -> Sealed | None:
        """The proxy through which every connection goes, None when there is none."""
        return self._proxy_address

    async def _follow(self, sent: Sent, url: str, *, max_bytes: int, timeout: timedelta) -> Answer:
        here = _checked(url)
        left = timeout.total_seconds()
        hops: list[tuple[int, str]] = []
        while True:
            answer, took = await self._turn(here, sent, max_bytes=max_bytes, seconds=left)
            left -= took
            target = _target(here, answer)
            if target is None:
                return Answer(
                    status=answer.status,
                    headers=answer.headers,
                    body=answer.body,
                    url=str(here),
                    redirects=tuple(hops),
                    truncated=answer.truncated,
                )
            if len(hops) == _MAX_REDIRECTS:
                raise SourceUnavailable(f"{shown_url(url)} redirects more than {_MAX_REDIRECTS} times")
            hops.append((answer.status, str(target)))
            if not same_party(str(here), str(target)):
                kept = {name: value for name, value in sent.headers.items() if name in _TRAVELS}
                sent = sent._replace(headers=kept)
            here = target

    async def _turn(self, url: httpx.URL, sent: Sent, *, max_bytes: int, seconds: float) -> tuple[Answer, float]:
        """One request when the host has a free turn; returns how long it took, waiting for the turn left out."""
        loop = asyncio.get_running_loop()
        turns = self._turns.setdefault(url.host, asyncio.Semaphore(_PER_HOST))
        async with turns:
            began = loop.time()
            try:
                async with asyncio.timeout(seconds):
                    response = await self._response(url, sent)
                    answer = await self._read(url, response, max_bytes=max_bytes)
            except TimeoutError as error:
                raise SourceUnavailable(f"{shown_url(str(url))} took too long to answer") from error
            return answer, loop.time() - began

    async def _response(self, url: httpx.URL, sent: Sent) -> httpx.Response:
        last: Exception | None = None
        for address in await self._addresses(url):
            request = self._request(url, sent, address)
            try:
                return await self._transport.handle_async_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                last = error
                continue
            except httpx.TransportError as error:
                raise SourceUnavailable(f"{url.host}: {_said(error)}") from error
        raise SourceUnavailable(f"{url.host}: {_said(last)}") from last

    async def _addresses(self, url: httpx.URL) -> tuple[str, ...]:
        """What to dial: the judged addresses, or the name itself where a proxy does the dialling.

        A proxy is the operator's own gate; what this machine can tell of the name is still held against it.
        """
        if not self._proxied:
            return await self._resolver.resolve(url.host, _port(url))
        await self._resolver.judge_name(url.host, _port(url))
        return (url.host,)

    def _request(self, url: httpx.URL, sent: Sent, address: str) -> httpx.Request:
        """A request to `address` that says to the server, in `Host` and in TLS, the name that was asked for."""
        usual = {"accept-encoding": OFFERED, "user-agent": self._agent}
        headers = usual | sent.headers | {"host": url.netloc.decode("ascii")}
        sni = {} if self._proxied else {"sni_hostname": url.raw_host.decode("ascii")}
        timeouts = {"connect": 10.0, "read": None, "write": None, "pool": None}
        raw = [(name.encode("ascii", "replace"), _header_bytes(value)) for name, value in headers.items()]
        extensions = {"timeout": timeouts, **sni}
        target = url.copy_with(host=address)
        return httpx.Request(sent.method, target, headers=raw, content=sent.body, extensions=extensions)

    async def _read(self, url: httpx.URL, response: httpx.Response, *, max_bytes: int) -> Answer:
        headers = _headers(response)
        try:
            body, truncated = await _body(response, headers.get("content-encoding", ""), max_bytes)
        except TooLarge as error:
            raise SourceRefused(f"{shown_url(str(url))} is larger than {max_bytes // 1_000_000 or 1} MB") from error
        except Damaged as error:
            raise SourceUnavailable(f"{shown_url(str(url))}: {error}") from error
        finally:
            await response.aclose()
        return Answer(
            status=response.status_code, headers=headers, body=body, url=str(url), redirects=(), truncated=truncated
        )


async def _pieces(response: httpx.Response, url: httpx.URL, quiet: timedelta) -> AsyncIterator[bytes]:
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    pieces = aiter(stream)
    try:
        while True:
            async with asyncio.timeout(quiet.total_seconds()):
                piece = await anext(pieces)
            yield piece
    except StopAsyncIteration:
        return
    except TimeoutError as error:
        raise SourceUnavailable(f"{url.host}: nothing came for {quiet.total_seconds():.0f} s") from error
    except httpx.TransportError as error:
        raise SourceUnavailable(f"{url.host}: {_said(error)}") from error


async def _body(response: httpx.Response, encoding: str, limit: int) -> tuple[bytes, bool]:
    """The inflated body, and whether it is cut short."""
    if response.status_code in _REDIRECTS or response.status_code == 304:
        return b"", False
    inflate = Inflate(encoding, limit=limit)
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    try:
        async for piece in stream:
            inflate.feed(piece)
    except httpx.TransportError as error:
        if not inflate.body:
            raise Damaged(_said(error)) from error
        return inflate.body, True
    return inflate.body, not inflate.whole


def _lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def _headers(response: httpx.Response) -> dict[str, str]:
    """Headers with their bytes kept one to one (Latin-1), so that a validator goes back as it came."""
    found: dict[str, str] = {}
    for raw_name, raw_value in response.headers.raw:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _header_bytes(value: str) -> bytes:
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def _trusted() -> ssl.SSLContext:
    """The public authorities, and those that the machine's owner added (a company's own, `SSL_CERT_FILE`)."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _proxy(address: Sealed) -> httpx.Proxy:
    try:
        return httpx.Proxy(address.reveal())
    except (httpx.InvalidURL, ValueError):
        # Not chained: the address may hold a password.
        raise SecretError("network.proxy is not an address that can be read", "http://host:port") from None


def _checked(url: str) -> httpx.URL:
    """Parse an address, dropping its user and password. Raises SourceRefused with what is wrong."""
    if len(url) > _LONGEST_URL:
        raise SourceRefused("the address is too long")
    try:
        parsed = httpx.URL(url).copy_with(userinfo=b"", fragment=None)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise SourceRefused(f"{shown_url(url)} is not an address that can be read") from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise SourceRefused(f"{shown_url(url)} is not an http or https address")
    return parsed


def _target(here: httpx.URL, answer: Answer) -> httpx.URL | None:
    """Where a redirect leads, None when the answer is final."""
    location = answer.headers.get("location", "").strip()
    if answer.status not in _REDIRECTS or not location:
        return None
    try:
        joined = str(here.join(location.encode("latin-1").decode("utf-8", "surrogateescape")))
    except (httpx.InvalidURL, ValueError) as error:
        raise SourceRefused(f"{shown_url(str(here))} redirects to an address that cannot be read") from error
    return _checked(joined)


def _port(url: httpx.URL) -> int:
    return url.port or (443 if url.scheme in ("https", "wss") else 80)


_SAID: dict[type[Exception], str] = {
    httpx.ConnectTimeout: "the connection took too long",
    httpx.RemoteProtocolError: "the connection ended before the answer did",
    httpx.ReadError: "the connection broke while reading",
    httpx.ProxyError: "the proxy refused the request",
}


def _said(error: Exception | None) -> str:
    """An error of the network in words that a user understands."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "its certificate is not trusted" + (f" ({text.rpartition(': ')[2][:80]})" if ": " in text else "")
    if isinstance(error, httpx.ConnectError):
        return "no connection" + (" (encryption failed)" if "SSL" in text else "")
    return _SAID.get(type(error), "the connection failed") if error else "no connection"
