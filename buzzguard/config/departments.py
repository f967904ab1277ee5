"""The departments of the house: who they are, and whose approval a statement needs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.kinds import Identifier

SlackPerson = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,30}$")]


class DepartmentSettings(Frozen):
    """A department: themes, topics and routes name it as their owner, playbooks as the role of a step."""

    name: dict[str, str] = {}
    """What people read, by language (`en`, `fr`); the usual name when absent."""
    notify: tuple[Identifier, ...] = ()
    """Receivers or rotas told when an incident is given to it, or a step of its own is late; the receiver, rota or
    policy that is called like it when absent."""
    members: tuple[SlackPerson, ...] = Field(default=(), max_length=100)
    """The Slack ids (U…, W…) of its people: invited to crisis rooms, and the only ones who approve for it. Where there
    are none, anybody may, and the record says who did."""


class StatementSettings(Frozen):
    """Statements before they are published."""

    approvals: tuple[Identifier, ...] = Field(default=("legal", "management"), max_length=8)
    """The departments that approve a statement, one after the other; none when empty."""
