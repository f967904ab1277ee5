"""Recordings: files of mentions, read for replay, or played as the source `recording`.

The source resumes from a cursor (rows delivered), needs no network, and has no terms but those of the file.
"""

from __future__ import annotations

import asyncio
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from pydantic import Field

from buzzguard.collect.card import SourceCard
from buzzguard.collect.columns import ColumnMapping
from buzzguard.collect.dates import reader
from buzzguard.collect.exports import language_code
from buzzguard.collect.mapping import guess_mapping, load_mapping, topic_id
from buzzguard.collect.rows import Report, Rows
from buzzguard.collect.sheets import SheetRows, is_sheet
from buzzguard.collect.site import site_of, web_link
from buzzguard.collect.sorting import by_time, in_order, sort_externally, take_run
from buzzguard.collect.tools import Tools
from buzzguard.config.base import Frozen
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import ConfigError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Fault, Fetched, Mention, MentionKind

__all__ = [
    "ColumnMapping",
    "RecordingSource",
    "guess_mapping",
    "load_mapping",
    "merge_recordings",
    "read_recording",
    "topic_id",
]

SOURCE = "recording"
_LONGEST_TEXT = 20_000
_LONGEST_FIELD = 1_000
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d{2}")
_KINDS = {kind.value: kind for kind in MentionKind}


def read_recording(
    path: Path, mapping: ColumnMapping | None = None, *, faults: Callable[[Fault], None] | None = None
) -> Iterator[Mention]:
    """The mentions of a file, lazily, in order of publication.

    CSV or JSON Lines, plain or packed with gzip or zstd, or a spreadsheet. Without a `mapping` the usual names of
    columns count, and those of known exports. Memory stays flat: a file that is out of order is sorted through
    temporary files. `fetched` is the time of publication.
    A bad row is told to `faults` with its line and left out. Raises ConfigError when the file cannot be used at all.
    """
    rows = open_rows(path, mapping)
    chosen = mapping or guess_mapping(rows.columns, file=str(path))
    return _ordered(in_file_order(path, rows, chosen, faults), lambda: _times(path, rows, chosen))


def in_file_order(
    path: Path, rows: Rows | SheetRows, mapping: ColumnMapping, faults: Callable[[Fault], None] | None = None
) -> Iterator[Mention]:
    """The mentions of a file as they stand in it; as `read_recording` else. Raises ConfigError at once for a mapping
    that names columns which are not there."""
    _check_columns(mapping, rows, path)
    return _in_file_order(path, rows, mapping, _reporter(path, faults))


def open_rows(path: Path, mapping: ColumnMapping | None = None) -> Rows | SheetRows:
    """The rows of a file, whatever it is. Raises ConfigError when it cannot be read."""
    named = [column for _, column in _named_columns(mapping)] if mapping else []
    return SheetRows(path, named) if is_sheet(path) else Rows(path, named)


def merge_recordings(recordings: Iterable[Iterator[Mention]]) -> Iterator[Mention]:
    """Several recordings, each in order, as one in order."""
    return heapq.merge(*recordings, key=by_time)


def _ordered(mentions: Iterator[Mention], times: Callable[[], Iterator[Mention]]) -> Iterator[Mention]:
    """`mentions` in order; `times` reads the same rows once more, to learn whether they are."""
    head = take_run(mentions)
    following = next(mentions, None)
    if following is None:
        yield from sorted(head, key=by_time)
        return
    everything = chain(head, [following], mentions)
    yield from everything if in_order(head) and in_order(times()) else sort_externally(everything)


def _times(path: Path, rows: Rows | SheetRows, mapping: ColumnMapping) -> Iterator[Mention]:
    only = ColumnMapping(
        published=mapping.published, clock=mapping.clock, time_zone=mapping.time_zone, time_format=mapping.time_format
    )
    return _in_file_order(path, rows, only, lambda _line, _message: None)


def _reporter(path: Path, faults: Callable[[Fault], None] | None) -> Report:
    def report(line: int, message: str) -> None:
        if faults is not None:
            faults(Fault(file=str(path), line=line, column=1, message=message))

    return report


def _check_columns(mapping: ColumnMapping, rows: Rows | SheetRows, path: Path) -> None:
    """A column that is not there would silence a field without a word. Keys of JSON may be missing in some rows."""
    named = {column for _, column in _named_columns(mapping)}
    missing = [] if rows.is_json else sorted(named - set(rows.columns))
    if missing:
        hint = f"there are: {', '.join(rows.columns)[:200]}"
        raise ConfigError(
            [Fault(file=str(path), line=1, column=1, message=f"no column {name!r}", hint=hint) for name in missing]
        )


