"""Mentions and clicks for other programs."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from buzzguard.cli.mention_acts import Around, Desk
from buzzguard.cli.mention_text import side_of
from buzzguard.model import Click, ScoredMention, Sentiment
from buzzguard.understand.privacy import Keeper
from buzzguard.understand.standing import Standing


class Exporter:
    """Makes documents. What leaves holds of authors what `privacy.exports` allows, hashed with a salt of its own."""

    def __init__(self, desk: Desk) -> None:
        self._keeper = Keeper(desk.settings.privacy.exports, secrets.token_bytes(32))

    def mention(self, scored: ScoredMention) -> dict[str, Any]:
        """One mention, all that was understood of it."""
        mention = self._keeper.reduce(scored.mention)
        return {
            "id": mention.id,
            "published": mention.published.isoformat(),
            "fetched": mention.fetched.isoformat(),
            "source": mention.source,
            "stream": mention.stream,
            "site": mention.site,
            "url": mention.url,
            "kind": mention.kind.value,
            "author": {
                "key": mention.author_key,
                "handle": mention.author.handle,
                "name": mention.author.name,
                "followers": mention.author.followers,
            },
            "title": mention.title,
            "text": mention.text,
            "language": scored.language,
            "topics": list(scored.topics),
            "sentiment": _sentiment(scored.sentiment),
            "toward": {topic: _sentiment(one) for topic, one in zip(scored.topics, scored.toward, strict=False)},
            "themes": {theme: list(words) for theme, words in scored.themes.items()},
            "gravity": list(scored.gravity),
            "copied": scored.copied,
            "narratives": {topic: one for topic, one in zip(scored.topics, scored.narratives, strict=False) if one},
        }

    def detail(self, scored: ScoredMention, near: Around, clicks: Sequence[tuple[Click, Standing]]) -> dict[str, Any]:
        """One mention with what is like it, and the clicks on it."""
        first = near.first_copy if scored.copied else None
        return self.mention(scored) | {
            "copy_of": first.mention.id if first is not None else None,
            "other_copies": near.copies,
            "clicks": [click_document(one, standing) for one, standing in clicks],
        }


def click_document(one: Click, standing: Standing) -> dict[str, Any]:
    """A click, and what has become of it."""
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "who": one.who.id,
        "name": one.who.name,
        "via": one.who.via,
        "kind": one.kind.value,
        "mention": one.mention,
        "topic": one.topic,
        "undoes": one.undoes,
        "text": one.text,
        "standing": standing.value,
        "counts": standing.acts,
    }


def _sentiment(sentiment: Sentiment) -> dict[str, Any]:
    told = bool(sentiment.negative or sentiment.positive)
    return {
        "side": side_of(sentiment),
        "value": sentiment.value,
        "confidence": sentiment.confidence,
        "negative": sentiment.negative if told else None,
        "neutral": round(max(0.0, 1 - sentiment.negative - sentiment.positive), 4) if told else None,
        "positive": sentiment.positive if told else None,
        "tier": sentiment.tier,
    }
