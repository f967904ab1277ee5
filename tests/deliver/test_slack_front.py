"""The front before hostile, late and repeated payloads: acknowledged in time, obeyed once, refused where it is seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click import Context, Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buzzguard.cli import main as cli
from buzzguard.deliver.slack_actions import ACTIONS
from buzzguard.deliver.slack_modals import MODALS, Modal
from buzzguard.deliver.slack_spoken import read
from buzzguard.deliver.slack_words import SlackWords, words
from buzzguard.deliver.wording.refusals import REFUSALS
from buzzguard.errors import StoreError
from buzzguard.model import CommandKind, IncidentState, Language
from tests.deliver.block_kit import utf16
from tests.slack.desk import FakeDesk, open_incident
from tests.slack.sitting import Sitting
from tests.slack.strict_server import StrictSlack, block_actions
from tests.slack.windows import filled
from tests.slack.workspace import CHANNEL

LANGUAGES: tuple[Language, ...] = ("en", "fr")


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


HURRIED = 0.02
"""Seconds that an acknowledgement waits where it is not to wait."""


# words


def test_both_languages_say_the_same_things() -> None:
    english, french = words("en"), words("fr")
    for name in ("button", "menu", "alarm", "option", "error", "notice", "modal"):
        assert getattr(english, name).keys() == getattr(french, name).keys()
    for name, modal in english.modal.items():
        other = french.modal[name]
        assert modal.fields.keys() == other.fields.keys()
        assert bool(modal.intro) == bool(other.intro)
        for field, texts in modal.fields.items():
            twin = other.fields[field]
            assert (bool(texts.hint), bool(texts.placeholder)) == (bool(twin.hint), bool(twin.placeholder))


@pytest.mark.parametrize("own", [words(language) for language in LANGUAGES])
def test_words_fit_where_they_stand(own: SlackWords) -> None:
    frame = [text for modal in own.modal.values() for text in (modal.title, modal.submit)]
    assert all(utf16(text) <= 24 for text in [*frame, own.close, own.done])
    assert all(utf16(text) <= 75 for text in [*own.button.values(), *own.menu.values(), *own.alarm.values()])
    assert own.modal.keys() - {"refused"} == MODALS.keys()


def test_french_typography_holds_its_signs() -> None:
    from buzzguard.deliver import slack_words_fr

    shown = repr(slack_words_fr.FR)
    assert not [sign for sign in ":;!?»" if f" {sign}" in shown]
    assert "« " not in shown


# opening


async def test_a_trigger_that_is_too_old_is_said_with_what_does_the_same(slack: StrictSlack) -> None:
    sitting = Sitting(slack, language="fr")
    await sitting.press("note", age=3.5)
    assert slack.workspace.windows.opened == []
    (told,) = sitting.told
    assert "n’a pas pu s’ouvrir" in told
    assert told.endswith("`/buzz noter inc-42 …`")
    await sitting.press("give", age=3.5)
    assert sitting.told[1].endswith("`buzzguard incident give inc-42 --to NAME`")


@pytest.mark.parametrize(("name", "modal"), [one for one in MODALS.items() if one[1].command])
def test_what_does_the_same_on_the_command_line_is_there(name: str, modal: Modal) -> None:
    group, verb, *given = modal.command.format(incident="inc-42").split()
    parent = cli.get_command(Context(cli), group)
    assert isinstance(parent, Group)
    command = parent.get_command(Context(parent), verb)
    assert command is not None, name
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in given if word.startswith("--")} <= known


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", list(words("en").slash))
def test_what_does_the_same_as_a_slash_command_is_understood(name: str, language: Language) -> None:
    verb = {"silence": "mute"}.get(name, name)
    spoken = read(words(language).slash[name].format(incident="inc-42", topic="lumio").removeprefix("/buzz "))
    assert spoken.verb == verb
    assert spoken.language in (None, language)


async def test_a_press_delivered_twice_opens_one_window_and_complains_of_nothing(slack: StrictSlack) -> None:
    sitting = Sitting(slack)
    press = block_actions(action="give", label="Give to…", trigger=slack.workspace.windows.trigger())
    for _ in range(2):
        await sitting.front.take("interactive", press)
    assert (len(slack.workspace.windows.opened), sitting.told) == (1, [])


@pytest.mark.parametrize("name", ["note", "give", "silence", "resolve", "dismiss", "room"])
async def test_nothing_is_opened_for_an_incident_that_is_over_unknown_or_out_of_reach(
    slack: StrictSlack, name: str
) -> None:
    over = Sitting(slack, FakeDesk(open_incident(state=IncidentState.RESOLVED)))
    await over.press(name)
    await over.press(name, incident="inc-99")
    over.desk.broken = True
    await over.press(name)
    assert slack.workspace.windows.opened == []
    assert [told[:24] for told in over.told] == [
        REFUSALS[one]["en"][:24] for one in ("already_final", "unknown_incident", "failed")
    ]


async def test_whoever_acts_where_the_app_is_not_gets_a_direct_message(slack: StrictSlack) -> None:
    sitting = Sitting(slack, FakeDesk(reason="already_owner"))
    slack.workspace.channels.append("U0CLAIRE01")
    slack.workspace.state.left.append(CHANNEL)
    await sitting.press("take_charge")
    await sitting.front.take("interactive", {**block_actions(), "channel": None, "container": {"type": "view"}})
    assert [message["text"] for message in slack.messages("U0CLAIRE01")] == [
        REFUSALS["already_owner"]["en"],
        REFUSALS["already_owner"]["fr"],
    ]


# obeying


@pytest.mark.parametrize("action", ["useful", "noise"])
async def test_a_judgement_is_thanked_for(slack: StrictSlack, action: str) -> None:
    sitting = Sitting(slack, language="fr")
    await sitting.press(action)
    assert sitting.desk.commands[0].kind is CommandKind.JUDGE
    assert sitting.told == [words("fr").notice[action]]


async def test_a_late_refusal_is_told_where_it_was_pressed(slack: StrictSlack) -> None:
    sitting = Sitting(slack, FakeDesk(reason="already_final"), patience=HURRIED)
    sitting.desk.gate.clear()
    await sitting.press("escalate")
    assert sitting.told == []
    sitting.desk.gate.set()
    await sitting.front.finish(5)
    assert sitting.told == [REFUSALS["already_final"]["en"]]


# submitting


async def test_a_refusal_is_shown_in_the_window_and_what_was_typed_stays(slack: StrictSlack) -> None:
    sitting = Sitting(slack, FakeDesk(reason="already_final"))
    await sitting.press("note")
    body = await sitting.submit({"text": "Called the shop"})
    assert body == {"response_action": "errors", "errors": {"text": REFUSALS["already_final"]["en"]}}


async def test_a_submission_that_takes_long_closes_its_window_and_the_refusal_follows(slack: StrictSlack) -> None:
    sitting = Sitting(slack, FakeDesk(reason="already_final"), patience=HURRIED)
    await sitting.press("note")
    sitting.desk.gate.clear()
    assert await sitting.front.take("interactive", filled(sitting.window, {"text": "Called"})) == {}
    sitting.desk.gate.set()
    await sitting.front.finish(5)
    assert sitting.told == [REFUSALS["already_final"]["en"]]


async def test_the_same_submission_is_the_same_command_and_another_is_not(slack: StrictSlack) -> None:
    sitting = Sitting(slack)
    await sitting.press("note")
    for text in ("Called", "Called", "Called again"):
        await sitting.submit({"text": text})
    first, again, other = (command.id for command in sitting.desk.commands)
    assert first == again != other


async def test_a_refused_submission_sent_again_is_refused_for_the_same_reason(slack: StrictSlack) -> None:
    """The core calls it repeated: without its memory the window would close as if all were well."""
    sitting = Sitting(slack, FakeDesk(reason="unknown_department"))
    await sitting.press("give")
    refused = await sitting.submit({"department": "legal"})
    sitting.desk.reason = "repeated"
    assert await sitting.submit({"department": "legal"}) == refused


@pytest.mark.parametrize(("fault", "reason"), [(StoreError("full"), "stopping"), (RuntimeError("x"), "failed")])
async def test_what_could_not_be_recorded_may_be_submitted_again(
    slack: StrictSlack, fault: Exception, reason: str
) -> None:
    sitting = Sitting(slack, FakeDesk(fault=fault))
    await sitting.press("note")
    body = await sitting.submit({"text": "Called"})
    assert body["errors"] == {"text": REFUSALS[reason]["en"]}
    sitting.desk.fault = None
    assert await sitting.submit({"text": "Called"}) == {}


@pytest.mark.parametrize(
    "metadata",
    ["", "{", "[]", '{"incident":"<!channel>"}', '{"incident":7}', '{"what":"a b"}', '{"language":"de"}', "[" * 900],
)
async def test_forged_metadata_is_refused_in_the_window(slack: StrictSlack, metadata: str) -> None:
    sitting = Sitting(slack)
    await sitting.press("note")
    payload = filled(sitting.window, {"text": "x"})
    payload["view"]["private_metadata"] = metadata
    body = await sitting.front.take("interactive", payload)
    assert "could not read" in str(body["view"]["blocks"])
    assert sitting.desk.commands == []


async def test_a_megabyte_of_text_is_cut_and_cleaned(slack: StrictSlack) -> None:
    sitting = Sitting(slack)
    await sitting.press("note")
    payload = filled(sitting.window, {"text": "x"})
    payload["view"]["state"]["values"]["text"]["value"]["value"] = (
        "\ud800\x00\u202e<!channel> first\nsecond" + "x" * 10**6
    )
    assert await sitting.front.take("interactive", payload) == {}
    (command,) = sitting.desk.commands
    assert command.reason.startswith("<!channel> first\nsecondxxx")
    assert len(command.reason.encode()) <= 3_000


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    name=st.sampled_from([*MODALS, "of another app"]),
    field=st.sampled_from(["person", "department", "for", "custom", "alerts", "into", "when", "f:1", "s:1", "text"]),
    key=st.sampled_from(["value", "selected_option", "selected_options", "selected_user", "selected_date_time"]),
    junk=_json,
)
async def test_no_submission_ever_raises(slack: StrictSlack, name: str, field: str, key: str, junk: Any) -> None:
    sitting = Sitting(slack)
    view = {
        "id": "V1",
        "callback_id": f"bg_{name}",
        "private_metadata": json.dumps({"incident": "inc-42"}),
        "state": {"values": {field: {"value": {key: junk}}, "junk": junk}},
    }
    payload = {**block_actions(), "type": "view_submission", "view": view}
    body = await sitting.front.take("interactive", payload)
    assert body.get("response_action") in (None, "errors", "update")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(["interactive", "command", "event", "?"]),
    type=st.sampled_from(["view_submission", "view_closed", "block_actions", "event_callback", "url_verification"]),
    junk=st.dictionaries(st.sampled_from(["view", "actions", "event", "event_id", "user", "challenge", "text"]), _json),
)
async def test_no_payload_ever_raises(slack: StrictSlack, kind: Any, type: str, junk: dict[str, Any]) -> None:
    sitting = Sitting(slack)
    assert isinstance(await sitting.front.take(kind, {"type": type, **junk}), dict)
    await sitting.front.finish(1)
    assert sitting.desk.commands == []


# events and commands


async def test_slack_is_told_that_this_is_the_address(slack: StrictSlack) -> None:
    asked = {"type": "url_verification", "challenge": "3eZbrw1aBm2r"}
    assert await Sitting(slack).front.take("event", asked) == {"challenge": "3eZbrw1aBm2r"}


async def test_an_event_delivered_again_is_heard_once(slack: StrictSlack) -> None:
    sitting = Sitting(slack)
    event = {"type": "app_home_opened", "user": "U0CLAIRE01", "tab": "home"}
    for _ in range(3):
        assert await sitting.front.take("event", {"type": "event_callback", "event_id": "Ev1", "event": event}) == {}
    await sitting.front.finish(5)
    await sitting.front.close()
    assert len(slack.workspace.called("views.publish")) == 1


async def test_a_slash_command_is_answered_once_and_a_slow_one_where_it_was_typed(slack: StrictSlack) -> None:
    sitting = Sitting(slack, patience=HURRIED)
    fields = {
        "command": "/buzz",
        "text": "take inc-42",
        "user_id": "U0CLAIRE01",
        "channel_id": CHANNEL,
        "trigger_id": "1.2.a",
    }
    sitting.desk.gate.clear()
    first = await sitting.front.take("command", fields)
    assert "longer than usual" in first["text"]
    assert await sitting.front.take("command", fields) == {}
    sitting.desk.gate.set()
    await sitting.front.finish(5)
    assert (len(sitting.desk.commands), len(sitting.told)) == (1, 1)


def test_the_buttons_of_older_cards_go_on_working() -> None:
    assert {"take_charge", "escalate", "silence_1h", "false_alarm"} <= ACTIONS.keys()
