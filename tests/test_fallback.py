"""A receiver that cannot be reached, through the whole chain: Slack is down, and the webhook tells why it rings."""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.clock import ManualClock
from buzzguard.config.settings import ReceiverSettings, StoreSettings
from buzzguard.daemon import Daemon
from buzzguard.deliver.fallback import FallbackWatch
from buzzguard.deliver.outbox import Outbox
from buzzguard.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain, StoreError
from buzzguard.model import (
    Batch,
    Cause,
    Command,
    CommandKind,
    Delivery,
    DeliveryState,
    Effects,
    Incident,
    Notification,
    NotificationKind,
    Severity,
    Transition,
)
from buzzguard.store.recalling import RecallStore
from buzzguard.store.sql import SqlStore
from tests.respond.scene import CLAIRE, Scene
from tests.respond.scene import policy as made_policy
from tests.running import RULE
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL, SIGNING_SECRET
from tests.small_world import NOW, assembly, mentions

RED = RULE.replace("severity: orange", "severity: red")
MINUTE = timedelta(minutes=1)
PATIENCE = 20


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SIGNING_SECRET)
    monkeypatch.setenv("INTAKE_TOKEN", "intake-secretintake-0001")
    monkeypatch.setenv("HOOK_SECRET", "s3cr3t-of-the-notifier-0123456789")


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


def _daemon(folder: Path, clock: ManualClock, slack: StrictSlack, hook: str) -> Daemon:
    room = {"notifier": "slack", "channel": CHANNEL, "fallback": {"after": "2m", "severity": "red", "to": ["pager"]}}
    notifier = {"kind": "slack", "token": {"env": "SLACK_TOKEN"}, "base_url": slack.base_url, "chart": False}
    made = assembly(
        folder,
        rule=RED,
        notifiers={
            "slack": notifier | {"signing_secret": {"env": "SLACK_SIGNING_SECRET"}},
            "hook": {"kind": "webhook", "signing_secret": {"env": "HOOK_SECRET"}},
        },
        receivers={"room": room, "pager": {"notifier": "hook", "url": hook}},
        tick="1h",
    )
    return Daemon(lambda: made, clock=clock, speed=100)


