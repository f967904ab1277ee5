"""The page of a replay: a chart a topic, every alert with its numbers. One file, no script, nothing fetched."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from buzzguard.cli import replay_words
from buzzguard.cli.replay_said import Teller
from buzzguard.config.settings import Settings
from buzzguard.deliver.series import value_ticks
from buzzguard.deliver.wording import number, severity_name
from buzzguard.model import Record, Severity
from buzzguard.replay_report import Noticed, Point, Report

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 1000, 220, 48, 24, 22
_MOST_DAYS = 10
_FILLS = {Severity.YELLOW: "#d9a400", Severity.ORANGE: "#e8710a", Severity.RED: "#c5221f"}
_AFTER = timedelta(hours=6)
"""How much of the silence after the last mention is drawn."""


class Mark(Record, frozen=True, kw_only=True):
    """A vertical line where an alert fired."""

    x: float
    colour: str
    label: str


class Plot(Record, frozen=True, kw_only=True):
    """A topic's chart in the coordinates of its SVG."""

    topic: str
    alerts: str
    volume: str
    negative: str
    band: str
    expected: str
    marks: tuple[Mark, ...]
    y_ticks: tuple[tuple[float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]


def render_page(report: Report, settings: Settings, *, read: int) -> str:
    """The whole page as text; everything from outside is escaped by the template. `read` is how many were read."""
    environment = Environment(
        loader=PackageLoader("buzzguard.cli", "templates"), autoescape=True, undefined=StrictUndefined
    )
    language = settings.language
    page = environment.get_template("replay.html.j2")
    return page.render(
        language=language,
        words=replay_words.words(language),
        rows=_rows(report, settings),
        plots=_plots(report, settings),
        read=replay_words.span_read(report, settings, count=read),
        zone=settings.time_zone,
        size=(WIDTH, HEIGHT),
        frame=(LEFT, TOP, WIDTH - LEFT - 8, HEIGHT - BOTTOM - TOP),
    )


def _rows(report: Report, settings: Settings) -> list[dict[str, Any]]:
    teller = Teller(settings)
    return [{**_row(noticed, settings), "told": teller.of(noticed)} for noticed in report.noticed]


def _row(noticed: Noticed, settings: Settings) -> dict[str, str]:
    language = settings.language
    return {
        "when": replay_words.when(noticed, settings),
        "severity": severity_name(noticed.severity, language),
        "colour": _FILLS[noticed.severity],
        "topic": replay_words.topic_name(noticed, settings),
        "title": replay_words.title(noticed, settings),
        "numbers": replay_words.numbers(noticed, language),
        "peak": replay_words.peak(noticed, language),
    }


def _plots(report: Report, settings: Settings) -> list[Plot]:
    """A chart a topic, all over the same time: those with alerts first."""
    if report.first is None or report.last_mention is None:
        return []
    start, end = report.first, max(report.last_mention + _AFTER, report.first + timedelta(hours=12))
    alerts: dict[str, list[Noticed]] = {}
    for noticed in report.noticed:
        alerts.setdefault(noticed.topic, []).append(noticed)
    drawn = [
        (topic, [point for point in series.points if start <= point.end <= end])
        for topic, series in report.series.items()
        if topic in settings.topics
    ]
    drawn.sort(key=lambda one: (-len(alerts.get(one[0], ())), settings.topics[one[0]].name.casefold()))
    return [
        _Plotter(points, start, end, settings).plot(settings.topics[topic].name, alerts.get(topic, []))
        for topic, points in drawn
        if points
    ]


class _Plotter:
    """Puts one topic's hours where they belong."""

    def __init__(self, points: list[Point], start: datetime, end: datetime, settings: Settings) -> None:
        self._points = points
        self._start = start
        self._span = (end - start).total_seconds()
        self._settings = settings
        self._zone = ZoneInfo(settings.time_zone)
        # The usual range of the first hours is as wide as ignorance: the scale follows what was said.
        self._ticks = value_ticks(max(1.0, *(point.volume for point in points)) * 1.05, 4)

    def plot(self, name: str, alerts: list[Noticed]) -> Plot:
        """The chart with its alerts."""
        points, language = self._points, self._settings.language
        own = replay_words.words(language)
        ground = f"{self._x(points[-1].end)},{self._y(0)} {self._x(points[0].end)},{self._y(0)}"
        return Plot(
            topic=name,
            alerts=own["alerts"].format(count=number(len(alerts), language)) if alerts else own["calm"],
            volume=f"{self._line('volume')} {ground}",
            negative=f"{self._line('negative')} {ground}",
            band=f"{self._line('high')} {ground}",
            expected=self._line("expected"),
            marks=tuple(
                Mark(
                    x=self._x(alert.fired_at),
                    colour=_FILLS[alert.severity],
                    label=f"{replay_words.when(alert, self._settings)} {replay_words.title(alert, self._settings)}",
                )
                for alert in sorted(alerts, key=lambda one: one.severity.rank)
            ),
            y_ticks=tuple((self._y(value), number(value, language)) for value in self._ticks),
            x_ticks=tuple(self._days()),
        )

    def _x(self, at: datetime) -> float:
        return round(LEFT + (at - self._start).total_seconds() / self._span * (WIDTH - LEFT - 8), 1)

    def _y(self, value: float) -> float:
        top, height = self._ticks[-1], HEIGHT - BOTTOM - TOP
        return round(TOP + height * (1 - min(value, top) / top), 1)

    def _line(self, what: str) -> str:
        return " ".join(f"{self._x(point.end)},{self._y(getattr(point, what))}" for point in self._points)

    def _days(self) -> Iterator[tuple[float, str]]:
        """Midnights of the team's time zone, as many as can be read."""
        days = self._span / 86_400
        every = max(1, math.ceil(days / _MOST_DAYS))
        local = self._start.astimezone(self._zone).date()
        for number_of_day in range(1, int(days) + 2, every):
            day = local + timedelta(days=number_of_day)
            at = datetime(day.year, day.month, day.day, tzinfo=self._zone)
            if LEFT + 20 <= self._x(at) <= WIDTH - 28:
                yield self._x(at), f"{day:%d/%m}" if days < 300 else f"{day:%m/%Y}"
