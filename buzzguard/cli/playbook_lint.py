"""What is wrong or doubtful in the playbooks of rules folders, for `buzzguard rules lint`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from buzzguard.config.words import suggest
from buzzguard.decide.lint import Finding
from buzzguard.decide.loader import read_rules
from buzzguard.model import Fault
from buzzguard.respond.playbook_lint import Doubt
from buzzguard.respond.playbook_lint import lint_playbooks as find
from buzzguard.understand.theme_files import read_themes


def lint_playbooks(folders: Sequence[Path], *, staffed: Collection[str] | None = None) -> list[Finding]:
    """Every doubt as a finding. Themes are known where the folders have any; `staffed` are the roles with somebody."""
    themes, _ = read_themes(folders)
    known = {one.theme.id for one in themes} or None
    doubts = [_finding(doubt) for doubt in find(folders, themes=known, staffed=staffed)]
    return [*doubts, *_named_in_vain(folders)]


def _named_in_vain(folders: Sequence[Path]) -> Iterator[Finding]:
    """Rules that name a playbook that is not there, where the folders have any playbooks at all."""
    there = {file.name.split(".")[0] for folder in folders for file in (folder / "playbooks").glob("*.??.md")}
    read, _ = read_rules(folders)
    for one in read if there else ():
        name = one.rule.file.playbook
        if name and name not in there:
            yield _finding(one.located.fault(("playbook",), f"unknown playbook `{name}`", suggest(name, there)))


def _finding(fault: Fault) -> Finding:
    return Finding(
        file=fault.file,
        line=fault.line,
        column=fault.column,
        message=fault.message,
        hint=fault.hint,
        severity=fault.severity if isinstance(fault, Doubt) else "error",
    )
