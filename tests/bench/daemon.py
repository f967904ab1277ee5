"""The real daemon, measured from outside: alert latency under load, idle cost, start.

`python -m tests.bench.daemon [latency|idle|start] [--seconds N] [--json]`. The daemon runs as its own process against
loopback feeds and the strict Slack.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL, Workspace

ROOT = Path(__file__).parents[2]
TOPICS = 100
STREAMS = 200
_RULE = """\
id: tipped
title: {en: "Tipped", fr: "Basculé"}
when: gravity.count >= 1
windows: [1h]
severity: orange
playbook: bad-buzz
status: stable
"""


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Feeds(BaseHTTPRequestHandler):
    """Feeds that never change and answer conditional requests with 304."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """One feed of twenty items."""
        tag = '"1"'
        if self.headers.get("If-None-Match") == tag:
            self._answer(304, b"", tag)
            return
        at = format_datetime(datetime.now(UTC))
        items = "".join(
            f"<item><guid>{self.path}/{n}</guid><title>brand{n} opens a shop</title><pubDate>{at}</pubDate></item>"
            for n in range(20)
        )
        self._answer(200, f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode(), tag)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes, tag: str) -> None:
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def configuration(folder: Path, *, port: int, slack: str, feeds: str = "", tipping: bool = False) -> Path:
    """Write a configuration of a hundred topics; with `feeds`, two hundred streams."""
    rules = folder / "rules"
    if tipping:
        rules.mkdir()
        (rules / "tipped.yml").write_text(_RULE)
        for name in ("playbooks", "words"):
            (rules / name).symlink_to(ROOT / "rules" / name)
    else:
        rules.symlink_to(ROOT / "rules")
    streams = {f"feed{n}": {"source": "rss", "url": f"{feeds}/{n}.xml", "every": "2m"} for n in range(STREAMS)}
    document = {
        "topics": {f"brand{n}": {"name": f"Brand {n}", "query": f"brand{n} OR marque{n}"} for n in range(TOPICS)},
        "streams": streams if feeds else {},
        "notifiers": {"slack": {"kind": "slack", "token": {"env": "SLACK_TOKEN"}, "base_url": slack}},
        "receivers": {"room": {"notifier": "slack", "channel": CHANNEL}},
        "policies": {"crisis": {"steps": [{"notify": ["room"]}], "repeat": 0}},
        "network": {"allow": ["127.0.0.1"]},
        "web": {"port": port, "intake": {"token": {"env": "PUSH_TOKEN"}}},
    }
    path = folder / "buzzguard.yml"
    path.write_text(json.dumps(document))
    return path


@contextmanager
def running(path: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], float]]:
    """The daemon, ready; yields its process and the seconds that it took."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SLACK_TOKEN": BOT_TOKEN, "PUSH_TOKEN": "pusher"}
    with (path.parent / "log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "buzzguard", "run", "-c", str(path), "--log", "json"],
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            while not _ready(port):
                if process.poll() is not None:
                    raise SystemExit((path.parent / "log").read_text()[-2000:])
                time.sleep(0.02)
            yield process, time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(20)


def measure_latency(seconds: float) -> dict[str, Any]:
    """From the push of the mention that tips a rule to its card at Slack, while 200 mentions a second flow."""
    port = free_port()
    workspace = Workspace()
    workspace.burst = 10**6
    with StrictSlack(workspace) as slack, tempfile.TemporaryDirectory() as folder:
        path = configuration(Path(folder), port=port, slack=slack.base_url, tipping=True)
        with running(path, port):
            pushed = _push_and_tip(port, seconds)
            time.sleep(3)
        posted = {_topic(message): float(message["ts"]) for message in workspace.roots()}
    delays = sorted(posted[topic] - at for topic, at in pushed.items() if topic in posted)
    if not delays:
        raise SystemExit(f"no card arrived; at Slack: {sorted(posted)[:3]}, tipped: {sorted(pushed)[:3]}")
    return {
        "alerts": len(pushed),
        "cards": len(delays),
        "median_s": round(statistics.median(delays), 3),
        "p99_s": round(delays[min(len(delays) - 1, int(0.99 * len(delays)))], 3),
        "slowest_s": round(delays[-1], 3),
    }


def measure_idle(seconds: float) -> dict[str, Any]:
    """Memory and processor of a daemon with a hundred topics and two hundred streams that bring nothing new."""
    port = free_port()
    feeds = ThreadingHTTPServer(("127.0.0.1", 0), Feeds)
    threading.Thread(target=feeds.serve_forever, daemon=True).start()
    with StrictSlack(Workspace()) as slack, tempfile.TemporaryDirectory() as folder:
        address = f"http://127.0.0.1:{feeds.server_port}"
        path = configuration(Path(folder), port=port, slack=slack.base_url, feeds=address)
        with running(path, port) as (process, _):
            time.sleep(150)
            before = _processor_seconds(process.pid)
            time.sleep(seconds)
            share = (_processor_seconds(process.pid) - before) / seconds
            memory = _resident_mib(process.pid)
    feeds.shutdown()
    return {"resident_mib": round(memory, 1), "core_share_percent": round(100 * share, 2), "seconds": seconds}


def measure_start() -> dict[str, Any]:
    """Seconds until `run` is ready on a fresh database, and those of `buzzguard --help`."""
    ready = []
    for _ in range(5):
        port = free_port()
        with StrictSlack(Workspace()) as slack, tempfile.TemporaryDirectory() as folder:
            path = configuration(Path(folder), port=port, slack=slack.base_url)
            with running(path, port) as (_, took):
                ready.append(took)
    helped = []
    for _ in range(7):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "buzzguard", "--help"], check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
        helped.append(time.perf_counter() - began)
    return {
        "ready_s": round(statistics.median(ready), 2),
        "ready_slowest_s": round(max(ready), 2),
        "help_s": round(statistics.median(helped), 3),
        "help_slowest_s": round(max(helped), 3),
    }


def _push_and_tip(port: int, seconds: float) -> dict[str, float]:
    rng = random.Random(3)
    address = f"http://127.0.0.1:{port}/v1/mentions"
    pushed: dict[str, float] = {}
    number, untipped = 0, list(range(TOPICS))
    began = time.time()
    with httpx.Client(headers={"Authorization": "Bearer pusher"}, trust_env=False, timeout=30) as client:
        while (elapsed := time.time() - began) < seconds:
            batch = []
            for _ in range(20):
                number += 1
                batch.append({"id": number, "text": f"brand{rng.randrange(TOPICS)} opens shop number {number}"})
            if untipped and len(pushed) < elapsed / 1.5:
                topic = untipped.pop(rng.randrange(len(untipped)))
                batch.append({"id": f"tip{topic}", "text": f"boycott brand{topic}, what a scandal"})
                pushed[f"Brand {topic}"] = time.time()
            client.post(address, json=batch).raise_for_status()
            time.sleep(max(0.0, began + number / 200 - time.time()))
    return pushed


def _topic(message: dict[str, Any]) -> str:
    words = str(message["text"]).split()
    return f"Brand {words[words.index('Brand') + 1].strip(':,.')}" if "Brand" in words else str(message["text"])


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["latency", "idle", "start"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.what == "start":
        result = measure_start()
    else:
        result = measure_latency(given.seconds) if given.what == "latency" else measure_idle(given.seconds)
    print(json.dumps(result) if given.json else "\n".join(f"{name:<22}{value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
