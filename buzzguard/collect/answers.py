"""What an HTTP answer means for a stream, in words that its operator understands."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from buzzguard.collect.dates import parse_date
from buzzguard.collect.entry import NotAFeed
from buzzguard.collect.http import Answer, shown_url
from buzzguard.errors import SourceError, SourceGone, SourceRefused, SourceUnavailable

_LONGEST_WAIT = timedelta(hours=24)
_PASSING = frozenset((408, 423, 425, 429))
_CHALLENGES = ("cf-mitigated", "x-amzn-waf-action", "x-datadome")
_UNUSUAL = ("unusual traffic", "are you a robot", "captcha", "just a moment...", "before you continue")
_FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/feed+json"))
_SECRET_PATHS = ("/alerts/feeds/",)


def shown(answer: Answer) -> str:
    """Where an answer came from, without what may be a secret."""
    parts = urlsplit(answer.url)
    if parts.path.startswith(_SECRET_PATHS):
        return f"{parts.scheme}://{parts.hostname}/…"
    return shown_url(answer.url)


def check_status(answer: Answer, now: datetime, *, authorised: bool) -> None:
    """Raise the SourceError that the status calls for; return for one that carries a document."""
    status = answer.status
    if status == 200 and answer.body.strip():
        return
    if status in (200, 204):
        raise SourceUnavailable(f"{status}, an empty answer from {shown(answer)}")
    if status == 410:
        raise SourceGone(f"410, {shown(answer)} is gone for good; remove the stream")
    if challenged(answer):
        raise SourceUnavailable(
            f"{status}, {shown(answer)} is blocked by a challenge page", retry_after=retry_hint(answer, now)
        )
    if status in _PASSING or status >= 500 or status < 300:
        raise SourceUnavailable(_passing(status, shown(answer)), retry_after=retry_hint(answer, now))
    raise SourceRefused(_refused(status, shown(answer), authorised=authorised))


def _passing(status: int, where: str) -> str:
    if status == 429:
        return f"429, too many requests for {where}"
    if status == 503:
        return f"503, {where} is not available for now"
    return f"{status}, the server of {where} has trouble" if status >= 500 else f"{status} from {where}"


def _refused(status: int, where: str, *, authorised: bool) -> str:
    if status == 401:
        return "401, the token was refused" if authorised else f"401, {where} wants a token or a password"
    if status == 403:
        return f"403, {where} may not be read" + (" with this token" if authorised else "")
    if status == 404:
        return f"404, there is nothing at {where}; check the address"
    return f"{status}, {where} cannot be read; check the address"


def challenged(answer: Answer) -> bool:
    """Whether a page that wants to see a human stands in place of the answer."""
    if any(name in answer.headers for name in _CHALLENGES):
        return True
    if "html" not in answer.headers.get("content-type", ""):
        return False
    head = answer.body[:20_000].decode("utf-8", "replace").lower()
    return any(words in head for words in _UNUSUAL)


def retry_hint(answer: Answer, now: datetime) -> timedelta | None:
    """How long `Retry-After` asks to wait, at most a day. A date is held against the server's own clock."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=min(int(text[:9]), 10**8)), _LONGEST_WAIT) or None
    until = parse_date(text)
    if until is None:
        return None
    wait = until - (parse_date(answer.headers.get("date", "")) or now)
    return min(wait, _LONGEST_WAIT) if wait > timedelta(0) else None


def web_page(answer: Answer, error: NotAFeed) -> SourceError:
    """The error for a document that is no feed, naming the feed that the page itself points to."""
    where = shown(answer)
    if answer.truncated:
        return SourceUnavailable(f"the connection broke while reading {where}")
    if challenged(answer):
        return SourceUnavailable(f"{where} is blocked by a challenge page")
    feed = _discovered(error.page, base=answer.url)
    if feed:
        return SourceRefused(f"{where} is {error}; its feed seems to be {shown_url(feed)}")
    return SourceUnavailable(f"{where} is {error}")


def _discovered(page: str, *, base: str) -> str:
    """The feed that a web page names in its head, empty when it names none."""
    if not page:
        return ""
    from selectolax.lexbor import LexborHTMLParser

    for link in LexborHTMLParser(page[:200_000]).css("link[rel][href][type]"):
        named = {name: value or "" for name, value in link.attributes.items()}
        if "alternate" in named["rel"].lower().split() and named["type"].lower().strip() in _FEED_TYPES:
            return urljoin(base, named["href"].strip())
    return ""