class Hook:
    """A program that takes webhooks."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/hook")
        self.taken: list[dict[str, Any]] = []
        server.expect_request("/hook").respond_with_handler(self._take)

    def _take(self, request: Request) -> Response:
        self.taken.append(json.loads(request.get_data()))
        return Response(status=204)

    @property
    def cards(self) -> list[str]:
        return [str(one["data"]) for one in self.taken if one["type"] == "incident.card"]


async def _until(happened: Any) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():
            await asyncio.sleep(0.01)


async def test_slack_is_down_at_red_and_the_fallback_tells_once_also_over_a_restart(
    tmp_path: Path, slack: StrictSlack, httpserver: HTTPServer
) -> None:
    hook, clock = Hook(httpserver), ManualClock(NOW)
    slack.stop()
    daemon = _daemon(tmp_path, clock, slack, hook.url)
    await daemon.start()
    try:
        await daemon.submit(Batch(mentions=mentions(3)))
        clock.advance(2 * MINUTE - timedelta(seconds=1))
        await asyncio.sleep(0.1)
        assert hook.taken == []
        clock.advance(timedelta(seconds=1))
        await _until(lambda: hook.cards)
        (incident,) = await daemon.store.incidents_open(clock.now())
    finally:
        await daemon.stop()
    clock.advance(10 * MINUTE)
    again = _daemon(tmp_path, clock, slack, hook.url)
    await again.start()
    try:
        await asyncio.sleep(0.1)
    finally:
        await again.stop()
    assert len(hook.cards) == 1
    assert "room (slack) could not be reached for 2 min." in hook.cards[0]
    await _kept(tmp_path, again, incident)


async def _kept(folder: Path, daemon: Daemon, incident: Incident) -> None:
    """The row that a timeline shows."""
    recall = await RecallStore.look_now(daemon.assembly.settings.store, now=NOW, base=folder)
    try:
        found = await recall.recall(incident.id)
    finally:
        await recall.close()
    assert found is not None
    moves = [move for move in found.transitions if move.cause is Cause.NOT_REACHED]
    assert [(move.detail["receiver"], move.detail["receivers"]) for move in moves] == [("room", "pager")]


async def test_slack_that_refuses_for_good_is_not_waited_for(
    tmp_path: Path, slack: StrictSlack, httpserver: HTTPServer
) -> None:
    hook, clock = Hook(httpserver), ManualClock(NOW)
    slack.fail_next("chat.postMessage", error="not_in_channel", times=1000)
    daemon = _daemon(tmp_path, clock, slack, hook.url)
    await daemon.start()
    try:
        await daemon.submit(Batch(mentions=mentions(3)))
        await _until(lambda: hook.cards)
    finally:
        await daemon.stop()
    assert "room (slack) did not take the message." in hook.cards[0]


# The law, over every night that Hypothesis can think of.


class Service:
    """A service that is up, down, loses answers or refuses; it looks before it repeats, as the strict ones do."""

    def __init__(self) -> None:
        self.mood = "up"
        self.out: dict[str, Notification] = {}
        self.times: dict[str, int] = {}

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: object
    ) -> Delivery:
        key = notification.key
        if self.mood == "refuses":
            raise DeliveryRefused("not in the channel")
        if self.mood == "down":
            raise DeliveryDelayed("down")
        if not (uncertain and key in self.out):
            self.times[key] = self.times.get(key, 0) + 1
        self.out[key] = notification
        if self.mood == "loses":
            raise DeliveryUncertain("the answer was lost")
        return Delivery(key=key, at=NOW, state=DeliveryState.DELIVERED, message=key)

    async def close(self) -> None:
        return


_TO = {"to": ["mail", "sms"]}
RECEIVERS = {
    "room": ReceiverSettings.model_validate({"notifier": "room", "fallback": _TO}),
    "mail": ReceiverSettings.model_validate({"notifier": "mail", "fallback": {"to": ["room", "sms"]}}),
    "sms": ReceiverSettings(notifier="sms"),
}
MOODS = ["up", "down", "loses", "refuses"]
ACTS = st.one_of(
    st.tuples(st.just("fire"), st.sampled_from(list(Severity))),
    st.tuples(st.sampled_from(["room", "mail", "sms"]), st.sampled_from(MOODS)),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 121, 1000])),
    st.tuples(st.just("click"), st.sampled_from([CommandKind.TAKE_CHARGE, CommandKind.SILENCE, CommandKind.RESOLVE])),
    st.tuples(st.sampled_from(["restart", "crash", "stop"]), st.none()),
)


class Night:
    """Response, store, outbox and watch as the daemon puts them together; any of them can be made anew."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.scene = Scene({"crisis": made_policy((0, "room"), (15, "room"))}, RECEIVERS)
        self.clock = ManualClock(self.scene.now)
        self.services = {name: Service() for name in RECEIVERS}
        self.moves: list[Transition] = []
        self.closed = False
        self.crashes = False
        self.begin()

    def begin(self) -> None:
        """A new start."""
        self.closed = False
        named = {name: one.notifier for name, one in RECEIVERS.items()}
        self.outbox = Outbox(self.store, self.services, named, clock=self.clock, rng=random.Random(1))
        self.watch = FallbackWatch(self.store, RECEIVERS, clock=self.clock, ask=self.ask)
        self.scene.restart()

    async def ask(self, command: Command) -> str | None:
        if self.closed:
            raise StoreError("stopping")
        if await self.store.known_commands([command.id]):
            return "repeated"
        self.scene.respond(commands=[command])
        await self.commit(command)
        if self.crashes:
            self.crashes = False
            raise StoreError("the answer was lost in a crash")
        return self.scene.last.refused[0][1] if self.scene.last.refused else None

    async def commit(self, *commands: Command) -> None:
        last = self.scene.last
        self.moves += last.transitions
        effects = Effects(
            at=self.scene.now,
            incidents=last.incidents,
            transitions=last.transitions,
            notifications=last.notifications,
            silences=last.silences,
            commands=commands,
        )
        await self.store.commit(effects, {})

    async def do(self, what: str, how: Any) -> None:
        if what in self.services:
            self.services[what].mood = how
        elif what == "fire":
            self.scene.fire(how.value, severity=how)
            await self.commit()
        elif what == "click" and self.scene.incidents:
            self.scene.ask(how, who=CLAIRE, duration=timedelta(hours=2))
            await self.commit()
        elif what == "restart":
            self.begin()
        elif what in ("stop", "crash"):
            self.closed, self.crashes = what == "stop", what == "crash"
        elif what == "wait":
            await self.wait(how)
        await self.settle()

    async def wait(self, seconds: int) -> None:
        self.scene.now = self.clock.advance(timedelta(seconds=seconds))
        self.scene.respond()
        await self.commit()

    async def settle(self) -> None:
        await self.outbox.run_once()
        await self.watch.look()
        await self.outbox.run_once()

    def told(self, receiver: str, incident: str) -> bool:
        """Whether it has the card."""
        found = [one for one in self.services[receiver].out.values() if one.receiver == receiver]
        return any(one.incident == incident and one.kind is NotificationKind.CARD for one in found)


async def _live(acts: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await SqlStore.open(StoreSettings(), base=Path(folder))
        try:
            night = Night(store)
            for what, how in acts:
                await night.do(what, how)
            await _morning(night)
        finally:
            await store.close()
    _nobody_was_told_twice(night)


async def _morning(night: Night) -> None:
    """Time goes on with a new start; whoever could be reached by then must have been."""
    night.crashes = False
    night.begin()
    for seconds in (130, 301, 301):
        await night.wait(seconds)
        await night.settle()
    reachable = [name for name in ("mail", "sms") if night.services[name].mood == "up"]
    for id, incident in night.scene.incidents.items():
        alone = incident.state.value == "triggered" and incident.severity is Severity.RED
        muted = incident.silenced_until is not None and incident.silenced_until > night.scene.now
        if alone and not muted and not night.told("room", id):
            assert all(night.told(name, id) for name in reachable), (id, reachable)


def _nobody_was_told_twice(night: Night) -> None:
    joined = [
        (move.incident, name)
        for move in night.moves
        if move.cause is Cause.NOT_REACHED
        for name in move.detail["receivers"].split(",")
    ]
    assert len(joined) == len(set(joined))
    for name in ("mail", "sms"):
        service = night.services[name]
        cards = [one.incident for one in service.out.values() if one.kind is NotificationKind.CARD]
        assert len(cards) == len(set(cards))
        assert all(times == 1 for times in service.times.values())


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(MOODS), st.lists(ACTS, max_size=14))
def test_no_failures_and_restarts_tell_a_fallback_twice_or_leave_a_red_card_untold(
    mood: str, acts: list[tuple[str, Any]]
) -> None:
    asyncio.run(_live([("room", mood), ("fire", Severity.RED), *acts]))
