"""Cards as `respond` makes them, for the tests of every notifier: the night on which an invented lamp overheats.

All instants hang on `NOW`, 02:58 on a Sunday in Paris. Everything a card can vary in is an argument.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import (
    Alert,
    AlertState,
    Assessment,
    Briefing,
    Card,
    Cause,
    Chart,
    Direction,
    Evidence,
    Incident,
    IncidentState,
    Language,
    Notification,
    NotificationKind,
    Person,
    PlaybookStep,
    PlaybookView,
    Polarity,
    Quote,
    Severity,
    Signal,
    StreamHealth,
    Transition,
)
from tests.deliver.sample_texts import NEVER, QUOTES, STEPS

NOW = datetime(2026, 11, 22, 1, 58, tzinfo=UTC)
OPENED = NOW - timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
CLAIRE = Person(id="U0CLAIRE01", name="Claire Morel", via="slack")
INCIDENT = "lumio-20261122-0157"


def sample_assessment(
    signal: Signal = Signal.NEGATIVE,
    *,
    observed: float = 96,
    expected: float = 10.2,
    once_per: timedelta = timedelta(days=91),
    learned: timedelta = timedelta(days=120),
    doubles_in: timedelta | None = timedelta(minutes=40),
    window: timedelta = HOUR,
) -> Assessment:
    """What the detector found: 96 negative mentions in an hour, usually 10, once in 3 months."""
    return Assessment(
        signal=signal,
        window=window,
        observed=observed,
        expected=expected,
        high=expected * 2.1,
        once_per=once_per,
        direction=Direction.ABOVE if observed >= expected else Direction.BELOW,
        learned=learned,
        needed=timedelta(days=7),
        doubles_in=doubles_in,
    )


def sample_assessments(learned: timedelta = timedelta(days=120)) -> tuple[Assessment, ...]:
    """The signals of the crisis: negative and volume high, spread higher than usual, authors many."""
    return (
        sample_assessment(learned=learned),
        sample_assessment(Signal.VOLUME, observed=131, expected=44.6, once_per=timedelta(days=24), learned=learned),
        sample_assessment(
            Signal.AUTHORS, observed=87, expected=31.0, once_per=timedelta(days=40), learned=learned, doubles_in=None
        ),
        sample_assessment(
            Signal.SPREAD, observed=5, expected=2.4, once_per=timedelta(days=9), learned=learned, doubles_in=None
        ),
        sample_assessment(
            Signal.REACH, observed=1_284_500, expected=64_000, once_per=timedelta(days=75), learned=learned
        ),
    )


def sample_alert(
    *,
    severity: Severity = Severity.ORANGE,
    state: AlertState = AlertState.FIRING,
    learned: timedelta = timedelta(days=120),
    raised: bool = False,
) -> Alert:
    """The shipped rule `negative-surge`, firing."""
    return Alert(
        fingerprint="3f9a1c77d0e4b825",
        rule="negative-surge",
        topic="lumio",
        labels={"role": "brand"},
        state=state,
        severity=severity,
        since=OPENED - timedelta(minutes=2),
        at=NOW,
        title={"en": "Surge of negative mentions", "fr": "Poussée de mentions négatives"},
        evidence=Evidence(
            window=HOUR,
            assessments=sample_assessments(learned),
            condition="negative.once_per > days(90) && negative.count >= 10 && authors.count >= 5",
        ),
        playbook="bad-buzz",
        policy="crisis",
        raised_by="negative.once_per > days(365) && spread.sources >= 3" if raised else "",
        fired_at=OPENED,
        resolved_at=NOW if state is AlertState.RESOLVED else None,
    )


def sample_silent_stream_alert() -> Alert:
    """The watcher watched: a stream that has gone quiet and fails."""
    return Alert(
        fingerprint="a1b2c3d4e5f60718",
        rule="stream-silent",
        topic="buzzguard",
        labels={"stream": "press-fr"},
        state=AlertState.FIRING,
        severity=Severity.YELLOW,
        since=NOW - timedelta(minutes=30),
        at=NOW,
        title={"en": "A stream has gone silent", "fr": "Un flux s’est tu"},
        evidence=Evidence(
            window=None,
            condition="silent.once_per > days(30)",
            health=StreamHealth(
                stream="press-fr",
                at=NOW,
                silent_for=timedelta(hours=3, minutes=20),
                expected=38.4,
                once_per=timedelta(days=45),
                failing_for=timedelta(hours=3),
                failures=91,
                reason="HTTP 503 from the server",
            ),
        ),
        fired_at=NOW - timedelta(minutes=1),
    )


def sample_chart() -> Chart:
    """Twelve hours in bins of ten minutes: a quiet evening, then a rise that doubles every 40 minutes."""
    bins = 72
    start = NOW - timedelta(hours=12)
    hours = [((start.hour + start.minute / 60) + i / 6) % 24 for i in range(bins)]
    expected = tuple(round(8 + 5 * math.sin((hour - 9) / 24 * 2 * math.pi), 2) for hour in hours)
    wobble = [math.sin(i * 2.7) * 2.2 + math.cos(i * 1.3) * 1.6 for i in range(bins)]
    surge = [3.7 * 2 ** ((i - 60) / 4) if i >= 60 else 0.0 for i in range(bins)]
    volume = tuple(float(max(0, round(e + w + s))) for e, w, s in zip(expected, wobble, surge, strict=True))
    negative = tuple(float(min(v, max(0, round(v * 0.15 + s * 0.78)))) for v, s in zip(volume, surge, strict=True))
    return Chart(
        start=start,
        bin=timedelta(minutes=10),
        volume=volume,
        negative=negative,
        expected=expected,
        high=tuple(round(e * 1.9 + 3, 2) for e in expected),
    )


def sample_quotes(language: Language = "en") -> tuple[Quote, ...]:
    """The five mentions that matter most, most telling first."""
    return tuple(
        Quote(
            text=text,
            url=f"https://{site}/lumio/{index}",
            author=author,
            site=site,
            published=NOW - timedelta(minutes=7 * index + 4),
            polarity=Polarity.NEGATIVE,
            reach=reach,
            engagement=reach // 70,
        )
        for index, (text, author, site, reach) in enumerate(QUOTES[language])
    )


def sample_playbook(language: Language = "en") -> PlaybookView:
    """The shipped playbook's first steps."""
    return PlaybookView(
        id="bad-buzz",
        title={"en": "Bad buzz: the first two hours", "fr": "Bad buzz : les deux premières heures"}[language],
        steps=tuple(
            PlaybookStep(text=text, owner=owner, due=timedelta(minutes=due)) for text, owner, due in STEPS[language]
        ),
        never=NEVER[language],
    )


