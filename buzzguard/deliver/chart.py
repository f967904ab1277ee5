"""The chart of an alert: as a picture for Slack, as block characters for the terminal.

The picture is an SVG template drawn by resvg with a font of our own, so that it looks the same on every machine.
Sizes are those of 800 units; Slack shows the picture at about half of that, hence the large type.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buzzguard.deliver import wording
from buzzguard.deliver.chart_text import sparkline, terminal_chart
from buzzguard.deliver.series import Bar, Series, prepare, time_ticks, value_ticks
from buzzguard.deliver.tame import short
from buzzguard.deliver.wording.handling_words import handling_words
from buzzguard.model import Chart, Language

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["chart_png", "chart_svg", "sparkline", "terminal_chart"]

ASSETS = Path(__file__).parent / "assets"
WIDTH, HEIGHT = 800, 400
ZOOM = 2
"""Of the picture against the template: sharp on dense screens."""
_EDGE, _RIGHT, _TOP, _BOTTOM = 24, 776, 116, 352
_MAX_BARS = 120
_MAX_TITLE = 52
_MAX_STATEMENTS, _LABEL_ROWS = 20, 3
_LETTER = 11.0
"""Mean width of a letter at the template's 20 units, measured; rounded up."""


def chart_svg(
    chart: Chart,
    *,
    language: Language,
    time_zone: str,
    title: str,
    alert_at: datetime | None = None,
    statements: Sequence[datetime] = (),
) -> str:
    """The chart as SVG: negative mentions in red, the others above them, the usual range, the moments of the alert and
    of published statements."""
    series = prepare(chart, _MAX_BARS)
    words = wording.catalogue(language).labels
    ticks = value_ticks(series.top * 1.08)
    labels = [wording.number(value, language) for value in ticks]
    frame = _Frame(series, left=_EDGE + round(max(map(len, labels)) * _LETTER) + 10, top_value=ticks[-1])
    alert = _alert(frame, series, words.chart_alert, alert_at, wording.zone(time_zone))
    return _template().render(
        width=WIDTH,
        height=HEIGHT,
        left_edge=_EDGE,
        left=frame.left,
        right=_RIGHT,
        top=_TOP,
        bottom=_BOTTOM,
        title=short(title, _MAX_TITLE),
        legend=_legend(words.chart_negative, words.chart_other, words.chart_usual),
        band=frame.band(),
        expected=frame.expected(),
        bars=[frame.bar(index, bar) for index, bar in enumerate(series.bars)],
        y_ticks=[{"y": frame.y(value), "text": text} for value, text in zip(ticks, labels, strict=True)],
        x_ticks=_time_labels(frame, series, language, time_zone),
        peak=_peak(frame, series, language, alert),
        alert=alert,
        statements=_statements(frame, series, language, statements, wording.zone(time_zone)),
        empty="" if any(bar.volume or bar.high for bar in series.bars) else words.chart_empty,
    )


def chart_png(svg: str) -> bytes:
    """The SVG as PNG. Fonts of the machine are looked up for scripts alone that the shipped font does not know."""
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=svg,
            zoom=ZOOM,
            skip_system_fonts=all(map(_in_shipped_font, svg)),
            font_files=[str(ASSETS / "Inter-Regular.otf"), str(ASSETS / "Inter-SemiBold.otf")],
            font_family="Inter",
            sans_serif_family="Inter",
        )
    )


