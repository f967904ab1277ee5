"""The place on the web that an address belongs to."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import parse_qs, urljoin, urlsplit

_LONGEST = 4_000
_GOOGLE_REDIRECTS = ("/url",)


def host_of(url: str) -> str:
    """The host of `url` without `www.`, lower case; empty when there is none."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host.rstrip(".").removeprefix("www.")


def site_of(url: str) -> str:
    """The registrable host of `url` (`news.bbc.co.uk` → `bbc.co.uk`); the host itself where no rule is known for it."""
    return _registrable(host_of(url))


@lru_cache(maxsize=20_000)
def _registrable(host: str) -> str:
    if not host:
        return ""
    from courlan import extract_domain

    return str(extract_domain(f"https://{host}/") or host)


def web_link(link: str, *, base: str) -> str:
    """`link` as a full http or https address, relative ones taken from `base`; empty for anything else."""
    try:
        full = urljoin(base, link.strip())
        parts = urlsplit(full)
    except ValueError:
        return ""
    usable = parts.scheme in ("http", "https") and parts.netloc and len(full) <= _LONGEST
    return unwrapped(full) if usable else ""


def unwrapped(url: str) -> str:
    """The address that a Google redirect (`google.com/url?url=…`) leads to; any other address as it is."""
    parts = urlsplit(url)
    if parts.path not in _GOOGLE_REDIRECTS or not _is_google(parts.hostname or ""):
        return url
    query = parse_qs(parts.query)
    for name in ("url", "q"):
        inner = query.get(name, [""])[0]
        if inner.startswith(("http://", "https://")) and host_of(inner):
            return inner
    return url


def _is_google(host: str) -> bool:
    bare = host.removeprefix("www.")
    return bare == "google.com" or (bare.startswith("google.") and len(bare) <= len("google.com.br"))
