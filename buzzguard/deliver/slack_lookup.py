"""Is a message out already? Slack has no idempotency key: each message carries its notification's key as metadata."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.model import Letter, Notification
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

EVENT_TYPE = "buzzguard_notification"
_MARGIN = timedelta(minutes=10)
"""Slack's clock and ours may differ."""
_PAGE = 200
_MOST_PAGES = 10


def metadata_of(notification: Notification | Letter) -> dict[str, object]:
    """What a message carries so that it can be found again."""
    payload = {"key": notification.key, "incident": notification.incident}
    return {"event_type": EVENT_TYPE, "event_payload": payload}


class Lookup:
    """Finds what this app has posted."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._bot = ""

    async def find(self, notification: Notification | Letter, channel: str, *, thread: str = "") -> str | None:
        """The timestamp of the message that carries the notification's key, in `thread` or in the channel itself.

        None when there is none, and also when Slack refuses the look-up for good (a missing scope): then the message
        is sent again, since an alert lost is worse than one read twice. Raises DeliveryDelayed while it cannot know.
        """
        try:
            self._bot = self._bot or str((await self._api.call("auth.test")).get("bot_id") or "")
            if thread:
                found = await self._among(self._replies(channel, thread), notification.key)
                if found:
                    return found
            return await self._among(self._history(channel, notification.due_at - _MARGIN), notification.key)
        except SlackRefused as refused:
            _log.warning("lookup.refused", key=notification.key, channel=channel, reason=str(refused))
            return None

    async def _among(self, messages: AsyncIterator[Mapping[str, Any]], key: str) -> str | None:
        async for message in messages:
            if self._is_ours(message) and _key(message) == key:
                return str(message.get("ts", "")) or None
        return None

    def _is_ours(self, message: Mapping[str, Any]) -> bool:
        """Any app of the channel could post our key; only our own message counts."""
        return not self._bot or message.get("bot_id") in (None, self._bot)

    async def _history(self, channel: str, since: datetime) -> AsyncIterator[Mapping[str, Any]]:
        """Newest first, to before `since`. The first page is read whatever its times: clocks may lie."""
        async for page in self._pages("conversations.history", {"channel": channel}):
            for message in page:
                yield message
            if not page or _seconds(page[-1]) < since.timestamp():
                return

    async def _replies(self, channel: str, thread: str) -> AsyncIterator[Mapping[str, Any]]:
        try:
            async for page in self._pages("conversations.replies", {"channel": channel, "ts": thread}):
                for message in page:
                    yield message
        except SlackRefused as refused:
            if refused.code != "thread_not_found":
                raise

    async def _pages(self, method: str, wanted: Mapping[str, object]) -> AsyncIterator[list[Mapping[str, Any]]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            form = {**wanted, "limit": _PAGE, "include_all_metadata": "true"} | ({"cursor": cursor} if cursor else {})
            answer = await self._api.call(method, form=form)
            messages = answer.get("messages")
            yield [one for one in messages if isinstance(one, Mapping)] if isinstance(messages, list) else []
            metadata = answer.get("response_metadata")
            cursor = str(metadata.get("next_cursor") or "") if isinstance(metadata, Mapping) else ""
            if not cursor:
                return


def _key(message: Mapping[str, Any]) -> str:
    metadata = message.get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("event_type") != EVENT_TYPE:
        return ""
    payload = metadata.get("event_payload")
    return str(payload.get("key", "")) if isinstance(payload, Mapping) else ""


def _seconds(message: Mapping[str, Any]) -> float:
    try:
        return float(str(message.get("ts", "0")))
    except ValueError:
        return 0.0
