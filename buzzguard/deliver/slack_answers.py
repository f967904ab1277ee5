"""What a person is told, and nobody else: why a press changed nothing, or that it did where nothing shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.errors import DeliveryError
from buzzguard.model import Record
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

UNANSWERED = frozenset({"repeated"})
"""The press was obeyed already: Slack delivered it again."""
_NOT_THERE = frozenset({"channel_not_found", "not_in_channel", "user_not_in_channel", "is_archived", "is_inactive"})


class Place(Record, frozen=True, kw_only=True):
    """Where somebody acted; an answer that only they see goes there, into the thread where there is one.

    `channel` is empty where they acted in no channel, in a Home for example: then they get a direct message.
    """

    user: str
    channel: str = ""
    thread: str = ""


async def tell(api: SlackApi, place: Place, text: str, *, blocks: Sequence[Mapping[str, Any]] = ()) -> None:
    """Say something to one person. `text` is mrkdwn, escaped. What Slack refuses is logged."""
    shown: dict[str, Any] = {"text": text} | ({"blocks": list(blocks)} if blocks else {})
    try:
        if not (place.channel and await _said_there(api, place, shown)):
            await api.call("chat.postMessage", json={"channel": place.user, **shown}, repeatable=False)
    except DeliveryError as error:
        _log.warning("answer.failed", channel=place.channel, reason=str(error))


async def _said_there(api: SlackApi, place: Place, shown: Mapping[str, Any]) -> bool:
    """Whether it was said where they acted; false where the app is not in the channel, or they are not any more."""
    thread = {"thread_ts": place.thread} if place.thread else {}
    try:
        await api.call("chat.postEphemeral", json={"channel": place.channel, "user": place.user, **shown, **thread})
    except SlackRefused as refused:
        if refused.code not in _NOT_THERE:
            raise
        return False
    return True
