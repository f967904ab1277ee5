"""What people are told, and how telling them ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.alert import Severity
from buzzguard.model.base import Language, Localised, Record
from buzzguard.model.growth import Growth
from buzzguard.model.incident import Incident, Transition
from buzzguard.model.page import Page
from buzzguard.model.quote import Quote
from buzzguard.model.said import Said
from buzzguard.model.sample import Assessment


class Chart(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The series drawn in an alert: equal bins of `bin` from `start`; `expected` and `high` give the usual band."""

    start: datetime
    bin: timedelta
    volume: tuple[float, ...]
    negative: tuple[float, ...]
    expected: tuple[float, ...]
    high: tuple[float, ...]


class PlaybookStep(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to do, by whom, and how long after the start it is due.

    `owner` is as its readers call it, `role` the department's id, empty where that is not known. `stage` is the
    heading under which the step stands.
    """

    text: str
    owner: str = ""
    due: timedelta | None = None
    role: str = ""
    stage: str = ""


class PlaybookView(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A playbook in one language, as an alert shows it. `statements` are those kept ready, by key: their titles."""

    id: str
    title: str
    steps: tuple[PlaybookStep, ...]
    never: tuple[str, ...] = ()
    statements: dict[str, str] = {}


class Briefing(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of a topic at one instant, for whoever reads the alert.

    `growth` is how its story goes on, None where there is nothing to say of it. `planned` are the calendar's events
    that are on, each with how many times the usual it makes one expect; `holiday` the public holiday of the topic's
    people, by language. `said` is what its mentions say, None where nothing is known of it.
    """

    topic: str
    topic_name: str
    at: datetime
    quotes: tuple[Quote, ...] = ()
    chart: Chart | None = None
    assessments: tuple[Assessment, ...] = ()
    growth: Growth | None = None
    said: Said | None = None
    planned: tuple[tuple[str, float], ...] = ()
    holiday: Localised = {}


class Beside(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Another incident that a card names, as far as it is still known: its title, how grave it is, whether it is
    `over`, and where its room is (`url`)."""

    id: str
    title: Localised = {}
    severity: Severity | None = None
    over: bool = False
    url: str = ""


class Card(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Everything a notifier needs to show an incident to one receiver, in that receiver's language.

    `news` holds the transitions that this message tells of. `next_receivers` are told at `incident.next_step_at`
    unless somebody takes charge. `drill` marks an exercise or the demo. `department` is the incident's department as
    the house calls it, `beside` the other incidents that the incident names, as far as they are known.
    """

    incident: Incident
    briefing: Briefing
    language: Language
    time_zone: str
    news: tuple[Transition, ...] = ()
    playbook: PlaybookView | None = None
    next_receivers: tuple[str, ...] = ()
    drill: bool = False
    department: Localised = {}
    beside: tuple[Beside, ...] = ()


class NotificationKind(StrEnum):
    """How a notification reaches people: a new message, an edit in place, or news in its thread; `run` is the message
    in that thread in which a playbook is worked through, posted once and then edited in place. It calls nobody.
    `digest` is a letter: a page about no incident."""

    CARD = "card"
    UPDATE = "update"
    NEWS = "news"
    RUN = "run"
    DIGEST = "digest"


class Letter(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A page that is due to one receiver, about no incident. `key` is unique for ever; `about` names its occasion."""

    key: str
    about: str
    receiver: str
    due_at: datetime
    page: Page
    kind: NotificationKind = NotificationKind.DIGEST

    @property
    def incident(self) -> str:
        """What stands in the place of an incident where messages are queued."""
        return self.about


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
    """A notification, or a letter, that waits in the outbox.

    `attempts` counts the attempts that ended; `uncertain` says that one began and its end was never recorded (a
    crash, a lost answer): the message may be out already.
    """

    notification: Notification | Letter
    attempts: int = 0
    uncertain: bool = False


class Untold(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A message that did not arrive so far, about an incident that nobody has taken charge of.

    `since` is when it was due first, `severity` that of the incident as it was written, `news` what it tells of.
    `refused`: its service will not take it, and nothing is tried any more until a person acts.
    """

    key: str
    incident: str
    receiver: str
    kind: NotificationKind
    since: datetime
    severity: Severity
    news: tuple[Transition, ...] = ()
    refused: bool = False
