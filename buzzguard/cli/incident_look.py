"""What is stored of an incident or an alert, for whoever asks why."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from buzzguard.config.settings import Settings
from buzzguard.config.words import show
from buzzguard.errors import BuzzguardError
from buzzguard.model import Incident, Language, Record, Transition
from buzzguard.store.asking import Reasons
from buzzguard.store.deciding import IncidentStore

T = TypeVar("T")
_UNKNOWN = {
    "en": "nothing is known of `{id}`: `buzzguard incident list --all` shows the incidents",
    "fr": "rien n’est connu de `{id}`\u00a0: `buzzguard incident list --all` montre les incidents",
}


class UnknownIncident(BuzzguardError):
    """Nothing is known by that name; the message is in the reader's language."""


class IncidentDesk(Record, frozen=True, kw_only=True):
    """One person's look: the configuration, its folder, the reader's language, the present."""

    settings: Settings
    base: Path
    language: Language
    now: datetime

    async def looked(self, look: Callable[[IncidentStore], Awaitable[T]]) -> T:
        """What `look` finds in the store. Raises StoreError."""
        store = await IncidentStore.look_now(self.settings.store, now=self.now, base=self.base)
        assert isinstance(store, IncidentStore)
        try:
            return await look(store)
        finally:
            await store.close()


class Told(Record, frozen=True, kw_only=True):
    """An incident and all that happened to it."""

    incident: Incident
    transitions: tuple[Transition, ...]


async def told(store: IncidentStore, id: str, desk: IncidentDesk) -> Told:
    """The incident of that id. Raises UnknownIncident."""
    incident = await store.incident(id)
    if incident is None:
        raise _unknown(id, desk)
    return Told(incident=incident, transitions=tuple(await store.transitions(id)))


async def reasons(store: IncidentStore, id: str, desk: IncidentDesk) -> Reasons:
    """The decisions on an incident, an alert by its fingerprint, or the last alert of a rule.

    Raises UnknownIncident.
    """
    found = await store.reasons(id)
    if found is None:
        raise _unknown(id, desk)
    return found


def _unknown(id: str, desk: IncidentDesk) -> UnknownIncident:
    return UnknownIncident(_UNKNOWN[desk.language].format(id=show(id)))
