"""Takes the picture of the README: a real alert of the demo, as a browser shows it in local-slack.

`python -m tests.slack.picture deploy/pictures/alert.png` needs local-slack (see `local_slack.py`) and a chromium,
which `CHROMIUM` may name.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.slack.local_slack import LocalSlack, run_local_slack
from tests.slack.workspace import BOT_TOKEN, CHANNEL

ROOT = Path(__file__).parents[2]
WIDTH = 800
_ALONE = """
html, body, #root, .app, .body, .main, .messages { display: block; height: auto; overflow: visible; background: #fff; }
.topbar, .sidebar, .composer, .channel-header, form { display: none; }
.messages { padding: 12px 16px 4px; }
.bk-image { margin: 8px 0; } .bk-image img { width: 480px; border: 1px solid #ddd; border-radius: 8px; }
"""
_MEASURE = "document.title = Math.ceil(document.querySelector('.msg').getBoundingClientRect().bottom) + 12"
_QUIETLY = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
]


def main(target: Path, language: str) -> None:
    """Play the demo into local-slack and photograph the alert in its channel."""
    with tempfile.TemporaryDirectory() as name, _slack(Path(name)) as slack:
        folder = Path(name)
        _demo(slack, language, folder)
        page = folder / "alert.html"
        charts = sorted((folder / "files").glob("*/*.png"), key=lambda path: path.stat().st_mtime)
        page.write_text(_alert_alone(_browse(slack.page, "--dump-dom"), charts[-1]), "utf-8")
        measured = re.search(r"<title>(\d+)</title>", _browse(page.as_uri(), "--dump-dom"))
        height = int(measured[1]) if measured else 1_200
        target.parent.mkdir(parents=True, exist_ok=True)
        size = f"--window-size={WIDTH},{height}"
        _browse(page.as_uri(), size, "--force-device-scale-factor=1.25", f"--screenshot={target.resolve()}")
    print(f"{target}: {target.stat().st_size:,} bytes")


def _alert_alone(dom: str, chart: Path) -> str:
    """The page without what surrounds the alert, and as Slack shows it where local-slack does not.

    local-slack shows no file that is named by its id, and escaped signs as they were sent.
    """
    still = re.sub(r"<script.*?</script>", "", dom, flags=re.DOTALL)
    still = re.sub(r"&amp;(gt|lt|amp);", r"&\1;", still)
    picture = base64.b64encode(chart.read_bytes()).decode()
    shown = still.replace(
        '<figure class="bk-image"><img ', f'<figure class="bk-image"><img src="data:image/png;base64,{picture}" '
    )
    return shown.replace("</head>", f"<style>{_ALONE}</style></head>").replace(
        "</body>", f"<script>{_MEASURE}</script></body>"
    )


@contextlib.contextmanager
def _slack(folder: Path) -> Iterator[LocalSlack]:
    yield from run_local_slack(folder)


def _demo(slack: LocalSlack, language: str, folder: Path) -> None:
    arguments = ["--lang", language, "--slack-url", slack.base_url, "--slack-channel", CHANNEL]
    subprocess.run(
        [sys.executable, "-m", "buzzguard", "demo", *arguments],
        cwd=folder,
        env=os.environ | {"BUZZGUARD_SLACK_TOKEN": BOT_TOKEN, "PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _browse(address: str, *arguments: str) -> str:
    """What a browser prints of an address once its scripts have rested."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("no chromium found: name one in CHROMIUM")
    with tempfile.TemporaryDirectory() as profile:
        own = [f"--window-size={WIDTH},1200", "--virtual-time-budget=8000", f"--user-data-dir={profile}"]
        command = [chromium, *_QUIETLY, *own, *arguments, address]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=90).stdout


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "en")
