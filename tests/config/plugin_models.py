"""Settings models of invented plugins, for tests of what the centre does with any."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from pydantic import BaseModel, Field

from buzzguard.config.base import Frozen
from buzzguard.config.settings import Secret


class FeedSettings(Frozen):
    """A feed."""

    url: str = Field(pattern="^https?://", description="the address of the feed")
    items: int = Field(default=100, ge=1, description="at most so many at once")


class ChatSettings(Frozen):
    """A chat."""

    token: Secret
    mode: Literal["socket", "http"] = "socket"


class RoomSettings(Frozen):
    """A room of the chat."""

    channel: str = Field(description="the id of the room")


class BaselineSettings(Frozen):
    """A baseline."""

    memory: int = 4


class InventedPlugins:
    """A source, two notifiers and a detector."""

    _SETTINGS: dict[str, dict[str, type[BaseModel] | None]] = {
        "source": {"rss": FeedSettings},
        "notifier": {"slack": ChatSettings, "console": None},
        "detector": {"seasonal": BaselineSettings},
    }

    def names(self, kind: str) -> Collection[str]:
        return self._SETTINGS[kind]

    def settings(self, kind: str, name: str) -> type[BaseModel] | None:
        return self._SETTINGS[kind].get(name)

    def receiver(self, name: str) -> type[BaseModel] | None:
        return RoomSettings if name == "slack" else None
