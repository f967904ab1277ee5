"""VADER's rules, written for speed, for English and French.

Source of the method: Hutto and Gilbert, "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media
Text", ICWSM 2014. Word lists and constants come from the packages vaderSentiment (MIT) and vaderSentiment_fr (MIT); the
compound value equals theirs to the last digit, their oddities included (a test compares them). What differs is the
cost: words are lowered once, emoji found by one expression, and only words of the lexicon are looked at closely.

The French package is read, not run: importing its code appends `/` to the module path and warns.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_CAPITALS = 0.733
_NEGATED = -0.74
_DISTANCE = (1.0, 0.95, 0.9)
"""A booster counts less two and three words before the word it boosts."""
_MAYBE_EMOJI = re.compile("[\xa9\xae\u203c-\U0010ffff]")
"""Where emoji lie. A class of all of them costs a microsecond for each character of a text: a look-up follows."""
_LONG_DOTS = re.compile(r"\.{2,}")
_FRENCH_SPLIT = re.compile(r"[\s']")


@dataclass(frozen=True, slots=True)
class Tables:
    """The word lists of a language, and where its port departs from the English original."""

    lexicon: dict[str, float]
    emojis: dict[str, str]
    boosters: dict[str, float]
    negations: frozenset[str]
    specials: dict[str, float]
    french: bool
    spared: frozenset[str] = frozenset()
    """Words that a negation leaves as they are (French only)."""


class Engine:
    """The compound value of texts in one language."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._key: Callable[[str], str] = _unaccented if tables.french else str
        self._heads = frozenset(special.split()[-1] for special in tables.specials)

    def compound(self, text: str) -> float:
        """VADER's compound value, in −1…1, rounded to four digits as VADER does."""
        if not text.isascii():
            text = _MAYBE_EMOJI.sub(self._describe, text)
        text = text.strip()
        tokens = _FRENCH_SPLIT.split(text) if self._tables.french else text.split()
        if not tokens:
            return 0.0
        words = [_stripped(token) for token in tokens]
        values = self._values(words)
        total = float(sum(values))
        return round(_normalised(self._emphasised(total, text)), 4)

    def emoji_only(self, text: str) -> str:
        """The part of `text` that reads alike in every language: its emoji, described."""
        emojis = self._tables.emojis
        return " ".join(emojis[emoji] for emoji in _MAYBE_EMOJI.findall(text) if emoji in emojis)

    def _describe(self, match: re.Match[str]) -> str:
        start = match.start()
        before = " " if start == 0 else match.string[start - 1]
        description = self._tables.emojis.get(match[0])
        if description is None:
            return match[0]
        return description if before == " " else " " + description

    def _values(self, words: list[str]) -> list[float]:
        tables = self._tables
        lexicon, boosters, key = tables.lexicon, tables.boosters, self._key
        lowered = [word.lower() for word in words]
        values = [0.0] * len(words)
        mixed: bool | None = None
        for index, word in enumerate(lowered):
            entry = key(word)
            if (
                entry not in lexicon
                or word in boosters
                or (word == "kind" and lowered[index + 1 : index + 2] == ["of"])
            ):
                continue
            if mixed is None:
                mixed = _is_mixed(words)
            values[index] = self._value(words, lowered, index, entry=entry, mixed=mixed)
        if not tables.french and "but" in lowered:
            _weigh_around(values, lowered.index("but"))
        return values

    def _value(self, words: list[str], lowered: list[str], index: int, *, entry: str, mixed: bool) -> float:
        lexicon = self._tables.lexicon
        value = lexicon[entry]
        if entry == "no" and index != len(words) - 1 and lowered[index + 1] in lexicon:
            value = 0.0
        if index and _after_no(lowered, index):
            value = lexicon[entry] * _NEGATED
        if mixed and words[index].isupper():
            value += _CAPITALS if value > 0 else -_CAPITALS
        for distance in range(min(3, index)):
            before = index - distance - 1
            if lowered[before] in lexicon:
                continue
            value += self._boost(words[before], lowered[before], value, mixed=mixed) * _DISTANCE[distance]
            value = self._negate(value, lowered, index, distance)
            if distance == 2:
                value = self._special(value, lowered, index)
        return self._least(value, lowered, index)

    def _boost(self, word: str, lower: str, value: float, *, mixed: bool) -> float:
        scalar = self._tables.boosters.get(lower)
        if scalar is None:
            return 0.0
        if value < 0:
            scalar = -scalar
        if mixed and word.isupper():
            scalar += _CAPITALS if value > 0 else -_CAPITALS
        return scalar

    def _negate(self, value: float, lowered: list[str], index: int, distance: int) -> float:
        tables = self._tables
        if tables.french:
            if lowered[index] in tables.spared:
                return value
        elif distance:
            kept = _never_or_doubt(lowered, index, distance)
            if kept is not None:
                return value * kept
        word = lowered[index - distance - 1]
        return value * _NEGATED if word in tables.negations or "n't" in word else value

    def _special(self, value: float, lowered: list[str], index: int) -> float:
        specials, boosters = self._tables.specials, self._tables.boosters
        three, two, one, here = lowered[index - 3 : index + 1]
        two_one, three_two, three_two_one = f"{two} {one}", f"{three} {two}", f"{three} {two} {one}"
        for sequence in (f"{one} {here}", f"{two_one} {here}", two_one, three_two_one, three_two):
            if sequence in specials:
                value = specials[sequence]
                break
        after = lowered[index + 1 : index + 3]
        if after:
            value = specials.get(f"{here} {after[0]}", value)
        if len(after) == 2:
            value = specials.get(f"{here} {after[0]} {after[1]}", value)
        return value + sum(boosters.get(pair, 0.0) for pair in (three_two_one, three_two, two_one))

    def _least(self, value: float, lowered: list[str], index: int) -> float:
        if not index or lowered[index - 1] != "least" or "least" in self._tables.lexicon:
            return value
        if index > 1 and lowered[index - 2] in ("at", "very"):
            return value
        return value * _NEGATED

    def _emphasised(self, total: float, text: str) -> float:
        if not self._tables.french:
            emphasis = _exclaimed(text) + _questioned(text)
            return total + math.copysign(emphasis, total) if total else total
        emphasis = _exclaimed(text) + _questioned(text) + _suspended(text)
        if not total:
            return total - 0.5 * emphasis
        total += math.copysign(emphasis, total)
        return total + math.copysign(_shouted(text), total) if abs(total) >= 0.05 else total


