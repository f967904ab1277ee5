"""What people do in Slack, whichever way it comes in: presses, modals, slash commands, events.

Socket Mode and signed HTTP requests hand everything to `SlackFront.take`; what it returns is the body of the
acknowledgement, within Slack's three seconds. What takes longer goes on behind it and answers by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, Literal, TypeAlias

from buzzguard.deliver.slack_actions import parse_action
from buzzguard.deliver.slack_answers import answer_press
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.ports import Clock, FrontDesk
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

Kind: TypeAlias = Literal["interactive", "command", "event"]
Body: TypeAlias = dict[str, Any]
PATIENCE = 2.0
"""Seconds that an acknowledgement waits for what was asked: after 3 s the person is shown a failure."""


class SlackFront:
    """One app in one workspace, at the daemon's front desk."""

    def __init__(self, api: SlackApi, desk: FrontDesk, *, clock: Clock) -> None:
        self.api = api
        self.desk = desk
        self.clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, kind: Kind, payload: Mapping[str, Any]) -> Body:
        """Do what is asked, or begin to; the body to acknowledge with, empty for none. Never raises."""
        handle = _HANDLERS.get(kind)
        return await handle(self, payload) if handle is not None else {}

    def begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let work go on behind the acknowledgement."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def finish(self, seconds: float) -> None:
        """Let what was acknowledged come to its end."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)


async def _interactive(front: SlackFront, payload: Mapping[str, Any]) -> Body:
    command = parse_action(payload, now=front.clock.now())
    if command is None:
        return {}

    async def obey() -> None:
        reason = await front.desk.command(command)
        if reason:
            await answer_press(front.api, payload, reason, language=front.desk.directory.language)

    await asyncio.wait([front.begin(obey())], timeout=PATIENCE)
    return {}


_HANDLERS: Mapping[str, Callable[[SlackFront, Mapping[str, Any]], Awaitable[Body]]] = {"interactive": _interactive}
