"""Text from outside, made harmless for Slack: it can neither ping, format, link, reorder nor cut.

Escaping `&`, `<` and `>` is Slack's own rule and not enough: clients also act on `*bold*`, on `:emoji:`, on bare
addresses and on names after `@` and `#`. Those are defused: formatting marks become look-alikes, which no client
parses, and an invisible word joiner breaks what a client would link or ping.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit, urlunsplit

JOINER = "\u2060"
"""Word joiner: invisible, no line break, no part of any name, address or emoji code."""
ELLIPSIS = "…"
MAX_URL = 600
"""Longer addresses are not linked: five of them would crowd the evidence out of a message."""
_MAX_MARKS = 4
"""Combining marks kept on one letter: enough for every script in use, too few to paint over other lines."""

_LOOKALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_KEPT_FORMATS = "\u200c\u200d"  # Persian and Indic scripts need the one, family emoji the other.
_NAME = re.compile(r"[@#](?=\S)")
_EMOJI_CODE = re.compile(r":(?=[\w+'-]+:)")
_SCHEME = re.compile(r"(?i):(?=//)|\b(?:mailto|tel|slack|javascript|data):")
_DOT = re.compile(r"(?<=[^\W_])\.(?=[^\W\d_])")
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_MARKS = re.compile(
    r"[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{5,}"
)
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x9b[0-?]*[ -/]*[@-~]")
_SPACES = re.compile(r"\s{2,}|[^\S\u00a0\u202f]")  # A single no-break space is French typography and stays.
_JOINS = re.compile(r"[\u200c\u200d]{2,}")
_ADDRESS = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://|\bwww\.|(?:[\w-]+\.)+[^\W\d_]{2,}")
_RTL = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
_ATOM = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);")


def clean(text: str) -> str:
    """The text on one line, without control characters, terminal codes, direction overrides and towers of marks."""
    text = _ANSI.sub("", text)
    shown = "".join(char for char in text if char.isspace() or _is_shown(char))
    joined = _JOINS.sub(lambda run: run.group()[0], _SPACES.sub(" ", shown).strip())
    return _MARKS.sub(lambda run: run.group()[:_MAX_MARKS], joined)


def mrkdwn(text: str) -> str:
    """Text from outside for a Slack `mrkdwn` object: shown as it reads, on one line, and inert."""
    inert = _defused(clean(text))
    # A line that opens with `>` is a block quote to Slack, escaped or not.
    guard = JOINER if inert.startswith(">") else ""
    return isolate(guard + "".join(_ENTITIES.get(char, char) for char in inert))


def plain(text: str) -> str:
    """Text from outside for a Slack `plain_text` object (which must not be entity-escaped) and for fallbacks."""
    return _defused(clean(text)).replace("<", "‹").replace(">", "›")


def isolate(text: str) -> str:
    """Right-to-left text in an isolate of its own, so that it cannot reorder what stands beside it."""
    return f"\u2068{text}\u2069" if _RTL.search(text) else text


def link(url: str, label: str) -> str:
    """A Slack link on `label` (from outside, not yet escaped); the bare label when the address cannot be trusted.

    Only http and https are linked. A label that itself looks like an address is followed by the real host, and a
    name and password before the host are removed: the reader sees where a click leads.
    """
    shown = mrkdwn(label)
    target, host = _target(url)
    if not target:
        return shown
    if _leads_elsewhere(label, host):
        shown = f"{shown} ({mrkdwn(host)})"
    return f"<{target}|{shown or mrkdwn(host)}>"


def safe_address(url: str) -> str:
    """An address from outside as it may be linked outside Slack: http or https, its host in ASCII, nothing in it that
    ends a link or an attribute; empty when it cannot be trusted."""
    target, _ = _target(url)
    return re.sub(r"[()'\[\]*_~]", lambda found: f"%{ord(found.group()):02X}", target.replace("&amp;", "&"))


def truncate(escaped: str, limit: int) -> str:
    """At most `limit` UTF-16 units of escaped text, `…` where it was cut.

    Cuts between whole pieces alone: never within an entity, a `<…>` or what a reader sees as one character. An open
    isolate is closed again. Slack counts characters in a way that it does not document; UTF-16 units are never fewer.
    """
    if units(escaped) <= limit:
        return escaped
    room = limit - units(ELLIPSIS) - 1  # One unit is kept for the end of an isolate.
    kept: list[str] = []
    for piece in pieces(escaped):
        room -= units(piece)
        if room < 0:
            break
        kept.append(piece)
    cut = "".join(kept).rstrip()
    closing = "\u2069" if cut.count("\u2068") > cut.count("\u2069") else ""
    return f"{cut}{ELLIPSIS}{closing}" if limit > 1 else ELLIPSIS[:limit]


def units(text: str) -> int:
    """The length in UTF-16 units: an emoji beyond the basic plane counts two."""
    return len(text) + sum(char > "\uffff" for char in text)


def pieces(escaped: str) -> list[str]:
    """The text as pieces that must not be cut: entities, `<…>` and visible characters."""
    found: list[str] = []
    at = 0
    for atom in _ATOM.finditer(escaped):
        found += graphemes(escaped[at : atom.start()])
        found.append(atom.group())
        at = atom.end()
    return found + graphemes(escaped[at:])


def graphemes(text: str) -> list[str]:
    """The visible characters: a base with its marks, joined emoji, flags, Hangul syllables."""
    found: list[str] = []
    for char in text:
        if found and _extends(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _extends(cluster: str, char: str) -> bool:
    last = cluster[-1]
    if unicodedata.category(char) in ("Mn", "Me", "Mc") or char in _KEPT_FORMATS:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or "\U000e0020" <= char <= "\U000e007f":
        return True
    if _is_regional(char):
        return _is_regional(last) and len(cluster) == 1
    return last == "\u200d" or (_is_jamo(last) and _is_jamo(char))


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _is_jamo(char: str) -> bool:
    return "\u1100" <= char <= "\u11ff"


def _is_shown(char: str) -> bool:
    if char in _KEPT_FORMATS:
        return True
    if ord(char) & 0xFFFE == 0xFFFE or "\ufdd0" <= char <= "\ufdef":
        return False
    return unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")


def _defused(text: str) -> str:
    text = _NAME.sub(lambda found: found.group() + JOINER, text)
    text = _EMOJI_CODE.sub(":" + JOINER, text)
    text = _SCHEME.sub(lambda found: found.group() + JOINER, text)
    text = _DOT.sub(JOINER + ".", text)
    return _EDGE_UNDERSCORE.sub("ˍ", text).translate(_LOOKALIKES)


def _target(url: str) -> tuple[str, str]:
    """The address fit for `<…|…>` and its host in ASCII; empty when it is none that we link."""
    try:
        parts = urlsplit(clean(url).replace(" ", ""))
        host, port = parts.hostname or "", parts.port
        ascii_host = host if host.isascii() else host.encode("idna").decode()
    except (ValueError, UnicodeError):
        return "", ""
    if parts.scheme.lower() not in ("http", "https") or not re.fullmatch(r"[a-z0-9._-]+|[0-9a-f:.]+", ascii_host):
        return "", ""
    bracketed = f"[{ascii_host}]" if ":" in ascii_host else ascii_host
    place = bracketed if port is None else f"{bracketed}:{port}"
    path, query, fragment = (quote(part, safe=_URL_SAFE) for part in (parts.path, parts.query, parts.fragment))
    target = urlunsplit((parts.scheme.lower(), place, path, query, fragment)).replace("&", "&amp;")
    return (target, ascii_host) if len(target) <= MAX_URL else ("", "")


def _leads_elsewhere(label: str, host: str) -> bool:
    """Whether a label names an address, and not only that of `host`."""
    words = [word for word in clean(label).split() if _ADDRESS.search(word)]
    return any(_host_named(word).removeprefix("www.") != host.removeprefix("www.") for word in words)


def _host_named(word: str) -> str:
    try:
        return urlsplit(word if "//" in word else f"//{word}").netloc.rstrip(".,;:!?)").lower()
    except ValueError:
        return ""
