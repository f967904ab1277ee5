"""Charts in block characters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby, pairwise
from math import isfinite

from buzzguard.deliver.series import Bar, Series, prepare, time_ticks
from buzzguard.deliver.wording import number
from buzzguard.model import Chart, Language

BLOCKS = " ▁▂▃▄▅▆▇█"
NEGATIVE, OTHER, BAND, AXIS, ALERT = "#e0364a", "#8fa8c0", "#2b3947", "grey62", "bold"

Line = list[tuple[str, str]]
"""A line of the terminal: (text, style) spans."""


def sparkline(values: Sequence[float], width: int) -> str:
    """At most `width` block characters, from nothing to the largest value; neighbours are averaged."""
    finite = [max(0.0, value) if isfinite(value) else 0.0 for value in values]
    if not finite or width < 1:
        return ""
    count = min(width, len(finite))
    edges = [round(index * len(finite) / count) for index in range(count + 1)]
    means = [sum(finite[low:high]) / (high - low) for low, high in pairwise(edges)]
    top = max(means)
    if top <= 0:
        return BLOCKS[1] * count
    return "".join(BLOCKS[max(1, round(mean / top * 8))] for mean in means)


def terminal_chart(  # noqa: PLR0913  two sizes, two conventions of the reader, two choices of drawing
    chart: Chart,
    width: int,
    height: int,
    *,
    language: Language,
    time_zone: str,
    alert_at: datetime | Sequence[datetime] | None = None,
    color: bool = True,
) -> list[Line]:
    """The chart as lines of styled spans: bars, negative in red from the ground, the usual range behind them.

    `alert_at` is when an alert began, or several did: each is marked.
    Without colour the negative part is drawn solid, the others shaded, the usual range dotted.
    """
    axis = max(len(number(prepare(chart, max(1, width - 8)).top, language)), 1) + 1
    series = prepare(chart, max(1, width - axis))
    span = max(1, width - axis) if series.bars else 0
    columns = [series.bars[at * len(series.bars) // span] for at in range(span)]
    draw = _colored if color else _plain
    lines = []
    for row in range(max(1, height) - 1, -1, -1):
        label = number(series.top, language) if row == height - 1 else "0" if row == 0 else ""
        cells = [draw(bar, row, series.top / max(1, height)) for bar in columns]
        lines.append([(f"{label:>{axis - 1}} ", AXIS), *_merged(cells)])
    marked = [alert_at] if isinstance(alert_at, datetime) else list(alert_at or ())
    return [*lines, *_below(series, axis, span, (language, time_zone), marked)]


def _merged(cells: Line) -> Line:
    """Neighbours of one style as one span: a terminal is sent a tenth of the codes."""
    return [("".join(text for text, _ in run), style) for style, run in groupby(cells, key=lambda cell: cell[1])]


def _colored(bar: Bar, row: int, unit: float) -> tuple[str, str]:
    negative, volume = _eighths(bar.negative, row, unit), _eighths(bar.volume, row, unit)
    ground = f" on {BAND}" if bar.high > (row + 0.5) * unit else ""
    if negative >= 8 or (negative and volume <= negative):
        return BLOCKS[negative], NEGATIVE + ground
    if negative:
        return BLOCKS[negative], f"{NEGATIVE} on {OTHER}" if volume >= 8 else NEGATIVE + ground
    return BLOCKS[volume], OTHER + ground


def _plain(bar: Bar, row: int, unit: float) -> tuple[str, str]:
    middle = (row + 0.5) * unit
    least = unit * 0.1 if row == 0 else middle
    if bar.negative >= middle or (row == 0 and bar.negative >= max(least, bar.volume / 2)):
        return "█", ""
    if bar.volume >= least:
        return "▒", ""
    return "·" if bar.high > middle else " ", ""


def _eighths(value: float, row: int, unit: float) -> int:
    filled = round((value / unit - row) * 8)
    least = 1 if row == 0 and value > 0 else 0
    return min(8, max(least, filled))


def _below(series: Series, axis: int, span: int, place: tuple[Language, str], alerts: Sequence[datetime]) -> list[Line]:
    """The line of times, and above it the marks of alerts."""
    language, time_zone = place
    times = [" "] * span
    for tick in time_ticks(series, language=language, time_zone=time_zone, most=max(1, span // 12)):
        at = round(tick.place * span)
        free = all(char == " " for char in times[max(0, at - 1) : at + len(tick.text) + 1])
        if free and at + len(tick.text) <= span:
            times[at : at + len(tick.text)] = tick.text
    cells: Line = [("─", AXIS)] * span
    for alert_at in alerts:
        if span and series.start <= alert_at <= series.end:
            at = min(span - 1, int((alert_at - series.start) / (series.end - series.start) * span))
            cells[at] = ("▲", ALERT)
    ground: Line = _merged([(" " * axis, AXIS), *cells])
    return [ground, [(" " * axis + "".join(times), AXIS)]]
