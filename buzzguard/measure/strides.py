"""How often closed windows are emitted: the rhythm on which baselines learn."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

STRIDES: Final[dict[timedelta, timedelta]] = {
    timedelta(minutes=5): timedelta(minutes=5),
    timedelta(minutes=15): timedelta(minutes=15),
    timedelta(hours=1): timedelta(minutes=15),
    timedelta(hours=3): timedelta(hours=1),
    timedelta(hours=6): timedelta(hours=1),
    timedelta(hours=24): timedelta(hours=1),
}
"""For each window, the distance between the ends of its closed windows; ends are multiples of it since the epoch."""
