"""Statements on their way out, in the thread: the whole text, whose approval is due, and the buttons for it.

A text that does not fit whole is not shown in part: nobody approves what they have not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from buzzguard.deliver.blocks import MAX_TOTAL, Block, SlackMessage, card_key, text_length
from buzzguard.deliver.escape import mrkdwn, pieces, truncate, units
from buzzguard.deliver.slack_ids import (
    DRAFT_APPROVE,
    DRAFT_OPEN,
    DRAFT_PUBLISH,
    DRAFT_SEND_BACK,
    approval_of,
    parts_of,
    value_of,
)
from buzzguard.deliver.slack_parts import button, confirm, context, section
from buzzguard.deliver.tame import tame
from buzzguard.deliver.wording.running import draft_chain, running_words
from buzzguard.deliver.wording.sentences import FINAL
from buzzguard.model import Card, Cause, Draft, DraftState

_SECTION = 2_900
_TELLS = frozenset({Cause.DRAFTED_BY_USER, Cause.DRAFT_APPROVED_BY_USER, Cause.PUBLISHED_BY_USER})
"""What is told with the whole text; one that was sent back is told with the note alone."""


def with_drafts(message: SlackMessage, card: Card) -> SlackMessage:
    """The news of a card, with the statements that they are about before who has it."""
    causes = {move.detail.get("draft", ""): move.cause for move in card.news}
    drafts = [draft for draft in tame(card).incident.drafts if draft.id in causes]
    if not drafts:
        return message
    *news, state = message.blocks
    room = MAX_TOTAL - sum(map(text_length, message.blocks))
    blocks: list[Block] = []
    for draft in drafts:
        told = list(_draft(draft, causes[draft.id], card, room))
        room -= sum(map(text_length, told))
        blocks += told
    return replace(message, blocks=[*news, *blocks, state])


def _draft(draft: Draft, cause: Cause, card: Card, room: int) -> Iterator[Block]:
    key, words = f"{card_key(card)}:draft:{draft.id}", running_words(card.language)
    whole = False
    if cause in _TELLS:
        text = [section(f"{key}:text:{at}", part) for at, part in enumerate(_quoted(draft.text))]
        whole = sum(map(text_length, text)) <= room - 600
        yield from text if whole else [context(f"{key}:cut", [f"⚠️ {words.text_cut}"])]
    chain = draft_chain(draft, card)
    if chain and draft.state is not DraftState.SENT_BACK:
        colon = "\u00a0: " if card.language == "fr" else ": "
        yield context(f"{key}:chain", [truncate(mrkdwn(f"{words.chain}{colon}{chain}"), 1_000)])
    buttons = [one for one in _buttons(draft, card, whole=whole) if parts_of(one["value"]) is not None]
    if buttons and card.incident.state not in FINAL:
        yield {"type": "actions", "block_id": f"{key}:buttons", "elements": buttons}


def _buttons(draft: Draft, card: Card, *, whole: bool) -> Iterator[Block]:
    words, incident = running_words(card.language), card.incident.id
    value = value_of(incident, draft.id)
    if draft.state is DraftState.WAITING and whole:
        yield button(DRAFT_APPROVE, words.approve, approval_of(incident, draft.id, draft.awaits), style="primary")
    if draft.state is DraftState.APPROVED and whole:
        asked = confirm(words.publish_title, words.publish_text, words.publish_yes, words.publish_no)
        yield {**button(DRAFT_PUBLISH, words.publish, value, style="primary"), "confirm": asked}
    if draft.state in (DraftState.WAITING, DraftState.APPROVED):
        yield button(DRAFT_SEND_BACK, words.send_back, value)
    if draft.state is DraftState.SENT_BACK:
        yield button(DRAFT_OPEN, words.prepare_again, value_of(incident, draft.statement))


def _quoted(text: str) -> Iterator[str]:
    """The text as quotes, in as many parts as sections are needed; nothing of it is cut."""
    part = ""
    for line in _lines(text):
        if part and units(part) + units(line) + 1 > _SECTION:
            yield part
            part = ""
        part = f"{part}\n{line}" if part else line
    yield part


def _lines(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        if number:
            yield "> "
        line = "> "
        for piece in pieces(mrkdwn(paragraph)):
            if units(line) + units(piece) > _SECTION:
                yield line
                line = "> "
            line += piece
        yield line
