"""What everybody installs: free of the GPL, which would bind whoever passes BuzzGuard on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[1] / "pyproject.toml"
OTHERWISE = re.compile(r"\b(?:MPL|LGPL|MIT|BSD|Apache)", re.IGNORECASE)
"""A licence that one may choose instead of the GPL."""


def needed(requirements: list[str], seen: set[str]) -> Iterator[str]:
    """The names of all packages that requirements bring with them, those that are installed here."""
    for one in map(Requirement, requirements):
        name = re.sub(r"[-_.]+", "-", one.name).lower()
        if name in seen or (
            one.marker is not None and not any(one.marker.evaluate({"extra": e}) for e in ("", *one.extras))
        ):
            continue
        seen.add(name)
        try:
            brought = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        yield name
        yield from needed(brought, seen)


def licence_of(name: str) -> str:
    """What a package says of its licence."""
    told = distribution(name).metadata
    classifiers = [line for line in told.get_all("Classifier") or [] if line.startswith("License")]
    written = [told[field][:200] for field in ("License-Expression", "License") if field in told]
    return " ".join([*written, *classifiers])


def test_no_default_dependency_is_under_the_gpl_alone() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    licences = {name: licence_of(name) for name in needed(project["dependencies"], set())}
    assert len(licences) > 40
    bound = {
        name: licence
        for name, licence in licences.items()
        if re.search(r"\bA?GPL|General Public", licence) and not OTHERWISE.search(licence)
    }
    assert bound == {}
