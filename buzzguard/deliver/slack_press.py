"""The round trip of a button: posted, pressed by a person, heard by whoever listens, and gone.

Whoever hears the press deletes the message, be it a running daemon or the one who tries; that it is gone is the sign
that all of the way works. So nothing need be known of who listens, and no scope to read messages is needed.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_check import Finding, fault
from buzzguard.deliver.slack_check_words import check_word
from buzzguard.deliver.slack_front import Body, SlackFront
from buzzguard.deliver.slack_payload import SLACK_ID, STAMP, matching, part, text_at
from buzzguard.deliver.slack_socket import SlackListener, SocketSettings
from buzzguard.errors import DeliveryError
from buzzguard.model import Language
from buzzguard.ports import Clock
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

ACTION = "doctor_press"
Sleep = Callable[[float], Awaitable[object]]
_LOOK = 0.5
_PERSON = re.compile(r"[UW][A-Z0-9]{2,30}")


@dataclass(frozen=True)
class Trial:
    """How a button is tried: `settings` open a line of our own; None where somebody else listens."""

    api: SlackApi
    settings: SocketSettings | None
    clock: Clock
    language: Language
    wait: float
    sleep: Sleep = asyncio.sleep


def is_trial(payload: Mapping[str, Any]) -> bool:
    """Whether a press is that of a button that is being tried."""
    actions = part(payload, "actions")
    return isinstance(actions, list) and bool(actions) and text_at(actions[0], "action_id") == ACTION


async def answer_trial(api: SlackApi, payload: Mapping[str, Any]) -> None:
    """Let whoever tries the button know that its press was heard: the message goes."""
    channel = matching(SLACK_ID, text_at(payload, "channel", "id") or text_at(payload, "container", "channel_id"))
    stamp = matching(STAMP, text_at(payload, "container", "message_ts") or text_at(payload, "message", "ts"))
    if not channel or not stamp:
        return
    try:
        await api.call("chat.delete", json={"channel": channel, "ts": stamp})
    except DeliveryError as error:
        _log.warning("trial.unanswered", channel=channel, reason=str(error))


async def try_press(trial: Trial, *, channel: str, where: str) -> AsyncIterator[Finding]:
    """Post the button in a channel, or for the person `where` when it is empty, and wait for its press."""
    ear = _Ear(trial.api)
    try:
        channel = channel or await _direct(trial.api, where)
        stamp = await _post(trial, channel)
    except SlackRefused as refused:
        yield fault("press", check_word("press_where", trial.language, where=where), refused, trial.language)
        return
    except DeliveryError as error:
        yield fault("press", check_word("press_where", trial.language, where=where), error, trial.language)
        return
    except LookupError:
        yield Finding(mark="fault", about="press", text=check_word("press_nowhere", trial.language))
        return
    yield Finding(
        mark="hint",
        about="press",
        text=check_word("press_sent", trial.language, where=where, n=f"{trial.wait:.0f}"),
    )
    listener = None if trial.settings is None else SlackListener(trial.settings, cast("SlackFront", ear))
    if listener is not None:
        await listener.start()
    try:
        yield await _outcome(trial, channel, stamp)
    finally:
        if listener is not None:
            await listener.stop()
    if ear.others:
        text = check_word("stolen", trial.language, n=str(ear.others))
        yield Finding(mark="hint", about="press", text=text, todo=check_word("stolen_todo", trial.language))


class _Ear:
    """Stands where the front stands, for the one button."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self.others = 0

    async def take(self, kind: str, payload: Mapping[str, Any]) -> Body:
        if kind == "interactive" and is_trial(payload):
            await answer_trial(self._api, payload)
        elif kind != "event":
            self.others += 1
        return {}

    def missed(self, payload: Mapping[str, Any], body: Body) -> None:
        """Nothing was promised to anybody."""

    async def finish(self, seconds: float) -> None:
        """Nothing goes on behind an acknowledgement."""


async def _outcome(trial: Trial, channel: str, stamp: str) -> Finding:
    began = trial.clock.monotonic()
    while trial.clock.monotonic() - began < trial.wait:
        if not await _stands(trial.api, channel, stamp):
            seconds = f"{max(1, round(trial.clock.monotonic() - began))}"
            return Finding(mark="sound", about="press", text=check_word("pressed", trial.language, n=seconds))
        await trial.sleep(_LOOK)
    try:
        await trial.api.call("chat.delete", json={"channel": channel, "ts": stamp})
    except DeliveryError as error:
        _log.info("trial.left", channel=channel, reason=str(error))
    text = check_word("unpressed", trial.language, n=f"{trial.wait:.0f}")
    return Finding(mark="fault", about="press", text=text, todo=check_word("unpressed_todo", trial.language))


async def _stands(api: SlackApi, channel: str, stamp: str) -> bool:
    try:
        await api.call("chat.getPermalink", form={"channel": channel, "message_ts": stamp})
    except SlackRefused as refused:
        return refused.code != "message_not_found"
    except DeliveryError:
        return True
    return True


async def _direct(api: SlackApi, who: str) -> str:
    """The channel of direct messages with a person. Raises LookupError for what is none."""
    if not _PERSON.fullmatch(who):
        raise LookupError(who)
    answer = await api.call("conversations.open", form={"users": who})
    return text_at(answer, "channel", "id")


async def _post(trial: Trial, channel: str) -> str:
    text = check_word("press_ask", trial.language)
    label = {"type": "plain_text", "text": check_word("press_button", trial.language), "emoji": True}
    button = {"type": "button", "action_id": ACTION, "value": "doctor", "text": label, "style": "primary"}
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text}},
        {"type": "actions", "elements": [button]},
    ]
    message = {"channel": channel, "text": text, "blocks": blocks}
    return text_at(await trial.api.call("chat.postMessage", json=message, repeatable=False), "ts")
