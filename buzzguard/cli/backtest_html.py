"""The page of a backtest: the same as in the terminal, with a chart a topic. One file, no script, nothing fetched."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from buzzguard.backtest.course import Alarm
from buzzguard.backtest.outcome import DAY, Lasted, Row
from buzzguard.cli.backtest_result import Result
from buzzguard.cli.backtest_words import Voice, advice_lines, found_of, sweep_notes, words
from buzzguard.deliver.series import value_ticks
from buzzguard.deliver.wording import severity_name
from buzzguard.model import Record, Severity
from buzzguard.replay_report import Point

WIDTH, LEFT, RIGHT = 1000, 62, 8
VOLUME_TOP, VOLUME_HEIGHT = 18, 70
RARE_TOP, RARE_HEIGHT = 104, 96
HEIGHT = RARE_TOP + RARE_HEIGHT + 22
_FILLS = {Severity.YELLOW: "#d9a400", Severity.ORANGE: "#e8710a", Severity.RED: "#c5221f"}
_MOST_DAYS = 10
_MOST_CHARTS = 40
_RAREST = timedelta(days=3650)
"""Beyond it everything is drawn alike."""
_LADDER = tuple(timedelta(days=days) for days in (1, 7, 30, 90, 365, 3650))


class Stem(Record, frozen=True, kw_only=True):
    """An hour that was rare: its place, its height, whether it reaches the threshold suggested."""

    x: float
    y: float
    over: bool


class Shade(Record, frozen=True, kw_only=True):
    """An event in the chart."""

    x: float
    width: float
    label: str


class Plot(Record, frozen=True, kw_only=True):
    """A topic's chart in the coordinates of its SVG."""

    topic: str
    told: str
    volume: str
    stems: tuple[Stem, ...]
    alarms: tuple[tuple[float, str], ...]
    events: tuple[Shade, ...]
    learning: float
    volume_ticks: tuple[tuple[float, str], ...]
    rare_ticks: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]
    suggested: float


def render_page(result: Result) -> str:
    """The whole page as text; everything from outside is escaped by the template."""
    environment = Environment(
        loader=PackageLoader("buzzguard.cli", "templates"), autoescape=True, undefined=StrictUndefined
    )
    voice = Voice.of(result.settings)
    plan, scope = result.course.plan, result.scope
    advice_first, *advice_more = advice_lines(voice, result.advice, scope, plan)
    return environment.get_template("backtest.html.j2").render(
        language=voice.language,
        words=words(voice.language),
        read=voice.say(
            "read",
            count=voice.number(result.read),
            topics=voice.many("topic", len(scope.topics)),
            first=voice.date(scope.first),
            last=voice.date(scope.last),
        ),
        notes=[result.judged_line(voice), *result.notes(voice)],
        suggestion=(advice_first, advice_more, result.advice.line),
        severities=[(severity_name(severity, voice.language), _FILLS[severity]) for severity in Severity],
        topics=_topics(result, voice),
        rules=[
            (tally.rule, voice.number(tally.alerts), voice.number(tally.false.count), voice.short_rate(tally.false))
            for tally in result.rules.rules
        ],
        alarms=result.alarms_line(voice),
        events=_events(result, voice),
        alerts=[_alert(result, one, voice) for one in result.rules.alerts],
        sweeps=[_sweep(result, rows, voice) for rows in result.sweeps],
        sweep_how=voice.say("sweep_how", hold=voice.span(plan.hold)),
        chart_title=voice.say("page_chart", signal=result.advice.row.signal.value),
        suggested=voice.say("chart_suggested", days=voice.days(result.advice.row.threshold)),
        below=voice.say("chart_below", first=voice.days(plan.thresholds[0])),
        plots=_plots(result, voice),
        stroke=_stroke(result),
        size=(WIDTH, HEIGHT, LEFT, WIDTH - RIGHT),
        panels=(VOLUME_TOP, VOLUME_TOP + VOLUME_HEIGHT, RARE_TOP, RARE_TOP + RARE_HEIGHT),
    )


def _topics(result: Result, voice: Voice) -> list[tuple[str, str, list[str], str]]:
    return [
        (
            result.topic_name(tally.topic),
            voice.number(tally.mentions),
            [voice.number(tally.by_severity[severity]) for severity in Severity],
            voice.weekly(sum(tally.by_severity.values()), result.scope.judged),
        )
        for tally in result.rules.topics
    ]


def _events(result: Result, voice: Voice) -> list[tuple[bool, str, str, str]]:
    found = [
        (
            finding.found,
            voice.instant(finding.event.start),
            voice.event(finding.event, result.settings),
            result.finding_line(finding, voice),
        )
        for finding in result.rules.findings
    ]
    unjudged = [
        (False, voice.instant(event.start), voice.event(event, result.settings), voice.say("unjudged"))
        for event in result.scope.unjudged
    ]
    return found + unjudged


def _alert(result: Result, one: Lasted, voice: Voice) -> dict[str, str]:
    noticed = one.noticed
    return {
        "began": voice.instant(noticed.fired_at),
        "severity": severity_name(noticed.severity, voice.language),
        "colour": _FILLS[noticed.severity],
        "topic": result.topic_name(noticed.topic),
        "title": noticed.title.get(voice.language) or noticed.title.get("en") or noticed.rule,
        "lasted": result.lasted(one, voice),
        "event": result.event_of(one, voice),
    }


