"""The shape of `buzzguard.yml`, as frozen models.

Settings of one source, notifier or detector belong to its own module: here they travel as `settings`, checked
against the model which that module registers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from buzzguard.config.base import Frozen, Open
from buzzguard.config.departments import DepartmentSettings, StatementSettings
from buzzguard.config.digest import DigestSettings
from buzzguard.config.heartbeat import HeartbeatSettings
from buzzguard.config.hooks import HookSettings
from buzzguard.config.kinds import (
    Country,
    Day,
    Duration,
    Identifier,
    LanguageCode,
    Moment,
    OffOrDuration,
    TimeZone,
)
from buzzguard.config.response import PolicySettings, ReceiverSettings, StepSettings
from buzzguard.config.rotas import RotaSettings
from buzzguard.config.routes import RouteSettings
from buzzguard.config.secret import Secret
from buzzguard.config.understanding import AboutSettings, AccountSettings, PrivacySettings, SentimentSettings

__all__ = [
    "LEAST_EXPECTED",
    "MOST_EXPECTED",
    "Country",
    "Day",
    "DetectSettings",
    "Duration",
    "EventSettings",
    "FalseAlarmSettings",
    "Identifier",
    "IntakeSettings",
    "LanguageCode",
    "Moment",
    "NetworkSettings",
    "NotifierSettings",
    "OffOrDuration",
    "PolicySettings",
    "ReceiverSettings",
    "Secret",
    "Settings",
    "StepSettings",
    "StoreSettings",
    "StreamSettings",
    "TimeZone",
    "TopicSettings",
    "WebSettings",
]

LEAST_EXPECTED, MOST_EXPECTED = 0.01, 100.0
"""Bounds of what planned events make of the usual, one alone and all together."""


class DetectSettings(Open):
    """Which detector judges the topics. Other keys belong to the detector."""

    detector: str = "seasonal"
    """The detector that judges the topics; it decides on the other keys."""


class TopicSettings(Frozen):
    """What is watched."""

    name: str
    """The name that people read."""
    query: str
    """What to look for: words, "phrases", AND, OR, NOT and parentheses."""
    role: Literal["brand", "product", "executive", "competitor", "issue"] = "brand"
    """What the topic is to you; rules choose topics by it."""
    owner: str = "communications"
    """The department whose business it is."""
    labels: dict[str, str] = {}
    """Free labels that rules can choose topics by."""
    sector: Identifier | None = None
    """The sector whose gravity words are looked for beside the general ones: a file of `words/` in a rules folder."""
    country: Country | None = None
    """The country whose public holidays its people have; the general one when absent, none when empty."""
    time_zone: TimeZone | None = None
    """The time zone in which its people live; the general one when absent."""
    detect: DetectSettings | None = None
    """How unusual is told from usual for this topic; as for all the others when absent."""
    about: AboutSettings | None = None
    """How it is told from its namesakes; every text that the query finds is its own when absent."""


class StreamSettings(Open):
    """One configured query on a source. Other keys belong to the source."""

    source: str
    """The kind of place, `rss` for example; it decides on the other keys."""
    every: Duration = timedelta(minutes=2)
    """How often it is read."""
    topics: tuple[Identifier, ...] = ()
    """Only these topics are looked for; all of them when empty."""
    language: str = ""
    """The language of its mentions (`en`, `fr`), when the place has but one."""
    enabled: bool = True
    """Whether it is read at all."""
    backfill: OffOrDuration = Field(default=timedelta(0), le=timedelta(days=90))
    """How far a first poll reads back for the baseline, without alarms, where the service lists that much; `off` for
    the last day only."""
    fastest: Duration | None = None
    """How often it is read while much is said; a quarter of `every` when absent, never below what the service bears."""
    slowest: Duration | None = None
    """How often it is read while nothing is said; twice `every` when absent."""

    @property
    def shortest(self) -> timedelta:
        """`fastest`, or what stands for it."""
        return self.every / 4 if self.fastest is None else self.fastest

    @property
    def longest(self) -> timedelta:
        """`slowest`, or what stands for it."""
        return self.every * 2 if self.slowest is None else self.slowest

    @model_validator(mode="after")
    def _in_order(self) -> StreamSettings:
        if not self.shortest <= self.every <= self.longest:
            raise ValueError("`fastest` is at most `every`, and `slowest` at least")
        return self


class NotifierSettings(Open):
    """How a kind of receiver is reached. Other keys belong to the notifier."""

    kind: str
    """What tells people, `slack` for example; it decides on the other keys."""


class StoreSettings(Frozen):
    """Where facts are kept and for how long."""

    url: str = "sqlite:///buzzguard.db"
    """The database, relative to the folder of the configuration."""
    keep_mentions: Duration = timedelta(days=90)
    """Mentions older than this are deleted."""
    keep_samples: Duration = timedelta(days=400)
    """Measurements and corrections older than this are deleted; baselines and what people taught stand on them."""
    keep_incidents: Duration = timedelta(days=1095)
    """Incidents over for longer than this are deleted."""


class IntakeSettings(Frozen):
    """`POST /v1/mentions`: who may push. Without a token or a signing secret the intake is closed."""

    token: Secret | None = None
    """The bearer token that whoever pushes shows."""
    signing_secret: Secret | None = None
    """The secret with which whoever pushes signs."""
    max_bytes: int = Field(default=5_000_000, ge=1_000, le=100_000_000)
    """The largest request, in bytes."""
    max_mentions: int = Field(default=5_000, ge=1, le=100_000)
    """The most mentions in one request."""


class WebSettings(Frozen):
    """The loopback server: health, metrics, intake, signed Slack requests."""

    host: str = "127.0.0.1"
    """The address that is listened on; a loopback one unless a proxy stands before it."""
    port: int = Field(default=8787, ge=0, le=65535)
    """The port that is listened on; 0 takes a free one."""
    public_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    """Where the internet reaches this server (the proxy before it): hubs of feeds knock there; without it feeds are
    polled only."""
    intake: IntakeSettings = IntakeSettings()
    """Who may push mentions."""
    hooks: dict[Identifier, HookSettings] = {}
    """Services that push in a format of their own, each to `/v1/hooks/` and its name."""


class NetworkSettings(Frozen):
    """What outgoing requests may reach. `allow` names hosts whose private or loopback addresses are permitted."""

    allow: tuple[str, ...] = ()
    """Hosts that may be reached though their addresses are private or loopback."""
    proxy: Secret | None = None
    """The address of a proxy for outgoing requests; a secret, as it may hold a password."""
    user_agent: str = ""
    """How BuzzGuard names itself to the places it reads; a contact address is good manners."""


class EventSettings(Frozen):
    """A planned event: while it is on, more (or less) is expected of its topics, instead of muting them."""

    name: str = Field(min_length=1, max_length=100)
    """The name that people read."""
    topics: tuple[Identifier, ...] = ()
    """The topics that it concerns; all of them when empty."""
    begins: Moment = Field(alias="from")
    """When it begins: a day, a local time (`2027-03-15T20:50`), or a time with its offset."""
    ends: Moment = Field(alias="to")
    """When it ends: a day, which still belongs to it, or a time."""
    every: Literal["week", "year"] | None = None
    """How often it comes back, at the same local time."""
    until: Day | None = None
    """The last day on which it may begin again; for ever when absent."""
    time_zone: TimeZone | None = None
    """The time zone of its days and local times; that of each topic when absent."""
    expect: float = Field(ge=LEAST_EXPECTED, le=MOST_EXPECTED, strict=True)
    """How many times the usual is expected."""
    tone: Literal["any", "positive", "negative"] = "any"
    """Which mentions it brings: `positive` expects no more negative ones than usual, `negative` no more positive."""


class FalseAlarmSettings(Frozen):
    """The budget of false alarms: how many are borne, over all topics, signals and rules together."""

    at_most: float = Field(gt=0, le=10_000, strict=True, allow_inf_nan=False)
    """How many false alarms are borne in `per`."""
    per: Duration = timedelta(days=30)
    """The time in which they are counted: from a day to a year."""

    @model_validator(mode="after")
    def _counts_in_measure(self) -> FalseAlarmSettings:
        if not timedelta(days=1) <= self.per <= timedelta(days=366):
            raise ValueError("`per` is from 1d to 366d, write for example 30d")
        return self


class Settings(Frozen):
    """The whole of `buzzguard.yml`."""

    version: Literal[1] = 1
    """The version of this file's format."""
    language: Literal["en", "fr"] = "en"
    """The language of messages, unless a receiver has its own."""
    time_zone: TimeZone = "UTC"
    """The team's time zone, `Europe/Paris` for example."""
    country: Country = ""
    """The country whose public holidays the people of the topics have, `FR` for example; none when empty."""
    topics: dict[Identifier, TopicSettings] = Field(min_length=1)
    """What is watched, by identifier."""
    streams: dict[Identifier, StreamSettings] = {}
    """Where it is looked for, by identifier."""
    notifiers: dict[Identifier, NotifierSettings] = {}
    """How people are told, by identifier."""
    receivers: dict[Identifier, ReceiverSettings] = {}
    """Who is told, by identifier."""
    rotas: dict[Identifier, RotaSettings] = {}
    """Who is on call when, by identifier; they stand wherever a receiver may."""
    policies: dict[Identifier, PolicySettings] = {}
    """Who is told in which order, by identifier; rules name them."""
    departments: dict[Identifier, DepartmentSettings] = {}
    """The departments of the house, by identifier: their people, and who is told of their business."""
    statements: StatementSettings = StatementSettings()
    """Whose approval a statement needs."""
    routes: tuple[RouteSettings, ...] = Field(default=(), max_length=500)
    """Which alert goes by which policy, and whose business it is: the first route that matches decides."""
    rules: tuple[str, ...] = ("rules",)
    """The folders of rules and playbooks, relative to the folder of this file."""
    detect: DetectSettings = DetectSettings()
    """How unusual is told from usual."""
    false_alarms: FalseAlarmSettings | None = None
    """How many false alarms are borne; return periods are taken as the rules write them when absent."""
    calendar: tuple[EventSettings, ...] = Field(default=(), max_length=1000)
    """Planned events: campaigns, launches, TV spots."""
    languages: tuple[LanguageCode, ...] = Field(
        default=("en", "fr", "de", "es", "it", "pt", "ar"), min_length=1, max_length=40
    )
    """The languages that are told apart (ISO 639-1): the fewer, the surer."""
    sentiment: SentimentSettings = SentimentSettings()
    """How it is told which side a mention takes."""
    accounts: AccountSettings = AccountSettings()
    """Accounts that are not the public: your own, the press, and those that are not taken."""
    privacy: PrivacySettings = PrivacySettings()
    """What is kept of those who write."""
    store: StoreSettings = StoreSettings()
    """Where facts are kept and for how long."""
    web: WebSettings = WebSettings()
    """The local server."""
    network: NetworkSettings = NetworkSettings()
    """What outgoing requests may reach."""
    heartbeat: HeartbeatSettings | None = None
    """A sign of life to a monitor outside, which raises the alarm when it stops; none when absent."""
    digest: DigestSettings | None = None
    """The week in a page, sent to leaders; none when absent."""
    lateness: Duration = timedelta(hours=24)
    """Mentions that arrive later than this after their publication are not counted."""
    tick: Duration = timedelta(seconds=10)
    """How often the watch takes a step when nothing arrives."""
    resolve_after: Duration = timedelta(hours=2)
    """An incident whose alerts have been over for so long is resolved."""
