"""What a budget of false alarms makes of the rules in use, in words."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buzzguard.config.settings import Settings
    from buzzguard.decide.asking import Asked
    from buzzguard.detect.budget import Budget
    from buzzguard.model import Language, Signal

_WORDS = {
    "en": {
        "read": "without a budget up to {unbridled} false alarms in {per} are to be expected; yours of {most} makes "
        "“once in {asked}” read as “once in {reads}”",
        "within": "up to {unbridled} false alarms in {per} are to be expected: within your budget of {most}, "
        "so the rules are taken as they are written",
        "broken": "the budget of {most} cannot be kept: what is rarer than once in {always} always passes, which may "
        "make {kept} false alarms in {per}; ask for rarer events in the rules, or watch fewer topics",
        "open": "the budget leaves out what no return period bounds: {rules}",
        "young": "the budget leaves out what speaks only in a topic's first days: {rules}",
    },
    "fr": {
        "read": "sans budget, jusqu’à {unbridled} fausses alertes en {per} seraient à attendre ; avec le vôtre "
        "({most}), « une fois en {asked} » se lit « une fois en {reads} »",
        "within": "jusqu’à {unbridled} fausses alertes en {per} sont à attendre : votre budget ({most}) y suffit, "
        "les règles sont prises telles quelles",
        "broken": "le budget ({most}) ne peut pas être tenu : ce qui est plus rare qu’une fois en {always} passe "
        "toujours, ce qui peut faire {kept} fausses alertes en {per} ; demandez plus rare dans les règles, ou "
        "surveillez moins de sujets",
        "open": "le budget ne compte pas ce qu’aucune période de retour ne borne : {rules}",
        "young": "le budget ne compte pas ce qui ne parle que dans les premiers jours d’un sujet : {rules}",
    },
}


def budget_notes(settings: Settings, found: Asked) -> list[str]:
    """The sentences of `buzzguard check` on the budget, in the language of the configuration; none without one."""
    from buzzguard.decide.asking import answerable
    from buzzguard.detect.budget import Budget

    if settings.false_alarms is None:
        return []
    found = found._replace(questions=answerable(found.questions, _counted(settings)))
    budget = Budget(settings.false_alarms, found.questions)
    words = _WORDS[settings.language]
    figures = _figures(budget, found, settings.language)
    told = ["within" if budget.share >= 1.0 else "read"] if found.questions else []
    if budget.kept > settings.false_alarms.at_most * 1.01:
        told.append("broken")
    notes = [words[key].format(**figures) for key in told]
    notes += [words["open"].format(rules=", ".join(found.open))] if found.open else []
    notes += [words["young"].format(rules=", ".join(found.young))] if found.young else []
    return notes


def _counted(settings: Settings) -> set[tuple[str, Signal]]:
    """Each topic with what its streams count beside or without texts."""
    from buzzguard import plugins
    from buzzguard.core import streams_of_topics
    from buzzguard.detect.counted import SIGNALS

    cards = {
        name: getattr(plugins.load("source", stream.source), "card", None) for name, stream in settings.streams.items()
    }
    return {
        (topic, SIGNALS[kind])
        for topic, streams in streams_of_topics(settings).items()
        for card in (cards[name] for name in streams)
        if card is not None
        for kind in card.counts
    }


def _figures(budget: Budget, found: Asked, language: Language) -> dict[str, str]:
    from buzzguard.deliver.wording.quantities import duration, number
    from buzzguard.detect.budget import ALWAYS_PASSES

    asked = _usual(found)
    return {
        "unbridled": number(budget.unbridled, language),
        "most": _few(budget.settings.at_most, language),
        "kept": _few(budget.kept, language),
        "per": duration(budget.settings.per, language),
        "asked": _span(asked, language),
        "reads": _span(budget.reads(asked), language),
        "always": duration(ALWAYS_PASSES, language),
    }


def _few(value: float, language: Language) -> str:
    """A number that may be far below one."""
    from buzzguard.deliver.wording.quantities import catalogue, number

    if value >= 1.0:
        return number(value, language)
    return f"{value:.2g}".replace(".", catalogue(language).numbers.decimal)


def _span(period: timedelta, language: Language) -> str:
    """Round numbers of days as people write them in rules: 90 days, not 3 months."""
    from buzzguard.deliver.wording.quantities import duration

    if timedelta(days=60) <= period <= timedelta(days=365):
        return f"{period.days} {'jours' if language == 'fr' else 'days'}"
    return duration(period, language)


def _usual(found: Asked) -> timedelta:
    """The return period that is asked for most often, the longest of equals."""
    counted = Counter(question.once_per for question in found.questions)
    return max(counted, key=lambda period: (counted[period], period), default=timedelta(days=90))
