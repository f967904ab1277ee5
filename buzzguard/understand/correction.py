"""Correction by people: what a team's clicks change in the sentiment of its texts, over a scorer that stays frozen.

Each person teaches a residual of their own: a linear model over rare n-grams, trained by AdaGrad (Duchi et al. 2011)
on what the frozen scorer and the others' residuals leave wrong. Rare n-grams (of high inverse document frequency) carry
what is peculiar to the team's subject; and a residual acts only as far as a text resembles, in its rarest n-grams,
those that the person clicked. So what is learned of airlines leaves other texts as they were.

What one person can do is bounded, whatever they click and how often (`tests/understand/test_correction.py` holds it):

- the log-odds between two sides of any text move by at most `ALONE`, and only if the person leads or a second person
  has clicked as well; so no text that is further from the border ever changes sides by one person's doing;
- a text that the person clicked moves by `DIRECT` more, but at most `DIRECT_PER_DAY` texts a day, unless a second
  person clicked the same text and agrees;
- of a person's clicks of a day the first `LEARNED_PER_DAY` count, of their clicks on one text the last;
- all people together move a text that was not clicked by at most `TOGETHER`.

And nothing is learned at the cost of the rest: while the corrections put more of the `ANCHORS` on a wrong side than the
frozen scorer does, they are scaled down.

The state is nothing but the clicks, in their order: the same clicks give the same answers in any process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from hashlib import blake2b
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from buzzguard.model import Record
from buzzguard.understand.anchors import ANCHORS
from buzzguard.understand.sentiment.features import hashed, normalised
from buzzguard.understand.sentiment.probabilities import CLASSES, NEGATIVE, NEUTRAL, POSITIVE, Logits, logs, softmax

ALONE = 1.5
TOGETHER = 4.0
DIRECT = 3.0
DIRECT_PER_DAY = 5
LEARNED_PER_DAY = 100
MOST_CLICKS = 5_000
"""The newest are kept: of older ones, products and words have changed."""

_RATE, _BIAS_RATE, _FIRST_SQUARES = 0.1, 0.02, 0.01
_ALIEN, _AKIN = 0.02, 0.04
"""Cosines to what a person clicked, in the cubes of rarities: up to the first a text is left alone, from the second on
a residual acts in full. General tweets in English stay under the first in nine of ten cases."""
_FOLD = (1 << 18) - 1
_SCALES = (1.0, 0.5, 0.25)

Side: TypeAlias = Literal["negative", "not_negative", "neutral", "positive"]
Taken: TypeAlias = Literal["learned", "known", "over_daily_limit"]
"""What became of a click: learned; delivered before; or kept without effect, the person having clicked enough today."""
Probabilities: TypeAlias = Callable[[Sequence[str]], Logits]
Rarity: TypeAlias = Callable[[NDArray[np.int32]], NDArray[np.float64]]
Floats: TypeAlias = NDArray[np.float64]
Slots: TypeAlias = NDArray[np.int64]

_SIDES: dict[Side, tuple[int, ...]] = {
    "negative": (NEGATIVE,),
    "not_negative": (NEUTRAL, POSITIVE),
    "neutral": (NEUTRAL,),
    "positive": (POSITIVE,),
}


class Click(Record, frozen=True, kw_only=True):
    """A person said on which side a text is. `lead`: the person may teach alone."""

    id: str
    text: str
    person: str
    at: datetime
    side: Side
    lead: bool = False


class Correction:
    """The clicks of one team and what follows from them.

    `frozen` gives the probabilities of the scorer as shipped, `rarity` the inverse document frequency of n-gram rows.
    """

    def __init__(self, frozen: Probabilities, rarity: Rarity, clicks: Iterable[Click] = ()) -> None:
        """Learn the stored `clicks`, in their order."""
        self._frozen = frozen
        self._rarity = rarity
        self._clicks: dict[str, _Lesson] = {}
        self._forget()
        for click in clicks:
            self.learn(click)

    def learn(self, click: Click) -> Taken:
        """Take a click into account."""
        if click.id in self._clicks:
            return "known"
        lesson = _Lesson(click, _key(click.text), logs(self._frozen([click.text])), _grams([click.text], self._rarity))
        changed_mind = (click.person, lesson.key) in self._counted
        self._clicks[click.id] = lesson
        if len(self._clicks) > MOST_CLICKS:
            for oldest in list(self._clicks)[: MOST_CLICKS // 10]:
                del self._clicks[oldest]
        elif not changed_mind:
            return self._take(lesson)
        # It is as if the earlier click on the text, or the oldest ones, had never been.
        return self._rebuild()[click.id]

    def undo(self, click_id: str) -> bool:
        """Be as if the click had never been. False for one that is not known."""
        return self.forget((click_id,)) > 0

    def forget(self, click_ids: Iterable[str]) -> int:
        """Be as if these clicks had never been; returns how many were known."""
        known = [id for id in click_ids if self._clicks.pop(id, None) is not None]
        if known:
            self._rebuild()
        return len(known)

    def corrected(self, texts: Sequence[str], probabilities: Logits) -> Logits:
        """The probabilities of texts, corrected. As they were while nobody clicked."""
        if not texts or not self._direct:
            return probabilities
        return softmax(logs(probabilities) + self._moves(texts, _grams(texts, self._rarity)))

    def __len__(self) -> int:
        """How many clicks are known."""
        return len(self._clicks)

    def _forget(self) -> None:
        self._places = _Places()
        self._teachers: dict[str, _Teacher] = {}
        self._direct: dict[bytes, dict[str, _Lesson]] = {}
        self._in_full: set[str] = set()
        self._counted: set[tuple[str, bytes]] = set()
        self._today: dict[tuple[str, date], int] = {}
        self._scale: float | None = None

    def _rebuild(self) -> dict[str, Taken]:
        self._forget()
        last = {(lesson.click.person, lesson.key): lesson for lesson in self._clicks.values()}
        counted = {lesson.click.id for lesson in last.values()}
        return {lesson.click.id: self._take(lesson) for lesson in self._clicks.values() if lesson.click.id in counted}

    def _take(self, lesson: _Lesson) -> Taken:
        click = lesson.click
        self._counted.add((click.person, lesson.key))
        day = (click.person, click.at.date())
        number = self._today[day] = self._today.get(day, 0) + 1
        if number > LEARNED_PER_DAY:
            return "over_daily_limit"
        if number <= DIRECT_PER_DAY:
            self._in_full.add(click.id)
        self._direct.setdefault(lesson.key, {})[click.person] = lesson
        teacher = self._teachers.setdefault(click.person, _Teacher())
        teacher.lead = teacher.lead or click.lead
        grams = lesson.grams._replace(rows=self._places.made(lesson.grams.rows))
        said = lesson.frozen + sum(each.residual(grams) for each in self._teachers.values())
        teacher.learn(grams, _error(softmax(said)[0], _SIDES[click.side]))
        self._scale = None
        return "learned"

    def _moves(self, texts: Sequence[str], grams: _Grams) -> Logits:
        """How far each text's logits move."""
        if self._scale is None:
            self._scale = self._harmless()
        moves = self._scale * self._learned(grams)
        for place, text in enumerate(texts):
            moves[place] += self._said(_key(text))
        return moves

    def _learned(self, grams: _Grams) -> Logits:
        grams = grams._replace(rows=self._places.known(grams.rows))
        together = len(self._teachers) > 1
        moves = np.zeros((grams.texts, CLASSES))
        for teacher in self._teachers.values():
            if together or teacher.lead:
                moves += teacher.residual(grams) * teacher.kinship(grams)[:, None]
        return np.clip(moves, -TOGETHER / 2, TOGETHER / 2)

    def _said(self, key: bytes) -> Floats:
        """What the people who clicked this very text add to its logits."""
        move = np.zeros(CLASSES)
        lessons = self._direct.get(key, {}).values()
        for lesson in lessons:
            agreed = any(other is not lesson and other.click.side == lesson.click.side for other in lessons)
            if agreed or lesson.click.id in self._in_full:
                move += _toward(_SIDES[lesson.click.side])
        return move

    def _harmless(self) -> float:
        """The largest scale at which the anchors are on the right side as often as they were."""
        frozen, grams, sides = self._anchors()
        right = np.count_nonzero(frozen.argmax(axis=1) == sides)
        learned = self._learned(grams)
        for scale in _SCALES:
            if np.count_nonzero((frozen + scale * learned).argmax(axis=1) == sides) >= right:
                return scale
        return 0.0

    def _anchors(self) -> tuple[Logits, _Grams, NDArray[np.int64]]:
        if not hasattr(self, "_anchored"):
            texts = [text for texts in ANCHORS.values() for text in texts]
            sides = np.repeat([NEGATIVE, NEUTRAL, POSITIVE], [len(ANCHORS[side]) for side in ANCHORS])
            self._anchored = (logs(self._frozen(texts)), _grams(texts, self._rarity), sides)
        return self._anchored


