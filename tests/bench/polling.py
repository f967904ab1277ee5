"""Hundreds of streams on one process: are polls on time, what does waiting cost, does memory stay flat?

`python -m tests.bench.polling [--streams N] [--seconds S] [--speed X]`. The real daemon reads loopback feeds, each on
an address of its own, served by another process. First nothing new is said, as fast as the machine's clock: start lag
and processor time. Then one poll in ten finds something, and an hour passes `speed` times as fast: memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from buzzguard import telemetry
from buzzguard.assembly import Assembly, assemble
from buzzguard.cli.run import settle_memory
from buzzguard.clock import ScaledClock
from buzzguard.config.settings import Settings
from buzzguard.daemon import Daemon

ROOT = Path(__file__).parents[2]
_ITEM = "<item><guid>{n}</guid><title>{who} news {n}</title><pubDate>Sun, 22 Nov 2026 09:00:00 GMT</pubDate></item>"
_FEED = "<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
_SETTLE = 115.0
"""Seconds until the second polls begin: the first, all within half a minute, are no everyday life."""
_SAMPLE = 0.05


def _serve(tell: Connection) -> None:
    """Feeds of twenty items. Under `/quiet` none is ever new; elsewhere one poll in ten finds a new one, and the
    others are told that nothing changed."""
    asked: dict[str, int] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            path = head.split(" ", 2)[1]
            quiet = path.startswith("/quiet")
            asked[path] = number = 1 if quiet else asked.get(path, 0) + 1
            tag = f'"{number // 10}"'
            if f"if-none-match: {tag}" in head.lower():
                writer.write(f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\nContent-Length: 0\r\n\r\n".encode())
                continue
            who = "Nobody" if quiet else "Acme"
            items = "".join(_ITEM.format(n=number // 10 + item, who=who) for item in range(20))
            body = _FEED.format(items=items).encode()
            told = f"HTTP/1.1 200 OK\r\nETag: {tag}\r\nContent-Type: application/rss+xml\r\n"
            writer.write(f"{told}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "0.0.0.0", 0)
        tell.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def _head(reader: asyncio.StreamReader) -> str:
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return ""


@contextmanager
def _feeds() -> Iterator[int]:
    """The port on which they are served."""
    hear, tell = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=_serve, args=(tell,), daemon=True)
    process.start()
    try:
        yield hear.recv()
    finally:
        process.terminate()
        process.join()


def _assembly(port: int, streams: int, folder: Path, *, path: str) -> Assembly:
    hosts = [f"127.0.{1 + number // 250}.{1 + number % 250}" for number in range(streams)]
    document = {
        "topics": {"acme": {"name": "Acme", "query": "acme"}},
        "streams": {
            f"s{number}": {"source": "rss", "url": f"http://{host}:{port}/{path}/{number}", "every": "2m"}
            for number, host in enumerate(hosts)
        },
        "rules": [str(ROOT / "rules")],
        "network": {"allow": hosts},
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"screen": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["screen"]}]}},
    }
    return assemble(Settings.model_validate(document), folder)


def _lags() -> dict[float, float]:
    """How many polls began within each time of when they were due."""
    (family,) = telemetry.POLL_DELAY.collect()
    return {float(one.labels["le"]): one.value for one in family.samples if one.name.endswith("_bucket")}


def _p99(before: dict[float, float], after: dict[float, float]) -> tuple[float, int]:
    """An upper bound of the 99th percentile, and the number of polls."""
    counts = {bound: after[bound] - before[bound] for bound in after}
    total = max(counts.values())
    return min(bound for bound, count in counts.items() if count >= 0.99 * total), int(total)


def _memory() -> float:
    """Resident memory now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


async def _on_time(made: Assembly, seconds: float) -> dict[str, Any]:
    daemon = Daemon(lambda: made, clock=ScaledClock(datetime.now(UTC), speed=1.0))
    await daemon.start()
    settle_memory()
    await asyncio.sleep(_SETTLE)
    lags, worked, began = _lags(), time.process_time(), time.monotonic()
    await asyncio.sleep(seconds)
    worked, lasted = time.process_time() - worked, time.monotonic() - began
    p99, polls = _p99(lags, _lags())
    await daemon.stop()
    return {"polls_per_second": round(polls / lasted, 2), "p99_lag_s_at_most": p99, "core_share": worked / lasted}


async def _an_hour(made: Assembly, speed: float) -> dict[str, Any]:
    clock = ScaledClock(datetime.now(UTC), speed=speed)
    daemon = Daemon(lambda: made, clock=clock, speed=speed)
    before = _lags()
    await daemon.start()
    settle_memory()
    begin, told = clock.now(), {}
    for minute in (10, 20, 30, 40, 50, 60):
        while clock.now() - begin < timedelta(minutes=minute):
            await asyncio.sleep(_SAMPLE)
        told[minute] = round(_memory(), 1)
    p99, polls = _p99(before, _lags())
    await daemon.stop()
    return {"memory_mib_at_minute": told, "polls": polls, "p99_lag_s_at_most": p99}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--speed", type=float, default=12.0)
    chosen = parser.parse_args()
    telemetry.configure_logging(json=True, level=40)
    with _feeds() as port, tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        figures = asyncio.run(_on_time(_assembly(port, chosen.streams, Path(one), path="quiet"), chosen.seconds))
        figures["hour"] = asyncio.run(_an_hour(_assembly(port, chosen.streams, Path(other), path="busy"), chosen.speed))
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
