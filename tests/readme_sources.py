"""The README's table of sources, from the cards of the modules: `python -m tests.readme_sources` rewrites it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from buzzguard import plugins
from buzzguard.collect.card import Group, SourceCard

README = Path(__file__).parents[1] / "README.md"
_BEGIN = "<!-- sources: written by `python -m tests.readme_sources` -->"
_END = "<!-- end of sources -->"
_TABLE = re.compile(rf"{re.escape(_BEGIN)}\n.*?{re.escape(_END)}", re.DOTALL)
_COLUMNS = ("source", "reads", "key needed", "delay", "limits", "terms")


def cards() -> dict[str, SourceCard]:
    """The card of every built-in source, by group, then by name."""
    found: dict[str, SourceCard] = {name: _card(name) for name in plugins.SOURCES}
    groups = get_args(Group)
    return dict(sorted(found.items(), key=lambda one: (groups.index(one[1].group), one[0])))


def table() -> str:
    """What belongs between the markers, with them."""
    rows = [_row(_COLUMNS), _row(["---"] * len(_COLUMNS))]
    group = ""
    for name, card in cards().items():
        if card.group != group:
            group = card.group
            rows.append(_row([f"**{group}**", *[""] * (len(_COLUMNS) - 1)]))
        rows.append(_row([f"`{name}`", card.reads, card.needs, card.delay, card.limits, card.terms]))
    return "\n".join([_BEGIN, *rows, _END])


def written(text: str) -> str:
    """A README with the table as it is now. Raises ValueError when it has no place for one."""
    if _TABLE.search(text) is None:
        raise ValueError(f"{README.name} has no {_BEGIN} … {_END}")
    return _TABLE.sub(lambda _: table(), text)


def _card(name: str) -> SourceCard:
    card = getattr(plugins.load("source", name), "card", None)
    if not isinstance(card, SourceCard):
        raise TypeError(f"the source {name!r} has no card")
    return card


def _row(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