def sample_transition(
    cause: Cause = Cause.OPENED,
    *,
    severity: Severity = Severity.ORANGE,
    version: int = 1,
    at: datetime = NOW,
    reason: str = "",
) -> Transition:
    """One recorded change, with the person where a person caused it."""
    after = {
        Cause.ACKNOWLEDGED_BY_USER: IncidentState.ACKNOWLEDGED,
        Cause.FALSE_ALARM_BY_USER: IncidentState.FALSE_ALARM,
        Cause.RESOLVED_BY_USER: IncidentState.RESOLVED,
        Cause.ALERTS_RESOLVED: IncidentState.RESOLVED,
    }.get(cause, IncidentState.TRIGGERED)
    return Transition(
        incident=INCIDENT,
        version=version,
        before=None if cause is Cause.OPENED else IncidentState.TRIGGERED,
        after=after,
        cause=cause,
        at=at,
        severity=severity,
        who=CLAIRE if cause.value.endswith("_by_user") else None,
        reason=reason,
    )


_CAUSES = {
    IncidentState.TRIGGERED: Cause.OPENED,
    IncidentState.ACKNOWLEDGED: Cause.ACKNOWLEDGED_BY_USER,
    IncidentState.RESOLVED: Cause.ALERTS_RESOLVED,
    IncidentState.FALSE_ALARM: Cause.FALSE_ALARM_BY_USER,
}


