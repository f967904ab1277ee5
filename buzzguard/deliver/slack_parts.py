"""The parts that messages in Slack are put together from, within Block Kit's limits."""

from __future__ import annotations

from collections.abc import Sequence

from buzzguard.deliver.blocks import Block
from buzzguard.deliver.escape import plain, truncate, units
from buzzguard.deliver.slack_ids import MAX_OPTION_VALUE

MAX_OPTIONS = 100
_MAX_LABEL = 75
_MAX_VALUE = 2_000


def section(block_id: str, text: str) -> Block:
    """A stretch of mrkdwn."""
    return {"type": "section", "block_id": block_id, "text": markdown(truncate(text, 3_000))}


def context(block_id: str, texts: Sequence[str]) -> Block:
    """Small print."""
    return {"type": "context", "block_id": block_id, "elements": [markdown(truncate(text, 3_000)) for text in texts]}


def markdown(text: str) -> Block:
    """Mrkdwn in which Slack looks for no names and addresses by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def words(text: str, limit: int = _MAX_LABEL) -> Block:
    """Plain text, cut."""
    return {"type": "plain_text", "text": truncate(plain(text), limit), "emoji": True}


def button(action: str, label: str, value: str, *, style: str = "") -> Block:
    """A button; `style` is `primary`, `danger` or empty."""
    made: Block = {"type": "button", "action_id": action, "text": words(label), "value": value[:_MAX_VALUE]}
    return {**made, "style": style} if style else made


def confirm(title: str, text: str, yes: str, no: str) -> Block:
    """What is asked before a press counts."""
    return {"title": words(title), "text": words(text, 300), "confirm": words(yes, 30), "deny": words(no, 30)}


def menu(action: str, label: str, options: Sequence[tuple[str, str]]) -> Block | None:
    """A menu of (label, value), of which what Slack has no room for is left out; None without any."""
    fitting = [(name, value) for name, value in options if units(value) <= MAX_OPTION_VALUE][:MAX_OPTIONS]
    if not fitting:
        return None
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": words(label),
        "options": [{"text": words(name), "value": value} for name, value in fitting],
    }
