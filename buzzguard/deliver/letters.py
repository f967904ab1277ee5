"""Letters, which bring a page, as plain text and as the Markdown of chats; and what notifiers share that take them.

All texts of a page are data: they are made inert for each place.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import datetime
from typing import TypeVar

from buzzguard.deliver.escape import plain, truncate, units
from buzzguard.deliver.markdown import bold, markdown
from buzzguard.deliver.telling import Teller
from buzzguard.deliver.wording.messages import message_words
from buzzguard.errors import DeliveryRefused
from buzzguard.model import Delivery, DeliveryState, Letter, Page, Section, Table
from buzzguard.telemetry import get_logger

R = TypeVar("R")
COLOR = "#1d6fa5"
"""Of letters, which have no severity."""
MARK = "📊"
_log = get_logger("deliver")


class LetterTeller(Teller[R]):
    """A `Teller` that takes letters: see `ports.LetterNotifier`. A notifier says in `_send_letter` how one is sent."""

    async def deliver_letter(self, letter: Letter, *, uncertain: bool, now: datetime) -> Delivery:
        """See `ports.LetterNotifier.deliver_letter`."""
        receiver = self._receivers.get(letter.receiver)
        if receiver is None:
            raise DeliveryRefused(f"the receiver {letter.receiver!r} has no address for {self.service}")
        known = self._told.get(letter.key)
        if known is not None:
            return known
        if uncertain and not self.repeats_harmlessly:
            _log.warning("repeat.possible", key=letter.key, service=self.service)
        await self._send_letter(letter, receiver, now)
        delivery = Delivery(
            key=letter.key, at=now, state=DeliveryState.DELIVERED, place=letter.receiver, message=letter.key
        )
        self._told[letter.key] = delivery
        return delivery

    @abstractmethod
    async def _send_letter(self, letter: Letter, receiver: R, now: datetime) -> None:
        """Send a letter. Raises a DeliveryError."""


def letter_text(page: Page) -> str:
    """A page as text without markup, its tables in columns."""
    lines = [plain(page.title), "=" * len(page.title), *([plain(page.subtitle)] if page.subtitle else [])]
    lines += [f"! {plain(one)}" for one in page.caveats]
    for section in page.sections:
        title = plain(section.title)
        lines += ["", title, "-" * len(title), *(plain(line) for line in section.lines)]
        if section.table is not None:
            lines += _columns(section.table)
        lines += [f"({plain(section.note)})"] if section.note else []
    return "\n".join([*lines, *(["", plain(page.footer)] if page.footer else [])]) + "\n"


def _columns(table: Table) -> Iterator[str]:
    rows = [tuple(map(plain, row)) for row in (table.heads, *table.rows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(table.heads))]
    for row in rows:
        cells = (
            cell.rjust(width) if at in table.numbers else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield "  ".join(cells).rstrip()


def letter_markdown(page: Page, most: int) -> str:
    """A page as the Markdown of chats, without its title, in at most so many units of UTF-16: whole sections, the first
    ones; it says so where some are left out. Chats set tables badly: each row is a line."""
    opening = [markdown(page.subtitle)] if page.subtitle else []
    made = "\n\n".join([*opening, *(markdown(one) for one in page.caveats)])
    cut = message_words(page.language).shortened
    for section in page.sections:
        longer = "\n\n".join(filter(None, (made, _section(section))))
        if units(longer) + units(cut) + 2 > most:
            return truncate(f"{made}\n\n{cut}", most)
        made = longer
    return truncate(made, most)


def _section(section: Section) -> str:
    lines = [bold(section.title), *(f"- {markdown(line)}" for line in section.lines)]
    if section.table is not None:
        lines += [f"- {row_line(section.table, row)}" for row in section.table.rows]
    return "\n".join(lines)


def row_line(table: Table, row: tuple[str, ...]) -> str:
    """A row of a table in a line of Markdown: its first cell, then the others behind their heads."""
    rest = (f"{markdown(head)} {markdown(cell)}" for head, cell in zip(table.heads[1:], row[1:], strict=True))
    return f"{bold(row[0])} · {' · '.join(rest)}"
