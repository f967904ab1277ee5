"""The score of an exercise in words, and for other programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from buzzguard.cli.backtest_words import Voice
from buzzguard.cli.drill_words import DRILL_WORDS
from buzzguard.deliver import wording
from buzzguard.model import Section, Table
from buzzguard.review.drills import Mark, Score, Timed

_BAD = (Mark.LATE, Mark.MISSED)


def score_sections(score: Score, voice: Voice, *, id: str) -> Iterator[Section]:
    """Grade, times, steps, and what to improve."""
    words = DRILL_WORDS[voice.language]
    yield Section(title=words["grade"], lines=(_grade(score, voice),), note=words["grade_note"])
    heads = tuple(words[name] for name in ("what", "took", "target", "verdict"))
    yield Section(title=words["times"], table=Table(heads=heads, rows=tuple(_row(one, voice) for one in score.times)))
    yield Section(title=words["steps"], lines=(_steps(score, voice),))
    todo = tuple(_improvements(score, voice, id)) or _all_well(score, words)
    yield Section(title=words["improve"], lines=todo)


def _all_well(score: Score, words: Mapping[str, str]) -> tuple[str, ...]:
    if score.points is None:
        return ()
    return (words["nothing" if score.over else "nothing_yet"],)


def _grade(score: Score, voice: Voice) -> str:
    words = DRILL_WORDS[voice.language]
    if score.points is None:
        return words["grade_none"]
    points = wording.percent(round(score.points, 2), voice.language)
    return words["grade_line" if score.over else "grade_open"].format(grade=score.grade, points=points)


def _row(one: Timed, voice: Voice) -> tuple[str, ...]:
    words = DRILL_WORDS[voice.language]
    took = "–" if one.took is None else voice.span(one.took)
    target = "–" if one.target is None else voice.span(one.target)
    return words[one.name], took, target, words[one.mark.value]


def _steps(score: Score, voice: Voice) -> str:
    words, steps = DRILL_WORDS[voice.language], score.steps
    counts = {name: getattr(steps, name) for name in steps.__struct_fields__}
    if not any(counts.values()):
        return words["no_steps"]
    return words["steps_line"].format(**{name: voice.number(count) for name, count in counts.items()})


def _improvements(score: Score, voice: Voice, id: str) -> Iterator[str]:
    words = DRILL_WORDS[voice.language]
    bad = [one.name for one in score.times if one.mark in _BAD]
    if "heard" in bad and "tell" not in bad:
        yield words["improve_heard"]
    yield from (words[f"improve_{name}"].format(id=id) for name in bad if name != "heard")
    undone = score.steps.late + score.steps.missed
    if undone:
        yield words["improve_steps"].format(n=voice.number(undone))
    if score.by_itself:
        yield words["improve_by_itself"]


def score_document(score: Score) -> dict[str, Any]:
    """The score for other programs; spans are seconds."""
    return {
        "grade": score.grade or None,
        "points": None if score.points is None else round(score.points, 4),
        "over": score.over,
        "ended_by_itself": score.by_itself,
        "times": {
            one.name: {
                "seconds": None if one.took is None else one.took.total_seconds(),
                "target_seconds": None if one.target is None else one.target.total_seconds(),
                "mark": one.mark.value,
            }
            for one in score.times
        },
        "steps": {name: getattr(score.steps, name) for name in score.steps.__struct_fields__},
    }
