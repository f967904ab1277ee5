"""What is wrong with the fallbacks of receivers that the shape of each cannot tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from buzzguard.config.located import Located, Path
from buzzguard.config.sections import section, unknown
from buzzguard.model import Fault


def fallback_faults(located: Located) -> Iterator[Fault]:
    """Fallbacks that name nobody known or the receiver itself, and those that lead back to where they began."""
    receivers, rotas = section(located, ("receivers",)), section(located, ("rotas",))
    ways = {name: _named(located, name) for name in receivers}
    for name in receivers:
        for index, other in enumerate(ways[name]):
            path: Path = ("receivers", name, "fallback", "to", index)
            yield from unknown(located, path, other, {**receivers, **rotas}, noun="receiver")
            if other == name:
                hint = "name others, whom another service tells"
                yield located.fault(path, f"`{name}` cannot stand in for itself", hint)
    yield from _circles(located, ways)


def _circles(located: Located, ways: Mapping[str, list[str]]) -> Iterator[Fault]:
    """Each circle once, where its first receiver (in the order written) leads into it."""
    told: set[frozenset[str]] = set()
    for start in ways:
        for index, other in enumerate(ways[start]):
            way = _way_back(ways, other, start) if other != start else []
            if way and frozenset(way) not in told:
                told.add(frozenset(way))
                shown = " → ".join(f"`{one}`" for one in (start, *way))
                message = f"this fallback leads back to where it began: {shown}"
                path: Path = ("receivers", start, "fallback", "to", index)
                yield located.fault(path, message, "when all of them are down nobody is told: end with another service")


def _way_back(ways: Mapping[str, list[str]], begin: str, end: str) -> list[str]:
    """The shortest way from `begin` to `end` over fallbacks, both named; empty when there is none."""
    seen, waiting = {begin}, [[begin]]
    while waiting:
        way = waiting.pop(0)
        if way[-1] == end:
            return way
        for one in ways.get(way[-1], []):
            if one not in seen:
                seen.add(one)
                waiting.append([*way, one])
    return []


def _named(located: Located, receiver: str) -> list[str]:
    written = located.get(("receivers", receiver, "fallback", "to"))
    return [one if isinstance(one, str) else "" for one in written] if isinstance(written, list) else []
