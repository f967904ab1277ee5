"""Links within playbooks: to headings, and to files beside them. Addresses elsewhere are not looked up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

from buzzguard.config.located import read_text
from buzzguard.errors import ConfigError

_LINK = re.compile(r"(?<!\\)\[[^\]\n]*\]\((?P<to>[^()\s]+)(?:\s+\"[^\"]*\")?\)")
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)
_HEADING = re.compile(r"#{1,6} +(?P<heading>.+?)(?: +#+)? *")
_DROPPED = re.compile(r"[^\w\- ]")


def dead_links(lines: Sequence[str], homes: Sequence[Path]) -> Iterator[tuple[int, str, str]]:
    """Each link that leads nowhere: line from 1, message, hint. Files are looked for in all of `homes`: those of one's
    own stand beside the shipped ones."""
    for at, line in enumerate(lines, 1):
        for found in _LINK.finditer(line):
            target = found["to"]
            if _ELSEWHERE.match(target):
                continue
            name, _, anchor = target.partition("#")
            wrong = _file_fault(unquote(name), unquote(anchor), lines, homes)
            if wrong:
                yield at, f"the link to {target} is dead: {wrong}", "links lead to files beside this one, or #headings"


def _file_fault(name: str, anchor: str, lines: Sequence[str], homes: Sequence[Path]) -> str:
    if not name:
        return "" if not anchor or anchor in anchors(lines) else f"there is no heading #{anchor}"
    file = next((home / name for home in homes if _is_file(home / name)), None)
    if file is None or name.startswith("/"):
        return "there is no such file"
    if not anchor:
        return ""
    try:
        there = read_text(file).splitlines()
    except ConfigError:
        return "it cannot be read"
    return "" if anchor in anchors(there) else f"there is no heading #{anchor} in it"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def anchors(lines: Sequence[str]) -> set[str]:
    """The anchors of a text's headings, as GitHub makes them: small letters, hyphens for spaces, no punctuation."""
    headings = (_HEADING.fullmatch(line) for line in lines)
    return {_DROPPED.sub("", found["heading"].strip().lower()).replace(" ", "-") for found in headings if found}
