"""The test of a receiver: one message that nobody can mistake for an alert, sent past store and outbox."""

from __future__ import annotations

from datetime import datetime

from buzzguard.assembly import build_notifiers
from buzzguard.config.settings import Settings
from buzzguard.config.words import show, suggest
from buzzguard.deliver.wording.messages import message_words
from buzzguard.errors import BuzzguardError, DeliveryError
from buzzguard.model import (
    WATCHER_TOPIC,
    Briefing,
    Card,
    Cause,
    Delivery,
    Incident,
    IncidentState,
    Language,
    Notification,
    NotificationKind,
    Person,
    Record,
    Severity,
    Transition,
)
from buzzguard.ports import Clock, Notifier

_SHOWN = 8


class Outcome(Record, frozen=True, kw_only=True):
    """How it went: what was delivered, and the fault that ended it (None: none)."""

    receiver: str
    notifier: str
    language: Language
    seconds: float
    deliveries: tuple[Delivery, ...]
    fault: DeliveryError | None = None


async def try_receiver(settings: Settings, name: str, *, language: str | None, clock: Clock) -> Outcome:
    """Send the test to a receiver. Only its own notifier is built, so that nobody else's secrets are needed.

    Raises ConfigError when a secret cannot be read, BuzzguardError for a name that is none.
    """
    receiver = receiver_named(settings, name)
    given = settings.receivers[receiver]
    chosen: Language = "fr" if (language or given.language or settings.language) == "fr" else "en"
    alone = settings.model_copy(
        update={
            "notifiers": {given.notifier: settings.notifiers[given.notifier]},
            "receivers": {receiver: given},
        }
    )
    (notifier,) = build_notifiers(alone).values()
    zone = given.time_zone or settings.time_zone
    began = clock.monotonic()
    delivered: list[Delivery] = []
    fault: DeliveryError | None = None
    try:
        for notification in messages(notifier, receiver, language=chosen, time_zone=zone, now=clock.now()):
            card = delivered[0] if delivered else None
            delivered.append(await notifier.deliver(notification, card=card, uncertain=False, now=clock.now()))
    except DeliveryError as error:
        fault = error
    finally:
        await notifier.close()
    return Outcome(
        receiver=receiver,
        notifier=given.notifier,
        language=chosen,
        seconds=clock.monotonic() - began,
        deliveries=tuple(delivered),
        fault=fault,
    )


def receiver_named(settings: Settings, name: str) -> str:
    """The receiver of that name, or the only one of the notifier of that name. Raises BuzzguardError for none."""
    if name in settings.receivers:
        return name
    theirs = [receiver for receiver, given in settings.receivers.items() if given.notifier == name]
    if len(theirs) == 1:
        return theirs[0]
    if theirs:
        shown = ", ".join(map(show, theirs[:_SHOWN]))
        raise BuzzguardError(f"{show(name)} tells several receivers, name one: {shown}")
    if name in settings.notifiers:
        raise BuzzguardError(f"no receiver is told by {show(name)}")
    hint = suggest(name, settings.receivers) or ", ".join(map(show, sorted(settings.receivers)[:_SHOWN])) or "none"
    raise BuzzguardError(f"there is no receiver {show(name)} ({hint})")


def messages(
    notifier: Notifier, receiver: str, *, language: Language, time_zone: str, now: datetime
) -> list[Notification]:
    """What to send: one message about something that is over already, so that nobody is asked to act.

    Where an alert must be open to be seen, it is opened first, and the same message closes it.
    """
    states = [IncidentState.FALSE_ALARM]
    if getattr(notifier, "keeps_state", False):
        states = [IncidentState.TRIGGERED, IncidentState.FALSE_ALARM]
    incident = f"test-{receiver}-{now:%Y%m%dT%H%M%S%f}"
    made = []
    for at, state in enumerate(states):
        card = _card(incident, state, language=language, time_zone=time_zone, now=now)
        kind = NotificationKind.NEWS if at else NotificationKind.CARD
        key = f"{incident}/{at}/{receiver}/{kind.value}"
        made.append(Notification(key=key, incident=incident, receiver=receiver, kind=kind, due_at=now, card=card))
    return made


def _card(id: str, state: IncidentState, *, language: Language, time_zone: str, now: datetime) -> Card:
    words = message_words(language)
    news = Transition(
        incident=id,
        version=1,
        before=None,
        after=state,
        cause=Cause.FALSE_ALARM_BY_USER,
        at=now,
        severity=Severity.YELLOW,
        who=Person(id="buzzguard", name="BuzzGuard"),
        reason=words.test_reason,
    )
    incident = Incident(
        id=id,
        topic=WATCHER_TOPIC,
        state=state,
        severity=Severity.YELLOW,
        opened_at=now,
        changed_at=now,
        alerts=(),
        policy="",
    )
    briefing = Briefing(topic=WATCHER_TOPIC, topic_name=words.test_title, at=now)
    return Card(incident=incident, briefing=briefing, language=language, time_zone=time_zone, news=(news,), drill=True)
