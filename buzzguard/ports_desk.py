"""The seam between the daemon and a chat: what people may ask for there, and look at. `ports` passes it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from buzzguard.model import (
    Card,
    Command,
    Decision,
    Delivery,
    Directory,
    Exercise,
    Found,
    Health,
    Incident,
    Language,
    OnCall,
    Silence,
    Statement,
    Watch,
)


class FrontDesk(Protocol):
    """The daemon as people in a chat see it: what they may ask for, and look at.

    Every answer comes within a second, whatever is stored: Slack waits for three. Nothing raises for what a person
    asks; a database that refuses raises StoreError.
    """

    @property
    def directory(self) -> Directory:
        """Who and what may be named, as configured now."""
        ...

    async def command(self, command: Command) -> str | None:
        """Carry out a person's command; returns the named reason when it is refused (`stopping`, `failed` too)."""
        ...

    async def incident(self, id: str) -> Incident | None:
        """An incident, open or ended, by its id."""
        ...

    async def open_incidents(self, limit: int) -> list[Incident]:
        """The open incidents, the gravest and then the oldest first."""
        ...

    async def card(self, id: str, language: Language) -> Card | None:
        """The card of an incident as it would be written now, in that language; None when it is unknown."""
        ...

    async def incident_at(self, place: str, thread: str) -> str:
        """The id of the incident whose card is the message `thread` at `place`, or whose room `place` is; empty for
        none."""
        ...

    async def kept(self, ref: str) -> Command | None:
        """What was last said of a message that people keep for the record; None when it never was kept."""
        ...

    async def playbook(self, id: str, language: Language) -> str:
        """The playbook of an incident as Markdown, whole, its variables filled in; empty when there is none."""
        ...

    async def statements(self, id: str, language: Language) -> list[Statement]:
        """The statements that the playbook of an incident holds ready, its variables filled in."""
        ...

    def exercise(self, playbook: str, topic: str, language: Language) -> str:
        """The story that a playbook has for an exercise about a topic; empty where it has none."""
        ...

    async def last_exercise(self) -> Exercise | None:
        """The last exercise of a year, scored as it stands; None when there was none."""
        ...

    async def why(self, about: str, limit: int) -> list[Decision]:
        """Why people were told of an incident, an alert by its fingerprint, or a rule's last alert; the newest last."""
        ...

    async def mentions(self, words: str, limit: int) -> Found:
        """Stored mentions that hold all the words, the newest first; of the last days only where there are many."""
        ...

    async def lately(self, span: timedelta, limit: int) -> list[Incident]:
        """The newest incidents opened within `span`, however they ended, in order of opening."""
        ...

    async def places(self, ids: Sequence[str]) -> dict[str, list[Delivery]]:
        """Where the cards of incidents stand: the deliveries that posted them, by the incident's id."""
        ...

    async def on_call(self) -> list[OnCall]:
        """Who is on call now, in every rota."""
        ...

    async def silences(self) -> list[Silence]:
        """The silences that have not ended."""
        ...

    async def watch(self) -> Watch:
        """How many streams are read, and which fail."""
        ...

    def health(self) -> Health:
        """How the daemon is doing, at once."""
        ...
