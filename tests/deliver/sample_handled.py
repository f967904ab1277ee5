"""Cards of incidents that people handle: one declared without any alert, and one with all that can stand around it."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from buzzguard.model import (
    Beside,
    Card,
    Incident,
    IncidentState,
    Language,
    Person,
    Room,
    Run,
    RunStep,
    Severity,
    StatementMark,
    StepState,
)
from tests.deliver.samples import CLAIRE, NOW, OPENED, sample_card, sample_incident, sample_playbook

STORY = {
    "en": "A customer was burned in our Lyon shop, a journalist is there",
    "fr": "Une cliente a été brûlée au magasin de Lyon, un journaliste est sur place",
}
LUMIO = Person(id="lumio", name="Lumio", via="mastodon")
SEEN = StatementMark(id="statement-own-1a2b", at=NOW, who=LUMIO, url="https://m.example/1", detected=True)


def declared_card(language: Language = "en", *, drill: bool = False) -> Card:
    """Declared by Claire in the night: no alert, no number, and the next step waits for the morning."""
    incident = Incident(
        id="lumio-20261122-0155",
        topic="lumio",
        state=IncidentState.TRIGGERED,
        severity=Severity.ORANGE,
        opened_at=OPENED,
        changed_at=NOW,
        alerts=(),
        policy="crisis",
        playbook="bad-buzz",
        story=STORY[language],
        declared_by=CLAIRE,
        department="legal",
        drill=drill,
        held_for="quiet_hours",
        next_step_at=NOW + timedelta(hours=6),
        step=0,
        receivers=("comms",),
        version=1,
    )
    card = sample_card(language=language, news=())
    return replace(card, incident=incident, briefing=replace(card.briefing, assessments=(), quotes=(), chart=None))


def handled_card(language: Language = "en") -> Card:
    """Claire has it, works by the playbook and has a room; it relapsed, stands beside another, and we have spoken."""
    steps = tuple(
        RunStep(
            key=str(key),
            text={language: step.text},
            owner={language: step.owner},
            due=OPENED + (step.due or timedelta(0)),
            state=StepState.DONE if key == 1 else StepState.OPEN,
        )
        for key, step in enumerate(sample_playbook(language).steps, start=1)
    )
    incident = replace(
        sample_incident(severity=Severity.RED, state=IncidentState.ACKNOWLEDGED),
        department="quality",
        related=("lumio-20261122-0101",),
        relapse_of="lumio-20261121-2001",
        split_from="lumio-20261122-0001",
        room=Room(place="C1", name="#crise-lumio", url="https://acme.slack.com/archives/C1"),
        run=Run(playbook="bad-buzz", title={"en": "Bad buzz", "fr": "Bad buzz"}, started_at=OPENED, steps=steps),
        published=(SEEN,),
    )
    other = Beside(
        id="lumio-20261122-0101",
        title={"en": "Call for a boycott", "fr": "Appel au boycott"},
        severity=Severity.ORANGE,
        url="https://acme.slack.com/archives/C2",
    )
    card = sample_card(language=language, severity=Severity.RED, state=IncidentState.ACKNOWLEDGED)
    return replace(card, incident=incident, beside=(other,), department={"en": "Quality", "fr": "Qualité"})
