"""How crisis rooms are made in a workspace."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from buzzguard.config.base import Frozen

Guest = Annotated[str, Field(pattern=r"^[UWS][A-Z0-9]{2,30}$")]


class RoomSettings(Frozen):
    """Crisis rooms: channels made for one incident when a person asks for it."""

    private: bool = False
    """Whether a room is private unless a person says otherwise."""
    invite: tuple[Guest, ...] = Field(default=(), max_length=100)
    """Ids of people (`U…`, `W…`) and user groups (`S…`) invited to every room, beside the departments chosen."""
    canvas: bool = True
    """Put the playbook into the channel's canvas; a pinned message where this is false or the plan has none."""
