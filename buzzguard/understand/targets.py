"""Whom a text is about, where it names several of the brands that are watched: what of it is said of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from buzzguard.config.settings import TopicSettings
from buzzguard.understand.aimed import MAX_CHARACTERS, Span, aim
from buzzguard.understand.fold import fold, fold_with_places
from buzzguard.understand.query import Either, Every, Near, Node, Query, Term

_WORD: Final = re.compile(r"[^\W_]+")
_LEAST: Final = 3
"""Letters of a name: shorter ones are words of the language."""


class Targets:
    """Knows the names of the topics: those words of a query that are part of the topic's own name."""

    def __init__(self, topics: Mapping[str, TopicSettings], queries: Mapping[str, Query]) -> None:
        names = {topic: _names(settings.name, queries[topic]) for topic, settings in topics.items()}
        self._topics: dict[str, list[str]] = {}
        for topic, own in names.items():
            for name in own:
                self._topics.setdefault(name, []).append(topic)
        known = sorted(self._topics, key=lambda name: (-len(name), name))
        self._find = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, known))})(?!\w)") if known else None

    def said_of(self, text: str, topics: Sequence[str]) -> dict[str, str]:
        """What is said of each of `topics`, where that is less than the whole text; for the others nothing."""
        if self._find is None or len(text) > MAX_CHARACTERS:
            return {}
        if len({topic for name in self._find.findall(fold(text)) for topic in self._topics[name]}) < 2:
            return {}
        folded, places = fold_with_places(text)
        spans: dict[str, list[Span]] = {}
        for found in self._find.finditer(folded):
            for topic in self._topics[found.group()]:
                spans.setdefault(topic, []).append((places[found.start()], places[found.end()]))
        said: dict[str, str] = {}
        for topic in topics:
            ours = spans.get(topic, [])
            others = [span for other, theirs in spans.items() if other != topic for span in theirs if span not in ours]
            part = aim(text, ours, sorted(others))
            if part != text:
                said[topic] = part
        return said


def _names(name: str, query: Query) -> list[str]:
    """The plain terms of a query that share a word with the topic's name: `lumio` of "Lumio K2 kettle"."""
    words = {word for word in _WORD.findall(fold(name)) if len(word) >= _LEAST}
    terms = dict.fromkeys(term.text for term in _sought(query.root) if not term.prefix)
    return [term for term in terms if len(term) >= _LEAST and words.intersection(_WORD.findall(term))]


def _sought(node: Node) -> Iterator[Term]:
    """The terms of a tree, without those that are left out."""
    match node:
        case Term():
            yield node
        case Near(left, right):
            yield from (*left, *right)
        case Every(parts) | Either(parts):
            for part in parts:
                yield from _sought(part)
        case _:
            return
