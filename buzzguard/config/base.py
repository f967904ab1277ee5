"""What every section of the configuration is built on."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of every configuration model: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, use_attribute_docstrings=True)


class Open(BaseModel):
    """Base of the sections whose remaining keys belong to a source, notifier or detector."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True, use_attribute_docstrings=True)

    @property
    def settings(self) -> dict[str, Any]:
        """The keys that this section leaves to its plugin."""
        return dict(self.model_extra or {})
