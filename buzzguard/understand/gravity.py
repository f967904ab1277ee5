"""Gravity words: words that make a mention grave whatever its sentiment (boycott, recall, leak).

They are read from YAML (`rules/words/gravity.yml`): for each language, families of forms. A mention carries the names
of the families found in it. A directly negated word ("no recall", "pas de boycott") does not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from ahocorasick_rs import AhoCorasick

from buzzguard.errors import ConfigError
from buzzguard.model import Fault
from buzzguard.understand.fold import fold

_NEGATIONS_LIST = """
    no not never without nor neither zero cannot isnt wasnt arent dont doesnt didnt wont pas aucun aucune sans
    jamais ni nul nulle
"""
_NEGATIONS = frozenset(_NEGATIONS_LIST.split())
_AFFIRMED = frozenset({"doubt", "only", "just", "doute", "seulement", "que", "wonder"})
"""Words that turn a negation back: "no doubt a scandal", "pas seulement un scandale"."""
_BEFORE = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?")
_CLAUSE_END = re.compile(r"[.,;:!?()|\"«»…\n]")
_REACH = 40
"""Characters before a word in which its negation is looked for."""
MAX_HITS = 200
"""Occurrences judged in one text: more would say nothing new, and cost time that a hostile text could choose."""
_MAX_FORMS = 5_000
_MAX_YAML = 1_000_000


@dataclass(frozen=True, slots=True)
class Family:
    """One gravity word with its forms (folded; `boycott*` also matches longer words).

    `unless_after` are words that take its gravity away when they stand right before it ("I recall").
    """

    name: str
    forms: tuple[str, ...]
    unless_after: frozenset[str] = frozenset()


class GravityWords:
    """Finds gravity words in folded texts."""

    def __init__(self, families: Iterable[Family]) -> None:
        self.families = tuple(families)
        owners: dict[str, list[tuple[Family, bool]]] = {}
        for family in self.families:
            for form in family.forms:
                owners.setdefault(form.rstrip("*"), []).append((family, form.endswith("*")))
        self._owners = list(owners.values())
        self._find = AhoCorasick(list(owners)).find_matches_as_indexes

    def found(self, folded_text: str) -> tuple[str, ...]:
        """The names of the families in the text, in order of appearance, each once."""
        hits = self._find(folded_text, overlapping=True)[:MAX_HITS]
        if not hits:
            return ()
        spans = [span for shape, start, end in hits for span in self._spans(folded_text, shape, start, end)]
        # The longest form decides: in "never a data leak" the negation stands before "data leak", not before "leak".
        spans.sort(key=lambda span: span[0] - span[1])
        judged: list[tuple[int, int, str]] = []
        first: dict[str, int] = {}
        for start, end, family in spans:
            if any(name == family.name and begin <= start and end <= stop for begin, stop, name in judged):
                continue
            judged.append((start, end, family.name))
            if start < first.get(family.name, len(folded_text)) and _stands(folded_text, start, family):
                first[family.name] = start
        return tuple(sorted(first, key=lambda name: (first[name], name)))

    def _spans(self, text: str, shape: int, start: int, end: int) -> list[tuple[int, int, Family]]:
        """The hit for each family that has the form, unless it lies within a longer word."""
        if start and _in_word(text[start - 1]):
            return []
        whole = end == len(text) or not _in_word(text[end])
        return [(start, end, family) for family, prefix in self._owners[shape] if whole or prefix]


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _stands(text: str, start: int, family: Family) -> bool:
    clause = _CLAUSE_END.split(text[max(0, start - _REACH) : start])[-1]
    before = _BEFORE.findall(clause)[-3:]
    if not before:
        return True
    if before[-1] in family.unless_after:
        return False
    near = before[-2:]
    if not any(_negates(word) for word in near):
        return True
    return any(word in _AFFIRMED for word in near)


def _negates(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def parse_gravity(yaml_text: str, *, file: str = "gravity.yml") -> GravityWords:
    """Read a gravity file. Raises `ConfigError` with every fault and its place.

    en:
      boycott: [boycott*, "stop buying"]
      recall: {forms: [recall, recalls], unless_after: [i, we]}
    """
    reader = _Reader(file)
    families = list(reader.families(yaml_text))
    if reader.faults:
        raise ConfigError(reader.faults)
    return GravityWords(families)


class _Reader:
    """Walks the YAML nodes, so that each fault has its line and column."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._forms = 0
        self.faults: list[Fault] = []

    def families(self, yaml_text: str) -> Iterator[Family]:
        root = self._compose(yaml_text)
        seen: set[tuple[str, str]] = set()
        for language, families in self._pairs(root, "languages, each with families of words"):
            for key, value in self._pairs(families, "families of words"):
                name = str(key.value).strip()
                if (str(language.value), name) in seen:
                    self._fault(key, f"the family {name!r} stands here twice", "join the two lists")
                seen.add((str(language.value), name))
                if family := self._family(name, value):
                    yield family

    def _compose(self, yaml_text: str) -> Any:
        if len(yaml_text) > _MAX_YAML:
            self.faults.append(Fault(file=self._file, line=0, column=0, message="the file is too large"))
            return None
        try:
            return yaml.compose(yaml_text, Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            self.faults.append(Fault(file=self._file, line=line, column=column, message=str(error.problem)))
        except yaml.YAMLError as error:
            self.faults.append(Fault(file=self._file, line=0, column=0, message=str(error).splitlines()[0]))
        return None

    def _family(self, name: str, value: Any) -> Family | None:
        unless: list[str] = []
        forms = value
        if isinstance(value, yaml.MappingNode):
            parts = {key.value: part for key, part in value.value}
            for key, _ in value.value:
                if key.value not in ("forms", "unless_after"):
                    self._fault(key, f"unknown key {key.value!r}", "a family has forms and unless_after")
            forms = parts.get("forms", value)
            unless = [fold(word) for word, _ in self._words(parts["unless_after"])] if "unless_after" in parts else []
        words = [form for word, node in self._words(forms) if (form := self._form(word, node))]
        return Family(name, tuple(words), frozenset(unless)) if words else None

    def _form(self, word: str, node: Any) -> str:
        form = fold(" ".join(word.split()))
        self._forms += 1
        if self._forms == _MAX_FORMS + 1:
            self._fault(node, f"more than {_MAX_FORMS} forms", "keep to the words that matter")
        body = form.removesuffix("*")
        if "*" in body or len(body) < 3:
            self._fault(node, f"{word!r} is not a form", "at least three letters, and * only at the end")
            return ""
        return form

    def _words(self, node: Any) -> Iterator[tuple[str, Any]]:
        if not isinstance(node, yaml.SequenceNode):
            self._fault(node, "a list of words is wanted here", "write [boycott, boycotts]")
            return
        for item in node.value:
            if isinstance(item, yaml.ScalarNode) and item.value.strip():
                yield item.value, item
            else:
                self._fault(item, "a word is wanted here")

    def _pairs(self, node: Any, wanted: str) -> list[tuple[Any, Any]]:
        if isinstance(node, yaml.MappingNode):
            return list(node.value)
        if node is not None:
            self._fault(node, f"this should hold {wanted}")
        return []

    def _fault(self, node: Any, message: str, hint: str = "") -> None:
        mark = node.start_mark
        self.faults.append(
            Fault(file=self._file, line=mark.line + 1, column=mark.column + 1, message=message, hint=hint)
        )
