"""A cheap guess between English and French, for sources that do not tell.

It counts words that are frequent in one of the two and rare in the other and in their neighbours (`la`, `de`, `que` are
as Spanish as they are French, `die` and `was` as German as English), and French spellings.
"""

from __future__ import annotations

import re
from typing import Final

from buzzguard.understand.fold import fold

_LOOKED_AT = 400
"""Characters looked at: a text tells its language in its first lines."""


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ENGLISH: Final = _listed(
    """
    the and is are of to you for with this that it it's its have has had not but they them their my your we our
    i i'm i've from at by be been being will would can can't could should don't doesn't didn't won't isn't
    aren't wasn't what when where who why how which these those there here if then than just about after before
    because never again ever get got getting very too only all any some more most much many out up down over off
    into people need know think really worst best good great awful terrible please thanks thank love hate stop
    buy bought work works day now today customer says said new she he his her him do does did am were an
    """
)
_FRENCH: Final = _listed(
    """
    les des est une et je vous nous dans pour avec sur sont ont mais plus tout tous toute toutes fait cette ces
    ce cet aux etre tres ils elle elles du au chez quand comme leur leurs sans pas ne jamais rien encore
    toujours meme aussi votre vos notre nos mon ma mes ton ta tes ses son qui quoi dont ou donc alors apres
    avant depuis pendant contre entre sous vers faut peut sera ete suis es sommes etes avoir faire etait avait
    ai ca cela ceci c'est j'ai n'est qu'il qu'on d'un d'une l'on s'est c'etait j'en y'a merci bonjour svp trop
    bien mal nul nulle arnaque honte jour client clients service aujourd'hui deja ici oui non moi toi lui eux
    autre autres le la de
    """
)
_NEIGHBOURS: Final = _listed(
    """
    e il che di della del gli nel ho perche questo anche sono piu non sei ma mi io tutti cosi quando fare el los las
    para por muy pero esta cuando lo su hay mas nos nao um uma os voce em da foi ele seu eu pra isso der die und das ist
    nicht ich ein eine zu auf mit fur wie auch im den von dem sich hat wir aber noch
    """
)
"""Frequent in Italian, Spanish, Portuguese or German: texts with more of these are in none of ours."""
_WEAK: Final = _listed("la de le es ma ta tu ton son client service es non an am ai")
"""Counted at a quarter: they are words of neighbouring languages too."""
_ELISIONS: Final = re.compile(r"\b(?:[cdjlmnst]|qu)'(?=[aeiouyh])")
_FRENCH_LETTERS: Final = re.compile("[çœêèùâîû]")
_FRENCH_ACCENTS: Final = re.compile("[éàôëï]")
_WORDS: Final = re.compile(r"[a-z]+(?:'[a-z]+)?")
_FOREIGN: Final = re.compile("[ñ¿¡ßãõäöüåøłžčšěř]")
_FRENCH_WEIGHTS: Final = {word: 0.25 if word in _WEAK else 1.0 for word in _FRENCH}


def guess_language(text: str) -> str:
    """`en`, `fr`, or empty when the text does not tell (too short, or another language). `text` is plain text."""
    head = text[:_LOOKED_AT].lower()
    bare = fold(head)
    words = _WORDS.findall(bare)
    if not words:
        return ""
    english = float(sum(map(_ENGLISH.__contains__, words)))
    french = sum(filter(None, map(_FRENCH_WEIGHTS.get, words)))
    others = sum(map(_NEIGHBOURS.__contains__, words))
    if "'" in bare:
        french += 0.75 * len(_ELISIONS.findall(bare))
    if not head.isascii():
        # Bounded: accents alone, however many, do not outweigh the words of another Romance language.
        french += min(2.0, 0.75 * len(_FRENCH_LETTERS.findall(head)) + 0.4 * len(_FRENCH_ACCENTS.findall(head)))
        if _FOREIGN.search(head):
            others += 2
    return _verdict(english, french, others, words=len(words))


def _verdict(english: float, french: float, others: float, *, words: int) -> str:
    best = max(english, french)
    # One clear word is enough in a short text; a long one must show a fair share of them.
    if best < 0.75 or best < 0.08 * words or best <= others or abs(english - french) < 0.3 * best:
        return ""
    return "en" if english > french else "fr"


def language_code(given: str) -> str:
    """The ISO 639-1 part of what a source calls a language (`fr-FR`, `EN_us`, `fra`); empty when it says nothing."""
    code = re.split(r"[-_]", given.strip().lower(), maxsplit=1)[0]
    code = _LONG_CODES.get(code, code)
    return (
        code if len(code) in (2, 3) and code.isascii() and code.isalpha() and code not in ("und", "zxx", "mul") else ""
    )


_LONG_CODES: Final = {
    "eng": "en",
    "fra": "fr",
    "fre": "fr",
    "english": "en",
    "french": "fr",
    "francais": "fr",
    "français": "fr",
}
