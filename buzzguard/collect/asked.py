"""What sources are configured with: where they ask, and what they ask for."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit

from pydantic import AfterValidator, Field

from buzzguard.errors import SourceRefused


def _web_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("not an http or https address, write for example https://forum.example.org")
    if "@" in parts.netloc:
        raise ValueError("an address holds no user or password; secrets have settings of their own")
    return value.rstrip("/")


WebAddress = Annotated[str, Field(max_length=1_000), AfterValidator(_web_address)]
"""The address of a service, without `/` at its end."""
Queries = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=500)]
"""What to search for, one search each."""


def queries_of(configured: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    """What to search for: as configured, else the words of the stream's topics, each once. Raises SourceRefused when
    there is nothing."""
    found = tuple(dict.fromkeys(configured or words))
    if not found:
        raise SourceRefused(
            "there is nothing to search for: write `queries`, or give the stream topics with whole words"
        )
    return found


def asked(address: str, **fields: str | int | None) -> str:
    """`address` with a query; fields that are None are left out."""
    given = {name: str(value) for name, value in fields.items() if value is not None}
    return f"{address}?{urlencode(given, quote_via=quote)}" if given else address


def phrase(words: str) -> str:
    """Words in the quotes that most search engines take for a phrase."""
    bare = words.replace('"', " ").strip()
    return f'"{bare}"'


def until(token: str, oldest: datetime) -> str:
    """The latest second of the next page, where lists are asked by time: that of the oldest listed, again, as several
    may bear it; a second earlier where a whole page does. `token` is what the page was asked with."""
    second = int(oldest.timestamp())
    return str(second - 1) if token.isdecimal() and second >= int(token) else str(second)
