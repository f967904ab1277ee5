"""The nouns that the stages share: frozen records, no behaviour beyond what they are.

Instants are aware UTC `datetime`, durations `timedelta`. The hot path builds millions of these, hence msgspec
structs. What is stored or sent as JSON is encoded by `msgspec.json`. One module for each part of a mention's way;
everybody imports from here.
"""

from __future__ import annotations

from buzzguard.model.alert import Alert, AlertState, Evidence, NewNormal, Severity
from buzzguard.model.backfill import Backfill
from buzzguard.model.base import WATCHER_TOPIC, Fault, Language, Localised, Record
from buzzguard.model.click import Click, ClickKind
from buzzguard.model.collected import EXCERPT, Breaker, Count, CountKind, Fetched, Poll, Quarantined, Reread, Span
from buzzguard.model.explanation import Explanation, PastEpisode, ScaleReading, SignalReading
from buzzguard.model.growth import Estimate, Growth, Outlook, PeakAhead, PeakPast, Phase, SpanEstimate
from buzzguard.model.incident import Cause, Command, CommandKind, Incident, IncidentState, Person, Silence, Transition
from buzzguard.model.mention import (
    Author,
    Confusion,
    Dropped,
    Engagement,
    Mention,
    MentionKind,
    Polarity,
    Readings,
    ScoredMention,
    Sentiment,
    Text,
)
from buzzguard.model.narrative import Narrative, NarrativeChange, Told
from buzzguard.model.notification import (
    Briefing,
    Card,
    Chart,
    Delivery,
    DeliveryState,
    Notification,
    NotificationKind,
    Pending,
    PlaybookStep,
    PlaybookView,
    Untold,
)
from buzzguard.model.playbook import FieldKind, Question, Statement, StatementField
from buzzguard.model.quote import Quote
from buzzguard.model.said import Clue, Said, ThemeShare, Voices
from buzzguard.model.sample import (
    COUNTED_ELSEWHERE,
    MEASURED,
    MINUTE,
    WINDOWS,
    Anomaly,
    Assessment,
    Checkpoint,
    Direction,
    Judged,
    Samples,
    Signal,
    StreamHealth,
)
from buzzguard.model.step import Batch, Effects, Health, Received
from buzzguard.model.undelivered import Undelivered

__all__ = [
    "COUNTED_ELSEWHERE",
    "EXCERPT",
    "MEASURED",
    "MINUTE",
    "WATCHER_TOPIC",
    "WINDOWS",
    "Alert",
    "AlertState",
    "Anomaly",
    "Assessment",
    "Author",
    "Backfill",
    "Batch",
    "Breaker",
    "Briefing",
    "Card",
    "Cause",
    "Chart",
    "Checkpoint",
    "Click",
    "ClickKind",
    "Clue",
    "Command",
    "CommandKind",
    "Confusion",
    "Count",
    "CountKind",
    "Delivery",
    "DeliveryState",
    "Direction",
    "Dropped",
    "Effects",
    "Engagement",
    "Estimate",
    "Evidence",
    "Explanation",
    "Fault",
    "Fetched",
    "FieldKind",
    "Growth",
    "Health",
    "Incident",
    "IncidentState",
    "Judged",
    "Language",
    "Localised",
    "Mention",
    "MentionKind",
    "Narrative",
    "NarrativeChange",
    "NewNormal",
    "Notification",
    "NotificationKind",
    "Outlook",
    "PastEpisode",
    "PeakAhead",
    "PeakPast",
    "Pending",
    "Person",
    "Phase",
    "PlaybookStep",
    "PlaybookView",
    "Polarity",
    "Poll",
    "Quarantined",
    "Question",
    "Quote",
    "Readings",
    "Received",
    "Record",
    "Reread",
    "Said",
    "Samples",
    "ScaleReading",
    "ScoredMention",
    "Sentiment",
    "Severity",
    "Signal",
    "SignalReading",
    "Silence",
    "Span",
    "SpanEstimate",
    "Statement",
    "StatementField",
    "StreamHealth",
    "Text",
    "ThemeShare",
    "Told",
    "Transition",
    "Undelivered",
    "Untold",
    "Voices",
]
