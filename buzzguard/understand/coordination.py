"""Clues that what many wrote was arranged: the same words, in the same minutes, from accounts made for it.

A clue with its evidence, never a verdict: fans share a text, a broadcast makes thousands write at once, and anger moves
people to open an account. So a clue needs what chance and honest anger do not make: voices that come all at once are no
clue (a real pile-on does that), the same words at once are; and each share is held against a usual one by a binomial
test (`UNLIKELY`). What the public passes on with its mark (reposts, links, articles) is not copied in secret.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Literal

from buzzguard.model import MentionKind, Record, ScoredMention
from buzzguard.understand.authors import NEW, age_of

Clue = Literal[
    "same_text", "same_moment", "clockwork", "new_accounts", "opened_together", "numbered_handles", "same_stem"
]

UNLIKELY = 1e-4
"""A share that chance alone would produce more often than so is no clue."""
LEAST_AUTHORS = 5
"""Fewer authors than these are never a clue."""
LEAST_LENGTH = 60
"""Characters below which people write the same by themselves (`Boycott Acme, shame on you`)."""
USUALLY_NEW = 0.1
"""Share of accounts of the public that are younger than `authors.NEW`; a guess on the high side."""
USUALLY_NUMBERED = 0.12
"""Share of handles that end in five digits or more, as some networks propose them; a guess on the high side."""
MOMENT = timedelta(minutes=2)
_SHOWN = 20
"""Mentions that are shown as evidence."""
_LEAST_TOLD = 10
"""Authors of whom something must be known before a share of them means anything."""
_REGULAR = 0.1
"""Gaps between mentions whose spread is so small a part of their mean are a program's."""
_PASSED_ON = re.compile(r"https?:|www\.|\bpic\.twitter|\A\s*(?:rt|mt)\b|\bvia @", re.IGNORECASE)
_NUMBERED = re.compile(r"[^\W\d_].*?\d{5,}\Z")
_STEM = re.compile(r"(.*?[^\W\d_]{4,}[._-]?)\d{1,12}\Z")


class Evidence(Record, frozen=True, kw_only=True):
    """One clue. `sentence` is the key of the sentence that says it, `numbers` fill it, `mentions` are ids."""

    clue: Clue
    sentence: str
    numbers: Mapping[str, float]
    mentions: tuple[str, ...]


def evidence(scored: Iterable[ScoredMention]) -> tuple[Evidence, ...]:
    """The clues in the mentions of one narrative or window, the strongest kinds first; none where nothing is sure.

    `copy_key` tells which are copies. Mentions of unknown authors are left out, and those of the house must be before.
    """
    known = sorted(
        (one for one in scored if one.mention.author_key), key=lambda one: (one.mention.published, one.mention.id)
    )
    by_author: dict[str, ScoredMention] = {}
    for one in known:
        by_author.setdefault(one.mention.author_key, one)
    firsts = list(by_author.values())
    if len(firsts) < LEAST_AUTHORS:
        return ()
    return (*_texts(known), *_clockwork(known), *_ages(firsts), *_handles(firsts))


def _texts(known: Sequence[ScoredMention]) -> list[Evidence]:
    """The same long text by many authors, and those of it that came in one moment."""
    groups: dict[int, dict[str, ScoredMention]] = defaultdict(dict)
    for one in known:
        if _own_writing(one):
            groups[one.copy_key or one.repeat_key].setdefault(one.mention.author_key, one)
    found: list[Evidence] = []
    for _, group in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(group) < LEAST_AUTHORS:
            break
        members = list(group.values())
        found.append(_clue("same_text", members, authors=len(members), minutes=_minutes(members)))
        together = _densest(members)
        if len(together) >= LEAST_AUTHORS and 2 * len(together) >= len(members):
            found.append(_clue("same_moment", together, authors=len(together), minutes=_minutes(together)))
    return found


def _own_writing(one: ScoredMention) -> bool:
    mention = one.mention
    return (
        mention.kind not in (MentionKind.REPOST, MentionKind.ARTICLE)
        and len(mention.text) >= LEAST_LENGTH
        and (one.copy_key or one.repeat_key) != 0
        and not _PASSED_ON.search(mention.text)
    )


def _densest(members: Sequence[ScoredMention]) -> list[ScoredMention]:
    """The most of them that were published within `MOMENT`. They are in order of publication."""
    best, start = (0, 0), 0
    for end, one in enumerate(members):
        while one.mention.published - members[start].mention.published > MOMENT:
            start += 1
        best = max(best, (end + 1 - start, -start))
    count, begin = best[0], -best[1]
    return list(members[begin : begin + count])


