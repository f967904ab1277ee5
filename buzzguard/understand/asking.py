"""What the topics' queries mean to a source: which of all that a place sends is wanted, and what to ask a place for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from buzzguard.config.settings import TopicSettings
from buzzguard.model import Mention
from buzzguard.understand.fold import fold
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText, searched
from buzzguard.understand.normalise import plain_text
from buzzguard.understand.query import Either, Every, Near, Node, Query, Term, asks_for, parse_query


class Asking:
    """The queries of all topics, parsed once. Raises `QueryError` for one that cannot be used."""

    def __init__(self, topics: Mapping[str, TopicSettings]) -> None:
        self._matchers: dict[tuple[str, ...], TopicMatcher] = {}
        self._queries = {topic: parse_query(settings.query) for topic, settings in topics.items()}

    def words(self, topics: Sequence[str] = ()) -> tuple[str, ...]:
        """The words and phrases that the queries of `topics` (all when empty) look for, folded, each once; without
        those that they exclude, and without beginnings (`recall*`), which few places understand."""
        found = [term.text for query in self._chosen(topics).values() for term in _wanted(query.root)]
        return tuple(dict.fromkeys(found))

    def wanted(self, topics: Sequence[str] = ()) -> Callable[[Mention], bool]:
        """Tells whether a mention as a place sends it may belong to one of `topics` (all when empty).

        Never false for one that the watch would take: where a query reads the language, which is not known yet, its
        words alone decide.
        """
        return lambda mention: bool(self._matcher(tuple(topics)).match(_as_sent(mention)))

    def _matcher(self, topics: tuple[str, ...]) -> TopicMatcher:
        """Built when it is first asked: few sources of many send everything."""
        if topics not in self._matchers:
            chosen = {name: _lenient(query) for name, query in self._chosen(topics).items()}
            self._matchers[topics] = TopicMatcher(chosen)
        return self._matchers[topics]

    def _chosen(self, topics: Sequence[str]) -> dict[str, Query]:
        return {name: query for name, query in self._queries.items() if not topics or name in topics}


def _as_sent(mention: Mention) -> MatchText:
    text = plain_text(mention.text) if "<" in mention.text or "&" in mention.text else mention.text
    original = searched(mention.title, text)
    return MatchText(
        folded=fold(original),
        original=original,
        title=mention.title,
        language=mention.language,
        source=mention.source,
        site=mention.site,
        author=mention.author.handle,
        author_name=mention.author.name,
        kind=mention.kind,
        url=mention.url,
    )


def _lenient(query: Query) -> Query:
    if not asks_for(query, "lang"):
        return query
    terms = tuple(dict.fromkeys(_all_wanted(query.root)))
    return Query(root=Either(terms), terms=terms) if terms else query


def _wanted(node: Node) -> Iterator[Term]:
    return (term for term in _all_wanted(node) if not term.prefix)


def _all_wanted(node: Node) -> Iterator[Term]:
    """The terms of a query outside its negations, in the order of writing."""
    match node:
        case Term():
            yield node
        case Near(left, right):
            yield from left
            yield from right
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _all_wanted(part)
