"""Where somebody looks at streams: the configuration, its folder, the reader's language, the present."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from buzzguard.cli.source_words import WORDS, Words
from buzzguard.config.settings import Settings, StreamSettings
from buzzguard.config.words import show, suggest
from buzzguard.errors import BuzzguardError
from buzzguard.model import Language, Record
from buzzguard.store.looking import MentionStore

T = TypeVar("T")
_SHOWN = 8


class Refused(BuzzguardError):
    """What a person asked cannot be done; the message is in their language."""


class Desk(Record, frozen=True, kw_only=True):
    """One person's look."""

    settings: Settings
    base: Path
    language: Language
    now: datetime

    @property
    def words(self) -> Words:
        """What is said, in the reader's language."""
        return WORDS[self.language]

    def stream(self, name: str) -> StreamSettings:
        """The settings of a stream. Raises Refused for one that is not configured."""
        streams = self.settings.streams
        if name in streams:
            return streams[name]
        hint = suggest(name, streams) if self.language == "en" else ""
        hint = hint or ", ".join(map(show, sorted(streams)[:_SHOWN])) or self.words.no_streams
        raise Refused(self.words.no_stream.format(stream=show(name), hint=hint))

    async def looked(self, look: Callable[[MentionStore], Awaitable[T]]) -> T:
        """What `look` finds in the store, read beside a running daemon. Raises StoreError."""
        store = await MentionStore.look_now(self.settings.store, now=self.now, base=self.base)
        try:
            return await look(store)
        finally:
            await store.close()
