"""A backtest in the terminal: fits 80 columns, coloured where the terminal is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from buzzguard.backtest.outcome import Finding, Lasted, Row, TopicTally
from buzzguard.cli.backtest_result import Result
from buzzguard.cli.backtest_words import Voice, advice_lines, clean, found_of, sweep_notes
from buzzguard.cli.replay_words import COLOURS
from buzzguard.deliver.wording import severity_name
from buzzguard.model import Severity

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_MOST_ALERTS = 12
_MOST_TOPICS = 15
_MARKS = {True: ("✔", "green"), False: ("✘", "red")}


def page(result: Result) -> Iterator[RenderableType]:
    """The whole report, part by part."""
    voice = Voice.of(result.settings)
    yield from _head(result, voice)
    yield from _rules(result, voice)
    yield from _events(result, voice)
    for rows in result.sweeps:
        yield from _sweep(result, voice, rows)
    yield from _advice(result, voice)


def _heading(text: str) -> RenderableType:
    from rich.text import Text

    return Text(f"\n{clean(text)}", style="bold")


def _dim(text: str) -> RenderableType:
    from rich.text import Text

    return Text(text, style="dim")


def _plain(*columns: tuple[str, str]) -> Table:
    """A table without lines; each column with its heading and how it is set."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for heading, kind in columns:
        right = kind == "right"
        table.add_column(heading, justify="right" if right else "left", no_wrap=kind != "text", overflow="fold")
    return table


def _head(result: Result, voice: Voice) -> Iterator[RenderableType]:
    from rich.text import Text

    scope = result.scope
    yield Text(voice.say("title"), style="bold")
    yield Text(
        voice.say(
            "read",
            count=voice.number(result.read),
            topics=voice.many("topic", len(scope.topics)),
            first=voice.date(scope.first),
            last=voice.date(scope.last),
        )
    )
    yield Text(result.judged_line(voice))
    for line in result.notes(voice):
        yield _dim(line)


def _rules(result: Result, voice: Voice) -> Iterator[RenderableType]:
    from rich.text import Text

    outcome = result.rules
    yield _heading(voice.say("rules"))
    loud = [tally for tally in outcome.topics if any(tally.by_severity.values())]
    if loud:
        yield _topics(result, voice, sorted(loud, key=_loudness)[:_MOST_TOPICS])
    calm = len(outcome.topics) - min(len(loud), _MOST_TOPICS)
    if calm and loud:
        yield _dim(voice.many("calm", len(outcome.topics) - len(loud)) if len(loud) <= _MOST_TOPICS else "…")
    if not outcome.alerts:
        yield Text(voice.say("no_alert"))
        return
    yield Text()
    yield _by_rule(result, voice)
    yield Text()
    yield Text(result.alarms_line(voice))
    yield _heading(voice.say("lasting"))
    yield _lasting(result, voice, outcome.alerts[:_MOST_ALERTS])
    if len(outcome.alerts) > _MOST_ALERTS:
        yield _dim(voice.say("more", n=voice.number(len(outcome.alerts) - _MOST_ALERTS)))


def _loudness(tally: TopicTally) -> tuple[int, str]:
    return -sum(tally.by_severity.values()), tally.topic


def _topics(result: Result, voice: Voice, tallies: list[TopicTally]) -> Table:
    headings = [severity_name(severity, voice.language) for severity in Severity]
    table = _plain(
        (voice.say("topic"), "text"),
        (voice.say("mentions"), "right"),
        *((heading, "right") for heading in headings),
        (voice.say("week"), "right"),
    )
    for tally in tallies:
        counts = [_count(tally.by_severity[severity], severity, voice) for severity in Severity]
        weekly = voice.weekly(sum(tally.by_severity.values()), result.scope.judged)
        table.add_row(clean(result.topic_name(tally.topic)), voice.number(tally.mentions), *counts, weekly)
    return table


def _count(count: int, severity: Severity, voice: Voice) -> Text:
    from rich.text import Text

    return Text(voice.number(count) if count else "·", style=COLOURS[severity] if count else "dim")


