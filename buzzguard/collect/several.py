"""Several lists of one stream, each walked on its own: one for each search, community or site.

A poll walks them in turn and gives what they hold as one: what several lists show is delivered once, young mentions
that are listed again are read again (`rereading`), what was taken back is told once. A list that cannot be read does
not hold back the others: the next poll begins after it. A list that is new beside others is read back in polls of its
own, so that its past is not taken for the present of the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from buzzguard.collect.cursor import mark
from buzzguard.collect.rereading import Memory, reread
from buzzguard.collect.walk import OVERLAP, Ask, Page, WalkCursor, Walker
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Fetched

_LONGEST_CURSOR = 64_000_000
"""Many lists that are read back for months remember much meanwhile."""
_MOST_GONE = 1_000
_PAGES_A_POLL = 20
_USUAL_WAIT = timedelta(minutes=1)


class Listing(Page, frozen=True, kw_only=True):
    """A page that also shows which mentions were taken back."""

    deleted: tuple[str, ...] = ()


class ListsCursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where every list stands, by the mark of its name.

    `at`: the list with which an unfinished round goes on; `past`: it is the turn of lists that are read back; `young`:
    the numbers of young mentions; `gone`: marks of what was told to be taken back.
    """

    lists: dict[str, str] = {}
    at: str = ""
    past: bool = False
    young: Memory = {}
    gone: tuple[str, ...] = ()


class _Turn(NamedTuple):
    """The lists to walk in a poll; `waiting`: others, of the past or of the present, have theirs next."""

    keys: list[str]
    past: bool
    waiting: bool


class Several:
    """Walks lists. What it remembers between polls beside the cursor is only which list failed last."""

    def __init__(
        self, *, backfill: timedelta = timedelta(0), overlap: timedelta = OVERLAP, most_pages: int = _PAGES_A_POLL
    ) -> None:
        self._backfill = backfill
        self._overlap = overlap
        self._most_pages = most_pages
        self._failed = ""

    async def walk(self, cursor: str, now: datetime, asks: Mapping[str, Ask]) -> Fetched:
        """Read what is new in the lists `asks`, by name: another name is another list, and begins anew.

        Raises the SourceError of a list when none could be read.
        """
        state = _load(cursor)
        named = {mark(name): name for name in asks}
        turn = self._turn(state, list(named))
        round_ = _Round(self, state.lists, now)
        self._failed = await round_.go(turn.keys, {key: asks[name] for key, name in named.items()}, named)
        trouble = round_.trouble or next(iter(round_.refused), None)
        if trouble is not None and not round_.fetched and not (state.past and turn.past and turn.waiting):
            raise trouble
        return _merged(round_, turn, state, frozenset(named))

    def walker(self, name: str) -> Walker:
        """What walks one list."""
        return Walker(name, backfill=self._backfill, overlap=self._overlap)

    @property
    def most_pages(self) -> int:
        """Pages after which a poll ends, and the next goes on."""
        return self._most_pages

    def _turn(self, state: ListsCursor, keys: list[str]) -> _Turn:
        first = [key for key in keys if self._backfill and _is_first(state.lists.get(key, ""))]
        settled = [key for key in keys if key not in first]
        past = bool(first) and (state.past or not settled or settled == [self._failed])
        chosen = first if past else settled
        if state.at in chosen and state.at != self._failed:
            chosen = chosen[chosen.index(state.at) :]
        if self._failed in chosen:
            after = chosen.index(self._failed) + 1
            chosen = chosen[after:] + chosen[:after]
        return _Turn(chosen, past=past, waiting=bool(first and settled))


class _Round:
    """One poll over several lists."""

    def __init__(self, lists: Several, cursors: Mapping[str, str], now: datetime) -> None:
        self._lists = lists
        self.now = now
        self.cursors = dict(cursors)
        self.pages: list[Page] = []
        self.fetched: list[Fetched] = []
        self.refused: list[SourceRefused] = []
        self.trouble: SourceUnavailable | None = None
        self.at = ""

    async def go(self, keys: list[str], asks: Mapping[str, Ask], names: Mapping[str, str]) -> str:
        """Walk the lists; returns the one that ended the round before its end, empty when none did."""
        for key in keys:
            if len(self.pages) >= self._lists.most_pages:
                self.at = key
                return ""
            try:
                walker = self._lists.walker(names[key])
                fetched = await walker.walk(self.cursors.get(key, ""), self.now, self._noting(asks[key]))
            except SourceRefused as error:
                self.refused.append(error)
                continue
            except SourceUnavailable as error:
                self.trouble = error
                return key
            self.cursors[key] = fetched.cursor
            self.fetched.append(fetched)
            if fetched.retry_after:
                return key
        return ""

    def wait(self, *, waiting: bool) -> timedelta | None:
        """The least time until the next poll."""
        if self.trouble is not None:
            return self.trouble.retry_after or _USUAL_WAIT
        waits = [fetched.retry_after for fetched in self.fetched if fetched.retry_after is not None]
        longest = max(waits, default=None)
        if longest:
            return longest
        more = waits or self.at or waiting
        return timedelta(0) if more and self.fetched else None

    def note(self) -> str:
        """What the operator should know, each thing once."""
        troubles = [*self.refused, *([self.trouble] if self.trouble is not None else [])]
        notes = [*(str(error) for error in troubles), *(fetched.note for fetched in self.fetched)]
        return "; ".join(dict.fromkeys(note for note in notes if note))[:500]

    def _noting(self, ask: Ask) -> Ask:
        async def noting(token: str, since: datetime) -> Page:
            page = await ask(token, since)
            self.pages.append(page)
            return page

        return noting


def _merged(round_: _Round, turn: _Turn, state: ListsCursor, present: frozenset[str]) -> Fetched:
    mentions = {mention.id: mention for fetched in round_.fetched for mention in fetched.mentions}
    listed = {mention.id: mention for page in round_.pages for mention in page.mentions}
    rereads, young = reread(state.young, listed.values(), round_.now)
    seen = {mark(id): id for page in round_.pages if isinstance(page, Listing) for id in page.deleted}
    deleted = {key: id for key, id in seen.items() if key not in state.gone}
    # The past has its turn once the present has had a whole one, and the present after each turn of the past.
    past = turn.waiting and not turn.past and not round_.at
    after = ListsCursor(
        lists={key: cursor for key, cursor in round_.cursors.items() if key in present},
        at=round_.at,
        past=past,
        young=young,
        gone=(*deleted, *state.gone)[:_MOST_GONE],
    )
    return Fetched(
        mentions=tuple(sorted(mentions.values(), key=lambda mention: mention.published)),
        cursor=msgspec.json.encode(after).decode(),
        retry_after=round_.wait(waiting=past),
        note=round_.note(),
        backfilling=any(fetched.backfilling for fetched in round_.fetched),
        rereads=rereads,
        deleted=tuple(deleted.values()),
        quarantined=tuple(one for fetched in round_.fetched for one in fetched.quarantined),
    )


def _load(text: str) -> ListsCursor:
    if not text or len(text) > _LONGEST_CURSOR:
        return ListsCursor()
    try:
        return msgspec.json.decode(text, type=ListsCursor)
    except (msgspec.MsgspecError, UnicodeError):
        return ListsCursor()


def _is_first(cursor: str) -> bool:
    """Whether a list is still read back for the first time."""
    if not cursor:
        return True
    try:
        return msgspec.json.decode(cursor, type=WalkCursor).first
    except (msgspec.MsgspecError, UnicodeError):
        return True
