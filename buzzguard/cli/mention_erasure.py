"""A person's right to be erased: who is meant, what goes, and that it goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from buzzguard.cli.mention_acts import Desk, Refused
from buzzguard.config.words import show
from buzzguard.model import Author, Record
from buzzguard.store.looking import wipe_log
from buzzguard.understand.privacy import Keeper


class Erasure(Record, frozen=True, kw_only=True):
    """What is stored of one person: mentions by the author's key in the store, clicks on them, and the records that
    were set aside and name them, as `who`."""

    mentions: Mapping[str, int]
    clicks: int
    who: str
    set_aside: int = 0


async def preview(desk: Desk, author: str) -> Erasure:
    """What would go. Raises Refused when nothing would, and StoreError."""
    source, _, who = author.strip().partition(":")
    words = desk.words
    if not source or not who:
        raise Refused(words.author_form.format(author=show(author)))
    hashes = desk.settings.privacy.authors == "hash"
    async with desk.looking() as store:
        found = await store.written_by(source, who)
        if hashes and (key := await store.kept_key("authors")) is not None:
            hashed = Keeper("hash", key).keep(Author(id=who), source).id
            found |= await store.written_by(source, hashed)
        clicks = await store.clicked_authors([*found, author.strip()])
        set_aside = await store.quarantined_of(who)
    if not found and not clicks and not set_aside:
        reason = words.no_author.format(author=show(author))
        raise Refused(f"{reason}. {words.hashed_only}" if hashes else reason)
    mentions = dict(sorted(found.items())) or {author.strip(): 0}
    return Erasure(mentions=mentions, clicks=clicks, who=who, set_aside=set_aside)


def told(desk: Desk, erasure: Erasure) -> Iterator[str]:
    """What would go, in words."""
    words = desk.words
    for key, count in erasure.mentions.items():
        yield words.to_erase[count != 1].format(n=count, author=show(key))
    if erasure.clicks:
        yield words.clicks_too[erasure.clicks != 1].format(n=erasure.clicks)
    if erasure.set_aside:
        yield words.set_aside_too[erasure.set_aside != 1].format(n=erasure.set_aside)


async def erase(desk: Desk, erasure: Erasure) -> int:
    """Delete it; returns how many mentions. Raises StoreError."""
    async with desk.writing() as store:
        gone = sum([await store.erase_author(key, at=desk.now, named=erasure.who) for key in erasure.mentions])
    await wipe_log(desk.settings.store, base=desk.base)
    return gone
