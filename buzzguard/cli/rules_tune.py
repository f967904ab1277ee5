"""`buzzguard rules tune`: how often rules were right, and thresholds that would have spared false alarms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buzzguard.cli.report import common

if TYPE_CHECKING:
    from buzzguard.assembly import Assembly
    from buzzguard.backtest.tune import Outcome, Tuning
    from buzzguard.cli.backtest_words import Voice
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.model import Effects, Page, Section, Table
    from buzzguard.review.precision import Precision, Weighed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_GONE = 10


@click.command("tune")
@click.option("--rule", "rules", multiple=True, help="Only this rule.")
@common
def tune(rules: tuple[str, ...], form: str, output: Path | None, lang: str | None, path: Path) -> None:
    """Tell how often each rule was right by what people said of its alerts, and propose thresholds.

    A false alarm is noise, and so is what most voted noise; an alert that somebody took charge of without a word counts
    as half a useful one. What is proposed is played over what is stored, and told with the alerts that it would have
    spared. Nothing is changed: rules are yours.
    """
    from buzzguard.cli.report import desk_of, faults_told, put, put_page

    with faults_told():
        desk = desk_of(path, lang)
        found = _tuned(desk, path, rules)
        if form == "json":
            from buzzguard.cli.report_json import as_json

            put(as_json([_document(one) for one in found]), output)
        else:
            put_page(page(desk, found), form, output)


def _tuned(desk: Desk, path: Path, wanted: tuple[str, ...]) -> list[Tuning]:
    """Judge and play. Raises ConfigError for an unknown rule, StoreError."""
    from buzzguard.backtest import tune as tuning
    from buzzguard.cli.backtest_input import Asked, assemble_for
    from buzzguard.review.precision import Precision, precisions

    assembly = assemble_for(Asked(store=True, config=path), None)
    rules = [rule for rule in assembly.parts.rules if rule.file.enabled]
    _known(wanted, [rule.id for rule in rules])
    rules = [rule for rule in rules if not wanted or rule.id in wanted]
    alerts = asyncio.run(_alerts(desk))
    told = {one.rule: one for one in precisions(alerts)}
    noisy = [rule for rule in rules if rule.id in told and told[rule.id].noise and tuning.threshold_of(rule)]
    played = _played(assembly, noisy) if noisy else {}
    none = [Precision(rule=rule.id, useful=0, noise=0, unjudged=0) for rule in rules if rule.id not in told]
    by_id = {rule.id: rule for rule in rules}
    return [tuning.tune(by_id[one.rule], one, alerts, played) for one in (*told.values(), *none) if one.rule in by_id]


def _known(wanted: tuple[str, ...], known: list[str]) -> None:
    from buzzguard.backtest.plan import unknown_word
    from buzzguard.errors import ConfigError

    faults = [unknown_word("--rule", name, known, kind="rule") for name in wanted if name not in known]
    if faults:
        raise ConfigError(faults)


async def _alerts(desk: Desk) -> tuple[Weighed, ...]:
    from buzzguard.model import Transition
    from buzzguard.review.precision import votes_of, weighed
    from buzzguard.store.recalling import RecallStore

    store = await RecallStore.look_now(desk.settings.store, now=desk.now, base=desk.base)
    try:
        incidents = await store.incidents_between(_EPOCH, desk.now)
        moves: dict[str, list[Transition]] = {}
        ids = [one.id for one in incidents]
        for move in await store.transitions(ids):
            moves.setdefault(move.incident, []).append(move)
        return weighed(incidents, moves, votes_of(await store.commands(ids)))
    finally:
        await store.close()


def _played(assembly: Assembly, rules: list[Any]) -> dict[Any, Any]:
    from buzzguard.backtest.tune import play
    from buzzguard.cli.backtest_input import core_from_store
    from buzzguard.store.history import open_history

    with open_history(assembly.settings.store, base=assembly.base) as history, _progress() as told:
        stored = core_from_store(assembly, history)
        return play(stored.core, (scored.mention for scored in history.mentions()), rules, stepped=told)


@contextmanager
def _progress() -> Iterator[Callable[[Effects], None]]:
    """Where a person looks on, a line that tells how far the replay is."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("…") as status:
        yield lambda effects: status.update(f"{effects.at:%Y-%m-%d %H:%M} UTC")


