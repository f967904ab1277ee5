"""Which column of a recording or an export holds what."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from buzzguard.collect.columns import USUAL, ColumnMapping
from buzzguard.collect.exports import mapping_of, vendor_of
from buzzguard.config.explain import build
from buzzguard.config.located import read_yaml
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

_SEPARATORS = re.compile(r"[^a-z0-9]+")


def load_mapping(path: Path) -> ColumnMapping:
    """Read a mapping from a YAML file. Raises ConfigError with every fault and its place."""
    model, faults = build(ColumnMapping, read_yaml(path))
    if model is None or faults:
        raise ConfigError(faults)
    return model


def guess_mapping(columns: Iterable[str], *, file: str = "the recording") -> ColumnMapping:
    """The mapping that usual names of columns suggest.

    Raises ConfigError, listing the columns, when none of them looks like a time of publication.
    """
    given = list(columns)
    vendor = vendor_of(given)
    exported = mapping_of(vendor, given) if vendor else None
    if exported is not None:
        return exported
    by_name = {_plain(column): column for column in reversed(given)}
    found: dict[str, str] = {}
    for field, usual in USUAL.items():
        named = next((by_name[name] for name in map(_plain, usual.split()) if name in by_name), "")
        if named and named not in found.values():
            found[field] = named
    if "published" not in found:
        listed = ", ".join(given)[:200] or "none"
        message = f"no column looks like a time of publication; there are: {listed}"
        raise ConfigError(
            [Fault(file=file, line=1, column=1, message=message, hint="write a mapping with `published: COLUMN`")]
        )
    return ColumnMapping(**found)


def looks_like_header(columns: Iterable[str]) -> bool:
    """Whether a row of names is one that mentions can be read by: a time, and something said or its address."""
    given = list(columns)
    named = {_plain(column) for column in given}
    has = {field for field, usual in USUAL.items() if named & set(map(_plain, usual.split()))}
    return vendor_of(given) is not None or ("published" in has and bool(has & {"text", "title", "url"}))


def topic_id(name: str) -> str:
    """The topic that a cell names, as an identifier: `US Airways` → `us-airways`."""
    return _SEPARATORS.sub("-", _plain(name)).strip("-")[:63]


def _plain(name: str) -> str:
    """Lower case, no accents, inner white space as `_`."""
    decomposed = unicodedata.normalize("NFKD", name.strip().lstrip("\ufeff").casefold())
    return "_".join("".join(mark for mark in decomposed if not unicodedata.combining(mark)).split())
