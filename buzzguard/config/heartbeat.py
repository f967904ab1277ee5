"""The sign of life to a monitor outside, which raises the alarm when it stops."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, PlainValidator, ValidationError, WithJsonSchema, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.kinds import Duration
from buzzguard.config.secret import Secret

LEAST_EVERY, MOST_EVERY = timedelta(seconds=10), timedelta(hours=1)


def _address_or_secret(written: object) -> str | Secret:
    if isinstance(written, Secret):
        return written
    if isinstance(written, dict):
        try:
            return Secret.model_validate(written)
        except ValidationError as error:
            raise ValueError("give exactly one of env, file or credential") from error
    try:
        parts = urlsplit(written) if isinstance(written, str) else None
        sound = parts is not None and parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or not isinstance(written, str) or "@" in written or any(char.isspace() for char in written):
        raise ValueError("this is not an http or https address, nor where a secret one stands")
    return written


class HeartbeatSettings(Frozen):
    """Where a sign of life is sent, as long as BuzzGuard is well."""

    url: Annotated[
        str | Secret,
        PlainValidator(_address_or_secret),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "string", "pattern": "^https?://"},
                    {
                        "type": "object",
                        "properties": {name: {"type": "string"} for name in ("env", "file", "credential")},
                        "minProperties": 1,
                        "maxProperties": 1,
                        "additionalProperties": False,
                    },
                ]
            }
        ),
    ]
    """The address to ask, or where it stands when it is a secret."""
    every: Duration = timedelta(minutes=1)
    """How often; the monitor should raise the alarm after some three times that."""
    method: Literal["GET", "POST"] = Field(default="GET")
    """How the monitor wants to be asked."""

    @model_validator(mode="after")
    def _beats_with_measure(self) -> HeartbeatSettings:
        if not LEAST_EVERY <= self.every <= MOST_EVERY:
            raise ValueError("`every` is from 10s to 1h, write for example 1m")
        return self
