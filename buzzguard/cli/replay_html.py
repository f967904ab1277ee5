"""The page of a replay: a chart a topic, every alert with its numbers. One file, no script, nothing fetched."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from buzzguard.cli import replay_words
from buzzguard.config.settings import Settings
from buzzguard.deliver.wording import number, severity_name
from buzzguard.model import Record, Severity
from buzzguard.replay_report import Noticed, Point, Report

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 1000, 220, 48, 24, 8
_FILLS = {Severity.YELLOW: "#d9a400", Severity.ORANGE: "#e8710a", Severity.RED: "#c5221f"}


class Mark(Record, frozen=True, kw_only=True):
    """A vertical line where an alert fired."""

    x: float
    colour: str
    label: str


class Plot(Record, frozen=True, kw_only=True):
    """A topic's chart in the coordinates of its SVG."""

    topic: str
    volume: str
    negative: str
    band: str
    expected: str
    marks: tuple[Mark, ...]
    y_ticks: tuple[tuple[float, str], ...]
    x_ticks: tuple[tuple[float, str], ...]


def render_page(report: Report, settings: Settings) -> str:
    """The whole page as text; everything from outside is escaped by the template."""
    environment = Environment(
        loader=PackageLoader("buzzguard.cli", "templates"), autoescape=True, undefined=StrictUndefined
    )
    rows = [_row(noticed, settings) for noticed in report.noticed]
    plots = [
        _plot(settings.topics[topic].name, series.points, [n for n in report.noticed if n.topic == topic], settings)
        for topic, series in sorted(report.series.items())
        if topic in settings.topics and series.points
    ]
    page = environment.get_template("replay.html.j2")
    return page.render(
        language=settings.language,
        words=replay_words.words(settings.language),
        rows=rows,
        plots=plots,
        mentions=number(report.mentions, settings.language),
        first=report.first,
        last=report.last,
        size=(WIDTH, HEIGHT),
        frame=(LEFT, TOP, WIDTH - LEFT - 8, HEIGHT - BOTTOM - TOP),
    )


def _row(noticed: Noticed, settings: Settings) -> dict[str, str]:
    language = settings.language
    return {
        "when": replay_words.when(noticed, settings),
        "severity": severity_name(noticed.severity, language),
        "colour": _FILLS[noticed.severity],
        "topic": replay_words.topic_name(noticed, settings),
        "title": replay_words.title(noticed, settings),
        "numbers": replay_words.numbers(noticed, language),
        "lead": replay_words.lead(noticed, language),
    }


def _plot(name: str, points: list[Point], alerts: list[Noticed], settings: Settings) -> Plot:
    start = points[0].end - timedelta(hours=1)
    span = max((points[-1].end - start).total_seconds(), 3600.0)
    top = max(max(point.volume, point.high) for point in points) or 1.0
    usual = max(point.volume for point in points) or 1.0
    top = min(top, usual * 1.25)
    width, height = WIDTH - LEFT - 8, HEIGHT - BOTTOM - TOP

    def x(at: datetime) -> float:
        return round(LEFT + (at - start).total_seconds() / span * width, 1)

    def y(value: float) -> float:
        return round(TOP + height * (1 - min(value, top) / top), 1)

    def line(values: list[tuple[datetime, float]]) -> str:
        return " ".join(f"{x(at)},{y(value)}" for at, value in values)

    base = f"{x(points[-1].end)},{y(0)} {x(points[0].end)},{y(0)}"
    zone = ZoneInfo(settings.time_zone)
    return Plot(
        topic=name,
        volume=line([(point.end, point.volume) for point in points]) + " " + base,
        negative=line([(point.end, point.negative) for point in points]) + " " + base,
        band=line([(point.end, point.high) for point in points]) + " " + base,
        expected=line([(point.end, point.expected) for point in points]),
        marks=tuple(
            Mark(
                x=x(alert.fired_at),
                colour=_FILLS[alert.severity],
                label=f"{replay_words.when(alert, settings)} {replay_words.title(alert, settings)}",
            )
            for alert in alerts
        ),
        y_ticks=tuple((y(top * part), number(round(top * part), settings.language)) for part in (0, 0.5, 1)),
        x_ticks=tuple(
            (x(at), f"{at.astimezone(zone):%d/%m/%y}")
            for at in (start + n * timedelta(seconds=span / 6) for n in range(7))
        ),
    )
