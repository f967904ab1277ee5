"""What a noun refuses to be."""

from __future__ import annotations

import pytest

from buzzguard.model import Confusion


def test_a_scorer_that_does_not_know_says_a_usual_error_rate() -> None:
    assert (Confusion().recall, Confusion().false_positives) == (0.8, 0.1)
    assert Confusion(recall=1.0, false_positives=0.0).recall == 1.0


@pytest.mark.parametrize(
    ("recall", "false_positives"),
    [(0.5, 0.5), (0.2, 0.7), (1.2, 0.1), (0.8, -0.1), (float("nan"), 0.1), (0.8, float("nan"))],
)
def test_an_error_rate_no_scorer_can_have_is_refused(recall: float, false_positives: float) -> None:
    with pytest.raises(ValueError, match="false_positives"):
        Confusion(recall=recall, false_positives=false_positives)
