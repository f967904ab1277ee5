"""What a person pressed in Slack → a `Press`, and the Command of those that ask for nothing more.

Everything that arrives here is hostile until it has been read.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from buzzguard.deliver import slack_ids as ids
from buzzguard.deliver.slack_payload import INCIDENT, SLACK_ID, STAMP, digest, matching, part, person_of, text_at
from buzzguard.deliver.slack_words import language_of_label
from buzzguard.model import (
    Asked,
    Command,
    CommandKind,
    DraftAct,
    DraftVerdict,
    Language,
    Person,
    Record,
    StepMark,
    StepState,
    Usefulness,
)
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

SILENCE = timedelta(hours=1)
"""What the button *Silence 1 h* of older cards asks for."""
ACTIONS: Mapping[str, CommandKind] = {
    "take_charge": CommandKind.TAKE_CHARGE,
    "escalate": CommandKind.ESCALATE,
    "silence_1h": CommandKind.SILENCE,
    "false_alarm": CommandKind.FALSE_ALARM,
    "useful": CommandKind.JUDGE,
    "noise": CommandKind.JUDGE,
    ids.STEP_DONE: CommandKind.MARK_STEP,
    ids.STEP_SKIP: CommandKind.MARK_STEP,
    ids.STEP_OPEN: CommandKind.MARK_STEP,
    ids.DRAFT_APPROVE: CommandKind.JUDGE_DRAFT,
    ids.DRAFT_PUBLISH: CommandKind.JUDGE_DRAFT,
}
"""Presses that are commands as they are."""
MODALS = frozenset(
    {"silence", "give", "resolve", "dismiss", "note", "room", ids.DRAFT_OPEN, ids.DRAFT_SEND_BACK},
)
"""Presses that open a modal of the same name."""
MENU = "more"
"""The menu of a card: its option says which modal."""
MENU_MODALS = frozenset({"merge", "split", "new_normal", "playbook", "statement", "room", "note"})
SIGNATURE_AGE = timedelta(seconds=300)
_STEPS = {ids.STEP_DONE: StepState.DONE, ids.STEP_SKIP: StepState.SKIPPED, ids.STEP_OPEN: StepState.OPEN}
_VERDICTS = {ids.DRAFT_APPROVE: DraftAct.APPROVE, ids.DRAFT_PUBLISH: DraftAct.PUBLISH}
_PARTED = ids.STEP_ACTIONS | ids.DRAFT_ACTIONS | {ids.DRAFT_OPEN, MENU}
_KNOWN = ACTIONS.keys() | MODALS | {MENU}
_MOST_BYTES = 1_000_000
_MOST_FIELDS = 40
_MOST_BLOCKS = 50


class Press(Record, frozen=True, kw_only=True):
    """A button that was pressed, or an option chosen of a menu.

    `action` names the button, `what` the key of a step, a statement or a draft, or the option of the card's menu.
    `language` is that of what was pressed, None where it cannot be told; `channel`, `message` and `thread` are where
    it stands. `id` is the same when Slack delivers the press again.
    """

    id: str
    action: str
    incident: str
    who: Person
    what: str = ""
    language: Language | None = None
    channel: str = ""
    message: str = ""
    thread: str = ""
    trigger: str = ""

    @property
    def modal(self) -> str:
        """The modal that it opens; empty when it is a command as it is."""
        if self.action == MENU:
            return self.what if self.what in MENU_MODALS else ""
        return self.action if self.action in MODALS else ""


def parse_press(payload: Mapping[str, Any]) -> Press | None:
    """The press of a button or menu of ours in a `block_actions` payload.

    None for everything else: another kind of payload, a button that is not ours, a malformed or hostile one; the log
    says why.
    """
    try:
        return _press(payload)
    except _Unusable as unusable:
        _log.warning("action.ignored", reason=str(unusable))
        return None


def command_of(press: Press, now: datetime) -> Command | None:
    """The command that a press asks for; None when it opens a modal instead."""
    kind = ACTIONS.get(press.action)
    if kind is None:
        return None
    return Command(
        id=press.id,
        kind=kind,
        incident=press.incident,
        who=press.who,
        at=now,
        duration=SILENCE if kind is CommandKind.SILENCE else None,
        asked=_asked(press),
    )


def parse_action(payload: Mapping[str, Any], *, now: datetime) -> Command | None:
    """The command that a `block_actions` payload asks for, None for everything else."""
    press = parse_press(payload)
    return None if press is None else command_of(press, now)


def parse_request(body: bytes, *, now: datetime) -> Command | None:
    """The command in the body of a signed HTTP request (`payload=<JSON>`), or None; verify the signature first."""
    payload = read_request(body)
    return None if payload is None else parse_action(payload, now=now)


def read_request(body: bytes) -> dict[str, Any] | None:
    """The payload in the body of an interactivity request, or None when there is none that can be read."""
    fields = read_form(body)
    return None if fields is None else read_json(fields.get("payload", "").encode("utf-8", "replace"))


def read_form(body: bytes) -> dict[str, str] | None:
    """The fields of a form, the first of each name; None when it is none that can be read."""
    if len(body) > _MOST_BYTES:
        _log.warning("action.ignored", reason="too large")
        return None
    try:
        fields = parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        _log.warning("action.ignored", reason="not a form")
        return None
    return {name: values[0] for name, values in fields.items()}


def read_json(body: bytes) -> dict[str, Any] | None:
    """The object that a body is in JSON, or None."""
    if len(body) > _MOST_BYTES:
        _log.warning("action.ignored", reason="too large")
        return None
    try:
        payload = msgspec.json.decode(body)
    except (ValueError, msgspec.DecodeError, RecursionError):
        _log.warning("action.ignored", reason="not JSON")
        return None
    return payload if isinstance(payload, dict) else None


def verify_signature(secret: str, timestamp: str, body: bytes, signature: str, now: datetime) -> bool:
    """Whether `body` is Slack's, by `X-Slack-Signature` and `X-Slack-Request-Timestamp`, and not older than 300 s.

    `body` is the raw bytes of the request. Takes the same time wherever the signature differs. Never raises.
    """
    if not secret or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(now.timestamp() - int(timestamp)) > SIGNATURE_AGE.total_seconds():
        return False
    made = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"v0={made}".encode(), signature.encode("utf-8", "replace"))


class _Unusable(Exception):
    """Why a payload gives no press."""


def _press(payload: Mapping[str, Any]) -> Press:
    if text_at(payload, "type") != "block_actions":
        raise _Unusable("not a block_actions payload")
    who = person_of(payload)
    if who is None:
        raise _Unusable("no user")
    pressed = _pressed(payload)
    action = text_at(pressed, "action_id")
    value = text_at(pressed, "selected_option", "value") or text_at(pressed, "value")
    incident, what = _parted(value) if action in _PARTED else (matching(INCIDENT, value), "")
    if not incident:
        raise _Unusable("no incident")
    return Press(
        id=_press_id(payload, pressed, who.id),
        action=action,
        incident=incident,
        what=what,
        who=who,
        language=language_of(payload, pressed),
        channel=matching(SLACK_ID, text_at(payload, "channel", "id") or text_at(payload, "container", "channel_id")),
        message=matching(STAMP, text_at(payload, "message", "ts") or text_at(payload, "container", "message_ts")),
        thread=matching(STAMP, text_at(payload, "message", "thread_ts") or text_at(payload, "container", "thread_ts")),
        trigger=text_at(payload, "trigger_id")[:200],
    )


def language_of(payload: object, pressed: object) -> Language | None:
    """The language of what was pressed: by its own words, else by those of the buttons and menus beside it; None when
    it cannot be told."""
    label = text_at(pressed, "selected_option", "text", "text") or text_at(pressed, "text", "text")
    known = language_of_label(label)
    return known or next(filter(None, map(language_of_label, _labels(part(payload, "message", "blocks")))), None)


def _labels(blocks: object) -> Iterator[str]:
    for block in blocks[:_MOST_BLOCKS] if isinstance(blocks, list) else ():
        inner = part(block, "elements")
        for element in [part(block, "accessory"), *(inner[:25] if isinstance(inner, list) else ())]:
            yield text_at(element, "placeholder", "text") or text_at(element, "text", "text")


def _pressed(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = part(payload, "actions")
    if not isinstance(actions, list):
        raise _Unusable("no actions")
    for action in actions[:25]:
        if isinstance(action, Mapping) and text_at(action, "action_id") in _KNOWN:
            return action
    raise _Unusable("no button of ours")


def _parted(value: str) -> tuple[str, str]:
    return ids.parts_of(value) or ("", "")


def _press_id(payload: Mapping[str, Any], action: Mapping[str, Any], user: str) -> str:
    """Equal for the same press: Slack sends it again, with the same trigger, when an answer was lost."""
    pressed_at = action.get("action_ts")
    trigger = payload.get("trigger_id")
    if not isinstance(pressed_at, str | int | float) and not isinstance(trigger, str):
        raise _Unusable("nothing tells this press from another")
    value = text_at(action, "selected_option", "value") or text_at(action, "value")
    return digest(
        text_at(payload, "team", "id"), user, text_at(action, "action_id"), value, str(pressed_at), str(trigger)
    )


def _asked(press: Press) -> Asked | None:
    if press.action in _STEPS:
        return StepMark(step=press.what, state=_STEPS[press.action])
    if press.action in _VERDICTS:
        draft, department = ids.approved_by(press.what)
        return DraftVerdict(draft=draft, act=_VERDICTS[press.action], department=department)
    if press.action in ("useful", "noise"):
        return Usefulness(useful=press.action == "useful")
    return None
