"""The columns of a recording or an export, and what they hold."""

from __future__ import annotations

from pydantic import field_validator

from buzzguard.config.base import Frozen
from buzzguard.config.settings import TimeZone

USUAL = {
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
"""Names that columns usually have, in English, French and German."""


class ColumnMapping(Frozen):
    """Each field names a column (in JSON Lines a key, or a path such as `user.name`); empty: there is none.

    `clock` is the time of day where `published` holds the day alone; `text_else` is read where `text` is empty.
    `constants` give a field the same value in every row. A column of `topics` names the topics of a row outright,
    so that nothing is matched; several stand in a list or are parted by `;` or `|`. `sentiment` may be named but is
    never used: BuzzGuard judges for itself. Times without an offset are in `time_zone`; `time_format` (strptime) is
    needed for unusual ones only.
    """

    published: str
    clock: str = ""
    id: str = ""
    text: str = ""
    text_else: str = ""
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
            if name not in USUAL or name in ("published", "id"):
                raise ValueError(f"{name[:40]!r} is no field that can be constant")
        return value
