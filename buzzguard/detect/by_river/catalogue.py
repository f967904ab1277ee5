"""What river offers that may judge, and how a model is built from YAML: names, parameters, simple types and bounds.

Faults are ValueErrors in words of a user; `", write …"` in a message begins its hint.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import import_module
from math import isfinite
from types import ModuleType
from typing import Any, TypeAlias

Parameters: TypeAlias = Mapping[str, Any]
Where: TypeAlias = tuple[str, ...]

SEED = 1
"""Every model with a seed gets this one unless it is given another: a replay must not throw dice."""
MOST_NODES = 40_000
"""Nodes of a tree ensemble: river takes about 220 bytes for one, 1 MiB for its usual 10 trees of height 8."""
NODE_BYTES = 220
MOST = 100_000
"""No whole number of a model needs to be larger."""
DEEPEST = 3
_PARTS = ("linear_model", "neighbors", "optim", "preprocessing", "proba", "stats", "time_series", "tree", "utils")
"""Modules whose classes may be parts of a model. Others read files or the network, or are models of another kind."""
_REFUSED = {
    "QuantileFilter": "only filters what another detector learns, which BuzzGuard decides itself",
    "ThresholdFilter": "only filters what another detector learns, which BuzzGuard decides itself",
    "NoDrift": "never tells anything",
    "DummyDriftDetector": "tells drifts whatever the values are",
    "DriftRetrainingClassifier": "is a classifier, not a detector",
}
_SIMPLE: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "str": (str,)}
_WORDS = {"int": "a whole number", "float": "a number", "bool": "`true` or `false`", "str": "a text"}


def offered() -> dict[str, type]:
    """Every class of river that may judge, by its short name."""
    from river import anomaly, base, drift

    kinds = (base.AnomalyDetector, base.SupervisedAnomalyDetector, base.DriftDetector)
    # 0.26.1 lists a class (`PeriodicTrigger`) that it does not have.
    found = {name: getattr(module, name, None) for module in (anomaly, drift) for name in module.__all__}
    return {
        name: kind
        for name, kind in sorted(found.items())
        if name not in _REFUSED and inspect.isclass(kind) and issubclass(kind, kinds)
    }


def choose(name: str) -> type:
    """The class behind a name, `HalfSpaceTrees` or `river.anomaly.HalfSpaceTrees`. Raises ValueError."""
    short = name.rpartition(".")[2]
    known = offered()
    if short in _REFUSED:
        raise ValueError(f"river's `{short}` {_REFUSED[short]}")
    kind = known.get(short)
    if kind is not None and name in (short, f"river.{_public(kind)}.{short}"):
        return kind
    if name.startswith("river.drift.binary."):
        raise ValueError(f"`{name}` watches yes and no, not numbers")
    near = get_close_matches(short, known, n=1, cutoff=0.5)
    raise ValueError(f"river has no detector `{name[:60]}`, write {near[0] if near else ' or '.join(known)}")


def faults(kind: type, parameters: Parameters) -> list[tuple[Where, str]]:
    """What is wrong with the parameters of a class, each with the keys that lead to it."""
    found = list(_faults(kind, parameters, ()))
    if not found and kind.__name__ == "HalfSpaceTrees":
        found += _oversized(kind, parameters)
    return found


def build(kind: type, parameters: Parameters) -> Any:
    """A model. Raises whatever its constructor raises: `faults` has been asked before."""
    arguments = {name: _built(value) for name, value in parameters.items()}
    if "seed" in inspect.signature(kind).parameters and arguments.get("seed") is None:
        arguments["seed"] = SEED
    return kind(**arguments)


def bytes_of(kind: type, parameters: Parameters) -> int:
    """About how much memory one model takes, where it is worth telling (tree ensembles); else 0."""
    return _nodes(kind, parameters) * NODE_BYTES if kind.__name__ == "HalfSpaceTrees" else 0


def _public(kind: type) -> str:
    """The public module of an offered class: `anomaly` or `drift`."""
    return kind.__module__.split(".")[1]


def _faults(kind: type, parameters: Parameters, at: Where) -> Iterator[tuple[Where, str]]:
    signature = inspect.signature(kind).parameters
    for name, value in parameters.items():
        here = (*at, str(name))
        if name not in signature:
            near = get_close_matches(str(name), signature, n=1, cutoff=0.5)
            hint = near[0] if near else " or ".join(signature) or "none"
            yield here, f"river's `{kind.__name__}` has no parameter `{str(name)[:60]}`, write {hint}"
        elif isinstance(value, dict):
            yield from _part_faults(value, signature[name], here)
        else:
            said = _value_fault(signature[name], value)
            if said:
                yield here, said
    for name, parameter in signature.items():
        if parameter.default is parameter.empty and name not in parameters:
            yield at, f"river's `{kind.__name__}` needs `{name}`"


def _part_faults(value: Parameters, parameter: inspect.Parameter, at: Where) -> Iterator[tuple[Where, str]]:
    """Faults of a part of a model, which is written as a section: its `class`, and that one's parameters."""
    if len(at) > DEEPEST:
        yield at, "sections are nested too deeply"
        return
    types = _types(parameter)
    if types and types <= {*_SIMPLE, "None"}:
        yield at, f"expected {_expected(types)}, found a section"
        return
    try:
        kind = part(value.get("class"))
    except ValueError as error:
        yield at, str(error)
        return
    yield from _faults(kind, {name: each for name, each in value.items() if name != "class"}, at)


