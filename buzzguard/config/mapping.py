"""Where the parts of a mention stand in a JSON record: JMESPath expressions that a user writes (https://jmespath.org)."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from buzzguard.config.base import Frozen


def _expression(value: str) -> str:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(value)
    except JMESPathError as error:
        told = " ".join(str(error).split())[:150]
        raise ValueError(f"not a JMESPath expression: {told}; write for example data.items or author.name") from None
    return value


Expression = Annotated[str, Field(max_length=500), AfterValidator(_expression)]
"""A JMESPath expression."""


class MentionMapping(Frozen):
    """Where the parts of a mention stand in a record; what is absent stays empty. A record without text and title, id
    and url, or a time is set aside."""

    text: Expression = ""
    """The text, HTML or plain."""
    title: Expression = ""
    """The title."""
    published: Expression
    """The time of publication: ISO 8601 and its relatives, RFC 822, Unix seconds, milliseconds or microseconds."""
    id: Expression = ""
    """What identifies it in its place; its url when absent."""
    url: Expression = ""
    """Its address; a relative one counts from the address that was asked."""
    author_id: Expression = ""
    """What identifies its author there."""
    author: Expression = ""
    """The handle of its author."""
    author_name: Expression = ""
    """The name that its author shows."""
    followers: Expression = ""
    """How many follow its author."""
    likes: Expression = ""
    """Likes, points, votes."""
    replies: Expression = ""
    """Replies or comments."""
    shares: Expression = ""
    """Reposts."""
    views: Expression = ""
    """Views."""
    rating: Expression = ""
    """Stars."""
    language: Expression = ""
    """The language of its text, as a code."""
    kind: Expression = ""
    """`post`, `reply`, `repost`, `article`, `review` or `comment`; `'review'` in quotes for always the same."""
    parent: Expression = ""
    """What it replies to: the `id` of that one."""
    site: Expression = ""
    """The site to count it under; that of its address when absent."""
