"""Whatever the core refuses is said in words, in both languages, wherever people act."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from buzzguard.deliver.wording.refusals import REFUSALS, refusal
from buzzguard.model import Language
from buzzguard.respond import acts

LANGUAGES: tuple[Language, ...] = ("en", "fr")
_RESPOND = Path(acts.__file__).parent
_REASON = re.compile(r"[a-z]+(_[a-z]+)*")
_ASKED_BY_THE_PROGRAM = frozenset({"acknowledged", "silenced", "all_told"})
"""Of telling others in the place of a receiver: no person asks it."""


def _modules() -> list[Path]:
    """Where the acts are, by what `acts` imports of its own stage."""
    tree = ast.parse(Path(acts.__file__).read_text("utf-8"))
    imported = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names = [name.rsplit(".", 1)[1] for name in imported if name.startswith("buzzguard.respond.")]
    return [_RESPOND / f"{name}.py" for name in ["acts", *names]]


def _answers(path: Path) -> set[str]:
    """The texts that functions of a module return where they return a reason."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef) and ast.unparse(node.returns or ast.Constant("")) in ("str", "str | None"):
            for part in ast.walk(node):
                if isinstance(part, ast.Return):
                    found |= _texts(part.value)
    return {one for one in found if _REASON.fullmatch(one)}


def _texts(value: ast.expr | None) -> set[str]:
    if isinstance(value, ast.Constant):
        return {value.value} if isinstance(value.value, str) else set()
    if isinstance(value, ast.IfExp):
        return _texts(value.body) | _texts(value.orelse)
    return set().union(*map(_texts, value.values)) if isinstance(value, ast.BoolOp) else set()


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.stem)
def test_every_reason_that_an_act_returns_has_words(path: Path) -> None:
    assert _answers(path) - _ASKED_BY_THE_PROGRAM <= REFUSALS.keys()


def test_every_reason_that_the_acts_name_has_words() -> None:
    named = set(re.findall(r"`([a-z_]+)`", acts.__doc__ or "")) - {"runs", "drafts"}
    assert len(named) > 20
    assert named - _ASKED_BY_THE_PROGRAM <= REFUSALS.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_no_words_of_its_own_is_said_all_the_same(language: Language) -> None:
    assert refusal("of another version", language) == REFUSALS["not_possible"][language]
    assert all(text.endswith((".", "!", "?")) for text in (words[language] for words in REFUSALS.values()))
    assert not [words["fr"] for words in REFUSALS.values() if re.search(r" [:;!?»]|« ", words["fr"])]
