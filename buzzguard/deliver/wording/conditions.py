"""A rule's condition for people who write no rules: `negative mentions rarer than once in 365 days and …`."""

from __future__ import annotations

import re
from datetime import timedelta

from buzzguard.deliver.wording.evidence import counted
from buzzguard.deliver.wording.quantities import catalogue, duration, number, plural
from buzzguard.model import Language, Signal

_SIGNALS = "|".join(signal.value for signal in Signal)
_RARE = re.compile(rf"\b({_SIGNALS})\.once_per\s*>=?\s*(days|hours|minutes)\((\d{{1,6}})\)")
_LEAST = re.compile(rf"\b({_SIGNALS})\.(count|value|ratio|share)\s*>=\s*(\d{{1,12}}(?:\.\d{{1,6}})?)")
_PLACES = re.compile(r"\b(spread\.sources|spread\.sites|reach\.top)\s*>=\s*(\d{1,12})")
_SIGNS = (("&&", "both"), ("||", "either"))
_MOST = 6.0
"""Decades of days; a million days are longer than anybody plans."""
_COMPARISONS = ((">=", "≥"), ("<=", "≤"), ("==", "="), ("!=", "≠"))


def condition(source: str, language: Language) -> str:
    """The condition in words, as far as its parts are of the usual forms; the others stay as they were written."""
    own = catalogue(language)
    words = own.labels

    def rare(found: re.Match[str]) -> str:
        units = {"days": own.units.day, "hours": own.units.hour, "minutes": own.units.minute}[found[2]]
        span = plural(units, int(found[3]), language).format(n=number(int(found[3]), language))
        return words.rarer.format(what=_label(found[1], language), span=span)

    def least(found: re.Match[str]) -> str:
        return _least(found, language)

    def places(found: re.Match[str]) -> str:
        n = int(found[2])
        if found[1] == "reach.top":
            return words.at_least.format(what=words.audience, n=number(n, language))
        sites = found[1] == "spread.sites"
        count = (
            counted(Signal.SPREAD, n, language)
            if sites
            else plural(words.sources, n, language).format(n=number(n, language))
        )
        return words.counted_at_least.format(count=count)

    for pattern, told in ((_RARE, rare), (_LEAST, least), (_PLACES, places)):
        source = pattern.sub(told, source)
    for sign, name in _SIGNS:
        source = source.replace(sign, getattr(words, name))
    for sign, shown in _COMPARISONS:
        source = source.replace(sign, shown)
    return source


def _least(found: re.Match[str], language: Language) -> str:
    """A signal that reaches a number, told as its evidence is: a share per cent, the crisis score by its rarity."""
    words = catalogue(language).labels
    (name, attribute), value, what = found.group(1, 2), float(found[3]), _label(found[1], language)
    if attribute == "ratio":
        return words.times_usual.format(what=what, n=number(value, language))
    if attribute == "share":
        return words.share.format(what=what, n=number(100.0 * value, language))
    if name == Signal.CRISIS:
        # The score is the logarithm of its return period in days.
        return words.rarer.format(what=what, span=duration(timedelta(days=10.0 ** min(value, _MOST)), language))
    if name == Signal.REACH:
        return words.at_least.format(what=what, n=number(value, language))
    return words.counted_at_least.format(count=counted(Signal(name), value, language))


def _label(signal: str, language: Language) -> str:
    label = catalogue(language).numbers.label[Signal(signal)]
    return label[:1].lower() + label[1:]
