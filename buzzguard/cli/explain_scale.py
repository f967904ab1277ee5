"""The scale on which return periods are drawn: from usual to once in years, each step several times the one before."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

from buzzguard.deliver import wording
from buzzguard.deliver.wording.quantities import YEAR
from buzzguard.model import Language

LEAST, MOST = timedelta(days=1), 10 * YEAR
_STEPS = (timedelta(days=7), timedelta(days=90), YEAR, MOST)


class Tick(NamedTuple):
    """A label at a place between 0 and 1."""

    place: float
    text: str


def place(period: timedelta) -> float:
    """Where a return period lies between usual (0) and once in ten years or rarer (1)."""
    if period <= LEAST:
        return 0.0
    return min(1.0, math.log(period / LEAST) / math.log(MOST / LEAST))


def ticks(language: Language) -> list[Tick]:
    """A week, the three months that rules ask for, a year, ten years."""
    units = wording.catalogue(language).units
    names = ((units.week, 1), (units.month, 3), (units.year, 1), (units.year, 10))
    texts = [wording.plural(forms, n, language).format(n=n) for forms, n in names]
    # A year lies too near to three months for both names to be read.
    return [Tick(place(step), "" if step == YEAR else text) for step, text in zip(_STEPS, texts, strict=True)]
