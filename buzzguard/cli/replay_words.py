"""How a replay speaks: a line for each alert, a table at the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from buzzguard.cli.replay_said import Told, told_below
from buzzguard.config.settings import Settings
from buzzguard.deliver.wording import catalogue, duration, number, once_in, severity_name, told
from buzzguard.model import Language, Severity, Signal

if TYPE_CHECKING:
    from rich.console import RenderableType

    from buzzguard.replay_report import Noticed, Report

COLOURS = {Severity.YELLOW: "yellow", Severity.ORANGE: "dark_orange", Severity.RED: "white on red"}
"""Where a terminal has but sixteen colours orange is shown as red: red has a ground of its own."""
_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "time": "Noticed",
        "severity": "Severity",
        "topic": "Topic",
        "alert": "Alert",
        "numbers": "Numbers",
        "peak": "Busiest hour",
        "later": "{span} later",
        "earlier": "{span} earlier",
        "none": "No alert.",
        "read": "{count} mentions from {first} to {last}",
        "counted": "{count} counted (the others name no topic or repeat another)",
        "speed": "{rate} mentions a second ({seconds} s)",
        "learning": "still learning",
        "replay": "What BuzzGuard would have said",
        "alerts": "Alerts: {count}",
        "calm": "no alert",
        "volume": "mentions an hour",
        "negative": "of which negative",
        "band": "usual range (rarer than once a week above it)",
        "expected": "usual",
        "fired": "alert",
        "more": "… {count} more rows could not be read",
        "zone": "Times in {zone}",
    },
    "fr": {
        "time": "Remarqué",
        "severity": "Gravité",
        "topic": "Sujet",
        "alert": "Alerte",
        "numbers": "Chiffres",
        "peak": "Heure de pointe",
        "later": "{span} plus tard",
        "earlier": "{span} plus tôt",
        "none": "Aucune alerte.",
        "read": "{count} mentions du {first} au {last}",
        "counted": "{count} comptées (les autres ne nomment aucun sujet ou en répètent une)",
        "speed": "{rate} mentions par seconde ({seconds} s)",
        "learning": "apprentissage en cours",
        "replay": "Ce que BuzzGuard aurait dit",
        "alerts": "Alertes\u00a0: {count}",
        "calm": "aucune alerte",
        "volume": "mentions par heure",
        "negative": "dont négatives",
        "band": "plage habituelle (au-delà, moins d’une fois par semaine)",
        "expected": "habituel",
        "fired": "alerte",
        "more": "… {count} autres lignes n’ont pas pu être lues",
        "zone": "Heures\u00a0: {zone}",
    },
}
_YOUNG = timedelta(days=7)
_INDENT = 4


def words(language: Language) -> dict[str, str]:
    """The words of a replay in a language."""
    return _WORDS[language]


def numbers(noticed: Noticed, language: Language) -> str:
    """Observed, expected, window, rarity: `96 negative mentions in 1 h, usually 10, once in 3 months`.

    Of a crisis score the counts behind it come first, for the score itself says nothing to a person.
    """
    if noticed.signal is None or noticed.window is None:
        return ""
    own = _WORDS[language]
    lead = told(noticed.signal, noticed.observed, noticed.expected, window=noticed.window, language=language)
    beside = [
        told(each.signal, each.observed, each.expected, window=each.window, language=language)
        for each in noticed.beside
    ]
    counts = [*beside, lead] if noticed.signal is Signal.CRISIS else [lead, *beside]
    parts = [catalogue(language).prospects.joint.join(counts)]
    if noticed.once_per:
        parts.append(once_in(noticed.once_per, language, learned=noticed.learned))
    if noticed.learned < _YOUNG:
        parts.append(own["learning"])
    return ", ".join(parts)


def peak(noticed: Noticed, language: Language) -> str:
    """The busiest hour of the episode and how long after the alert it ended: `128/h, 5 h 25 min later`."""
    if noticed.lead is None:
        return ""
    side = "later" if noticed.lead >= timedelta() else "earlier"
    ago = _WORDS[language][side].format(span=duration(abs(noticed.lead), language))
    return f"{number(noticed.peak, language)}/h, {ago}"


def when(noticed: Noticed, settings: Settings) -> str:
    """The instant of the alert in the team's time zone."""
    return _instant(noticed.fired_at, settings)