def _stripped(token: str) -> str:
    """Without punctuation around it; what would be left of an emoticon is too short, so that stays whole."""
    if token.isalnum():
        return token
    word = token.strip(string.punctuation)
    return word if len(word) > 2 else token


def _is_mixed(words: list[str]) -> bool:
    """Whether some words, but not all, are in capitals."""
    return 0 < sum(map(str.isupper, words)) < len(words)


def _after_no(lowered: list[str], index: int) -> bool:
    if lowered[index - 1] == "no" or (index > 1 and lowered[index - 2] == "no"):
        return True
    return index > 2 and lowered[index - 3] == "no" and lowered[index - 1] in ("or", "nor")


def _never_or_doubt(lowered: list[str], index: int, distance: int) -> float | None:
    """The factor of "never so", "never this" and "without doubt"; None where they do not stand."""
    one, two = lowered[index - 1], lowered[index - 2]
    if distance == 1:
        if two == "never" and one in ("so", "this"):
            return 1.25
        return 1.0 if two == "without" and one == "doubt" else None
    three = lowered[index - 3]
    if (three == "never" and two in ("so", "this")) or one in ("so", "this"):
        return 1.25
    return 1.0 if three == "without" and "doubt" in (two, one) else None


def _weigh_around(values: list[float], but: int) -> None:
    """Half before "but", half more after it. Equal values move the first of them, as in the original."""
    for value in values:
        if not value:
            continue
        index = values.index(value)
        if index != but:
            values[index] = value * (0.5 if index < but else 1.5)


