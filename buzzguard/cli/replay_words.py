"""How a replay speaks: a line for each alert, a table at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from buzzguard.config.settings import Settings
from buzzguard.deliver.wording import counted, duration, number, once_in, severity_name
from buzzguard.model import Language, Severity

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from buzzguard.replay_report import Noticed, Report

COLOURS = {Severity.YELLOW: "yellow", Severity.ORANGE: "dark_orange", Severity.RED: "red"}
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "time": "Noticed",
        "severity": "Severity",
        "topic": "Topic",
        "alert": "Alert",
        "numbers": "Numbers",
        "peak": "Busiest hour",
        "lead": "Lead",
        "usually": "usually {expected}",
        "in": "in {window}",
        "before": "{span} before",
        "after": "{span} after",
        "none": "No alert.",
        "read": "{count} mentions from {first} to {last}",
        "speed": "{rate} mentions a second ({seconds} s)",
        "learning": "still learning: {learned} of data",
        "volume": "mentions an hour",
        "negative": "negative mentions an hour",
        "band": "usual at most (rarer than once a week above)",
        "expected": "usual",
    },
    "fr": {
        "time": "Remarqué",
        "severity": "Gravité",
        "topic": "Sujet",
        "alert": "Alerte",
        "numbers": "Chiffres",
        "peak": "Heure de pointe",
        "lead": "Avance",
        "usually": "d’ordinaire {expected}",
        "in": "en {window}",
        "before": "{span} avant",
        "after": "{span} après",
        "none": "Aucune alerte.",
        "read": "{count} mentions du {first} au {last}",
        "speed": "{rate} mentions par seconde ({seconds} s)",
        "learning": "apprentissage en cours : {learned} de données",
        "volume": "mentions par heure",
        "negative": "mentions négatives par heure",
        "band": "maximum habituel (au-delà, moins d’une fois par semaine)",
        "expected": "habituel",
    },
}
_YOUNG = timedelta(days=7)


def words(language: Language) -> dict[str, str]:
    """The words of a replay in a language."""
    return _WORDS[language]


def numbers(noticed: Noticed, language: Language) -> str:
    """Observed, expected, window, rarity: `96 negative mentions in 1 h, usually 10, once in 3 months`."""
    if noticed.signal is None or noticed.window is None:
        return ""
    own = _WORDS[language]
    parts = [
        f"{counted(noticed.signal, noticed.observed, language)} "
        + own["in"].format(window=duration(noticed.window, language)),
        own["usually"].format(expected=_expected(noticed.expected, language)),
    ]
    if noticed.once_per:
        parts.append(once_in(noticed.once_per, language, learned=noticed.learned))
    if noticed.learned < _YOUNG:
        parts.append(own["learning"].format(learned=duration(noticed.learned, language)))
    return ", ".join(parts)


def lead(noticed: Noticed, language: Language) -> str:
    """How long before its busiest hour the alert fired."""
    if noticed.lead is None:
        return ""
    side = "before" if noticed.lead >= timedelta() else "after"
    return _WORDS[language][side].format(span=duration(abs(noticed.lead), language))


def when(noticed: Noticed, settings: Settings) -> str:
    """The instant of the alert in the team's time zone."""
    return f"{noticed.fired_at.astimezone(ZoneInfo(settings.time_zone)):%Y-%m-%d %H:%M}"


def title(noticed: Noticed, settings: Settings) -> str:
    """The rule's title in the settings' language."""
    return noticed.title.get(settings.language) or noticed.title.get("en") or noticed.rule


def topic_name(noticed: Noticed, settings: Settings) -> str:
    """The topic's name as people wrote it."""
    topic = settings.topics.get(noticed.topic)
    return topic.name if topic is not None else noticed.topic


def alert_line(noticed: Noticed, settings: Settings) -> Text:
    """One alert, as it fires."""
    from rich.text import Text

    line = Text()
    line.append(f"{when(noticed, settings)}  ", style="dim")
    line.append(f"● {severity_name(noticed.severity, settings.language)}  ", style=f"bold {COLOURS[noticed.severity]}")
    line.append(f"{topic_name(noticed, settings)}  ", style="bold")
    line.append(title(noticed, settings))
    detail = numbers(noticed, settings.language)
    if detail:
        line.append(f"\n    {detail}", style="dim")
    return line


def summary(report: Report, settings: Settings, *, read: int, seconds: float) -> Iterator[RenderableType]:
    """The table of alerts, then what was read and how fast."""
    from rich.table import Table
    from rich.text import Text

    own = _WORDS[settings.language]
    yield Text()
    if not report.noticed:
        yield Text(own["none"])
    else:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("time", "severity", "topic", "alert", "peak", "lead"):
            table.add_column(own[column], no_wrap=column in ("time", "severity"))
        for noticed in report.noticed:
            table.add_row(
                when(noticed, settings),
                Text(severity_name(noticed.severity, settings.language), style=COLOURS[noticed.severity]),
                Text(topic_name(noticed, settings)),
                Text(title(noticed, settings)),
                f"{number(noticed.peak, settings.language)}/h" if noticed.peak else "",
                lead(noticed, settings.language),
            )
        yield table
    yield Text()
    if report.first is not None and report.last is not None:
        yield Text(
            own["read"].format(
                count=number(read, settings.language), first=f"{report.first:%Y-%m-%d}", last=f"{report.last:%Y-%m-%d}"
            )
        )
    rate = number(round(read / seconds) if seconds else 0, settings.language)
    yield Text(own["speed"].format(rate=rate, seconds=f"{seconds:.1f}"), style="dim")


def _expected(value: float, language: Language) -> str:
    return number(round(value, 1) if value < 10 else round(value), language)
