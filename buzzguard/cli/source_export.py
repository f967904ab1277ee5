"""Mentions that were only looked at, for other programs."""

from __future__ import annotations

import secrets
from typing import Any

from buzzguard.cli.source_desk import Desk
from buzzguard.cli.source_facts import Looked
from buzzguard.understand.privacy import Keeper


def mention_document(desk: Desk, one: Looked) -> dict[str, Any]:
    """A mention as it would be stored, and what the topics make of it."""
    mention = Keeper(desk.settings.privacy.exports, secrets.token_bytes(32)).reduce(one.mention)
    return {
        "id": mention.id,
        "published": mention.published.isoformat(),
        "site": mention.site,
        "url": mention.url,
        "kind": mention.kind.value,
        "author": {"handle": mention.author.handle, "name": mention.author.name, "followers": mention.author.followers},
        "title": mention.title,
        "text": mention.text,
        "language": mention.language,
        "refused": one.reason or None,
        "topics": {
            topic: {
                "matches": trial.holds,
                "found": list(dict.fromkeys(place.term for place in trial.found)),
                "against": list(trial.against),
            }
            for topic, trial in one.trials.items()
        },
    }
