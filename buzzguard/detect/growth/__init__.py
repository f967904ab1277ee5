"""How a story goes on, judged while it fills: pace, future, whether it feeds itself, whether it is past its peak.

One pure function, `judge_growth`, from a topic's last day minute by minute and its baseline to a `Growth`. Each part
names its method and its source: `course` (what it is read from), `story` (its start and its peak), `pace` (doubling),
`ahead` (forecast), `begets` (reproduction). Nothing is claimed of a topic that is not above its baseline.
"""

from __future__ import annotations

from buzzguard.detect.growth.course import Course, per_minute
from buzzguard.detect.growth.judge import judge_growth

__all__ = ["Course", "judge_growth", "per_minute"]
