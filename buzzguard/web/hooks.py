"""`POST /v1/hooks/NAME`: mentions in a format of the sender's own, found in it by JMESPath."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.collect.json_api import Taken, take
from buzzguard.collect.mapped import Mapper, evaluated
from buzzguard.config.hooks import HookSettings
from buzzguard.config.secret import Secret
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.web.pushed import BodyError
from buzzguard.web.signature import refusal


class Hook:
    """One hook, ready to judge and read what is pushed to it."""

    def __init__(self, name: str, settings: HookSettings) -> None:
        """Raises SecretError when a secret cannot be read."""
        self.stream = f"hook-{name}"
        self._token = _opened(settings.token)
        self._secret = _opened(settings.signing_secret)
        self._sha1 = settings.vendor == "meltwater"
        self._listed = settings.listed
        self._mapper = Mapper(
            settings.mapping,
            source=settings.known_as or name,
            stream=self.stream,
            scope=name,
            language=settings.language,
        )

    def refusal(self, headers: Mapping[str, str], body: bytes, now: datetime) -> str | None:
        """Why a request may not push, in words for its sender; None when it may."""
        return refusal(headers, body, token=self._token, secret=self._secret, now=now, sha1=self._sha1)

    def read(self, body: bytes, *, now: datetime, most: int) -> Taken:
        """The mentions of a body, and the records set aside. Raises BodyError when nothing can be made of it."""
        try:
            document = msgspec.json.decode(body)
            found = evaluated(self._listed, document)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise BodyError("the body is not JSON") from error
        except ValueError as error:
            raise BodyError(f"the records are not found: {error}") from error
        records = _list(found)
        if len(records) > most:
            raise BodyError(f"the batch holds {len(records)} records, at most {most} are taken: send smaller batches")
        return take(records, lambda record: self._mapper.mention(record, base="", now=now), stream=self.stream, now=now)


def _list(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def _opened(secret: Secret | None) -> Sealed | None:
    return None if secret is None else read_secret(secret)
