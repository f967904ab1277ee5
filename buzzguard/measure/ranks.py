"""What a mention weighs beside others of its author and other copies of its text: how many independent voices speak.

The law: in each topic, the n-th mention of one author within a day, or the n-th copy of one text, counts 1/n of a
voice; the larger of the two ranks holds. The harmonic sum bounds what anybody can add: an author's hundred posts count
about 5, a bot's 5,000 copies less than 10, thousands of people one each.

- A rank is given when the mention is counted, and stays (`ScoredMention.voices`): sums over windows are exact. Mentions
  that arrive together are ranked by their time of publication, then their id; what arrives later takes the next rank,
  wherever its minute lies.
- An author is whom `Mention.counted_author` says: an anonymous mention has its site for one. Where nothing is known,
  neither author nor site, only copies are ranked. A text is one by `copy_key`; where there are no words, only the
  author is ranked.
- The day is the span of the longest window still open: event time, whole quarters of an hour.
- At most `KEPT` keys are remembered over all topics, two a mention, however many authors a flood invents: beyond that
  whole quarters are forgotten, the oldest first, and what belongs there is not remembered again. When the newest
  quarter alone holds more, ranks start anew with the next one.

What is remembered depends on the mentions taken and on the time, not on their order: taking them again rebuilds it.
"""

from __future__ import annotations

from collections.abc import Iterable

from buzzguard.measure.tally import Fact

BUCKET = 15
"""Minutes that are remembered and forgotten together."""
KEPT = 500_000
"""An author and a text for each mention in each topic: at most about 75 MB."""

_Key = str | int


class Ranks:
    """The mentions of the day by author and by text, for every topic."""

    __slots__ = ("_buckets", "_counts", "_first", "_kept", "_limit")

    def __init__(self, topics: Iterable[str], *, limit: int = KEPT) -> None:
        self._counts: dict[str, dict[_Key, int]] = {topic: {} for topic in topics}
        self._buckets: dict[int, dict[str, list[_Key]]] = {}
        self._first = 0
        self._limit = limit
        self._kept = 0

    def __len__(self) -> int:
        return self._kept

    def take(self, topic: str, fact: Fact) -> int:
        """Remember a mention of one of the topics; returns its rank, from 1."""
        counts, voice, text = self._counts[topic], fact.voice, fact.text
        said = counts.get(voice, 0) + 1 if voice else 1
        copied = counts.get(text, 0) + 1 if text else 1
        index = fact.minute // BUCKET
        if index >= self._first:
            keys = self._keys(topic, index)
            if voice:
                counts[voice] = said
                keys.append(voice)
                self._kept += 1
            if text:
                counts[text] = copied
                keys.append(text)
                self._kept += 1
        return said if said > copied else copied

    def forget(self, horizon: int) -> None:
        """Forget the buckets that end at minute `horizon` or before."""
        if horizon // BUCKET > self._first:
            self._forget(horizon // BUCKET)

    def relieve(self) -> None:
        """Forget the oldest buckets until no more than the limit is kept."""
        while self._kept > self._limit:
            self._forget(min(self._buckets) + 1)

    def _keys(self, topic: str, index: int) -> list[_Key]:
        bucket = self._buckets.get(index)
        if bucket is None:
            bucket = self._buckets[index] = {}
        keys = bucket.get(topic)
        if keys is None:
            keys = bucket[topic] = []
        return keys

    def _forget(self, first: int) -> None:
        self._first = first
        for index in [index for index in self._buckets if index < first]:
            for topic, keys in self._buckets.pop(index).items():
                self._kept -= len(keys)
                _leave(self._counts[topic], keys)


def _leave(counts: dict[_Key, int], keys: list[_Key]) -> None:
    for key in keys:
        left = counts[key] - 1
        if left:
            counts[key] = left
        else:
            del counts[key]
