"""YAML text → a tree of nodes that know where they stand.

Built from the parser's events, not recursively, so that depth, number of nodes and alias expansion are bounded while
the text is read. The scalars follow YAML 1.2's core schema with fewer surprises:

- only `true` and `false` are booleans: `no`, `on`, `yes`, `off` are texts (a country is not false);
- only decimal numbers are numbers: `0123`, `0x1F`, `1_000`, `1:30`, `.inf` and dates are texts;
- nothing, `~` and `null` are no value.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Iterator
from typing import TypeAlias

import yaml

from buzzguard.config.words import show, suggest
from buzzguard.model import Fault

MOST_DEPTH = 40
"""Sections within sections. What people write needs fewer than ten."""
MOST_NODES = 200_000
MOST_EXPANDED = 100_000
"""Nodes that aliases may add: nine levels of nine aliases would make 9⁹."""
MOST_FAULTS = 100

Scalar: TypeAlias = str | int | float | bool | None

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]{1,3})?")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_PLAIN_TAGS = _TEXT_TAGS | {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_REFUSED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_BREAK = re.compile(r"\r\n|\n|\r")

# What libyaml says, and what a person understands: (part of its problem, message, hint).
_PLAIN_WORDS = (
    ("mapping values are not allowed", "a `:` stands where none can be", "put a text that holds `: ` in quotes"),
    ("could not find expected ':'", "a key without its `:`", "write `key: value`, and indent what continues a text"),
    ("did not find expected key", "this line does not fit the lines above it", "check the indentation and the quotes"),
    ("did not find expected '-' indicator", "an item of the list does not begin with `-`", "check the indentation"),
    ("did not find expected ',' or ']'", "a list that `[` opens is not closed by `]`", "put `,` between its items"),
    ("did not find expected ',' or '}'", "a section that `{` opens is not closed by `}`", "put `,` between its keys"),
    ("unexpected end of stream", "a quoted text is never closed", "close the quote"),
    ("unexpected document indicator", "a quoted text is never closed", "close the quote"),
    ("unknown escape character", "an unknown escape after a backslash", "use single quotes, or write `\\\\`"),
    (
        "alphabetic or numeric character",
        "`*` and `&` need a name after them here",
        "put a text that begins so in quotes",
    ),
    ("cannot start any token", "this character cannot begin a value", "put the text in quotes"),
    ("block sequence entries are not allowed", "a list cannot begin on this line", "put its `-` on the next line"),
    ("did not find expected node content", "a value is missing here", "close what `[` or `{` opens"),
    ("undefined tag handle", "an unknown tag", "put a text that begins with `!` in quotes"),
    ("did not find URI escape", "an unknown tag", "put a text that begins with `!` in quotes"),
)


class Node:
    """One value and its place: a scalar, a section (`fields`: key → key node and value node) or a list (`items`)."""

    __slots__ = ("end", "fields", "height", "items", "size", "start", "style", "value")

    def __init__(self, start: int, end: int, *, value: Scalar = None, style: str = "") -> None:
        self.start = start
        self.end = end
        self.value = value
        self.style = style
        self.fields: dict[str, tuple[Node, Node]] | None = None
        self.items: list[Node] | None = None
        self.size = 1
        self.height = 1

    def child(self, step: str | int) -> Node | None:
        """The value under a key or at a place in a list; None when there is none."""
        if self.fields is not None and isinstance(step, str):
            found = self.fields.get(step)
            return found[1] if found else None
        if self.items is not None and isinstance(step, int) and 0 <= step < len(self.items):
            return self.items[step]
        return None

    def children(self) -> Iterator[Node]:
        """The values right under this one."""
        if self.fields is not None:
            yield from (value for _, value in self.fields.values())
        yield from self.items or ()

    def plain(self) -> object:
        """As plain Python: dict, list, text, number, bool or None."""
        if self.fields is not None:
            return {key: value.plain() for key, (_, value) in self.fields.items()}
        if self.items is not None:
            return [item.plain() for item in self.items]
        return self.value


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def place(self, index: int) -> tuple[int, int]:
        """Line and column of a character, from 1."""
        line = bisect.bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


class _Open:
    """A section or list whose end has not been read."""

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self.key: Node | None = None
        self.merged: list[Node] = []


class _Stop(Exception):
    """Nothing after this fault can be read."""


class Reader:
    """Reads one document. `root` is None when nothing could be read; `faults` are in the order in which they stand."""

    def __init__(self, text: str, *, file: str) -> None:
        self.faults: list[Fault] = []
        self.root: Node | None = None
        self.lines = Lines(text)
        self._text = text
        self._file = file
        self._stack: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._nodes = 0
        self._expanded = 0
        self._documents = 0

    def read(self) -> None:
        """Read the text, up to the first thing that a parser cannot get over."""
        try:
            self._check_characters()
            for event in yaml.parse(self._text, Loader=yaml.CSafeLoader):
                self._take(event)
        except _Stop:
            return
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.YAMLError as error:
            self._fault(0, f"not YAML: {show(str(error))}", "")

    def _check_characters(self) -> None:
        for found in _REFUSED.finditer(self._text):
            character = f"U+{ord(found.group()):04X}"
            self._fault(found.start(), f"the character {character} is not allowed in YAML", "remove it")
        if self.faults:
            raise _Stop

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._attach(self._scalar(event), anchor=event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            self._attach(self._alias(event), anchor=None)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._end(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._document(_span(event)[0])

    def _document(self, index: int) -> None:
        self._documents += 1
        if self._documents > 1:
            self._fault(index, "a second document begins here", "keep one document in a file: remove the `---`")
            raise _Stop

    def _scalar(self, event: yaml.ScalarEvent) -> Node:
        start, end = _span(event)
        self._check_tag(event.tag, start, allowed=_TEXT_TAGS)
        plain = event.style is None or event.style == ""
        value = resolve(event.value) if plain and event.tag is None else event.value
        return Node(start, end, value=value, style=event.style or "")

    def _check_tag(self, tag: str | None, index: int, *, allowed: frozenset[str]) -> None:
        if tag is not None and tag not in allowed:
            name = tag.replace("tag:yaml.org,2002:", "!!")
            self._fault(index, f"the tag `{show(name)}` is not allowed", "remove it")

    def _alias(self, event: yaml.AliasEvent) -> Node:
        index, end = _span(event)
        name = str(event.anchor)
        nothing = Node(index, end)
        target = self._anchors.get(name)
        if any(opened.anchor == name for opened in self._stack):
            self._fault(index, f"`*{show(name)}` contains itself", "")
            return nothing
        if target is None:
            hint = suggest(name, self._anchors) or f"define it first with `&{show(name)}`"
            self._fault(index, f"`*{show(name)}` is not defined above", hint)
            return nothing
        self._expanded += target.size
        if self._expanded > MOST_EXPANDED or len(self._stack) + target.height > MOST_DEPTH:
            self._fault(index, "aliases expand to too much", f"at most {MOST_EXPANDED} values")
            raise _Stop
        return target

    def _begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        index, _ = _span(event)
        self._check_tag(event.tag, index, allowed=_PLAIN_TAGS)
        if len(self._stack) >= MOST_DEPTH:
            self._fault(index, f"more than {MOST_DEPTH} levels deep", "")
            raise _Stop
        node = Node(index, index)
        if isinstance(event, yaml.MappingStartEvent):
            node.fields = {}
        else:
            node.items = []
        self._stack.append(_Open(node, event.anchor))

    def _end(self, event: yaml.Event) -> None:
        opened = self._stack.pop()
        node = opened.node
        _, node.end = _span(event)
        for source in opened.merged:
            self._merge(node, source)
        for child in node.children():
            node.size += child.size
            node.height = max(node.height, child.height + 1)
        self._attach(node, anchor=opened.anchor)

    def _attach(self, node: Node, *, anchor: str | None) -> None:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            self._fault(node.start, f"more than {MOST_NODES} values in one file", "split the file")
            raise _Stop
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._stack:
            self.root = node
            return
        opened = self._stack[-1]
        if opened.node.items is not None:
            opened.node.items.append(node)
        elif opened.key is None:
            opened.key = node
        else:
            key, opened.key = opened.key, None
            self._field(opened, key, node)

    def _field(self, opened: _Open, key: Node, value: Node) -> None:
        fields = opened.node.fields
        assert fields is not None
        if key.value == "<<" and key.style == "":
            opened.merged.append(value)
        elif not isinstance(key.value, str):
            self._fault(key.start, *self._not_a_key(key))
            fields.setdefault(self._text[key.start : key.end], (key, value))  # or its absence would be told as well
        elif key.value in fields:
            line, _ = self.lines.place(fields[key.value][0].start)
            self._fault(key.start, f"the key `{show(key.value)}` appears twice", f"first on line {line}")
        else:
            fields[key.value] = (key, value)

    def _not_a_key(self, key: Node) -> tuple[str, str]:
        if key.items is not None or key.fields is not None:
            return "a key must be a text", ""
        if key.value is None:
            return "a key is missing before this `:`", ""
        written = show(self._text[key.start : key.end])
        return f"the key `{written}` is not a text", f'put it in quotes: "{written}"'

    def _merge(self, into: Node, source: Node) -> None:
        """Give a section the keys of another that it lacks (`<<: *other`)."""
        for part in source.items if source.items is not None else [source]:
            if part.fields is None:
                self._fault(part.start, "`<<` takes a section or a list of sections", "write for example `<<: *other`")
                continue
            assert into.fields is not None
            for key, pair in part.fields.items():
                into.fields.setdefault(key, pair)

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, len(self._text)) if mark else 0
        problem = error.problem or ""
        line_start = index - self.lines.place(index)[1] + 1
        tab = re.compile(r" *(\t)").match(self._text, line_start)
        if tab:
            self._fault(tab.start(1), "a tab cannot indent", "use spaces")
            return
        if error.context_mark and any(part in problem for part in ("end of stream", "',' or ']'", "',' or '}'")):
            index = error.context_mark.index
        for part, message, hint in _PLAIN_WORDS:
            if part in problem:
                self._fault(index, message, hint)
                return
        self._fault(index, f"not YAML: {show(problem)}", show(error.context or ""))

    def _fault(self, index: int, message: str, hint: str) -> None:
        line, column = self.lines.place(index)
        self.faults.append(Fault(file=self._file, line=line, column=column, message=message, hint=hint))
        if len(self.faults) >= MOST_FAULTS:
            raise _Stop


def _span(event: yaml.Event) -> tuple[int, int]:
    """The indices of an event's first character and of the one after its last."""
    assert event.start_mark is not None and event.end_mark is not None  # the parser marks every event
    return event.start_mark.index, event.end_mark.index


def resolve(text: str) -> Scalar:
    """What an unquoted scalar means (see the top of this module)."""
    if text in _NOTHING:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text
