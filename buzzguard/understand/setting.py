"""What stands around a gravity word: whether it is told of the past, or of another brand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_SENTENCE_END = re.compile(r"[.!?…\n|]+(?=\s|$)|\n")
_CLAUSE = re.compile(r"[,;:()«»\"]|\b(?:but|while|whereas|mais|tandis que|alors que|contrairement|unlike)\b")
_REACH = 300
"""Characters on each side of a word in which its sentence is looked for."""
_YEAR = re.compile(r"(?<![\w.,€$£+#-])(?:19|20)\d\d(?!\w| ?[%€$£]|[.,]\d| euros?\b| dollars?\b)")
_DATED = re.compile(r"(?:\bin|\bback in|\bof|\ben|\bde|\bannee|\bfrom|\bmai|\bjuin|\bavril) (?:19|20)\d\d\b")
_PAST = re.compile(
    r"\b(?:l'an(?:nee)? (?:dernier|derniere|passe|passee)|l'ete dernier|l'hiver dernier|ces annees la|a l'epoque"
    r"|autrefois|naguere|jadis|par le passe|dans le passe|il y a (?:\w+ )?(?:\w+ )?(?:ans|annees|decennies)"
    r"|(?:annees|the) (?:19)?[5-9]0s?|anniversaire (?:de|du|des)|commemor\w+|en memoire d\w*"
    r"|last year|last summer|last winter|years ago|decades ago|a decade ago|back then|in the past|used to"
    r"|anniversary|commemorat\w+|in memory of|historic(?:al)?|history of|histoire de)\b"
)
_PRESENT = re.compile(
    r"\b(?:depuis|since|encore|again|toujours|still|a nouveau|de nouveau|recommence\w*|rebelote|repeat|deja|already"
    r"|aujourd'hui|today|maintenant|now|hier|yesterday|ce matin|this morning|cette semaine|this week|cette annee"
    r"|this year|like in|comme en|pire qu\w*|worse than|never stopped|continue\w*|nouveau|nouvelle|new|another)\b"
)


@dataclass(frozen=True, slots=True)
class Setting:
    """In what a text is read: the sectors whose words are grave beside the general ones, the year of the mention
    (None: unknown), and folded names: `own` of what the mention is about, `others` of other brands."""

    sectors: frozenset[str] = frozenset()
    year: int | None = None
    own: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


PLAIN = Setting()


def is_past(text: str, start: int, end: int, setting: Setting) -> bool:
    """Whether the sentence around a word of a folded text tells of the past, and of nothing that goes on."""
    sentence = _sentence(text, start, end)[0]
    if not (_PAST.search(sentence) or _earlier_year(sentence, setting.year)):
        return False
    return _PRESENT.search(sentence) is None


def _earlier_year(sentence: str, year: int | None) -> bool:
    if year is None:
        return _DATED.search(sentence) is not None
    years = [int(found) for found in _YEAR.findall(sentence)]
    return bool(years) and max(years) < year


def of_another(text: str, start: int, end: int, setting: Setting) -> bool:
    """Whether a word of a folded text is said of another brand: its clause, or else its sentence, names one of
    `others` and none of `own`."""
    if not setting.others:
        return False
    own, others = _names(setting.own), _names(setting.others)
    sentence, begin = _sentence(text, start, end)
    for part in (_clause(sentence, start - begin, end - begin), sentence):
        if own is not None and own.search(part):
            return False
        if others is not None and others.search(part):
            return True
    return False


def _sentence(text: str, start: int, end: int) -> tuple[str, int]:
    """The sentence around a span, and where it begins."""
    before = text[max(0, start - _REACH) : start]
    begin = start - len(before) + max((found.end() for found in _SENTENCE_END.finditer(before)), default=0)
    after = _SENTENCE_END.search(text, end, end + _REACH)
    return text[begin : after.start() if after else end + _REACH], begin


def _clause(sentence: str, start: int, end: int) -> str:
    begin = max((found.start() for found in _CLAUSE.finditer(sentence, 0, start)), default=0)
    after = _CLAUSE.search(sentence, end)
    return sentence[begin : after.start() if after else len(sentence)]


@lru_cache(maxsize=1_000)
def _names(names: tuple[str, ...]) -> re.Pattern[str] | None:
    written = sorted({name.strip() for name in names if name.strip()}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, written))})(?!\w)") if written else None
