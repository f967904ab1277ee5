"""The nouns that the stages share: frozen records, no behaviour beyond what they are.

Instants are aware UTC `datetime`, durations `timedelta`. The hot path builds millions of these, hence msgspec
structs. What is stored or sent as JSON is encoded by `msgspec.json`. The file is longer than the budget because the
nouns are one vocabulary, read together.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec

Language: TypeAlias = Literal["en", "fr"]
"""The languages in which BuzzGuard itself speaks."""

Localised: TypeAlias = dict[str, str]
"""A text a user reads, by language: `{"en": …, "fr": …}`."""

WATCHER_TOPIC = "buzzguard"
"""The topic under which BuzzGuard's own troubles (a silent stream) become incidents: the watcher is watched."""


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of every noun: frozen, built by keyword."""


class Fault(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong in a file a person wrote. Lines and columns count from 1; 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        tail = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {self.message}{tail}"


# collect


class MentionKind(StrEnum):
    """What sort of text a mention is."""

    POST = "post"
    REPLY = "reply"
    REPOST = "repost"
    ARTICLE = "article"
    REVIEW = "review"
    COMMENT = "comment"


class Author(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Who wrote a mention, as far as the source tells. `id` is stable within its source; empty when unknown."""

    id: str = ""
    handle: str = ""
    name: str = ""
    followers: int = 0
    verified: bool = False