def _named_columns(mapping: ColumnMapping) -> list[tuple[str, str]]:
    """Fields with the columns they are read from, the time of publication first."""
    told = ("sentiment", "constants", "time_zone", "time_format")
    named = {name: getattr(mapping, name) for name in ColumnMapping.model_fields if name not in told}
    first = [("published", mapping.published)] + ([("clock", mapping.clock)] if mapping.clock else [])
    return first + [(name, column) for name, column in named.items() if column and name not in ("published", "clock")]


def _in_file_order(path: Path, rows: Rows | SheetRows, mapping: ColumnMapping, report: Report) -> Iterator[Mention]:
    named = _named_columns(mapping)
    build = _Builder(path, mapping, [name for name, _ in named])
    for line, values in rows([column for _, column in named], report):
        mention = build(line, values)
        if isinstance(mention, str):
            report(line, mention)
        else:
            yield mention


class _Builder:
    """Makes the mention of a row."""

    def __init__(self, path: Path, mapping: ColumnMapping, fields: Sequence[str]) -> None:
        self._stem = path.name.partition(".")[0]
        self._fields = fields
        self._constants = dict(mapping.constants)
        self._read_time = reader(mapping.time_format, zone=ZoneInfo(mapping.time_zone))
        self._times_only = set(fields) <= {"published", "clock"} and not mapping.constants
        self._has_clock = bool(mapping.clock)
        self._topics: dict[str, tuple[str, ...]] = {}

    def __call__(self, line: int, values: Sequence[str]) -> Mention | str:
        """The mention, or what is wrong with the row."""
        written = f"{values[0]} {values[1]}".strip() if self._has_clock and ":" not in values[0] else values[0]
        published = self._read_time(written)
        if published is None:
            return f"{values[0][:40]!r} is not a time" if values[0].strip() else "no time of publication"
        if self._times_only:
            return Mention(
                id=f"{SOURCE}:{self._stem}:{line}",
                stream=self._stem,
                source=SOURCE,
                published=published,
                fetched=published,
                text="",
            )
        row = self._constants | dict(zip(self._fields, values, strict=False))
        return self._mention(row, line, published)

    def _mention(self, row: dict[str, str], line: int, published: datetime) -> Mention:
        get = row.get
        named = get("source", "").strip().lower()
        source = named or SOURCE
        url = web_link(get("url", ""), base="") if get("url") else ""
        return Mention(
            id=f"{named or f'{SOURCE}:{self._stem}'}:{_whole_id(get('id', '')) or line}",
            stream=self._stem,
            source=source[:_LONGEST_FIELD],
            published=published,
            fetched=published,
            text=(get("text", "") or get("text_else", ""))[:_LONGEST_TEXT],
            title=get("title", "")[:_LONGEST_FIELD],
            url=url,
            site=get("site", "")[:_LONGEST_FIELD] or (site_of(url) if url else ""),
            language=language_code(get("language", "")),
            kind=_KINDS.get(get("kind", "").strip().lower(), MentionKind.POST),
            author=_author(row),
            engagement=_engagement(row),
            rating=_rating(get("rating", "")),
            topics=self._topics_of(get("topics", "")),
        )

    def _topics_of(self, cell: str) -> tuple[str, ...]:
        if not cell:
            return ()
        known = self._topics.get(cell)
        if known is None:
            found = (topic_id(part) for part in cell.replace("|", ";").split(";"))
            known = tuple(dict.fromkeys(topic for topic in found if topic))
            if len(self._topics) < 10_000:
                self._topics[cell] = known
        return known


_NOBODY = Author()
_UNTOUCHED = Engagement()


def _author(row: dict[str, str]) -> Author:
    name = row.get("author", "").strip()[:_LONGEST_FIELD]
    followers = _count(row.get("followers", ""))
    return Author(id=name, handle=name, followers=followers) if name or followers else _NOBODY


def _engagement(row: dict[str, str]) -> Engagement:
    counts = {name: _count(row.get(name, "")) for name in ("likes", "replies", "shares", "views")}
    return Engagement(**counts) if any(counts.values()) else _UNTOUCHED


def _whole_id(cell: str) -> str:
    """An identifier; empty for one that a spreadsheet has rounded (`1.99E+18`): many rows would share it."""
    return "" if _ROUNDED.fullmatch(cell.strip()) else cell


def _count(cell: str) -> int:
    """A whole number of reactions; 0 for what is none (an export's `n/a` costs no row)."""
    if cell.isdecimal() and len(cell) < 16:
        return int(cell)
    try:
        return max(0, int(float(cell.replace(",", "").replace("\u202f", "").replace(" ", ""))))
    except (ValueError, OverflowError):
        return 0


def _rating(cell: str) -> float | None:
    try:
        value = float(cell.replace(",", "."))
    except ValueError:
        return None
    return value if abs(value) < 1e6 else None


