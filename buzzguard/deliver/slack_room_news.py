"""A crisis room is told like any receiver, and keeps its card pinned and its topic true.

Neither may cost a message: the card is out already when they are done. What Slack refuses for good is said in the room,
once; what passes is done with the next edit.
"""

from __future__ import annotations

from msgspec.structs import replace

from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_room_words import missing_line, room_topic, room_word
from buzzguard.deliver.wording import FINAL
from buzzguard.errors import DeliveryDelayed, DeliveryError
from buzzguard.model import Card, Delivery, Notification, NotificationKind
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

_PINNED, _TOPIC, _UNPINNABLE, _UNTOPICAL = "room_pinned", "room_topic", "room_unpinnable", "room_untopical"
"""What the card's delivery remembers: the message pinned, the topic set last, and what was refused and told."""


def room_channel(notification: Notification) -> str:
    """The channel of the incident's room where the notification is for it; empty for any other receiver."""
    room = notification.card.incident.room
    return room.place if room is not None and room.receiver == notification.receiver else ""


class RoomNews:
    """Follows up on what was delivered to a room."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api

    async def settle(self, notification: Notification, delivery: Delivery, *, before: Delivery | None) -> Delivery:
        """Pin the card and set the topic where that is not done; the delivery, with what is remembered of it.

        `before` is the card that stood until now. Raises DeliveryDelayed when an incident has ended and its topic
        could not be set for now: no later edit would, and the same edit made again harms nobody.
        """
        news = notification.kind not in (NotificationKind.CARD, NotificationKind.UPDATE)
        if not room_channel(notification) or (news and before is not None):
            return delivery
        card = notification.card
        known = {name: value for name, value in (before.extra if before else {}).items() if name.startswith("room_")}
        known |= await self._pin(card, delivery, known)
        try:
            known |= await self._set_topic(card, delivery, known)
        except DeliveryDelayed:
            if card.incident.state in FINAL and before is not None and before.message == delivery.message:
                raise
        return replace(delivery, extra=dict(delivery.extra) | known)

    async def _pin(self, card: Card, delivery: Delivery, known: dict[str, str]) -> dict[str, str]:
        if known.get(_PINNED) == delivery.message or known.get(_UNPINNABLE):
            return {}
        try:
            await self._api.call("pins.add", json={"channel": delivery.place, "timestamp": delivery.message})
        except SlackRefused as refused:
            if refused.code != "already_pinned":
                await self._tell(card, delivery, "pin", refused)
                return {_UNPINNABLE: "1"}
        except DeliveryError as error:
            _log.info("room.unpinned", channel=delivery.place, reason=str(error))
            return {}
        return {_PINNED: delivery.message}

    async def _set_topic(self, card: Card, delivery: Delivery, known: dict[str, str]) -> dict[str, str]:
        topic = room_topic(card)
        if known.get(_TOPIC) == topic or known.get(_UNTOPICAL):
            return {}
        try:
            await self._api.call("conversations.setTopic", json={"channel": delivery.place, "topic": topic})
        except SlackRefused as refused:
            await self._tell(card, delivery, "topic", refused)
            return {_UNTOPICAL: "1"}
        return {_TOPIC: topic}

    async def _tell(self, card: Card, delivery: Delivery, part: str, refused: SlackRefused) -> None:
        """Say in the room what is missing."""
        _log.warning("room.incomplete", channel=delivery.place, part=part, reason=str(refused))
        text = f"⚠️ {missing_line(room_word(part, card.language), refused, card.language)}"
        try:
            await self._api.call("chat.postMessage", json={"channel": delivery.place, "text": text}, repeatable=False)
        except DeliveryError as error:
            _log.info("room.untold", channel=delivery.place, reason=str(error))
