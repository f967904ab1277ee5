"""An export of a listening tool → a recording, in one pass, in file order, in flat memory."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import msgspec

from buzzguard.collect.columns import ColumnMapping
from buzzguard.collect.exports import vendor_of
from buzzguard.collect.mapping import guess_mapping
from buzzguard.collect.recording import in_file_order, open_rows
from buzzguard.model import Fault, Mention

_ZSTD_LEVEL = 3
_GZIP_LEVEL = 6


class Export:
    """An export that can be read. Raises ConfigError when it cannot."""

    def __init__(self, path: Path, mapping: ColumnMapping | None = None, *, time_zone: str = "") -> None:
        self._path = path
        self._rows = open_rows(path, mapping)
        vendor = vendor_of(self._rows.columns)
        self.vendor = vendor.name if vendor and mapping is None else ""
        chosen = mapping or guess_mapping(self._rows.columns, file=str(path))
        self.mapping = chosen.model_copy(update={"time_zone": time_zone}) if time_zone else chosen

    @property
    def columns(self) -> list[str]:
        """The names of all its columns."""
        return self._rows.columns

    @property
    def progress(self) -> float:
        """Which part has been read, 0 to 1."""
        return self._rows.progress

    def mentions(self, faults: Callable[[Fault], None]) -> Iterator[Mention]:
        """Its mentions in file order; a bad row is told to `faults` and left out."""
        return in_file_order(self._path, self._rows, self.mapping, faults)


class Recorder:
    """Writes mentions as JSON Lines with the usual names; packed as the name of the file says (`.gz`, `.zst`).

    The file appears under its name when all is written, and never half.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".{path.name}.part")
        self._open = ExitStack()
        self._encode = msgspec.json.Encoder().encode
        self.written = 0

    def __enter__(self) -> Recorder:
        self._file = self._open.enter_context(_packed(self._draft, self._path.suffix))
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._open.close()
        if kind is None:
            self._draft.replace(self._path)
        else:
            self._draft.unlink(missing_ok=True)

    def write(self, mention: Mention) -> None:
        """Add a mention."""
        self._file.write(self._encode(_row(mention)) + b"\n")
        self.written += 1


def _packed(path: Path, suffix: str) -> IO[bytes]:
    if suffix == ".gz":
        return gzip.open(path, "wb", compresslevel=_GZIP_LEVEL)  # type: ignore[return-value]
    if suffix == ".zst":
        import zstandard

        return zstandard.open(path, "wb", cctx=zstandard.ZstdCompressor(level=_ZSTD_LEVEL))  # type: ignore[no-any-return]
    return path.open("wb")


def _row(mention: Mention) -> dict[str, Any]:
    """A mention as a row of a recording: what is empty is left out."""
    author, engagement = mention.author, mention.engagement
    row: dict[str, Any] = {
        "published": mention.published,
        "id": mention.id.removeprefix(f"{mention.source}:"),
        "text": mention.text,
        "title": mention.title,
        "url": mention.url,
        "author": author.handle,
        "followers": author.followers,
        "likes": engagement.likes,
        "replies": engagement.replies,
        "shares": engagement.shares,
        "views": engagement.views,
        "rating": mention.rating,
        "kind": mention.kind.value,
        "language": mention.language,
        "site": mention.site,
        "source": mention.source,
        "topics": list(mention.topics),
    }
    return {name: value for name, value in row.items() if value}
