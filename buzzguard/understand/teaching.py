"""What people taught by their clicks: which side a text takes, and whether it is about a topic at all.

Both are rebuilt from the stored clicks in their order. A click changes what is read from then on; what was counted
stays counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from buzzguard.config.settings import TopicSettings
from buzzguard.config.understanding import AboutSettings
from buzzguard.model import Click, ClickKind
from buzzguard.ports import Scorer
from buzzguard.understand import correction, homonyms
from buzzguard.understand.correction import Correction, Side
from buzzguard.understand.fold import fold
from buzzguard.understand.homonyms import AboutUs
from buzzguard.understand.sentiment.probabilities import Logits

_SIDES: Mapping[ClickKind, Side] = {ClickKind.NEGATIVE: "negative", ClickKind.NOT_NEGATIVE: "not_negative"}
_OURS: Mapping[ClickKind, bool] = {ClickKind.ABOUT_US: True, ClickKind.NOT_ABOUT_US: False}


@runtime_checkable
class Teachable(Protocol):
    """A scorer whose probabilities can be corrected; see `sentiment.cascade.CascadeScorer`."""

    correction: object

    def frozen(self, texts: Sequence[str]) -> Logits:
        """The probabilities as shipped."""
        ...

    def rarity(self, rows: NDArray[np.int32]) -> Logits:
        """The inverse document frequency of n-grams."""
        ...


class Teaching:
    """Takes clicks, for the scorer and for each topic; `leads` are people who may teach alone.

    The scorer's corrections are those of the teaching that was made last: a new core begins with none and is told all.
    """

    def __init__(
        self, topics: Mapping[str, TopicSettings], scorer: Scorer, *, leads: frozenset[str] = frozenset()
    ) -> None:
        self._leads = leads
        # A topic without words for its namesakes learns from clicks alone.
        self._asked = {topic for topic, settings in topics.items() if settings.about}
        self._about = {topic: AboutUs(settings.about or AboutSettings()) for topic, settings in topics.items()}
        self._correction: Correction | None = None
        if isinstance(scorer, Teachable):
            self._correction = scorer.correction = Correction(scorer.frozen, scorer.rarity)
        self._clicks: dict[str, Click] = {}
        self._undone: set[str] = set()

    def learn(self, click: Click) -> None:
        """Take a click; one delivered before changes nothing."""
        if click.id in self._clicks:
            return
        self._clicks[click.id] = click
        if click.kind is ClickKind.UNDO:
            self._undo(click.undoes)
        elif click.kind in _SIDES and self._correction is not None:
            self._correction.learn(
                correction.Click(
                    id=click.id,
                    text=click.text,
                    person=click.who.id,
                    at=click.at,
                    side=_SIDES[click.kind],
                    lead=click.who.id in self._leads,
                )
            )
        elif click.kind in _OURS:
            self._tell(click, _OURS[click.kind])

    def about_us(self, topics: tuple[str, ...], folded: str, original: str) -> tuple[str, ...]:
        """Those of `topics` that a text is about, as far as is sure."""
        if self._asked.isdisjoint(topics):
            return topics
        return tuple(
            topic
            for topic in topics
            if topic not in self._asked or not self._about[topic].judge(folded, original=original).not_about_us
        )

    def _undo(self, id: str) -> None:
        click = self._clicks.get(id)
        if click is None:
            return
        self._undone.add(id)
        if click.kind in _SIDES and self._correction is not None:
            self._correction.undo(id)
        elif click.kind in _OURS:
            said = [one for one in self._clicks.values() if self._still_says(one, click)]
            self._tell(click, _OURS[said[-1].kind] if said else None)

    def _still_says(self, one: Click, click: Click) -> bool:
        """Whether `one` says of the same mention and topic what nobody took back."""
        about = (one.mention, one.topic) == (click.mention, click.topic)
        return about and one.kind in _OURS and one.id not in self._undone

    def _tell(self, click: Click, ours: bool | None) -> None:
        if (about := self._about.get(click.topic)) is not None:
            self._asked.add(click.topic)
            about.learn(homonyms.Click(mention=click.mention, text=fold(click.text), ours=ours))
