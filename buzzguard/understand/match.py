"""Which topics a text names: one automaton over the terms of all topics, then each candidate's own query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from buzzguard.understand.compiled import Waker, compiled, wakers
from buzzguard.understand.finder import Finder
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.query import Query
from buzzguard.understand.query.nodes import Either, Every, Field, Node, Not, Term
from buzzguard.understand.scan import Scan


class TopicMatcher:
    """Matches texts against the queries of all topics at once."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._topics = tuple(queries)
        terms = tuple(dict.fromkeys(term for query in queries.values() for term in query.terms))
        ids = {term: index for index, term in enumerate(terms)}
        self._finder = Finder(terms)
        self._holds = tuple(compiled(query.root, ids) for query in queries.values())
        by_term, by_field = _woken(queries)
        self._by_pattern = [
            tuple(sorted({topic for owner in owners for topic in by_term.get(terms[owner.term], ())}))
            for owners in self._finder.owners
        ]
        self._by_site = {field.value: topics for field, topics in by_field.items() if field.name == "site"}
        self._by_author = {field.value: topics for field, topics in by_field.items() if field.name == "author"}
        self._by_source = {field.value: topics for field, topics in by_field.items() if field.name == "source"}

    def match(self, text: MatchText) -> tuple[str, ...]:
        """The topics whose query the text satisfies, in the order in which they were given. Never raises.

        A query never holds for a text with none of the words, sites, authors and sources that it asks for (the parser
        refuses those), so only topics with the rarest of these are looked at.
        """
        scan = Scan(self._finder, text)
        woken = self._woken_by_words(scan)
        if self._by_site or self._by_author or self._by_source:
            woken |= self._woken_by_fields(scan)
        if not woken:
            return ()
        holds, topics = self._holds, self._topics
        return tuple(topics[index] for index in sorted(woken) if holds[index](scan))

    def _woken_by_words(self, scan: Scan) -> set[int]:
        woken: set[int] = set()
        by_pattern, folded, begins = self._by_pattern, scan.folded, self._finder.begins
        for hit in scan.hits:
            topics = by_pattern[hit[0]]
            if topics and begins(folded, hit):
                woken.update(topics)
        return woken

    def _woken_by_fields(self, scan: Scan) -> set[int]:
        woken: set[int] = set(self._by_source.get(scan.text.source.lower(), ()))
        if self._by_site and scan.text.site:
            woken.update(topic for site in scan.sites for topic in self._by_site.get(site, ()))
        if self._by_author and (scan.text.author or scan.text.author_name):
            woken.update(topic for name in scan.names for topic in self._by_author.get(name, ()))
        return woken


def _woken(queries: Mapping[str, Query]) -> tuple[dict[Term, list[int]], dict[Field, list[int]]]:
    """Which queries to ask when a word occurs, and when a field has a value."""
    uses: Counter[Waker] = Counter()
    for query in queries.values():
        uses.update(set(_leaves(query.root)))
    by_term: dict[Term, list[int]] = {}
    by_field: dict[Field, list[int]] = {}
    for index, query in enumerate(queries.values()):
        for waker in wakers(query.root, uses):
            if isinstance(waker, Term):
                by_term.setdefault(waker, []).append(index)
            else:
                by_field.setdefault(waker, []).append(index)
    return by_term, by_field


def _leaves(node: Node) -> list[Waker]:
    match node:
        case Term() | Field():
            return [node]
        case Every(parts) | Either(parts):
            return [leaf for part in parts for leaf in _leaves(part)]
        case Not(part):
            return _leaves(part)
        case _:
            return [*node.left, *node.right]
