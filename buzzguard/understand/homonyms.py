"""Namesakes: whether a text that a topic's query finds is about the topic at all (Orange, or an orange).

Three kinds of evidence add up, in log-odds: context words and words against of the topic's settings, the settings'
example texts, and what people clicked ("about us", "not about us"). Examples and clicks teach river's multinomial
naive Bayes, word stems as features: the best of river's learners on a made set of four brands (`tests.bench.homonyms`:
accuracy .54, .62 and .67 after 10, 20 and 30 clicks, on sentences of which few share a word; logistic regression .54,
.64 and .64), and it depends on the clicks alone, not on their order. Only words that were clicked before count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import msgspec

from buzzguard.config.understanding import AboutSettings
from buzzguard.understand.finder import Finder
from buzzguard.understand.fold import fold
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.query.nodes import Term
from buzzguard.understand.query.words import term
from buzzguard.understand.scan import Scan

MAX_CLICKS: Final = 2_000
"""Clicks remembered; beyond that the oldest are forgotten."""
LEAST_CLICKS: Final = 5
"""Texts of each side (examples among them) below which what was learned is never sure."""
DROP_BELOW: Final = 0.2
"""A text whose probability to be about the topic is lower, surely, is dropped."""
_CONTEXT, _AGAINST, _MORE, _MOST = 2.0, -2.5, 0.5, 4.0
_WORD_MOST: Final = 2.0
"""No learned word says more than this: a word seen in one click alone does not decide."""
_TELLING: Final = 0.3
_LEAST_WORDS: Final = 2
_SMOOTHING: Final = 0.3
_MAX_WORDS: Final = 300
_STEM: Final = 6
_SHOWN: Final = 5
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_STOP_LIST: Final = """
    the and for that this with you your are was were have has had not but they there from his her its our out who what
    when where why how all any les une des est dans par pour sur avec sans chez sont plus pas que qui mais cet cette
    mon mes ton tes son ses nous vous ils elle elles aux tout tous leur leurs
"""
_STOPPED: Final = frozenset(_STOP_LIST.split())


class Click(msgspec.Struct, frozen=True, kw_only=True):
    """What a person said of one mention: about the topic or not; None takes back what was said of it before.

    `mention` is its id, `text` its folded text.
    """

    mention: str
    text: str
    ours: bool | None


class About(NamedTuple):
    """How probably a text is about the topic, the words that decided (strongest first), and whether that is sure."""

    probability: float
    words: tuple[str, ...]
    sure: bool

    @property
    def not_about_us(self) -> bool:
        """Whether the text is to be dropped: never while the decision is unsure."""
        return self.sure and self.probability < DROP_BELOW


class AboutUs:
    """Judges the texts of one topic. Equal settings and equal clicks give equal judgements, in any process.

    Nothing is stored here: after a restart `learn` is called again with the clicks that are stored, in their order.
    """

    def __init__(self, settings: AboutSettings) -> None:
        self._context = tuple(map(_term, settings.context))
        self._against = tuple(map(_term, settings.against))
        self._finder = Finder(self._context + self._against)
        examples = settings.examples
        sides = ((True, examples.ours), (False, examples.others))
        self._examples = [(_stems(fold(text)), ours) for ours, texts in sides for text in texts]
        self._clicks: dict[str, tuple[dict[str, str], bool]] = {}
        self._model: Any = None
        self._counts = {True: 0, False: 0}

    def judge(self, folded_text: str, *, original: str = "") -> About:
        """Whether the text is about the topic. `original` is wanted where a context word is an exact form."""
        scan = Scan(self._finder, MatchText(folded=folded_text, original=original))
        told, learned = self._by_settings(scan), self._by_learning(folded_text)
        odds = _added(told.values()) + sum(learned.values())
        decided = sorted({**learned, **told}.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
        words = tuple(word for word, weight in decided if weight * odds > 0)[:_SHOWN]
        return About(1 / (1 + math.exp(-odds)), words, self._is_sure(odds, told, learned))

    def learn(self, click: Click) -> None:
        """Take a click. A later one on the same mention replaces the earlier."""
        known = self._clicks.pop(click.mention, None)
        if click.ours is not None:
            self._clicks[click.mention] = (_stems(click.text), click.ours)
        forgotten = len(self._clicks) > MAX_CLICKS
        if forgotten:
            del self._clicks[next(iter(self._clicks))]
        if known or forgotten:
            self._model = None  # the learner cannot unlearn: it is made anew when it is next asked
        elif self._model is not None and click.ours is not None:
            self._teach(*self._clicks[click.mention])

    def _by_settings(self, scan: Scan) -> dict[str, float]:
        mine = len(self._context)
        found = sorted(scan.found)
        return {(self._context + self._against)[index].text: _CONTEXT if index < mine else _AGAINST for index in found}

    def _by_learning(self, folded_text: str) -> dict[str, float]:
        """What each learned word of the text says, in log-odds."""
        if not (self._examples or self._clicks):
            return {}
        if self._model is None:
            self._relearn()
        if not all(self._counts.values()):
            return {}
        model, weights = self._model, {}
        for stem, word in _stems(folded_text).items():
            if stem in model.feature_counts:
                ratio = model.p_feature_given_class(stem, True) / model.p_feature_given_class(stem, False)
                weights[word] = max(-_WORD_MOST, min(_WORD_MOST, math.log(ratio)))
        return weights

    def _relearn(self) -> None:
        from river.naive_bayes import MultinomialNB  # imported here: river takes more than a second

        self._model = MultinomialNB(alpha=_SMOOTHING)  # type: ignore[no-untyped-call]
        self._counts = {True: 0, False: 0}
        for stems, ours in (*self._examples, *self._clicks.values()):
            self._teach(stems, ours)

    def _teach(self, stems: dict[str, str], ours: bool) -> None:
        self._model.learn_one(dict.fromkeys(stems, 1), ours)
        self._counts[ours] += 1

    def _is_sure(self, odds: float, told: dict[str, float], learned: dict[str, float]) -> bool:
        """Settings are sure when none of them speaks for the other side; what was learned when there is enough."""
        if DROP_BELOW < 1 / (1 + math.exp(-odds)) < 1 - DROP_BELOW:
            return False
        if any(weight * odds < 0 for weight in told.values()):
            return False
        telling = [weight for weight in learned.values() if weight * odds > 0 and abs(weight) >= _TELLING]
        return bool(told) or (min(self._counts.values()) >= LEAST_CLICKS and len(telling) >= _LEAST_WORDS)


def _term(written: str) -> Term:
    exact = written.startswith("=")
    return term(written.removeprefix("="), 1, exact=exact, phrase=True)


def _added(weights: Iterable[float]) -> float:
    """The first word of each side counts in full, each further one a little."""
    sides = {True: 0.0, False: 0.0}
    for weight in weights:
        side = weight > 0
        sides[side] += weight if not sides[side] else math.copysign(_MORE, weight)
    return min(sides[True], _MOST) + max(sides[False], -_MOST)


def _stems(folded_text: str) -> dict[str, str]:
    """The words of a text by their first letters, which join most inflections."""
    words = (word for word in _WORD.findall(folded_text)[:_MAX_WORDS] if word not in _STOPPED)
    return {word[:_STEM]: word for word in words}
