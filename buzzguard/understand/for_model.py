"""What a scorer reads of a mention: the author's own words.

People quote what they answer, pass on what others wrote, and have programs sign for them: none of it tells what they
think. What is shown keeps every word; only the scorer's copy is cut. Hashtags are split where their spelling tells
(`#BoycottAcme`), addresses are one word, emoji stay as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from buzzguard.model import Mention
from buzzguard.understand.normalise import plain_text

MAX_RAW = 200_000
"""Characters of a source's text that are looked at for quotes."""
ADDRESS = "http"
"""What stands for an address, as in the sets that scorers learn from."""

_HINTS = re.compile(
    r"(?:\A|\n)\s{0,3}(?:>|--|__)|&gt;|&#62;|<blockquote|\[quote"
    r"|\n.{0,9}(?:sent |envoyé|écrit |gesendet|von meinem|enviado|inviato|(?:get|obtenir|télécharger) outlook)"
    r"|(?:wrote|a écrit|schrieb|escribió|ha scritto|escreveu)\s?:",
    re.IGNORECASE,
)
_NESTED = re.compile(r"\[(/?)quote\b[^\[\]\n]{0,200}\]|<(/?)blockquote\b[^<>]{0,500}>", re.IGNORECASE)
_HTML_LINE = re.compile(r"(<br\s?/?>|</?p\b[^<>]{0,200}>|</div>)", re.IGNORECASE)
_QUOTED = re.compile(r"(?:<[^<>]{0,200}>){0,4}\s{0,20}(?:>|&gt;|&#62;)(?=[\s>\w\"'«“]|&gt;|&#62;|\Z)", re.IGNORECASE)
_WROTE = re.compile(
    r"\s{0,9}(?:on|le|am|el|il|em)\b.{4,150}\b(?:wrote|a écrit|schrieb|escribió|ha scritto|escreveu)\s?:\s*\Z",
    re.IGNORECASE,
)
_SIGNATURE_LINE = re.compile(r"-- ?\r?\Z|__{4,}\s*\Z")
_SENT_FROM = re.compile(
    r"(?:\A|(?<=[\s.!?]))[-–—*_]{0,3}\s?"
    r"(?:(?:envoyé|écrit) (?:de|depuis|à partir de) (?:mon|ma|yahoo|outlook)\b"
    r"|sent (?:from|via) (?:my|yahoo|outlook|mail)\b"
    r"|von meinem .{2,30} gesendet|gesendet (?:von|mit) |enviado (?:desde mi|do meu)\b|inviato dal? mio\b"
    r"|(?:get|obtenir|télécharger) outlook (?:for|pour)\b)[^\n.!?]{0,60}[.!]?\s{0,20}\Z",
    re.IGNORECASE,
)
_PASSED_ON = re.compile(r"\s{0,9}(?:(?:rt|mt)\s?@[\w.@-]{1,80}\s?:?\s?){1,9}", re.IGNORECASE)
_VIA = re.compile(r"\s?[(\[]?\b(?:via|h/t)\s@[\w.@-]{1,80}[)\]]?\s?\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+|\bpic\.twitter\.com/\S+", re.IGNORECASE)
# The sign stands first, and what may not be before it behind: so the engine skips to signs.
_HASHTAG = re.compile(r"[#＃](?<![\w&/][#＃])(\w{2,100})")
_SEAM = re.compile(
    r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])|(?<=[A-ZÀ-ÖØ-Þ])(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|_+"
)
_BRANDED = re.compile(r"\b(i|e|Mc|Mac)\s(?=[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ])")
_TAIL = 160
_SIGNING = ("sent ", "envoyé", "écrit", "von meinem", "gesendet", "enviado", "inviato", "outlook")
"""One of these is in whatever `_SENT_FROM` finds."""
_LEADS = (">", "-", "_")
_TAGS = 4_096
"""Hashtags whose words are remembered."""


def text_for_model(clean: Mention, raw: str = "") -> str:
    """The author's own words in a mention that was cleaned, on one line.

    `raw` is its text as fetched: there alone lines and block quotes can be seen. Where nothing would be left, because
    all is quoted, all is read. Time is linear in the length.
    """
    text = clean.text
    if raw and _perhaps_quoted(raw) and _HINTS.search(raw, 0, MAX_RAW):
        text = plain_text(own_lines(raw[:MAX_RAW])) or text
    text = _unsigned(text) or text
    return spelt_out(in_one(clean.title, text))


def in_one(title: str, text: str) -> str:
    """Title and text as one reads them: the text alone where a feed's title is its beginning, cut with an ellipsis."""
    if not title or text.startswith(title.rstrip(" .…")):
        return text or title
    return f"{title}. {text}" if text else title


def own_lines(raw: str) -> str:
    """`raw` (HTML or plain) without block quotes, quoted lines and what follows the mark of a signature."""
    text = _without_blocks(raw)
    if _HTML_LINE.search(text):
        return "".join(part for part in _HTML_LINE.split(text) if not (part[:1] in "<&" and _is_quoted_html(part)))
    kept: list[str] = []
    # A signature begins a line, but not the first: nothing would be left.
    for line in text.split("\n"):
        if kept and (_SIGNATURE_LINE.match(line) or _SENT_FROM.match(line)):
            break
        if not (_QUOTED.match(line) or _WROTE.match(line[:300])):
            kept.append(line)
    return "\n".join(kept)


def spelt_out(text: str) -> str:
    """`text` with its hashtags in words and its addresses as one word. Reads a text on one line."""
    if "://" in text or "www." in text or "pic.twitter" in text:
        text = _ADDRESS.sub(ADDRESS, text)
    if "#" in text or "＃" in text:
        text = _HASHTAG.sub(lambda found: hashtag_words(found[1]), text)
    return text


@lru_cache(maxsize=_TAGS)
def hashtag_words(tag: str) -> str:
    """The words of a hashtag without its `#`, where capitals, digits or underscores part them (`SNCFenRetard2026`)."""
    words = " ".join(_SEAM.sub(" ", tag).split())
    return _BRANDED.sub(r"\1", words) or tag


def _is_quoted_html(part: str) -> bool:
    return bool(_QUOTED.match(part)) and not part.startswith("<br")


def _perhaps_quoted(raw: str) -> bool:
    """A quick look that spares most texts the search for `_HINTS`: none is found without one of these signs."""
    return "\n" in raw or ":" in raw or "&" in raw or "<" in raw or "[" in raw or raw[:4].lstrip()[:1] in _LEADS


def _unsigned(text: str) -> str:
    """A text on one line without who passed it on and what sent it."""
    if text[:2].lower() in ("rt", "mt") and (passed := _PASSED_ON.match(text)):
        text = text[passed.end() :]
    head, tail = text[:-_TAIL], text[-_TAIL:]
    lower = tail.lower()
    if any([sign in lower for sign in _SIGNING]):
        tail = _SENT_FROM.sub("", tail)
    if "via @" in lower or "h/t @" in lower:
        tail = _VIA.sub("", tail)
    return (head + tail).rstrip()


def _without_blocks(raw: str) -> str:
    """`raw` without what stands in closed block quotes, however deep; an unclosed one is no quote."""
    if not _NESTED.search(raw):
        return raw
    kept: list[str] = []
    opened: list[int] = []
    at = 0
    for mark in _NESTED.finditer(raw):
        kept.append(raw[at : mark.start()])
        at = mark.end()
        if not (mark[1] or mark[2]):
            opened.append(len(kept))
        elif opened:
            del kept[opened.pop() :]
    kept.append(raw[at:])
    return " ".join(kept)
