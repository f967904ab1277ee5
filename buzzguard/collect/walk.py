"""Reading lists that show the newest first, page by page, so that nothing is lost or doubled.

A walk begins at the newest page and goes back to what the last whole walk ended with. It may stop on the way (a page
limit, a rate limit, a crash): the cursor then holds the page to go on with, and the next poll goes on there before it
looks for newer mentions. Pages may shift meanwhile, ids repeat and clocks differ: every walk reads `OVERLAP` further
back than the newest time known (more where a service shows mentions late), and what was delivered is known by its mark.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from buzzguard.collect.cursor import mark
from buzzguard.errors import SourceUnavailable
from buzzguard.model import Fetched, Mention, Quarantined, Record

OVERLAP = timedelta(minutes=15)
"""Late indexing and clocks that differ: a mention may appear with a time before the newest one already seen."""
FIRST_LOOK = timedelta(hours=24)
"""How far a first poll reads back where no back-fill is asked for."""
_LONGEST_CURSOR = 2_000_000
_MOST_SEEN = 20_000
_MOST_PAGES = 10


class Page(Record, frozen=True, kw_only=True):
    """One page: `next` is what the following page is asked with, empty on the last. `oldest` is the earliest time that
    the page lists, of records that were set aside or passed over too; None when it tells no time."""

    mentions: tuple[Mention, ...] = ()
    next: str = ""
    oldest: datetime | None = None
    quarantined: tuple[Quarantined, ...] = ()
    retry_after: timedelta | None = None
    note: str = ""


Ask = Callable[[str, datetime], Awaitable[Page]]
"""Fetches a page: the first for an empty token; nothing before the given instant is needed."""


class WalkCursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the walks of one list stand; times are Unix seconds.

    `since`: up to here everything was delivered. `top` and `page`: the newest time of the walk under way, and the page
    to go on with. `first`: the walk under way is the first one. `seen` maps marks of what was delivered to its time.
    """

    query: str = ""
    since: float = 0.0
    top: float = 0.0
    page: str = ""
    first: bool = False
    seen: dict[str, float] = {}


class Walker:
    """Walks one list. `query` identifies what is asked: a cursor of another query keeps nothing but its marks."""

    def __init__(
        self,
        query: str,
        *,
        backfill: timedelta = timedelta(0),
        most_pages: int = _MOST_PAGES,
        overlap: timedelta = OVERLAP,
    ) -> None:
        self._query = mark(query)
        self._backfill = backfill
        self._most_pages = most_pages
        self._overlap = overlap

    async def walk(self, cursor: str, now: datetime, ask: Ask) -> Fetched:
        """Read what is new. A page that cannot be had ends the walk: what came before it is delivered, and the error is
        raised when nothing did."""
        state = self._load(cursor, now)
        since = datetime.fromtimestamp(state.since, UTC) - self._overlap
        pages: list[Page] = []
        page, error, whole = state.page, None, False
        while not whole and len(pages) < self._most_pages:
            try:
                pages.append(await ask(page, since))
            except SourceUnavailable as caught:
                if not pages:
                    raise
                error = caught
                break
            whole = _ends(pages[-1], page, since)
            page = "" if whole else pages[-1].next
        fresh, seen = _fresh(pages, state.seen, since)
        after = self._after(state, seen, page=page, whole=whole, now=now)
        return Fetched(
            mentions=fresh,
            cursor=msgspec.json.encode(after).decode(),
            retry_after=_wait(pages[-1], whole=whole, error=error),
            note="; ".join(filter(None, [str(error or ""), *(each.note for each in pages)]))[:500],
            backfilling=state.first and bool(self._backfill),
            quarantined=tuple(one for each in pages for one in each.quarantined),
        )

    def _load(self, text: str, now: datetime) -> WalkCursor:
        fresh = WalkCursor(
            query=self._query, since=(now - max(self._backfill, FIRST_LOOK)).timestamp() + self._overlap.total_seconds()
        )
        fresh = msgspec.structs.replace(fresh, first=True)
        if not text or len(text) > _LONGEST_CURSOR:
            return fresh
        try:
            read = msgspec.json.decode(text, type=WalkCursor)
        except (msgspec.MsgspecError, UnicodeError):
            return fresh
        usable = read.query == self._query and 0 < read.since <= now.timestamp() + self._overlap.total_seconds()
        return read if usable else msgspec.structs.replace(fresh, seen=read.seen)

    def _after(self, state: WalkCursor, seen: dict[str, float], *, page: str, whole: bool, now: datetime) -> WalkCursor:
        top = min(max([state.top, *seen.values()]), now.timestamp())
        if not whole:
            return WalkCursor(query=self._query, since=state.since, top=top, page=page, first=state.first, seen=seen)
        since = max(state.since, top)
        oldest = since - 2 * self._overlap.total_seconds()
        return WalkCursor(query=self._query, since=since, seen={key: at for key, at in seen.items() if at >= oldest})


def _ends(page: Page, asked: str, since: datetime) -> bool:
    """Whether nothing that is wanted lies behind a page."""
    return not page.next or page.next == asked or (page.oldest is not None and page.oldest < since)


def _fresh(
    pages: Iterable[Page], seen: dict[str, float], since: datetime
) -> tuple[tuple[Mention, ...], dict[str, float]]:
    """What was not delivered before, in order of publication, and the marks with theirs."""
    seen = dict(seen)
    fresh: list[Mention] = []
    for page in pages:
        for mention in page.mentions:
            key = mark(mention.id)
            if key not in seen and mention.published >= since:
                seen[key] = mention.published.timestamp()
                fresh.append(mention)
    if len(seen) > _MOST_SEEN:
        latest = sorted(seen, key=seen.__getitem__)[-_MOST_SEEN:]
        seen = {key: seen[key] for key in latest}
    return tuple(sorted(fresh, key=lambda mention: mention.published)), seen


def _wait(last: Page, *, whole: bool, error: SourceUnavailable | None) -> timedelta | None:
    if error is not None:
        return error.retry_after or timedelta(minutes=1)
    if not whole and last.retry_after is None:
        return timedelta(0)
    return last.retry_after
