"""Which column of a recording holds what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from pydantic import field_validator

from buzzguard.config.base import Frozen
from buzzguard.config.explain import build
from buzzguard.config.located import read_yaml
from buzzguard.config.settings import TimeZone
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

_USUAL = {
    "published": "published published_at created_at created_at_utc created date datetime timestamp time pubdate "
    "date_published publication_date veröffentlicht",
    "id": "id mention_id post_id tweet_id guid id_str review_id",
    "text": "text content body message full_text snippet review comment_text texte contenu hit_sentence",
    "title": "title headline titre",
    "url": "url link permalink lien mention_url",
    "author": "author author_name user username screen_name user_name auteur by influencer",
    "followers": "followers followers_count author_followers reach audience abonnés",
    "likes": "likes like_count favorites favorite_count favourites points score j'aime",
    "replies": "replies reply_count comments num_comments comment_count commentaires",
    "shares": "shares share_count retweets retweet_count reposts partages",
    "views": "views view_count impressions vues",
    "kind": "kind mention_type content_type",
    "rating": "stars rating note",
    "language": "language lang langue",
    "site": "site domain outlet",
    "source": "source platform network media_type",
    "topics": "topics topic brand marque sujet",
}
_SEPARATORS = re.compile(r"[^a-z0-9]+")


class ColumnMapping(Frozen):
    """Each field names a column (in JSON Lines a key, or a path such as `user.name`); empty: there is none.

    `constants` give a field the same value in every row. A column of `topics` names the topics of a row outright,
    so that nothing is matched; several stand in a list or are parted by `;` or `|`. `sentiment` may be named but is
    never used: BuzzGuard judges for itself. Times without an offset are in `time_zone`; `time_format` (strptime) is
    needed for unusual ones only.
    """

    published: str
    id: str = ""
    text: str = ""
    title: str = ""
    url: str = ""
    author: str = ""
    followers: str = ""
    likes: str = ""
    replies: str = ""
    shares: str = ""
    views: str = ""
    rating: str = ""
    kind: str = ""
    language: str = ""
    site: str = ""
    source: str = ""
    topics: str = ""
    sentiment: str = ""
    constants: dict[str, str] = {}
    time_zone: TimeZone = "UTC"
    time_format: str = ""

    @field_validator("constants")
    @classmethod
    def _known_fields(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name not in _USUAL or name in ("published", "id"):
                raise ValueError(f"{name[:40]!r} is no field that can be constant")
        return value


def load_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a YAML file. Raises ConfigError with every fault and its place."""
    model, faults = build(ColumnMapping, read_yaml(path))
    if model is None or faults:
        raise ConfigError(faults)
    return model


def guess_mapping(columns: Iterable[str], *, file: str = "the recording") -> ColumnMapping:
    """The mapping that usual names of columns suggest.

    Raises ConfigError, listing the columns, when none of them looks like a time of publication.
    """
    given = list(columns)
    by_name = {_plain(column): column for column in reversed(given)}
    found: dict[str, str] = {}
    for field, usual in _USUAL.items():
        named = next((by_name[name] for name in map(_plain, usual.split()) if name in by_name), "")
        if named and named not in found.values():
            found[field] = named
    if "published" not in found:
        listed = ", ".join(given)[:200] or "none"
        message = f"no column looks like a time of publication; there are: {listed}"
        raise ConfigError(
            [Fault(file=file, line=1, column=1, message=message, hint="write a mapping with `published: COLUMN`")]
        )
    return ColumnMapping(**found)


def topic_id(name: str) -> str:
    """The topic that a cell names, as an identifier: `US Airways` → `us-airways`."""
    return _SEPARATORS.sub("-", _plain(name)).strip("-")[:63]


def _plain(name: str) -> str:
    """Lower case, no accents, inner white space as `_`."""
    decomposed = unicodedata.normalize("NFKD", name.strip().lstrip("\ufeff").casefold())
    return "_".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())
