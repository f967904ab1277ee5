"""From respond: what people handle, how it changes, what they ask of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.alert import Alert, Severity
from buzzguard.model.base import Record
from buzzguard.model.handling import Asked, Draft, Person, Room, Run, StatementMark
from buzzguard.model.undelivered import Undelivered


class IncidentState(StrEnum):
    """After PagerDuty; the last two are final."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"


class Cause(StrEnum):
    """Why an incident changed."""

    OPENED = "opened"
    ALERT_JOINED = "alert_joined"
    SEVERITY_RAISED = "severity_raised"
    STEP_TIMED_OUT = "step_timed_out"
    REMINDED = "reminded"
    NOT_REACHED = "not_reached"
    ESCALATED_BY_USER = "escalated_by_user"
    ACKNOWLEDGED_BY_USER = "acknowledged_by_user"
    SILENCED_BY_USER = "silenced_by_user"
    FALSE_ALARM_BY_USER = "false_alarm_by_user"
    ACKNOWLEDGED_IN_PART = "acknowledged_in_part"
    UNACKNOWLEDGED = "unacknowledged"
    SILENCE_ENDS_SOON = "silence_ends_soon"
    RESOLVED_BY_USER = "resolved_by_user"
    ALERTS_RESOLVED = "alerts_resolved"
    DECLARED_BY_USER = "declared_by_user"
    GIVEN_BY_USER = "given_by_user"
    MERGED_BY_USER = "merged_by_user"
    MERGED_IN = "merged_in"
    SPLIT_BY_USER = "split_by_user"
    SPLIT_OFF = "split_off"
    NOTED_BY_USER = "noted_by_user"
    NEW_NORMAL_BY_USER = "new_normal_by_user"
    PLAYBOOK_CHOSEN_BY_USER = "playbook_chosen_by_user"
    STEP_MARKED_BY_USER = "step_marked_by_user"
    STEPS_LATE = "steps_late"
    DRAFTED_BY_USER = "drafted_by_user"
    DRAFT_APPROVED_BY_USER = "draft_approved_by_user"
    DRAFT_SENT_BACK_BY_USER = "draft_sent_back_by_user"
    APPROVAL_LATE = "approval_late"
    PUBLISHED_BY_USER = "published_by_user"
    ROOM_OPENED_BY_USER = "room_opened_by_user"


class CommandKind(StrEnum):
    """What a person can ask of an incident."""

    TAKE_CHARGE = "take_charge"
    ESCALATE = "escalate"
    SILENCE = "silence"
    FALSE_ALARM = "false_alarm"
    RESOLVE = "resolve"
    STATEMENT = "statement"
    FALL_BACK = "fall_back"
    DECLARE = "declare"
    GIVE = "give"
    MERGE = "merge"
    SPLIT = "split"
    NOTE = "note"
    NEW_NORMAL = "new_normal"
    CHOOSE_PLAYBOOK = "choose_playbook"
    MARK_STEP = "mark_step"
    DRAFT = "draft"
    JUDGE_DRAFT = "judge_draft"
    OPEN_ROOM = "open_room"
    PIN = "pin"
    MUTE = "mute"
    UNMUTE = "unmute"
    JUDGE = "judge"


