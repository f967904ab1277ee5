"""Bytes → text when what is declared and what is sent differ."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED_HTTP = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_DECLARED_XML = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.IGNORECASE)
_ONE_BYTE = ("ascii", "latin", "iso8859", "cp125", "iso-8859", "mac")

_WRITTEN = ("utf-8", "ascii", "iso8859", "iso2022", "cp", "koi8", "mac", "gb", "big5", "shift", "euc", "tis", "hz")
"""Codecs in which people write. Others take a hostile time (punycode) or are belied by plain bytes (UTF-16)."""


def _as_windows_1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return bad.decode("cp1252", "replace"), error.end


FALLBACK = "buzzguard.windows-1252"
"""Error handler: a byte that is no UTF-8 is read as Windows-1252, which is what it is nearly always."""
codecs.register_error(FALLBACK, _as_windows_1252)


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a document. Never raises.

    A byte-order mark wins. Then valid UTF-8 wins over a declared one-byte charset (no other text looks like it by
    chance), then the charset of the HTTP header, then that of the XML declaration, then UTF-8 with single bytes of
    Windows-1252 among it.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    wide = _wide(body)
    if wide:
        return body.decode(wide, "replace")
    for name in _declared(body, content_type):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("utf-8", FALLBACK)


def _wide(body: bytes) -> str:
    """UTF-16 without a mark shows as zero bytes around the first `<`, `{` or letter."""
    head = body[:4]
    if len(head) < 4 or head.count(0) != 2:
        return ""
    if head[1] == 0 and head[3] == 0:
        return "utf-16-le"
    return "utf-16-be" if head[0] == 0 and head[2] == 0 else ""


def _declared(body: bytes, content_type: str) -> list[str]:
    http = _DECLARED_HTTP.search(content_type)
    xml = _DECLARED_XML.match(body[:400])
    said = [http[1] if http else "", xml[1].decode("ascii", "replace") if xml else ""]
    names = [name for name in map(_usable, said) if name]
    return ["utf-8", *names] if not names or _is_one_byte(names[0]) else names


def _usable(name: str) -> str:
    """The codec of a declared charset; empty for one that is unknown, no text codec, or belied by plain bytes."""
    try:
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    if not codec.startswith(_WRITTEN):
        return ""
    # Browsers read these as Windows-1252, and so do those who write them.
    return "cp1252" if codec in ("iso8859-1", "ascii") else codec.replace("gb2312", "gb18030")


def _is_one_byte(codec: str) -> bool:
    return codec.startswith(_ONE_BYTE)
