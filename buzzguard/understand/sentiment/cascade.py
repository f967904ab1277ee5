"""Three tiers within a budget: quick for every text, better ones where they are worth their cost.

No clock is read: a budget is counted in units of work, so that a replay decides as the watch did. The better tier takes
the least certain texts first; what it had no room for keeps the lesser tier's answer, is told as provisional, and waits
to be scored again when there is room.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from buzzguard.model import Record, Sentiment, Text
from buzzguard.understand.sentiment.accurate import load_accurate
from buzzguard.understand.sentiment.default import load_default
from buzzguard.understand.sentiment.fused import FusedTier, TierMissing, told_missing
from buzzguard.understand.sentiment.probabilities import Logits, margins, sentiments
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.sentiment.weights_folder import SHIPPED, WeightsUnreadable, calibration

COSTS: Final = {"quick": 1, "default": 16, "accurate": 150}
"""Units of work a text: about 20 µs of one core each."""
Places: TypeAlias = NDArray[np.int64]
MOST_PENDING = 10_000
"""Texts that wait to be scored again; of more, the oldest are let go."""


class Budget(Record, frozen=True, kw_only=True):
    """What one call may spend, in units of work (`COSTS`), beyond the quick tier, which every text gets.

    The default is about two seconds of one core: the default tier for 6,000 texts, or the accurate one for 600.
    """

    units: int = 100_000

    def __post_init__(self) -> None:
        """Refuse what is no budget."""
        if self.units < 0:
            raise ValueError(f"a budget has units from 0, not {self.units}")


class Stepped(Record, frozen=True, kw_only=True):
    """The cascade stepped down: `texts` that were worth `tier` were left to a lesser one. Not `down`: up again."""

    down: bool
    tier: str
    texts: int = 0


class Waiting(Record, frozen=True, kw_only=True):
    """A text whose sentiment is provisional; `key` is the caller's name for it."""

    key: str
    text: Text
    certainty: float


class Rescored(Record, frozen=True, kw_only=True):
    """The settled sentiment of a text that was provisional."""

    key: str
    sentiment: Sentiment


class Cascaded(Record, frozen=True, kw_only=True):
    """The answer for several texts, in their order. `provisional` are places in it; `stepped` tells of each tier that
    had no room for all, and of each that has room again.
    """

    sentiments: tuple[Sentiment, ...]
    provisional: tuple[int, ...] = ()
    stepped: tuple[Stepped, ...] = ()


class Corrects(Protocol):
    """What people's corrections do to probabilities; see `understand.correction`."""

    def corrected(self, texts: Sequence[str], probabilities: Logits) -> Logits:
        """The probabilities, one row a text, corrected."""
        ...


class _Work:
    """The texts of one call, the best probabilities so far, and which tier gave them."""

    def __init__(self, texts: Sequence[str], quick: QuickScorer) -> None:
        self.texts = texts
        self.quick_logits = quick.logits(texts)
        self.probabilities = quick.probabilities(self.quick_logits)
        self.tiers = [quick.name] * len(texts)
        self.abstain = np.full(len(texts), quick.measured.abstain)
        self.escalate = np.full(len(texts), quick.measured.escalate)
        # Of a text without words no tier can say anything.
        self.said = np.flatnonzero(np.any(self.quick_logits, axis=1))

    def improve(self, tier: FusedTier, places: Places) -> None:
        """Ask `tier` for the texts at `places`."""
        chosen = places.tolist()
        if not chosen:
            return
        answers = tier.probabilities([self.texts[place] for place in chosen], self.quick_logits[places])
        self.probabilities[places] = answers
        self.abstain[places] = tier.measured.abstain
        self.escalate[places] = tier.measured.escalate
        for place in chosen:
            self.tiers[place] = tier.name

    def uncertain(self) -> Places:
        """The texts that are worth a better tier."""
        return self.said[(margins(self.probabilities) <= self.escalate)[self.said]]

    def least_certain(self, places: Places, most: int) -> Places:
        """At most `most` of `places`, the least certain, in their order; of equals the first."""
        if most >= len(places):
            return places
        order = np.argsort(margins(self.probabilities)[places], kind="stable")
        return np.sort(places[order[:most]])


