"""What is wrong or doubtful in the playbooks of rules folders, for `buzzguard rules lint`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from buzzguard.decide.lint import Finding
from buzzguard.respond.playbook_lint import Doubt
from buzzguard.respond.playbook_lint import lint_playbooks as find
from buzzguard.understand.theme_files import read_themes


def lint_playbooks(folders: Sequence[Path], *, staffed: Collection[str] | None = None) -> list[Finding]:
    """Every doubt as a finding. Themes are known where the folders have any; `staffed` are the roles with somebody."""
    themes, _ = read_themes(folders)
    known = {one.theme.id for one in themes} or None
    return [_finding(doubt) for doubt in find(folders, themes=known, staffed=staffed)]


def _finding(doubt: Doubt) -> Finding:
    return Finding(
        file=doubt.file,
        line=doubt.line,
        column=doubt.column,
        message=doubt.message,
        hint=doubt.hint,
        severity=doubt.severity,
    )
