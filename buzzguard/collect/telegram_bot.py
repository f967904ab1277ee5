"""Telegram's Bot API: the updates of a bot → mentions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from buzzguard.collect.fields import LONGEST_NAME, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import wrong_token
from buzzguard.collect.telegram_page import HOME, SOURCE, mention_id
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Mention, MentionKind

KINDS = ("message", "edited_message", "channel_post", "edited_channel_post")
_LONGEST_WAIT = 86_400


def update_number(update: Any) -> int:
    """The number of an update. Raises ValueError for one that has none."""
    number = at(update, "update_id")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < 2**53:
        raise ValueError("there is no update_id")
    return number


def update_mention(update: Any, *, stream: str, language: str, now: datetime) -> Mention | None:
    """The mention of an update; None for one without a text. Raises ValueError."""
    update_number(update)
    message = next((found for kind in KINDS if isinstance(found := at(update, kind), Mapping)), None)
    if message is None:
        return None
    text = text_at(message, "text") or text_at(message, "caption")
    if not text:
        return None
    number = int(id_at(message, "message_id"))
    chat = _chat(at(message, "chat"))
    kind, parent = _relation(message, chat)
    return Mention(
        id=mention_id(chat, number),
        stream=stream,
        source=SOURCE,
        published=moment_at(message, "date"),
        fetched=now,
        text=text,
        url=_address(chat, number),
        site="t.me",
        language=language or text_at(message, "from.language_code", most=3).lower()[:2],
        kind=kind,
        author=_author(message),
        parent=parent,
    )


def _chat(chat: Any) -> str:
    """A chat's public name, else its number."""
    return text_at(chat, "username", most=LONGEST_NAME) or id_at(chat, "id")


def _address(chat: str, number: int) -> str:
    if not chat.lstrip("-").isdecimal():
        return f"{HOME}{chat}/{number}"
    return f"{HOME}c/{chat.removeprefix('-100')}/{number}" if chat.startswith("-100") else ""


def _relation(message: Any, chat: str) -> tuple[MentionKind, str]:
    origin = at(message, "forward_origin.chat")
    if at(message, "forward_origin") is not None:
        number = number_at(message, "forward_origin.message_id")
        return MentionKind.REPOST, mention_id(_chat(origin), number) if origin is not None and number else ""
    answered = number_at(message, "reply_to_message.message_id")
    return (MentionKind.REPLY, mention_id(chat, answered)) if answered else (MentionKind.POST, "")


def _author(message: Any) -> Author:
    """Who wrote: a person in a group, a channel in its own name."""
    place = "sender_chat" if at(message, "sender_chat") is not None else "from"
    if at(message, place) is None:
        place = "chat"
    handle = text_at(message, f"{place}.username", most=LONGEST_NAME)
    parts = (text_at(message, f"{place}.{name}", most=LONGEST_NAME) for name in ("title", "first_name", "last_name"))
    name = " ".join(part for part in parts if part)
    # As the public page names it; who has no public name keeps its number.
    number = at(message, f"{place}.id")
    return Author(id=handle.lower() or (str(number) if number is not None else ""), handle=handle, name=name or handle)


def explain(answer: Answer, body: Any) -> SourceError | None:
    """What Telegram says of its own trouble."""
    if at(body, "ok") is not False:
        return None
    said = " ".join(text_at(body, "description", most=200).split())
    status = number_at(body, "error_code") or answer.status
    if status in (401, 404):
        return wrong_token(str(status), "ask @BotFather for a new one")
    if status == 409 and "webhook" in said.lower():
        return SourceRefused("409, the bot sends its updates to a webhook; remove it with deleteWebhook")
    if status == 409:
        return SourceUnavailable("409, another program reads the updates of this bot: only one can")
    if status == 429:
        wait = min(number_at(body, "parameters.retry_after"), _LONGEST_WAIT)
        return SourceUnavailable("429, too many requests to Telegram", retry_after=timedelta(seconds=wait) or None)
    if status >= 500:
        return SourceUnavailable(f"{status}, Telegram has trouble")
    return SourceRefused(f"{status}, Telegram refuses: {said or 'it does not say why'}")
