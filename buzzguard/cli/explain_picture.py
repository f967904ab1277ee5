"""Where everything lies on the pictures of an explanation: the course of 48 hours, and the return periods as bars."""

from __future__ import annotations

from datetime import datetime

from buzzguard.cli.explain_facts import Facts
from buzzguard.cli.explain_scale import place, ticks
from buzzguard.cli.explain_words import ScaleRow, Telling
from buzzguard.deliver.series import Bar, Series, prepare, time_ticks, value_ticks
from buzzguard.deliver.tame import NAME, short
from buzzguard.deliver.wording import Clockface, number
from buzzguard.model import Alert, Language, Record, Severity

WIDTH, HEIGHT = 1100, 330
_RIGHT, _TOP, _BOTTOM = WIDTH - 12, 44, HEIGHT - 34
_LETTER = 8.2
"""Mean width of a letter at 15 units, rounded up."""
COLOURS = {Severity.YELLOW: "#b98900", Severity.ORANGE: "#d9620a", Severity.RED: "#c5221f"}
_MOST_BARS = 96
_MOST_MARKS = 12
_NEAR = 10.0
"""Alerts that lie within this are drawn as one mark."""
_ROW = 30
_BARS_LEFT, _BARS_RIGHT = 78, 330


class Place(Record, frozen=True, kw_only=True):
    """A text at a place."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    strong: bool = False


class Column(Record, frozen=True, kw_only=True):
    """One bin: two paths, each empty where there is nothing."""

    negative: str
    volume: str
    tip: str


class Mark(Record, frozen=True, kw_only=True):
    """Where an alert began."""

    x: float
    colour: str
    tip: str
    label: str
    text_x: float
    anchor: str


class Course(Record, frozen=True, kw_only=True):
    """The chart of volume and negatives over the usual range."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    band: str
    expected: str
    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]
    y_ticks: tuple[Place, ...]
    x_ticks: tuple[Place, ...]
    peak: Place | None


class Beam(Record, frozen=True, kw_only=True):
    """One window's return period as a bar, and as an outline what counting alone would claim."""

    y: float
    window: str
    width: float
    claimed: float
    strong: bool
    text: str
    text_x: float


class Beams(Record, frozen=True, kw_only=True):
    """The bars of one signal, in coordinates of their own."""

    label: str
    width: int
    height: int
    left: float
    ground: float
    ticks: tuple[Place, ...]
    beams: tuple[Beam, ...]


def course(facts: Facts, language: Language) -> Course:
    """Put the chart where it belongs."""
    return _Plotter(facts, language).course()


def beams(telling: Telling, language: Language) -> tuple[Beams, ...]:
    """The bars of each signal that is told window by window, the lead one first."""
    return tuple(_beams(label, rows, language) for label, rows in telling.scales)


def _beams(label: str, rows: tuple[ScaleRow, ...], language: Language) -> Beams:
    ground = 8 + _ROW * len(rows)
    span = _BARS_RIGHT - _BARS_LEFT
    return Beams(
        label=label,
        width=_BARS_RIGHT + 24,
        height=ground + 30,
        left=_BARS_LEFT,
        ground=ground,
        ticks=tuple(
            Place(x=round(_BARS_LEFT + span * tick.place, 1), y=ground + 20, text=tick.text) for tick in ticks(language)
        ),
        beams=tuple(_beam(row, index, span) for index, row in enumerate(rows)),
    )


def _beam(row: ScaleRow, index: int, span: int) -> Beam:
    width = max(round(span * place(row.alone), 1), 4.0 if row.alone else 0.0)
    return Beam(
        y=8 + _ROW * index,
        window=row.window,
        width=width,
        claimed=round(span * place(row.law), 1),
        strong=row.decides,
        text=row.rarity,
        text_x=_BARS_LEFT + width + 8,
    )


