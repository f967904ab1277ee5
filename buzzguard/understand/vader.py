"""The first scorer: VADER for English and French."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.util import find_spec

from buzzguard.model import Confusion, Polarity, Sentiment, Text
from buzzguard.understand import vader_engine
from buzzguard.understand.vader_engine import Engine

MAX_CHARACTERS = 1_000
"""What is scored of a text: the side it takes shows early, and a long article drowns VADER in noise."""
THRESHOLD = 0.05
"""VADER's own: from here on a text takes a side."""
NEUTRAL_CONFIDENCE = 0.5
"""Confidence in a neutral text of a language that is known: a voice that is not hostile counts as such."""
READABLE = 0.5
"""Trust below which a text was not read but for its emoji."""
_PACKAGES = ("vaderSentiment", "vaderSentiment_fr", "unidecode")
SHORT = 6
"""Words up to which a text of unknown language is tried in both."""


class VaderScorer:
    """Sentiment by word lists and rules; see `vader_engine`.

    Texts in other languages are judged by their emoji alone: their words would only meet false friends (the German
    article `die` is a sad English word). A text of unknown language is tried in both languages when it is short
    (`Scam !`); a long one without a common word of either is in neither.

    Confidence is the absolute value, half for what is neutral; halved for a guess between both languages and at most
    0.3 for emoji alone.

    `confusion` was measured on the validation tweets of UMSAB in both languages (a third of them negative), weighed by
    confidence, with `python -m tests.bench.confusion ../shared/data/text/umsab`:

    |         | tweets | recall | false positives | each tweet alike: recall | false positives |
    |---------|--------|--------|-----------------|--------------------------|-----------------|
    | English |    324 |    .72 |             .09 |                      .69 |             .13 |
    | French  |    324 |    .55 |             .17 |                      .56 |             .22 |
    | both    |    648 |    .64 |             .12 |                      .62 |             .17 |

    The training tweets, which nothing here was trained on either, give .64 and .11 (3,678 tweets).
    """

    name = "vader"
    confusion = Confusion(recall=0.64, false_positives=0.12)

    def __init__(self) -> None:
        """Raises LookupError where the word lists are not installed: what they need is under the GPL."""
        if any(find_spec(package) is None for package in _PACKAGES):
            raise LookupError("the word lists of `vader` are not installed: pip install 'buzzguard[vader]'")

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text."""
        return [self._one(text) for text in texts]

    def _one(self, text: Text) -> Sentiment:
        body = _prepared(text.text)
        if text.language == "en":
            return _sentiment(self._english.compound(body), 1.0)
        if text.language == "fr":
            return _sentiment(self._french.compound(body), 1.0)
        if not text.language and len(body.split(None, SHORT)) <= SHORT:
            values = self._english.compound(body), self._french.compound(body)
            return _sentiment(max(values, key=abs), 0.5)
        return _sentiment(self._english.compound(self._english.emoji_only(body)), 0.3)

    @cached_property
    def _english(self) -> Engine:
        return vader_engine.english()

    @cached_property
    def _french(self) -> Engine:
        return vader_engine.french()


def _prepared(text: str) -> str:
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text
    # The word lists know the straight apostrophe only.
    return text.encode("utf-8", "ignore").decode().replace("’", "'")


def _sentiment(value: float, trust: float) -> Sentiment:
    confidence = round(abs(value) * trust, 4)
    if value >= THRESHOLD:
        return Sentiment(value=value, polarity=Polarity.POSITIVE, confidence=confidence)
    if value <= -THRESHOLD:
        return Sentiment(value=value, polarity=Polarity.NEGATIVE, confidence=confidence)
    # Of a text without words of feeling a lexicon is half sure at best: it may only lack the words.
    unmoved = round((1.0 - abs(value)) * NEUTRAL_CONFIDENCE * trust, 4) if trust >= READABLE else confidence
    return Sentiment(value=value, polarity=Polarity.NEUTRAL, confidence=unmoved)
