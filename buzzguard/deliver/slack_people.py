"""People whose name the app may not ask for: Slack itself shows it, where their id stands as a mention."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from buzzguard.deliver.slack_payload import PERSON_ID
from buzzguard.model import Card, Person

Block = dict[str, Any]


def show_people(blocks: list[Block], card: Card) -> list[Block]:
    """The blocks with the ids of the nameless people of a card as mentions, in mrkdwn alone."""
    nameless = {one.id for one in _people(card) if not one.name and one.via == "slack" and PERSON_ID.fullmatch(one.id)}
    if not nameless:
        return blocks
    bare = re.compile(rf"(?<![A-Z0-9@])({'|'.join(sorted(nameless))})(?![A-Z0-9])")
    return [_shown(block, bare) for block in blocks]


def _people(card: Card) -> Iterable[Person]:
    everybody = (card.incident.owner, *card.incident.acknowledged_by, *(news.who for news in card.news))
    return (one for one in everybody if one is not None)


def _shown(part: Any, bare: re.Pattern[str]) -> Any:
    if isinstance(part, list):
        return [_shown(one, bare) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "mrkdwn":
        return {**part, "text": bare.sub(r"<@\1>", part["text"])}
    return {name: _shown(value, bare) for name, value in part.items()}