class _Grams(NamedTuple):
    """The n-grams of texts: the row of each and its text, its weight by rarity and by the cube of rarity.

    The weights of a text have length one.
    """

    texts: int
    rows: Slots
    text: NDArray[np.int64]
    weight: Floats
    peculiar: Floats

    def summed(self, values: Floats) -> Floats:
        """The sum of values, one an n-gram, over each text."""
        return np.asarray(np.bincount(self.text, values, self.texts), np.float64)


class _Lesson(NamedTuple):
    """A click with what learning from it needs."""

    click: Click
    key: bytes
    frozen: Logits
    grams: _Grams


class _Places:
    """Numbers the rows that clicks have touched, from 1 on: 0 is what nobody taught anything of."""

    def __init__(self) -> None:
        self._of = np.zeros(_FOLD + 1, np.int32)
        self._count = 0

    def known(self, rows: Slots) -> Slots:
        return self._of[rows].astype(np.int64)

    def made(self, rows: Slots) -> Slots:
        new = np.unique(rows[self._of[rows] == 0])
        self._of[new] = np.arange(self._count + 1, self._count + 1 + len(new))
        self._count += len(new)
        return self.known(rows)


class _Teacher:
    """What one person has taught."""

    def __init__(self) -> None:
        self.lead = False
        self._weights = np.zeros((1024, CLASSES))
        self._squares = np.full((1024, CLASSES), _FIRST_SQUARES)
        self._bias = np.zeros(CLASSES)
        self._clicked = np.zeros(1024)

    def residual(self, grams: _Grams) -> Logits:
        """What was taught, for each text; between two sides never more than `ALONE`."""
        rows = np.where(grams.rows < len(self._weights), grams.rows, 0)
        columns = [grams.summed(grams.weight * self._weights[rows, side]) for side in range(CLASSES)]
        moves = np.stack(columns, axis=1) + self._bias
        moves -= moves.mean(axis=1, keepdims=True)
        return np.clip(moves, -ALONE / 2, ALONE / 2)

    def kinship(self, grams: _Grams) -> Floats:
        """How much each text resembles what the person clicked: 0 not at all, 1 enough."""
        rows = np.where(grams.rows < len(self._clicked), grams.rows, 0)
        length = float(np.sqrt(np.square(self._clicked).sum())) or 1.0
        cosines = grams.summed(grams.peculiar * self._clicked[rows]) / length
        return np.clip((cosines - _ALIEN) / (_AKIN - _ALIEN), 0.0, 1.0)

    def learn(self, grams: _Grams, error: Floats) -> None:
        """One step of AdaGrad against the error of a text's probabilities."""
        self._grow(int(grams.rows.max(initial=0)) + 1)
        rows, where = np.unique(grams.rows, return_inverse=True)
        steps = np.bincount(where, grams.weight, len(rows))[:, None] * error
        self._squares[rows] += np.square(steps)
        self._weights[rows] -= _RATE * steps / np.sqrt(self._squares[rows])
        self._bias -= _BIAS_RATE * error
        self._clicked[rows] += np.bincount(where, grams.peculiar, len(rows))

    def _grow(self, rows: int) -> None:
        lacking = rows - len(self._weights)
        if lacking <= 0:
            return
        lacking = max(lacking, len(self._weights))
        self._weights = np.concatenate([self._weights, np.zeros((lacking, CLASSES))])
        self._squares = np.concatenate([self._squares, np.full((lacking, CLASSES), _FIRST_SQUARES)])
        self._clicked = np.concatenate([self._clicked, np.zeros(lacking)])


