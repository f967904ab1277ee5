"""How people handle an incident: what they ask beyond a press of a button, and what the incident keeps of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from buzzguard.model.alert import Severity
from buzzguard.model.base import Language, Localised, Record


class Person(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A human who acted: an id in the place where they acted, and the name shown."""

    id: str
    name: str = ""
    via: str = ""


class Declaration(Record, frozen=True, kw_only=True, omit_defaults=True, tag="declaration"):
    """Open an incident by hand: `story` is what happens, in a sentence. `drill` makes it an exercise,
    in which receivers that page are used only where `page` says so.

    `policy` and `playbook` are chosen as for an alert where they are empty.
    """

    topic: str
    severity: Severity
    story: str
    playbook: str = ""
    policy: str = ""
    drill: bool = False
    page: bool = False


class Handover(Record, frozen=True, kw_only=True, omit_defaults=True, tag="handover"):
    """Give the incident to a person, or to a department: one of both."""

    person: Person | None = None
    department: str = ""


class Merge(Record, frozen=True, kw_only=True, omit_defaults=True, tag="merge"):
    """Make the incident part of the one with the id `into`."""

    into: str


class Split(Record, frozen=True, kw_only=True, omit_defaults=True, tag="split"):
    """Take the alerts with these fingerprints out into an incident of their own."""

    alerts: tuple[str, ...]


class AlarmReason(StrEnum):
    """Why an alert was a false alarm."""

    HOMONYM = "homonym"
    CAMPAIGN = "campaign"
    SPAM = "spam"
    OLD_NEWS = "old_news"
    OTHER = "other"


class Dismissal(Record, frozen=True, kw_only=True, omit_defaults=True, tag="dismissal"):
    """Why it is a false alarm; the command's `reason` may say more in words."""

    why: AlarmReason


class PlaybookChoice(Record, frozen=True, kw_only=True, omit_defaults=True, tag="playbook"):
    """Work by this playbook instead."""

    playbook: str


class StepState(StrEnum):
    """How far a step of a playbook is. A skipped one was left out on purpose."""

    OPEN = "open"
    DONE = "done"
    SKIPPED = "skipped"


class StepMark(Record, frozen=True, kw_only=True, omit_defaults=True, tag="step"):
    """Mark a step of the playbook's run."""

    step: str
    state: StepState


class DraftText(Record, frozen=True, kw_only=True, omit_defaults=True, tag="draft"):
    """Ask for the approval of a holding statement of the playbook.

    `values` are what fills its fields, by the field's key; `struck` the keys of those that are struck. A field in
    neither is refused: nothing unfilled is ever approved. `replaces` is the id of a draft that this one takes the
    place of.
    """

    statement: str
    language: Language
    values: dict[str, str] = {}
    struck: tuple[str, ...] = ()
    replaces: str = ""


class DraftAct(StrEnum):
    """What may be done with a draft."""

    APPROVE = "approve"
    SEND_BACK = "send_back"
    PUBLISH = "publish"


class DraftVerdict(Record, frozen=True, kw_only=True, omit_defaults=True, tag="verdict"):
    """Approve a draft as the department whose turn it is, send it back, or say that it was published.

    `department` is the one that an approval was asked of where that is known: pressed twice, a button does not approve
    for the next department as well.
    """

    draft: str
    act: DraftAct
    department: str = ""


class Room(Record, frozen=True, kw_only=True, omit_defaults=True, tag="room"):
    """A place made for one crisis: `place` is its id where it is, `url` leads there, `language` is spoken in it.

    `via` is the name of the notifier that made it and tells it the news; None for a language is the house's.
    """

    place: str
    name: str
    via: str = "slack"
    url: str = ""
    language: Language | None = None

    @property
    def receiver(self) -> str:
        """The name under which the room is told of its incident, like any receiver; nothing configured is called so."""
        return f"{self.via}:room"


class Pinned(Record, frozen=True, kw_only=True, omit_defaults=True, tag="pinned"):
    """A message that people keep for the record. `ref` names it for ever; a later one of the same `ref` is its newer
    wording, or with `gone` its end: it was unpinned, or `deleted`. Of what is gone no text is kept."""

    ref: str
    text: str = ""
    author: Person | None = None
    posted_at: datetime | None = None
    url: str = ""
    gone: bool = False
    deleted: bool = False


