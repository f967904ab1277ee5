"""The language of a short text: which of those in use, or honestly none.

`Languages` weighs a model of bytes, what the source says of the text, and that one of the languages in use is likelier
than any other. Other languages are columns of the same model: a Dutch text is told to be none of ours instead of the
nearest of them. What the model cannot tell, two words for instance, `guess_language` may: it knows frequent words of
English and French (`la`, `de`, `que` are as Spanish as they are French, `die` and `was` as German as English).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from buzzguard.telemetry import get_logger
from buzzguard.understand.byte_model import ByteModel, FloatArray
from buzzguard.understand.fold import fold

log = get_logger(__name__)
IN_USE: Final = ("en", "fr", "de", "es", "it", "pt", "ar")
_OTHERS: Final = (
    *("en", "fr", "de", "es", "it", "pt", "ar", "nl", "pl", "tr", "ro", "ca", "sv", "da", "no", "id", "cs", "hu", "fi"),
    *("vi", "tl", "ru", "uk", "ja", "zh", "ko", "fa", "hi", "el", "he", "ur", "th", "bg", "hr"),
)
"""What texts that are in none of the languages in use are mostly in."""
LEAST: Final = 0.5
"""Below this probability no language is told."""
_FAMILIAR: Final = math.log(4.0)
"""How much likelier a language in use is, before a text is read, than another."""
_HINTED: Final = math.log(12.0)
"""And one that the source names: sources err, mostly by naming the language of the author's settings."""
_BYTES: Final = 480
# It begins with a set of characters, so that the engine skips to these: several times as fast.
_UNTOLD: Final = re.compile(
    r"[hHwWrR@\d_#](?:(?<=[hH])[tT][tT][pP]\S*|(?<=[wW])[wW][wW]\.\S+|(?<=\b[rR])[tT] @[\w@.]+|(?<=@)[\w@.]+"
    r"|(?<=[\d_#])[\d_#]*)"
)
"""What is of no language: addresses, handles, numbers."""
_UNTOLD_MAIL: Final = re.compile(r"https?\S*|www\.\S+|(?:\brt )?@[\w@.]+|[\w.+-]+@[\w.-]+|[\d_#]+", re.IGNORECASE)
"""The same with addresses of mail, for texts that may hold one: it looks ahead at every word."""
_PERHAPS_MAIL: Final = re.compile(r"@(?<=[\w.+-]@)")
_LETTER: Final = re.compile(r"[^\W\d_]")

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


class Languages:
    """Tells the languages of plain texts apart, among those in use (ISO 639-1 codes; those unknown are left out).

    The model is loaded when the first text is told. The same text and hint give the same language, whatever stands
    beside them in a batch; batches are several times as fast.
    """

    def __init__(self, in_use: Sequence[str] = IN_USE) -> None:
        self._in_use = tuple(dict.fromkeys(in_use))
        self._model: ByteModel | None = None
        self._prior: FloatArray = np.zeros(0, dtype=np.float32)

    def load(self) -> None:
        """Load the model now, rather than with the first text. Raises OSError when it cannot be unpacked."""
        self._loaded()

    def detect(self, texts: Sequence[str], hints: Sequence[str] = ()) -> list[str]:
        """The language of each text; empty where neither text nor hint tells. `hints` are what sources said.

        A hint (`fr-FR`) counts as evidence, not as the truth. Alone it decides where the text says nothing, and for
        languages that the model does not know.
        """
        if not texts:
            return []
        codes = [language_code(hint) for hint in hints] or [""] * len(texts)
        try:
            model = self._loaded()
        except OSError as error:
            # The model is unpacked through a temporary file: a full disk must not cost a mention.
            log.warning("language_model.unreadable", reason=str(error))
            return [code or guess_language(text) for code, text in zip(codes, texts, strict=True)]
        read = [_told(text) for text in texts]
        chances = model.scores([text.encode("utf-8", "ignore")[:_BYTES] for text in read]) + self._prior
        places = {code: column for column, code in enumerate(model.languages)}
        for row, code in enumerate(codes):
            if code in places:
                chances[row, places[code]] += _HINTED
        likeliest = chances.argmax(axis=1)
        # The probability of the likeliest: one over the sum of the odds against it.
        odds = np.exp(chances - chances.max(axis=1, keepdims=True)).sum(axis=1)
        return [
            self._verdict(text, code, model.languages[column], 1.0 / odd)
            for text, code, column, odd in zip(read, codes, likeliest.tolist(), odds.tolist(), strict=True)
        ]

    def _verdict(self, text: str, hint: str, likeliest: str, probability: float) -> str:
        if not _LETTER.search(text):
            return hint
        if hint and self._model is not None and hint not in self._model.languages:
            return hint
        if probability >= LEAST and likeliest in self._in_use:
            return likeliest
        if hint and (likeliest == hint or probability < LEAST):
            return hint
        guess = guess_language(text) if probability < LEAST else ""
        return guess if guess in self._in_use else ""

    def _loaded(self) -> ByteModel:
        if self._model is None:
            self._model = _model(tuple(dict.fromkeys((*_OTHERS, *self._in_use))))
            familiar = [code in self._in_use for code in self._model.languages]
            self._prior = np.asarray(np.where(familiar, _FAMILIAR, 0.0), dtype=np.float32)
        return self._model


@lru_cache(maxsize=2)
def _model(languages: tuple[str, ...]) -> ByteModel:
    """It never changes once loaded: whoever tells the same languages apart shares it."""
    return ByteModel(languages)


def _told(text: str) -> str:
    """The part of a text that tells its language: bounded, without addresses and handles, no shouting."""
    head = text[:_LOOKED_AT]
    untold = _UNTOLD_MAIL if "@" in head and _PERHAPS_MAIL.search(head) else _UNTOLD
    head = untold.sub(" ", head)
    return " ".join((head.lower() if head.isupper() else head).split())


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
    if not given:
        return ""
    code = given.strip().lower().replace("_", "-").partition("-")[0]
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
