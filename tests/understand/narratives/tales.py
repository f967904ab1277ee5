"""Mentions for the tests of narratives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from buzzguard.model import Polarity, Told
from buzzguard.understand.fold import fold
from buzzguard.understand.narratives import Narratives, NarrativeSettings

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
RECALL = (
    "Lumio recalls its toaster after three kitchen fires",
    "My Lumio toaster caught fire, now the recall makes sense",
    "Recall of the Lumio toaster: how do I send it back?",
    "Three fires and only now a toaster recall, shame on Lumio",
    "Lumio toaster recall: fire risk, unplug it now",
)
PRICE = (
    "Lumio subscription price doubled overnight",
    "Why did Lumio double the subscription price without notice?",
    "Subscription price up from 5 to 10 euros, goodbye Lumio",
    "Doubling the price of a subscription, what a rip-off",
    "Lumio: new subscription price is a joke",
)


def told(text: str, index: int, *, at: datetime | None = None, author: str | None = None, copy_key: int = 0) -> Told:
    """A negative mention, one a minute, each by its own author."""
    return Told(
        id=f"m{index}",
        at=at or NOON + timedelta(minutes=index),
        text=text,
        folded=fold(text),
        language="en",
        copy_key=copy_key,
        author_key=f"mastodon:{index}" if author is None else author,
        source="mastodon",
        site="mastodon.example",
        value=-0.7,
        polarity=Polarity.NEGATIVE,
        confidence=0.9,
    )


def fresh(**settings: object) -> Narratives:
    """Narratives of a brand called Lumio."""
    return Narratives(NarrativeSettings(**settings), names={"lumio": ["Lumio"]})  # type: ignore[arg-type]


def two_stories() -> list[Told]:
    """A recall and a price rise, told by turns."""
    pairs = zip(RECALL, PRICE, strict=True)
    return [told(text, index) for index, text in enumerate(text for pair in pairs for text in pair)]
