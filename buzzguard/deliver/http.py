"""The one door to the services that take messages over HTTP: a request sent, an answer or one of our errors back.

The addresses are the operator's own, so private ones are permitted; a redirect is never followed, for what is sent is
meant for one place. No error raised here holds an address, a header, a body or anything else that may be a secret, nor
is chained to one that does.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Annotated, NamedTuple
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator

from buzzguard import __version__
from buzzguard.config.secrets import Sealed, SecretError, read_secret
from buzzguard.config.settings import NetworkSettings, Secret
from buzzguard.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain

PATIENCE = 8.0
"""Seconds that one request may take in all: the daemon has ten to stop."""
LONGEST_WAIT = timedelta(hours=1)
_MOST_BYTES = 200_000
_LIMITED_WAIT = timedelta(seconds=30)
_LONGEST_URL = 4_000


def web_address(url: str) -> str:
    """An address as it may stand in the configuration. Raises ValueError, without the address, for any other."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        httpx.URL(url)
    except (ValueError, TypeError, httpx.InvalidURL):
        sound = False
    if not sound or len(url) > _LONGEST_URL or re.search(r"[\s\x00-\x1f]", url):
        raise ValueError("this is not an http or https address")
    if "@" in parts.netloc or parts.fragment:
        raise ValueError("an address holds no user, password or fragment here")
    return url


def private_address(url: str) -> str:
    """The same, where what is sent must be encrypted: https, but for this machine itself."""
    if urlsplit(web_address(url)).scheme == "http" and not on_this_machine(urlsplit(url).hostname or ""):
        raise ValueError("the address must begin with https://, or a secret could be read on its way")
    return url


def on_this_machine(host: str) -> bool:
    """Whether a host is a loopback address, or `localhost`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


WebAddress = Annotated[str, AfterValidator(web_address)]
PrivateAddress = Annotated[str, AfterValidator(private_address)]


def secret_address(secret: Secret, *, what: str) -> Sealed:
    """An address that is itself a secret. Raises SecretError when it cannot be read or is none to send secrets to."""
    sealed = read_secret(secret)
    try:
        private_address(sealed.reveal())
    except ValueError as error:
        raise SecretError(f"the secret address of {what}: {error}") from None
    return sealed


class Answer(NamedTuple):
    """What a service answered: `headers` have lower-case names; of a long `body` its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """Sends the requests of one notifier to `service`, as people call it. Opens nothing before the first."""

    def __init__(self, service: str, *, patience: float = PATIENCE) -> None:
        self._service = service
        self._patience = patience
        self._proxy: httpx.Proxy | None = None
        self._agent = f"BuzzGuard/{__version__}"
        self._transports: dict[bool, httpx.AsyncHTTPTransport] = {}

    def use(self, network: NetworkSettings) -> None:
        """Go through the operator's proxy. Raises SecretError when its address cannot be read."""
        proxy = read_secret(network.proxy) if network.proxy is not None else None
        try:
            self._proxy = httpx.Proxy(proxy.reveal()) if proxy is not None else None
        except (httpx.InvalidURL, ValueError):
            # Not chained: the address may hold a password.
            raise SecretError("network.proxy is not an address that can be read", "http://host:port") from None

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> Answer:
        """The answer, whatever its status.

        Raises DeliveryDelayed when the request cannot have arrived, DeliveryUncertain when it may have.
        """
        sent = {"host": _host(url), "user-agent": self._agent, "accept-encoding": "identity", **(headers or {})}
        limits = {"connect": min(5.0, self._patience), "read": None, "write": None, "pool": None}
        try:
            # Not through httpx's client, which logs every address, and some are secrets.
            request = httpx.Request(method, url, headers=sent, content=content, extensions={"timeout": limits})
            async with asyncio.timeout(self._patience):
                response = await self._opened(url).handle_async_request(request)
                try:
                    return Answer(response.status_code, dict(response.headers), await _beginning(response))
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            fault: DeliveryDelayed = DeliveryDelayed(f"{self._service}: {_said(error)}")
        except (httpx.HTTPError, httpx.StreamError) as error:
            fault = DeliveryUncertain(f"{self._service}: the answer was lost ({type(error).__name__})")
        except TimeoutError:
            fault = DeliveryUncertain(f"{self._service} took too long to answer")
        except (httpx.InvalidURL, ValueError):
            fault = DeliveryDelayed(f"{self._service}: the request could not be made")
        raise fault

    async def close(self) -> None:
        """Free the connections. May be called twice."""
        transports, self._transports = list(self._transports.values()), {}
        for transport in transports:
            await transport.aclose()

    def _opened(self, url: str) -> httpx.AsyncHTTPTransport:
        near = on_this_machine(urlsplit(url).hostname or "")
        if near not in self._transports:
            # A kept connection that the service closed meanwhile would leave in doubt what never arrived.
            limits = httpx.Limits(max_connections=16, max_keepalive_connections=0)
            proxy = None if near else self._proxy
            self._transports[near] = httpx.AsyncHTTPTransport(
                verify=_trusted(), limits=limits, proxy=proxy, trust_env=False
            )
        return self._transports[near]


def judge(answer: Answer, service: str, *, now: datetime, reason: str = "") -> None:
    """Return for a good answer; otherwise raise the error that says whether to try again.

    `reason` is what the service said, made fit to be shown (`told`).
    """
    why = f" ({reason})" if reason else ""
    if 200 <= answer.status < 300:
        return
    if answer.status == 429:
        raise DeliveryDelayed(f"{service}: too many requests{why}", retry_after=wait(answer, now) or _LIMITED_WAIT)
    if answer.status in (408, 425, 503):
        raise DeliveryDelayed(f"{service}: passing trouble, {answer.status}{why}", retry_after=wait(answer, now))
    if answer.status >= 500:
        raise DeliveryUncertain(f"{service}: passing trouble, {answer.status}{why}", retry_after=wait(answer, now))
    if 300 <= answer.status < 400:
        raise DeliveryRefused(f"{service} redirects elsewhere ({answer.status}): write its final address")
    raise DeliveryRefused(f"{service} refused the message, {answer.status}{why}")


def wait(answer: Answer, now: datetime) -> timedelta | None:
    """How long `Retry-After` asks to wait, in seconds or as a date; an hour at most, None when it does not say."""
    said = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", said):
        return bounded(float(said))
    try:
        until = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return None
    return bounded((until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def bounded(seconds: float) -> timedelta:
    """A wait that is asked for: a second at least, an hour at most."""
    return min(max(timedelta(seconds=1), timedelta(seconds=min(seconds, 1e6))), LONGEST_WAIT)


def _host(url: str) -> str:
    return httpx.URL(url).netloc.decode("ascii")


async def _beginning(response: httpx.Response) -> bytes:
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) >= _MOST_BYTES:
            break
    return bytes(body[:_MOST_BYTES])


def _trusted() -> ssl.SSLContext:
    """The public authorities, and those that the machine's owner added (a company's own, `SSL_CERT_FILE`)."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _said(error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted"
    if isinstance(error, httpx.ProxyError):
        return "the proxy refused the request"
    return "no connection"
