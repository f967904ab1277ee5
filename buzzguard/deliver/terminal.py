"""A card in the terminal, as Slack would show it.

`card_renderable` and `news_renderable` give rich renderables. They ask the console for its width and colours only
when drawn. What comes from outside is cleaned of control characters and terminal codes and never read as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import COLORS, mark
from buzzguard.deliver.blocks import color as color_of
from buzzguard.deliver.chart_text import BAND, NEGATIVE, OTHER, Line, terminal_chart
from buzzguard.deliver.escape import clean
from buzzguard.deliver.tame import tame
from buzzguard.model import Card, CommandKind, IncidentState

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.text import Text

_MAX_WIDTH = 100
_HELD, _HELD_NARROW = "\ue000", "\ue001"
"""Stand for the no-break spaces while rich lays out; private characters, which `clean` lets nobody else bring in."""
_CHART_ROWS = 8
_LABEL = "bold"
_SMALL = "grey62"
_BUTTONS = (CommandKind.TAKE_CHARGE, CommandKind.ESCALATE, CommandKind.SILENCE, CommandKind.FALSE_ALARM)
_BUTTON_STYLE = {CommandKind.TAKE_CHARGE: "bold white on #007a5a", CommandKind.FALSE_ALARM: "bold white on #b3263b"}


def card_renderable(card: Card) -> Shown:
    """The whole alert: severity, numbers, chart, mentions, playbook, state and buttons."""
    return Shown(_CardView(tame(card)))


def news_renderable(card: Card) -> Shown:
    """What is new, a line for each transition; fit for one reply in a thread."""
    from rich.console import Group

    card = tame(card)
    face = wording.clockface(card)
    lines = [
        _text((f"{mark(card)} ", ""), (f"{face.stamp(news.at)}  ", _SMALL), (wording.news_line(news, card), ""))
        for news in card.news
    ]
    return Shown(Group(*lines) if lines else _text((f"{mark(card)} ", ""), (wording.state_line(card), "")))


def update_renderable(card: Card) -> Shown:
    """A card edited in place, as one short line."""
    card = tame(card)
    stamp = wording.clockface(card).stamp(card.briefing.at)
    growth = card.briefing.growth
    course = wording.course_line(growth, card.language, card.time_zone) if growth is not None else ""
    told = [line.brief or line.amount for line in wording.numbers(card)[:1]] + [course] * bool(course)
    state, stop, _ = wording.state_line(card).partition(". ")
    line = _text(
        (f"{mark(card)} ", ""),
        (f"{stamp}  ", _SMALL),
        (card.briefing.topic_name or card.incident.topic, _LABEL),
        (f" · {' · '.join([*told, state + stop.strip()])}", _SMALL),
    )
    line.no_wrap, line.overflow = True, "ellipsis"
    return Shown(line)


class Shown:
    """A renderable in which no-break spaces hold: rich breaks lines at every space, French must not."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw with place-holders, then put the no-break spaces back."""
        for segment in console.render(self._inner, options):
            yield segment._replace(text=segment.text.replace(_HELD, "\u00a0").replace(_HELD_NARROW, "\u202f"))


class _CardView:
    def __init__(self, card: Card) -> None:
        self._card = card

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw within the console's width, at most 100 columns."""
        from rich.console import Group
        from rich.panel import Panel

        width = min(_MAX_WIDTH, options.max_width)
        inner = max(20, width - 6)
        colored = console.color_system is not None and not console.no_color
        yield Panel(
            Group(*_body(self._card, inner, colored=colored)),
            title=_text((f"{mark(self._card)} {wording.heading(self._card)}", f"bold {color_of(self._card)}")),
            title_align="left",
            subtitle=_text((_small_print(self._card, width - 6), _SMALL)),
            subtitle_align="right",
            border_style=color_of(self._card),
            padding=(1, 2),
            width=width,
        )


