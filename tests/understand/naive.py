"""A slow reading of queries and texts, written apart from the automaton: it must come to the same verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator

from buzzguard.understand.fold import exact_form, fold
from buzzguard.understand.matchtext import MatchText, tag_words
from buzzguard.understand.query import Either, Every, Field, Near, Node, Not, Term

UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u4e00-\u9fff"
LETTER = rf"[^\W{UNSPACED}]"


def holds(node: Node, text: MatchText) -> bool:
    """Whether the text satisfies the query."""
    match node:
        case Term():
            return any(True for _ in places(node, text))
        case Field(name, value):
            return field(name, value, text)
        case Near():
            return near(node, text)
        case Every(parts):
            return all(holds(part, text) for part in parts)
        case Either(parts):
            return any(holds(part, text) for part in parts)
        case Not(part):
            return not holds(part, text)


def passages(text: MatchText) -> list[tuple[bool, str]]:
    """Title, text, and the words of each hashtag, each with whether it is the title's."""
    body = text.original.removeprefix(f"{text.title} | ") if text.title else text.original
    written = [(True, text.title)] if text.title else []
    written.append((False, body))
    for of_title, passage in list(written):
        for tag in re.findall(r"(?<!\w)[#@＃＠](\w{3,100})", passage):
            written.append((of_title, tag_words(tag)))
    return [(of_title, passage) for of_title, passage in written if passage]


def places(term: Term, text: MatchText) -> Iterator[tuple[int, int, int]]:
    """Where a term stands: the passage, and begin and end in its folded form."""
    for index, (of_title, passage) in enumerate(passages(text)):
        if term.title and not of_title:
            continue
        searched = exact_form(passage) if term.exact else fold(passage)
        wanted = term.exact or term.text
        for form in forms(wanted):
            left = rf"(?<!{LETTER})" if re.match(rf"{LETTER}|[#@]", form) else ""
            right = rf"(?!{LETTER})" if re.match(LETTER, form[-1]) and not term.prefix else ""
            for match in re.finditer(rf"(?=({left}{re.escape(form)}{right}))", searched):
                start = len(fold(searched[: match.start()]))
                yield index, start, start + len(fold(form))


def forms(term: str) -> list[str]:
    joined = re.sub("[ '.&]", "", term)
    return [term, f"#{joined}", f"@{joined}"] if joined != term and joined.isalnum() else [term]


def near(node: Near, text: MatchText) -> bool:
    for left in node.left:
        for right in node.right:
            for first in places(left, text):
                for second in places(right, text):
                    pairs = [(first, second)] if node.ordered else [(first, second), (second, first)]
                    if any(close(*pair, text, node.distance) for pair in pairs):
                        return True
    return False


def close(first: tuple[int, int, int], second: tuple[int, int, int], text: MatchText, distance: int) -> bool:
    if first[0] != second[0] or second[1] < first[2]:
        return False
    searched = fold(passages(text)[first[0]][1])
    # Words that begin behind the first place and no later than the second one does.
    starts = [match.start() for match in re.finditer(rf"[{UNSPACED}]|{LETTER}+", searched)]
    return sum(first[2] <= start <= second[1] for start in starts) <= distance


def field(name: str, value: str, text: MatchText) -> bool:
    if name == "site":
        return text.site == value or text.site.endswith(f".{value}")
    if name == "author":
        handle = fold(text.author).lstrip("@")
        handles = {handle, handle.split("@")[0]} - {""}
        named = {fold(text.author_name)} - {""}
        return value.lstrip("@") in (handles if value.startswith("@") else handles | named)
    if name == "url":
        return value in text.url
    return value == {"lang": text.language, "kind": text.kind, "source": text.source}[name]