def _sweep(result: Result, rows: Sequence[Row], voice: Voice) -> tuple[str, list[tuple[bool, list[str]]], list[str]]:
    table = [
        (
            row is result.advice.row,
            [
                voice.days(row.threshold),
                voice.number(len(row.alarms)),
                found_of(row),
                voice.number(row.false.count),
                voice.short_rate(row.false),
                voice.short_delay(row.delay),
                "–" if row.said is None else voice.number(row.said),
            ],
        )
        for row in rows
    ]
    notes = list(sweep_notes(voice, rows, result.settings))
    return voice.say("sweep", signal=rows[0].signal.value), table, notes


def _plots(result: Result, voice: Voice) -> list[Plot]:
    """A chart a topic, those with alarms first; calm ones only while there is room."""
    alarms: dict[str, list[Alarm]] = {topic: [] for topic in result.scope.topics}
    for alarm in result.advice.row.alarms:
        alarms[alarm.topic].append(alarm)
    order = sorted(alarms, key=lambda topic: (-len(alarms[topic]), result.topic_name(topic).casefold()))
    return [_Plotter(result, voice, topic).plot(alarms[topic]) for topic in order[:_MOST_CHARTS]]


def _stroke(result: Result) -> float:
    """As wide as an hour is, but to be seen."""
    hours = max((result.scope.last - result.scope.first) / timedelta(hours=1), 1.0)
    return round(min(max((WIDTH - LEFT - RIGHT) / hours, 1.0), 12.0), 1)


class _Plotter:
    """Puts one topic's hours where they belong."""

    def __init__(self, result: Result, voice: Voice, topic: str) -> None:
        self._result, self._voice, self._topic = result, voice, topic
        scope = result.scope
        self._start, self._end = scope.first, scope.last
        self._span = max((self._end - self._start).total_seconds(), 1.0)
        self._least = math.log(min(result.course.plan.thresholds[0] / DAY, 1.0))
        self._most = math.log(_RAREST / DAY)
        series = result.course.report.series.get(topic)
        self._points: list[Point] = [p for p in series.points if p.end <= self._end] if series else []
        self._ticks = value_ticks(max((point.volume for point in self._points), default=1) * 1.05, 3)

    def plot(self, alarms: Sequence[Alarm]) -> Plot:
        """The chart with its alarms."""
        result, voice, row = self._result, self._voice, self._result.advice.row
        hours = result.course.hours.get((self._topic, row.signal), {})
        ladder = [period for period in _LADDER if math.log(period / DAY) >= self._least]
        return Plot(
            topic=result.topic_name(self._topic),
            told=f"{voice.say('n_alarms')}{voice.colon}{voice.number(len(alarms))}",
            volume=self._volume(),
            stems=tuple(
                Stem(x=self._x(hour), y=self._rare(once_per), over=once_per >= row.threshold)
                for hour, once_per in sorted(hours.items())
                if self._start <= hour <= self._end
            ),
            alarms=tuple((self._x(alarm.at), voice.instant(alarm.at)) for alarm in alarms),
            events=tuple(self._events()),
            learning=self._x(result.scope.since),
            volume_ticks=tuple((self._level(value), voice.number(value)) for value in self._ticks),
            rare_ticks=tuple((self._rare(period), self._rung(period)) for period in ladder),
            days=tuple(self._days()),
            suggested=self._rare(row.threshold),
        )

    def _rung(self, period: timedelta) -> str:
        years = period / timedelta(days=365)
        return self._voice.say("year", n=f"{years:g}") if years > 1 else self._voice.days(period)

    def _events(self) -> Iterator[Shade]:
        for event in self._result.scope.events:
            if self._topic in event.topics:
                left, right = self._x(event.start), self._x(event.end)
                label = f"{self._voice.instant(event.start)} {event.name}"
                yield Shade(x=left, width=round(max(right - left, 2.0), 1), label=label)

    def _x(self, at: datetime) -> float:
        part = (at - self._start).total_seconds() / self._span
        return round(LEFT + min(max(part, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def _level(self, value: float) -> float:
        top = self._ticks[-1]
        return round(VOLUME_TOP + VOLUME_HEIGHT * (1 - min(value, top) / top), 1)

    def _rare(self, period: timedelta) -> float:
        days = math.log(max(min(period, _RAREST) / DAY, 1e-3))
        part = (days - self._least) / (self._most - self._least)
        return round(RARE_TOP + RARE_HEIGHT * (1 - min(max(part, 0.0), 1.0)), 1)

    def _volume(self) -> str:
        """A path of one stroke an hour: hours in which nothing was said leave none."""
        ground = self._level(0)
        return "".join(f"M{self._x(p.end)},{ground}V{self._level(p.volume)}" for p in self._points if p.volume)

    def _days(self) -> Iterator[tuple[float, str]]:
        """Midnights of the team's time zone, as many as can be read."""
        days = self._span / 86_400
        every = max(1, math.ceil(days / _MOST_DAYS))
        zone = ZoneInfo(self._voice.time_zone)
        local = self._start.astimezone(zone).date()
        for number in range(1, int(days) + 2, every):
            day = local + timedelta(days=number)
            at = datetime(day.year, day.month, day.day, tzinfo=zone)
            if at <= self._end and self._x(at) >= LEFT + 20:
                yield self._x(at), f"{day:%d/%m}" if days < 300 else f"{day:%m/%Y}"
