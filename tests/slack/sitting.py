"""Somebody at the strict Slack: they press, fill in windows, and see what comes back; no line in between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import PATIENCE, SlackFront
from buzzguard.deliver.slack_words import words
from buzzguard.model import Language
from buzzguard.ports import FrontDesk
from tests.slack.desk import FakeDesk
from tests.slack.strict_server import StrictSlack, block_actions
from tests.slack.windows import check_answer, filled
from tests.slack.workspace import BOT_TOKEN

Json = dict[str, Any]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Sitting:
    """A front before the strict Slack, at the desk of tests or a `real` one, and a person who speaks `language`."""

    def __init__(
        self,
        slack: StrictSlack,
        desk: FakeDesk | None = None,
        *,
        language: Language = "en",
        patience: float = PATIENCE,
        real: FrontDesk | None = None,
    ) -> None:
        self.slack = slack
        self.desk = desk or FakeDesk()
        self.front = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), real or self.desk, clock=ManualClock(NOW))
        self.front.patience = patience
        self.language = language
        self._presses = 0

    @property
    def window(self) -> Json:
        """The window opened last."""
        return self.slack.workspace.windows.opened[-1]

    @property
    def told(self) -> list[str]:
        """What was said to somebody alone."""
        return [str(one["text"]) for one in self.slack.workspace.state.ephemeral]

    async def press(self, action: str, what: str = "", *, incident: str = "inc-42", age: float = 0.0) -> None:
        """Press a button, or choose `what` in the card's menu; `age` is that of its trigger in seconds."""
        self._presses += 1
        own = words(self.language)
        label = own.menu[what] if action == "more" else own.button.get(action, "?")
        payload = block_actions(
            action=action,
            value=f"{incident}|{what}" if what else incident,
            label=label,
            menu=action == "more",
            trigger=self.slack.workspace.windows.trigger(age=age),
            action_ts=f"1795328475.{self._presses:06d}",
        )
        assert await self.front.take("interactive", payload) == {}

    async def submit(self, answers: Mapping[str, Any]) -> Json:
        """Fill in the window opened last and submit it; what Slack is answered."""
        body = await self.front.take("interactive", filled(self.window, answers))
        assert check_answer(self.window, body) == []
        await self.front.finish(5)
        return body
