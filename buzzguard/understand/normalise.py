"""From what a source delivered to plain text and comparable addresses. All input is hostile."""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import SplitResult, quote, urlsplit

MAX_MARKUP = 20
"""Markup read per character of text wanted: a page whose markup outweighs its text more than this is cut."""
MAX_TAGS = 4_000
"""Tags read: the parser takes quadratic time in their depth (0.03 s here, 0.7 s for five times as many)."""
MAX_URL = 2_000

# A space where a reader sees one: between blocks. Inline tags leave the word whole (`<b>ac</b>me`).
_BLOCK = re.compile(
    r"<(?=/?(?:address|article|aside|blockquote|br|caption|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|li"
    r"|main|nav|ol|option|p|pre|section|table|td|th|tr|ul)\b)",
    re.IGNORECASE,
)
# Plain texts hold `<` too ("a <b, I <3 you"): without a whole tag nothing is taken for markup.
_TAG = re.compile(r"</?[a-z][^<>]*>|<!--|<!doctype|<!\[cdata\[", re.IGNORECASE)
_DROPPED_TAGS = ["script", "style", "noscript", "template", "iframe", "object", "svg", "textarea", "select", "head"]
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # controls; those that count as white space become spaces
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d"  # the joiner is kept within an emoji
)
_STACKED_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{2})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+"
)
_PERHAPS_MARKS = re.compile(r"[^\w\s\x00-\x7f]{5,}")
_MOST_MARKS = 4
"""Marks on one letter, in any script: no language needs more, and putting many in order takes quadratic time."""
_TRADE_MARKS = str.maketrans("", "", "™℠")


def plain_text(html_or_text: str, limit: int = 10_000) -> str:
    """What a reader would see, on one line, at most `limit` characters.

    Markup is dropped (scripts and styles with their content), entities are read, compatibility forms unified (NFKC),
    and what the eye does not see (zero-width, bidirectional overrides, controls, lone surrogates) removed. Time is
    bounded for any input.
    """
    text = html_or_text[: limit * MAX_MARKUP]
    if "<" in text or "&" in text:
        text = _without_markup(text)
    return one_line(text, limit)


def one_line(text: str, limit: int) -> str:
    """`text` without unseen characters, white space collapsed, NFKC, at most `limit` characters. Reads no markup."""
    if not text:
        return text
    if len(text) <= limit and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    # Unseen characters may fill the start: normalising looks at a bounded part beyond the limit.
    text = " ".join(text.split())[: limit * 4]
    if text.isascii() and text.isprintable():
        return text[:limit].rstrip()
    # Trade marks would be glued to the name before them (`AcmeTM`) and hide it from the query.
    text = unicodedata.normalize("NFKC", _few_marks(text.translate(_TRADE_MARKS)))
    text = _few_marks(_STACKED_MARKS.sub(r"\1", _UNSEEN.sub("", text)))
    return " ".join(text.split())[:limit].rstrip()


def _few_marks(text: str) -> str:
    return _PERHAPS_MARKS.sub(_thinned, text)


def _thinned(found: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for character in found[0]:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def _without_markup(text: str) -> str:
    if "<" in text and _TAG.search(text):
        text = _text_of_html(text)
    elif "&" in text:
        text = html.unescape(text)
    # Feeds often escape twice; what still reads as an entity was one.
    return html.unescape(text) if _ENTITY.search(text) else text


def _text_of_html(text: str) -> str:
    from selectolax.lexbor import LexborHTMLParser, SelectolaxError

    parts = text.split("<", MAX_TAGS)
    if len(parts) > MAX_TAGS:
        text = "<".join(parts[:-1])
    try:
        tree = LexborHTMLParser(_BLOCK.sub(" <", text.encode("utf-8", "ignore").decode()))
        tree.strip_tags(_DROPPED_TAGS)
        return tree.body.text(deep=True, separator="") if tree.body else ""
    except SelectolaxError:
        return re.sub(r"<[^<>]*>", " ", text)


_TRACKING_PREFIXES = ("utm_", "at_", "mtm_", "pk_", "hsa_", "_hs", "vero_", "oly_", "mc_", "matomo_", "piwik_")
_TRACKING_LIST = """
    fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id epik xtor xtref
    wt_mc wickedid spm scid cmpid ncid mkt_tok ref_src ref_url rb_clickid s_cid _ga _gl __twitter_impression
    guccounter trk trkinfo
"""
_TRACKING = frozenset(_TRACKING_LIST.split())
_PORTS = {"http": 80, "https": 443}
_TRACKING_ANCHOR = re.compile(r":~:|xtor=|utm_|ref=|at_|Echobox=|\Z")
# Most addresses: nothing to lower, encode, drop or refuse but tracking parameters.
_PLAIN = re.compile(
    r"(https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})(/[A-Za-z0-9./~%@:,;=+_-]*)?(?:\?([A-Za-z0-9./~%@:,;=+_&-]*))?\Z"
)
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\Z")


def canonical_url(url: str, *, anchor: bool = False) -> str:
    """The address in the form in which equal places compare equal; empty for anything but a sound http(s) address.

    Scheme and host in lower case, no credentials, default port, fragment or tracking parameters; other parameters
    stay as they are and in their order. With `anchor` a fragment that names a place in the page (a comment) stays.
    """
    text = url.strip()
    if (plain := _PLAIN.match(text)) and len(text) <= MAX_URL:
        origin, path, query = plain.groups(default="")
        query = _kept_parameters(query)
        return f"{origin}{path or '/'}{'?' + query if query else ''}"
    if not text or len(text) > MAX_URL or not text[:8].lower().startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(text)
        host, port = _host(parts), parts.port
    except ValueError:
        return ""
    if not host or _FORBIDDEN.search(text):
        return ""
    netloc = host if port is None or port == _PORTS[parts.scheme] else f"{host}:{port}"
    query = _kept_parameters(parts.query)
    address = f"{parts.scheme}://{netloc}{_quoted(parts.path) or '/'}{'?' + _quoted(query) if query else ''}"
    if anchor and not _TRACKING_ANCHOR.match(parts.fragment):
        address += "#" + _quoted(parts.fragment)
    return address


def site_of(url: str) -> str:
    """The host of an address without `www.`, empty when there is none."""
    return site_of_canonical(canonical_url(url))


def site_of_canonical(address: str) -> str:
    """The same, of what `canonical_url` returned."""
    if not address:
        return ""
    netloc = address.split("/", 3)[2]
    host = netloc if netloc.endswith("]") else netloc.rpartition(":")[0] or netloc
    return host.strip("[]").removeprefix("www.")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        return f"[{host}]"
    if not host.isascii():
        host = host.encode("idna").decode("ascii").lower()
    return host if len(host) <= 253 and _HOST.match(host) else ""


def _quoted(text: str) -> str:
    """Percent-encode only what may not stand in an address; an address already encoded stays as it is."""
    return (
        text
        if text.isascii() and text.isprintable() and not _UNSAFE.search(text)
        else quote(text, _SAFE, errors="replace")
    )


_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\\]")
_UNSAFE = re.compile(r'[ "<>`{}|^]')
_SAFE = "%/:?#[]@!$&'()*+,;=-._~"


def _kept_parameters(query: str) -> str:
    if not query:
        return ""
    return "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair.split("=", 1)[0].lower()))


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
