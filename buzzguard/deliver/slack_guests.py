"""Who acts from outside: in a channel shared with another workspace (Slack Connect) its people see our buttons too.

They may act where the house has named them in a department, as it does its agency; nobody else's word counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from buzzguard.deliver.slack_actions import language_of
from buzzguard.deliver.slack_answers import Place
from buzzguard.deliver.slack_payload import PERSON_ID, SLACK_ID, STAMP, matching, part, text_at
from buzzguard.deliver.slack_views import read_meta
from buzzguard.deliver.wording.refusals import refusal
from buzzguard.errors import DeliveryError
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

_log = get_logger("deliver.slack")

_PATIENCE = 1.0


async def turned_away(front: SlackFront, payload: Mapping[str, Any]) -> bool:
    """Whether whoever acts is of another workspace and of no department; then they are told so."""
    id = matching(PERSON_ID, text_at(payload, "user", "id"))
    team, theirs = text_at(payload, "team", "id"), text_at(payload, "user", "team_id")
    if not id or not theirs or team == theirs:
        return False
    departments = front.desk.directory.departments.values()
    if any(id in one.members for one in departments) or await _is_ours(front, id, payload):
        return False
    _log.warning("guest.refused", who=id, team=matching(SLACK_ID, theirs))
    front.begin(_tell(front, id, payload))
    return True


async def _is_ours(front: SlackFront, id: str, payload: Mapping[str, Any]) -> bool:
    """Whether Slack knows them as no stranger, or as somebody of the same organisation; not where it does not say."""
    try:
        told = await asyncio.wait_for(front.api.call("users.info", form={"user": id}), _PATIENCE)
    except (DeliveryError, TimeoutError):
        return False
    house = text_at(payload, "enterprise", "id")
    if house and text_at(told, "user", "enterprise_user", "enterprise_id") == house:
        return True
    return part(told, "user", "is_stranger") is False


async def _tell(front: SlackFront, id: str, payload: Mapping[str, Any]) -> None:
    actions, meta = part(payload, "actions"), read_meta(part(payload, "view"))
    pressed = actions[0] if isinstance(actions, list) and actions else None
    language = front.language_for(meta.language if meta else language_of(payload, pressed))
    channel = text_at(payload, "channel", "id") or text_at(payload, "container", "channel_id")
    thread = text_at(payload, "message", "thread_ts") or text_at(payload, "container", "thread_ts")
    place = Place(user=id, channel=matching(SLACK_ID, channel), thread=matching(STAMP, thread))
    await front.tell(place, refusal("guest", language))