class Mute(Record, frozen=True, kw_only=True, omit_defaults=True, tag="mute"):
    """A silence by matchers, before or without an incident: what fits all that is given is muted. At least one of
    them is. `severity` is the gravest that is muted; red only where it is said."""

    topic: str = ""
    rule: str = ""
    narrative: str = ""
    department: str = ""
    severity: Severity | None = None


class Unmute(Record, frozen=True, kw_only=True, omit_defaults=True, tag="unmute"):
    """End the silence with this id."""

    silence: str


class Usefulness(Record, frozen=True, kw_only=True, omit_defaults=True, tag="usefulness"):
    """Whether the alert was worth having. It changes no state: the command, which is kept, is its record."""

    useful: bool


class Detected(Record, frozen=True, kw_only=True, omit_defaults=True, tag="detected"):
    """That a mention by an account of the house was taken for a statement: the mention's id, where it stands."""

    mention: str
    url: str = ""
    site: str = ""


Asked: TypeAlias = (
    Declaration
    | Handover
    | Merge
    | Split
    | Dismissal
    | PlaybookChoice
    | StepMark
    | DraftText
    | DraftVerdict
    | Room
    | Pinned
    | Mute
    | Unmute
    | Usefulness
    | Detected
)
"""What a command asks for in particular."""


class StatementMark(Record, frozen=True, kw_only=True, omit_defaults=True):
    """That a statement was published at `at`: the id of the mark, by which it is taken back, and who said so.

    `detected`: nobody said so, a mention by an account of the house was taken for it; `url` is where it stands.
    `gone`: it was taken back.
    """

    id: str
    at: datetime
    who: Person
    url: str = ""
    detected: bool = False
    gone: bool = False


class RunStep(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A step of a playbook that is run: its texts as they were when the run began, and how far it is.

    `key` is its place, from 1. `role` is the department that owns it, `due` when it is to be done, None for no time.
    `who` marked it last, at `at`; `reminded_at` is when its owner was told that it is late.
    """

    key: str
    text: Localised
    owner: Localised
    role: str = ""
    stage: Localised = {}
    due: datetime | None = None
    state: StepState = StepState.OPEN
    who: Person | None = None
    at: datetime | None = None
    reminded_at: datetime | None = None


class Run(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A playbook that is worked through, from the moment somebody took charge.

    `tell_at` is when people are told next that steps are late, should these still be open.
    """

    playbook: str
    title: Localised
    started_at: datetime
    steps: tuple[RunStep, ...]
    tell_at: datetime | None = None


class DraftState(StrEnum):
    """A draft waits for approvals, has them all, was sent back, replaced by another, or published."""

    WAITING = "waiting"
    APPROVED = "approved"
    SENT_BACK = "sent_back"
    REPLACED = "replaced"
    PUBLISHED = "published"


class Approval(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One link of the chain: who approved for which department, and when."""

    department: str
    who: Person
    at: datetime


class Draft(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A statement on its way out. `text` is whole: every field is filled or struck.

    `chain` are the departments that must approve, in their order; `approvals` those that have. `statement` is the key
    of the statement in its `playbook`; `values` and `struck` are what was done to its fields, for whoever writes it
    anew. `remind_at` is when those whose approval is due are asked for it again.
    """

    id: str
    statement: str
    title: str
    language: Language
    text: str
    who: Person
    at: datetime
    chain: tuple[str, ...]
    approvals: tuple[Approval, ...] = ()
    state: DraftState = DraftState.WAITING
    note: str = ""
    playbook: str = ""
    values: dict[str, str] = {}
    struck: tuple[str, ...] = ()
    remind_at: datetime | None = None

    @property
    def awaits(self) -> str:
        """The department whose approval is due next; empty when none is."""
        if self.state is not DraftState.WAITING:
            return ""
        return self.chain[len(self.approvals)] if len(self.approvals) < len(self.chain) else ""
