"""Statuses of Mastodon → mentions. One status has one id on every server: that of its `uri`."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from html import escape
from typing import Any

from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TEXT, at, id_at, language_tag, moment_at, number_at, text_at
from buzzguard.collect.site import host_of, site_of, web_link
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "mastodon"
_LONGEST_ID = 300
_MOST_KNOWN = 20_000
_SEEN_BY_ALL = frozenset(("public", "unlisted"))


class Statuses:
    """Reads the statuses that one server shows, and remembers by which ids the server calls them: answers and deletions
    name those. The memory is bounded and ends with the process."""

    def __init__(self, stream: str, server: str) -> None:
        self._stream = stream
        self._host = host_of(server)
        self._known: dict[str, str] = {}

    def mention(self, status: Any, *, now: datetime) -> Mention | None:
        """The mention that a status becomes; None for one that is not for everybody. Raises ValueError for a bad
        record."""
        if text_at(status, "visibility") not in _SEEN_BY_ALL:
            return None
        shared = at(status, "reblog")
        said = shared if isinstance(shared, dict) else status
        own, parent = self._id(status), ""
        if said is not status:
            parent = self._id(said)
        elif at(status, "in_reply_to_id") is not None:
            parent = self.known(id_at(status, "in_reply_to_id")) or self._elsewhere(id_at(status, "in_reply_to_id"))
        url = web_link(text_at(said, "url") or text_at(said, "uri"), base="")
        return Mention(
            id=own,
            stream=self._stream,
            source=SOURCE,
            published=moment_at(status, "created_at"),
            fetched=now,
            text=_text(said),
            url=url,
            site=site_of(url),
            language=language_tag(text_at(said, "language")),
            kind=_kind(status),
            author=self._author(status),
            engagement=engagement_of(status),
            parent=parent,
        )

    def known(self, local: str) -> str:
        """The id of the mention that the server calls `local`; empty when it was not seen."""
        return self._known.get(local, "")

    def _id(self, status: Any) -> str:
        """The id of a status; remembers what the server calls it."""
        uri = text_at(status, "uri", most=4_000)
        if not uri:
            raise ValueError("there is no id at 'uri'")
        key = uri if len(uri) <= _LONGEST_ID else blake2b(uri.encode(), digest_size=16).hexdigest()
        local = id_at(status, "id")
        self._known.pop(local, None)
        self._known[local] = f"{SOURCE}:{key}"
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]
        return f"{SOURCE}:{key}"

    def _elsewhere(self, local: str) -> str:
        """The name of a status that was not seen, as only this server knows it."""
        return f"{SOURCE}:{self._host}#{local}"

    def _author(self, status: Any) -> Author:
        """The author. The handle with its server names them on every server; a bot is told by its name."""
        account = at(status, "account")
        acct = id_at(account, "acct")
        handle = acct if "@" in acct else f"{acct}@{self._host}"
        name = text_at(account, "display_name", most=LONGEST_NAME) or text_at(account, "username", most=LONGEST_NAME)
        try:
            created = moment_at(account, "created_at")
        except ValueError:
            created = None
        return Author(
            id=handle.lower(),
            handle=handle,
            name=f"{name} (bot)" if at(account, "bot") is True else name,
            followers=number_at(account, "followers_count"),
            created=created,
        )


def engagement_of(status: Any) -> Engagement:
    """How others reacted, as far as this server knows."""
    return Engagement(
        likes=number_at(status, "favourites_count"),
        replies=number_at(status, "replies_count"),
        shares=number_at(status, "reblogs_count") + number_at(status, "quotes_count"),
    )


def _text(status: Any) -> str:
    """What is said, the warning in front of it included: it is where people write what it is about."""
    content, warning = text_at(status, "content"), text_at(status, "spoiler_text")
    return f"<p>{escape(warning, quote=False)}</p>{content}"[:LONGEST_TEXT] if warning else content


def _kind(status: Any) -> MentionKind:
    if isinstance(at(status, "reblog"), dict):
        return MentionKind.REPOST
    return MentionKind.REPLY if at(status, "in_reply_to_id") is not None else MentionKind.POST
