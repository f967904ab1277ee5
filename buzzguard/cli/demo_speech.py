"""How the invented public of the demo speaks: sentences with parts that vary, what stands around them, and names.

A sentence holds `[one|another]` where people say it in different ways. Everything is drawn from the generator that is
given, so that one seed gives one world.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import msgspec

from buzzguard.model import Language, Record

_PART = re.compile(r"\[([^\]]*)\]")
_BRAND = re.compile(r"\blumio(k2)?\b", re.IGNORECASE)
_SPACES = re.compile(r" {2,}")
_OPENED, _CLOSED = 0.35, 0.4
_TAGGED = 0.25
_CASUAL = 0.25


class Story(Record, frozen=True, kw_only=True):
    """One grievance: told from `begins` minutes after the onset on, by a share `weight` of the angry."""

    begins: int
    weight: float
    sentences: tuple[str, ...]


class Around(Record, frozen=True, kw_only=True):
    """What people put before and behind what they say, in one mood."""

    openings: tuple[str, ...]
    closings: tuple[str, ...]


class Speech(Record, frozen=True, kw_only=True):
    """What is said in one language.

    `stories` are hostile, `viral` is one hostile post that is passed on; `asides` are the questions and the defence in
    the crisis, `ordinary` what is said any day. `angry` stands around what is hostile, `calm` around the rest; `given`,
    `family`, `words` and `tails` make their names.
    """

    stories: tuple[Story, ...]
    viral: str
    asides: tuple[str, ...]
    ordinary: tuple[str, ...]
    angry: Around
    calm: Around
    given: tuple[str, ...]
    family: tuple[str, ...]
    words: tuple[str, ...]
    tails: tuple[str, ...]


def speech_of(language: Language) -> Speech:
    """What is said in `language`, from the file of texts."""
    path = Path(__file__).parent / "demo_said" / f"{language}.yml"
    return msgspec.yaml.decode(path.read_bytes(), type=Speech)


class Deck:
    """Sentences drawn in turn, shuffled anew each round, so that none is told far more often than others."""

    def __init__(self, rng: random.Random, sentences: tuple[str, ...]) -> None:
        self._rng = rng
        self._sentences = [_Varied(rng, sentence) for sentence in sentences]
        self._left: list[_Varied] = []

    def draw(self) -> str:
        """The next sentence, each of its varying parts chosen."""
        if not self._left:
            self._left = list(self._sentences)
            self._rng.shuffle(self._left)
        return self._left.pop().say()


class _Varied:
    """A sentence whose parts are chosen as in a Latin square: two tellings have hardly ever two parts in common."""

    def __init__(self, rng: random.Random, sentence: str) -> None:
        self._pieces: list[list[str]] = []
        self._told = 0
        for place, piece in enumerate(_PART.split(sentence)):
            options = piece.split("|") if place % 2 else [piece]
            rng.shuffle(options)
            self._pieces.append(options)

    def say(self) -> str:
        chosen = []
        for place, options in enumerate(self._pieces):
            shift = self._told // len(options) * (place // 2)
            chosen.append(options[(self._told + shift) % len(options)])
        self._told += 1
        return "".join(chosen).strip()


def worded(rng: random.Random, sentence: str, around: Around) -> str:
    """A sentence as somebody writes it down: with an opening, a closing, or carelessly."""
    text = sentence
    if rng.random() < _OPENED:
        text = _after(rng.choice(around.openings), text)
    if rng.random() < _CLOSED:
        closing = rng.choice(around.closings)
        text = f"{text}. {closing}" if text[-1].isalnum() and closing[0].isalpha() else f"{text} {closing}"
    return careless(rng, text)


def _after(opening: str, text: str) -> str:
    """`text` goes on behind a comma, but for names and what is shouted."""
    goes_on = opening.endswith(",") and text[:1].isupper() and text[1:2].islower() and not _BRAND.match(text)
    return f"{opening} {text[0].lower()}{text[1:]}" if goes_on else f"{opening} {text}"


def named(rng: random.Random, text: str) -> str:
    """`text` with a hashtag of the brand: always when it does not name it, else now and then."""
    if _BRAND.search(text) and rng.random() >= _TAGGED:
        return text
    tag = rng.choice(("#LumioK2", "#Lumio", "#lumiok2"))
    return text if tag.lower() in text.lower() else f"{text} {tag}"


def careless(rng: random.Random, text: str) -> str:
    """`text`, now and then as it is typed on a telephone: straight apostrophes, no capitals, no full stop."""
    if rng.random() < 0.5:
        text = text.replace("’", "'")
    if rng.random() < _CASUAL:
        text = text.lower().rstrip(".")
    return _SPACES.sub(" ", text)


def handle(rng: random.Random, speech: Speech) -> str:
    """An author's name, of one of the shapes that people choose."""
    given, family = rng.choice(speech.given), rng.choice(speech.family)
    word, other = rng.sample(speech.words, 2)
    shapes = (
        f"{given}.{family}",
        f"{given.title()}{family.title().replace('_', '')}",
        f"{given[0]}{family}",
        f"{given.title()} {family.replace('_', ' ').title()}",
        f"{family}_{given[:3]}",
        f"{word}_{other}",
        f"{word.title()}{other.title()}",
        f"{given}_{word}",
        f"{word}{rng.choice(speech.tails)}",
        f"{given}{family[:2]}{rng.choice(speech.tails)}",
        f"{given}.{family[0]}{rng.randrange(60, 100)}",
        f"x_{other}_{given}",
    )
    return rng.choice(shapes)