def _clockwork(known: Sequence[ScoredMention]) -> list[Evidence]:
    """Texts that come at equal distances, whoever signs them."""
    groups: dict[int, list[ScoredMention]] = defaultdict(list)
    for one in known:
        if _own_writing(one):
            groups[one.copy_key or one.repeat_key].append(one)
    found = []
    for _, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        authors = {one.mention.author_key for one in members}
        gaps = [
            (after.mention.published - before.mention.published).total_seconds() for before, after in pairwise(members)
        ]
        if len(authors) < LEAST_AUTHORS or len(gaps) < 2 * LEAST_AUTHORS or min(gaps) < 1:
            continue
        mean = math.fsum(gaps) / len(gaps)
        if math.sqrt(math.fsum((gap - mean) ** 2 for gap in gaps) / len(gaps)) < _REGULAR * mean:
            found.append(_clue("clockwork", members, mentions=len(members), seconds=round(mean)))
    return found


def _ages(firsts: Sequence[ScoredMention]) -> list[Evidence]:
    """Too many accounts that are new, and too many that were opened on one day."""
    told = [(one, age) for one in firsts if (age := age_of(one.mention)) is not None]
    if len(told) < _LEAST_TOLD:
        return []
    found = []
    new = [one for one, age in told if age < NEW]
    if _unusual(len(new), len(told), USUALLY_NEW):
        found.append(_clue("new_accounts", new, authors=len(new), of=len(told), days=NEW.days))
    days = Counter(one.mention.author.created.date() for one, _ in told if one.mention.author.created)
    day, count = max(days.items(), key=lambda item: (item[1], item[0]))
    # Of accounts that are new, many share a day by chance: a day among the thirty is held against that.
    usual = 1 / NEW.days if 2 * len(new) >= len(told) else USUALLY_NEW / NEW.days * 3
    if _unusual(count, len(told), usual):
        same = [one for one, _ in told if one.mention.author.created and one.mention.author.created.date() == day]
        found.append(_clue("opened_together", same, authors=count, of=len(told)))
    return found


def _handles(firsts: Sequence[ScoredMention]) -> list[Evidence]:
    """Too many handles that end in numbers as programs give them, and one name with many numbers."""
    named = [(one, one.mention.author.handle.casefold().lstrip("@").split("@")[0]) for one in firsts]
    named = [(one, handle) for one, handle in named if handle]
    if len(named) < _LEAST_TOLD:
        return []
    found = []
    numbered = [one for one, handle in named if _NUMBERED.match(handle[:100])]
    if _unusual(len(numbered), len(named), USUALLY_NUMBERED):
        found.append(_clue("numbered_handles", numbered, authors=len(numbered), of=len(named)))
    stems: dict[str, list[ScoredMention]] = defaultdict(list)
    for one, handle in named:
        if (stem := _STEM.match(handle[:100])) is not None:
            stems[stem[1]].append(one)
    for _, members in sorted(stems.items(), key=lambda item: (-len(item[1]), item[0])):
        if _unusual(len(members), len(named), 1 / 100):
            found.append(_clue("same_stem", members, authors=len(members), of=len(named)))
    return found


def _unusual(count: int, of: int, usual: float) -> bool:
    """Whether so many of so many are far more than usual: chance alone makes it once in 1 / `UNLIKELY` windows."""
    return count >= LEAST_AUTHORS and count >= 2 * usual * of and _tail(count, of, usual) < UNLIKELY


def _tail(count: int, of: int, share: float) -> float:
    """The probability of at least `count` of `of`, each with probability `share`, by the bound of Chernoff."""
    found = count / of
    if found <= share:
        return 1.0
    against = (1 - found) * math.log((1 - found) / (1 - share)) if found < 1 else 0.0
    return math.exp(-of * (found * math.log(found / share) + against))


def _minutes(members: Sequence[ScoredMention]) -> int:
    span = members[-1].mention.published - members[0].mention.published
    return math.ceil(span / timedelta(minutes=1))


def _clue(clue: Clue, members: Sequence[ScoredMention], **numbers: float) -> Evidence:
    return Evidence(
        clue=clue,
        sentence=f"coordination.{clue}",
        numbers=numbers,
        mentions=tuple(one.mention.id for one in members[:_SHOWN]),
    )
