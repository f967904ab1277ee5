"""Frames of Jetstream's classic wire: events as typed records, plain or compressed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from buzzguard.errors import ConfigError
from buzzguard.model import Fault

MOST_FRAME = 500_000
"""Bytes of one event; the server is asked to leave out bigger ones (a post's text has 3,000 at most)."""
_MOST_WINDOW = 8_000_000
_MOST_DICTIONARY = 16_000_000


class Commit(msgspec.Struct, frozen=True):
    """A change of one record. `record` is read only where the collection and the operation are of use."""

    operation: str = ""
    collection: str = ""
    rkey: str = ""
    rev: str = ""
    record: msgspec.Raw = msgspec.Raw(b"")


class Identity(msgspec.Struct, frozen=True):
    """What became of an account's name."""

    handle: Any = None


class Account(msgspec.Struct, frozen=True):
    """What became of an account."""

    active: bool = True
    status: str = ""


class Event(msgspec.Struct, frozen=True):
    """One event. `time_us` is when the server saw it, in microseconds of Unix time."""

    did: str
    time_us: int
    kind: str
    commit: Commit | None = None
    identity: Identity | None = None
    account: Account | None = None


class Frames:
    """Reads frames. With a dictionary the server is asked to compress, without one to send plain text."""

    def __init__(self, dictionary: Path | None) -> None:
        """Raises ConfigError when the dictionary cannot be read."""
        self._decoder = msgspec.json.Decoder(Event)
        self._inflater = _inflater(dictionary) if dictionary else None

    @property
    def compressed(self) -> bool:
        """Whether compression is to be asked for."""
        return self._inflater is not None

    def event(self, frame: str | bytes) -> Event:
        """The event of a frame. Raises ValueError for one that cannot be read, or is larger than `MOST_FRAME`."""
        if isinstance(frame, bytes):
            frame = self._inflated(frame)
        return self._decoder.decode(frame)

    def _inflated(self, frame: bytes) -> bytes:
        import zstandard

        if self._inflater is None:
            raise ValueError("a compressed frame, though compression was not asked for")
        try:
            # A frame may declare any size: without this look the whole of it would be set aside in memory.
            size = zstandard.frame_content_size(frame)
            if size > MOST_FRAME:
                raise ValueError(f"a frame that grows to {size} bytes")
            return bytes(self._inflater.decompress(frame, max_output_size=MOST_FRAME))
        except zstandard.ZstdError as error:
            raise ValueError(f"a compressed frame that the dictionary does not fit, or damaged: {error}") from error


def _inflater(path: Path) -> Any:
    import zstandard

    try:
        with path.open("rb") as file:
            content = file.read(_MOST_DICTIONARY + 1)
        if not content or len(content) > _MOST_DICTIONARY:
            raise ValueError("it is empty or far too large")
        return zstandard.ZstdDecompressor(
            dict_data=zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_FULLDICT),
            max_window_size=_MOST_WINDOW,
        )
    except (OSError, ValueError, zstandard.ZstdError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the dictionary cannot be used: {reason}"
        hint = "it is the file `zstd_dictionary` of the Jetstream repository; leave it out to do without compression"
        raise ConfigError([Fault(file=str(path), line=0, column=0, message=message, hint=hint)]) from error
