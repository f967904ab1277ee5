"""Where a secret stands: never in the configuration itself."""

from __future__ import annotations

from pydantic import model_validator

from buzzguard.config.base import Frozen


class Secret(Frozen):
    """Where a secret is read from: exactly one of an environment variable, a file or a systemd credential."""

    env: str | None = None
    """The name of an environment variable."""
    file: str | None = None
    """The path of a file, relative to the folder of the configuration; `~` is the home folder."""
    credential: str | None = None
    """The name of a credential that systemd loads (`LoadCredential=`)."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        if sum(place is not None for place in (self.env, self.file, self.credential)) != 1:
            raise ValueError("give exactly one of env, file or credential")
        return self
