"""What is wrong with `rotas:` that the shape of each cannot tell: names that nothing has, times out of order."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buzzguard.config.located import Located, Path, build
from buzzguard.config.moments import begin_of, end_of
from buzzguard.config.rotas import OverrideSettings
from buzzguard.config.sections import section, unknown
from buzzguard.model import Fault


def rota_faults(located: Located) -> Iterator[Fault]:
    """Every fault of every rota, beyond those of their shape."""
    receivers = section(located, ("receivers",))
    for name in section(located, ("rotas",)):
        path: Path = ("rotas", name)
        if name in receivers:
            hint = "policies could not tell them apart: rename one"
            yield located.fault(path, f"a receiver is called `{name}` as well", hint, key=True)
        for index, layer in enumerate(_list(located.get((*path, "layers")))):
            members = _list(layer.get("members")) if isinstance(layer, dict) else []
            for place, member in enumerate(members):
                at = (*path, "layers", index, "members", place)
                yield from unknown(located, at, member, receivers, noun="receiver")
        for known, who in section(located, (*path, "people")).items():
            yield from unknown(located, (*path, "people", known), who, receivers, noun="receiver")
        for index in range(len(_list(located.get((*path, "overrides"))))):
            yield from _override_faults(located, name, index)


def _override_faults(located: Located, rota: str, index: int) -> Iterator[Fault]:
    path: Path = ("rotas", rota, "overrides", index)
    for key in ("who", "instead_of"):
        yield from unknown(
            located, (*path, key), located.get((*path, key)), section(located, ("receivers",)), noun="receiver"
        )
    override, _ = build(OverrideSettings, located, at=path)
    name = located.get(("rotas", rota, "time_zone")) or located.get(("time_zone",)) or "UTC"
    try:
        zone = ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return
    if override is not None and end_of(override.ends, zone) <= begin_of(override.begins, zone):
        yield located.fault((*path, "to"), "`to` is not after `from`", "an override ends after it begins")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
