"""A small real installation in process: settings, a rule that fires on three mentions, and mentions."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from buzzguard.assembly import Assembly, assemble
from buzzguard.config.settings import Settings
from buzzguard.model import Mention
from buzzguard.ports import Scorer
from tests import running

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def assembly(folder: Path, *, scorer: Scorer | None = None, rule: str = running.RULE, **more: Any) -> Assembly:
    """The installation in `folder`, its texts scored by `scorer`."""
    running.write(folder, {}, rule=rule)
    made = assemble(Settings.model_validate(running.settings(**more)), folder)
    if scorer is None:
        return made
    readers = dataclasses.replace(made.parts.readers, scorer=scorer)
    return msgspec.structs.replace(made, parts=msgspec.structs.replace(made.parts, readers=readers))


def mention(name: str, *, at: datetime = NOW, text: str = "", stream: str = "press") -> Mention:
    """A mention of the topic."""
    return Mention(
        id=name,
        stream=stream,
        source="rss",
        published=at,
        fetched=at,
        text=text or f"acme {name}",
        site=f"{name}.example",
    )


def mentions(count: int, *, first: int = 0, at: datetime = NOW, every: timedelta = timedelta()) -> tuple[Mention, ...]:
    """So many of them."""
    return tuple(mention(f"m{first + n}", at=at + every * n) for n in range(count))
