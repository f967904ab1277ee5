"""Secrets, read where the configuration says that they are, and kept out of everything that is shown."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NoReturn

import structlog
from pydantic import BaseModel

from buzzguard.config.settings import Secret
from buzzguard.config.words import safe, show
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

_log = structlog.get_logger()  # telemetry is a sibling, not to be imported
_MOST_BYTES = 64 * 1024
_CREDENTIAL = re.compile(r"[A-Za-z0-9_.@-]{1,255}")


class Sealed:
    """A secret that shows itself only when asked: `reveal()`. Printed, logged, formatted or pickled it is `…`."""

    __slots__ = ("__reveal",)

    def __init__(self, value: str) -> None:
        self.__reveal: Callable[[], str] = lambda: value

    def reveal(self) -> str:
        """The secret itself: hand it to what needs it, keep it nowhere."""
        return self.__reveal()

    def __repr__(self) -> str:
        return "Sealed(…)"

    def __str__(self) -> str:
        return "…"

    def __format__(self, form: str) -> str:
        return format("…", form)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.reveal() == other.reveal()

    def __hash__(self) -> int:
        return hash(self.reveal())

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


class SecretError(ConfigError):
    """A secret cannot be read where the configuration says that it is. Says where, never what."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__([Fault(file="", line=0, column=0, message=message, hint=hint)])
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


def read_secret(secret: Secret, *, environment: Mapping[str, str] | None = None) -> Sealed:
    """Read a secret, stripped of white space around it.

    From an environment variable, a file (`~` is the home folder), or a credential that systemd put into
    `$CREDENTIALS_DIRECTORY`. Raises SecretError when it is absent, empty, unreadable or not a text. A file that
    everybody can read is used, and warned of in the log.
    """
    variables = os.environ if environment is None else environment
    if secret.env is not None:
        value = _from_environment(secret.env, variables)
    elif secret.file is not None:
        value = _from_file(_expanded(secret.file), "write the secret into it, readable by this user alone (chmod 600)")
    else:
        value = _from_credential(str(secret.credential), variables)
    if not value.strip():
        raise SecretError(f"{_where(secret)} is empty")
    return Sealed(value.strip())


def secrets_in(model: BaseModel) -> Iterator[tuple[tuple[str | int, ...], Secret]]:
    """Every secret that a configuration names, with the path that leads to it."""
    for name, field in type(model).model_fields.items():
        yield from _secrets_under((field.alias or name,), getattr(model, name))


def _secrets_under(path: tuple[str | int, ...], value: object) -> Iterator[tuple[tuple[str | int, ...], Secret]]:
    if isinstance(value, Secret):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from (((*path, *deeper), secret) for deeper, secret in secrets_in(value))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _secrets_under((*path, key), item)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _secrets_under((*path, index), item)


def _where(secret: Secret) -> str:
    if secret.env is not None:
        return f"the environment variable `{show(secret.env)}`"
    if secret.file is not None:
        return f"the secret file {safe(secret.file)}"
    return f"the systemd credential `{show(str(secret.credential))}`"


def _from_environment(name: str, variables: Mapping[str, str]) -> str:
    if name not in variables:
        raise SecretError(f"the environment variable `{show(name)}` is not set", f"export {show(name)}=…")
    return variables[name]


def _from_credential(name: str, variables: Mapping[str, str]) -> str:
    if not _CREDENTIAL.fullmatch(name) or name in (".", ".."):
        raise SecretError(f"`{show(name)}` is not the name of a systemd credential", "letters, digits, `_ . @ -`")
    folder = variables.get("CREDENTIALS_DIRECTORY")
    if not folder:
        raise SecretError(
            f"the systemd credential `{name}` is not there: $CREDENTIALS_DIRECTORY is not set",
            f"run under systemd with LoadCredential={name}:PATH",
        )
    return _from_file(Path(folder, name), f"add LoadCredential={name}:PATH to the unit", private=True)


def _expanded(file: str) -> Path:
    try:
        return Path(file).expanduser()
    except RuntimeError as error:
        raise SecretError(f"the home folder of {safe(file)} is unknown") from error


def _from_file(file: Path, hint: str, *, private: bool = False) -> str:
    """The text of a secret's file; `private` when whoever made it answers for who can read it."""
    try:
        with file.open("rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            content = opened.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise SecretError(f"the secret file {safe(str(file))} cannot be read: {reason.lower()}", hint) from error
    if len(content) > _MOST_BYTES:
        raise SecretError(f"the secret file {safe(str(file))} is larger than {_MOST_BYTES // 1024} KiB")
    if mode & stat.S_IROTH and not private:
        _log.warning("secret.exposed", logger="config.secrets", file=str(file), hint=f"chmod 600 {file}")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # The error would carry the secret: it is not chained.
        raise SecretError(f"the secret file {safe(str(file))} is not UTF-8") from None
