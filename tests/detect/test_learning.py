"""The learn-or-skip rule, reason by reason."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.detect.learning import Learning, decide

NONE, LONG = timedelta(0), timedelta(days=3)


@pytest.mark.parametrize(
    ("known", "anomalous", "lasted", "clipped", "reason"),
    [
        (0.5, True, LONG, True, Learning.SKIPPED_UNKNOWN),
        (float("nan"), False, NONE, False, Learning.SKIPPED_UNKNOWN),
        (1.0, True, NONE, True, Learning.SLOWED),
        (1.0, True, LONG, True, Learning.NEW_NORMAL),
        (1.0, False, NONE, True, Learning.CLIPPED),
        (0.8, False, LONG, False, Learning.LEARNED),
    ],
)
def test_each_window_has_its_reason(
    known: float, anomalous: bool, lasted: timedelta, clipped: bool, reason: Learning
) -> None:
    assert decide(known=known, anomalous=anomalous, lasted=lasted, clipped=clipped) is reason


def test_the_slower_the_graver() -> None:
    assert Learning.SKIPPED_UNKNOWN.pace == 0.0 < Learning.SLOWED.pace < Learning.LEARNED.pace == 1.0