def _body(card: Card, width: int, *, colored: bool) -> list[RenderableType]:
    parts = [_summary(card), _numbers(card)]
    parts += [
        _chart(card, width, colored=colored),
        _said(card),
        _quotes(card),
        _advocates(card),
        _playbook(card),
        _buttons(card, width),
    ]
    body: list[RenderableType] = []
    for part in filter(None, parts):
        body += [*([""] if body else []), *part]
    return body


def _summary(card: Card) -> list[RenderableType]:
    state, stop, rest = wording.state_line(card).partition(". ")
    call = wording.severity_call(card.incident.severity, card.language)
    told = [line.headline for line in wording.narrative_lines(card)[:1]]
    lines: list[RenderableType] = [
        _text((line, _LABEL if line in told else ""))
        for line in (
            wording.drill_line(card),
            wording.not_reached_line(card),
            *told,
            wording.summary(card),
            wording.prospects(card),
        )
        if line
    ]
    lines.append(_text((f"{state}{stop.strip()} ", f"bold {color_of(card)}"), (rest, "")))
    if card.incident.state is IncidentState.TRIGGERED:
        name = wording.severity_name(card.incident.severity, card.language)
        colon = wording.catalogue(card.language).labels.colon
        lines.append(_text((f"{name}{colon}{call}", COLORS[card.incident.severity])))
    lines += [_text((str(place), "")) for place in wording.around_lines(card)]
    lines += [_text((f"📅 {line}", "")) for line in wording.day_lines(card)]
    learning = wording.learning_line(card)
    return [*lines, _text((f"🌱 {learning}", _SMALL))] if learning else lines


def _numbers(card: Card) -> list[RenderableType]:
    from rich.table import Table

    lines = wording.telling_numbers(card)
    if not lines:
        return []
    table = Table.grid(padding=(0, 2))
    for line in lines:
        rarity = (line.rarity, "bold" if line.remarkable else _SMALL)
        table.add_row(_text((line.label, _LABEL)), _text((line.amount, "")), _text(rarity))
    colon = wording.catalogue(card.language).labels.colon
    return [table, *(_text((f"{each.label}{colon}{each.made_of}", _SMALL)) for each in lines if each.made_of)]


def _chart(card: Card, width: int, *, colored: bool) -> list[RenderableType]:
    chart = card.briefing.chart
    if chart is None or not chart.volume:
        return []
    lines = terminal_chart(
        chart,
        width,
        _CHART_ROWS,
        language=card.language,
        time_zone=card.time_zone,
        alert_at=card.incident.opened_at,
        color=colored,
    )
    return [_chart_title(card, colored=colored), *map(_line, lines)]


def _chart_title(card: Card, *, colored: bool) -> Text:
    words = wording.catalogue(card.language).labels
    keys = (("█", NEGATIVE), ("█", OTHER), ("█", BAND)) if colored else (("█", ""), ("▒", ""), ("·", ""))
    names = (words.chart_negative, words.chart_other, words.chart_usual)
    legend = [part for key, name in zip(keys, names, strict=True) for part in (("  ", ""), key, (f" {name}", _SMALL))]
    return _text(
        (wording.chart_title(card), _LABEL), *legend, (f"  ▲ {words.chart_alert.format(time='').strip()}", _SMALL)
    )


def _said(card: Card) -> list[RenderableType]:
    told = wording.narrative_lines(card)
    shown: list[RenderableType] = [_text((wording.catalogue(card.language).saying.title, _LABEL))] if told else []
    for index, line in enumerate(told, start=1):
        if index > 1:  # the first one stands above, where what happens is told
            shown.append(_indented(f"{index}. ", _LABEL, line.headline))
        shown.append(_indented("   " if index > 1 else f"{index}. ", _LABEL, line.facts, style=_SMALL))
        if line.quote:
            shown.append(_indented("   ▎ ", color_of(card), line.quote))
    small = [line for line in (*wording.saying_lines(card), wording.voices_line(card)) if line]
    clues = wording.clue_line(card)
    return shown + [_text((line, _SMALL)) for line in (*small, *([f"🔎 {clues}"] if clues else []))]


