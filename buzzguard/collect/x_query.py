"""X's search language, as far as mistakes in it can be told before X is asked."""

from __future__ import annotations

import re

from buzzguard.collect.asked import phrase

LONGEST = 512
"""Characters of a query for those who pay as they go."""
_TERM = re.compile(r'-?\(|\)|-?[\w.]+:"[^"]*"|-?"[^"]*"|[^\s()]+')
_NEVER_ALONE = re.compile(r"-?(?:lang|is|has|place_country|min_likes|min_replies|min_reposts):\S+|-.*")
_OF_THE_WEB = {"min_faves": "min_likes", "min_retweets": "min_reposts", "since": "", "until": "", "filter": "has"}


def check(query: str, longest: int) -> str:
    """`query`, when X takes it as far as can be told. Raises ValueError with a hint."""
    if len(query) > longest:
        raise ValueError(
            f"the query has {len(query)} characters, X takes {longest}; split it over two streams, or leave words out"
        )
    terms = [term for term in _TERM.findall(query) if term not in ("(", ")", "-(", "OR")]
    for term in terms:
        name = term.lstrip("-").partition(":")[0].lower()
        if ":" in term and name in _OF_THE_WEB:
            instead = _OF_THE_WEB[name]
            hint = f"write {instead}:" if instead else "leave it out, BuzzGuard asks for the time itself"
            raise ValueError(f"{name}: is of X's web search, its API does not take it; {hint}")
    if query and all(_NEVER_ALONE.fullmatch(term) for term in terms):
        raise ValueError("the query only narrows down (lang:, is:, has:, -word); add a word or a phrase to look for")
    if query.count('"') % 2 or query.count("(") != query.count(")"):
        raise ValueError("the query opens a quotation or a parenthesis that it does not close")
    return query


def any_of(words: tuple[str, ...], *, language: str, longest: int) -> tuple[str, int]:
    """A query for any of the words, and how many of them found no room."""
    end = f" lang:{language}" if len(language) == 2 else ""
    room = longest - len(end) - 2
    some: list[str] = []
    for word in words:
        if len(" OR ".join([*some, phrase(word)])) <= room:
            some.append(phrase(word))
    left = len(words) - len(some)
    return (f"({' OR '.join(some)}){end}" if some else ""), left
