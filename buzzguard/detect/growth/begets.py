"""The reproduction number of a story: how many mentions each mention begets.

The renewal equation (Cori, Ferguson, Fraser and Cauchemez 2013): the mentions begotten in a minute have the mean
R · season · Σ w(u) · (mentions u minutes before), w the law of the time between a mention and those it begets. With a
Gamma prior for R (shape and rate 1: one, and worth one mention) its posterior is a Gamma law too. Only the story's own
mentions count, those beyond the baseline.

Where sources tell which mentions share or answer another, only these are begotten and the others are news from outside.
Where none does, all of the excess passes for begotten: the number is then `apparent`, too high while news comes in.

w is learned from the lags of shares and answers to parents that were seen, each weighed by how many mentions were old
enough to have had such a lag (fresh parents have short lags alone), and pulled to the default with the weight of
thirty lags. The default is the memory of shares that Zhao et al. 2015 (SEISMIC) measured on Twitter: even over five
minutes, then falling with the power 1.242, cut after a day; half of it falls within 19 minutes.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
import numpy.typing as npt

from buzzguard.detect.growth.course import DAY, Floats, Minutes
from buzzguard.detect.growth.story import Story
from buzzguard.model import Estimate

SPANS = (60, 120, 240, 480, DAY)
"""Minutes over which the number is read: the shortest that holds enough begetting, for it changes with the hours."""
ENOUGH = 20.0
LEAST = 5.0
"""Begetting mentions below which nothing is said."""
PRIOR = 1.0
LAGS_OF_DEFAULT = 30.0
OLD_ENOUGH = 0.2
"""A lag is learned while so large a part of the mentions is older than it."""
_SIZE = 2 * DAY


def default_lags() -> Floats:
    """The default law of the lag, the chance of each minute of a day."""
    edges = np.arange(1, DAY + 2, dtype=np.float64)
    tail = np.where(edges <= 5.0, 0.0, 1.0 - (np.maximum(edges, 5.0) / 5.0) ** -0.242) * 5.0 / 0.242
    total = np.minimum(edges, 5.0) - 1.0 + tail
    law = np.diff(total)
    return np.asarray(law / law.sum(), dtype=np.float64)


_DEFAULT = default_lags()


def _waves(law: Floats) -> npt.NDArray[np.complex128]:
    """The law's transform; nothing is begotten in the minute of its parent."""
    return np.fft.rfft(np.concatenate((np.zeros(1), law[:-1])), _SIZE)


_DEFAULT_WAVES = _waves(_DEFAULT)


def lag_law(minutes: Minutes) -> Floats:
    """The law of the lag for this topic: what was seen of it, pulled to the default.

    Lags that hardly any mention is old enough to have had keep the default's share.
    """
    seen = float(minutes.lags.sum())
    if seen <= 0.0:
        return _DEFAULT
    older = np.cumsum(minutes.counts)[::-1]
    lags = np.zeros(DAY)
    lags[: len(minutes.lags)] = minutes.lags
    rate = lags / np.maximum(older, 1.0)
    # A lag of no minute counts as one: nothing is begotten in the minute of its parent.
    rate[1] += rate[0]
    told = rate[1:] * (older[1:] >= OLD_ENOUGH * older[0])
    within = int(np.count_nonzero(older[1:] >= OLD_ENOUGH * older[0]))
    share = float(_DEFAULT[:within].sum())
    own = _DEFAULT.copy()
    if told.sum() > 0.0:
        own[:within] = told[:within] * share / float(told.sum())
    return np.asarray((seen * own + LAGS_OF_DEFAULT * _DEFAULT) / (seen + LAGS_OF_DEFAULT), dtype=np.float64)


def reproduction(minutes: Minutes, found: Story, scatter: float) -> tuple[Estimate | None, bool]:
    """R with its interval over the last hour or hours, and whether it is only apparent.

    None when too little could beget. `scatter` is by how much counts scatter more than Poisson's: it widens.
    """
    apparent = not float(minutes.begotten.sum())
    if found.begun is None:
        return None, apparent
    begotten, pressure = _renewal(minutes, found.begun, apparent=apparent)
    for span in SPANS:
        force = float(pressure[-span:].sum())
        if force >= ENOUGH * scatter or span >= found.age:
            break
    if force < LEAST:
        return None, apparent
    shape = PRIOR + max(float(begotten[-span:].sum()), 0.0) / scatter
    return _gamma(shape, PRIOR + force / scatter), apparent


def _renewal(minutes: Minutes, begun: int, *, apparent: bool) -> tuple[Floats, Floats]:
    """Begotten mentions of each minute, and how much begetting falls on it."""
    surplus = minutes.counts - minutes.usual
    surplus[:begun] = 0.0
    law = lag_law(minutes)
    waves = np.fft.rfft(surplus, _SIZE) * (_DEFAULT_WAVES if law is _DEFAULT else _waves(law))
    mean = float((minutes.season * minutes.exposure).sum() / max(float(minutes.exposure.sum()), 1e-9))
    pressure = np.maximum(np.fft.irfft(waves, _SIZE)[:DAY], 0.0) * minutes.weight / max(mean, 1e-9)
    pressure[:begun] = 0.0
    if apparent:
        return surplus, pressure
    own = np.clip(surplus.sum() / max(float(minutes.counts[begun:].sum()), 1.0), 0.0, 1.0)
    begotten = minutes.begotten * own
    begotten[:begun] = 0.0
    return begotten, pressure


def _gamma(shape: float, rate: float) -> Estimate:
    """Mean and 80 % of a Gamma law, by the cube of a normal (Wilson and Hilferty 1931)."""
    spread = 1.0 / (9.0 * shape)
    low, high = (shape * max(1.0 - spread + side * 1.2816 * sqrt(spread), 0.0) ** 3 for side in (-1.0, 1.0))
    return Estimate(value=shape / rate, low=low / rate, high=high / rate)
