"""WebSub (https://www.w3.org/TR/websub/): a feed's hub says at once that there is news, and the feed is read.

What a hub sends is a knock, not news: the feed itself is read then, so a forged knock costs a poll and tells nothing
false. Subscriptions live in memory; a new process subscribes anew under new addresses, and the former ones lapse at the
hub with their lease. Polling goes on as before: a hub that falls silent delays nothing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode, urljoin

from buzzguard.collect.http import Answer, HttpClient, shown_url
from buzzguard.config.secrets import Sealed
from buzzguard.errors import SourceError
from buzzguard.telemetry import get_logger

LEASE = timedelta(days=7)
_LONGEST_LEASE = timedelta(days=30)
_PENDING = timedelta(minutes=10)
"""How long a hub may take to verify; it is asked again after."""
_RETRY = timedelta(hours=1)
_METHODS = frozenset(("sha1", "sha256", "sha384", "sha512"))
_LINK = re.compile(r"<([^<>]{1,2000})>((?:\s*;[^,<]{1,200}){1,5})")
_REL = re.compile(r';\s*rel\s*=\s*"?([^";]{1,100})"?', re.IGNORECASE)
_LONGEST_CHALLENGE = 1_000
_log = get_logger("collect.websub")


@dataclass
class _Subscription:
    """One stream at one hub. `ends`: of the lease, or of the patience with a hub that has not verified."""

    hub: str
    topic: str
    token: str
    secret: Sealed
    ends: datetime
    active: bool = False


class Subscriptions:
    """What hubs are asked, and what comes back. `public_url` is where they reach us; `on_news` is told the stream."""

    def __init__(self, on_news: Callable[[str], None]) -> None:
        self._on_news = on_news
        self._held: dict[str, _Subscription] = {}
        self.public_url = ""

    async def keep(self, stream: str, hub: str, topic: str, *, http: HttpClient, now: datetime) -> str:
        """Be subscribed: ask the hub when there is no subscription or it is about to end. Returns what is wrong, in a
        line; empty when nothing is, and without a public address."""
        if not self.public_url or not self._wanted(stream, hub, topic, now):
            return ""
        asked = _Subscription(hub, topic, secrets.token_urlsafe(18), Sealed(secrets.token_hex(20)), now + _PENDING)
        self._held[stream] = asked
        form = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.callback": f"{self.public_url.rstrip('/')}/v1/websub/{stream}/{asked.token}",
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
            "hub.secret": asked.secret.reveal(),
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        try:
            answer = await http.post(hub, urlencode(form).encode(), headers=headers, max_bytes=100_000)
        except SourceError as error:
            asked.ends = now + _RETRY
            return f"the hub {shown_url(hub)} could not be asked ({error}); the feed is polled"
        if answer.status // 100 != 2:
            asked.ends = now + _RETRY
            return f"the hub {shown_url(hub)} refused with {answer.status}; the feed is polled"
        return ""

    def verified(self, stream: str, token: str, query: Mapping[str, str], now: datetime) -> str | None:
        """The answer to a hub's question whether a subscription was meant; None when it was not."""
        held = self._of(stream, token)
        if held is None or query.get("hub.topic") != held.topic:
            return None
        if query.get("hub.mode") == "denied":
            held.ends = now + _RETRY
            _log.warning("websub.denied", stream=stream)
            return ""
        challenge = query.get("hub.challenge", "")
        if query.get("hub.mode") != "subscribe" or not 0 < len(challenge) <= _LONGEST_CHALLENGE:
            return None
        held.active, held.ends = True, now + _lease(query.get("hub.lease_seconds", ""))
        _log.info("websub.subscribed", stream=stream, until=held.ends)
        return challenge

    def knocked(self, stream: str, token: str, signature: str, body: bytes) -> bool:
        """Whether a hub's knock is of a subscription; read the feed when it is signed as agreed."""
        held = self._of(stream, token)
        if held is None:
            return False
        method, _, given = signature.partition("=")
        if method not in _METHODS:
            _log.warning("websub.unsigned", stream=stream)
            return True
        expected = hmac.new(held.secret.reveal().encode(), body, method).hexdigest()
        if hmac.compare_digest(expected.encode(), given.strip().lower().encode()):
            self._on_news(stream)
        else:
            _log.warning("websub.forged", stream=stream)
        return True

    def _wanted(self, stream: str, hub: str, topic: str, now: datetime) -> bool:
        held = self._held.get(stream)
        if held is None or (held.hub, held.topic) != (hub, topic):
            return True
        margin = LEASE / 10 if held.active else timedelta(0)
        return now >= held.ends - margin

    def _of(self, stream: str, token: str) -> _Subscription | None:
        held = self._held.get(stream)
        return held if held is not None and hmac.compare_digest(held.token.encode(), token.encode()) else None


def hub_of(answer: Answer, written: Mapping[str, str]) -> tuple[str, str]:
    """The hub of a feed and the address it is known by there; empty when it has none.

    The `Link` header counts before what the feed itself says (`written`: `hub` and `self`).
    """
    named = dict(written)
    for match in _LINK.finditer(answer.headers.get("link", "")[:8_000]):
        rel = _REL.search(match[2])
        for name in rel[1].lower().split() if rel else ():
            if name in ("hub", "self"):
                named[name] = match[1]
    hub = urljoin(answer.url, named.get("hub", "")) if named.get("hub") else ""
    topic = urljoin(answer.url, named.get("self", "")) if named.get("self") else answer.url
    return (hub, topic) if hub.startswith(("http://", "https://")) else ("", "")


def _lease(written: str) -> timedelta:
    seconds = int(written) if written.isdecimal() and len(written) < 10 else int(LEASE.total_seconds())
    return min(max(timedelta(seconds=seconds), timedelta(minutes=10)), _LONGEST_LEASE)
