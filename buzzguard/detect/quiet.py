"""Topics of which hardly anybody speaks: how rarely a story brings so many mentions.

Mentions of a quiet topic come in stories: somebody speaks, others answer and copy. How often two of them coincide by
chance says nothing there; what counts is how often a story begins and how large stories get. Sizes have a heavy tail
(a power law: 3 or more mentions in one story of 17, 6 or more in one of 100), and what begins is a slow Poisson stream
that a topic shows in its own past, by days with a mention, so that one crisis counts as its days and not as its
mentions.

No topic is believed quieter than `STORIES`: a silent year says how seldom it was spoken of, not how large the next
story is, and whoever is woken wants more than two posts. The law is therefore on the safe side: less is found rare
than is.
"""

from __future__ import annotations

from math import log

import numpy as np

from buzzguard.detect.scan import Array, bounded

QUIET, LOUD = 0.3, 3.0
"""Mentions a day up to which a topic is quiet, and from which on it is not."""
STORIES = 1.0 / 17.5
"""Stories a day of the quietest topic that is believed in: five in a season."""
DOUBT_DAYS = 15.0
"""Days of watching that the belief in one story counts for, while a topic is young."""
SIZES = 2.6
"""Exponent of the sizes of stories."""
LENGTH = 0.25
"""A window that is so many times longer holds stories so much (this power) larger: most of a story comes at once."""
ONE_MENTION = (-log(STORIES) - LENGTH * log(4.0)) / log(10.0)
"""Decades of one mention in the quietest topic: the score with which every story begins."""
_LOG_SIX_HOURS = log(0.25)
_NOTHING = -2.0
_LN10 = log(10.0)


def quietness(rates: Array) -> Array:
    """How much topics are to be judged as quiet, 0 to 1, by their mentions a day."""
    quiet: Array = bounded(np.log(LOUD / rates) / log(LOUD / QUIET), 0.0, 1.0)
    return quiet


def stories(daily: Array, watched: Array) -> Array:
    """Stories a day, from the usual mentions of a day (crises cut) and the days watched."""
    begun: Array = np.maximum((daily * watched + 1.0) / (watched + DOUBT_DAYS), STORIES)
    return begun


def story_decades(count: Array, begun: Array, days: Array) -> Array:
    """The return period, in decades of days, of `count` mentions in windows of `days` where stories begin so often."""
    length = LENGTH * (np.log(days) - _LOG_SIX_HOURS)
    with np.errstate(divide="ignore"):
        rarity = (SIZES * np.log(count) - np.log(begun) - length) / _LN10
    return np.where(count >= 0.5, rarity, _NOTHING)
