"""Alerts and people's commands in; incidents, their transitions and the notifications due out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from buzzguard.config.departments import DepartmentSettings
from buzzguard.config.routes import RouteSettings
from buzzguard.config.settings import PolicySettings, ReceiverSettings, TopicSettings
from buzzguard.model import (
    Adoption,
    Alert,
    Command,
    Decision,
    Incident,
    Language,
    Notification,
    Record,
    Silence,
    Transition,
)
from buzzguard.respond.acts import act
from buzzguard.respond.book import Book
from buzzguard.respond.choosing import Brief, Choice
from buzzguard.respond.compose import Composer, House
from buzzguard.respond.grouping import take_alerts
from buzzguard.respond.holding import Attention
from buzzguard.respond.owning import owners_of
from buzzguard.respond.playbooks import Playbooks
from buzzguard.respond.policy import Policies
from buzzguard.respond.rotas import Rotas
from buzzguard.respond.routing import Router, Ways
from buzzguard.respond.silences import Silences
from buzzguard.respond.timers import next_due, settle
from buzzguard.respond.turn import Desk, Turn


class Response(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one call changed: only incidents and silences that differ from before.

    `refused` are the commands that were not carried out, each with its named reason (see `acts`); `adopted` are the
    topics whose level people called normal; `decisions` say why people were told or not (see `decisions`).
    """

    incidents: tuple[Incident, ...] = ()
    transitions: tuple[Transition, ...] = ()
    notifications: tuple[Notification, ...] = ()
    silences: tuple[Silence, ...] = ()
    refused: tuple[tuple[Command, str], ...] = ()
    adopted: tuple[Adoption, ...] = ()
    decisions: tuple[Decision, ...] = ()


class Responder:
    """Handles incidents. Its state is its incidents, the alerts that fire and silences: rebuilt from them, it goes on
    as if never stopped.

    `incidents` are those open and those that ended within a day, `alerts` the open ones. Only what is not kept there is
    lost at a restart: which command ids were carried out (the state makes nearly all repeats harmless), and when
    evidence was last shown.
    """

    def __init__(  # noqa: PLR0913 - built once, by keyword, from settings and memory
        self,
        *,
        topics: Mapping[str, TopicSettings],
        policies: Mapping[str, PolicySettings],
        receivers: Mapping[str, ReceiverSettings],
        playbooks: Playbooks,
        language: Language,
        time_zone: str,
        resolve_after: timedelta,
        incidents: Iterable[Incident] = (),
        alerts: Iterable[Alert] = (),
        silences: Iterable[Silence] = (),
        routes: Sequence[RouteSettings] = (),
        rotas: Rotas | None = None,
        country: str = "",
        drill: bool = False,
        departments: Mapping[str, DepartmentSettings] | None = None,
        approvals: Sequence[str] = (),
        runs_for: Iterable[str] = (),
        pagers: Iterable[str] = (),
        rules: Iterable[str] = (),
        owners: Iterable[str] = (),
    ) -> None:
        book, rotas = Book(incidents, alerts), rotas or Rotas()
        attention = Attention(time_zone=time_zone, country=country)
        self._topics, self._playbooks = topics, playbooks
        self._router = Router(
            routes, policies=policies, reachable={*receivers, *rotas.rotas}, topics=topics, departments=departments
        )
        self._desk = Desk(book, Silences(silences), Policies(policies, receivers, rotas), resolve_after, attention)
        self._desk.departments = departments or {}
        self._desk.receivers = frozenset(receivers)
        self._desk.topics = frozenset(topics)
        self._desk.approvals = tuple(approvals)
        self._desk.pagers = frozenset(pagers)
        self._desk.rules = frozenset(rules)
        self._desk.owners = owners_of(topics, routes, policies, receivers, rotas.rotas, departments or (), owners)
        house = House(
            receivers=receivers,
            playbooks=playbooks,
            language=language,
            time_zone=time_zone,
            drill=drill,
            runs_for=frozenset(runs_for),
        )
        self._composer = Composer(house)

    def respond(self, alerts: Sequence[Alert], commands: Sequence[Command], brief: Brief, now: datetime) -> Response:
        """Take what came in at `now`.

        1. follow the clock; 2. what people asked, for they judged what they saw before; 3. alerts, then those that
        nobody handles though they still fire; 4. silences, calm, steps and reminders that are due; 5. messages.
        """
        turn = Turn(
            self._desk,
            now,
            Choice(self._playbooks, self._topics, brief, time_zone=self._desk.attention.time_zone),
            Ways(self._router, brief),
        )
        self._desk.silences.follow(now)
        self._desk.book.forget_old(now)
        refused = [(command, reason) for command in commands if (reason := act(turn, command))]
        take_alerts(turn, alerts)
        take_alerts(turn, self._desk.book.unhandled(now))
        for incident in self._desk.book.all_open():
            settle(turn, incident)
        notifications = self._composer.compose(turn, brief)
        return Response(
            incidents=tuple(turn.changed().values()),
            transitions=tuple(turn.transitions),
            notifications=tuple(notifications),
            silences=self._desk.silences.take_changed(),
            refused=tuple(refused),
            adopted=tuple(turn.adopted),
            decisions=tuple(turn.decisions.values()),
        )

    def next_due(self) -> datetime | None:
        """When time alone will change something next; None when nothing waits."""
        waiting = self._desk.book.all_open()
        dues = [next_due(self._desk, incident) for incident in waiting]
        dues += [self._composer.next_due(waiting), self._desk.book.next_question()]
        return min((due for due in dues if due is not None), default=None)

    @property
    def open_incidents(self) -> tuple[Incident, ...]:
        """Incidents that are not final, oldest first."""
        return tuple(self._desk.book.all_open())
