"""What an incident leaves behind when its level did not go away but was learned as the new normal."""

from __future__ import annotations

from buzzguard.deliver.wording.evidence import counted
from buzzguard.deliver.wording.quantities import catalogue, duration, number
from buzzguard.model import AlertState, Card, Language, NewNormal


def learned_level(card: Card) -> NewNormal | None:
    """The level that was learned, of the alert that ended last; None while one holds, and when all went away."""
    alerts = card.incident.alerts
    if any(alert.state is not AlertState.RESOLVED for alert in alerts):
        return None
    found = [alert for alert in alerts if alert.new_normal is not None]
    last = max(found, key=lambda alert: (alert.resolved_at or alert.at, alert.fingerprint), default=None)
    return last.new_normal if last else None


def level_words(normal: NewNormal, language: Language) -> str:
    """`36 negative mentions in 1 h, still 3 times the former level`."""
    words = catalogue(language).states
    count, window = counted(normal.signal, normal.observed, language), duration(normal.window, language)
    # An expectation below one is taken for one, as in rules: a single mention is never a hundredfold surge.
    times = None if normal.former is None else normal.observed / max(normal.former, 1.0)
    if times is None:
        return words.level_plain.format(count=count, window=window)
    if times < 1:
        return words.level_part.format(count=count, window=window, percent=number(round(100 * times), language))
    shown = round(times, 1) if times < 10 else round(times)
    return words.level_times.format(count=count, window=window, times=number(shown, language))
