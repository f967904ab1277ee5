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
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from buzzguard.model import Mention, MentionKind, Record, ScoredMention
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
_HANDLE = 100
"""Characters looked at of a handle."""
_REGULAR = 0.1
"""Gaps between mentions whose spread is so small a part of their mean are a program's."""
_LINKS = ("http:", "https:", "www.", "pic.twitter")
_REPOSTED = re.compile(r"\s*(?:rt|mt)\b")
_VIA = re.compile(r"\bvia @")
_LOOKED_AT = 2_000
"""Characters of each end of a text in which a link or a mark of passing on is looked for."""
_NUMBERED = re.compile(r"[^\W\d_].*?\d{5,}\Z")
_STEM = re.compile(r"(.*?[^\W\d_]{8,}[._-]?)\d{1,12}\Z")
"""Shorter stems are first names: Alices with a number behind are many, and honest."""


class Evidence(Record, frozen=True, kw_only=True):
    """One clue. `sentence` is the key of the sentence that says it, `numbers` fill it, `mentions` are ids."""

    clue: Clue
    sentence: str
    numbers: Mapping[str, float]
    mentions: tuple[str, ...]


class Trace(NamedTuple):
    """What a mention leaves behind that can be evidence. In order of publication by its first fields.

    `text` is equal for copies of one text, zero for what is too short, or passed on openly. `handle` is folded, `age`
    how old the account was, None where that is unknown.
    """

    at: datetime
    id: str
    author: str
    text: int
    handle: str
    opened: date | None
    age: timedelta | None


def trace_of(one: ScoredMention) -> Trace | None:
    """What can be evidence of a mention; None when its author is unknown."""
    mention = one.mention
    if not mention.author_key:
        return None
    age = age_of(mention)
    created = mention.author.created
    return Trace(
        at=mention.published,
        id=mention.id,
        author=mention.author_key,
        text=(one.copy_key or one.repeat_key) if _own_writing(mention) else 0,
        handle=mention.author.handle[:_HANDLE].casefold().lstrip("@").split("@")[0],
        opened=created.date() if created is not None and age is not None else None,
        age=age,
    )


def evidence(scored: Iterable[ScoredMention]) -> tuple[Evidence, ...]:
    """The clues in the mentions of one narrative or window, the strongest kinds first; none where nothing is sure.

    `copy_key` tells which are copies. Mentions of unknown authors are left out, and those of the house must be before.
    """
    return evidence_in(trace for one in scored if (trace := trace_of(one)) is not None)


def evidence_in(traces: Iterable[Trace]) -> tuple[Evidence, ...]:
    """The same of what mentions left behind."""
    known = sorted(traces, key=lambda one: (one.at, one.id))
    by_author: dict[str, Trace] = {}
    for one in known:
        by_author.setdefault(one.author, one)
    firsts = list(by_author.values())
    if len(firsts) < LEAST_AUTHORS:
        return ()
    return (*_texts(known), *_clockwork(known), *_ages(firsts), *_handles(firsts))


def _texts(known: Sequence[Trace]) -> list[Evidence]:
    """The same long text by many authors, and those of it that came in one moment."""
    groups: dict[int, dict[str, Trace]] = defaultdict(dict)
    for one in known:
        if one.text:
            groups[one.text].setdefault(one.author, one)
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


def _own_writing(mention: Mention) -> bool:
    return (
        mention.kind not in (MentionKind.REPOST, MentionKind.ARTICLE)
        and len(mention.text) >= LEAST_LENGTH
        and not _passed_on(mention.text)
    )


def _passed_on(text: str) -> bool:
    """Whether it says that it is another's; substrings first, for all mentions come by here."""
    ends = text if len(text) <= 2 * _LOOKED_AT else f"{text[:_LOOKED_AT]} {text[-_LOOKED_AT:]}"
    ends = ends.lower()
    if any([link in ends for link in _LINKS]) or _REPOSTED.match(ends):
        return True
    return "via @" in ends and _VIA.search(ends) is not None


def _densest(members: Sequence[Trace]) -> list[Trace]:
    """The most of them that were published within `MOMENT`. They are in order of publication."""
    best, start = (0, 0), 0
    for end, one in enumerate(members):
        while one.at - members[start].at > MOMENT:
            start += 1
        best = max(best, (end + 1 - start, -start))
    count, begin = best[0], -best[1]
    return list(members[begin : begin + count])


def _clockwork(known: Sequence[Trace]) -> list[Evidence]:
    """Texts that come at equal distances, whoever signs them."""
    groups: dict[int, list[Trace]] = defaultdict(list)
    for one in known:
        if one.text:
            groups[one.text].append(one)
    found = []
    for _, members in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        authors = {one.author for one in members}
        gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(members)]
        if len(authors) < LEAST_AUTHORS or len(gaps) < 2 * LEAST_AUTHORS or min(gaps) < 1:
            continue
        mean = math.fsum(gaps) / len(gaps)
        if math.sqrt(math.fsum((gap - mean) ** 2 for gap in gaps) / len(gaps)) < _REGULAR * mean:
            found.append(_clue("clockwork", members, mentions=len(members), seconds=round(mean)))
    return found


def _ages(firsts: Sequence[Trace]) -> list[Evidence]:
    """Too many accounts that are new, and too many that were opened on one day."""
    told = [(one, one.age) for one in firsts if one.age is not None]
    if len(told) < _LEAST_TOLD:
        return []
    found = []
    new = [one for one, age in told if age < NEW]
    if _unusual(len(new), len(told), USUALLY_NEW):
        found.append(_clue("new_accounts", new, authors=len(new), of=len(told), days=NEW.days))
    days = Counter(one.opened for one, _ in told if one.opened)
    day, count = max(days.items(), key=lambda item: (item[1], item[0]))
    # Of accounts that are new, many share a day by chance: a day among the thirty is held against that.
    usual = 1 / NEW.days if 2 * len(new) >= len(told) else USUALLY_NEW / NEW.days * 3
    if _unusual(count, len(told), usual):
        same = [one for one, _ in told if one.opened == day]
        found.append(_clue("opened_together", same, authors=count, of=len(told)))
    return found


def _handles(firsts: Sequence[Trace]) -> list[Evidence]:
    """Too many handles that end in numbers as programs give them, and one name with many numbers."""
    named = [one for one in firsts if one.handle]
    if len(named) < _LEAST_TOLD:
        return []
    found = []
    numbered = [one for one in named if _NUMBERED.match(one.handle)]
    if _unusual(len(numbered), len(named), USUALLY_NUMBERED):
        found.append(_clue("numbered_handles", numbered, authors=len(numbered), of=len(named)))
    stems: dict[str, list[Trace]] = defaultdict(list)
    for one in named:
        if (stem := _STEM.match(one.handle)) is not None:
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


def _minutes(members: Sequence[Trace]) -> int:
    span = members[-1].at - members[0].at
    return math.ceil(span / timedelta(minutes=1))


def _clue(clue: Clue, members: Sequence[Trace], **numbers: float) -> Evidence:
    return Evidence(
        clue=clue,
        sentence=f"coordination.{clue}",
        numbers=numbers,
        mentions=tuple(one.id for one in members[:_SHOWN]),
    )
