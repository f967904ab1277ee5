"""What users read in French: no-break spaces where they belong, and one word for each thing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
_CODE = ROOT / "buzzguard"
_TEXTS = [ROOT / "README.md", *sorted((_CODE / "cli" / "starter").glob("*.fr.*"))]
_FRENCH = re.compile(r"[éèàêçùîôœ]|\b(?:le|la|les|des?|du|une?|pour|par|quelle?)\b|[ldnsjqu]’")
_BREAKS = re.compile(r"(?:[\w’»)}`] [:;!?»]|« )(?=\s|\w|\{|$)(?!\w+:)")
_OTHER_WORDS = re.compile(r"fiches? réflexes?|procédure|\ben silence\b", re.IGNORECASE)


@cache
def _french() -> list[tuple[str, str]]:
    """Every French text of the code by its place; what is matched against mentions is left out."""
    paths = [path for path in sorted(_CODE.rglob("*.py")) if "understand" not in path.parts]
    return [(f"{path.relative_to(ROOT)}:{line}", text) for path in paths for line, text in _strings(path)]


def _strings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _FRENCH.search(node.value):
            yield node.lineno, node.value


def test_no_line_breaks_before_a_colon_or_inside_quotation_marks() -> None:
    assert [(place, text) for place, text in _french() if _BREAKS.search(text)] == []


def test_a_thing_has_one_french_word() -> None:
    """playbook, politique d’escalade, en sourdine: never another."""
    texts = [*_french(), *((path.name, path.read_text("utf-8")) for path in _TEXTS)]
    assert [(place, found[0]) for place, text in texts if (found := _OTHER_WORDS.search(text))] == []
