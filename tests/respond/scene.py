"""A small world for stories about incidents: policies, receivers, alerts, people, and a clock that the story turns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from buzzguard.config.departments import DepartmentSettings
from buzzguard.config.routes import RouteSettings
from buzzguard.config.settings import PolicySettings, ReceiverSettings, StepSettings, TopicSettings
from buzzguard.model import (
    Alert,
    AlertState,
    Asked,
    Briefing,
    Cause,
    Command,
    CommandKind,
    Decision,
    Evidence,
    Incident,
    Language,
    Narrative,
    Notification,
    NotificationKind,
    Person,
    PlaybookStep,
    PlaybookView,
    Said,
    Severity,
    Silence,
)
from buzzguard.respond.choosing import Brief
from buzzguard.respond.playbooks import Page, Playbooks
from buzzguard.respond.rotas import Rotas
from buzzguard.respond.stage import Responder, Response

NOW = datetime(2026, 11, 22, 1, 58, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CARD, UPDATE, NEWS = NotificationKind.CARD, NotificationKind.UPDATE, NotificationKind.NEWS
RESOLVE_AFTER = timedelta(hours=2)
CLAIRE = Person(id="U1", name="Claire", via="slack")
KARIM = Person(id="U2", name="Karim", via="slack")

RULES = ("negative-surge", "volume", "words", "author")
"""What may be muted before it fires."""
RECEIVERS: dict[str, ReceiverSettings] = {
    "comms": ReceiverSettings(notifier="slack", language="fr", time_zone="Europe/Paris"),
    "manager": ReceiverSettings(notifier="slack"),
    "board": ReceiverSettings(notifier="slack", language="en"),
    "ops": ReceiverSettings(notifier="slack"),
}


def steps(*told: tuple[int, str]) -> tuple[StepSettings, ...]:
    """Steps as (minutes after the one before, receivers parted by spaces)."""
    return tuple(StepSettings(notify=tuple(who.split()), after=timedelta(minutes=after)) for after, who in told)


def policy(
    *told: tuple[int, str],
    repeat: int = 1,
    repeat_after: int = 30,
    remind: int = 0,
    acknowledgements: int = 1,
    **more: Any,
) -> PolicySettings:
    """A policy whose delays are minutes; it reminds nobody unless told to. Its last step needs `acknowledgements`."""
    *first, last = steps(*told)
    return PolicySettings(
        steps=(*first, last.model_copy(update={"acknowledgements": acknowledgements})),
        repeat=repeat,
        repeat_after=timedelta(minutes=repeat_after),
        remind_every=timedelta(minutes=remind),
        **more,
    )


POLICIES: dict[str, PolicySettings] = {
    "watch": policy((0, "comms"), repeat=0),
    "crisis": policy((0, "comms"), (15, "manager"), (30, "board")),
}


def make_alert(
    rule: str = "negative-surge",
    *,
    topic: str = "lumio",
    severity: Severity = Severity.ORANGE,
    state: AlertState = AlertState.FIRING,
    at: datetime = NOW,
    fired_at: datetime | None = None,
    policy: str = "",
    playbook: str = "",
    raised_by: str = "",
    condition: str = "",
) -> Alert:
    """An alert of a rule on a topic; its fingerprint follows from both."""
    return Alert(
        fingerprint=hashlib.blake2s(f"{rule} {topic}".encode(), digest_size=8).hexdigest(),
        rule=rule,
        topic=topic,
        labels={},
        state=state,
        severity=severity,
        since=fired_at or at,
        at=at,
        title={"en": rule, "fr": rule},
        evidence=Evidence(window=None, condition=condition),
        playbook=playbook,
        policy=policy,
        raised_by=raised_by,
        fired_at=fired_at or at,
        resolved_at=at if state is AlertState.RESOLVED else None,
    )


def make_playbooks(*steps: PlaybookStep) -> Playbooks:
    """One generic playbook in both languages, one for streams in English only; of one step that is never late."""
    return Playbooks({(id, language): _page(id, language, steps or (READ,)) for id, language in _PAGES})


READ = PlaybookStep(text="Read the mentions", owner="Communications")
_PAGES: tuple[tuple[str, Language], ...] = (("bad-buzz", "en"), ("bad-buzz", "fr"), ("stream-silence", "en"))


def _page(id: str, language: Language, steps: tuple[PlaybookStep, ...]) -> Page:
    view = PlaybookView(id=id, title=f"{id} {language}", steps=steps, never=("Delete",))
    return Page(view=view, language=language, applies="always", posture="unknown", text="")


def brief(topic: str, alert: Alert | None) -> Briefing:
    """What is known of a topic: its name."""
    return Briefing(topic=topic, topic_name=topic.title(), at=NOW)


def telling(*narratives: tuple[str, int]) -> Brief:
    """What is known of any topic: these narratives, each with its mentions."""

    def told(topic: str, alert: Alert | None) -> Briefing:
        stories = tuple(
            Narrative(
                id=id,
                topic=topic,
                headline=id,
                quote="",
                mention="",
                mentions=mentions,
                originals=mentions,
                authors=mentions,
                per_hour=mentions,
                growth=None,
                first_at=NOW,
                last_at=NOW,
            )
            for id, mentions in narratives
        )
        said = Said(span=60 * MINUTE, mentions=sum(mentions for _, mentions in narratives), narratives=stories)
        return Briefing(topic=topic, topic_name=topic.title(), at=NOW, said=said)

    return told


class Scene:
    """A responder and its clock. Everything it ever wrote is kept, as the store would."""

    def __init__(
        self,
        policies: Mapping[str, PolicySettings] | None = None,
        receivers: Mapping[str, ReceiverSettings] | None = None,
        *,
        routes: Sequence[RouteSettings] = (),
        rotas: Rotas | None = None,
        brief: Brief = brief,
        drill: bool = False,
        playbooks: Playbooks | None = None,
        departments: Mapping[str, DepartmentSettings] | None = None,
        approvals: Sequence[str] = (),
        runs_for: Sequence[str] = (),
        pagers: Sequence[str] = (),
    ) -> None:
        self.now = NOW
        self.routes = routes
        self.rotas = rotas
        self.brief = brief
        self.policies = POLICIES if policies is None else policies
        self.receivers = RECEIVERS if receivers is None else receivers
        self.drill = drill
        self.playbooks = playbooks or make_playbooks()
        self.departments = departments
        self.approvals = approvals
        self.runs_for = runs_for
        self.pagers = pagers
        self.incidents: dict[str, Incident] = {}
        self.alerts: dict[str, Alert] = {}
        self.silences: dict[str, Silence] = {}
        self.over: set[str] = set()
        self.decisions: list[Decision] = []
        self.notifications: list[Notification] = []
        self.causes: list[Cause] = []
        self.last = Response()
        self._commands = 0
        self.responder = self._build()

    def _build(self) -> Responder:
        day = timedelta(days=1)
        return Responder(
            topics={
                "lumio": TopicSettings(name="Lumio", query="lumio"),
                "nova": TopicSettings(name="Nova", query="nova"),
            },
            policies=self.policies,
            receivers=self.receivers,
            playbooks=self.playbooks,
            language="en",
            time_zone="UTC",
            resolve_after=RESOLVE_AFTER,
            incidents=[one for one in self.incidents.values() if self.now - one.changed_at <= day or is_open(one)],
            alerts=self.alerts.values(),
            silences=[silence for id, silence in self.silences.items() if id not in self.over],
            routes=self.routes,
            rotas=self.rotas,
            drill=self.drill,
            departments=self.departments,
            approvals=self.approvals,
            runs_for=self.runs_for,
            pagers=self.pagers,
            rules=RULES,
        )

    def restart(self) -> None:
        """Stop, and begin again from what the store holds."""
        self.responder = self._build()

    def respond(self, alerts: Iterable[Alert] = (), commands: Iterable[Command] = ()) -> Response:
        """One step at the present instant."""
        alerts = list(alerts)
        self.alerts |= {alert.fingerprint: alert for alert in alerts}
        self.last = self.responder.respond(alerts, list(commands), self.brief, self.now)
        self.incidents |= {incident.id: incident for incident in self.last.incidents}
        self.silences |= {silence.id: silence for silence in self.last.silences}
        self.over |= {id for id, silence in self.silences.items() if silence.ends_at <= self.now}
        self.notifications += self.last.notifications
        self.decisions += self.last.decisions
        self.causes += [transition.cause for transition in self.last.transitions]
        return self.last

    def wait(self, minutes: float, alerts: Iterable[Alert] = ()) -> Response:
        """One step some minutes later, none in between."""
        self.now += timedelta(minutes=minutes)
        return self.respond(alerts)

    def fire(self, rule: str = "negative-surge", **how: object) -> Response:
        """An alert fires now."""
        return self.respond([make_alert(rule, at=self.now, **how)])  # type: ignore[arg-type]

    def resolve(self, rule: str = "negative-surge", *, topic: str = "lumio") -> Response:
        """The alert that fires resolves now."""
        return self.respond([make_alert(rule, topic=topic, at=self.now, state=AlertState.RESOLVED)])

    def ask(
        self,
        kind: CommandKind,
        *,
        who: Person = CLAIRE,
        incident: str = "",
        duration: timedelta | None = None,
        reason: str = "",
        id: str = "",
        asked: Asked | None = None,
        happened_at: datetime | None = None,
    ) -> Response:
        """A person acts now on an incident: the newest, unless named."""
        self._commands += 1
        command = Command(
            id=id or f"click-{self._commands}",
            kind=kind,
            incident=incident or next(reversed(self.incidents)),
            who=who,
            at=self.now,
            duration=duration,
            reason=reason,
            asked=asked,
            happened_at=happened_at,
        )
        return self.respond(commands=[command])

    @property
    def incident(self) -> Incident:
        """The newest incident."""
        return next(reversed(self.incidents.values()))

    def told(self, kind: NotificationKind | None = None) -> list[str]:
        """Whom the last step told, by this kind of message (by default `receiver:kind` for all)."""
        if kind is not None:
            return [one.receiver for one in self.last.notifications if one.kind is kind]
        return [f"{one.receiver}:{one.kind.value}" for one in self.last.notifications]


def is_open(incident: Incident) -> bool:
    """Not final."""
    return incident.state.value in ("triggered", "acknowledged")


def the(scene: Scene, receiver: str, kind: NotificationKind) -> Notification:
    """The one message of a kind that the last step made for a receiver."""
    found = [one for one in scene.last.notifications if (one.receiver, one.kind) == (receiver, kind)]
    assert len(found) == 1
    return found[0]
