"""How the buttons and menus of a playbook's run and of drafts are named, and what their values hold.

A value is the incident's id and what is meant of it, parted by `|`: `value_of` writes it, `parts_of` reads it. It
stands in a button's `value`, or in the `value` of a menu's `selected_option` (`step_skip` and `step_open` are menus).
"""

from __future__ import annotations

import re

STEP_DONE = "step_done"
STEP_SKIP = "step_skip"
STEP_OPEN = "step_open"
DRAFT_OPEN = "draft_open"
DRAFT_APPROVE = "draft_approve"
DRAFT_SEND_BACK = "draft_send_back"
DRAFT_PUBLISH = "draft_publish"

STEP_ACTIONS = frozenset({STEP_DONE, STEP_SKIP, STEP_OPEN})
"""Valued `<incident>|<step key>`."""
DRAFT_ACTIONS = frozenset({DRAFT_APPROVE, DRAFT_SEND_BACK, DRAFT_PUBLISH})
"""Valued `<incident>|<draft id>`, an approval `<incident>|<draft id>:<department>`; `DRAFT_OPEN` is valued
`<incident>|<statement key>`."""
MAX_OPTION_VALUE = 150
"""Of a menu's option, as Slack allows it."""
_VALUE = re.compile(r"(?P<incident>[A-Za-z0-9][A-Za-z0-9_.:-]{0,199})\|(?P<what>[A-Za-z0-9][A-Za-z0-9_.:-]{0,79})")


def value_of(incident: str, what: str) -> str:
    """The value of a button or an option: `what` is the key of a step or a statement, or the id of a draft."""
    return f"{incident}|{what}"


def parts_of(value: object) -> tuple[str, str] | None:
    """The incident's id and what is meant of it; None for anything that `value_of` cannot have written."""
    found = _VALUE.fullmatch(value) if isinstance(value, str) else None
    return None if found is None else (found["incident"], found["what"])


def approval_of(incident: str, draft: str, department: str) -> str:
    """The value of a button that approves a draft as a department."""
    return value_of(incident, f"{draft}:{department}" if department else draft)


def approved_by(what: str) -> tuple[str, str]:
    """The draft and the department of an approval; that of older buttons is empty."""
    draft, _, department = what.partition(":")
    return draft, department
