"""How soon people in Slack are answered: 10,000 incidents and 200,000 mentions in the store, the real daemon behind.

`python -m tests.bench.answering [--incidents N] [--mentions N] [--calls N] [--json]`. Every press, modal, word of the
slash command and Home goes through the front of a running daemon, against the strict Slack; the time is from what
Slack hands over to what it is acknowledged with (for a Home: until the page is written).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import json
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from buzzguard.assembly import assemble
from buzzguard.clock import SystemClock
from buzzguard.config.settings import Settings
from buzzguard.daemon import Daemon
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from tests.bench.answering_store import TOPICS, fill
from tests.slack.strict_server import StrictSlack, block_actions
from tests.slack.windows import filled
from tests.slack.workspace import BOT_TOKEN, CHANNEL, Workspace

ROOT = Path(__file__).parents[2]
_PEOPLE = [f"U0PERSON{n:02}" for n in range(40)]
_numbers = itertools.count(1)

Call = Callable[[], Awaitable[object]]


def configuration(folder: Path, slack: str) -> Settings:
    """Forty topics, the shipped rules, a rota, and one channel of the strict Slack."""
    (folder / "rules").symlink_to(ROOT / "rules")
    return Settings.model_validate(
        {
            "language": "fr",
            "time_zone": "Europe/Paris",
            "topics": {id: {"name": f"Marque {id[5:]}", "query": id} for id in TOPICS},
            "notifiers": {
                "slack": {"kind": "slack", "token": {"env": "SLACK_TOKEN"}, "base_url": slack, "chart": False}
            },
            "receivers": {"room": {"notifier": "slack", "channel": CHANNEL}},
            "rotas": {"nights": {"layers": [{"members": ["room"]}]}},
            "departments": {
                "legal": {"members": _PEOPLE[:5], "notify": ["room"]},
                "communications": {"members": _PEOPLE[5:15]},
            },
            "policies": {"crisis": {"steps": [{"notify": ["room"]}], "repeat": 0}},
            "network": {"allow": ["127.0.0.1"]},
        }
    )


class Desk:
    """What people do, each of them a coroutine that ends when Slack has its answer."""

    def __init__(self, front: SlackFront, slack: StrictSlack, rng: random.Random) -> None:
        self.front, self.slack, self.rng = front, slack, rng
        self.open: list[str] = []

    async def refresh(self) -> None:
        """Know what is open."""
        self.open = [one.id for one in await self.front.desk.open_incidents(100)]

    def press(self, action: str) -> Call:
        """A button of a card."""

        async def call() -> None:
            await self.front.take("interactive", self._pressed(action))

        return call

    def modal(self, action: str, answers: dict[str, Any]) -> tuple[Call, Call]:
        """A modal that is opened, and one that is sent."""

        async def opened() -> None:
            before = len(self.slack.workspace.windows.opened)
            await self.front.take("interactive", self._pressed(action))
            assert len(self.slack.workspace.windows.opened) > before, f"{action}: no modal"

        async def sent() -> None:
            view = self.slack.workspace.windows.opened[-1]
            person = self.rng.choice(_PEOPLE)
            body = await self.front.take("interactive", filled(view, answers, user=person, name=person.lower()))
            assert body.get("response_action") != "errors", body

        return opened, sent

    def slash(self, *texts: str) -> Call:
        """A word of the slash command; `{open}` is an open incident, `{old}` one of any time, `{n}` a number."""

        async def call() -> None:
            text = self.rng.choice(texts).format(
                open=self.rng.choice(self.open), old=f"inc-{self.rng.randrange(9_000):05}", n=next(_numbers)
            )
            user = self.rng.choice(_PEOPLE)
            fields = {
                "command": "/buzz",
                "text": text,
                "user_id": user,
                "user_name": user.lower(),
                "team_id": "T0BUZZ0001",
            }
            fields |= {"team_domain": "lumio", "channel_id": CHANNEL, "trigger_id": self._trigger()}
            body = await self.front.take("command", fields)
            assert "blocks" in body or text in ("declare", "déclarer"), (text, body)

        return call

    async def home(self) -> None:
        """The app's page, until it is written."""
        await self.front.home.opened({"user": self.rng.choice(_PEOPLE), "tab": "home"})

    def _pressed(self, action: str) -> dict[str, Any]:
        user = self.rng.choice(_PEOPLE)
        stamp = f"1795{next(_numbers):06}.000100"
        payload = block_actions(
            action=action, value=self.rng.choice(self.open), user=user, name=user.lower(), action_ts=stamp
        )
        return {**payload, "trigger_id": self._trigger()}

    def _trigger(self) -> str:
        return self.slack.workspace.windows.trigger()


