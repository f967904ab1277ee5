"""The ids of commands that keep a message: all that concern one message begin alike, so that they are found together,
and its text erased from every one of them."""

from __future__ import annotations

import hashlib


def pin_prefix(ref: str) -> str:
    """How the id of every command about the message `ref` begins, and of no other."""
    return f"pin-{hashlib.sha256(ref.encode('utf-8', 'replace')).hexdigest()[:32]}-"


def pin_id(ref: str, mark: str) -> str:
    """The id of the command that says of `ref` what `mark` names: equal for the same news told twice."""
    return f"{pin_prefix(ref)}{mark}"
