"""What the daemon tells people who ask it something: who and what there is, and who is on call."""

from __future__ import annotations

from datetime import datetime, timedelta

from buzzguard.model.base import Language, Localised, Record
from buzzguard.model.collected import Poll
from buzzguard.model.incident import Incident
from buzzguard.model.quote import Quote


class Department(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A department of the house: its name, who is told of its business, and the Slack ids of its people."""

    id: str
    title: Localised
    receivers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


class Directory(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What may be named in a question or a command, each by its id, and how this house speaks.

    `playbooks` and `departments` are named in both languages. `approvals` are the departments that approve statements.
    """

    language: Language
    time_zone: str
    topics: dict[str, str] = {}
    departments: dict[str, Department] = {}
    playbooks: dict[str, Localised] = {}
    policies: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()


class OnCall(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Who a rota tells now: `who` since `since`, and `then` from `until`; an instant is None where nothing changes."""

    rota: str
    who: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    then: tuple[str, ...] = ()


class Found(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a search found, the newest first; it looked no further back than `since`, None where it looked at all."""

    quotes: tuple[Quote, ...] = ()
    since: datetime | None = None


class Watch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the watch itself goes: how many streams are read, when one was read last, and which fail, by their last
    poll."""

    streams: int = 0
    polled_at: datetime | None = None
    failing: tuple[Poll, ...] = ()


class Measure(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How long something took from the beginning of an exercise (None: it was not done), and by when it was due.

    `name` and `mark` are those of `review.drills`.
    """

    name: str
    took: timedelta | None = None
    target: timedelta | None = None
    mark: str = ""


class Exercise(Record, frozen=True, kw_only=True, omit_defaults=True):
    """An exercise scored, as `review.drills` does. `points` is 0…1, None while nothing was due; `steps` counts the
    playbook's by how they were done; `over` is false while it goes on."""

    incident: Incident
    measures: tuple[Measure, ...] = ()
    steps: dict[str, int] = {}
    points: float | None = None
    grade: str = ""
    over: bool = False
