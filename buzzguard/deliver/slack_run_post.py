"""Where the message of a run stands: in the card's thread, posted once, then edited in place.

Its place is kept in the memory of the card's delivery. A card posted anew has a new thread, and gets the run anew.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from buzzguard.deliver.slack_api import SlackRefused
from buzzguard.deliver.slack_lookup import Lookup, metadata_of
from buzzguard.model import Delivery, Notification
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

RUN = "run"
"""Under this the card's `extra` keeps where the run's message is: `<channel>/<timestamp>`."""
MESSAGE_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})
THREAD_GONE = frozenset({"thread_not_found", "message_not_found", "cannot_reply_to_message"}) | {
    "restricted_action_thread_locked",
    "restricted_action_non_threadable_channel",
}
Write = Callable[[str, Mapping[str, object]], Awaitable[dict[str, Any]]]
"""Calls a method of Slack with the run's message at this place."""


def kept(card: Delivery) -> dict[str, str]:
    """What the card's memory holds of the run."""
    return {RUN: card.extra[RUN]} if RUN in card.extra else {}


async def show_run(
    notification: Notification, card: Delivery, write: Write, lookup: Lookup, *, thread: str, uncertain: bool
) -> dict[str, str]:
    """Bring the run's message up to date, or post it in `thread` (empty: in the channel). Returns what the card's
    memory is to hold of it."""
    channel, _, ts = card.extra.get(RUN, "").partition("/")
    if ts:
        try:
            await write("chat.update", {"channel": channel, "ts": ts})
        except SlackRefused as refused:
            if refused.code not in MESSAGE_GONE:
                raise
            _log.warning("run.replaced", incident=notification.incident, reason=refused.code)
        else:
            return kept(card)
    found = await lookup.find(notification, card.place, thread=thread) if uncertain else None
    if found:
        return {RUN: f"{card.place}/{found}"}
    return {RUN: await _post(notification, card, write, thread)}


async def _post(notification: Notification, card: Delivery, write: Write, thread: str) -> str:
    place: dict[str, object] = {"channel": card.place, "metadata": metadata_of(notification)}
    place |= {"unfurl_links": False, "unfurl_media": False}
    try:
        answer = await write("chat.postMessage", place | ({"thread_ts": thread} if thread else {}))
    except SlackRefused as refused:
        if not thread or refused.code not in THREAD_GONE:
            raise
        # Better beside the thread than nowhere: people work with it.
        _log.warning("thread.lost", incident=notification.incident, reason=refused.code)
        answer = await write("chat.postMessage", place)
    return f"{answer.get('channel', card.place)}/{answer.get('ts', '')}"
