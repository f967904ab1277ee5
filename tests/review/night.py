"""A night on which an invented lamp overheats, as the store keeps it: four weeks of calm, a story, what people did.

Every instant is a minute after `NIGHT`, when the first mention of the story is published.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from buzzguard.model import (
    Alert,
    AlertState,
    Anomaly,
    Assessment,
    Author,
    Cause,
    Command,
    CommandKind,
    Delivery,
    DeliveryState,
    Direction,
    Effects,
    Evidence,
    Incident,
    Mention,
    NotificationKind,
    Person,
    Polarity,
    Samples,
    ScoredMention,
    Sentiment,
    Severity,
    Signal,
    Silence,
    Transition,
)
from buzzguard.respond.incident import advance, open_incident
from buzzguard.review.usual import WINDOW
from buzzguard.store.sql import SqlStore

NIGHT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLAIRE = Person(id="U1", name="Claire", via="slack")
INCIDENT = "inc-20261122-0c5e1f"
STORY = "a1b2c3"


def minute(number: float) -> datetime:
    """So many minutes into the night."""
    return NIGHT + timedelta(minutes=number)


def mention(number: int, at: datetime, *, negative: bool = True, narrative: str = STORY, **more: Any) -> ScoredMention:
    """One mention of the lamp."""
    told: dict[str, Any] = {
        "site": f"site{number % 7}.example",
        "author": Author(id=f"writer{number % 40}", followers=100 * (number % 40)),
    } | more
    source = told.pop("source", "rss")
    raw = Mention(
        id=f"{source}:{number:05d}",
        stream="forum",
        source=source,
        published=at,
        fetched=at,
        text=f"lumio {number}",
        **told,
    )
    polarity = Polarity.NEGATIVE if negative else Polarity.NEUTRAL
    sentiment = Sentiment(value=-0.8 if negative else 0.0, polarity=polarity, confidence=0.9)
    return ScoredMention(mention=raw, topics=("lumio",), sentiment=sentiment, narratives=(narrative,))


def usual_mentions() -> Iterator[ScoredMention]:
    """The three days before: one an hour, one in five negative."""
    for hour in range(1, 73):
        at = NIGHT - hour * HOUR + timedelta(minutes=7)
        yield mention(10_000 + hour, at, negative=hour % 5 == 0, narrative="")


def story_mentions(minutes: int = 600, *, spoke: int | None = None) -> Iterator[ScoredMention]:
    """One every ten minutes for half an hour, then two a minute for three hours, then fading.

    After `spoke` there are a fifth of them.
    """
    number = 0
    for at in range(minutes):
        rate = 0.1 if at < 30 else 2.0 if at < 210 else 2.0 * 0.5 ** ((at - 210) / 60)
        if spoke is not None and at >= spoke:
            rate *= 0.2
        for _ in range(int((at + 1) * rate) - int(at * rate)):
            number += 1
            source = "mastodon" if number % 3 else "rss"
            yield mention(number, minute(at + 0.25), negative=number % 5 != 0, source=source)


def calm_samples() -> Iterator[Samples]:
    """Four weeks of one mention an hour."""
    for hour in range(28 * 24):
        end = NIGHT - timedelta(hours=hour + 7)
        yield Samples(topic="lumio", window=WINDOW, end=end, volume=1, negative=1 if hour % 5 == 0 else 0, closed=True)


def alert(*, fired: float = 35, resolved: float | None = None, severity: Severity = Severity.ORANGE) -> Alert:
    """The surge of negative mentions."""
    ended = minute(resolved) if resolved is not None else None
    return Alert(
        fingerprint="f1",
        rule="negative-surge",
        topic="lumio",
        labels={},
        state=AlertState.RESOLVED if ended else AlertState.FIRING,
        severity=severity,
        since=minute(fired - 2),
        at=ended or minute(fired),
        title={"en": "Surge of negative mentions", "fr": "Poussée de mentions négatives"},
        evidence=Evidence(window=HOUR),
        playbook="bad-buzz",
        policy="crisis",
        fired_at=minute(fired),
        resolved_at=ended,
    )


def anomaly(at: float, *, direction: Direction = Direction.ABOVE) -> Anomaly:
    """The watch finds something unusual."""
    judged = Assessment(
        signal=Signal.NEGATIVE,
        window=HOUR,
        observed=8,
        expected=0.3,
        high=2,
        once_per=30 * DAY,
        direction=direction,
        learned=28 * DAY,
        needed=21 * DAY,
    )
    return Anomaly(topic="lumio", at=minute(at), assessment=judged)


def life(*, resolved: float | None = None, acknowledged: float = 50) -> tuple[Incident, list[Transition]]:
    """The incident: opened with the alert, taken charge of by Claire, graver later, over when the alert is."""
    fired = alert()
    incident, opened = open_incident([fired], minute(35), id=INCIDENT, policy="crisis", playbook="bad-buzz")
    moves = [opened]
    incident, move = advance(incident, Cause.ACKNOWLEDGED_BY_USER, minute(acknowledged), who=CLAIRE, reason="I have it")
    moves.append(move)
    if resolved is not None:
        incident = replace(incident, alerts=(alert(resolved=resolved),))
        incident, move = advance(incident, Cause.ALERTS_RESOLVED, minute(resolved + 120))
        moves.append(move)
    return incident, moves


def statement(at: float, *, id: str = "statement-1", marked: float | None = None, note: str = "") -> Command:
    """Claire marks that a statement came out."""
    return Command(
        id=id,
        kind=CommandKind.STATEMENT,
        incident=INCIDENT,
        who=CLAIRE,
        at=minute(at if marked is None else marked),
        reason=note,
        happened_at=minute(at),
    )


def told(receiver: str, at: float, *, kind: NotificationKind = NotificationKind.CARD, **more: Any) -> Delivery:
    """An attempt to tell somebody, delivered unless said otherwise."""
    how: dict[str, Any] = {"state": DeliveryState.DELIVERED} | more
    return Delivery(key=f"{INCIDENT}/{int(at)}/{receiver}/{kind.value}", at=minute(at), **how)


DELIVERIES = (
    told("comms", 36),
    told("manager", 37, state=DeliveryState.DELAYED, reason="slack is down"),
    told("manager", 38, state=DeliveryState.DELAYED, reason="slack is down"),
    told("manager", 41),
    *(told("comms", at, kind=NotificationKind.UPDATE) for at in range(42, 50)),
    told("comms", 50.5, kind=NotificationKind.NEWS),
)
SILENCE = Silence(
    id="s1", topic="lumio", starts_at=minute(60), ends_at=minute(90), who=CLAIRE, reason="the team is on it"
)


async def keep(store: SqlStore, *, minutes: int = 600, resolved: float | None = 400, spoke: int | None = 120) -> None:
    """Fill a store with the night, as far as `minutes`."""
    incident, moves = life(resolved=resolved)
    effects = Effects(
        at=minute(minutes),
        mentions=(*usual_mentions(), *story_mentions(minutes, spoke=spoke)),
        samples=tuple(calm_samples()),
        anomalies=(anomaly(-2000), anomaly(-30, direction=Direction.BELOW), anomaly(31), anomaly(33)),
        alerts=(alert(resolved=resolved),),
        incidents=(incident,),
        transitions=tuple(moves),
        silences=(SILENCE,),
        commands=()
        if spoke is None
        else (statement(spoke, marked=spoke + 5, note="on <our> site | https://x.example"),),
    )
    await store.commit(effects, {})
    for delivery in DELIVERIES:
        await store.record(delivery)
