"""A rule's condition for people who write no rules: `negative mentions: rarer than once in 12 months`."""

from __future__ import annotations

import re

from buzzguard.deliver.wording.quantities import catalogue, number, plural
from buzzguard.model import Language, Signal

_SIGNALS = "|".join(signal.value for signal in Signal)
_RARE = re.compile(rf"\b({_SIGNALS})\.once_per\s*>=?\s*(days|hours|minutes)\((\d{{1,6}})\)")
_LEAST = re.compile(rf"\b({_SIGNALS})\.(count|value|ratio|share)\s*>=\s*(\d{{1,12}}(?:\.\d{{1,6}})?)")
_PLACES = re.compile(r"\b(spread\.sources|spread\.sites|reach\.top)\s*>=\s*(\d{1,12})")
_SIGNS = (("&&", "both"), ("||", "either"))
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
        form = {"ratio": words.times_usual, "share": words.share}.get(found[2], words.at_least)
        amount = 100 * float(found[3]) if found[2] == "share" else float(found[3])
        return form.format(what=_label(found[1], language), n=number(amount, language))

    def places(found: re.Match[str]) -> str:
        what = {"spread.sources": words.sources, "spread.sites": words.sites, "reach.top": words.audience}[found[1]]
        return words.at_least.format(what=what, n=number(int(found[2]), language))

    for pattern, told in ((_RARE, rare), (_LEAST, least), (_PLACES, places)):
        source = pattern.sub(told, source)
    for sign, name in _SIGNS:
        source = source.replace(sign, getattr(words, name))
    for sign, shown in _COMPARISONS:
        source = source.replace(sign, shown)
    return source


def _label(signal: str, language: Language) -> str:
    label = catalogue(language).numbers.label[Signal(signal)]
    return label[:1].lower() + label[1:]
