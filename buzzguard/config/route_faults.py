"""What is wrong with `routes:` that the shape of each cannot tell: names that nothing has, routes out of reach."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from buzzguard.config.located import Located, Path
from buzzguard.config.sections import PluginModels, section, unknown
from buzzguard.model import Fault

DEEPEST = 10
"""Routes stand within routes no deeper than this: nobody would find the way."""


def route_faults(located: Located, models: PluginModels) -> Iterator[Fault]:
    """What is wrong with `routes:` beyond the shape of each: names that nothing has, routes that nothing reaches."""
    told = {**section(located, ("receivers",)), **section(located, ("rotas",))}
    names = {
        "topic": (section(located, ("topics",)), "topic"),
        "source": (dict.fromkeys(models.names("source")), "source"),
        "role": (dict.fromkeys(("brand", "product", "executive", "competitor", "issue")), "role"),
    }
    for path in _paths(located, ("routes",)):
        yield from unknown(
            located, (*path, "policy"), located.get((*path, "policy")), section(located, ("policies",)), noun="policy"
        )
        for index, name in enumerate(_list(located.get((*path, "also")))):
            yield from unknown(located, (*path, "also", index), name, told, noun="receiver")
        for part in ("match", "unless"):
            for key, (known, noun) in names.items():
                yield from _matcher_faults(located, (*path, part, key), known, noun)
    yield from _unreachable(located, ("routes",))


def theme_faults(located: Located, themes: Collection[str]) -> Iterator[Fault]:
    """Themes that routes ask for and that no file has: such a route would never be taken."""
    known = dict.fromkeys(themes)
    for path in _paths(located, ("routes",)):
        for part in ("match", "unless"):
            yield from _matcher_faults(located, (*path, part, "theme"), known, "theme")


def _matcher_faults(located: Located, path: Path, known: Mapping[str, object], noun: str) -> Iterator[Fault]:
    written = located.get(path)
    if isinstance(written, list):
        for index, name in enumerate(written):
            yield from unknown(located, (*path, index), name, known, noun=noun)
    else:
        yield from unknown(located, path, written, known, noun=noun)


def _paths(located: Located, at: Path, depth: int = 0) -> Iterator[Path]:
    for index in range(len(_list(located.get(at)))):
        yield (*at, index)
        if depth < DEEPEST:
            yield from _paths(located, (*at, index, "routes"), depth + 1)


def _unreachable(located: Located, at: Path, depth: int = 0) -> Iterator[Fault]:
    """Routes that stand after one that takes every alert, and those too deep to be found."""
    closed: int | None = None
    for index, route in enumerate(_list(located.get(at))):
        path = (*at, index)
        if depth >= DEEPEST:
            yield located.fault(
                path, f"routes stand {DEEPEST} deep at most", "write fewer, with more matchers", key=True
            )
            return
        if closed is not None:
            line, _ = located.place((*at, closed))
            message = f"no alert comes here: the route in line {line} takes them all"
            yield located.fault(path, message, "put it last, or write `continue: true` in it")
            break
        if isinstance(route, dict) and not route.get("match") and not route.get("unless") and not route.get("continue"):
            closed = index
        yield from _unreachable(located, (*path, "routes"), depth + 1)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
