"""Gravity files → families of words. Every fault is told at once, with its line and column.

en:
  boycott: [boycott*, "stop buying"]
  recall: {grade: 3, forms: [recall, recalls], unless_after: [i, we]}
  idioms: ["total recall"]
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from buzzguard.model import Fault
from buzzguard.understand.fold import fold

IDIOMS = "idioms"
"""The key under which a language lists phrases that take the gravity of every word within them away."""
GRADES = {"1": 1, "2": 2, "3": 3}
_KEYS = ("forms", "unless_after", "grade")
_MAX_FORMS = 5_000
_MAX_YAML = 1_000_000


@dataclass(frozen=True, slots=True)
class Family:
    """One gravity word with its forms (folded; `boycott*` also matches longer words).

    `unless_after` are words that take its gravity away when they stand right before it ("I recall"). `grade` says how
    grave it is: 1 people complain of it, 2 it may become a crisis, 3 it is one. `sector` is empty for words that are
    grave everywhere.
    """

    name: str
    forms: tuple[str, ...]
    unless_after: frozenset[str] = frozenset()
    grade: int = 2
    sector: str = ""


class GravityReader:
    """Walks the YAML nodes of one file, so that each fault has its line and column."""

    def __init__(self, file: str, *, sector: str = "") -> None:
        self._file = file
        self._sector = sector
        self._forms = 0
        self.faults: list[Fault] = []
        self.idioms: list[str] = []

    def families(self, yaml_text: str) -> Iterator[Family]:
        """Every family that can be used; idioms and faults are gathered on the way."""
        root = self._compose(yaml_text)
        seen: set[tuple[str, str]] = set()
        for language, families in self._pairs(root, "languages, each with families of words"):
            for key, value in self._pairs(families, "families of words"):
                name = str(key.value).strip()
                if (str(language.value), name) in seen:
                    self._fault(key, f"the family {name!r} stands here twice", "join the two lists")
                seen.add((str(language.value), name))
                if name == IDIOMS:
                    self.idioms += self._all_forms(value)
                elif family := self._family(name, value):
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
        if not isinstance(value, yaml.MappingNode):
            forms = self._all_forms(value)
            return Family(name, tuple(forms), sector=self._sector) if forms else None
        parts = {key.value: part for key, part in value.value}
        for key, _ in value.value:
            if key.value not in _KEYS:
                self._fault(key, f"unknown key {key.value!r}", "a family has forms, grade and unless_after")
        unless = [fold(word) for word, _ in self._words(parts["unless_after"])] if "unless_after" in parts else []
        grade = self._grade(parts["grade"]) if "grade" in parts else 2
        forms = self._all_forms(parts.get("forms", value))
        return Family(name, tuple(forms), frozenset(unless), grade, self._sector) if forms else None

    def _grade(self, node: Any) -> int:
        grade = GRADES.get(node.value) if isinstance(node, yaml.ScalarNode) else None
        if grade is None:
            self._fault(node, "a grade is 1, 2 or 3", "3 for what is a crisis by itself")
        return grade or 2

    def _all_forms(self, node: Any) -> list[str]:
        return [form for word, item in self._words(node) if (form := self._form(word, item))]

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