class _Played(msgspec.Struct, frozen=True, omit_defaults=True):
    """The cursor: mentions delivered; at a pace also when it began and the recording's own first time."""

    rows: int = 0
    began: datetime | None = None
    first: datetime | None = None


class RecordingSource:
    """Plays a file: all at once with its own times, or at `pace`, as if it happened now.

    With a pace the recording's first mention is now, and the others follow at `pace` times the true pace.
    """

    card = SourceCard(
        group="push and files",
        reads="a file of mentions: CSV, TSV, JSON Lines, plain or packed",
        needs="nothing",
        delay="as recorded, or played as if it happened now",
        limits="none",
        terms="those of the file",
    )

    class Settings(Frozen):
        """`path` of the file; `mapping` of its columns when their names are unusual; `pace` 1 is the true one."""

        path: Path
        mapping: ColumnMapping | None = None
        pace: float | None = Field(default=None, gt=0, le=100_000)
        batch: int = Field(default=5_000, ge=1, le=50_000)

    def __init__(
        self,
        stream: str,
        settings: Settings,
        *,
        common: StreamSettings,
        tools: Tools | None = None,  # noqa: ARG002 - every source is built alike
    ) -> None:
        self._stream = stream
        self._settings = settings
        self._language = common.language
        self._reading: _Reading | None = None

    async def close(self) -> None:
        """Let go of the file."""
        self._reading = None

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """The next mentions due at `now`."""
        try:
            return await asyncio.to_thread(self._fetch, _load_played(cursor), now)
        except ConfigError as error:
            raise SourceRefused(str(error.faults[0])) from error
        except OSError as error:
            raise SourceUnavailable(f"{self._settings.path}: {error.strerror or 'cannot be read'}") from error

    def _fetch(self, played: _Played, now: datetime) -> Fetched:
        reading = self._at(played.rows)
        if self._settings.pace and played.began is None and reading.ahead is not None:
            played = msgspec.structs.replace(played, began=now, first=reading.ahead.published)
        due: list[Mention] = []
        while reading.ahead is not None and len(due) < self._settings.batch:
            mention = self._timed(reading.ahead, played, now)
            if mention is None:
                break
            due.append(mention)
            reading.move()
        after = msgspec.structs.replace(played, rows=reading.position)
        return Fetched(
            mentions=tuple(due),
            cursor=msgspec.json.encode(after).decode(),
            retry_after=timedelta(0) if len(due) == self._settings.batch else None,
            note=reading.news(),
        )

    def _at(self, rows: int) -> _Reading:
        """The recording after its first `rows` mentions. What was opened before is only a short cut to there."""
        if self._reading is None or self._reading.position != rows:
            self._reading = _Reading(self._settings.path, self._settings.mapping)
            self._reading.skip(rows)
        return self._reading

    def _timed(self, mention: Mention, played: _Played, now: datetime) -> Mention | None:
        """The mention as it is played, None while it is not due yet."""
        published = mention.published
        if self._settings.pace and played.began is not None and played.first is not None:
            published = played.began + (published - played.first) / self._settings.pace
            if published > now:
                return None
        return msgspec.structs.replace(
            mention,
            stream=self._stream,
            published=published,
            fetched=now,
            language=mention.language or self._language,
        )


class _Reading:
    """A recording being read, one mention ahead."""

    def __init__(self, path: Path, mapping: ColumnMapping | None) -> None:
        self._bad = 0
        self._first_bad = ""
        self._told = 0
        self._mentions = read_recording(path, mapping, faults=self._note)
        self.position = 0
        self.ahead = next(self._mentions, None)

    def move(self) -> None:
        """Go on to the next mention."""
        self.position += 1
        self.ahead = next(self._mentions, None)

    def skip(self, rows: int) -> None:
        """Go on to where a cursor stands; a recording that became shorter has nothing more to tell."""
        while self.position < rows and self.ahead is not None:
            self.move()
        self.position = rows
        if rows:
            self._told = self._bad

    def news(self) -> str:
        """What is to be said of bad rows, once for each."""
        fresh, self._told = self._bad - self._told, self._bad
        return f"{fresh} rows could not be read, the first: {self._first_bad}" if fresh else ""

    def _note(self, fault: Fault) -> None:
        self._bad += 1
        self._first_bad = self._first_bad or str(fault)


def _load_played(cursor: str) -> _Played:
    try:
        read = msgspec.json.decode(cursor, type=_Played) if cursor else _Played()
    except (msgspec.MsgspecError, UnicodeError):
        return _Played()
    aware = all(time is None or time.tzinfo is not None for time in (read.began, read.first))
    return read if read.rows >= 0 and aware else _Played()