def _instant(at: datetime, settings: Settings) -> str:
    local = at.astimezone(ZoneInfo(settings.time_zone))
    return f"{day(local, settings.language)} {local:%H:%M}"


def day(at: datetime, language: Language) -> str:
    """The date as people of that language write it, not to be mistaken."""
    return f"{at:%d/%m/%Y}" if language == "fr" else f"{at:%Y-%m-%d}"


def span_read(report: Report, settings: Settings, *, count: int) -> str:
    """How much was read, from when to when."""
    zone = ZoneInfo(settings.time_zone)
    if report.first is None or report.last_mention is None:
        return ""
    return _WORDS[settings.language]["read"].format(
        count=number(count, settings.language),
        first=day(report.first.astimezone(zone), settings.language),
        last=day(report.last_mention.astimezone(zone), settings.language),
    )


def title(noticed: Noticed, settings: Settings) -> str:
    """The rule's title in the settings' language."""
    return noticed.title.get(settings.language) or noticed.title.get("en") or noticed.rule


def topic_name(noticed: Noticed, settings: Settings) -> str:
    """The topic's name as people wrote it."""
    topic = settings.topics.get(noticed.topic)
    return topic.name if topic is not None else noticed.topic


def alert_line(noticed: Noticed, settings: Settings, *, at: datetime, told: Told | None = None) -> RenderableType:
    """One alert as it fires, or as it grows graver at the instant `at`: the numbers are told the first time.

    `told` is what is being said.
    """
    from rich.console import Group
    from rich.padding import Padding
    from rich.text import Text

    line = Text()
    line.append(f"{_instant(at, settings)}  ", style="dim")
    line.append(f"● {severity_name(noticed.severity, settings.language)}  ", style=f"bold {COLOURS[noticed.severity]}")
    line.append(f"{topic_name(noticed, settings)}  ", style="bold")
    line.append(title(noticed, settings))
    detail = numbers(noticed, settings.language)
    below: list[RenderableType] = []
    if detail and at <= noticed.fired_at:
        below.append(Padding(Text(detail, style="dim"), (0, 0, 0, _INDENT), expand=False))
    if told is not None:
        below.append(told_below(told, indent=_INDENT))
    return Group(line, *below)


def summary(report: Report, settings: Settings, *, read: int, seconds: float) -> Iterator[RenderableType]:
    """The table of alerts, then what was read and how fast."""
    from rich.text import Text

    own = _WORDS[settings.language]
    yield Text()
    yield _table(report, settings) if report.noticed else Text(own["none"])
    yield Text()
    yield Text(span_read(report, settings, count=read))
    if read != report.mentions:
        yield Text(own["counted"].format(count=number(report.mentions, settings.language)))
    rate = number(round(read / seconds) if seconds else 0, settings.language)
    yield Text(own["speed"].format(rate=rate, seconds=number(seconds, settings.language)), style="dim")


def _table(report: Report, settings: Settings) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    own = _WORDS[settings.language]
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for column in ("time", "severity", "topic", "alert", "peak"):
        table.add_column(own[column], no_wrap=column in ("time", "severity"), overflow="fold")
    for noticed in report.noticed:
        table.add_row(
            when(noticed, settings),
            Text(severity_name(noticed.severity, settings.language), style=COLOURS[noticed.severity]),
            Text(topic_name(noticed, settings)),
            Text(title(noticed, settings)),
            Text(peak(noticed, settings.language)),
        )
    return table


def more_faults(count: int, language: Language) -> str:
    """How many rows more could not be read than were shown."""
    return _WORDS[language]["more"].format(count=number(count, language))
