"""What `buzzguard watch` reads, and the configuration that it makes of a name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import yaml

from buzzguard.cli.starting import identifier_of, query_of
from buzzguard.config.shipped import shipped_rules
from buzzguard.errors import BuzzguardError
from buzzguard.model import Language, Record
from buzzguard.plugins import names

_QUERY = "{query}"
_OWN_KEYS = frozenset({"title", "watch"})


class Wish(Record, frozen=True, kw_only=True):
    """What somebody wants watched, and what they allow."""

    brand: str
    language: Language
    google_news: bool = False
    contact: str = ""


class Place(Record, frozen=True, kw_only=True):
    """A stream that can be read without a key. `why_not` says why it is left out: an option, or nothing."""

    name: str
    title: str
    settings: Mapping[str, Any]
    why_not: str = ""


def read_places(path: Path | None) -> dict[str, dict[str, Any]]:
    """The places, shipped or from a file. Raises BuzzguardError."""
    try:
        text = (
            path.read_text("utf-8") if path else (files("buzzguard.cli") / "starter" / "places.yml").read_text("utf-8")
        )
        read = yaml.load(text, yaml.CSafeLoader)
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise BuzzguardError(f"the places cannot be read: {error}") from error
    if not isinstance(read, dict) or not all(isinstance(one, dict) for one in read.values()):
        raise BuzzguardError("the places cannot be read: streams by name are wanted")
    return read


def places(read: Mapping[str, dict[str, Any]], wish: Wish) -> list[Place]:
    """Every place that speaks the language, with why it is left out, if it is."""
    known = set(names("source"))
    found = []
    for name, one in read.items():
        watch: dict[str, Any] = one.get("watch") or {}
        if wish.language not in watch.get("languages", (wish.language,)):
            continue
        settings = {key: _filled(value, wish) for key, value in one.items() if key not in _OWN_KEYS}
        needs = str(watch.get("needs", ""))
        lacking = (
            needs if (needs, True) in (("google-news", not wish.google_news), ("contact", not wish.contact)) else ""
        )
        absent = "" if one.get("source") in known else "absent"
        found.append(Place(name=name, title=str(one.get("title", name)), settings=settings, why_not=lacking or absent))
    return found


def document(wish: Wish, chosen: list[Place], *, database: Path, allow: tuple[str, ...] = ()) -> dict[str, Any]:
    """The configuration: one topic, the shipped rules, alerts in this terminal."""
    topic = identifier_of(wish.brand, otherwise="brand")
    network: dict[str, Any] = {"allow": list(allow)}
    if wish.contact:
        network["user_agent"] = f"BuzzGuard ({wish.contact})"
    return {
        "language": wish.language,
        "time_zone": _time_zone(),
        "topics": {topic: {"name": wish.brand.strip(), "query": query_of(wish.brand), "role": "brand"}},
        "streams": {place.name: dict(place.settings) for place in chosen},
        "notifiers": {"console": {"kind": "console"}},
        "receivers": {"terminal": {"notifier": "console"}},
        "policies": {"crisis": {"steps": [{"notify": ["terminal"]}], "repeat": 0}},
        "rules": (str(shipped_rules()),),
        "store": {"url": f"sqlite:///{database}"},
        "network": network,
    }


def database_of(brand: str) -> Path:
    """Where the watch of a name keeps what it learns: among the user's caches. Raises BuzzguardError."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
    folder = Path(home) / "buzzguard"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BuzzguardError(f"{folder} cannot be made: {error.strerror} (name a file with --database)") from error
    return folder / f"watch-{identifier_of(brand, otherwise='brand')}.db"


def _filled(value: Any, wish: Wish) -> Any:
    return value.replace(_QUERY, quote_plus(query_of(wish.brand))) if isinstance(value, str) else value


def _time_zone() -> str:
    """The zone of this machine, if it tells its name."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    link = Path("/etc/localtime")
    told = os.environ.get("TZ") or (str(link.resolve()).partition("/zoneinfo/")[2] if link.is_symlink() else "")
    try:
        return ZoneInfo(told).key if told else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
