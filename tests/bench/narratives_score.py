"""How well groups of mentions match labels, and whether a story keeps one identity from hour to hour."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
SHOWN = 3
HOUR = 3_600.0


def agreement(labels: Sequence[Hashable], groups: Sequence[Hashable]) -> dict[str, float]:
    """Homogeneity, completeness, V-measure (Rosenberg 2007), and the same corrected for chance.

    The V-measure rewards splinters: of n mentions each alone it gives 2H / (H + log n), often more than any true
    grouping. `adjusted` (adjusted mutual information, Vinh 2010, arithmetic mean) is 0 for what chance would give.
    """
    table = _contingency(labels, groups)
    total = int(table.sum())
    by_label, by_group = table.sum(axis=1), table.sum(axis=0)
    label_entropy, group_entropy = _entropy(by_label), _entropy(by_group)
    shared = label_entropy + group_entropy - _entropy(table.ravel())
    homogeneity = shared / label_entropy if label_entropy else 1.0
    completeness = shared / group_entropy if group_entropy else 1.0
    both = homogeneity + completeness
    chance = _expected(by_label, by_group, total)
    room = (label_entropy + group_entropy) / 2 - chance
    return {
        "homogeneity": homogeneity,
        "completeness": completeness,
        "v": 2 * homogeneity * completeness / both if both > 0 else 0.0,
        "adjusted": (shared - chance) / room if room > 1e-12 else 1.0,
    }


def identity(labels: Sequence[Hashable], groups: Sequence[Hashable], times: Sequence[float]) -> dict[str, float]:
    """Of pairs of mentions in consecutive hours: the share with one group, of `same` label and of `other` labels.

    `kept` is how much the first is above the second: one group for all keeps every identity, and says nothing.
    """
    hours: dict[int, dict[Hashable, Counter[Hashable]]] = defaultdict(lambda: defaultdict(Counter))
    for label, group, at in zip(labels, groups, times, strict=True):
        hours[int(at // HOUR)][label][group] += 1
    kept, pairs = [0, 0], [0, 0]
    for hour, now in hours.items():
        for label, mine in now.items():
            for other, its in hours.get(hour + 1, {}).items():
                kept[label != other] += sum(count * its[group] for group, count in mine.items())
                pairs[label != other] += mine.total() * its.total()
    same, across = kept[0] / max(pairs[0], 1), kept[1] / max(pairs[1], 1)
    return {"same": same, "other": across, "kept": same - across}


def as_shown(groups: Sequence[str]) -> list[str]:
    """The groups a reader would see: those of fewer than three mentions are one remainder."""
    sizes = Counter(groups)
    return [group if group and sizes[group] >= SHOWN else "" for group in groups]


def alone(groups: Sequence[str]) -> list[str]:
    """Mentions without a group, each a group of its own."""
    return [group or f"alone-{index}" for index, group in enumerate(groups)]


def _contingency(labels: Sequence[Hashable], groups: Sequence[Hashable]) -> FloatArray:
    rows = {label: index for index, label in enumerate(dict.fromkeys(labels))}
    columns = {group: index for index, group in enumerate(dict.fromkeys(groups))}
    table = np.zeros((len(rows), len(columns)))
    for label, group in zip(labels, groups, strict=True):
        table[rows[label], columns[group]] += 1
    return table


def _entropy(counts: FloatArray) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _expected(by_label: FloatArray, by_group: FloatArray, total: int) -> float:
    """The mutual information that chance gives, of a hypergeometric model."""
    logs = np.array([math.lgamma(count + 1) for count in range(total + 1)])
    sizes, times = np.unique(by_group.astype(int), return_counts=True)
    expected = 0.0
    for of_label in by_label.astype(int).tolist():
        for of_group, often in zip(sizes.tolist(), times.tolist(), strict=True):
            both = np.arange(max(1, of_label + of_group - total), min(of_label, of_group) + 1)
            chance = logs[of_label] + logs[of_group] + logs[total - of_label] + logs[total - of_group] - logs[total]
            chance = chance - logs[both] - logs[of_label - both] - logs[of_group - both]
            chance = chance - logs[total - of_label - of_group + both]
            gain = both / total * np.log(total * both / (of_label * of_group))
            expected += often * float((gain * np.exp(chance)).sum())
    return expected
