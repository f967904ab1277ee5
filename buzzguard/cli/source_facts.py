"""What `buzzguard source` knows: the cards of all kinds, how each stream is doing, what one fetch would bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from buzzguard.assembly import build_sources
from buzzguard.collect.card import SourceCard
from buzzguard.collect.http import HttpClient
from buzzguard.collect.meter import MemoryMeter, StoredMeter
from buzzguard.config.settings import Settings, StreamSettings
from buzzguard.errors import StoreError
from buzzguard.model import Breaker, Fetched, Mention, Poll, Record
from buzzguard.plugins import load, names
from buzzguard.store.looking import MentionStore, open_existing
from buzzguard.store.spending import Spent
from buzzguard.understand.cleaning import cleaned
from buzzguard.understand.fold import fold
from buzzguard.understand.language import guess_language
from buzzguard.understand.matchtext import MatchText, searched
from buzzguard.understand.query import parse_query
from buzzguard.understand.trial import Trial, attempt

_LOOK_BACK = timedelta(days=30)
"""Older polls are not kept."""
SHOWN = 5
_ENABLED = {"enabled": True, "backfill": timedelta(0)}


class Kind(Record, frozen=True, kw_only=True):
    """One kind of source; `card` is None where a package gives none, `trouble` says why it cannot be loaded."""

    name: str
    card: SourceCard | None = None
    least_every: timedelta = timedelta(0)
    trouble: str = ""


class Status(Record, frozen=True, kw_only=True):
    """How a stream is doing. `next_at` is None for one that is never polled again, or was not yet."""

    stream: str
    source: str
    enabled: bool
    success_at: datetime | None = None
    poll: Poll | None = None
    breaker: Breaker = Breaker.CLOSED


class Looked(Record, frozen=True, kw_only=True):
    """A mention as it would be stored; `reason` says why it would be refused. `trials` are by topic."""

    mention: Mention
    reason: str = ""
    trials: Mapping[str, Trial] = {}


def kinds() -> list[Kind]:
    """Every kind of source that is installed, in order of name."""
    found = []
    for name in names("source"):
        try:
            source = load("source", name)
        except LookupError as error:
            found.append(Kind(name=name, trouble=str(error.args[0])))
            continue
        card, least = getattr(source, "card", None), getattr(source, "least_every", None)
        found.append(
            Kind(
                name=name,
                card=card if isinstance(card, SourceCard) else None,
                least_every=least if isinstance(least, timedelta) else timedelta(0),
            )
        )
    return found


async def statuses(settings: Settings, store: MentionStore, now: datetime) -> list[Status]:
    """How every configured stream is doing, from what a running or stopped daemon has stored."""
    last = await store.last_polls()
    good = {poll.stream: poll.at for poll in await store.polls_since(now - _LOOK_BACK) if poll.ok}
    good |= {name: poll.at for name, poll in last.items() if poll.ok}
    return [_status(name, stream, last.get(name), good.get(name), now) for name, stream in settings.streams.items()]


def _status(name: str, stream: StreamSettings, poll: Poll | None, good: datetime | None, now: datetime) -> Status:
    breaker = Breaker.CLOSED if poll is None else poll.breaker
    if poll is not None and breaker is Breaker.OPEN and poll.next_at is not None and poll.next_at <= now:
        breaker = Breaker.HALF_OPEN
    return Status(
        stream=name, source=stream.source, enabled=stream.enabled, success_at=good, poll=poll, breaker=breaker
    )


def current(spending: Sequence[Spent], now: datetime) -> list[Spent]:
    """The allowances that are running."""
    return [one for one in spending if one.allowance.since <= now < one.allowance.until]


async def fetch_once(settings: Settings, stream: str, *, base: Path, now: datetime) -> Fetched:
    """One live fetch of a stream, as a first poll. What it costs is written down where there is a store, and nothing
    else. Raises SourceError and ConfigError."""
    only = settings.model_copy(update={"streams": {stream: settings.streams[stream].model_copy(update=_ENABLED)}})
    try:
        ledger = await open_existing(settings.store, now=now, base=base)
    except StoreError:
        ledger = None
    http = HttpClient(settings.network)
    try:
        sources = build_sources(only, http, MemoryMeter() if ledger is None else StoredMeter(ledger))
        _, source = sources[stream]
        try:
            return await source.fetch("", now)
        finally:
            await source.close()
    finally:
        await http.close()
        if ledger is not None:
            await ledger.close()


def looked(settings: Settings, stream: StreamSettings, mentions: Sequence[Mention], now: datetime) -> list[Looked]:
    """The newest mentions as the watch would take them, held against the topics of their stream."""
    newest = sorted(mentions, key=lambda one: one.published, reverse=True)[:SHOWN]
    return [_looked(settings, stream, mention, now) for mention in newest]


def _looked(settings: Settings, stream: StreamSettings, mention: Mention, now: datetime) -> Looked:
    try:
        clean = cleaned(mention, now)
    except (ValueError, TypeError, OverflowError) as error:
        return Looked(mention=mention, reason=str(error))
    text = match_text(clean)
    topics = {name: one for name, one in settings.topics.items() if not stream.topics or name in stream.topics}
    trials = {name: attempt(parse_query(topic.query), text) for name, topic in topics.items()}
    return Looked(mention=clean, trials=trials)


def match_text(mention: Mention, *, language: str = "") -> MatchText:
    """A mention that was cleaned, as queries see it; its language is guessed where none is given."""
    original = searched(mention.title, mention.text)
    return MatchText(
        folded=fold(original),
        original=original,
        title=mention.title,
        language=language or mention.language or guess_language(f"{mention.title} {mention.text}"),
        source=mention.source,
        site=mention.site,
        author=mention.author.handle,
        author_name=mention.author.name,
        kind=mention.kind.value,
        url=mention.url,
    )
