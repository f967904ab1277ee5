"""One call of `Responder.respond`: what it works on, and what it has changed so far."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta

from buzzguard.config.departments import DepartmentSettings
from buzzguard.model import Adoption, Cause, Command, Decision, Incident, Person, Severity, Transition
from buzzguard.respond.book import Book
from buzzguard.respond.choosing import Choice
from buzzguard.respond.holding import Attention, Hold
from buzzguard.respond.incident import advance
from buzzguard.respond.policy import Policies
from buzzguard.respond.routing import Ways
from buzzguard.respond.silences import Silences

_REMEMBERED_COMMANDS = 4096


class Desk:
    """What lasts from one turn to the next."""

    def __init__(
        self, book: Book, silences: Silences, policies: Policies, resolve_after: timedelta, attention: Attention
    ) -> None:
        self.book = book
        self.silences = silences
        self.policies = policies
        self.resolve_after = resolve_after
        self.attention = attention
        self.departments: Mapping[str, DepartmentSettings] = {}
        self.approvals: tuple[str, ...] = ()
        """The departments that must approve a statement, in their order."""
        self.topics: frozenset[str] = frozenset()
        """What is watched: incidents can be declared on these."""
        self.receivers: frozenset[str] = frozenset()
        """The names that a message can be sent to."""
        self.pagers: frozenset[str] = frozenset()
        """The receivers for whom a telephone rings: exercises spare them."""
        self.rules: frozenset[str] = frozenset()
        """The rules whose alerts open incidents."""
        self.owners: frozenset[str] = frozenset()
        """The departments whose business an incident may be."""
        self._done: OrderedDict[str, None] = OrderedDict()

    def was_done(self, command: Command) -> bool:
        """Whether a command of that id was carried out lately."""
        return command.id in self._done

    def mark_done(self, command: Command) -> None:
        """Remember a command that was carried out."""
        self._done[command.id] = None
        while len(self._done) > _REMEMBERED_COMMANDS:
            self._done.popitem(last=False)


class Turn:
    """The changes of one call, at the instant `now`. Every change of an incident goes through here."""

    def __init__(self, desk: Desk, now: datetime, playbooks: Choice, ways: Ways) -> None:
        self.decisions: dict[str, Decision] = {}
        self.desk = desk
        self.now = now
        self.playbooks = playbooks
        self.ways = ways
        self.transitions: list[Transition] = []
        self.before: dict[str, Incident | None] = {}
        self.shown: set[str] = set()
        self.refreshed: set[str] = set()
        self.adopted: list[Adoption] = []

    def open(self, incident: Incident, transition: Transition) -> Incident:
        """Take in a new incident."""
        self.before[incident.id] = None
        self.transitions.append(transition)
        self.desk.book.put(incident)
        return incident

    def move(
        self,
        incident: Incident,
        cause: Cause,
        *,
        who: Person | None = None,
        reason: str = "",
        detail: Mapping[str, str] | None = None,
        severity: Severity | None = None,
    ) -> Incident:
        """Make a move of the incident machine and record it."""
        moved, transition = advance(incident, cause, self.now, who=who, reason=reason, detail=detail, severity=severity)
        self.transitions.append(transition)
        return self.set(moved)

    def set(self, incident: Incident) -> Incident:
        """Keep the incident as it is now, without telling anybody."""
        self.before.setdefault(incident.id, self.desk.book.get(incident.id))
        self.desk.book.put(incident)
        return incident

    def show(self, incident: Incident) -> Incident:
        """Keep a change without a transition that the cards show at once."""
        self.shown.add(incident.id)
        return self.set(incident)

    def refresh(self, incident: Incident) -> Incident:
        """Keep newer evidence; the cards show it when they were not edited just before."""
        self.refreshed.add(incident.id)
        return self.set(incident)

    def decide(self, decision: Decision) -> None:
        """Record a decision; of several with one key the last one counts."""
        self.decisions[decision.key] = decision

    def hold(self, incident: Incident) -> Hold | None:
        """Why the next step of an incident waits now."""
        desk = self.desk
        day = [one for known in desk.book.all_known() for one in known.firings]
        return desk.attention.hold(incident, desk.policies.of(incident), self.now, day)

    def raised(self, id: str) -> bool:
        """Whether the incident grew graver in this turn: a step that goes out now is not one that somebody let pass."""
        return any(move.cause is Cause.SEVERITY_RAISED for move in self.news_of(id))

    def changed(self) -> dict[str, Incident]:
        """The incidents that changed, as they are now."""
        found = {id: self.desk.book.get(id) for id in self.before}
        return {id: incident for id, incident in found.items() if incident is not None}

    def news_of(self, id: str) -> tuple[Transition, ...]:
        """The transitions of one incident in this turn."""
        return tuple(transition for transition in self.transitions if transition.incident == id)
