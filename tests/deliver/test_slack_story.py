"""Outbox, store and Slack together: whatever fails in between, each message stands in Slack exactly once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from buzzguard.clock import ManualClock
from buzzguard.config.settings import StoreSettings
from buzzguard.deliver.outbox import Outbox
from buzzguard.deliver.slack import SlackNotifier, SlackReceiver
from buzzguard.model import Effects, IncidentState, Notification, NotificationKind
from buzzguard.store.sql import SqlStore
from tests.deliver.samples import NOW, sample_card, sample_notification
from tests.slack.fixtures import Naps, settings
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL, OTHER_CHANNEL, Json, Workspace

RECEIVERS = {"comms": "slack", "boss": "slack"}


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        server.workspace.burst = 1000
        yield server


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


def _outbox(store: SqlStore, base_url: str, clock: ManualClock) -> Outbox:
    receivers = {"comms": SlackReceiver(channel=CHANNEL), "boss": SlackReceiver(channel=OTHER_CHANNEL)}
    to = SlackNotifier(settings(base_url), receivers, sleep=Naps())
    return Outbox(store, {"slack": to}, RECEIVERS, clock=clock, rng=random.Random(1))


def _night(receiver: str) -> list[Notification]:
    """A card, then three times news and an update."""
    notes = [sample_notification(receiver=receiver, key=f"{receiver}-card")]
    taken = sample_card(state=IncidentState.ACKNOWLEDGED)
    for index in range(3):
        for kind in (NotificationKind.NEWS, NotificationKind.UPDATE):
            key = f"{receiver}-{kind.value}-{index}"
            notes.append(sample_notification(kind, card=taken, receiver=receiver, key=key))
    return notes


_POSTED = ("card", "news-0", "news-1", "news-2")


async def _until_empty(store: SqlStore, outbox: Outbox, clock: ManualClock) -> None:
    for _ in range(200):
        again = await outbox.run_once()
        if await store.outbox_depth() == 0:
            return
        clock.set(again or clock.now() + timedelta(seconds=1))
    raise AssertionError("the outbox never emptied")


@pytest.mark.parametrize("seed", range(6))
async def test_under_random_faults_each_message_stands_once(store: SqlStore, slack: StrictSlack, seed: int) -> None:
    chance = random.Random(seed)
    faults: list[Json] = [
        {"drop": True},
        {"drop_after_processing": True},
        {"status": 503},
        {"status": 429, "retry_after": 3},
    ]
    for method in ("chat.postMessage", "chat.update", "conversations.history", "conversations.replies", "auth.test"):
        for _ in range(chance.randrange(8)):
            slack.fail_next(method, **chance.choice(faults))
    await store.commit(Effects(at=NOW, notifications=(*_night("comms"), *_night("boss"))), {})

    clock = ManualClock(NOW)
    await _until_empty(store, _outbox(store, slack.base_url, clock), clock)

    for channel, receiver in ((CHANNEL, "comms"), (OTHER_CHANNEL, "boss")):
        assert slack.workspace.keys(channel) == [f"{receiver}-{name}" for name in _POSTED]
        card, *news = slack.messages(channel)
        assert all(reply["thread_ts"] == card["ts"] for reply in news)
        assert card["edits"] >= 1


async def test_a_process_killed_between_post_and_record_posts_once(store: SqlStore, slack: StrictSlack) -> None:
    clock = ManualClock(NOW)
    await store.commit(Effects(at=NOW, notifications=(sample_notification(key="k"),)), {})
    for _ in range(3):
        running = asyncio.create_task(_outbox(store, slack.base_url, clock).run_once())
        while not slack.messages():
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    await _until_empty(store, _outbox(store, slack.base_url, clock), clock)
    assert slack.workspace.keys() == ["k"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start(port: int, state: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.slack.strict_server", "--port", str(port), "--state", str(state)]
    root = Path(__file__).parents[2]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(root)})
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"strict slack at")
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return process
    raise AssertionError("the server does not answer")


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


async def test_a_slack_killed_and_started_again_has_each_message_once(store: SqlStore, tmp_path: Path) -> None:
    port, state = _free_port(), tmp_path / "slack.json"
    clock = ManualClock(NOW)
    outbox = _outbox(store, f"http://127.0.0.1:{port}/api/", clock)
    process = _start(port, state)
    await store.commit(Effects(at=NOW, notifications=tuple(_night("comms"))), {})
    running = asyncio.create_task(outbox.run_once())
    while not Workspace(state_file=state).messages():
        await asyncio.sleep(0.005)
    _kill(process)
    clock.set(await running or clock.now())

    process = _start(port, state)
    await _until_empty(store, outbox, clock)
    _kill(process)

    assert Workspace(state_file=state).keys() == [f"comms-{name}" for name in _POSTED]