def _exclaimed(text: str) -> float:
    return min(text.count("!"), 4) * 0.292


def _questioned(text: str) -> float:
    count = text.count("?")
    if count <= 1:
        return 0.0
    return count * 0.18 if count <= 3 else 0.96


def _suspended(text: str) -> float:
    if ".." not in text:
        return 0.0
    count = sum(map(len, _LONG_DOTS.findall(text)))
    return 0.21 if count <= 3 else (min(count, 6) - 2) * 0.21


_PUNCTUATION = str.maketrans("", "", "?!.,;")


def _shouted(text: str) -> float:
    count = 0
    for word in text.translate(_PUNCTUATION).split(" "):
        tail = word[1:]
        if tail and not tail.islower() and not any(map(str.islower, tail)):
            count += 1
            if count == 5:
                break
    return count * 0.292


def _normalised(total: float) -> float:
    return max(-1.0, min(1.0, total / math.sqrt(total * total + 15)))


@lru_cache(maxsize=50_000)
def _transliterated(word: str) -> str:
    from unidecode import unidecode

    return str(unidecode(word))


def _unaccented(word: str) -> str:
    return word if word.isascii() else _transliterated(word)


def english() -> Engine:
    """The engine on the English word lists."""
    from vaderSentiment import vaderSentiment as package

    analyser = package.SentimentIntensityAnalyzer()
    return Engine(
        Tables(
            lexicon=analyser.lexicon,
            emojis=analyser.emojis,
            boosters=package.BOOSTER_DICT,
            negations=frozenset(package.NEGATE),
            specials=package.SPECIAL_CASES,
            french=False,
        )
    )


def french() -> Engine:
    """The engine on the French word lists."""
    from vaderSentiment.vaderSentiment import SPECIAL_CASES

    folder = files("vaderSentiment_fr")
    lexicon = (line.strip().split("->")[:2] for line in _lines((folder / "fr_lexicon.txt").read_text("utf-8")))
    emojis = (line.strip().split("\t")[:2] for line in _lines((folder / "emojis_fr.txt").read_text("utf-8")))
    return Engine(
        Tables(
            lexicon={_unaccented(word): float(value) for word, value in lexicon},
            emojis={emoji: description for emoji, description in emojis},
            boosters=FRENCH_BOOSTERS,
            negations=FRENCH_NEGATIONS,
            specials=SPECIAL_CASES,
            french=True,
            spared=frozenset(map(_unaccented, (folder / "no_negate.txt").read_text("utf-8").split())),
        )
    )


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.strip()]


def _listed(words: str) -> list[str]:
    return [" ".join(word.split()) for word in words.split(",")]


FRENCH_NEGATIONS = frozenset(["pas", "jamais", "plus", "rien", "aucunement", "nullement", "sans", "ni"])
FRENCH_BOOSTERS = dict.fromkeys(
    _listed("""
    absolument, ainsi, archi, beaucoup, bigrement, bougrement, carrément, complètement, considérablement,
    davantage, diablement, diantrement, divinement, drôlement, délicieusement, entièrement, exceptionnel,
    exceptionnelle, exceptionnellement, exceptionnelles, exceptionnels, excessivement, extra, extrême,
    extrêmement, fabuleusement, fichtrement, fort, forte, fortes, forts, grandement, hyper, impeccablement,
    incroyablement, infiniment, joliment, merveilleusement, prodigieusement, profondément, putain de,
    rudement, sacrément, spécialement, sublimement, super, superbement, tant, tellement, terriblement,
    totalement, trop, très, ultra, vachement, vraiment, énormément
    """),
    0.293,
) | dict.fromkeys(
    _listed("""
    approximativement, assez, difficilement, environ, guère, insuffisament, insuffisamment, juste, léger,
    légers, légère, légèrement, légères, moins, peu, plutôt, presque, quasi, quasiment, quelque, quelque peu,
    rare, rarement, à peine, à peu près
    """),
    -0.293,
)
"""As in vaderSentiment_fr, whose module cannot be imported cleanly (a test compares them)."""
