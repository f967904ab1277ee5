"""A letter in Slack: a page as blocks, within their limits.

A table of numbers becomes a section a row, with a field a column; any other a line a row. Slack's own table block is
left alone: clients of a year ago show nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from buzzguard.deliver.blocks import SlackMessage
from buzzguard.deliver.escape import mrkdwn, plain, truncate, units
from buzzguard.deliver.letters import COLOR, MARK, letter_text
from buzzguard.deliver.slack_api import SlackApi, SlackRefused
from buzzguard.deliver.slack_lookup import Lookup, metadata_of
from buzzguard.deliver.wording.messages import message_words
from buzzguard.errors import DeliveryRefused
from buzzguard.model import Delivery, DeliveryState, Letter, Page, Section, Table
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

_UNSHOWABLE = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch", "msg_too_long")
MAX_BLOCKS, _MAX_TEXT, _MAX_FIELD, _MAX_FIELDS, _MAX_TITLE = 50, 2_900, 1_900, 10, 150
MAX_PLAIN, _MAX_ALL = 20_000, 13_000
_WIDE_ROWS = 12
"""Rows of a table that get a section of their own; of longer tables each is a line."""


class Letters:
    """Posts letters, each once."""

    def __init__(self, api: SlackApi, lookup: Lookup) -> None:
        self._api = api
        self._lookup = lookup

    async def deliver(self, letter: Letter, channel: str | None, *, uncertain: bool, now: datetime) -> Delivery:
        """Make one attempt; one that may have got through before is looked for first. Raises a DeliveryError."""
        if channel is None:
            raise DeliveryRefused(f"the receiver {letter.receiver!r} has no Slack channel")
        found = await self._lookup.find(letter, channel) if uncertain else None
        answer = {"ts": found} if found else await self._post(letter, channel)
        place, message = str(answer.get("channel", channel)), str(answer.get("ts", ""))
        return Delivery(key=letter.key, at=now, state=DeliveryState.DELIVERED, place=place, message=message)

    async def _post(self, letter: Letter, channel: str) -> dict[str, Any]:
        message = render_letter(letter.page)
        quiet = {"unfurl_links": False, "unfurl_media": False}
        target = {"channel": channel, "metadata": metadata_of(letter), **quiet}
        try:
            return await self._api.call(
                "chat.postMessage", json={**target, "text": message.text, "blocks": message.blocks}, repeatable=False
            )
        except SlackRefused as refused:
            if refused.code not in _UNSHOWABLE:
                raise
            _log.error("message.simplified", key=letter.key, reason=refused.code, details=refused.details)
        text = truncate(mrkdwn_lines(letter_text(letter.page)), MAX_PLAIN)
        return await self._api.call("chat.postMessage", json={**target, "text": text}, repeatable=False)


def mrkdwn_lines(text: str) -> str:
    """Lines of text, each made inert."""
    return "\n".join(map(mrkdwn, text.splitlines()))


def render_letter(page: Page) -> SlackMessage:
    """The message: as many sections as fit, whole; it says so where some are left out."""
    title = truncate(f"{MARK} {plain(page.title)}", _MAX_TITLE)
    blocks: list[dict[str, Any]] = [{"type": "header", "text": {"type": "plain_text", "text": title, "emoji": True}}]
    if page.subtitle:
        blocks.append(_context(mrkdwn(page.subtitle)))
    blocks += [_text(f"⚠️ {mrkdwn(caveat)}") for caveat in page.caveats[:4]]
    foot = [_context(mrkdwn(page.footer))] if page.footer else []
    for at, section in enumerate(page.sections):
        made = [*([{"type": "divider"}] if at else []), *_section(section)]
        if len(blocks) + len(made) + len(foot) + 1 > MAX_BLOCKS or _size([*blocks, *made, *foot]) > _MAX_ALL:
            foot = [_context(message_words(page.language).shortened), *foot]
            break
        blocks += made
    text = truncate(mrkdwn(f"{page.title}. {page.subtitle}"), _MAX_TEXT)
    return SlackMessage(text=text, blocks=[*blocks, *foot], color=COLOR)


def _size(blocks: Iterable[dict[str, Any]]) -> int:
    """About how long all texts are together, in the units in which Slack counts."""
    return sum(units(str(block)) for block in blocks)


def _section(section: Section) -> Iterator[dict[str, Any]]:
    lines = "\n".join(f"• {mrkdwn(line)}" for line in section.lines)
    yield _text("\n".join(filter(None, (f"*{mrkdwn(section.title)}*", lines))))
    table = section.table
    if table is not None and table.numbers and len(table.rows) <= _WIDE_ROWS:
        yield from (_row(table, row) for row in table.rows)
    elif table is not None:
        yield _text("\n".join(f"• {' · '.join(map(mrkdwn, row))}" for row in table.rows))
    if section.note:
        yield _context(mrkdwn(section.note))


def _row(table: Table, row: tuple[str, ...]) -> dict[str, Any]:
    pairs = list(zip(table.heads, row, strict=True))[1:][:_MAX_FIELDS]
    fields = [truncate(f"{mrkdwn(head)}\n*{mrkdwn(cell)}*", _MAX_FIELD) for head, cell in pairs]
    return {**_text(f"*{mrkdwn(row[0])}*"), "fields": [{"type": "mrkdwn", "text": one} for one in fields]}


def _text(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _filled(truncate(text, _MAX_TEXT))}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": _filled(truncate(text, _MAX_FIELD))}]}


def _filled(text: str) -> str:
    """Slack refuses the whole message for one text of nothing."""
    return text if text.strip() else "–"
