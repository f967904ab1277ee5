"""From a pushed body to mentions: JSON or NDJSON, each record judged on its own."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec

from buzzguard.model import Author, Engagement, Mention, MentionKind, Record

STREAM = "intake"
_Short = Annotated[str, msgspec.Meta(max_length=500)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
_LONGEST_TEXT = 20_000
_BAD_JSON = "the body is not JSON"


class PushedAuthor(msgspec.Struct, frozen=True):
    """The author of a pushed mention."""

    id: _Short | None = None
    handle: _Short | None = None
    name: _Short | None = None
    followers: _Count | None = None
    verified: bool | None = None


class PushedMetrics(msgspec.Struct, frozen=True):
    """Reactions to a pushed mention."""

    likes: _Count | None = None
    replies: _Count | None = None
    shares: _Count | None = None
    views: _Count | None = None


class PushedMention(msgspec.Struct, frozen=True):
    """A mention as it is pushed. Unknown keys are ignored: vendors add some without warning."""

    text: str = ""
    title: _Short | None = None
    id: Annotated[str, msgspec.Meta(max_length=200)] | Annotated[int, msgspec.Meta()] | None = None
    source: Annotated[str, msgspec.Meta(max_length=60)] = "push"
    url: Annotated[str, msgspec.Meta(max_length=2_000)] | None = None
    site: _Short | None = None
    lang: Annotated[str, msgspec.Meta(max_length=10)] | None = None
    kind: MentionKind = MentionKind.POST
    published_at: datetime | None = None
    author: PushedAuthor | None = None
    metrics: PushedMetrics | None = None
    rating: float | None = None


class Invalid(Record, frozen=True, kw_only=True):
    """A record that could not be read: its index in the batch (from 0) and why."""

    index: int
    reason: str


class BodyError(ValueError):
    """The body as a whole cannot be read; the message is for its sender."""


def parse_body(body: bytes, content_type: str, *, now: datetime, most: int) -> tuple[list[Mention], list[Invalid]]:
    """Read a pushed body. `content_type` chooses NDJSON (`application/x-ndjson`) or JSON.

    JSON is one mention, an array of them, or `{"mentions": [...]}`. A record that cannot be read is reported and the
    others are kept. Raises BodyError when nothing can be made of the body, or it holds more than `most` records.
    """
    records = _lines(body) if "ndjson" in content_type or "jsonl" in content_type else _documents(body)
    if len(records) > most:
        raise BodyError(f"the batch holds {len(records)} mentions, at most {most} are taken: send smaller batches")
    mentions: list[Mention] = []
    invalid: list[Invalid] = []
    for index, record in enumerate(records):
        try:
            mentions.append(_mention(record, now))
        except (msgspec.ValidationError, msgspec.DecodeError, ValueError) as error:
            invalid.append(Invalid(index=index, reason=str(error)[:300]))
    return mentions, invalid


def _lines(body: bytes) -> list[Any]:
    return [msgspec.Raw(line) for line in body.splitlines() if line.strip()]


def _documents(body: bytes) -> list[Any]:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError(f"{_BAD_JSON}: {error}") from error
    if isinstance(document, dict) and isinstance(document.get("mentions"), list):
        document = document["mentions"]
    if isinstance(document, dict):
        document = [document]
    if not isinstance(document, list) or not document:
        raise BodyError("send a mention, an array of mentions, or an object with an array `mentions`")
    return document


def _mention(record: Any, now: datetime) -> Mention:
    if isinstance(record, msgspec.Raw):
        pushed = msgspec.json.decode(record, type=PushedMention)
    else:
        pushed = msgspec.convert(record, type=PushedMention)
    if not pushed.text.strip() and not pushed.title:
        raise ValueError("text and title are both empty")
    published = pushed.published_at
    if published is not None and published.tzinfo is None:
        raise ValueError("published_at has no time zone, write for example 2026-11-22T06:20:10Z")
    author = pushed.author or PushedAuthor()
    metrics = pushed.metrics or PushedMetrics()
    return Mention(
        id=_id(pushed),
        stream=STREAM,
        source=pushed.source,
        published=(published or now).astimezone(UTC),
        fetched=now,
        time_trusted=published is not None,
        text=pushed.text[:_LONGEST_TEXT],
        title=pushed.title or "",
        url=pushed.url or "",
        site=pushed.site or "",
        language=(pushed.lang or "")[:2].lower(),
        kind=pushed.kind,
        rating=pushed.rating,
        author=Author(
            id=author.id or "",
            handle=author.handle or "",
            name=author.name or "",
            followers=author.followers or 0,
            verified=author.verified or False,
        ),
        engagement=Engagement(
            likes=metrics.likes or 0,
            replies=metrics.replies or 0,
            shares=metrics.shares or 0,
            views=metrics.views or 0,
        ),
    )


def _id(pushed: PushedMention) -> str:
    """The sender's id; without one, a hash of what makes the mention itself, so that a repeat is recognised."""
    if pushed.id not in (None, ""):
        return f"{pushed.source}:{pushed.id}"
    own = "\x1f".join((pushed.url or "", pushed.title or "", pushed.text, str(pushed.published_at or "")))
    return f"{pushed.source}:{hashlib.sha256(own.encode(errors='replace')).hexdigest()[:32]}"
