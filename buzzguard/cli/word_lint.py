"""What is wrong or doubtful in the themes and gravity words of rules folders, for `buzzguard rules lint`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from buzzguard.decide.lint import Finding
from buzzguard.model import Fault
from buzzguard.understand.gravity import read_gravity
from buzzguard.understand.theme_files import read_themes, theme_warnings


def lint_words(folders: Sequence[Path]) -> list[Finding]:
    """Every fault as an error, what is allowed but hardly meant as a warning; in order of file and place."""
    themes, wrong = read_themes(folders)
    _, faults = read_gravity(folders)
    errors = [_finding(fault, severity="error") for fault in (*wrong, *faults)]
    warnings = [_finding(fault, severity="warning") for fault in theme_warnings(themes)]
    return sorted([*errors, *warnings], key=lambda one: (one.file, one.line, one.column, one.message))


def _finding(fault: Fault, *, severity: str) -> Finding:
    return Finding(
        file=fault.file,
        line=fault.line,
        column=fault.column,
        message=fault.message,
        hint=fault.hint,
        severity="error" if severity == "error" else "warning",
    )
