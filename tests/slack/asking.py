"""Somebody who types `/buzz` at a desk of tests: what they are shown, which Slack would take."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_slash import answer
from buzzguard.model import (
    Language,
    Silence,
    Watch,
)
from tests.deliver.block_kit import check_message, texts_of
from tests.deliver.samples import CLAIRE, NOW
from tests.slack.desk import DIRECTORY, FakeDesk
from tests.slack.workspace import BOT_TOKEN, CHANNEL

HOUR = timedelta(hours=1)


class Told:
    """A front with a desk of tests; `ask` types and gives what is shown, as one text."""

    def __init__(self, desk: FakeDesk, base_url: str = "http://127.0.0.1:9/api/") -> None:
        self.desk = desk
        self.front = SlackFront(SlackApi(BOT_TOKEN, base_url), desk, clock=ManualClock(NOW))
        self.body: dict[str, Any] = {}

    async def ask(self, text: str, **more: str) -> str:
        """What is shown; whatever Slack would refuse fails."""
        fields = {
            "command": "/buzz",
            "text": text,
            "user_id": "U0CLAIRE01",
            "user_name": "claire",
            "team_id": "T0BUZZ0001",
            "team_domain": "lumio",
            "channel_id": CHANNEL,
            "trigger_id": "1.2.3",
        }
        self.body = await answer(self.front, fields | more)
        if not self.body:
            return ""
        assert self.body["response_type"] == "ephemeral"
        shown = {name: value for name, value in self.body.items() if name in ("text", "blocks")}
        assert check_message(shown) == []
        return "\n".join(text for _, text in texts_of(self.body["blocks"]))


def ask(desk: FakeDesk, text: str, **more: str) -> str:
    return asyncio.run(Told(desk).ask(text, **more))


def house(language: Language) -> FakeDesk:
    """A calm house that speaks this language."""
    desk = FakeDesk(directory=replace(DIRECTORY, language=language))
    desk.incidents = {}
    desk.watched = Watch(streams=12, polled_at=NOW - timedelta(minutes=2))
    return desk


def silence(id: str, **matched: str) -> Silence:
    plain = Silence(id=id, topic="", starts_at=NOW, ends_at=NOW + HOUR, who=CLAIRE)
    return replace(plain, **matched)
