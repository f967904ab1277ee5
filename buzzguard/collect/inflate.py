"""Undo the compression of an answer without letting a small body become a huge one."""

from __future__ import annotations

import zlib

_GZIP = 16 + zlib.MAX_WBITS
_ZLIB = zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
_MEMBERS = 1_000
"""Concatenated gzip members are legal; a body made of empty ones is an attack on our time."""

OFFERED = "gzip, deflate"
"""The encodings that requests accept. Brotli is left out: its decoder cannot be bounded from outside."""


class TooLarge(Exception):
    """The body, or what it inflates to, is larger than the cap."""


class Damaged(Exception):
    """The body is not what its Content-Encoding says."""


class Inflate:
    """Collects a body piece by piece, inflated, up to `limit` bytes before and after inflation."""

    def __init__(self, encoding: str, *, limit: int) -> None:
        """`encoding` is the answer's Content-Encoding header. Raises Damaged for one that was not offered."""
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Damaged(f"the answer is packed as {name[:40]!r}, which was not asked for")
        self._gzip = name.endswith("gzip")
        self._plain = name in ("", "identity")
        self._limit = limit
        self._taken = 0
        self._members = 1
        self._ended = False
        self._start = bytearray()
        self._body = bytearray()
        self._unpack = zlib.decompressobj(_GZIP) if self._gzip else None

    @property
    def body(self) -> bytes:
        """What has been inflated so far."""
        return bytes(self._body)

    @property
    def whole(self) -> bool:
        """Whether the packed stream has come to its own end."""
        return self._plain or self._ended or (self._unpack is not None and self._unpack.eof)

    def feed(self, piece: bytes) -> None:
        """Take the next piece. Raises TooLarge or Damaged; what came before stays readable."""
        self._taken += len(piece)
        if self._taken > self._limit:
            raise TooLarge
        if self._plain:
            self._body += piece
            return
        if self._unpack is None:
            self._start += piece
            if len(self._start) < 2:
                return
            piece = bytes(self._start)
            self._unpack = zlib.decompressobj(_deflate_bits(piece))
        while piece and not self._ended:
            piece = self._inflate(piece)

    def _inflate(self, piece: bytes) -> bytes:
        """Inflate `piece`; returns what belongs to the next gzip member."""
        unpack = self._member()
        try:
            self._body += unpack.decompress(piece, self._limit + 1 - len(self._body))
        except zlib.error as error:
            # Padding behind the last member is ignored, as gzip itself does.
            self._ended = self._members > 1
            if not self._ended:
                raise Damaged("the packed answer is damaged") from error
        if len(self._body) > self._limit:
            raise TooLarge
        self._ended = self._ended or (unpack.eof and not self._gzip)
        return unpack.unused_data if unpack.eof else b""

    def _member(self) -> zlib._Decompress:
        assert self._unpack is not None
        if self._unpack.eof:
            self._members += 1
            self._unpack = zlib.decompressobj(_GZIP)
        if self._members > _MEMBERS:
            raise Damaged("the packed answer has too many parts")
        return self._unpack


def _deflate_bits(first: bytes) -> int:
    """Servers send `deflate` with the zlib header (right) and without it (wrong, but common)."""
    has_header = len(first) >= 2 and first[0] & 0x0F == 8 and (first[0] * 256 + first[1]) % 31 == 0
    return _ZLIB if has_header else _RAW
