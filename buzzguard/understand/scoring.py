"""Which texts are scored how well, and again: work is allowed by event time, so that a replay decides as the watch did.

A cascade of tiers (`sentiment.cascade`) is given as much work as the time since the last step allows. What it had no
room for is provisional; it is scored again when there is room, and at once when it would raise an alert.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from buzzguard.model import Polarity, ScoredMention, Sentiment, Text
from buzzguard.ports import Scorer
from buzzguard.understand.sentiment.cascade import COSTS, Budget, Cascaded, Rescored, Stepped

WORK_A_SECOND = 15_000
"""Units of work (`cascade.COSTS`) allowed for each second of event time: about a third of one core."""
SAVED = timedelta(seconds=40)
"""Calm time is saved up for a burst: so much work may be due at once, about twelve seconds of one core."""
AT_ONCE = 25_000
"""Of it in one call: about half a second of one core. Whoever presses a button waits so long."""
LOOK_BACK = timedelta(hours=1)
MOST_HELD = 10_000
"""Mentions that may be scored again; of more, the oldest are let go."""
_TOWARD = ">"
"""Ends the key of what a mention says of one of its topics."""
MOST_AGAIN = 100
"""Texts of one topic that are scored again at one instant for an alert: below a second with the best tier."""


@runtime_checkable
class Cascade(Protocol):
    """A scorer of several tiers; see `sentiment.cascade.CascadeScorer`."""

    budget: Budget

    @property
    def tiers(self) -> tuple[str, ...]:
        """The tiers there are, cheapest first."""
        ...

    def judge(self, texts: Sequence[Text], keys: Sequence[str]) -> Cascaded:
        """Within the budget, saying what is provisional."""
        ...

    def rescore(self, texts: Sequence[Text]) -> list[Sentiment]:
        """From the best tier, whatever the budget."""
        ...

    def catch_up(self, units: int) -> list[Rescored]:
        """What was provisional, with at most `units` of work."""
        ...

    def forget(self, keys: Iterable[str]) -> None:
        """Let these wait no more."""
        ...


class Scoring:
    """Scores texts, and holds for an hour what may be worth a better look.

    With a scorer of one tier it only scores.
    """

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._cascade = scorer if isinstance(scorer, Cascade) else None
        self._units = WORK_A_SECOND * SAVED.total_seconds()
        self._at: datetime | None = None
        self._texts: OrderedDict[str, Text] = OrderedDict()
        self._held: OrderedDict[str, ScoredMention] = OrderedDict()
        self._stepped: list[Stepped] = []
        self._down: set[str] = set()

    def score(self, ids: Sequence[str], texts: Sequence[Text], now: datetime) -> list[Sentiment]:
        """The sentiment of each text, as well as the work allowed by `now` affords."""
        if self._cascade is None:
            return self._scorer.score(texts)
        self._allow(now)
        self._cascade.budget = Budget(units=self._allowed())
        judged = self._cascade.judge(texts, ids)
        self._spend(judged.sentiments)
        self._tell(judged.stepped)
        best = self._cascade.tiers[-1]
        for id, text, sentiment in zip(ids, texts, judged.sentiments, strict=True):
            if sentiment.tier != best:
                self._texts[id] = text
        while len(self._texts) > MOST_HELD:
            oldest, _ = self._texts.popitem(last=False)
            self._held.pop(oldest, None)
        return list(judged.sentiments)

    def hold(self, counted: Iterable[ScoredMention], now: datetime) -> None:
        """Mentions that were counted: those that a better tier has not read yet may be asked for again."""
        for one in counted:
            if one.mention.id in self._texts:
                self._held[one.mention.id] = one
        self._forget(now)

    def settle(self, now: datetime) -> list[tuple[ScoredMention, Sentiment]]:
        """What was provisional and is certain now, with the sentiment that it has now; as far as work is allowed."""
        if self._cascade is None:
            return []
        self._allow(now)
        settled = self._cascade.catch_up(self._allowed())
        self._spend([one.sentiment for one in settled])
        return [(self._held[one.key], one.sentiment) for one in settled if one.key in self._held]

    def look_again(self, topic: str) -> list[tuple[ScoredMention, Sentiment]]:
        """Mentions of a topic's last hour that count as negative or unsure, read by the best tier, whatever it costs.

        An alert stands on them. The newest `MOST_AGAIN` are read; each but once.
        """
        if self._cascade is None:
            return []
        doubtful = [one for one in reversed(self._held.values()) if topic in one.topics and _stands_for_alarm(one)]
        doubtful = doubtful[:MOST_AGAIN]
        if not doubtful:
            return []
        sentiments = self._cascade.rescore([self._texts[one.mention.id] for one in doubtful])
        return list(zip(doubtful, sentiments, strict=True))

    def amended(self, now_is: ScoredMention) -> None:
        """A mention was read again and counts as this: it is not asked for any more by the same tier."""
        id = now_is.mention.id
        best = self._cascade.tiers[-1] if self._cascade is not None else ""
        if now_is.sentiment.tier == best:
            self._held.pop(id, None)
            self._texts.pop(id, None)
        elif id in self._held:
            self._held[id] = now_is

    def provisional(self, topic: str, since: datetime) -> int:
        """Mentions of a topic published since then that only the quick tier has read, though a better one was due."""
        if self._cascade is None or len(self._cascade.tiers) == 1:
            return 0
        quick = self._cascade.tiers[0]
        return sum(
            topic in one.topics and one.sentiment.tier == quick and one.mention.published >= since
            for one in self._held.values()
        )

    def take_stepped(self) -> tuple[Stepped, ...]:
        """How the tiers in use changed since this was last asked: to be told."""
        stepped, self._stepped = tuple(self._stepped), []
        return stepped

    def held(self) -> set[str]:
        """The ids of the mentions that may be scored again."""
        return {key.removesuffix(_TOWARD) for key in self._texts}

    def forget(self, ids: Iterable[str]) -> None:
        """Drop erased mentions: they are not scored again."""
        keys = [key for id in ids for key in (id, id + _TOWARD)]
        for key in keys:
            self._held.pop(key, None)
            self._texts.pop(key, None)
        if self._cascade is not None:
            self._cascade.forget(keys)

    def _allow(self, now: datetime) -> None:
        if self._at is not None and now > self._at:
            most = WORK_A_SECOND * SAVED.total_seconds()
            self._units = min(most, self._units + WORK_A_SECOND * (now - self._at).total_seconds())
        self._at = now if self._at is None else max(self._at, now)

    def _allowed(self) -> int:
        return max(0, min(AT_ONCE, int(self._units)))

    def _tell(self, stepped: Iterable[Stepped]) -> None:
        """Note a step down once, however many calls it lasts, and the step up that ends it."""
        for one in stepped:
            if one.down is (one.tier in self._down):
                continue
            self._down ^= {one.tier}
            self._stepped.append(one)

    def _spend(self, sentiments: Iterable[Sentiment]) -> None:
        assert self._cascade is not None
        tiers = self._cascade.tiers
        for sentiment in sentiments:
            if sentiment.tier in tiers:
                self._units -= sum(COSTS[tier] for tier in tiers[1 : tiers.index(sentiment.tier) + 1])

    def _forget(self, now: datetime) -> None:
        while self._held:
            id, oldest = next(iter(self._held.items()))
            if oldest.mention.published >= now - LOOK_BACK and len(self._held) <= MOST_HELD:
                return
            del self._held[id]
            self._texts.pop(id, None)


def _stands_for_alarm(one: ScoredMention) -> bool:
    return one.sentiment.polarity is Polarity.NEGATIVE or one.sentiment.unsure
