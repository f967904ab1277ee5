"""The whole way with a Slack that others wrote: a feed says it, Slack shows it, a person presses, the climb stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from tests.running import Daemon, Feed, settings, until, write
from tests.slack.local_slack import PERSON, LocalSlack, local_slack
from tests.slack.workspace import CHANNEL

__all__ = ["local_slack"]

pytestmark = pytest.mark.slack_peer

NEXT_STEP = 8.0
"""Seconds until the second step is told: enough to press a button, short enough to wait for."""
_HOSTILE = [
    "Acme lied to us, a disgusting fraud",
    "Boycott Acme, shame on them",
    "My Acme melted, this is dangerous",
    "Acme is a scandal",
]

Start = Callable[[LocalSlack], tuple[Daemon, Feed]]


@pytest.fixture
def start(tmp_path: Path, httpserver: HTTPServer) -> Iterator[Start]:
    """Starts the daemon on a feed that has said nothing hostile yet."""
    running: list[Daemon] = []

    def begin(slack: LocalSlack) -> tuple[Daemon, Feed]:
        feed = Feed(httpserver)
        feed.say("Acme opened a shop today")
        document = settings(feed=feed.url, slack=slack.base_url)
        document["notifiers"]["slack"] |= {"chart": True, "app_token": {"env": "SLACK_APP_TOKEN"}}
        document["receivers"]["boss"] = document["receivers"]["room"] | {"mention": PERSON}
        steps = [{"notify": ["room"]}, {"notify": ["boss"], "after": f"{NEXT_STEP:.0f}s"}]
        document["policies"]["crisis"]["steps"] = steps
        daemon = Daemon(write(tmp_path / "home", document))
        running.append(daemon)
        return daemon.ready(), feed

    (tmp_path / "home").mkdir()
    yield begin
    for daemon in running:
        daemon.kill()


def cards(slack: LocalSlack) -> list[dict[str, Any]]:
    """Messages that are no replies."""
    return [message for message in slack.messages() if not message.get("thread_ts") and not message.get("subtype")]


def replies(slack: LocalSlack, card: dict[str, Any]) -> list[dict[str, Any]]:
    """What was said in the thread of a card."""
    return [message for message in slack.messages() if message.get("thread_ts") == card["ts"]]


def test_from_a_feed_to_a_press_that_stops_the_climb(local_slack: LocalSlack, start: Start) -> None:
    daemon, feed = start(local_slack)
    until(lambda: feed.asked)
    feed.say(*_HOSTILE)
    (card,) = until(lambda: cards(local_slack))
    alerted = time.monotonic()
    assert "Acme" in str(card["blocks"])
    assert any("Acme lied" in str(block) for block in card["blocks"])
    assert any(block["type"] == "image" for block in card["blocks"])
    uploads = [line for line in local_slack.log() if line["summary"] == "files.completeUploadExternal"]
    assert len(uploads) == 1

    _press(local_slack, card, "take_charge")
    taken = until(lambda: daemon.said("incident.acknowledged_by_user"))
    assert taken[0]["who"] == PERSON
    assert time.monotonic() - alerted < NEXT_STEP, "the machine was too slow to press in time"
    edited = until(lambda: [one for one in cards(local_slack) if one.get("edited") and "laire" in str(one["blocks"])])
    assert [one["ts"] for one in edited] == [card["ts"]]
    news = until(lambda: replies(local_slack, card))
    assert any("laire" in one["text"] for one in news)

    time.sleep(max(0.0, alerted + NEXT_STEP + 3 - time.monotonic()))
    assert len(cards(local_slack)) == 1, "somebody has taken charge: the second step is told nothing"
    assert not daemon.said("incident.step_timed_out")
    status, _ = daemon.stop()
    assert status == 0


def test_without_a_press_the_second_step_is_told(local_slack: LocalSlack, start: Start) -> None:
    """The counterpart: what stops the climb above is the press and nothing else."""
    daemon, feed = start(local_slack)
    until(lambda: feed.asked)
    feed.say(*_HOSTILE)
    until(lambda: len(cards(local_slack)) == 2, seconds=NEXT_STEP + 20)
    assert daemon.said("incident.step_timed_out")
    assert {one["channel"] for one in cards(local_slack) if "channel" in one} <= {CHANNEL}


def _press(slack: LocalSlack, card: dict[str, Any], action: str) -> None:
    """Press in the background: the control answers only once the app has acknowledged."""
    presser = threading.Thread(target=slack.press, args=(card, action))
    presser.start()
    presser.join(10)