class _Frame:
    """Where values and bins lie on the picture."""

    def __init__(self, series: Series, *, left: int, top_value: float) -> None:
        self.left = left
        self._bars = series.bars
        self._step = (_RIGHT - left) / max(1, len(series.bars))
        self._top_value = top_value

    def x(self, place: float) -> float:
        """Of a place between 0 (start) and 1 (end)."""
        return round(self.left + place * (_RIGHT - self.left), 1)

    def y(self, value: float) -> float:
        """Of a value."""
        return round(_BOTTOM - value / self._top_value * (_BOTTOM - _TOP), 1)

    def middle(self, index: int) -> float:
        """The middle of a bar."""
        return round(self.left + (index + 0.5) * self._step, 1)

    def bar(self, index: int, bar: Bar) -> dict[str, str]:
        """Two paths: negative from the ground, the rest on top of it."""
        gap = min(2.0, self._step * 0.18)
        x, width = self.left + index * self._step + gap / 2, self._step - gap
        ground, low, high = self.y(0), self.y(bar.negative), self.y(bar.volume)
        return {
            "negative": f"M{x:.1f} {ground}h{width:.1f}V{low}h{-width:.1f}z" if bar.negative else "",
            "volume": f"M{x:.1f} {low}h{width:.1f}V{high}h{-width:.1f}z" if bar.volume > bar.negative else "",
        }

    def band(self) -> str:
        """The usual range: from nothing to its upper edge."""
        if not any(bar.high for bar in self._bars):
            return ""
        return f"M{self.left} {_BOTTOM}L{self._line('high')}L{_RIGHT} {_BOTTOM}z"

    def expected(self) -> str:
        """The baseline."""
        return f"M{self._line('expected')}" if any(bar.expected for bar in self._bars) else ""

    def _line(self, name: str) -> str:
        values = [self.y(getattr(bar, name)) for bar in self._bars]
        inner = [f"{self.middle(index)} {value}" for index, value in enumerate(values)]
        return "L".join([f"{self.left} {values[0]}", *inner, f"{_RIGHT} {values[-1]}"])


def _legend(negative: str, other: str, usual: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    x = float(_EDGE)
    for text, color, line in ((negative, "#d3202f", False), (other, "#8fa8c0", False), (usual, "#e3ebf3", True)):
        entries.append({"x": round(x), "text": text, "color": color, "line": line})
        x += 24 + 30 + len(text) * 9.8
    return entries


def _time_labels(frame: _Frame, series: Series, language: Language, time_zone: str) -> list[dict[str, Any]]:
    labels = []
    for tick in time_ticks(series, language=language, time_zone=time_zone, most=8):
        x = frame.x(tick.place)
        half = len(tick.text) * _LETTER / 2
        if frame.left - 8 <= x - half and x + half <= WIDTH - 8:
            labels.append({"x": x, "text": tick.text, "strong": tick.strong})
    return labels


def _peak(frame: _Frame, series: Series, language: Language, alert: dict[str, Any] | None) -> dict[str, Any] | None:
    if not any(bar.volume for bar in series.bars):
        return None
    index = max(range(len(series.bars)), key=lambda at: series.bars[at].volume)
    text = wording.number(series.bars[index].volume, language)
    x, half = frame.middle(index), len(text) * _LETTER / 2
    place = {"x": x, "anchor": "middle"}
    if alert is not None and abs(alert["x"] - x) < half + 8:
        place = {"x": alert["x"] - 8, "anchor": "end"}
    elif x + half > _RIGHT:
        place = {"x": _RIGHT, "anchor": "end"}
    elif x - half < frame.left:
        place = {"x": frame.left, "anchor": "start"}
    return {**place, "y": frame.y(series.bars[index].volume) - 8, "text": text}


def _alert(frame: _Frame, series: Series, form: str, at: datetime | None, place: Any) -> dict[str, Any] | None:
    if at is None or not series.bars or not series.start <= at <= series.end:
        return None
    share = (at - series.start) / (series.end - series.start)
    x, left = frame.x(share), share > 0.5
    return {
        "x": x,
        "text_x": x - 10 if left else x + 10,
        "anchor": "end" if left else "start",
        "text": form.format(time=f"{at.astimezone(place):%H:%M}"),
    }


def _statements(
    frame: _Frame, series: Series, language: Language, times: Sequence[datetime], place: Any
) -> list[dict[str, Any]]:
    """A line for each statement within the chart; a label each, on rows of their own where they would overlap, as long
    as there is room."""
    form, ends = handling_words(language).chart_statement, [float("-inf")] * _LABEL_ROWS
    lines = []
    for at in sorted(times)[:_MAX_STATEMENTS]:
        line = _alert(frame, series, form, at, place)
        if line is None:
            continue
        width = len(line["text"]) * _LETTER
        left = line["text_x"] - (width if line["anchor"] == "end" else 0)
        row = next((row for row, end in enumerate(ends) if end < left), None)
        if row is not None:
            ends[row] = left + width + 8
        lines.append({**line, "text": "" if row is None else line["text"], "text_y": _TOP + 18 + 26 * (row or 0)})
    return lines


def _in_shipped_font(char: str) -> bool:
    return char < "\u0530" or "\u1e00" <= char <= "\u25ff"


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    source = (ASSETS / "chart.svg.j2").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(source)
