"""From any JSON record to a mention, by JMESPath expressions that a user writes (https://jmespath.org)."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

from buzzguard.collect.fields import (
    LONGEST_NAME,
    LONGEST_TEXT,
    LONGEST_TITLE,
    decimal_at,
    id_at,
    language_tag,
    moment_at,
    number_at,
    text_at,
)
from buzzguard.collect.site import site_of, web_link
from buzzguard.config.mapping import MentionMapping
from buzzguard.model import Author, Engagement, Mention, MentionKind

_KINDS = {kind.value: kind for kind in MentionKind}
_AS_TEXT = 60
"""Characters of a number or a boolean that is written as a text."""


class Mapper:
    """Builds mentions of one source kind and stream by a mapping."""

    def __init__(self, mapping: MentionMapping, *, source: str, stream: str, scope: str, language: str = "") -> None:
        """`scope` tells places apart whose ids may be the same: a host, say."""
        named = mapping.model_dump()
        self._read = {name: _compiled(expression) for name, expression in named.items() if expression}
        self._source = source
        self._stream = stream
        self._scope = scope
        self._language = language

    def mention(self, record: Any, *, base: str, now: datetime) -> Mention:
        """The mention of a record. Raises ValueError for one that holds none."""
        found = {name: _plain(read.search(record)) for name, read in self._read.items()}
        text, title = text_at(found, "text", most=LONGEST_TEXT), text_at(found, "title", most=LONGEST_TITLE)
        if not (text.strip() or title.strip()):
            raise ValueError("there is no text and no title")
        written = text_at(found, "url", most=LONGEST_TEXT)
        url = web_link(written, base=base) if written else ""
        return Mention(
            id=self._key(id_at(found, "id") if found.get("id") is not None else url),
            stream=self._stream,
            source=self._source,
            published=moment_at(found, "published"),
            fetched=now,
            text=text,
            title=title,
            url=url,
            site=text_at(found, "site", most=LONGEST_NAME) or site_of(url) or site_of(base),
            language=language_tag(text_at(found, "language")) or self._language,
            kind=_KINDS.get(text_at(found, "kind").strip().lower(), MentionKind.POST),
            author=_author(found),
            engagement=Engagement(
                likes=number_at(found, "likes"),
                replies=number_at(found, "replies"),
                shares=number_at(found, "shares"),
                views=number_at(found, "views"),
            ),
            rating=decimal_at(found, "rating"),
            parent=self._key(id_at(found, "parent")) if found.get("parent") not in (None, "") else "",
        )

    def _key(self, written: str) -> str:
        if not written:
            raise ValueError("there is no id and no usable url")
        digest = blake2b(f"{self._scope}\0{written}".encode("utf-8", "replace"), digest_size=12).hexdigest()
        return f"{self._source}:{digest}"


def evaluated(expression: str, document: Any) -> Any:
    """What an expression finds in a document. Raises ValueError where it cannot be evaluated on it."""
    return _compiled(expression).search(document)


class _Reader:
    """A compiled expression whose faults at run time are ValueErrors."""

    def __init__(self, expression: str) -> None:
        import jmespath

        self._compiled = jmespath.compile(expression)
        self._written = expression

    def search(self, document: Any) -> Any:
        from jmespath.exceptions import JMESPathError

        try:
            return self._compiled.search(document)
        except (JMESPathError, RecursionError) as error:
            raise ValueError(
                f"{self._written[:60]!r} cannot be evaluated: {' '.join(str(error).split())[:120]}"
            ) from error


@lru_cache(maxsize=1_000)
def _compiled(expression: str) -> _Reader:
    return _Reader(expression)


def _plain(value: Any) -> Any:
    """A number where a text may be due is written out; lists of texts are joined."""
    if isinstance(value, list):
        return " ".join(part for part in value if isinstance(part, str))[:LONGEST_TEXT]
    return value


def _author(found: dict[str, Any]) -> Author:
    handle = _name(found.get("author"))
    key = _name(found.get("author_id"))
    name = _name(found.get("author_name"))
    return Author(id=key or handle or name, handle=handle or name, name=name, followers=number_at(found, "followers"))


def _name(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()[: LONGEST_NAME if isinstance(value, str) else _AS_TEXT]
