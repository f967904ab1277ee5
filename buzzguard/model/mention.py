"""From collect and understand: a mention, how it was fetched, what was understood of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from buzzguard.model.base import Record


class MentionKind(StrEnum):
    """What sort of text a mention is."""

    POST = "post"
    REPLY = "reply"
    REPOST = "repost"
    ARTICLE = "article"
    REVIEW = "review"
    COMMENT = "comment"


class Author(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote a mention, as far as the source tells. `id` is stable within its source; empty when unknown.

    `created` is when the account was opened (aware).
    """

    id: str = ""
    handle: str = ""
    name: str = ""
    followers: int = 0
    verified: bool = False
    created: datetime | None = None


class Engagement(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Reactions of others at the time of fetching."""

    likes: int = 0
    replies: int = 0
    shares: int = 0
    views: int = 0

    @property
    def total(self) -> int:
        """Acts that cost a reader something: likes, replies and shares (views are not counted)."""
        return self.likes + self.replies + self.shares


class Mention(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One public text. `id` is unique over the whole store and the same each time the same text is fetched.

    `published` is the event time; when a source has none that can be trusted it holds the fetch time and
    `time_trusted` is false. `text` and `title` are as fetched (HTML possible); `understand` cleans them.
    """

    id: str
    stream: str
    source: str
    published: datetime
    fetched: datetime
    text: str
    title: str = ""
    url: str = ""
    site: str = ""
    language: str = ""
    kind: MentionKind = MentionKind.POST
    author: Author = Author()
    engagement: Engagement = Engagement()
    rating: float | None = None
    parent: str = ""
    time_trusted: bool = True
    topics: tuple[str, ...] = ()

    @property
    def author_key(self) -> str:
        """Who wrote it, unique over sources: the name to count by and to erase by; empty when unknown."""
        who = self.author.id or self.author.handle
        return f"{self.source}:{who}" if who else ""

    @property
    def counted_author(self) -> str:
        """The author to count: anonymous mentions of one site count as one author."""
        return self.author_key or f"{self.source}@{self.site}"


class Polarity(StrEnum):
    """The side a mention takes."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Sentiment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Polarity of one text: `value` in −1…1, the side it counts for, and the scorer's confidence in 0…1.

    `negative` and `positive` are calibrated probabilities (neutral is the rest), both 0 from a scorer that gives none;
    `tier` says which scorer gave them. `unsure`: two sides are about as likely, so that it counts for none.
    """

    value: float = 0.0
    polarity: Polarity = Polarity.NEUTRAL
    confidence: float = 0.0
    negative: float = 0.0
    positive: float = 0.0
    tier: str = ""
    unsure: bool = False


class Confusion(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How often a scorer errs, for the test of the negative share: what it finds is not what was said.

    `recall` is the share of negative mentions that it recognises, `false_positives` the share of the others that it
    takes for negative, each mention weighing the scorer's confidence in it, as it does in `Samples.voices`. The
    defaults are those of a scorer that does not know. Raises ValueError unless
    0 <= false_positives < recall <= 1: a scorer that finds no more among the negative than among the others is none.
    """

    recall: float = 0.8
    false_positives: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what no scorer can have."""
        if not 0.0 <= self.false_positives < self.recall <= 1.0:
            raise ValueError(
                f"a scorer's false_positives ({self.false_positives}) lie from 0 to below its recall ({self.recall}), "
                "and that is at most 1"
            )


class Text(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a scorer is given: cleaned text and its language (ISO 639-1, empty when unknown)."""

    text: str
    language: str = ""


class Readings(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the engagement of a mention grew after it was first read.

    `first` are the acts (`Engagement.total`) with which it was counted in the minute of its publication; each of
    `gains` is a minute since the epoch and the acts more that were read then; `at` is the last reading.
    """

    first: int
    at: datetime
    gains: tuple[tuple[int, int], ...] = ()


class ScoredMention(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A mention understood: cleaned, its topics found, its sentiment and gravity words known.

    `mention.text` and `mention.title` are plain text here. `repeat_key` is equal for exact repeats, `copy_key` (zero:
    as `repeat_key`) also for copies that differ a little; `copied` says that another mention had the text before.
    `toward` is the sentiment towards each of `topics`, where the mention says different things of them; else empty.
    `themes` maps what it is about to the words that decided. `voices` and `narratives` are written when it is counted:
    how many thousandths of a voice it is in each of `topics`, in their order, and the id of the narrative that it
    belongs to there (empty: none yet).

    `readings` is there once its engagement was read again. `past`: it was read for the baseline alone, and counts in no
    window that is judged. `withdrawn`: its author took it back; its texts, its address and its author are gone.
    """

    mention: Mention
    topics: tuple[str, ...]
    sentiment: Sentiment
    toward: tuple[Sentiment, ...] = ()
    gravity: tuple[str, ...] = ()
    language: str = ""
    repeat_key: int = 0
    copy_key: int = 0
    copied: bool = False
    themes: dict[str, tuple[str, ...]] = {}
    voices: tuple[int, ...] = ()
    narratives: tuple[str, ...] = ()
    readings: Readings | None = None
    past: bool = False
    withdrawn: bool = False


class Dropped(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A mention that was not counted, and the named reason."""

    id: str
    stream: str
    reason: Literal["known", "repeat", "no_topic", "not_about_us", "own_account", "too_late", "invalid"]
