"""Runs of playbooks and drafts for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from buzzguard.model import (
    Approval,
    Card,
    Cause,
    Draft,
    DraftState,
    IncidentState,
    Language,
    PlaybookStep,
    PlaybookView,
    Run,
    RunStep,
    StepState,
)
from tests.deliver.samples import CLAIRE, NOW, OPENED, sample_card, sample_transition

STATEMENTS = {"1": "First words", "2": "To those who are hurt"}


def sample_step(key: int, state: StepState = StepState.OPEN, *, stage: str = "First hour", due: int = 30) -> RunStep:
    """A step due so many minutes after the incident opened."""
    marked = state is not StepState.OPEN
    return RunStep(
        key=str(key),
        text={"en": f"Do thing {key}", "fr": f"Faire la chose {key}"},
        owner={"en": "Legal", "fr": "Juridique"},
        role="legal",
        stage={"en": stage, "fr": f"{stage} (fr)"},
        due=OPENED + timedelta(minutes=due),
        state=state,
        who=CLAIRE if marked else None,
        at=NOW if marked else None,
    )


def sample_run(*steps: RunStep) -> Run:
    """A run of these steps; by default three of two stages, the first one done."""
    first = (sample_step(1, StepState.DONE), sample_step(2, due=-30), sample_step(3, stage="Then", due=200))
    title = {"en": "Bad buzz", "fr": "Bad buzz : la première heure"}
    return Run(playbook="bad-buzz", title=title, started_at=OPENED, steps=steps or first)


def sample_draft(state: DraftState = DraftState.WAITING, *, approved: int = 0, text: str = "We saw it.") -> Draft:
    """A draft of the first statement with so many of its two approvals."""
    chain = ("legal", "management")
    given = tuple(Approval(department=one, who=CLAIRE, at=NOW) for one in chain[:approved])
    return Draft(
        id="drf-1",
        statement="1",
        title="First words",
        language="en",
        text=text,
        who=CLAIRE,
        at=NOW,
        chain=chain,
        approvals=given,
        state=state,
        note="Too sure" if state is DraftState.SENT_BACK else "",
    )


def run_card(
    run: Run | None = None,
    *,
    language: Language = "en",
    drafts: tuple[Draft, ...] = (),
    state: IncidentState = IncidentState.ACKNOWLEDGED,
    **more: Any,
) -> Card:
    """The card of an incident whose playbook is run."""
    card = sample_card(state=state, language=language, news=more.pop("news", ()))
    never = ("Delete what people say.", "Threaten anybody.")
    view = PlaybookView(
        id="bad-buzz", title="Bad buzz", steps=(PlaybookStep(text="x"),), never=never, statements=STATEMENTS
    )
    incident = replace(card.incident, run=run or sample_run(), drafts=drafts, **more)
    return replace(card, incident=incident, playbook=view)


def draft_news(draft: Draft, cause: Cause = Cause.DRAFTED_BY_USER, **detail: str) -> Card:
    """The card that tells of a draft."""
    move = replace(sample_transition(cause), detail={"draft": draft.id, "title": draft.title, **detail})
    return run_card(drafts=(draft,), news=(move,))
