"""What people taught by their clicks: which side a text takes, and whether it is about a topic at all.

Both are rebuilt from the stored clicks in their order. A click changes what is read from then on; what was counted
stays counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from buzzguard.config.settings import TopicSettings
from buzzguard.config.understanding import AboutSettings
from buzzguard.model import Click, ClickKind, Text
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
        self._topics = topics
        self._scorer = scorer
        self._leads = leads
        self._begin()

    def learn_all(self, clicks: Iterable[Click]) -> tuple[Click, ...]:
        """Take clicks in their order; returns those that are set aside because nothing can be read after them.

        One that breaks what is learned from must cost neither the others nor the watch: then each is tried alone, and
        those that can be read after are learned anew.
        """
        new = [click for click in clicks if click.id not in self._clicks]
        if not new:
            return ()
        before = list(self._clicks.values())
        if self._learned(new, new):
            return ()
        sound = [click for click in new if self._sound(click)]
        if not self._learned_anew([*before, *sound], sound):
            sound = []
            self._learned_anew(before, ())
        return tuple(click for click in new if click not in sound)

    def learn(self, click: Click) -> None:
        """Take a click; one delivered before changes nothing. What breaks is raised: `learn_all` does not."""
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
            self._tell(click.mention, click.topic, click)

    def known(self) -> frozenset[str]:
        """The ids of the clicks that were learned."""
        return frozenset(self._clicks)

    def forget(self, ids: Collection[str]) -> None:
        """Be as if these clicks had never been: they were erased, or are too old."""
        gone = [self._clicks.pop(id) for id in ids if id in self._clicks]
        self._undone.difference_update(ids)
        if self._correction is not None:
            self._correction.forget([click.id for click in gone])
        for mention, topic in dict.fromkeys((click.mention, click.topic) for click in gone if click.kind in _OURS):
            said = [one for one in self._clicks.values() if self._still_says(one, mention, topic)]
            self._tell(mention, topic, said[-1] if said else None)

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
            said = [one for one in self._clicks.values() if self._still_says(one, click.mention, click.topic)]
            self._tell(click.mention, click.topic, said[-1] if said else None)

    def _still_says(self, one: Click, mention: str, topic: str) -> bool:
        """Whether `one` says of that mention and topic what nobody took back."""
        return (one.mention, one.topic) == (mention, topic) and one.kind in _OURS and one.id not in self._undone

    def _tell(self, mention: str, topic: str, click: Click | None) -> None:
        """Let the topic learn what is said of a mention: nothing any more when `click` is None."""
        if (about := self._about.get(topic)) is not None:
            self._asked.add(topic)
            text, ours = ("", None) if click is None else (fold(click.text), _OURS[click.kind])
            about.learn(homonyms.Click(mention=mention, text=text, ours=ours))

    def _begin(self) -> None:
        """Know nothing that people said."""
        # A topic without words for its namesakes learns from clicks alone.
        self._asked = {topic for topic, settings in self._topics.items() if settings.about}
        self._about = {topic: AboutUs(settings.about or AboutSettings()) for topic, settings in self._topics.items()}
        self._correction: Correction | None = None
        if isinstance(self._scorer, Teachable):
            self._correction = self._scorer.correction = Correction(self._scorer.frozen, self._scorer.rarity)
        self._clicks: dict[str, Click] = {}
        self._undone: set[str] = set()

    def _sound(self, click: Click) -> bool:
        """Whether its text can be read after it alone."""
        return self._learned_anew([click], [click])

    def _learned_anew(self, clicks: Sequence[Click], read: Sequence[Click]) -> bool:
        self._begin()
        return self._learned(clicks, read)

    def _learned(self, clicks: Sequence[Click], read: Sequence[Click]) -> bool:
        """Learn, then read the texts of some; false when that breaks. What is learned is worked out by reading."""
        try:
            for click in clicks:
                self.learn(click)
            self._read(read)
        except Exception:  # noqa: BLE001 - whatever one click does, the others must be heeded
            return False
        return True

    def _read(self, clicks: Sequence[Click]) -> None:
        self._scorer.score([Text(text=click.text, language=click.language) for click in clicks])
        for click in clicks:
            if click.kind in _OURS and (about := self._about.get(click.topic)) is not None:
                about.judge(fold(click.text), original=click.text)