def part(name: object) -> type:
    """The class of a part of a model, as `stats.Quantile` or `river.stats.Quantile`. Raises ValueError."""
    if not isinstance(name, str):
        raise ValueError("a part of a model is a section with its class, write for example `class: stats.Quantile`")
    *modules, short = name.removeprefix("river.").split(".")
    if not modules or modules[0] not in _PARTS:
        raise ValueError(f"`{name[:60]}` is no part that a model may have, write a class of {', '.join(_PARTS)}")
    module = _module("river." + ".".join(modules))
    kind = getattr(module, short, None) if module and short in getattr(module, "__all__", ()) else None
    if not inspect.isclass(kind):
        near = get_close_matches(short, getattr(module, "__all__", ()), n=1)
        hint = f", write {'.'.join([*modules, near[0]])}" if near else ""
        raise ValueError(f"river has no `{name[:60]}`{hint}")
    return kind


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None


def _built(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return build(part(value["class"]), {name: each for name, each in value.items() if name != "class"})


def _types(parameter: inspect.Parameter) -> set[str]:
    """The types that a parameter takes, by name, from its annotation or its default; empty when neither tells."""
    if parameter.annotation is not parameter.empty:
        return {name.strip() for name in str(parameter.annotation).split("|")}
    if parameter.default is parameter.empty or parameter.default is None:
        return set()
    return {type(parameter.default).__name__}


def _value_fault(parameter: inspect.Parameter, value: object) -> str:
    types = _types(parameter)
    if value is None:
        return "" if not types or "None" in types else f"expected {_expected(types)}, found nothing"
    if not isinstance(value, int | float | str):
        return "expected a plain value"
    simple = (types & _SIMPLE.keys()) if types else set(_SIMPLE)
    if not simple:
        return "this is a part of its own, write a section with its `class`"
    if not any(isinstance(value, _SIMPLE[name]) and isinstance(value, bool) <= (name == "bool") for name in simple):
        return f"expected {_expected(simple)}"
    return "" if isinstance(value, bool | str) else _bound_fault(parameter, value)


def _bound_fault(parameter: inspect.Parameter, value: int | float) -> str:
    """Whole numbers are counts: none is negative, none that is usually positive is zero."""
    if not isinstance(value, int):
        return "" if isfinite(value) else "expected a finite number"
    least = 1 if type(parameter.default) is int and parameter.default >= 1 else 0
    return "" if least <= value <= MOST else f"{value} is out of range, write a number from {least} to {MOST}"


def _expected(types: set[str]) -> str:
    return " or ".join(_WORDS[name] for name in sorted(types) if name in _WORDS)


def _oversized(kind: type, parameters: Parameters) -> list[tuple[Where, str]]:
    nodes = _nodes(kind, parameters)
    if nodes <= MOST_NODES:
        return []
    mib, most = nodes * NODE_BYTES / 2**20, MOST_NODES * NODE_BYTES / 2**20
    message = (
        f"trees of {mib:,.0f} MiB for each topic and signal are too large, write fewer `n_trees` or a smaller "
        f"`height` (together {most:.0f} MiB at most)"
    )
    where: Where = ("height",) if "height" in parameters else ("n_trees",)
    return [(where, message)]


def _nodes(kind: type, parameters: Parameters) -> int:
    usual = {name: each.default for name, each in inspect.signature(kind).parameters.items()}
    trees, height = (int(parameters.get(name, usual[name])) for name in ("n_trees", "height"))
    nodes: int = trees << min(height, 60) + 1
    return nodes
