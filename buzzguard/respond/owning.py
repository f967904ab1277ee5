"""Who a department is: whom to tell of its business, and which people in a chat belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from buzzguard.config.departments import DepartmentSettings
from buzzguard.config.routes import RouteSettings, walk
from buzzguard.config.settings import TopicSettings
from buzzguard.model import Incident, Person
from buzzguard.respond.playbook_words import ROLES
from buzzguard.respond.turn import Desk, Turn

MOST_PINGED = 20
"""People who are pinged at once: beyond that nobody feels meant."""
_UNKNOWN = DepartmentSettings()


def owners_of(
    topics: Mapping[str, TopicSettings], routes: Sequence[RouteSettings], *more: Iterable[str]
) -> frozenset[str]:
    """The departments whose business something can be: the usual ones, those that topics and routes name, `more`."""
    named = [
        *ROLES,
        *(topic.owner for topic in topics.values()),
        *(route.owner or "" for _, route in walk(tuple(routes))),
    ]
    return frozenset(filter(None, [*named, *(name for names in more for name in names)]))


def told_of(turn: Turn, department: str) -> tuple[str, ...]:
    """The receivers who hear of a department's business now: those it names, else the receiver or rota called like
    it; of rotas whoever is on call. Empty where nobody is."""
    desk = turn.desk
    names = desk.departments.get(department, _UNKNOWN).notify or (department,)
    reachable = [name for name in names if name in desk.receivers or name in desk.policies.rotas.rotas]
    return tuple(name for name in desk.policies.rotas.people(reachable, turn.now) if name in desk.receivers)


def members_of(desk: Desk, department: str) -> tuple[str, ...]:
    """The Slack ids of a department's people; empty where they are not named."""
    return desk.departments.get(department, _UNKNOWN).members


def is_member(desk: Desk, department: str, who: Person) -> bool:
    """Whether a person is named as one of a department's."""
    return who.via == "slack" and who.id in members_of(desk, department)


def may_act_for(desk: Desk, department: str, who: Person) -> bool:
    """Whether a person may act for a department: its people, or anybody where these are not named."""
    return not members_of(desk, department) or is_member(desk, department, who)


def pinged(desk: Desk, departments: Iterable[str], owner: Person | None) -> str:
    """The Slack ids to ping of these departments, parted by commas; of those whose people are not named the owner."""
    found: dict[str, None] = {}
    for department in departments:
        members = members_of(desk, department)
        by_hand = (owner.id,) if owner is not None and owner.via == "slack" else ()
        found |= dict.fromkeys(members or by_hand)
    return ",".join([*found][:MOST_PINGED])


def join(incident: Incident, receivers: Iterable[str]) -> tuple[str, ...]:
    """The incident's receivers with these behind them, each once; none that an exercise spares."""
    new = (name for name in receivers if name not in incident.spared)
    return tuple(dict.fromkeys((*incident.receivers, *new)))
