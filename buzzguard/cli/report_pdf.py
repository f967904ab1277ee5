"""A page printed as PDF by a browser of this machine, without a network and without a profile of anybody.

No library of ours draws PDF: those that draw HTML well need a hundred megabytes, and where somebody wants paper there
is a browser. Chromium's own headless printing takes the page as it is: one file without scripts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from buzzguard.cli.mention_acts import Refused
from buzzguard.cli.report_words import WORDS
from buzzguard.config.words import safe
from buzzguard.model import Language

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PATIENCE = 60.0
"""Seconds that printing may take."""
_MOST_SAID = 300


def browser() -> str | None:
    """The path of a browser that can print; None when there is none."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def print_pdf(html: str, output: Path, language: Language) -> None:
    """Print a page into a file. Raises Refused, with what to do instead, where that cannot be done."""
    words, program = WORDS[language], browser()
    if program is None:
        raise Refused(words["pdf_no_browser"])
    with tempfile.TemporaryDirectory(prefix="buzzguard-") as folder:
        page, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        page.write_text(html, encoding="utf-8")
        # A browser run by root refuses its own sandbox; the page holds no script, and nothing may be fetched.
        unboxed = ["--no-sandbox"] if os.geteuid() == 0 else []
        arguments = [
            program,
            "--headless",
            "--disable-gpu",
            "--no-pdf-header-footer",
            "--no-first-run",
            "--disable-extensions",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={printed}",
            *unboxed,
            page.as_uri(),
        ]
        try:
            ended = subprocess.run(arguments, capture_output=True, timeout=PATIENCE, check=False)
            if not printed.is_file() or not printed.stat().st_size:
                said = ended.stderr.decode(errors="replace").strip().splitlines()
                raise Refused(words["pdf_failed"].format(why=safe(said[-1][:_MOST_SAID]) if said else ended.returncode))
            shutil.copyfile(printed, output)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Refused(words["pdf_failed"].format(why=safe(str(error)[:_MOST_SAID]))) from error
