"""A playbook that is worked through: it begins when somebody takes charge, its steps are marked, late ones are told of.

Marking a step edits the message of the run and calls nobody. News of it is told where others wait for it: when it ends
a stage or the whole playbook, and when people were told that this step is late.

Late steps are told of once each, all those due at an instant together, to the departments that own them. They wait for
the hours in which people are told of this severity, and for the end of a silence. All of it follows from the incident
and `now`, so a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import zip_longest

from msgspec.structs import replace

from buzzguard.model import (
    Cause,
    Command,
    Incident,
    Language,
    Localised,
    PlaybookStep,
    Run,
    RunStep,
    Severity,
    StepMark,
    StepState,
)
from buzzguard.respond.owning import join, pinged, told_of
from buzzguard.respond.turn import Desk, Turn

LANGUAGES: tuple[Language, ...] = ("en", "fr")
MOST_STEPS = 100
_LONGEST_TEXT = 600
_LONGEST_TOLD = 200
"""Of a step's text as a transition keeps it."""
_MOST_NAMED = 3
"""Late steps whose texts a transition keeps; the others are counted."""
_LONGEST_DUE = timedelta(days=366)
"""A step due later is a slip in the playbook, and no instant can hold some of them."""


def playbook_of(incident: Incident) -> str:
    """The id of the playbook that people work by: the one that is run, else the one the incident calls for."""
    return incident.playbook if incident.run is None else incident.run.playbook


def keep_running(turn: Turn, incident: Incident) -> Incident:
    """Begin the run once somebody is in charge, and anew when another playbook was chosen in this turn."""
    chosen = any(move.cause is Cause.PLAYBOOK_CHOSEN_BY_USER for move in turn.news_of(incident.id))
    if incident.owner is None or not (incident.run is None or chosen):
        return incident
    run = begin(turn, incident)
    return incident if run is None else turn.show(replace(incident, run=run))


def begin(turn: Turn, incident: Incident) -> Run | None:
    """A run of the incident's playbook from now on; None where there is no playbook.

    Its texts stand in both languages side by side, the incident's variables filled in; where a language lacks a text,
    that of the other one.
    """
    pages = {one: turn.playbooks.view(incident, one) for one in LANGUAGES}
    views = {language: view for language, view in pages.items() if view is not None}
    if not views:
        return None
    rows = list(zip_longest(*(view.steps for view in views.values())))[:MOST_STEPS]
    return Run(
        playbook=next(iter(views.values())).id,
        title={language: _cut(view.title, _LONGEST_TOLD) for language, view in views.items()},
        started_at=turn.now,
        steps=tuple(
            _step(str(place), dict(zip(views, row, strict=True)), turn.now) for place, row in enumerate(rows, start=1)
        ),
    )


def _step(key: str, texts: Mapping[Language, PlaybookStep | None], now: datetime) -> RunStep:
    standing = next(step for step in texts.values() if step is not None)
    spoken = {language: step or standing for language, step in texts.items()}
    due = standing.due if standing.due is not None and standing.due <= _LONGEST_DUE else None
    return RunStep(
        key=key,
        text={language: _cut(step.text, _LONGEST_TEXT) for language, step in spoken.items()},
        owner={language: _cut(step.owner, _LONGEST_TOLD) for language, step in spoken.items()},
        role=standing.role,
        stage={language: _cut(step.stage, _LONGEST_TOLD) for language, step in spoken.items()},
        due=None if due is None else now + due,
    )


def mark_step(turn: Turn, incident: Incident, command: Command) -> str:
    """Mark a step as done, skipped, or open again. Returns why not: `no_run`, `unknown_step`, `already_marked`."""
    asked, run = command.asked, incident.run
    if not isinstance(asked, StepMark):
        return "not_possible"
    if run is None:
        return "no_run"
    step = next((one for one in run.steps if one.key == asked.step), None)
    if step is None:
        return "unknown_step"
    if step.state is asked.state:
        return "already_marked"
    marked = replace(step, state=asked.state, who=command.who, at=turn.now)
    after = replace(run, steps=tuple(marked if one is step else one for one in run.steps))
    turn.move(
        replace(incident, run=after),
        Cause.STEP_MARKED_BY_USER,
        who=command.who,
        reason=command.reason,
        detail={"step": step.key, "state": asked.state.value, **_spoken("text", step.text), **_worth(after, marked)},
    )
    return ""


