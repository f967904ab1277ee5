"""The fields of a query: which there are, and what may stand behind each."""

from __future__ import annotations

import re
from typing import Final

from buzzguard.config.words import listed, suggest
from buzzguard.model import MentionKind
from buzzguard.understand.fold import fold
from buzzguard.understand.query.errors import QueryError

NAMES: Final = ("lang", "author", "source", "site", "kind", "url", "title")
UNKNOWN_LANGUAGE: Final = "unknown"
"""`lang:unknown`: the text does not tell its language."""
LEAST_OF_URL: Final = 4

_OTHER_NAMES: Final = {
    "language": "lang",
    "langue": "lang",
    "lg": "lang",
    "from": "author",
    "by": "author",
    "user": "author",
    "auteur": "author",
    "domain": "site",
    "host": "site",
    "domaine": "site",
    "link": "url",
    "inurl": "url",
    "type": "kind",
    "intitle": "title",
    "titre": "title",
    "headline": "title",
    "platform": "source",
}
_CODES_LIST = """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo
    es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg
    ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn
    no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_CODES: Final = frozenset(_CODES_LIST.split())
_LANGUAGES_LIST = """
    fr french francais fra fre | en english anglais eng gb us | de german allemand deutsch ger deu |
    es spanish espagnol espanol spa | it italian italien italiano ita | pt portuguese portugais por br |
    ar arabic arabe ara | nl dutch neerlandais nld dut | ja japanese japonais jpn jp |
    zh chinese chinois zho chi cn | ru russian russe rus | pl polish polonais pol | tr turkish turc tur |
    ko korean coreen kor | uk ukrainian ukrainien ukr | sv swedish suedois swe | da danish danois dan dk |
    el greek grec ell gre gr | cs czech tcheque ces cze cz | unknown none inconnue und
"""
# `br` is Breton too, and a code: codes win over names.
_CODE_OF: Final = {name: names[0] for names in map(str.split, _LANGUAGES_LIST.split("|")) for name in names[1:]}
_LANGUAGE: Final = re.compile(r"([a-z]{2,3})[-_][a-z0-9]{2,8}\Z")
_SITE: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{2,63}\Z")
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9._-]*\Z")


def field_name(written: str, column: int) -> str:
    """The field that is meant. Raises `QueryError` for an unknown one, with the nearest."""
    name = written.lower()
    if name in NAMES:
        return name
    if name in ("http", "https"):
        raise QueryError(
            "an address stands where a word is needed", column, "write url:example.org/page for a part of it"
        )
    as_text = f'to search for the text itself put "{written}:…" in quotation marks'
    other = _OTHER_NAMES.get(name)
    hint = f"did you mean `{other}`?" if other else suggest(name, NAMES) or f"fields: {listed(NAMES, last='and')}"
    raise QueryError(f"there is no field {written}", column, f"{hint}; {as_text}")


def field_value(name: str, written: str, column: int) -> str:
    """The value as mentions are compared with it. Raises `QueryError` for one that no mention can have."""
    value = " ".join(written.split())
    if not value:
        raise QueryError(f"{name}: is empty", column, f"write for example {EXAMPLES[name]}")
    if "*" in value or ("?" in value and name != "url"):
        hint = "subdomains are found anyway" if name == "site" else "write the whole value"
        raise QueryError(f"{name}: takes no wildcard", column, hint)
    return _READERS[name](value, column)


EXAMPLES: Final = {
    "lang": "lang:fr",
    "author": "author:@name",
    "source": "source:reddit",
    "site": "site:lemonde.fr",
    "kind": "kind:review",
    "url": "url:lemonde.fr/economie",
    "title": "title:recall",
}


def _language(value: str, column: int) -> str:
    code = fold(value)
    if code in (*_CODES, UNKNOWN_LANGUAGE):
        return "" if code == UNKNOWN_LANGUAGE else code
    plain = value.lower().replace("_", "-")
    meant = _CODE_OF.get(code) or (match[1] if (match := _LANGUAGE.match(plain)) and match[1] in _CODES else "")
    if not meant and len(code) == 3 and code.isascii() and code.isalpha():
        return code  # languages without a code of two letters
    hint = f"write lang:{meant}" if meant else "write its code of two letters: lang:fr, lang:en; lang:unknown"
    raise QueryError(f"{value} is no code of a language", column, hint)


def _author(value: str, column: int) -> str:
    sigil = "@" if value.startswith("@") else ""
    name = fold_name(value)
    if not name or "/" in name:
        raise QueryError(f"{value} names no author", column, 'write author:@name, or author:"Jane Doe"')
    return sigil + name


def fold_name(name: str) -> str:
    """A handle or name as it is compared: folded, without the @ before it."""
    return fold(name.strip()).lstrip("@").strip()


def _source(value: str, column: int) -> str:
    name = value.lower()
    if not _SOURCE.match(name):
        raise QueryError(
            f"{value} is no kind of source", column, "write what streams call it: source:rss, source:reddit"
        )
    return name


def _site(value: str, column: int) -> str:
    bare = re.sub(r"^https?://", "", value.lower())
    host, slash, path = bare.partition("/")
    if path:
        raise QueryError("site: takes the name of a site alone", column, f"write site:{host} url:{slash}{path}")
    host = host.strip(".").removeprefix("www.")
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = ""
    if not _SITE.match(host) or len(host) > 253:
        raise QueryError(f"{value} is no name of a site", column, f"write it whole, for example site:{_guess(host)}")
    return host


def _guess(host: str) -> str:
    return f"{host}.fr" if re.fullmatch(r"[a-z0-9-]{2,60}", host) else "lemonde.fr"


def _kind(value: str, column: int) -> str:
    kind = value.lower()
    kinds = [str(one) for one in MentionKind]
    if kind not in kinds:
        hint = suggest(kind.removesuffix("s"), kinds) or f"kinds: {listed(kinds, last='and')}"
        raise QueryError(f"there is no kind {value}", column, hint)
    return kind


def _url(value: str, column: int) -> str:
    from buzzguard.understand.normalise import canonical_url

    part = canonical_url(value).lower() or value.lower()
    if len(part) < LEAST_OF_URL:
        hint = f"a part of an address has at least {LEAST_OF_URL} characters"
        raise QueryError(f"url:{value} is too short", column, hint)
    return part


_READERS: Final = {
    "lang": _language,
    "author": _author,
    "source": _source,
    "site": _site,
    "kind": _kind,
    "url": _url,
}