class Engagement(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Reactions of others at the time of fetching."""

    likes: int = 0
    replies: int = 0
    shares: int = 0
    views: int = 0

    @property
    def total(self) -> int:
        """Acts that cost a reader something: likes, replies and shares (views are not counted)."""
        return self.likes + self.replies + self.shares


class Mention(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One public text. `id` is unique over the whole store and the same each time the same text is fetched.

    `published` is the event time; when a source has none that can be trusted it holds the fetch time and
    `time_trusted` is false. `text` and `title` are as fetched (HTML possible); `understand` cleans them.
    """

    id: str
    stream: str
    source: str
    published: datetime
    fetched: datetime
    text: str
    title: str = ""
    url: str = ""
    site: str = ""
    language: str = ""
    kind: MentionKind = MentionKind.POST
    author: Author = Author()
    engagement: Engagement = Engagement()
    rating: float | None = None
    parent: str = ""
    time_trusted: bool = True
    topics: tuple[str, ...] = ()


class Poll(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt to read a stream. A run of failed polls makes minutes unknown; a good one makes them known."""

    stream: str
    at: datetime
    ok: bool
    reason: str = ""
    mentions: int = 0
    next_at: datetime | None = None


class Fetched(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a source brought back: mentions, and the cursor that stands after the last of them."""

    mentions: tuple[Mention, ...] = ()
    cursor: str = ""
    retry_after: timedelta | None = None
    note: str = ""


# understand


class Polarity(StrEnum):
    """The side a mention takes."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Sentiment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Polarity of one text: `value` in −1…1, the side it counts for, and the scorer's confidence in 0…1."""

    value: float = 0.0
    polarity: Polarity = Polarity.NEUTRAL
    confidence: float = 0.0


class Text(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a scorer is given: cleaned text and its language (ISO 639-1, empty when unknown)."""

    text: str
    language: str = ""


class ScoredMention(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A mention understood: cleaned, its topics found, its sentiment and gravity words known.

    `mention.text` and `mention.title` are plain text here. `repeat_key` is equal for exact repeats.
    """

    mention: Mention
    topics: tuple[str, ...]
    sentiment: Sentiment
    gravity: tuple[str, ...] = ()
    language: str = ""
    repeat_key: int = 0


class Dropped(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A mention that was not counted, and the named reason."""

    id: str
    stream: str
    reason: Literal["known", "repeat", "no_topic", "too_late", "invalid"]


# measure


class Signal(StrEnum):
    """A named series measured for a topic."""

    VOLUME = "volume"
    NEGATIVE = "negative"
    POSITIVE = "positive"
    AUTHORS = "authors"
    REACH = "reach"
    ENGAGEMENT = "engagement"
    SPREAD = "spread"
    GRAVITY = "gravity"


MINUTE = timedelta(minutes=1)
WINDOWS: tuple[timedelta, ...] = (
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""The trailing windows, each a whole number of event-time minutes ending with the minute that is filling."""


class Samples(Record, frozen=True, kw_only=True, array_like=True):
    """One sample of every signal, of one topic over one window that ends at `end` (exclusive, a whole minute).

    `closed` is false while the window's last minute can still grow. `known` is the share (0…1) of the window in
    which the topic's streams could be read: unknown is not zero. `top_reach` is the largest audience of an author
    of a negative mention in the window. `spread` is the number of distinct sites; `sources` that of sources.
    """

    topic: str
    window: timedelta
    end: datetime
    volume: int = 0
    negative: int = 0
    positive: int = 0
    authors: int = 0
    reach: int = 0
    engagement: int = 0
    spread: int = 0
    gravity: int = 0
    sources: int = 0
    top_reach: int = 0
    known: float = 1.0
    closed: bool = False


# detect


class Direction(StrEnum):
    """On which side of the baseline a sample lies."""

    ABOVE = "above"
    BELOW = "below"


class Assessment(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A sample judged against its baseline.

    `once_per` is the return period: how rarely the baseline alone would produce such a window; zero when it is
    usual. `expected` is the baseline for this time of week, `high` the value above which a sample is rarer than
    once a week. `doubles_in` is None when the signal is not growing. `learned` is how much known time the baseline
    stands on and `needed` how much it wants before thresholds stop being wide.
    """

    signal: Signal
    window: timedelta
    observed: float
    expected: float
    high: float
    once_per: timedelta
    direction: Direction
    learned: timedelta
    needed: timedelta
    doubles_in: timedelta | None = None

    @property
    def learning(self) -> bool:
        """Whether the baseline is still young (thresholds are wide)."""
        return self.learned < self.needed


class Anomaly(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A sample that a detector finds unusual: a fact, not a verdict."""

    topic: str
    at: datetime
    assessment: Assessment


class Judged(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One topic and window at one instant: its samples with the assessment of each signal."""

    samples: Samples
    assessments: dict[Signal, Assessment]


class StreamHealth(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How a stream is doing at one instant, for the rules that watch the watcher.

    `silent_for` is the time since its newest mention, `expected` how many mentions its own rhythm would have
    brought meanwhile, `once_per` how rarely that rhythm makes such a silence; `failing_for` the time since its last
    good poll, zero when the last one was good.
    """

    stream: str
    at: datetime
    silent_for: timedelta
    expected: float
    once_per: timedelta
    failing_for: timedelta
    failures: int
    reason: str = ""


class Checkpoint(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The baselines of a topic at one instant, opaque to all but the detector that made it.

    It only shortens a start: without it, or when `detector` (name and format version) differs, the baselines are
    rebuilt from stored samples.
    """

    topic: str
    at: datetime
    detector: str
    state: bytes


# decide


class Severity(StrEnum):
    """How grave: look in working hours, somebody takes it now, convene the crisis team."""

    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0, 1, 2: for comparing."""
        return _RANKS[self]


_RANKS = {Severity.YELLOW: 0, Severity.ORANGE: 1, Severity.RED: 2}


class AlertState(StrEnum):
    """After Prometheus."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Evidence(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Why a rule holds: the window in which it does, and the assessments its condition reads."""

    window: timedelta | None
    assessments: tuple[Assessment, ...] = ()
    condition: str = ""
    health: StreamHealth | None = None


class Alert(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One rule being met for one topic. `fingerprint` is the hash of rule, topic and labels.

    `since` is when the condition began to hold, `at` the instant of this record. `raised_by` is the condition that
    raised the severity above the rule's own, empty when none did.
    """

    fingerprint: str
    rule: str
    topic: str
    labels: dict[str, str]
    state: AlertState
    severity: Severity
    since: datetime
    at: datetime
    title: Localised
    evidence: Evidence
    playbook: str = ""
    policy: str = ""
    raised_by: str = ""
    last_true: datetime | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None


# respond


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
    ESCALATED_BY_USER = "escalated_by_user"
    ACKNOWLEDGED_BY_USER = "acknowledged_by_user"
    SILENCED_BY_USER = "silenced_by_user"
    FALSE_ALARM_BY_USER = "false_alarm_by_user"
    RESOLVED_BY_USER = "resolved_by_user"
    ALERTS_RESOLVED = "alerts_resolved"


class Person(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A human who acted: an id in the place where they acted, and the name shown."""

    id: str
    name: str = ""
    via: str = ""


class CommandKind(StrEnum):
    """What a person can ask of an incident."""

    TAKE_CHARGE = "take_charge"
    ESCALATE = "escalate"
    SILENCE = "silence"
    FALSE_ALARM = "false_alarm"
    RESOLVE = "resolve"


class Command(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person's act. `id` makes a repeated delivery of the same click recognisable."""

    id: str
    kind: CommandKind
    incident: str
    who: Person
    at: datetime
    duration: timedelta | None = None
    reason: str = ""


class Incident(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What people handle: the alerts of one topic until somebody has dealt with them.

    `step` is the index of the policy step reached last (−1: none yet), `round` how often the policy was climbed;
    `next_step_at` is when the next step is due, None when nothing more is to be climbed.
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
    step: int = -1
    round: int = 0
    next_step_at: datetime | None = None
    receivers: tuple[str, ...] = ()
    silenced_until: datetime | None = None
    relapse_of: str = ""
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


class Silence(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A person's mute of a topic until `ends_at`, with its reason.

    `severity` is the gravest severity it mutes: what its author knew of. A graver alert breaks it. None: all but red.
    """

    id: str
    topic: str
    starts_at: datetime
    ends_at: datetime
    who: Person
    reason: str = ""
    severity: Severity | None = None


class Quote(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A mention as an alert quotes it: plain text, cut to a readable length."""

    text: str
    url: str
    author: str
    site: str
    published: datetime
    polarity: Polarity
    reach: int = 0
    engagement: int = 0


class Chart(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The series drawn in an alert: equal bins of `bin` from `start`; `expected` and `high` give the usual band."""

    start: datetime
    bin: timedelta
    volume: tuple[float, ...]
    negative: tuple[float, ...]
    expected: tuple[float, ...]
    high: tuple[float, ...]


class PlaybookStep(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to do, by whom, and how long after the start it is due."""

    text: str
    owner: str = ""
    due: timedelta | None = None


class PlaybookView(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A playbook in one language, as an alert shows it."""

    id: str
    title: str
    steps: tuple[PlaybookStep, ...]
    never: tuple[str, ...] = ()


class Briefing(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a topic at one instant, for whoever reads the alert."""

    topic: str
    topic_name: str
    at: datetime
    quotes: tuple[Quote, ...] = ()
    chart: Chart | None = None
    assessments: tuple[Assessment, ...] = ()


class Card(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a notifier needs to show an incident to one receiver, in that receiver's language.

    `news` holds the transitions that this message tells of. `next_receivers` are told at `incident.next_step_at`
    unless somebody takes charge. `drill` marks an exercise or the demo.
    """

    incident: Incident
    briefing: Briefing
    language: Language
    time_zone: str
    news: tuple[Transition, ...] = ()
    playbook: PlaybookView | None = None
    next_receivers: tuple[str, ...] = ()
    drill: bool = False


class NotificationKind(StrEnum):
    """How a notification reaches people: a new message, an edit in place, or news in its thread."""

    CARD = "card"
    UPDATE = "update"
    NEWS = "news"


class Notification(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One message due to one receiver. `key` is unique for ever: a repeat is recognised by it."""

    key: str
    incident: str
    receiver: str
    kind: NotificationKind
    due_at: datetime
    card: Card


class DeliveryState(StrEnum):
    """How one attempt ended. `superseded` is an update overtaken by a newer one of the same card."""

    DELIVERED = "delivered"
    DELAYED = "delayed"
    REFUSED = "refused"
    SUPERSEDED = "superseded"


class Delivery(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt to deliver a notification.

    `place` and `message` identify what was posted (Slack: channel id and timestamp); `extra` is the notifier's own
    memory of it (the chart's file id), opaque to everyone else.
    """

    key: str
    at: datetime
    state: DeliveryState
    reason: str = ""
    place: str = ""
    message: str = ""
    extra: dict[str, str] = {}
    retry_at: datetime | None = None


class Pending(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A notification that waits in the outbox.

    `attempts` counts the attempts that ended; `uncertain` says that one began and its end was never recorded (a
    crash, a lost answer): the message may be out already.
    """

    notification: Notification
    attempts: int = 0
    uncertain: bool = False


# the step


class Batch(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one step is given: new mentions, how the streams fared, what people asked."""

    mentions: tuple[Mention, ...] = ()
    polls: tuple[Poll, ...] = ()
    commands: tuple[Command, ...] = ()


class Effects(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What one step wants written, all in one transaction."""

    at: datetime
    mentions: tuple[ScoredMention, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    samples: tuple[Samples, ...] = ()
    polls: tuple[Poll, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    alerts: tuple[Alert, ...] = ()
    incidents: tuple[Incident, ...] = ()
    transitions: tuple[Transition, ...] = ()
    notifications: tuple[Notification, ...] = ()
    silences: tuple[Silence, ...] = ()
    commands: tuple[Command, ...] = ()


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
