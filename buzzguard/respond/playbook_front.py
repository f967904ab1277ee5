"""The front matter of a playbook, and its published schema."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.located import build, inspect_yaml
from buzzguard.config.settings import Identifier
from buzzguard.model import Fault
from buzzguard.respond.playbook_words import ROLES

LEADING = 0.3
"""The least share of an incident's mentions that a theme must have to choose its playbook."""


class Front(Frozen):
    """The front matter of a playbook: what stands between the two lines of `---`."""

    id: Identifier = Field(description="The playbook's name, as in the name of its file.")
    language: Literal["en", "fr"] = Field(description="The language of its text, as in the name of its file.")
    title: str = Field(min_length=1, max_length=150, description="What people read above the steps.")
    applies: str = Field(min_length=1, max_length=500, description="When it applies, in one sentence.")
    posture: Literal["victim", "accidental", "preventable", "unknown", "none"] = Field(
        description="Whom the public holds responsible (SCCT), as far as is known; none where that is no matter."
    )
    general: bool = Field(
        default=False, description="Gives way to a playbook that claims the leading theme, or the topic's role."
    )
    themes: tuple[Identifier, ...] = Field(
        default=(), max_length=20, description="The themes it is for: it takes the place of a general one."
    )
    at_least: float = Field(
        default=LEADING, ge=0, le=1, description="The least share of mentions that such a theme must have."
    )
    topic_roles: tuple[Literal["brand", "product", "executive", "competitor", "issue"], ...] = Field(
        default=(), description="The roles of topics it is for: it takes the place of a general one."
    )
    drill: str = Field(
        default="", max_length=500, description="The story of an exercise by this playbook, in two or three sentences."
    )
    roles: dict[Identifier, str] = Field(
        default={}, max_length=40, description="Further owners of steps, by id, as this text calls them."
    )


def playbook_schema() -> dict[str, Any]:
    """The JSON Schema of a playbook's front matter, for editors. It names the owners that every playbook knows."""
    schema = Front.model_json_schema()
    schema["properties"]["roles"]["propertyNames"] = {"not": {"enum": list(ROLES)}}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "BuzzGuard playbook"}


def read_front(text: str, file: str, named: dict[str, str] | None) -> tuple[Front | None, list[Fault]]:
    """Read front matter. `named` is what the file's name says of `id` and `language`, None where it says nothing."""
    located, faults = inspect_yaml(text, file=file)
    if located is None or faults:
        return None, faults
    front, faults = build(Front, located)
    for key, value in (named or {}).items():
        if front is not None and getattr(front, key) != value:
            faults.append(located.fault((key,), f"the file's name says {key} `{value}`", "make them the same"))
    return front, faults