def _worth(run: Run, marked: RunStep) -> dict[str, str]:
    """Why others are told of a mark; nothing for one that only the message of the run shows."""
    if marked.state is StepState.OPEN:
        return {}
    if not any(step.state is StepState.OPEN for step in run.steps):
        return {"told": "all"}
    if not any(step.state is StepState.OPEN for step in run.steps if step.stage == marked.stage):
        return {"told": "stage", **_spoken("stage", marked.stage)}
    return {"told": "late"} if marked.reminded_at is not None else {}


def tell_late(turn: Turn, incident: Incident) -> Incident:
    """Tell of the steps that are late and were not told of, unless that waits; note when it is to be done next."""
    run = incident.run
    dues = [] if run is None else [step.due for step in run.steps if step.due is not None and _is_untold(step)]
    if run is None or not dues:
        return incident
    opens = _opens(turn.desk, incident, max(min(dues), turn.now))
    if opens > turn.now:
        return incident if run.tell_at == opens else turn.set(replace(incident, run=replace(run, tell_at=opens)))
    late = [step for step in run.steps if step.due is not None and step.due <= turn.now and _is_untold(step)]
    steps = tuple(replace(step, reminded_at=turn.now) if step in late else step for step in run.steps)
    roles = tuple(dict.fromkeys(step.role for step in late))
    told = tuple(dict.fromkeys(name for role in roles for name in told_of(turn, role)))
    moved = turn.move(
        replace(incident, run=replace(run, steps=steps, tell_at=None), receivers=join(incident, told)),
        Cause.STEPS_LATE,
        detail=_late_detail(late, told, pinged(turn.desk, roles, incident.owner)),
    )
    return tell_late(turn, moved)


def late_due(incident: Incident) -> datetime | None:
    """When people are told next that steps are late; None when nothing is to be told."""
    run = incident.run
    if run is None or incident.silenced_until is not None:
        return None
    return run.tell_at if any(step.due is not None and _is_untold(step) for step in run.steps) else None


def set_back(run: Run | None, back: timedelta, now: datetime) -> Run | None:
    """The run under a clock that was set back: what is due keeps its distance, and nothing lies ahead of its mark."""
    if run is None:
        return None
    steps = tuple(
        replace(
            step,
            due=None if step.due is None else step.due - back,
            at=_no_later(step.at, now),
            reminded_at=_no_later(step.reminded_at, now),
        )
        for step in run.steps
    )
    return replace(run, steps=steps, started_at=min(run.started_at, now), tell_at=None)


def looks_alike(one: Run | None, other: Run | None) -> bool:
    """Whether the message of a run shows the same: when people are told next stands nowhere."""
    if one is None or other is None:
        return one is other
    return replace(one, tell_at=None) == replace(other, tell_at=None)


def _is_untold(step: RunStep) -> bool:
    return step.state is StepState.OPEN and step.reminded_at is None


def _opens(desk: Desk, incident: Incident, at: datetime) -> datetime:
    if incident.severity is Severity.RED:
        return at
    return desk.attention.opens(desk.policies.of(incident), incident.severity, at)


def _late_detail(late: Sequence[RunStep], told: Iterable[str], ping: str) -> dict[str, str]:
    named = late[:_MOST_NAMED]
    share = _LONGEST_TOLD // len(named)
    detail = {"steps": ",".join(step.key for step in late), "count": str(len(late))}
    for language in LANGUAGES:
        texts = [_cut(step.text.get(language, ""), share) for step in named]
        owners = dict.fromkeys(step.owner.get(language, "") for step in late)
        detail[f"text_{language}"] = " · ".join(filter(None, texts))
        detail[f"owner_{language}"] = _cut(", ".join(filter(None, owners)), _LONGEST_TOLD)
    detail |= {"receivers": ",".join(told), "ping": ping}
    return {name: value for name, value in detail.items() if value}


def _spoken(name: str, text: Localised) -> dict[str, str]:
    return {f"{name}_{language}": _cut(said, _LONGEST_TOLD) for language, said in text.items() if said}


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _no_later(at: datetime | None, now: datetime) -> datetime | None:
    return None if at is None else min(at, now)
