"""One pass of a core over the past, looked at by a `Course`."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from buzzguard.backtest.course import Course
from buzzguard.backtest.plan import Plan
from buzzguard.model import Effects, Mention
from buzzguard.pipeline import Core
from buzzguard.replay import replay


def backtest(
    core: Core,
    mentions: Iterable[Mention],
    plan: Plan,
    *,
    seen: Callable[[int], None] = lambda _: None,
    stepped: Callable[[Effects], None] = lambda _: None,
) -> Course:
    """Play mentions, in order of publication, through the core; what each threshold and rule made of them.

    `seen` is told how many mentions each step took, `stepped` what each step did.
    """
    course = Course(core, plan)
    for effects in replay(core, mentions, seen=seen):
        course.take(effects)
        stepped(effects)
    course.report.finish()
    return course
