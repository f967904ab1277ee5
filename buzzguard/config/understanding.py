"""How mentions are understood: the sections of the configuration that say so."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from buzzguard.config.base import Frozen


def _about_word(word: str) -> str:
    bare = word.removeprefix("=").removesuffix("*").strip()
    if not any(map(str.isalnum, bare)) or "*" in bare or not re.search(r"[^*]\Z|\w{3}\*\Z", word):
        raise ValueError("write a word or phrase, =Exact, or a beginning of three letters or more: recall*")
    return word


AboutWord = Annotated[str, Field(max_length=100), AfterValidator(_about_word)]
"""A word or phrase as in queries, without quotation marks."""
AboutExample = Annotated[str, Field(min_length=1, max_length=2_000)]


class ExampleSettings(Frozen):
    """Texts that name the topic, and texts that name a namesake."""

    ours: tuple[AboutExample, ...] = Field(default=(), max_length=500)
    """Texts about the topic."""
    others: tuple[AboutExample, ...] = Field(default=(), max_length=500)
    """Texts that are not."""


class AboutSettings(Frozen):
    """How the topic is told from its namesakes (Orange and oranges) in texts that the query finds."""

    context: tuple[AboutWord, ...] = Field(default=(), max_length=500)
    """Words that speak for the topic: network, bill*."""
    against: tuple[AboutWord, ...] = Field(default=(), max_length=500)
    """Words that speak for a namesake: juice, recipe*."""
    examples: ExampleSettings = ExampleSettings()
    """Texts to learn from, before people click."""


class AccountSettings(Frozen):
    """Accounts that are not the public: a handle (`@acme`) or, on one source only, `mastodon:@acme@example.social`."""

    ours: tuple[str, ...] = ()
    """Official accounts and employees: what they write is no voice of the public, and not counted."""
    excluded: tuple[str, ...] = ()
    """Accounts whose mentions are not taken at all."""
    press: tuple[str, ...] = ()
    """Accounts (`@lemonde`) and sites (`lemonde.fr`) that are press, beside those of `accounts/press.yml`."""


class PrivacySettings(Frozen):
    """What is kept of those who write. Authors are counted exactly, whichever is chosen, but with `nothing`."""

    authors: Literal["handle", "hash", "nothing"] = "handle"
    """What the store keeps: the handle and the name; a keyed hash instead; or nothing (each site is one author)."""
    exports: Literal["handle", "hash", "nothing"] = "hash"
    """What exports hold: a hash has a new salt in each, so that two exports cannot be joined by it."""


class SentimentSettings(Frozen):
    """How it is told which side a mention takes."""

    scorer: str = "cascade"
    """What scores texts: `cascade` uses the quick, the default and (where installed) the accurate tier by need;
    `quick` and `default` are one tier alone, `vader` word lists for English and
    French (`pip install buzzguard[vader]`; what they need is under the GPL)."""
    leads: tuple[str, ...] = ()
    """The ids of people whose corrections count without a second person's."""
