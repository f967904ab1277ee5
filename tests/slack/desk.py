"""A front desk of tests (`ports.FrontDesk`): it takes commands down, and knows what it was given."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from buzzguard.errors import StoreError
from buzzguard.model import (
    Card,
    Command,
    Decision,
    Delivery,
    Department,
    Directory,
    Exercise,
    Found,
    Health,
    Incident,
    IncidentState,
    Language,
    OnCall,
    Pinned,
    Quote,
    Severity,
    Silence,
    Statement,
    Watch,
)

AT = datetime(2026, 11, 22, 1, 57, tzinfo=UTC)
_GRAVEST = (Severity.RED, Severity.ORANGE, Severity.YELLOW)
_OPEN = (IncidentState.TRIGGERED, IncidentState.ACKNOWLEDGED)

DIRECTORY = Directory(
    language="en",
    time_zone="Europe/Paris",
    topics={"lumio": "Lumio", "lumio-k2": "Lumio K2", "voltea": "Voltéa"},
    departments={
        "communications": Department(
            id="communications",
            title={"en": "Communications", "fr": "Communication"},
            receivers=("comms",),
            members=("U0CLAIRE01", "U0MARC0001"),
        ),
        "legal": Department(
            id="legal", title={"en": "Legal", "fr": "Juridique"}, receivers=("legal",), members=("U0LEILA001",)
        ),
        "management": Department(id="management", title={"en": "Management", "fr": "Direction"}),
    },
    playbooks={
        "bad-buzz": {"en": "Bad buzz", "fr": "Bad buzz"},
        "product-safety": {"en": "Product safety or recall", "fr": "Sécurité d’un produit ou rappel"},
    },
    policies=("crisis", "quiet"),
    receivers=("comms", "legal", "board"),
    approvals=("legal", "management"),
)


def open_incident(id: str = "inc-42", **changed: object) -> Incident:
    """An orange incident on `lumio` that nobody has taken charge of."""
    about: dict[str, object] = {
        "topic": "lumio",
        "state": IncidentState.TRIGGERED,
        "severity": Severity.ORANGE,
        "opened_at": AT,
        "changed_at": AT,
        "alerts": (),
        "policy": "crisis",
        **changed,
    }
    return Incident(id=id, **about)  # type: ignore[arg-type]  # a test names fields as it needs them


class FakeDesk:
    """Implements `ports.FrontDesk`. `commands` holds what was asked, `reason` is what is answered.

    `fault` is raised by `command`; `broken` makes every look into the store raise StoreError; while `gate` is cleared
    a command waits.
    """

    def __init__(
        self,
        *incidents: Incident,
        directory: Directory = DIRECTORY,
        reason: str | None = None,
        fault: Exception | None = None,
        statements: Sequence[Statement] = (),
    ) -> None:
        self.commands: list[Command] = []
        self.reason = reason
        self.fault = fault
        self.broken = False
        self.gate = asyncio.Event()
        self.gate.set()
        self.incidents = {incident.id: incident for incident in incidents or (open_incident(),)}
        self.cards: dict[str, Card] = {}
        self.standing: dict[str, set[tuple[str, str]]] = {}
        self.playbooks: dict[Language, str] = {}
        self.held_statements = list(statements)
        self.decisions: list[Decision] = []
        self.quotes: list[Quote] = []
        self.rotas: list[OnCall] = []
        self.muted: list[Silence] = []
        self.looked_since: datetime | None = None
        self.posted: dict[str, list[Delivery]] = {}
        self.watched = Watch()
        self.exercises: dict[str, str] = {}
        self.scored: Exercise | None = None
        self.state = Health(ready=True)
        self._directory = directory

    @property
    def directory(self) -> Directory:
        return self._directory

    async def command(self, command: Command) -> str | None:
        self.commands.append(command)
        await self.gate.wait()
        if self.fault is not None:
            raise self.fault
        return self.reason

    async def incident(self, id: str) -> Incident | None:
        self._look()
        return self.incidents.get(id)

    async def open_incidents(self, limit: int) -> list[Incident]:
        self._look()
        found = [one for one in self.incidents.values() if one.state in _OPEN]
        return sorted(found, key=lambda one: (_GRAVEST.index(one.severity), one.opened_at))[:limit]

    async def card(self, id: str, language: Language) -> Card | None:
        self._look()
        return self.cards.get(id)

    async def incident_at(self, place: str, thread: str) -> str:
        self._look()
        threads = [id for id, cards in self.standing.items() if (place, thread) in cards]
        rooms = [one.id for one in self.incidents.values() if one.room is not None and one.room.place == place]
        return next(iter([*threads, *rooms]), "")

    async def kept(self, ref: str) -> Command | None:
        self._look()
        told = [one for one in self.commands if isinstance(one.asked, Pinned) and one.asked.ref == ref]
        return told[-1] if told else None

    async def playbook(self, id: str, language: Language) -> str:
        self._look()
        return self.playbooks.get(language, "")

    async def statements(self, id: str, language: Language) -> list[Statement]:
        self._look()
        return list(self.held_statements) if id in self.incidents else []

    def exercise(self, playbook: str, topic: str, language: Language) -> str:
        return self.exercises.get(playbook, "")

    async def last_exercise(self) -> Exercise | None:
        self._look()
        return self.scored

    async def why(self, about: str, limit: int) -> list[Decision]:
        self._look()
        return self.decisions[-limit:]

    async def mentions(self, words: str, limit: int) -> Found:
        self._look()
        return Found(quotes=tuple(self.quotes[:limit]), since=self.looked_since)

    async def lately(self, span: timedelta, limit: int) -> list[Incident]:
        self._look()
        return sorted(self.incidents.values(), key=lambda one: one.opened_at)[-limit:]

    async def places(self, ids: Sequence[str]) -> dict[str, list[Delivery]]:
        self._look()
        return {id: self.posted[id] for id in ids if id in self.posted}

    async def on_call(self) -> list[OnCall]:
        self._look()
        return list(self.rotas)

    async def silences(self) -> list[Silence]:
        self._look()
        return list(self.muted)

    async def watch(self) -> Watch:
        self._look()
        return self.watched

    def health(self) -> Health:
        return self.state

    def _look(self) -> None:
        if self.broken:
            raise StoreError("the database refuses")
