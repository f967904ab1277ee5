"""Short ways to say what the tests of this stage are given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from buzzguard.model import Author, Engagement, Mention, Polarity, Poll, ScoredMention, Sentiment, Span

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """That many minutes after the start of the story."""
    return START + timedelta(minutes=minutes)


def mention(
    id: str,
    minutes: float,
    *,
    topics: tuple[str, ...] = ("acme",),
    polarity: Polarity = Polarity.NEUTRAL,
    confidence: float = 1.0,
    author: str = "",
    site: str = "example.org",
    source: str = "rss",
    followers: int = 0,
    likes: int = 0,
    gravity: tuple[str, ...] = (),
    text: str = "",
    key: int | None = None,
    copy_key: int = 0,
    copied: bool = False,
    stream: str = "s",
    fetched: float | None = None,
) -> ScoredMention:
    """A mention published `minutes` after the start."""
    return ScoredMention(
        mention=Mention(
            id=id,
            stream=stream,
            source=source,
            published=at(minutes),
            fetched=at(minutes if fetched is None else fetched),
            text=text or f"text {id}",
            url=f"https://{site}/{id}",
            site=site,
            author=Author(id=author, handle=author, followers=followers),
            engagement=Engagement(likes=likes),
        ),
        topics=topics,
        sentiment=Sentiment(polarity=polarity, confidence=confidence),
        gravity=gravity,
        repeat_key=hash(id) if key is None else key,
        copy_key=copy_key,
        copied=copied,
    )


def poll(
    minutes: float,
    *,
    ok: bool = True,
    mentions: int = 0,
    stream: str = "s",
    next_at: float | None = None,
    lost: tuple[float, float] | None = None,
) -> Poll:
    """A poll `minutes` after the start; `lost` from and to as many minutes after it."""
    planned = None if next_at is None else at(next_at)
    gone = () if lost is None else (Span(start=at(lost[0]), end=at(lost[1])),)
    return Poll(stream=stream, at=at(minutes), ok=ok, mentions=mentions, next_at=planned, lost=gone)
