"""The mentions worth quoting: negative first, by reach and engagement, one for each author and each text."""

from __future__ import annotations

from typing import NamedTuple

from buzzguard.measure.tally import Fact
from buzzguard.model import Polarity, Quote, ScoredMention

MAX_TEXT = 280
BIN = 5
"""Minutes for which candidates are kept apart, so that the shortest window has its own."""
KEPT = 5
"""Best authors, and best texts, kept for each bin: at most 120 candidates for a topic and hour."""
FOLLOWERS_PER_ACT = 100
"""About one reader in a hundred reacts: a like, reply or share weighs as much as so many followers."""

Rank = tuple[bool, int, float, str]


class Candidate(NamedTuple):
    """A quote with its rank. A text without words has no copies: its key is its own."""

    rank: Rank
    minute: int
    author: str
    text: str
    quote: Quote

    @property
    def mention(self) -> str:
        """The id of the mention."""
        return self.rank[-1]


class _Best:
    """The best candidate of each key, the `KEPT` best keys. What it holds does not depend on the order of arrival."""

    __slots__ = ("_by_key",)

    def __init__(self) -> None:
        self._by_key: dict[str, Candidate] = {}

    def wants(self, key: str, rank: Rank) -> bool:
        held = self._by_key.get(key)
        if held is not None:
            return rank > held.rank
        return len(self._by_key) < KEPT or rank > min(self._by_key.values()).rank

    def put(self, key: str, candidate: Candidate) -> None:
        self._by_key[key] = candidate
        if len(self._by_key) > KEPT:
            del self._by_key[min(self._by_key, key=self._rank_of)]

    def _rank_of(self, key: str) -> Rank:
        return self._by_key[key].rank

    def candidates(self) -> list[Candidate]:
        return list(self._by_key.values())

    def erase(self, ids: frozenset[str]) -> None:
        self._by_key = {key: one for key, one in self._by_key.items() if one.mention not in ids}


class QuoteBook:
    """The candidates of one topic."""

    def __init__(self) -> None:
        self._bins: dict[int, tuple[_Best, _Best]] = {}

    def add(self, scored: ScoredMention, fact: Fact) -> None:
        """Consider a mention with its facts."""
        minute = fact.minute
        bests = self._bins.get(minute // BIN)
        if bests is None:
            bests = self._bins[minute // BIN] = (_Best(), _Best())
        rank = _rank(scored)
        author, text = fact.author, f"={fact.text}" if fact.text else f"#{scored.mention.id}"
        candidate: Candidate | None = None
        for best, key in zip(bests, (author, text), strict=True):
            if best.wants(key, rank):
                candidate = candidate or Candidate(rank, minute, author, text, quote_of(scored))
                best.put(key, candidate)

    def again(self, scored: ScoredMention, fact: Fact) -> None:
        """Consider a mention anew, which has more reactions now."""
        for best in self._bins.get(fact.minute // BIN, ()):
            best.erase(frozenset((scored.mention.id,)))
        self.add(scored, fact)

    def best(self, start: int, end: int, limit: int) -> tuple[Quote, ...]:
        """The most telling quotes published from minute `start` up to `end`."""
        found = {
            candidate.rank: candidate
            for index in range(start // BIN, (end - 1) // BIN + 1)
            if index in self._bins
            for best in self._bins[index]
            for candidate in best.candidates()
            if start <= candidate.minute < end
        }
        chosen: list[Quote] = []
        seen: set[str] = set()
        for candidate in sorted(found.values(), reverse=True):
            if len(chosen) == limit:
                break
            if candidate.author in seen or candidate.text in seen:
                continue
            seen.update((candidate.author, candidate.text))
            chosen.append(candidate.quote)
        return tuple(chosen)

    def held(self) -> set[str]:
        """The ids of the mentions that may be quoted."""
        return {one.mention for bests in self._bins.values() for best in bests for one in best.candidates()}

    def erase(self, ids: frozenset[str]) -> None:
        """Drop erased mentions: others are quoted."""
        for bests in self._bins.values():
            for best in bests:
                best.erase(ids)

    def forget(self, horizon: int) -> None:
        """Drop candidates of bins before minute `horizon`."""
        for index in [index for index in self._bins if (index + 1) * BIN <= horizon]:
            del self._bins[index]


def _rank(scored: ScoredMention) -> Rank:
    mention = scored.mention
    weight = mention.author.followers + FOLLOWERS_PER_ACT * mention.engagement.total
    negative = scored.sentiment.polarity is Polarity.NEGATIVE
    return negative, weight, mention.published.timestamp(), mention.id


def quote_of(scored: ScoredMention) -> Quote:
    """A mention as it is quoted: its words cut to a readable length."""
    mention = scored.mention
    return Quote(
        text=_cut(_words(mention.title, mention.text)),
        url=mention.url,
        author=mention.author.name or mention.author.handle,
        site=mention.site,
        published=mention.published,
        polarity=scored.sentiment.polarity,
        reach=mention.author.followers,
        engagement=mention.engagement.total,
    )


def _words(title: str, text: str) -> str:
    """Title and text; the text alone where the title is its beginning, cut with an ellipsis or not."""
    if not title or text.startswith(title.rstrip(" .…")):
        return text or title
    return f"{title} — {text[: MAX_TEXT + 1]}" if text else title


def _cut(text: str) -> str:
    """At most `MAX_TEXT` characters, whole words, an ellipsis where something is missing."""
    if len(text) <= MAX_TEXT:
        return text
    head = text[:MAX_TEXT]
    words = head.rpartition(" ")[0].rstrip(" ,;:—-")
    # Without a space near the end (a long address, Chinese) the cut falls where it must.
    return (words if len(words) > MAX_TEXT // 2 else head[:-1]) + "…"
