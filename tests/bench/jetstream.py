"""How much of a core Bluesky's stream costs: `python -m tests.bench.jetstream [--rate 2000] [--seconds 60] [--json]`.

A server in a process of its own makes up events as Jetstream's classic wire writes them (posts, deletions, identities,
accounts; one post in fifty names one of 300 topics) and sends them at the asked rate, hanging up on the way. Measured
is the process that reads: its time on the processor, what it missed or brought twice, how far behind it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import statistics
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from time import monotonic, process_time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

from buzzguard.collect.bluesky_jetstream import BlueskyJetstreamSource
from buzzguard.collect.bluesky_memory import load_place
from buzzguard.collect.bluesky_posts import instant
from buzzguard.collect.http import HttpClient
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings, TopicSettings
from buzzguard.errors import SourceUnavailable
from buzzguard.understand.asking import Asking
from tests.bench.understand import ENGLISH_TEXTS, FRENCH_TEXTS
from tests.collect.worlds.bluesky_jetstream import micro, tid

TOPICS = 300
NAMED = 50
"""One post in so many names a topic."""
PORT = 18_791
BREAKS = 2
_SENTENCES = [part.strip() for part in (ENGLISH_TEXTS + "|" + FRENCH_TEXTS).split("|")]
SHAPES = (
    '({name} OR "maison {name}" OR #{name}) NOT ("offre emploi" OR hiring)',
    '{name} ("service client" OR remboursement OR refund OR {name}) -kind:repost',
    "({name} OR {name}officiel) lang:(fr OR en)",
    "{name} NEAR/8 (rappel* OR recall* OR boycot* OR {name}) OR {name}",
)


def topics() -> dict[str, TopicSettings]:
    """Brands with queries of the shapes that comms teams write."""
    return {
        f"t{index}": TopicSettings(name=name(index), query=SHAPES[index % len(SHAPES)].format(name=name(index)))
        for index in range(TOPICS)
    }


def name(index: int) -> str:
    """The name of a brand."""
    return f"lumio{index}"


def said(number: int) -> str | None:
    """The text of event `number`, with its number; None when it is no post."""
    chance = random.Random(number)
    if chance.random() < 0.18:
        return None
    parts = chance.choices(_SENTENCES, k=chance.randint(1, 3))
    if number % NAMED == 0:
        parts.insert(chance.randint(0, len(parts)), name(chance.randrange(TOPICS)).title())
    return f"{'. '.join(parts)} n°{number}"


def event(number: int, at: datetime) -> dict[str, Any]:
    """Event `number`, seen at `at`."""
    did = f"did:plc:{random.Random(number // 3).getrandbits(110):024x}"[:32]
    told: dict[str, Any] = {"did": did, "time_us": micro(at)}
    text = said(number)
    if text is not None:
        facet: dict[str, Any] = {
            "index": {"byteStart": 0, "byteEnd": 6},
            "features": [{"$type": "app.bsky.richtext.facet#tag"}],
        }
        record: dict[str, Any] = {
            "$type": "app.bsky.feed.post",
            "createdAt": at.isoformat(),
            "langs": ["fr"],
            "text": text,
        }
        record |= {"facets": [facet]}
        commit = {"rev": tid(at), "operation": "create", "collection": "app.bsky.feed.post", "rkey": tid(at)}
        return told | {"kind": "commit", "commit": commit | {"cid": "bafyrei" + "x" * 52, "record": record}}
    if number % 3:
        gone = {"rev": tid(at), "operation": "delete", "collection": "app.bsky.feed.post"}
        return told | {"kind": "commit", "commit": gone | {"rkey": tid(at - timedelta(days=number % 90, seconds=9))}}
    if number % 2:
        return told | {"kind": "identity", "identity": {"did": did, "handle": f"n{number}.example", "seq": number}}
    return told | {"kind": "account", "account": {"active": False, "status": "deactivated", "did": did}}


def serve_events(rate: int, seconds: int, ready: Event) -> None:
    """Be the server. Events exist whether or not somebody listens; whoever connects gets those after the cursor."""
    from websockets.asyncio.server import ServerConnection, serve
    from websockets.exceptions import ConnectionClosed

    encode = msgspec.json.Encoder().encode
    began = datetime.now(UTC) + timedelta(seconds=3)
    most = rate * seconds
    breaks = [most * (place + 1) // (BREAKS + 1) for place in range(BREAKS)]

    async def talk(connection: ServerConnection) -> None:
        assert connection.request is not None
        cursor = int(parse_qs(urlsplit(connection.request.path).query)["cursor"][0])
        number = max(0, -(-(cursor - micro(began)) * rate // 1_000_000))
        try:
            while True:
                due = int((datetime.now(UTC) - began).total_seconds() * rate)
                while number < min(due, most):
                    at = began + timedelta(microseconds=number * 1_000_000 // rate)
                    await connection.send(encode(event(number, at)).decode())
                    number += 1
                    if breaks and number >= breaks[0]:
                        breaks.pop(0)
                        connection.transport.abort()
                await asyncio.sleep(0.01)
        except ConnectionClosed:
            return

    async def run() -> None:
        async with serve(talk, "127.0.0.1", PORT):
            ready.set()
            await asyncio.sleep(seconds + 60)

    asyncio.run(run())


def expected(rate: int, seconds: int) -> Iterator[int]:
    """The numbers of the events that have to come."""
    return (number for number in range(0, rate * seconds, NAMED) if said(number) is not None)


async def read(rate: int, seconds: int) -> dict[str, Any]:
    """Be the watch."""
    http = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    settings = BlueskyJetstreamSource.Settings(hosts=(f"ws://localhost:{PORT}/subscribe",), profiles="")
    tools = Tools(http, wanted=Asking(topics()).wanted(), patience=timedelta(seconds=15))
    source = BlueskyJetstreamSource("s", settings, common=StreamSettings(source="bluesky_jetstream"), tools=tools)
    wanted = set(expected(rate, seconds))
    found: Counter[int] = Counter()
    lags: list[float] = []
    polls = deleted = broken = 0
    cursor, opened = "", datetime.now(UTC)
    began, used = monotonic(), process_time()
    while monotonic() - began < seconds + 3.5 or (len(found) < len(wanted) and monotonic() - began < seconds + 30):
        try:
            fetched = await source.fetch(cursor, datetime.now(UTC))
        except SourceUnavailable:
            broken += 1
            await asyncio.sleep(1)
            continue
        cursor, polls, deleted = fetched.cursor, polls + 1, deleted + len(fetched.deleted)
        found.update(int(mention.text.rpartition("°")[2]) for mention in fetched.mentions)
        place = load_place(cursor)
        if place is not None and (datetime.now(UTC) - opened).total_seconds() < seconds:
            lags.append((datetime.now(UTC) - instant(place.us)).total_seconds())
    wall, used = monotonic() - began, process_time() - used
    await source.close()
    await http.close()
    return {
        "events": rate * seconds,
        "seconds": round(wall, 1),
        "mentions": len(wanted),
        "lost": len(wanted - set(found)),
        "twice": sum(times - 1 for times in found.values()),
        "others": len(set(found) - wanted),
        "deletions_passed_on": deleted,
        "connections_broken": BREAKS,
        "polls": polls,
        "polls_failed": broken,
        "core_share": round(used / seconds, 3),
        "microseconds_an_event": round(used / (rate * seconds) * 1e6, 1),
        "cursor_lag_median": round(statistics.median(lags), 2),
        "cursor_lag_worst": round(max(lags), 2),
    }


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rate", type=int, default=2_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--json", action="store_true", dest="as_json")
    chosen = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    server = context.Process(target=serve_events, args=(chosen.rate, chosen.seconds, ready), daemon=True)
    server.start()
    ready.wait(30)
    measured = asyncio.run(read(chosen.rate, chosen.seconds))
    server.terminate()
    if chosen.as_json:
        print(json.dumps(measured))
        return
    for label, value in measured.items():
        print(f"{label.replace('_', ' '):24} {value}")


if __name__ == "__main__":
    main()
