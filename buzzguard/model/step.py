"""What one step of the pipeline is given, and what it wants written."""

from __future__ import annotations

from datetime import datetime

from buzzguard.model.alert import Alert
from buzzguard.model.backfill import Backfill
from buzzguard.model.base import Record
from buzzguard.model.click import Click
from buzzguard.model.collected import Count, Poll, Quarantined, Reread
from buzzguard.model.incident import Command, Decision, Incident, Silence, Transition
from buzzguard.model.mention import Dropped, Mention, ScoredMention
from buzzguard.model.notification import Notification
from buzzguard.model.request import Answer
from buzzguard.model.sample import Anomaly, Checkpoint, Samples


class Batch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one step is given: new mentions, how the streams fared, what people asked, what they said of mentions.

    `past` are mentions for the baseline alone; `rereads`, `deleted`, `deleted_authors`, `counts` and `quarantined` are
    as in `Fetched`; whoever steps has turned `deleted_authors` into `deleted`, as the store knows what they wrote.
    `stored` are the mentions, as they stand in the store, that `rereads` tell of; `backfills` how far the reading of
    the past has come with `past`.
    """

    mentions: tuple[Mention, ...] = ()
    past: tuple[Mention, ...] = ()
    backfills: tuple[Backfill, ...] = ()
    rereads: tuple[Reread, ...] = ()
    stored: tuple[ScoredMention, ...] = ()
    deleted: tuple[str, ...] = ()
    deleted_authors: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    polls: tuple[Poll, ...] = ()
    commands: tuple[Command, ...] = ()
    clicks: tuple[Click, ...] = ()


class Effects(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one step wants written, all in one transaction.

    `noted` are records of alerts that moved on without anything to tell: what a restart needs to go on as if never
    stopped. `amended` are mentions that were stored before and are now taken for something else. `withdrawn` are the
    ids of mentions whose text goes. `answers` are what became of what other processes asked.
    """

    at: datetime
    mentions: tuple[ScoredMention, ...] = ()
    amended: tuple[ScoredMention, ...] = ()
    withdrawn: tuple[str, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    samples: tuple[Samples, ...] = ()
    counts: tuple[Count, ...] = ()
    backfills: tuple[Backfill, ...] = ()
    polls: tuple[Poll, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    alerts: tuple[Alert, ...] = ()
    noted: tuple[Alert, ...] = ()
    incidents: tuple[Incident, ...] = ()
    transitions: tuple[Transition, ...] = ()
    notifications: tuple[Notification, ...] = ()
    silences: tuple[Silence, ...] = ()
    commands: tuple[Command, ...] = ()
    decisions: tuple[Decision, ...] = ()
    answers: tuple[Answer, ...] = ()


class Received(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a batch, once its effects are committed.

    `dropped` names each mention that was not counted (`known`: it is stored already), `refused` each command that
    could not be carried out, with the named reason.
    """

    counted: int = 0
    dropped: tuple[Dropped, ...] = ()
    refused: tuple[tuple[Command, str], ...] = ()


class Health(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How the daemon is doing: `ready` when it watches and can tell; `troubles` says what is wrong, a line each."""

    ready: bool
    troubles: tuple[str, ...] = ()
    last_step_at: datetime | None = None
    outbox_depth: int = 0
