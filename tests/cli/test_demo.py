"""`buzzguard demo` as a newcomer starts it: the real daemon, feeds on loopback, half a minute. Twice: it takes long."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL, Json

ROOT = Path(__file__).parents[2]
PATIENCE = 180
"""Seconds; the demo takes about 40 on a machine of its own."""


def play(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the demo to its end in an empty folder."""
    inherited = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "LANG")}
    return subprocess.run(
        [sys.executable, "-c", "from buzzguard.cli import main; main()", "demo", *arguments],
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT), "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_the_demo_shows_a_crisis_in_french_on_the_terminal(tmp_path: Path) -> None:
    ended = play(tmp_path, "--lang", "fr")
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    assert re.search(
        r"BuzzGuard l’a remarqué le \d\d/\d\d \d\d:\d\d\u00a0: .+ plus tard, après \d+ mentions", ended.stdout
    )
    assert "Claire l’a pris en charge" in ended.stdout
    assert "Poussée de mentions négatives" in ended.stdout
    assert "buzzguard init" in ended.stdout
    assert "{" not in ended.stdout
    assert all(len(line) <= 100 for line in ended.stdout.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_the_demo_tells_a_slack_in_english_with_chart_thread_and_claire(tmp_path: Path) -> None:
    with StrictSlack() as slack:
        ended = play(
            tmp_path,
            *("--lang", "en", "--slack-url", slack.base_url, "--slack-channel", CHANNEL),
            BUZZGUARD_SLACK_TOKEN=BOT_TOKEN,
        )
        cards, replies = slack.roots(), _replies(slack)
        edits = slack.workspace.called("chat.update")
        uploads = slack.workspace.called("files.completeUploadExternal")
    assert ended.returncode == 0, ended.stderr
    assert "BuzzGuard noticed at" in ended.stdout
    assert f"The alert stands in Slack, in {CHANNEL}" in ended.stdout
    assert cards
    assert {message["ts"] for message in (*cards, *replies)} >= {edit["ts"] for edit in edits}
    assert edits
    assert uploads
    assert any("Claire" in reply["text"] for reply in replies)
    assert all(reply["thread_ts"] in {card["ts"] for card in cards} for reply in replies)
    assert any(block["type"] == "image" for card in cards for block in card["blocks"])
    assert BOT_TOKEN not in ended.stdout + ended.stderr


def _replies(slack: StrictSlack) -> list[Json]:
    return [message for message in slack.messages() if message.get("thread_ts") not in (None, message["ts"])]