def _grams(texts: Sequence[str], rarity: Rarity) -> _Grams:
    parts = []
    for block in hashed(texts):
        text = np.repeat(np.arange(len(texts)), np.diff(block.start))
        rare = rarity(block.rows)
        parts.append((block.rows & _FOLD, text, _unit(rare, text, len(texts)), _unit(rare**3, text, len(texts))))
    rows, text, weight, peculiar = (np.concatenate(part) for part in zip(*parts, strict=True))
    return _Grams(len(texts), rows.astype(np.int64), text, weight, peculiar)


def _unit(values: Floats, text: NDArray[np.int64], texts: int) -> Floats:
    """Values scaled so that those of both kinds of n-gram of a text together have length one."""
    lengths = np.sqrt(2 * np.bincount(text, np.square(values), texts))
    scaled: Floats = values / np.maximum(lengths[text], 1e-9)
    return scaled


def _error(probabilities: Floats, sides: tuple[int, ...]) -> Floats:
    """How far probabilities are from one of `sides` being right; which of them is left to the probabilities."""
    right = np.zeros(CLASSES)
    right[list(sides)] = probabilities[list(sides)]
    error: Floats = probabilities - right / max(float(right.sum()), 1e-9)
    return error


def _toward(sides: tuple[int, ...]) -> Floats:
    move = np.full(CLASSES, -DIRECT / 2)
    move[list(sides)] = DIRECT / 2
    return move


def _key(text: str) -> bytes:
    """The same for texts that say the same."""
    body = " ".join(normalised(text).split()).encode("utf-8", "surrogatepass")
    return blake2b(body, digest_size=16).digest()
