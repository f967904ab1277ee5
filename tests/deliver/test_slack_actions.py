"""A pressed button becomes a command; anything else becomes nothing, whatever its shape."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver import slack_ids as ids
from buzzguard.deliver.blocks import render_card
from buzzguard.deliver.slack_actions import (
    ACTIONS,
    command_of,
    parse_action,
    parse_press,
    parse_request,
    verify_signature,
)
from buzzguard.model import (
    Asked,
    Command,
    CommandKind,
    DraftAct,
    DraftVerdict,
    Language,
    Person,
    StepMark,
    StepState,
    Usefulness,
)
from tests.deliver.samples import INCIDENT, sample_card
from tests.slack.strict_server import block_actions, sign
from tests.slack.workspace import CHANNEL, SIGNING_SECRET

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
AT = int(NOW.timestamp())


def _pressed(**changed: Any) -> Command | None:
    return parse_action(block_actions(**changed), now=NOW)


@pytest.mark.parametrize(("action", "kind"), ACTIONS.items())
def test_each_button_asks_for_its_command(action: str, kind: CommandKind) -> None:
    parted = action in ids.STEP_ACTIONS | ids.DRAFT_ACTIONS
    command = _pressed(action=action, value=ids.value_of(INCIDENT, "3") if parted else INCIDENT)
    assert command is not None
    assert (command.kind, command.incident, command.at) == (kind, INCIDENT, NOW)
    assert command.who == Person(id="U0CLAIRE01", name="claire", via="slack")
    assert command.duration == (timedelta(hours=1) if kind is CommandKind.SILENCE else None)


@pytest.mark.parametrize(
    ("action", "asked"),
    [
        (ids.STEP_DONE, StepMark(step="3", state=StepState.DONE)),
        (ids.STEP_SKIP, StepMark(step="3", state=StepState.SKIPPED)),
        (ids.STEP_OPEN, StepMark(step="3", state=StepState.OPEN)),
        (ids.DRAFT_APPROVE, DraftVerdict(draft="3", act=DraftAct.APPROVE)),
        (ids.DRAFT_PUBLISH, DraftVerdict(draft="3", act=DraftAct.PUBLISH)),
    ],
)
@pytest.mark.parametrize("menu", [False, True])
def test_what_is_meant_of_the_incident_stands_in_the_value(action: str, asked: Asked, menu: bool) -> None:
    command = _pressed(action=action, value=ids.value_of(INCIDENT, "3"), menu=menu)
    assert command is not None
    assert command.asked == asked


def test_an_approval_names_the_department_that_was_asked() -> None:
    command = _pressed(action=ids.DRAFT_APPROVE, value=ids.approval_of(INCIDENT, "drf-1", "legal"))
    assert command is not None
    assert command.asked == DraftVerdict(draft="drf-1", act=DraftAct.APPROVE, department="legal")


@pytest.mark.parametrize("useful", [True, False])
def test_an_alert_is_judged_useful_or_noise(useful: bool) -> None:
    command = _pressed(action="useful" if useful else "noise")
    assert command is not None
    assert command.asked == Usefulness(useful=useful)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_button_of_a_card_is_understood(language: Language) -> None:
    blocks = render_card(sample_card(language=language), chart_file=None).blocks
    elements = [element for block in blocks if block["type"] == "actions" for element in block["elements"]]
    pressed = [(one["action_id"], one["value"], one["text"]["text"], False) for one in elements if "value" in one]
    pressed += [
        (one["action_id"], option["value"], option["text"]["text"], True)
        for one in elements
        for option in one.get("options", ())
    ]
    assert len(pressed) > 12
    for action, value, label, menu in pressed:
        press = parse_press(block_actions(action=action, value=value, label=label, menu=menu))
        assert press is not None
        assert (press.incident, press.language) == (INCIDENT, language)
        assert bool(press.modal) is (command_of(press, NOW) is None)


def test_the_same_press_is_recognised_and_another_is_not() -> None:
    first = _pressed()
    assert first == _pressed()
    others = [_pressed(user="U0MARC0001"), _pressed(action_ts="1795328476.1"), _pressed(action="escalate")]
    others.append(_pressed(value="inc-43"))
    assert first is not None
    assert len({first.id, *(other.id for other in others if other)}) == 5


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "open_link"},
        {"action": ""},
        {"value": ""},
        {"value": "a b"},
        {"value": "x" * 201},
        {"value": "<!channel>"},
        {"user": ""},
        {"user": "<@U1>"},
        {"user": "U1\n"},
    ],
)
def test_a_press_that_makes_no_sense_is_ignored(changed: dict[str, Any]) -> None:
    assert _pressed(**changed) is None


@pytest.mark.parametrize("payload", [{}, {"type": "view_submission"}, {"type": "block_actions"}, [], None, "x", 7])
def test_what_is_no_press_is_ignored(payload: Any) -> None:
    assert parse_action(payload, now=NOW) is None


def test_a_name_cannot_break_out_of_its_line() -> None:
    command = _pressed(name="<!channel>\n\u202eclaire\x00" + "x" * 500)
    assert command is not None
    assert command.who.name.startswith("!channel claire")
    assert len(command.who.name) <= 80
    nameless = _pressed(name="\u202e")
    assert nameless is not None
    assert nameless.who.name == "U0CLAIRE01"


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(part=st.sampled_from(["type", "team", "user", "actions", "trigger_id", "channel", "container"]), junk=_json)
def test_no_payload_ever_raises(part: str, junk: Any) -> None:
    payload = {**block_actions(), part: junk}
    command = parse_action(payload, now=NOW)
    assert command is None or command.id.startswith("slack-")


@given(junk=st.dictionaries(st.sampled_from(["action_id", "value", "type", "action_ts"]), _json))
def test_no_action_ever_raises(junk: dict[str, Any]) -> None:
    payload = block_actions()
    payload["actions"] = [{**payload["actions"][0], **junk}]
    command = parse_action(payload, now=NOW)
    assert command is None or command.incident


def test_where_it_was_pressed_is_known_where_slack_says_so() -> None:
    press = parse_press(block_actions())
    assert press is not None
    assert (press.channel, press.message, press.thread) == (CHANNEL, "1795328460.000247", "")
    homeless = parse_press({**block_actions(), "channel": None, "container": {"type": "view"}, "message": 7})
    assert homeless is not None
    assert (homeless.channel, homeless.message) == ("", "")


# over HTTP


def test_a_request_is_read_from_its_form() -> None:
    body = urlencode({"payload": json.dumps(block_actions())}).encode()
    assert parse_request(body, now=NOW) == _pressed()


@pytest.mark.parametrize(
    "body", [b"", b"payload=", b"payload=%7B", b"payload=[]", b"\xff\xfe", b"payload=" + b"[" * 100_000, b"a=1&" * 99]
)
def test_a_body_that_is_none_is_ignored(body: bytes) -> None:
    assert parse_request(body, now=NOW) is None


def _signed(body: bytes, at: int = AT, secret: str = SIGNING_SECRET) -> tuple[str, str]:
    headers = sign(body, at, secret)
    return headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]


@given(body=st.binary(max_size=200), late=st.integers(-300, 300))
def test_what_slack_signed_is_accepted(body: bytes, late: int) -> None:
    timestamp, signature = _signed(body, AT + late)
    assert verify_signature(SIGNING_SECRET, timestamp, body, signature, NOW)


def test_the_published_example_is_accepted() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
        b"channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
        b"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
        b"trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    at = datetime.fromtimestamp(1531420618, UTC)
    assert verify_signature(SIGNING_SECRET, "1531420618", body, signature, at)


@pytest.mark.parametrize("late", [-301, 301, -86_400])
def test_an_old_or_future_request_is_refused(late: int) -> None:
    timestamp, signature = _signed(b"x", AT + late)
    assert not verify_signature(SIGNING_SECRET, timestamp, b"x", signature, NOW)


@given(timestamp=st.text(max_size=15), signature=st.text(max_size=70), secret=st.text(max_size=5))
def test_what_slack_did_not_sign_is_refused_and_never_raises(timestamp: str, signature: str, secret: str) -> None:
    assert not verify_signature(secret, timestamp, b"x", signature, NOW)
    assert not verify_signature(SIGNING_SECRET, str(AT), b"x", signature, NOW)


def test_a_changed_body_another_secret_or_no_secret_is_refused() -> None:
    timestamp, signature = _signed(b"x")
    assert not verify_signature(SIGNING_SECRET, timestamp, b"y", signature, NOW)
    assert not verify_signature("another", timestamp, b"x", signature, NOW)
    assert not verify_signature("", *_signed(b"x", secret="")[:1], b"x", _signed(b"x", secret="")[1], NOW)
