"""Rule files → rules. Every fault of every file is told at once, those in conditions at their very character."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from buzzguard.config.located import Located, build, files_in, is_folder, read_yaml, suggest
from buzzguard.decide.expression import Condition, ExpressionError, compile_condition
from buzzguard.decide.rule import Raise, Rule, RuleFile
from buzzguard.decide.vocabulary import Scope
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

TEST_SUFFIX = ".test.yml"


def rule_files(folder: Path) -> list[Path]:
    """The rule files of a folder, by name: `*.yml` in it, but tests. Raises ConfigError for none."""
    if not is_folder(folder):
        raise ConfigError([Fault(file=str(folder), line=0, column=0, message="there is no such rules folder")])
    return [path for path in files_in(folder, ".yml") if not path.name.endswith(TEST_SUFFIX)]


def load_rules(
    folders: Sequence[Path],
    *,
    policies: Collection[str] | None = None,
    playbooks: Collection[str] | None = None,
) -> tuple[Rule, ...]:
    """The rules of `folders`, in order of folder and name; those that are not enabled included.

    Checks the names of policies and playbooks where the known ones are given. Raises ConfigError with every fault.
    """
    read, faults = read_rules(folders)
    faults += _reference_faults(read, policies=policies, playbooks=playbooks)
    if faults:
        raise ConfigError(sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column)))
    return tuple(found.rule for found in read)


class ReadRule(NamedTuple):
    """A rule and the file it came from, with the places of its values."""

    rule: Rule
    located: Located


def read_rules(folders: Sequence[Path]) -> tuple[list[ReadRule], list[Fault]]:
    """The rules of `folders` that can be used, and every fault of the others."""
    faults: list[Fault] = []
    read: list[ReadRule] = []
    for path in _paths(folders, faults):
        found, wrong = _read_rule(path)
        faults += wrong
        read += [found] if found else []
    return read, faults + _duplicates(read)


def _paths(folders: Sequence[Path], faults: list[Fault]) -> list[Path]:
    paths: list[Path] = []
    for folder in folders:
        try:
            paths += rule_files(folder)
        except ConfigError as error:
            faults += error.faults
    return paths


def _read_rule(path: Path) -> tuple[ReadRule | None, list[Fault]]:
    try:
        located = read_yaml(path)
    except ConfigError as error:
        return None, list(error.faults)
    file, faults = build(RuleFile, located)
    conditions = _Conditions(located)
    scope: Scope = "stream" if located.get(("scope",)) == "stream" else "topic"
    when = conditions.compile(("when",), scope)
    until = conditions.compile(("until",), scope)
    selector = conditions.compile(("topics",), "selector")
    raised = located.get(("raise",))
    severities = raised if isinstance(raised, dict) else {}
    graver = {severity: conditions.compile(("raise", severity), scope) for severity in severities}
    faults += conditions.faults
    if file is not None:
        faults += _lesser_raises(file, located)
    if file is None or when is None or faults:
        return None, faults
    raises = [Raise(severity, condition) for severity in file.raise_to if (condition := graver[severity.value])]
    kept = [raised for raised in raises if raised.severity.rank <= file.status.gravest.rank]
    kept.sort(key=lambda raised: -raised.severity.rank)
    return ReadRule(Rule(file, str(path), when, selector, tuple(kept), until), located), []


def _lesser_raises(file: RuleFile, located: Located) -> list[Fault]:
    message = f"`raise` holds only severities graver than the rule's own, {file.severity}"
    lesser = [severity for severity in file.raise_to if severity.rank <= file.severity.rank]
    return [located.fault(("raise", severity.value), message, key=True) for severity in lesser]


class _Conditions:
    """Compiles the conditions of a file and places their faults."""

    def __init__(self, located: Located) -> None:
        self._located = located
        self.faults: list[Fault] = []

    def compile(self, path: tuple[str, ...], scope: Scope) -> Condition | None:
        """The condition at `path`; None when there is none, or it has faults."""
        text = self._located.get(path)
        if not isinstance(text, str):
            return None
        try:
            return compile_condition(text, scope=scope)
        except ExpressionError as error:
            for problem in error.problems:
                line, column = self._located.place_in_text(path, problem.offset)
                self.faults.append(
                    Fault(
                        file=self._located.file,
                        line=line,
                        column=column,
                        message=problem.message,
                        hint=problem.hint,
                    )
                )
            return None


def _reference_faults(
    read: Iterable[ReadRule], *, policies: Collection[str] | None, playbooks: Collection[str] | None
) -> list[Fault]:
    faults = []
    for rule, located in read:
        for key, name, known in (
            ("policy", rule.file.policy, policies),
            ("playbook", rule.file.playbook, playbooks),
        ):
            if name is not None and known is not None and name not in known:
                faults.append(located.fault((key,), f"unknown {key} `{name}`", suggest(name, known)))
    return faults


def _duplicates(read: Iterable[ReadRule]) -> list[Fault]:
    first: dict[str, Rule] = {}
    faults = []
    for rule, located in read:
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            faults.append(located.fault(("id",), f"the id `{rule.id}` is already that of {other.place}"))
    return faults