class _Plotter:
    def __init__(self, facts: Facts, language: Language) -> None:
        self._facts, self._language = facts, language
        self._series: Series = prepare(facts.chart, _MOST_BARS)
        self._face = Clockface(language, facts.time_zone, facts.at)
        values = value_ticks(self._series.top * 1.1)
        self._values = values
        self._left = 14 + max(len(number(value, language)) for value in values) * _LETTER
        self._step = (_RIGHT - self._left) / max(1, len(self._series.bars))

    def course(self) -> Course:
        bars, marks = self._series.bars, self._marks()
        return Course(
            width=WIDTH,
            height=HEIGHT,
            left=self._left,
            right=_RIGHT,
            top=_TOP,
            bottom=_BOTTOM,
            band=f"M{self._left} {_BOTTOM}L{self._line('high')}L{_RIGHT} {_BOTTOM}z"
            if any(b.high for b in bars)
            else "",
            expected=f"M{self._line('expected')}" if any(b.expected for b in bars) else "",
            columns=tuple(self._column(index, bar) for index, bar in enumerate(bars)),
            marks=tuple(marks),
            y_ticks=tuple(
                Place(x=self._left - 8, y=self._y(value), text=number(value, self._language), anchor="end")
                for value in self._values
            ),
            x_ticks=tuple(self._times()),
            peak=self._peak(marks),
        )

    def _x(self, at: datetime) -> float:
        share = (at - self._series.start) / (self._series.end - self._series.start)
        return round(self._left + share * (_RIGHT - self._left), 1)

    def _y(self, value: float) -> float:
        return round(_BOTTOM - value / self._values[-1] * (_BOTTOM - _TOP), 1)

    def _column(self, index: int, bar: Bar) -> Column:
        gap = min(2.5, self._step * 0.18)
        x, width = self._left + index * self._step + gap / 2, self._step - gap
        ground, low, high = self._y(0), self._y(bar.negative), self._y(bar.volume)
        begin = self._series.start + index * self._series.bin
        span = f"{self._face.stamp(begin)}–{self._face.stamp(begin + self._series.bin)}"
        numbers = f"{number(bar.volume, self._language)} / {number(bar.negative, self._language)}"
        return Column(
            negative=f"M{x:.1f} {ground}h{width:.1f}V{low}h{-width:.1f}z" if bar.negative else "",
            volume=f"M{x:.1f} {low}h{width:.1f}V{high}h{-width:.1f}z" if bar.volume > bar.negative else "",
            tip=f"{span}: {numbers}",
        )

    def _line(self, name: str) -> str:
        values = [self._y(getattr(bar, name)) for bar in self._series.bars]
        inner = [f"{self._left + (at + 0.5) * self._step:.1f} {value}" for at, value in enumerate(values)]
        return "L".join([f"{self._left} {values[0]}", *inner, f"{_RIGHT} {values[-1]}"])

    def _marks(self) -> list[Mark]:
        """The alerts of the span: of those at one place the gravest, and a time where there is room for it."""
        placed: dict[int, Alert] = {}
        for alert in self._facts.fired:
            if alert.fired_at is not None and self._series.start <= alert.fired_at <= self._series.end:
                kept = placed.setdefault(int(self._x(alert.fired_at) // _NEAR), alert)
                if alert.severity.rank > kept.severity.rank:
                    placed[int(self._x(alert.fired_at) // _NEAR)] = alert
        marks: list[Mark] = []
        for alert in sorted(placed.values(), key=lambda one: one.fired_at or one.since)[-_MOST_MARKS:]:
            marks.append(self._mark(alert, alert.fired_at or alert.since, marks))
        return marks

    def _mark(self, alert: Alert, at: datetime, before: list[Mark]) -> Mark:
        x, time = self._x(at), self._face.stamp(at)
        left, width = x > (self._left + _RIGHT) / 2, len(time) * _LETTER + 14
        begin = x - width if left else x
        free = all(other.x + (width if other.anchor == "start" and other.label else 4) <= begin for other in before)
        title = short(alert.title.get(self._language) or alert.rule, NAME)
        return Mark(
            x=x,
            colour=COLOURS[alert.severity],
            tip=f"{time} {title}",
            label=time if free else "",
            text_x=x - 9 if left else x + 9,
            anchor="end" if left else "start",
        )

    def _times(self) -> list[Place]:
        shown = []
        for tick in time_ticks(self._series, language=self._language, time_zone=self._facts.time_zone, most=10):
            x = round(self._left + tick.place * (_RIGHT - self._left), 1)
            half = len(tick.text) * _LETTER / 2
            if self._left - 6 <= x - half and x + half <= WIDTH - 2:
                shown.append(Place(x=x, y=_BOTTOM + 22, text=tick.text, strong=tick.strong))
        return shown

    def _peak(self, marks: list[Mark]) -> Place | None:
        bars = self._series.bars
        index = max(range(len(bars)), key=lambda at: bars[at].volume, default=-1)
        if index < 0 or not bars[index].volume:
            return None
        text = number(bars[index].volume, self._language)
        half = len(text) * _LETTER / 2
        x, y = min(self._left + (index + 0.5) * self._step, _RIGHT - half), self._y(bars[index].volume) - 7
        crossed = [mark.x for mark in marks if abs(mark.x - x) < half + 6]
        if crossed:
            return Place(x=min(crossed) - 7, y=y, text=text, anchor="end", strong=True)
        return Place(x=round(x, 1), y=y, text=text, strong=True)
