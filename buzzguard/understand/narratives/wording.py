"""What a narrative is called: a clause that its mentions hold, and the mention most like all of them.

Every text is hostile. What holds markup, code or hardly a letter does not speak for a narrative; what does is shown
as it was written, and is for the notifier to escape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from buzzguard.model import Polarity
from buzzguard.understand.fold import fold
from buzzguard.understand.narratives.story import Speaker
from buzzguard.understand.narratives.words import SMALL_WORDS, words_of

MAX_QUOTE = 200
MAX_HEADLINE = 90
OFF_SIDE = 0.4
"""What praise weighs in a complaint, and a complaint in praise."""
FEWEST, MOST = 3, 14
"""Words of a clause that reads as a headline."""

_MARKUP = re.compile(r"</?[a-z!][^>]*>|\]\(|\{\{|\}\}|```|<[!@#]|javascript:|\bon\w+\s*=|&[#\w]{2,8};", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+|\bwww\.\S+|\bpic\.twitter\.com/\S*|\S+\.(?:com|co|ly|fr|org)/\S*")
_HANDLE = re.compile(r"(?:\bRT )?(?<![\w.])[@＠][\w.]*\w:?")
_TRAILING_TAGS = re.compile(r"(?:\s*#\w+)+\s*$")
_TAG = re.compile(r"#(\w+)")
_HUMP = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_ODD = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w.\s'’%€$£&/,:()+«»\"“”-]+|_+")
_CLAUSE_END = re.compile(
    r"(?:[!?…;|\n•]|\.(?=\s|$|\.)|\.{2,}|\s[-–—]+\s|--+"
    r"|\s(?:but|because|mais|parce que|car)\s|,\s(?=(?:and|so|then|et|puis|donc)\s))+",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?:\d[\s().-]{0,2}){7,}")
"""A telephone, booking or card number: it tells no story and may be somebody's."""
_COARSE = re.compile(
    r"\b(?:f+u+c+k\w*|shit\w*|bitch\w*|cunt\w*|assholes?|merd\w*|putain\w*|encul\w*|conn?ards?|salop\w*|pd)\b"
)
"""Words that a headline does without where it can: it is read in meetings."""
_EDGE = " ,:;-–—/&+'\"“”«»()’%"
_LOOSE_END_LIST = """
    a an the and or but to of in on at by for from with my your our their his her its i is are was be been that
    this if as so than when while who which because just not very le la les un une des du de d l et ou mais que
    qui dans sur sous par pour avec sans au aux ce cet cette ces mon ma mes ton ta tes son sa ses notre votre leur
    je tu il elle on est sont a ne pas
"""
_LOOSE_ENDS = frozenset(_LOOSE_END_LIST.split())
_OPENER_LIST = """
    ah also alors and aussi because ben bon bonjour but car donc et for hello hey hi lol mais merci of oh ok okay omg or
    ou plz please pls salut svp thanks then thx to well wow wth wtf yes yo
"""
_OPENERS = frozenset(_OPENER_LIST.split())


def readable(text: str) -> bool:
    """Whether a person would take it for a sentence that may be shown: letters, no markup, no long number."""
    if not text or _MARKUP.search(text) or _NUMBERS.search(text):
        return False
    shown = _ADDRESS.sub("", text)
    letters = sum(map(str.isalpha, shown))
    longest = max(map(len, shown.split()), default=0)
    return letters >= 4 and letters * 2 >= len(shown) and longest <= 60


def quote(speakers: Sequence[Speaker], likeness: Callable[[Speaker], float], side: Polarity) -> Speaker | None:
    """The readable mention most like the whole narrative, of the polarity `side` if it can be."""
    fit = [one for one in speakers if readable(one.text)]
    if not fit:
        return None

    def worth(one: Speaker) -> tuple[float, str]:
        whole = 1.0 if len(one.text) <= MAX_QUOTE else 0.8
        return likeness(one) * whole * (1.0 if one.polarity is side else OFF_SIDE), one.id

    return max(fit, key=worth)


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, whole words where they are short, an ellipsis where something is missing."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    words = head.rpartition(" ")[0].rstrip(_EDGE)
    return (words if len(words) * 2 > limit else head) + "…"


def headline(
    speakers: Sequence[Speaker], shares: Mapping[str, float], common: frozenset[str], *, side: Polarity
) -> str:
    """The clause that says most of what the narrative is about in few words; empty when there is none.

    `shares` are the parts of words in the narrative's centroid. A clause scores by the shares of its words over a
    length that grows with the words that say nothing; one of another polarity than `side` less.
    """
    best, most = "", 0.0
    for one in speakers:
        if not readable(one.text):
            continue
        weight = 1.0 if one.polarity is side else OFF_SIDE
        for clause in clauses(one.text):
            worth = weight * _worth(clause, shares, common)
            if worth > most or (worth == most and clause < best):
                best, most = clause, worth
    return best


def clauses(text: str) -> list[str]:
    """The clauses of a text that could be headlines: without addresses, handles, emoji and trailing hashtags."""
    text = _HANDLE.sub(" ", _ADDRESS.sub(" ", text))
    text = _TRAILING_TAGS.sub("", text)
    text = _TAG.sub(lambda found: _HUMP.sub(" ", found[1]), text)
    found = []
    for part in _CLAUSE_END.split(text):
        words = _ODD.sub(" ", part).strip(_EDGE).split()
        while words and fold(words[-1]).strip(_EDGE) in _LOOSE_ENDS:
            words.pop()
        while words and fold(words[0]).strip(_EDGE) in _OPENERS:
            words.pop(0)
        clause = cut(" ".join(words[:MOST]).strip(_EDGE), MAX_HEADLINE)
        if len(words) >= FEWEST:
            found.append(_capital(clause + ("…" if len(words) > MOST and not clause.endswith("…") else "")))
    return found


def _worth(clause: str, shares: Mapping[str, float], common: frozenset[str]) -> float:
    folded = fold(clause)
    stems = words_of(folded, common)
    told = sum(shares.get(stem, 0.0) for stem in stems)
    words = folded.split()
    empty = sum(word in SMALL_WORDS for word in words)
    length = 3.0 + (len(words) - empty) + 0.5 * empty
    clean = (0.85 if clause.endswith("…") else 1.0) * (0.5 if _COARSE.search(folded) else 1.0)
    return clean * told * min(len(stems), 4) / length


def _capital(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
