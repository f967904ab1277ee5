"""The shape of `buzzguard.yml`, as frozen models.

Settings of one source, notifier or detector belong to its own module: here they travel as `settings`, checked
against the model which that module registers.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from buzzguard.config.durations import parse_duration


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}, write for example Europe/Paris") from error
    return name


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A duration as people write it: `90s`, `5m`, `1h30m`, `7d`."""
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Lower-case letters, digits, `-` and `_`."""
TimeZone = Annotated[str, AfterValidator(_time_zone)]


class Frozen(BaseModel):
    """Base of every configuration model: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Secret(Frozen):
    """Where a secret is read from: exactly one of an environment variable, a file or a systemd credential."""

    env: str | None = None
    file: str | None = None
    credential: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Secret:
        if sum(place is not None for place in (self.env, self.file, self.credential)) != 1:
            raise ValueError("give exactly one of env, file or credential")
        return self


class TopicSettings(Frozen):
    """What is watched."""

    name: str
    query: str
    role: Literal["brand", "product", "executive", "competitor", "issue"] = "brand"
    owner: str = "communications"
    labels: dict[str, str] = {}


class Open(BaseModel):
    """Base of the sections whose remaining keys belong to a source, notifier or detector."""

    model_config = ConfigDict(frozen=True, extra="allow", str_strip_whitespace=True)

    @property
    def settings(self) -> dict[str, Any]:
        """The keys that this section leaves to its plugin."""
        return dict(self.model_extra or {})


class StreamSettings(Open):
    """One configured query on a source. Other keys belong to the source."""

    source: str
    every: Duration = timedelta(minutes=2)
    topics: tuple[Identifier, ...] = ()
    language: str = ""
    enabled: bool = True


class NotifierSettings(Open):
    """How a kind of receiver is reached. Other keys belong to the notifier."""

    kind: str


class ReceiverSettings(Open):
    """A person, rota or room to tell. Other keys (`channel: C0123`) belong to its notifier."""

    notifier: Identifier
    language: Literal["en", "fr"] | None = None
    time_zone: TimeZone | None = None


class StepSettings(Frozen):
    """A step of an escalation policy: whom to tell, how long after the step before it."""

    notify: tuple[Identifier, ...] = Field(min_length=1)
    after: Duration = timedelta(0)


class PolicySettings(Frozen):
    """An escalation policy: its steps are climbed until somebody takes charge; `repeat` more rounds follow."""

    steps: tuple[StepSettings, ...] = Field(min_length=1)
    repeat: int = Field(default=2, ge=0, le=20)
    repeat_after: Duration = timedelta(minutes=30)


class StoreSettings(Frozen):
    """Where facts are kept and for how long."""

    url: str = "sqlite:///buzzguard.db"
    keep_mentions: Duration = timedelta(days=90)
    keep_samples: Duration = timedelta(days=400)
    keep_incidents: Duration = timedelta(days=1095)


class IntakeSettings(Frozen):
    """`POST /v1/mentions`: who may push. Without a token or a signing secret the intake is closed."""

    token: Secret | None = None
    signing_secret: Secret | None = None
    max_bytes: int = Field(default=5_000_000, ge=1_000, le=100_000_000)
    max_mentions: int = Field(default=5_000, ge=1, le=100_000)


class WebSettings(Frozen):
    """The loopback server: health, metrics, intake, signed Slack requests."""

    host: str = "127.0.0.1"
    port: int = Field(default=8787, ge=0, le=65535)
    intake: IntakeSettings = IntakeSettings()


class NetworkSettings(Frozen):
    """What outgoing requests may reach. `allow` names hosts whose private or loopback addresses are permitted."""

    allow: tuple[str, ...] = ()
    proxy: Secret | None = None
    user_agent: str = ""


class DetectSettings(Open):
    """Which detector judges the topics. Other keys belong to the detector."""

    detector: str = "seasonal"


class Settings(Frozen):
    """The whole of `buzzguard.yml`."""

    version: Literal[1] = 1
    language: Literal["en", "fr"] = "en"
    time_zone: TimeZone = "UTC"
    topics: dict[Identifier, TopicSettings] = Field(min_length=1)
    streams: dict[Identifier, StreamSettings] = {}
    notifiers: dict[Identifier, NotifierSettings] = {}
    receivers: dict[Identifier, ReceiverSettings] = {}
    policies: dict[Identifier, PolicySettings] = {}
    rules: tuple[str, ...] = ("rules",)
    detect: DetectSettings = DetectSettings()
    store: StoreSettings = StoreSettings()
    web: WebSettings = WebSettings()
    network: NetworkSettings = NetworkSettings()
    lateness: Duration = timedelta(hours=24)
    tick: Duration = timedelta(seconds=10)
    resolve_after: Duration = timedelta(hours=2)
