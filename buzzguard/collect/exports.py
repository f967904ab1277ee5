"""Exports of paid listening tools: which columns they have, told by their names.

Header rows as seen in the wild in 2022 to 2026 (public importers and dashboards). Those of Mention and Visibrain are
not publicly documented (UNVERIFIED): the first are taken for the names of Mention's interface, the others are read by
the usual names of columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from buzzguard.collect.columns import ColumnMapping
from buzzguard.model import Record


class Vendor(Record, frozen=True, kw_only=True):
    """One tool's exports: `signs` are columns that it alone has, all of them; `columns` maps fields to the columns that
    may hold them, the best first."""

    name: str
    signs: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]


VENDORS = (
    Vendor(
        name="brandwatch",
        signs=("query name", "page type"),
        columns={
            "published": ("Date",),
            "id": ("Resource Id", "Mention Id"),
            "text": ("Full Text", "Snippet"),
            "text_else": ("Snippet",),
            "title": ("Title",),
            "url": ("Url", "Original Url"),
            "site": ("Domain",),
            "source": ("Page Type",),
            "author": ("Author",),
            "followers": ("X Followers", "Twitter Followers", "Bluesky Followers"),
            "likes": ("Likes", "X Likes", "Facebook Likes"),
            "replies": ("Comments", "X Replies", "Facebook Comments"),
            "shares": ("Shares", "X Reposts", "Twitter Retweets", "Facebook Shares"),
            "views": ("Impressions",),
            "language": ("Language",),
            "kind": ("Thread Entry Type",),
        },
    ),
    Vendor(
        name="meltwater",
        signs=("hit sentence", "opening text"),
        columns={
            "published": ("Date",),
            "clock": ("Time",),
            "id": ("Document ID", "Tweet Id"),
            "text": ("Hit Sentence",),
            "text_else": ("Opening Text",),
            "title": ("Headline",),
            "url": ("URL",),
            "site": ("Source",),
            "author": ("Influencer", "Twitter Screen Name"),
            "followers": ("Twitter Followers", "Reach"),
            "shares": ("Engagement",),
            "views": ("Views",),
            "language": ("Language",),
        },
    ),
    Vendor(
        name="talkwalker",
        signs=("extra_source_attributes.name",),
        columns={
            "published": ("published",),
            "text": ("content", "content_snippet"),
            "text_else": ("content_snippet",),
            "title": ("title", "title_snippet"),
            "url": ("url",),
            "site": ("extra_source_attributes.name", "domain_url"),
            "source": ("source_type",),
            "author": ("extra_author_attributes.name", "extra_author_attributes.short_name"),
            "followers": ("article_extended_attributes.num_followers", "reach"),
            "likes": ("article_extended_attributes.facebook_likes", "engagement"),
            "shares": ("article_extended_attributes.twitter_retweets",),
            "language": ("lang",),
        },
    ),
    Vendor(
        name="mention",
        signs=("source_type", "published_at", "source_name"),
        columns={
            "published": ("published_at",),
            "id": ("id", "unique_id"),
            "text": ("description",),
            "title": ("title",),
            "url": ("original_url", "displayable_url"),
            "site": ("source_name",),
            "source": ("source_type",),
            "language": ("language_code",),
        },
    ),
)

_LANGUAGES = {
    "english": "en",
    "french": "fr",
    "français": "fr",
    "anglais": "en",
    "german": "de",
    "spanish": "es",
    "italian": "it",
    "portuguese": "pt",
    "arabic": "ar",
    "dutch": "nl",
}


def vendor_of(columns: Iterable[str]) -> Vendor | None:
    """The tool whose export has these columns; None when it is nobody's that is known."""
    named = {plain(column) for column in columns}
    return next((vendor for vendor in VENDORS if named.issuperset(vendor.signs)), None)


def mapping_of(vendor: Vendor, columns: Iterable[str]) -> ColumnMapping | None:
    """The mapping for an export with these columns; None when its time of publication is missing."""
    by_name = {plain(column): column for column in reversed(list(columns))}
    found: dict[str, str] = {}
    for field, names in vendor.columns.items():
        named = next((by_name[plain(name)] for name in names if plain(name) in by_name), "")
        if named and named != found.get("text"):
            found[field] = named
    return ColumnMapping(**found) if "published" in found else None


def plain(column: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"\s+", " ", column.strip().lstrip("\ufeff").casefold())


def language_code(written: str) -> str:
    """`French`, `fr-FR`, `FR` → `fr`; empty for what is no language."""
    tag = written.strip().casefold()
    return _LANGUAGES.get(tag) or (tag[:2] if re.fullmatch(r"[a-z]{2}([-_].{1,8})?", tag) else "")
