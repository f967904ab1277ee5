"""What a person pressed in Slack → a Command. Everything that arrives here is hostile until it has been read."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import msgspec

from buzzguard.deliver import wording
from buzzguard.model import Command, CommandKind, Language, Person
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

SILENCE = timedelta(hours=1)
"""What the button *Silence 1 h* asks for."""
ACTIONS: Mapping[str, CommandKind] = {
    "take_charge": CommandKind.TAKE_CHARGE,
    "escalate": CommandKind.ESCALATE,
    "silence_1h": CommandKind.SILENCE,
    "false_alarm": CommandKind.FALSE_ALARM,
}
SIGNATURE_AGE = timedelta(seconds=300)
_MOST_BYTES = 1_000_000
_INCIDENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,199}")
_ID = re.compile(r"[A-Z0-9]{2,30}")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202f\u2066-\u2069<>&]+")


def parse_action(payload: Mapping[str, Any], *, now: datetime) -> Command | None:
    """The command that a `block_actions` payload asks for.

    None for everything else: another kind of payload, a button that is not ours, a malformed or hostile one; the
    log says why. The same press delivered twice gives the same `Command.id`.
    """
    try:
        return _command(payload, now)
    except _Unusable as unusable:
        _log.warning("action.ignored", reason=str(unusable))
        return None


def parse_request(body: bytes, *, now: datetime) -> Command | None:
    """The command in the body of a signed HTTP request (`payload=<JSON>`), or None; verify the signature first."""
    payload = read_request(body)
    return None if payload is None else parse_action(payload, now=now)


def read_request(body: bytes) -> dict[str, Any] | None:
    """The payload in the body of an interactivity request, or None when there is none that can be read."""
    if len(body) > _MOST_BYTES:
        _log.warning("action.ignored", reason="too large")
        return None
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=20)
        payload = msgspec.json.decode(fields.get("payload", [""])[0])
    except (ValueError, msgspec.DecodeError, RecursionError):
        _log.warning("action.ignored", reason="not a form with a JSON payload")
        return None
    return payload if isinstance(payload, dict) else None


def reply_place(payload: Mapping[str, Any]) -> tuple[str, str] | None:
    """The channel and the person to whom an answer that only they see can be given."""
    channel = _text(payload, "channel", "id") or _text(payload, "container", "channel_id")
    user = _text(payload, "user", "id")
    return (channel, user) if _ID.fullmatch(channel) and _ID.fullmatch(user) else None


def language_of(payload: Mapping[str, Any]) -> Language | None:
    """The language that the pressed button speaks; None when it cannot be told."""
    try:
        action = _pressed(payload)
    except _Unusable:
        return None
    label = _text(action, "text", "text")
    languages: tuple[Language, ...] = ("en", "fr")
    return next((each for each in languages if wording.button(ACTIONS[action["action_id"]], each) == label), None)


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
    """Why a payload gives no command."""


def _command(payload: Mapping[str, Any], now: datetime) -> Command:
    if not isinstance(payload, Mapping):
        raise _Unusable("not an object")
    if payload.get("type") != "block_actions":
        raise _Unusable("not a block_actions payload")
    user = _text(payload, "user", "id")
    if not _ID.fullmatch(user):
        raise _Unusable("no user")
    action = _pressed(payload)
    incident = action.get("value")
    if not isinstance(incident, str) or not _INCIDENT.fullmatch(incident):
        raise _Unusable("no incident")
    kind = ACTIONS[action["action_id"]]
    return Command(
        id=_command_id(payload, action, user),
        kind=kind,
        incident=incident,
        who=Person(id=user, name=_name(payload) or user, via="slack"),
        at=now,
        duration=SILENCE if kind is CommandKind.SILENCE else None,
    )


def _pressed(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actions = payload.get("actions")
    if not isinstance(actions, list):
        raise _Unusable("no actions")
    for action in actions[:25]:
        if not isinstance(action, Mapping) or not isinstance(action.get("action_id"), str):
            continue
        if action["action_id"] in ACTIONS and action.get("type", "button") == "button":
            return action
    raise _Unusable("no button of ours")


def _command_id(payload: Mapping[str, Any], action: Mapping[str, Any], user: str) -> str:
    """Equal for the same press: Slack sends it again, with the same trigger, when an answer was lost."""
    pressed_at = action.get("action_ts")
    trigger = payload.get("trigger_id")
    if not isinstance(pressed_at, str | int | float) and not isinstance(trigger, str):
        raise _Unusable("nothing tells this press from another")
    parts = (_text(payload, "team", "id"), user, action["action_id"], action["value"], str(pressed_at), str(trigger))
    return "slack-" + hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()[:32]


def _name(payload: Mapping[str, Any]) -> str:
    """The name shown, without what could break a line or a message."""
    name = _text(payload, "user", "name") or _text(payload, "user", "username")
    return _UNSHOWN.sub("", name).strip()[:80]


def _text(payload: Mapping[str, Any], outer: str, inner: str) -> str:
    within = payload.get(outer)
    value = within.get(inner) if isinstance(within, Mapping) else None
    return value if isinstance(value, str) else ""
