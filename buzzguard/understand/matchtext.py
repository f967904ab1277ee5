"""What a query is held against: a mention's folded text, the words inside its hashtags, and its fields."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

import msgspec

from buzzguard.understand.fold import fold

SEPARATOR = " | "
"""Between title and text, and before the words of each hashtag, so that no phrase spans two of them."""
MAX_TAGS = 50
"""Hashtags and handles of one text that are taken apart."""
_REMEMBERED = 4_096
"""Hashtags and handles whose words are remembered: in a crisis the same few are in most texts."""

# The sign stands first, and what may not be before it behind: so the engine skips to signs.
_TAG = re.compile(r"[#@＃＠](?<!\w[#@＃＠])(\w{3,100})")
_LOWER, _UPPER = "a-zß-öø-ÿœ", "A-ZÀ-ÖØ-ÞŒŸ"
# Before a capital behind a small letter, before the last capital of an acronym (SNCF|Connect), before a number.
_INNER_EDGE = re.compile(
    f"(?<=[{_LOWER}0-9])(?=[{_UPPER}])|(?<=[{_UPPER}])(?=[{_UPPER}][{_LOWER}])|(?<=[{_LOWER}{_UPPER}]{{2}})(?=[0-9])|_+"
)


class MatchText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One mention, as queries see it. `folded` is `fold(original)`, `original` is what `searched` returns.

    Without `original` exact forms are held against the folded text. Fields that are not known are empty.
    """

    folded: str
    original: str = ""
    title: str = ""
    language: str = ""
    source: str = ""
    site: str = ""
    author: str = ""
    author_name: str = ""
    kind: str = ""
    url: str = ""

    @staticmethod
    def of(text: str, *, title: str = "", language: str = "", source: str = "", site: str = "") -> MatchText:
        """A text that is known alone, or nearly."""
        original = searched(title, text)
        return MatchText(
            folded=fold(original), original=original, title=title, language=language, source=source, site=site
        )


def searched(title: str, text: str) -> str:
    """Title and text as they are searched."""
    return f"{title}{SEPARATOR}{text}" if title else text


class Tag(NamedTuple):
    """A hashtag or handle: where it stands in the original text, and its words."""

    start: int
    end: int
    words: str


def tags(original: str) -> list[Tag]:
    """The hashtags and handles that are several words: `#BoycottAcme`, `@SNCFConnect`, `#boycott_acme`."""
    found = []
    for match in _TAG.finditer(original):
        words = tag_words(match[1])
        if words:
            found.append(Tag(match.start(), match.end(), words))
            if len(found) == MAX_TAGS:
                break
    return found


@lru_cache(maxsize=_REMEMBERED)
def tag_words(tag: str) -> str:
    """The words of a tag without its sign, empty when it is one word. `#iPhone15` reads `iPhone 15`."""
    words = [word for word in _INNER_EDGE.split(tag) if word]
    if len(words) > 1 and len(words[0]) == 1 and words[0].islower():
        words[:2] = [words[0] + words[1]]
    return " ".join(words) if len(words) > 1 else ""