def calls(desk: Desk) -> Iterator[tuple[str, Call]]:
    """Everything that people do, by name; what ends an incident comes last."""
    yield "press: take charge", desk.press("take_charge")
    yield "press: escalate", desk.press("escalate")
    for action, answers in (
        ("note", {"text": "Le laboratoire a le produit."}),
        ("silence", {"reason": "la campagne"}),
        ("give", {"department": "legal"}),
    ):
        opened, sent = desk.modal(action, answers)
        yield f"modal: {action} opened", opened
        yield f"modal: {action} sent", sent
    yield "/buzz status", desk.slash("status", "statut", "status topic7")
    yield "/buzz oncall", desk.slash("garde")
    yield "/buzz why (incident)", desk.slash("why {open}", "pourquoi {old}")
    yield "/buzz why (rule)", desk.slash("why negative-surge")
    yield "/buzz search (found)", desk.slash("search batterie", "chercher la batterie prend feu")
    yield "/buzz search (rare)", desk.slash("search aiguille", "search nothing{n}")
    yield "/buzz mutes", desk.slash("mutes")
    yield "/buzz help", desk.slash("aide")
    yield "/buzz drill", desk.slash("drill", "drill bad-buzz topic7")
    yield "/buzz take", desk.slash("take {open}")
    yield "/buzz note", desk.slash("note {open} essai {n}")
    yield "/buzz mute", desk.slash("mute topic39 1h essai {n}")
    yield "/buzz declare", desk.slash("déclarer topic39 jaune essai {n}")
    yield "App Home", desk.home


async def measure(call: Call, times: int) -> list[float]:
    """Seconds of each call, in order of size. Between two, the daemon gets on with what they asked for."""
    taken: list[float] = []
    for _ in range(times):
        began = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - began)
        await asyncio.sleep(0.002)
    return sorted(taken)


async def run(given: argparse.Namespace, folder: Path, slack: StrictSlack) -> dict[str, dict[str, float]]:
    """Fill, start, and time everything."""
    settings, clock = configuration(folder, slack.base_url), SystemClock()
    await fill(folder, clock.now(), incidents=given.incidents, mentions=given.mentions)
    daemon = Daemon(lambda: assemble(settings, folder), clock=clock)
    await daemon.start()
    front = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), daemon.front, clock=clock)
    desk = Desk(front, slack, random.Random(7))
    found: dict[str, dict[str, float]] = {}
    try:
        for name, call in calls(desk):
            if given.only and given.only not in name:
                continue
            await desk.refresh()
            gc.collect()
            taken = await measure(call, given.calls)
            found[name] = {"p50": taken[len(taken) // 2], "p99": taken[int(len(taken) * 0.99)], "worst": taken[-1]}
            if not given.json:
                refused = f"  refused {len(front.refused)} {set(front.refused.values())}" if front.refused else ""
                front.refused.clear()
                print(
                    f"{name:28} "
                    + "  ".join(f"{key} {1_000 * value:7.1f} ms" for key, value in found[name].items())
                    + refused
                )
    finally:
        await front.close()
        await daemon.stop()
    return found


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--mentions", type=int, default=200_000)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--only", default="", help="what the name of a measure must hold")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    import logging

    from buzzguard import telemetry

    telemetry.configure_logging(json=False, level=logging.ERROR)
    os.environ["SLACK_TOKEN"] = BOT_TOKEN
    workspace = Workspace()
    workspace.burst = 1_000_000
    with tempfile.TemporaryDirectory() as name, StrictSlack(workspace) as slack:
        found = asyncio.run(run(given, Path(name), slack))
    if given.json:
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
