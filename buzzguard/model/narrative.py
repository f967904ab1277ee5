"""From understand: what is being told of a topic."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from buzzguard.model.base import Record
from buzzguard.model.mention import Polarity


class Told(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a narrative needs of one mention: `text` is plain, `folded` the same folded.

    `copy_key` is equal for copies of one text (zero: it has none), `author_key` stands for who wrote it (empty:
    unknown, never counted).
    """

    id: str
    at: datetime
    text: str
    folded: str
    language: str = ""
    copy_key: int = 0
    author_key: str = ""
    source: str = ""
    site: str = ""
    value: float = 0.0
    polarity: Polarity = Polarity.NEUTRAL
    confidence: float = 0.0
    themes: tuple[str, ...] = ()


class Narrative(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A group of mentions that tell the same story, as it stands over one span of event time.

    `headline` is a phrase that one of its mentions holds, `quote` one of its mentions (`mention` is its id) with at
    most 200 characters; both are empty when nothing readable was said, and hostile: escape them. `mentions`,
    `originals` (those that copy no other), `authors` (of originals; exact up to 512, then within some per cent),
    `negative` and `positive` (shares of mentions, 0…1), `sentiment` (mean, −1…1), `sources`, `sites` and `themes` (with
    their numbers, most frequent first) are of the span. `per_hour` are the mentions of its last hour; `growth` is how
    many times the mean of the hours before, at most a day, that is: None where there was no hour before. `first_id` is
    empty when that mention was erased. `merged` are the ids of narratives that turned out to tell this story.
    """

    id: str
    topic: str
    headline: str
    quote: str
    mention: str
    mentions: int
    originals: int
    authors: int
    per_hour: int
    growth: float | None
    first_at: datetime
    last_at: datetime
    first_id: str = ""
    first_source: str = ""
    first_site: str = ""
    language: str = ""
    sources: tuple[tuple[str, int], ...] = ()
    sites: int = 0
    negative: float = 0.0
    positive: float = 0.0
    sentiment: float = 0.0
    themes: tuple[tuple[str, int], ...] = ()
    merged: tuple[str, ...] = ()


class NarrativeChange(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A change of identity: narrative `id` was merged into `into`, or faded and gave its place to a newer one."""

    topic: str
    at: datetime
    kind: Literal["merged", "faded"]
    id: str
    into: str = ""