class CascadeScorer:
    """Sentiment from the cheapest tier that is certain enough.

    `score` is the port; `judge` also says what is provisional, `catch_up` scores that again, and `rescore` asks the
    best tier for every text, whatever the budget: for the few that would raise an alert. `missing` says which tiers
    cannot be used here and why; the cascade works with those there are.
    """

    name = "cascade"

    def __init__(
        self,
        folder: Path = SHIPPED,
        accurate: Path | None = None,
        *,
        budget: Budget | None = None,
        correction: Corrects | None = None,
    ) -> None:
        """Load the tiers. Raises WeightsUnreadable when not even the quick one can be read."""
        self.budget = budget or Budget()
        self.correction = correction
        self._quick = QuickScorer(folder)
        loaded = (
            _loaded("default", lambda: load_default(folder)),
            _loaded("accurate", lambda: load_accurate(accurate)),
        )
        self._tiers = tuple(tier for tier in loaded if isinstance(tier, FusedTier))
        self.missing = tuple(tier for tier in loaded if isinstance(tier, TierMissing))
        best = self._tiers[0].measured if self._tiers else self._quick.measured
        self.confusion = calibration(folder, self.name, otherwise=best).confusion
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()
        self._down: set[str] = set()

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers there are, cheapest first."""
        return (self._quick.name, *(tier.name for tier in self._tiers))

    @property
    def pending(self) -> tuple[Waiting, ...]:
        """What waits to be scored again, oldest first; at most `MOST_PENDING`."""
        return tuple(self._waiting.values())

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text, within the budget."""
        work, _ = self._worked([text.text for text in texts], self.budget.units)
        return self._sentiments(work)

    def quick(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text from the quick tier alone."""
        return self._sentiments(_Work([text.text for text in texts], self._quick))

    def judge(self, texts: Sequence[Text], keys: Sequence[str]) -> Cascaded:
        """The sentiment of each text, within the budget, and what of it is provisional.

        What is provisional waits under its key for `catch_up`. Raises ValueError unless each text has its key.
        """
        work, lacking = self._worked([text.text for text in texts], self.budget.units)
        provisional = sorted({place for places in lacking.values() for place in places.tolist()})
        certainty = margins(work.probabilities)
        if len(keys) != len(texts):
            raise ValueError(f"{len(texts)} texts, but {len(keys)} keys")
        for key in keys:
            self._waiting.pop(key, None)
        for place in provisional:
            self._wait(Waiting(key=keys[place], text=texts[place], certainty=float(certainty[place])))
        stepped = self._stepped({tier: len(places) for tier, places in lacking.items()})
        return Cascaded(sentiments=tuple(self._sentiments(work)), provisional=tuple(provisional), stepped=stepped)

    def rescore(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text from the best tier there is, whatever the budget."""
        work = _Work([text.text for text in texts], self._quick)
        if self._tiers:
            work.improve(self._tiers[-1], work.said)
        return self._sentiments(work)

    def frozen(self, texts: Sequence[str]) -> Logits:
        """The probabilities as shipped, of the default tier: what corrections are learned against."""
        work = _Work(texts, self._quick)
        if self._tiers:
            work.improve(self._tiers[0], work.said)
        return work.probabilities

    def rarity(self, rows: NDArray[np.int32]) -> Logits:
        """See `QuickScorer.rarity`."""
        return self._quick.rarity(rows)

    def catch_up(self, units: int) -> list[Rescored]:
        """Score again what waits, least certain first, with at most `units` of work: what call had none left for."""
        each = sum(COSTS[tier] for tier in self.tiers)
        first = sorted(self._waiting.values(), key=lambda one: one.certainty)[: max(0, units // each)]
        work, _ = self._worked([one.text.text for one in first], units)
        for one in first:
            del self._waiting[one.key]
        settled = zip(first, self._sentiments(work), strict=True)
        return [Rescored(key=one.key, sentiment=sentiment) for one, sentiment in settled]

    def forget(self, keys: Iterable[str]) -> None:
        """Let these wait no more: the mentions were erased."""
        for key in keys:
            self._waiting.pop(key, None)

    def _worked(self, texts: Sequence[str], units: int) -> tuple[_Work, dict[str, Places]]:
        """The texts scored, and the places for which each tier had no room."""
        work = _Work(texts, self._quick)
        lacking: dict[str, Places] = {}
        for tier in self._tiers:
            # The default tier is for all; a better one for what is uncertain after it.
            wanted = work.said if tier.name == "default" else work.uncertain()
            taken = work.least_certain(wanted, units // COSTS[tier.name])
            work.improve(tier, taken)
            units -= len(taken) * COSTS[tier.name]
            lacking[tier.name] = np.setdiff1d(wanted, taken, assume_unique=True)
        return work, lacking

    def _sentiments(self, work: _Work) -> list[Sentiment]:
        probabilities = work.probabilities
        if self.correction is not None:
            probabilities = self.correction.corrected(work.texts, probabilities)
        return sentiments(probabilities, work.tiers, work.abstain)

    def _wait(self, waiting: Waiting) -> None:
        self._waiting[waiting.key] = waiting
        if len(self._waiting) > MOST_PENDING:
            self._waiting.popitem(last=False)

    def _stepped(self, lacking: Mapping[str, int]) -> tuple[Stepped, ...]:
        told = [Stepped(down=True, tier=tier, texts=texts) for tier, texts in lacking.items() if texts]
        down = {one.tier for one in told}
        told.extend(Stepped(down=False, tier=tier) for tier in sorted(self._down - down))
        self._down = down
        return tuple(told)


def _loaded(name: str, load: Callable[[], FusedTier]) -> FusedTier | TierMissing:
    try:
        return load()
    except WeightsUnreadable as error:
        return told_missing(name, error)
