"""A store as a busy house has it after three years: incidents with all that happened to them, and mentions."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from buzzguard.config.settings import StoreSettings
from buzzguard.model import (
    Alert,
    AlertState,
    Author,
    Cause,
    Command,
    CommandKind,
    Decision,
    Delivery,
    DeliveryState,
    Effects,
    Engagement,
    Incident,
    IncidentState,
    Mention,
    Person,
    Polarity,
    ScoredMention,
    Sentiment,
    Severity,
    Transition,
    Verdict,
)
from buzzguard.store import tables
from buzzguard.store.sql import SqlStore
from tests.deliver.samples import sample_alert

TOPICS = [f"topic{n}" for n in range(40)]
OPEN = 50
_RULES = ("negative-surge", "negative-surge", "gravity", "share", "spread")
_STATES = (IncidentState.RESOLVED,) * 4 + (IncidentState.FALSE_ALARM,)
_SEVERITIES = (Severity.YELLOW,) * 6 + (Severity.ORANGE,) * 3 + (Severity.RED,)
_WORDS = (  # noqa: SIM905 - a text is easier to read than fifty quoted words
    "la lampe le produit service client réponse décevant déçu garantie livraison colis reçu cassé jamais encore "
    "magasin vendeur prix hausse facture remboursement attente téléphone application panne écran charge été hiver "
    "the shop again never broken refund waiting delivery price customer care angry happy thanks great awful"
).split()
_BATCH = 2_000


async def fill(folder: Path, now: datetime, *, incidents: int, mentions: int) -> None:
    """Write the store in `folder`, the past of three years and of ninety days."""
    rng = random.Random(1)
    store = await SqlStore.open(StoreSettings(), base=folder)
    try:
        for batch in _batches(list(_past(rng, now, incidents))):
            await _keep(store, batch, now)
        for first in range(0, mentions, _BATCH):
            told = tuple(_mention(rng, now, n, mentions) for n in range(first, min(first + _BATCH, mentions)))
            await store.commit(Effects(at=now, mentions=told), {})
    finally:
        await store.close()


def _past(rng: random.Random, now: datetime, count: int) -> Iterator[Incident]:
    """Incidents in order of opening; the last ones are open."""
    for n in range(count):
        going = n >= count - OPEN
        age = timedelta(hours=20 * rng.random()) if going else timedelta(days=1_090 * (1 - n / count) + 2)
        opened = now - age
        owner = Person(id=f"U0PERSON{n % 40:02}", name=f"Personne {n % 40}", via="slack")
        state = rng.choice((IncidentState.TRIGGERED, IncidentState.ACKNOWLEDGED)) if going else rng.choice(_STATES)
        topic = TOPICS[n % len(TOPICS)]
        severity = rng.choice(_SEVERITIES)
        yield Incident(
            id=f"inc-{n:05}",
            topic=topic,
            state=state,
            severity=severity,
            opened_at=opened,
            changed_at=opened + timedelta(minutes=5 if going else 90),
            alerts=tuple(_alert(rng, n, topic, severity, opened, going=going) for _ in range(rng.choice((1, 1, 2)))),
            policy="crisis",
            playbook="bad-buzz",
            owner=owner if state is not IncidentState.TRIGGERED else None,
            department=rng.choice(("legal", "communications", "customer-care")),
            receivers=("room",),
            narrative=f"n{n}",
            step=0,
            round=1,
            version=7,
        )


def _alert(rng: random.Random, n: int, topic: str, severity: Severity, opened: datetime, *, going: bool) -> Alert:
    rule = rng.choice(_RULES)
    return replace(
        sample_alert(severity=severity),
        fingerprint=f"{topic}{rule}{n}",
        rule=rule,
        topic=topic,
        state=AlertState.FIRING if going else AlertState.RESOLVED,
        since=opened,
        at=opened + timedelta(minutes=60),
        fired_at=opened,
    )


def _batches(found: Sequence[Incident]) -> Iterator[Sequence[Incident]]:
    for start in range(0, len(found), _BATCH):
        yield found[start : start + _BATCH]


async def _keep(store: SqlStore, incidents: Sequence[Incident], now: datetime) -> None:
    """Incidents with their alerts, transitions, decisions, commands, and where their cards stand."""
    alerts = tuple(alert for one in incidents for alert in one.alerts)
    effects = Effects(
        at=now,
        incidents=tuple(incidents),
        noted=alerts,
        transitions=tuple(move for one in incidents for move in _moves(one)),
        decisions=tuple(row for one in incidents for row in _decisions(one)),
        commands=tuple(_command(one) for one in incidents),
    )
    await store.commit(effects, {})
    rows = [{"incident": one.id, "receiver": "room", "at": one.opened_at, "body": _posted(one)} for one in incidents]
    async with store._write() as connection:  # a delivery each by the front door would take minutes
        await connection.execute(tables.cards.insert(), rows)


def _posted(one: Incident) -> bytes:
    import msgspec

    posted = Delivery(
        key=f"{one.id}/1/room/card",
        at=one.opened_at,
        state=DeliveryState.DELIVERED,
        place="C0BUZZ0001",
        message="17.0001",
    )
    return msgspec.json.encode(posted)


def _moves(one: Incident) -> Iterator[Transition]:
    causes = (Cause.OPENED, Cause.STEP_TIMED_OUT, Cause.ALERT_JOINED, Cause.SEVERITY_RAISED, Cause.ACKNOWLEDGED_BY_USER)
    for version, cause in enumerate((*causes, Cause.REMINDED, Cause.ALERTS_RESOLVED), 1):
        yield Transition(
            incident=one.id,
            version=version,
            before=IncidentState.TRIGGERED,
            after=one.state,
            cause=cause,
            at=one.opened_at + timedelta(minutes=version),
            severity=one.severity,
            who=one.owner,
            detail={"rule": "negative-surge", "receivers": "room"},
        )


def _decisions(one: Incident) -> Iterator[Decision]:
    for version in range(1, 9):
        yield Decision(
            key=f"{one.id}/{version}/told/opened",
            verdict=Verdict.TOLD,
            reason="opened",
            at=one.opened_at + timedelta(minutes=version),
            topic=one.topic,
            incident=one.id,
            receivers=("room",),
            detail={"policy": "crisis", "step": "0", "rule": "negative-surge"},
        )


def _command(one: Incident) -> Command:
    who = one.owner or Person(id="U0PERSON01", via="slack")
    return Command(id=f"c-{one.id}", kind=CommandKind.TAKE_CHARGE, incident=one.id, who=who, at=one.opened_at)


def _mention(rng: random.Random, now: datetime, n: int, count: int) -> ScoredMention:
    """Of the last ninety days, the newest last; one in a thousand tells of the battery, the oldest of a needle."""
    at = now - timedelta(days=89) * (1 - n / count) - timedelta(hours=1)
    words = " ".join(rng.choices(_WORDS, k=rng.randrange(12, 60)))
    told = "La BATTERIE prend feu ! " if n % 1_000 == 0 else "une aiguille " if n < 3 else ""
    mention = Mention(
        id=f"rss:{n}",
        stream="press",
        source="rss",
        published=at,
        fetched=at,
        text=f"{told}{words} #{n}",
        url=f"https://press.example/{n}",
        site="press.example",
        author=Author(id=f"a{n % 5_000}", name=f"Auteur {n % 5_000}", followers=n % 900),
        engagement=Engagement(likes=n % 50),
    )
    sentiment = Sentiment(value=-0.4, polarity=Polarity.NEGATIVE, confidence=0.8)
    return ScoredMention(
        mention=mention,
        topics=(TOPICS[n % len(TOPICS)],),
        sentiment=sentiment,
        language="fr",
        repeat_key=n,
        copy_key=n,
        voices=(1_000,),
        narratives=("",),
    )
