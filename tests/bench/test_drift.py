"""The measurement of drift hints counts what it says it counts."""

from __future__ import annotations

import numpy as np

from tests.bench.drift import AFTER, WARM, hints


def test_a_level_that_stays_gives_no_hint_and_a_fivefold_one_does_after_the_jump() -> None:
    dice = np.random.default_rng(1)
    calm = np.exp(dice.normal(0.0, 0.2, WARM + AFTER))
    assert hints(calm, 0.002) == []
    jumped = calm.copy()
    jumped[WARM:] *= 5.0
    told = hints(jumped, 0.5)
    assert told and 1 < told[0] <= 7