def page(desk: Desk, found: list[Tuning]) -> Page:
    """What was found, in words."""
    from buzzguard.cli.backtest_words import Voice
    from buzzguard.cli.rules_tune_words import TUNE_WORDS
    from buzzguard.model import Page, Section

    words = TUNE_WORDS[desk.language]
    voice = Voice(language=desk.language, time_zone=desk.settings.time_zone)
    judged = [one for one in found if one.precision.alerts]
    sections = [Section(title=words["precision"], table=_precisions(desk, judged), note=words["precision_note"])]
    sections += [_section(desk, voice, one) for one in judged if one.precision.noise]
    quiet = ", ".join(one.rule for one in found if not one.precision.alerts)
    return Page(
        language=desk.language,
        title=words["title"],
        caveats=(words["budget"],) if desk.settings.false_alarms is not None else (),
        sections=tuple(sections) if judged else (Section(title=words["precision"], lines=(words["nothing"],)),),
        footer=words["quiet"].format(rules=quiet) if quiet else "",
    )


def _precisions(desk: Desk, found: list[Tuning]) -> Table:
    from buzzguard.model import Table
    from buzzguard.review.week_telling import precision_text
    from buzzguard.review.week_words import WEEK_WORDS

    words = WEEK_WORDS[desk.language]
    heads = tuple(words[name] for name in ("rule", "alerts", "useful", "worked", "noise", "unjudged", "precision"))

    def row(one: Precision) -> tuple[str, ...]:
        counts = map(str, (one.alerts, one.useful, one.worked, one.noise, one.unjudged))
        return (one.rule, *counts, precision_text(one, desk.language))

    return Table(heads=heads, rows=tuple(row(one.precision) for one in found), numbers=(1, 2, 3, 4, 5, 6))


def _section(desk: Desk, voice: Voice, one: Tuning) -> Section:
    from buzzguard.cli.rules_tune_words import TUNE_WORDS
    from buzzguard.model import Section, Table

    words = TUNE_WORDS[desk.language]
    table = None
    if one.threshold is not None and one.outcomes:
        heads = tuple(words[name] for name in ("threshold", "alerts", "noise_gone", "useful_lost", "later"))
        rows = tuple(_row(voice, outcome) for outcome in one.outcomes)
        table = Table(heads=heads, rows=rows, numbers=(1, 2, 3, 4))
    return Section(title=one.rule, lines=tuple(_lines(desk, voice, one)), table=table, note=words["table_note"])


def _row(voice: Voice, one: Outcome) -> tuple[str, ...]:
    later = voice.span(one.later) if one.later else "–"
    counts = map(voice.number, (one.alerts, one.noise_gone, one.useful_lost))
    return (voice.days(one.threshold), *counts, later)


def _lines(desk: Desk, voice: Voice, one: Tuning) -> Iterator[str]:
    from buzzguard.cli.rules_tune_words import TUNE_WORDS
    from buzzguard.review.precision import Worth

    words = TUNE_WORDS[desk.language]
    yield words[one.reason.value].format(
        seen=voice.number(one.seen), judged=voice.number(one.precision.judged), noise=voice.number(one.precision.noise)
    )
    best = one.proposal
    if best is None or one.threshold is None:
        return
    before, after = voice.days(one.threshold.value), voice.days(best.threshold)
    yield words["proposal"].format(name=one.threshold.name, before=before, after=after)
    yield words["in_rule"].format(line=one.line)
    for gone in best.gone[:_MOST_GONE]:
        known = desk.settings.topics.get(gone.topic)
        yield words["gone_noise" if gone.worth is Worth.NOISE else "gone_unjudged"].format(
            at=voice.instant(gone.fired_at), topic=known.name if known else gone.topic, incident=gone.incident
        )
    if len(best.gone) > _MOST_GONE:
        yield words["gone_more"].format(n=voice.number(len(best.gone) - _MOST_GONE))


def _document(one: Tuning) -> dict[str, Any]:
    from buzzguard.cli.report_week import precision_document

    return precision_document(one.precision) | {
        "reason": one.reason.value,
        "signal": one.threshold.name if one.threshold else None,
        "threshold_days": one.threshold.value.total_seconds() / 86_400 if one.threshold else None,
        "replayed": one.seen,
        "tried": [_outcome(outcome) for outcome in one.outcomes],
        "proposal": _outcome(one.proposal) if one.proposal else None,
        "yaml": one.line or None,
    }


def _outcome(one: Outcome) -> dict[str, Any]:
    return {
        "threshold_days": one.threshold.total_seconds() / 86_400,
        "alerts": one.alerts,
        "noise_gone": one.noise_gone,
        "useful_lost": one.useful_lost,
        "later_seconds": one.later.total_seconds(),
        "gone": [
            {
                "topic": gone.topic,
                "incident": gone.incident,
                "fired_at": gone.fired_at.isoformat(),
                "worth": gone.worth.value,
            }
            for gone in one.gone
        ],
    }