def _quotes(card: Card) -> list[RenderableType]:
    quotes = wording.main_quotes(card)
    if not quotes:
        return []
    face = wording.clockface(card)
    shown: list[RenderableType] = [_text((wording.catalogue(card.language).labels.top_mentions, _LABEL))]
    for quote in quotes:
        author = wording.quote_author(quote, card.language)
        small = [
            author,
            quote.site,
            face.stamp(quote.published),
            wording.quote_weight(quote, card.language),
        ]
        shown.append(_indented("▎ ", color_of(card), quote.text))
        shown.append(_indented("  ", "", " · ".join(part for part in small if part), style=_SMALL))
    return shown


def _advocates(card: Card) -> list[RenderableType]:
    told = wording.advocate_lines(card)
    if not told:
        return []
    shown: list[RenderableType] = [_text((wording.catalogue(card.language).saying.advocates, _LABEL))]
    return shown + [_indented("▎ ", OTHER, line.quote, note=f"{line.who} · {line.at}") for line in told]


def _playbook(card: Card) -> list[RenderableType]:
    steps = wording.to_do(card)
    if not steps:
        return []
    words = wording.catalogue(card.language).labels
    title, playbook = wording.to_do_title(card)
    shown: list[RenderableType] = [_text((title, _LABEL), (f" – {playbook}", _SMALL))]
    for step in steps:
        lead = f"{'⏰ ' if step.late else ''}{step.key}. "
        shown.append(_indented(lead, _LABEL, step.text, note=step.note.replace(" ", "\u00a0")))
    rules = card.playbook.never if card.playbook is not None else ()
    return shown + [_indented("✗ ", NEGATIVE, f"{words.never}{words.colon}{rule}") for rule in rules]


def _small_print(card: Card, width: int) -> str:
    """The incident, its rules and the time; the rules give way first where the line is short."""
    parts = wording.small_print(card)
    while len(parts) > 1 and len(" · ".join(parts)) > width:
        parts = [parts[0], *parts[2:]]
    return " · ".join(parts)


def _buttons(card: Card, width: int) -> list[RenderableType]:
    if card.incident.state in wording.FINAL:
        return []
    row: Line = []
    for kind in _BUTTONS:
        style = _BUTTON_STYLE.get(kind, "bold on grey30")
        row += [(f" {wording.button(kind, card.language)} ", style), ("  ", "")]
    hint = wording.catalogue(card.language).labels.button_hint
    fits = sum(len(text) for text, _ in row) + len(hint) <= width
    return [_line([*row, (hint, _SMALL)] if fits else row[:-1])]


def _indented(lead: str, lead_style: str, body: str, *, style: str = "", note: str = "") -> RenderableType:
    """A hanging paragraph, so that a wrapped text stays beside its mark."""
    from rich.table import Table

    table = Table.grid(padding=0)
    table.add_column(width=len(lead))
    table.add_column(ratio=1)
    table.add_row(_text((lead, lead_style)), _text((body, style), (f"  {note}" if note else "", f"italic {_SMALL}")))
    return table


def _line(spans: Line) -> Text:
    """Spans of our own making, spaces kept."""
    from rich.text import Text

    return Text.assemble(*spans, no_wrap=True, overflow="crop")


def _text(*spans: tuple[str, str]) -> Text:
    """Spans that may hold text from outside: cleaned, the spaces around each span kept."""
    from rich.text import Text

    return Text.assemble(*((_cleaned(text), style) for text, style in spans if text))


def outside_text(*spans: tuple[str, str]) -> Text:
    """Spans of (text, style) that may hold text from outside, made harmless; to be drawn within `Shown`."""
    return _text(*spans)


def _cleaned(text: str) -> str:
    inner = text.strip(" ")
    if not inner:
        return text
    lead = len(text) - len(text.lstrip(" "))
    tail = len(text) - len(text.rstrip(" "))
    held = clean(inner).replace("\u00a0", _HELD).replace("\u202f", _HELD_NARROW)
    return " " * lead + held + " " * tail
