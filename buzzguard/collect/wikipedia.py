"""What the two sources of Wikipedia have in common: which articles are meant, and what Wikimedia asks of readers."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from buzzguard.collect.http import Answer, HttpClient
from buzzguard.errors import SourceError, SourceRefused

_WIKI = re.compile(r"[a-z][a-z-]{1,19}\.wikipedia")
_MOST = 100


def check_wiki(value: str) -> str:
    """A Wikipedia by its language, as `fr.wikipedia`. Raises ValueError."""
    wiki = value.strip().lower().removesuffix(".org")
    if not _WIKI.fullmatch(wiki):
        raise ValueError(f"{value[:40]!r} is not a Wikipedia, write for example fr.wikipedia")
    return wiki


def _articles(value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    named = {check_wiki(wiki): tuple(title_of(title) for title in titles) for wiki, titles in value.items()}
    if sum(len(titles) for titles in named.values()) > _MOST:
        raise ValueError(f"more than {_MOST} articles are too many for one stream, make several")
    return named


def title_of(text: str) -> str:
    """A title as it is shown: spaces for underscores, its first letter large."""
    title = " ".join(text.replace("_", " ").split())
    return title[:1].upper() + title[1:]


Wiki = Annotated[str, AfterValidator(check_wiki)]
Articles = Annotated[
    dict[str, tuple[Annotated[str, Field(min_length=1, max_length=255)], ...]], AfterValidator(_articles)
]
"""Titles by Wikipedia: `{fr.wikipedia: ["Lumio (entreprise)"]}`."""


def nameless(http: HttpClient) -> str:
    """What to tell the operator whose requests name nobody to turn to; empty when they do."""
    if "@" in http.agent or "://" in http.agent:
        return ""
    return "Wikimedia asks readers to name a contact: write network.user_agent, with an address of mail or web"


def unwelcome(answer: Answer) -> SourceError | None:
    """The error for a reader that Wikimedia turns away for how it names itself."""
    if answer.status != 403:
        return None
    return SourceRefused("403, Wikimedia turns this reader away; write network.user_agent, with a contact")