def _by_rule(result: Result, voice: Voice) -> Table:
    table = _plain(
        (voice.say("rule"), "text"),
        (voice.say("alerts"), "right"),
        (voice.say("outside"), "right"),
        (voice.say("per_season"), "text"),
    )
    for tally in result.rules.rules:
        table.add_row(
            clean(tally.rule),
            voice.number(tally.alerts),
            voice.number(tally.false.count),
            voice.short_rate(tally.false),
        )
    return table


def _lasting(result: Result, voice: Voice, alerts: tuple[Lasted, ...]) -> Table:
    from rich.text import Text

    table = _plain(
        (voice.say("began"), "fixed"),
        (voice.say("severity"), "fixed"),
        (voice.say("topic"), "text"),
        (voice.say("rule"), "text"),
        (voice.say("lasted"), "text"),
        (voice.say("of"), "text"),
    )
    table.padding = (0, 1, 0, 0)
    for one in alerts:
        noticed = one.noticed
        table.add_row(
            voice.instant(noticed.fired_at),
            Text(severity_name(noticed.severity, voice.language), style=COLOURS[noticed.severity]),
            clean(result.topic_name(noticed.topic)),
            clean(noticed.rule),
            result.lasted(one, voice),
            clean(result.event_of(one, voice)),
            style="" if one.judged else "dim",
        )
    return table


def _events(result: Result, voice: Voice) -> Iterator[RenderableType]:
    findings, unjudged = result.rules.findings, result.scope.unjudged
    if not findings and not unjudged:
        return
    yield _heading(voice.say("events"))
    for finding in findings:
        yield from _event(result, voice, finding)
    for event in unjudged:
        from rich.text import Text

        yield Text(f"· {voice.instant(event.start)}  {clean(voice.event(event, result.settings))}", style="dim")
        yield Text(f"    {voice.say('unjudged')}", style="dim")


def _event(result: Result, voice: Voice, finding: Finding) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    mark, colour = _MARKS[finding.found]
    line = Text(mark, style=colour)
    line.append(f" {voice.instant(finding.event.start)}  ", style="dim")
    line.append(clean(voice.event(finding.event, result.settings)), style="bold")
    yield line
    detail = Text(result.finding_line(finding, voice))
    yield Padding(detail, (0, 0, 0, 4), expand=False)


def _sweep(result: Result, voice: Voice, rows: tuple[Row, ...]) -> Iterator[RenderableType]:
    from rich.text import Text

    yield _heading(voice.say("sweep", signal=rows[0].signal.value))
    yield _dim(voice.say("sweep_how", hold=voice.span(result.course.plan.hold)))
    table = _plain(
        (f"  {voice.say('threshold')}", "fixed"),
        (voice.say("n_alarms"), "right"),
        (voice.say("n_found"), "right"),
        (voice.say("n_false"), "right"),
        (voice.say("per_season"), "fixed"),
        (voice.say("delay"), "right"),
        (voice.say("said"), "right"),
    )
    table.padding = (0, 1, 0, 0)
    for row in rows:
        chosen = row is result.advice.row
        table.add_row(
            Text(f"{'▸ ' if chosen else '  '}{voice.days(row.threshold)}"),
            voice.number(len(row.alarms)),
            found_of(row),
            voice.number(row.false.count),
            voice.short_rate(row.false),
            voice.short_delay(row.delay),
            "–" if row.said is None else voice.number(row.said),
            style="bold green" if chosen else "",
        )
    yield table
    for note in sweep_notes(voice, rows, result.settings):
        yield _dim(clean(note))


def _advice(result: Result, voice: Voice) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    yield _heading(voice.say("suggestion"))
    first, *others = advice_lines(voice, result.advice, result.scope, result.course.plan)
    yield Text(first)
    for line in others:
        yield _dim(line)
    yield Text(f"\n{voice.say('paste')}")
    yield Padding(Text(result.advice.line, style="bold"), (0, 0, 0, 4), expand=False)