def sample_incident(
    *,
    severity: Severity = Severity.ORANGE,
    state: IncidentState = IncidentState.TRIGGERED,
    alerts: tuple[Alert, ...] | None = None,
) -> Incident:
    """The incident of the night, in the state asked for."""
    taken = state is not IncidentState.TRIGGERED
    alert_state = AlertState.RESOLVED if state is IncidentState.RESOLVED else AlertState.FIRING
    return Incident(
        id=INCIDENT,
        topic="lumio",
        state=state,
        severity=severity,
        opened_at=OPENED,
        changed_at=NOW,
        alerts=alerts or (sample_alert(severity=severity, state=alert_state, raised=severity is Severity.RED),),
        policy="crisis",
        playbook="bad-buzz",
        owner=CLAIRE if taken else None,
        step=0,
        next_step_at=None if taken else OPENED + timedelta(minutes=15),
        receivers=("comms",),
        version=2 if taken else 1,
    )


def sample_card(
    *,
    language: Language = "en",
    severity: Severity = Severity.ORANGE,
    state: IncidentState = IncidentState.TRIGGERED,
    news: tuple[Transition, ...] | None = None,
    quotes: tuple[Quote, ...] | None = None,
    learned: timedelta = timedelta(days=120),
    chart: Chart | None = None,
    playbook: bool = True,
    drill: bool = False,
) -> Card:
    """A whole card. `news` defaults to the transition that led to `state`; `chart` to `sample_chart()`."""
    incident = sample_incident(severity=severity, state=state)
    if learned != timedelta(days=120):
        alerts = (sample_alert(severity=severity, learned=learned),)
        incident = sample_incident(severity=severity, state=state, alerts=alerts)
    return Card(
        incident=replace(incident, drill=drill),
        briefing=Briefing(
            topic="lumio",
            topic_name="Lumio",
            at=NOW,
            quotes=sample_quotes(language) if quotes is None else quotes,
            chart=chart or sample_chart(),
            assessments=sample_assessments(learned),
        ),
        language=language,
        time_zone="Europe/Paris",
        news=(sample_transition(_CAUSES[state], severity=severity),) if news is None else news,
        playbook=sample_playbook(language) if playbook else None,
        next_receivers=("crisis-room",) if state is IncidentState.TRIGGERED else (),
        drill=drill,
    )


def sample_watcher_card(language: Language = "en") -> Card:
    """A card about BuzzGuard's own trouble: no chart, no quotes, no playbook."""
    incident = sample_incident(severity=Severity.YELLOW, alerts=(sample_silent_stream_alert(),))
    return Card(
        incident=incident,
        briefing=Briefing(topic="buzzguard", topic_name="BuzzGuard", at=NOW),
        language=language,
        time_zone="Europe/Paris",
        news=(sample_transition(severity=Severity.YELLOW),),
    )


def sample_notification(
    kind: NotificationKind = NotificationKind.CARD,
    *,
    card: Card | None = None,
    receiver: str = "comms",
    key: str = "",
) -> Notification:
    """A notification of `card` (default: `sample_card()`), due now."""
    shown = card or sample_card()
    return Notification(
        key=key or f"{shown.incident.id}:{shown.incident.version}:{receiver}:{kind.value}",
        incident=shown.incident.id,
        receiver=receiver,
        kind=kind,
        due_at=NOW,
        card=shown,
    )


__all__ = [
    "CLAIRE",
    "INCIDENT",
    "NOW",
    "OPENED",
    "sample_alert",
    "sample_assessment",
    "sample_assessments",
    "sample_card",
    "sample_chart",
    "sample_incident",
    "sample_notification",
    "sample_playbook",
    "sample_quotes",
    "sample_silent_stream_alert",
    "sample_transition",
    "sample_watcher_card",
]
