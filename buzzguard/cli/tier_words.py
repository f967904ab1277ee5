"""Which tiers of sentiment can be used here, and why others cannot: in the words of `buzzguard check`."""

from __future__ import annotations

from buzzguard.ports import Scorer
from buzzguard.understand.sentiment.fused import TierMissing

_BROKEN = {
    "en": "the {tier} tier of sentiment cannot be used, those before it do its work: {reason} ({detail})",
    "fr": "le niveau {tier} du sentiment est inutilisable, ceux qui le précèdent le remplacent\u00a0: {reason} "
    "({detail})",
}
_NOT_INSTALLED = {"en": "{tiers} (not installed: {tier})", "fr": "{tiers} (non installé\u00a0: {tier})"}
_REASONS = {
    "en": {
        "onnxruntime_missing": "the package onnxruntime cannot be loaded",
        "sentencepiece_missing": "the package sentencepiece cannot be loaded",
        "weights_missing": "a file of its weights is missing",
        "weights_unreadable": "its weights are broken; install them again",
    },
    "fr": {
        "onnxruntime_missing": "le paquet onnxruntime ne peut être chargé",
        "sentencepiece_missing": "le paquet sentencepiece ne peut être chargé",
        "weights_missing": "un fichier de ses poids manque",
        "weights_unreadable": "ses poids sont abîmés\u00a0; réinstallez-les",
    },
}


def tiers(scorer: Scorer) -> tuple[str, ...]:
    """The tiers that score, cheapest first; of a scorer without tiers its name."""
    return tuple(getattr(scorer, "tiers", None) or (getattr(scorer, "used", scorer.name),))


def in_use(scorer: Scorer, language: str) -> str:
    """The tiers in one line; one that was not installed is no trouble, but named."""
    told = ", ".join(tiers(scorer))
    absent = [one.tier for one in _missing(scorer) if one.reason == "not_installed"]
    return _NOT_INSTALLED[language].format(tiers=told, tier=", ".join(absent)) if absent else told


def broken(scorer: Scorer, language: str) -> list[str]:
    """A line for each tier that is here but cannot be used."""
    return [
        _BROKEN[language].format(tier=one.tier, reason=_REASONS[language][one.reason], detail=one.detail)
        for one in _missing(scorer)
        if one.reason != "not_installed"
    ]


def _missing(scorer: Scorer) -> tuple[TierMissing, ...]:
    missing = getattr(scorer, "missing", None) or ()
    return (missing,) if isinstance(missing, TierMissing) else tuple(missing)