class Command(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person's act. `id` makes a repeated delivery of the same click recognisable.

    `STATEMENT` says that a statement was published, at `happened_at` (at `at` when None); it changes no state, and
    `undoes` is the id of such a mark that it takes back. `FALL_BACK` is asked by the program itself: to tell others of
    what was `undelivered`. `asked` is what kinds beyond those of a mere press ask for (see `handling`). `incident` is
    empty for `DECLARE`, `MUTE` and `UNMUTE`.
    """

    id: str
    kind: CommandKind
    incident: str
    who: Person
    at: datetime
    duration: timedelta | None = None
    reason: str = ""
    happened_at: datetime | None = None
    undoes: str = ""
    undelivered: Undelivered | None = None
    asked: Asked | None = None


class Firing(Record, frozen=True, kw_only=True, omit_defaults=True):
    """That an alert (its fingerprint) of a rule began to fire."""

    rule: str
    alert: str
    at: datetime


class Incident(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What people handle: the alerts of one topic until somebody has dealt with them.

    `step` is the index of the policy step reached last (−1: none yet), `round` how often the policy was climbed;
    `next_step_at` is when the next step is due, None when nothing more is to be climbed; `remind_at` is when those
    told are reminded that it goes on. `department` is whose business it is; `also` are receivers and rotas told with
    the first step beside those of the policy. `owner` took charge last; an incident that grew graver since is triggered
    again and keeps its owner.

    `held_for` is why the next step waits (see `respond.holding`), `acknowledged_by` who took charge since it was
    triggered last, `acted_at` when a person did something last, `nudged_at` when they were reminded that nothing was
    done. `told_at` is when alerts that joined were told of last, `waiting` the rules of those not told yet. `noticed`
    is the silence whose end was announced, `firings` what fired within a day. `narrative` is the story it is about,
    where one led; `related` are other incidents of the same time and topic.

    `story` is what a person who declared it (`declared_by`) said of it; it may have no alerts, and ends only when
    people end it. `drill` marks an exercise: no alert ever joins it, and the receivers in `spared` are never told.
    `merged_into` is the incident that it became part of, `split_from` the one that it was part of. `absorbed` are the
    topics and stories of incidents that were merged into it: what is told of these from now on is told of it. `run` is
    the playbook that is worked through since somebody took charge, `drafts` the statements on their way out,
    `published` the marks that one is out, `room` the place made for it.
    """

    id: str
    topic: str
    state: IncidentState
    severity: Severity
    opened_at: datetime
    changed_at: datetime
    alerts: tuple[Alert, ...]
    policy: str
    playbook: str = ""
    owner: Person | None = None
    department: str = ""
    also: tuple[str, ...] = ()
    step: int = -1
    round: int = 0
    next_step_at: datetime | None = None
    remind_at: datetime | None = None
    receivers: tuple[str, ...] = ()
    silenced_until: datetime | None = None
    relapse_of: str = ""
    held_for: str = ""
    acknowledged_by: tuple[Person, ...] = ()
    acted_at: datetime | None = None
    nudged_at: datetime | None = None
    told_at: datetime | None = None
    waiting: tuple[str, ...] = ()
    noticed: str = ""
    firings: tuple[Firing, ...] = ()
    narrative: str = ""
    related: tuple[str, ...] = ()
    story: str = ""
    declared_by: Person | None = None
    drill: bool = False
    spared: tuple[str, ...] = ()
    merged_into: str = ""
    split_from: str = ""
    absorbed: tuple[tuple[str, str], ...] = ()
    room: Room | None = None
    run: Run | None = None
    drafts: tuple[Draft, ...] = ()
    published: tuple[StatementMark, ...] = ()
    version: int = 0


class Transition(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A recorded change of an incident: never edited, never deleted before the incident."""

    incident: str
    version: int
    before: IncidentState | None
    after: IncidentState
    cause: Cause
    at: datetime
    severity: Severity
    who: Person | None = None
    reason: str = ""
    detail: dict[str, str] = {}


class Verdict(StrEnum):
    """What was decided: people were told, or not called although something changed, or are told later; an alert was
    left out of what people handle; or what was muted is heard of again."""

    TOLD = "told"
    HUSHED = "hushed"
    HELD = "held"
    LEFT_OUT = "left_out"
    HEARD = "heard"


class Decision(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Why people were told of something, or why they were not: a row for each time this was decided.

    `reason` is a name (`respond.decisions` lists them), `detail` what it stands on. `incident` is empty for an alert
    that was left out; `alert` is a fingerprint. `key` is unique for ever.
    """

    key: str
    verdict: Verdict
    reason: str
    at: datetime
    topic: str
    incident: str = ""
    alert: str = ""
    rule: str = ""
    receivers: tuple[str, ...] = ()
    detail: dict[str, str] = {}


class Silence(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person's mute of a topic until `ends_at`, with its reason.

    `severity` is the gravest severity it mutes: what its author knew of. A graver alert breaks it. None: all but red.
    `narrative` is the story that its author knew of: another story on the topic is not muted. Empty: any. A silence
    made before an incident may leave `topic` empty, and match by `rule` and `department` too: all that is given fits.
    One made for a `drill` mutes drills alone, and no other mutes these.
    """

    id: str
    topic: str
    starts_at: datetime
    ends_at: datetime
    who: Person
    reason: str = ""
    severity: Severity | None = None
    narrative: str = ""
    rule: str = ""
    department: str = ""
    drill: bool = False
