"""An explanation in the terminal: readable at 80 columns, in colour or without."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from buzzguard.cli.explain_facts import Facts
from buzzguard.cli.explain_rules import RuleRow
from buzzguard.cli.explain_scale import place
from buzzguard.cli.explain_words import ScaleRow, Telling
from buzzguard.deliver.chart_text import BAND, NEGATIVE, OTHER, Line, terminal_chart
from buzzguard.deliver.terminal import Shown, outside_text
from buzzguard.deliver.wording import catalogue
from buzzguard.model import Language, Severity

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

MOST_WIDTH = 100
_CHART_ROWS = 9
_BAR = 22
_SMALL, _LABEL = "grey62", "bold"
_STYLES = {Severity.YELLOW: "yellow", Severity.ORANGE: "dark_orange", Severity.RED: "red"}
_RARE, _USUAL, _OUTLINE = "#e8710a", "grey42", "grey42"


def explanation_renderable(facts: Facts, telling: Telling, language: Language) -> Shown:
    """The whole explanation, within the console's width, at most 100 columns."""
    return Shown(_View(facts, telling, language))


class _View:
    def __init__(self, facts: Facts, telling: Telling, language: Language) -> None:
        self._facts, self._telling, self._language = facts, telling, language

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw."""
        width = min(MOST_WIDTH, options.max_width)
        inner = options.update(width=width)
        colored = console.color_system is not None and not console.no_color
        for part in self._parts(width, colored=colored):
            yield from console.render(part, inner)
            yield from console.render(outside_text((" ", "")), inner)

    def _parts(self, width: int, *, colored: bool) -> Iterator[RenderableType]:
        from rich.console import Group

        telling = self._telling
        yield Group(*self._head())
        yield Group(*self._chart(width, colored=colored))
        yield Group(_title(telling.words.signals), self._signals())
        if telling.scales:
            yield Group(*self._scales(colored=colored))
        if telling.crisis:
            yield Group(*self._crisis(colored=colored))
        yield Group(*self._rules())
        yield Group(_title(telling.words.state), *(_bullet(line) for line in telling.state))
        small = telling.words.detector.format(name=self._facts.explanation.detector)
        yield Group(
            _title(telling.words.basis), *(_bullet(line) for line in telling.basis), outside_text((small, _SMALL))
        )

    def _head(self) -> Iterator[RenderableType]:
        style = "bold" if not self._telling.unusual else f"bold {_RARE}"
        yield outside_text((self._telling.headline, style))
        yield outside_text((self._telling.subtitle, _SMALL))
        for caveat in self._telling.caveats:
            yield outside_text((f"! {caveat}", "yellow"))

    def _chart(self, width: int, *, colored: bool) -> Iterator[RenderableType]:
        words = catalogue(self._language).labels
        keys = (("█", NEGATIVE), ("█", OTHER), ("█", BAND)) if colored else (("█", ""), ("▒", ""), ("·", ""))
        names = (words.chart_negative, words.chart_other, self._telling.words.band)
        legend = [part for key, name in zip(keys, names, strict=True) for part in (key, (f" {name}   ", _SMALL))]
        yield _title(self._telling.words.chart_title.format(topic=self._facts.name))
        yield outside_text(*legend, (f"▲ {self._telling.words.fired}" if self._facts.fired else "", _SMALL))
        lines = terminal_chart(
            self._facts.chart,
            width,
            _CHART_ROWS,
            language=self._language,
            time_zone=self._facts.time_zone,
            alert_at=[alert.fired_at for alert in self._facts.fired if alert.fired_at],
            color=colored,
        )
        yield from map(_line, lines)

    def _signals(self) -> Table:
        words = self._telling.words
        table = _grid(words.signal, words.window, words.observed, words.expected, words.rarity)
        for row in self._telling.rows:
            style = "bold" if row.remarkable else ""
            table.add_row(
                outside_text((row.label, style)),
                outside_text((row.window, _SMALL)),
                outside_text((row.observed, style)),
                outside_text((row.usual, "")),
                outside_text((row.rarity, f"bold {_RARE}" if row.remarkable else _SMALL)),
            )
        return table

    def _scales(self, *, colored: bool) -> Iterator[RenderableType]:
        words = self._telling.words
        label, rows = self._telling.scales[0]
        yield _title(words.scales.format(signal=label))
        table = _grid(words.window, words.observed, words.expected, "", words.rarity)
        for row in rows:
            style = "bold" if row.decides else ""
            table.add_row(
                outside_text((row.window, style)),
                outside_text((row.observed, style)),
                outside_text((row.usual, "")),
                _bar(row, colored=colored),
                outside_text((row.rarity, style or _SMALL), (" ◂" if row.decides else "", _RARE)),
            )
        yield table
        hints = [words.decides] if any(row.decides for row in rows) else []
        hints += [words.scales_hint, f"░ {words.law_hint}"]
        yield outside_text((" · ".join(hints), _SMALL))

    def _crisis(self, *, colored: bool) -> Iterator[RenderableType]:
        yield _title(self._telling.crisis)
        table = _grid()
        for name, part in self._telling.parts:
            percent = self._telling.words.percent.format(n=round(100 * part))
            filled = "█" * max(1, round(_BAR * min(1.0, part)))
            table.add_row(outside_text((name, "")), outside_text((percent, "")), outside_text((filled, _ink(colored))))
        if self._telling.parts:
            yield table

    def _rules(self) -> Iterator[RenderableType]:
        words = self._telling.words
        yield _title(words.rules)
        if not self._telling.rules:
            yield outside_text((words.no_rules, ""))
        if self._telling.budget:
            yield outside_text((self._telling.budget, _SMALL))
        for row in self._telling.rules:
            yield from self._rule(row)

    def _rule(self, row: RuleRow) -> Iterator[RenderableType]:
        style = _STYLES[row.severity] if row.severity else _SMALL
        mark = "●" if row.severity else "○"
        yield outside_text(
            (f"{mark} ", style),
            (row.title, _LABEL),
            (f" – {row.says}", style),
            (" [" + row.window.replace(" ", "\u00a0") + "]", _SMALL),
        )
        # Of a rule that is quiet, what it lacks says why.
        for line in row.lines if row.severity else [line for line in row.lines if not line.holds]:
            sign = ("  ✓ ", "green") if line.holds else ("  ✗ ", "red" if row.severity is None else "yellow")
            yield _hanging(sign, line.text, "" if not line.holds else _SMALL)
        for graver in row.graver:
            yield _hanging(("  ↑ ", _SMALL), graver, _SMALL)


def _ink(colored: bool) -> str:
    return _RARE if colored else ""


def _bar(row: ScaleRow, *, colored: bool) -> Text:
    """The return period as a bar; behind it, dotted, what counting alone would claim."""
    filled, claimed = round(_BAR * place(row.alone)), round(_BAR * place(row.law))
    if row.alone and not filled:
        filled = 1
    return outside_text(
        ("█" * filled, _ink(colored)),
        ("░" * max(0, claimed - filled), _OUTLINE),
        ("·" if not filled and not claimed else "", _USUAL),
    )


def _title(text: str) -> Text:
    return outside_text((text, "bold underline"))


def _bullet(text: str) -> RenderableType:
    return _hanging(("• ", _SMALL), text, "")


def _hanging(lead: tuple[str, str], text: str, style: str) -> RenderableType:
    """A wrapped text stays beside its mark."""
    from rich.table import Table

    table = Table.grid(padding=0)
    table.add_column(width=len(lead[0]))
    table.add_column(ratio=1)
    table.add_row(_line([lead]), outside_text((text, style)))
    return table


def _grid(*heads: str) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=bool(heads), header_style=_SMALL)
    for head in heads:
        table.add_column(head)
    return table


def _line(spans: Line) -> Text:
    from rich.text import Text

    return Text.assemble(*spans, no_wrap=True, overflow="crop")
