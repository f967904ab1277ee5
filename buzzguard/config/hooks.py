"""Hooks: addresses under `/v1/hooks/` to which a service that knows its own format only may push."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.mapping import Expression, MentionMapping
from buzzguard.config.secret import Secret

_MELTWATER = MentionMapping.model_construct(
    id="id",
    text="content.opening_text || content.byline || content.text || hit_sentence || opening_text",
    title="content.title || thread.title || title",
    published="published_date || document_publish_date",
    url="url || thread.url",
    author_name="author.name || content.author.name || author_name",
    author="author.handle || author_handle",
    followers="author.followers_count || metrics.author.followers",
    likes="metrics.engagement.likes",
    replies="metrics.engagement.comments",
    shares="metrics.engagement.shares",
    views="metrics.views",
    language="enrichments.language_code || language_code || language",
)
"""`id`, `published_date`, `url` and `thread` are documented; what stands under content, author and metrics is not
(UNVERIFIED, November 2026): where a template names it otherwise, give a `mention` of one's own."""


class HookSettings(Frozen):
    """Who may push to `POST /v1/hooks/NAME`, and where in what is pushed the mentions stand."""

    vendor: Literal["meltwater"] | None = None
    """A service whose format is known: `records` and `mention` need not be written then."""
    token: Secret | None = None
    """The bearer token that whoever pushes shows."""
    signing_secret: Secret | None = None
    """The secret with which whoever pushes signs: Standard Webhooks, `X-Hub-Signature-256`, or, with the vendor
    meltwater only, `X-Hub-Signature` (SHA-1)."""
    records: Expression = "@"
    """Where the list of records stands; a single record counts as a list of one."""
    mention: MentionMapping | None = None
    """Where the parts of a mention stand in a record."""
    known_as: str = Field(default="", pattern=r"^[a-z0-9_-]{0,63}$")
    """The kind of place that its mentions count as; the hook's own name when empty."""
    language: str = Field(default="", pattern=r"^([a-z]{2,3})?$")
    """The language of its mentions, when they have but one."""

    @model_validator(mode="after")
    def _guarded_and_mapped(self) -> HookSettings:
        if self.token is None and self.signing_secret is None:
            raise ValueError("a hook needs `token` or `signing_secret`: anybody could push otherwise")
        if self.mention is None and self.vendor is None:
            raise ValueError("a hook needs `mention`: where text and published stand; or a `vendor`, meltwater")
        return self

    @property
    def mapping(self) -> MentionMapping:
        """Where the parts of a mention stand."""
        return self.mention or _MELTWATER

    @property
    def listed(self) -> str:
        """Where the records stand."""
        return "documents" if self.vendor == "meltwater" and self.records == "@" else self.records
