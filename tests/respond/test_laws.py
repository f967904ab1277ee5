"""Laws that no sequence of alerts, clicks, restarts and clock jumps breaks."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from buzzguard.config.departments import DepartmentSettings
from buzzguard.model import (
    AlarmReason,
    Asked,
    Cause,
    CommandKind,
    Declaration,
    Dismissal,
    Handover,
    Incident,
    IncidentState,
    Merge,
    Mute,
    NotificationKind,
    Person,
    PlaybookChoice,
    PlaybookStep,
    Severity,
    Split,
    StepMark,
    StepState,
    Unmute,
    Verdict,
)
from buzzguard.respond.incident import goes_on
from buzzguard.respond.policy import Policies, exhausted
from buzzguard.respond.silences import Silences
from tests.respond.scene import (
    CLAIRE,
    KARIM,
    POLICIES,
    Scene,
    brief,
    is_open,
    make_alert,
    make_playbooks,
    policy,
    telling,
)

RULES = st.sampled_from(["volume", "words", "author"])
TOPICS = st.sampled_from(["lumio", "nova"])
SEVERITIES = st.sampled_from(list(Severity))
DEPARTMENTS = {"quality": DepartmentSettings(notify=("ops",))}
PLAYBOOKS = make_playbooks(PlaybookStep(text="Read", owner="Quality", due=timedelta(minutes=10), role="quality"))
DECLARATIONS = st.builds(
    Declaration,
    topic=TOPICS,
    severity=SEVERITIES,
    story=st.sampled_from(["fire", "a call"]),
    drill=st.booleans(),
    policy=st.sampled_from(["", "watch"]),
)
MUTES = st.builds(
    Mute,
    topic=st.sampled_from(["", "lumio"]),
    rule=st.sampled_from(["", "volume"]),
    narrative=st.sampled_from(["", "battery"]),
    department=st.sampled_from(["", "quality"]),
    severity=st.sampled_from([None, *Severity]),
)
SAYINGS = st.sampled_from(
    [
        (CommandKind.NOTE, None),
        (CommandKind.NEW_NORMAL, None),
        (CommandKind.FALSE_ALARM, Dismissal(why=AlarmReason.SPAM)),
        (CommandKind.CHOOSE_PLAYBOOK, PlaybookChoice(playbook="stream-silence")),
        (CommandKind.MARK_STEP, StepMark(step="1", state=StepState.DONE)),
    ]
)
NIGHT_OFF = {"from": "07:00", "to": "22:00"}
WORLDS = st.sampled_from(
    [
        POLICIES,
        {},
        {"default": policy((5, "comms"), (0, "manager"), (20, "board"), repeat=2, repeat_after=0, remind=45)},
        {
            "watch": policy((0, "comms"), repeat=1, remind=10, hours={"yellow": NIGHT_OFF}, most_a_day=2),
            "crisis": policy(
                (0, "comms"),
                (10, "manager board"),
                remind=20,
                hours={"orange": NIGHT_OFF},
                take_back=timedelta(minutes=25),
                group_wait=timedelta(minutes=2),
                group_interval=timedelta(minutes=7),
                flap_after=2,
                acknowledgements=2,
            ),
        },
        {"watch": policy((0, "comms"), repeat=0, remind=10), "crisis": policy((0, "manager gone"), (1, "comms board"))},
    ]
)


class Night(RuleBasedStateMachine):
    """One night at the desk: alerts of three rules on two topics, two people, and a clock that cannot be trusted."""

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self.firing: dict[tuple[str, str], tuple[datetime, Severity]] = {}
        self.cards: set[tuple[str, str]] = set()
        self.keys: set[str] = set()
        self.versions: dict[str, int] = {}
        self.rows: dict[str, Verdict] = {}
        self.ended: dict[str, Incident] = {}

    @initialize(world=WORLDS)
    def begin(self, world: dict[str, object]) -> None:
        self.scene = Scene(world, departments=DEPARTMENTS, playbooks=PLAYBOOKS)  # type: ignore[arg-type]

    @rule(name=RULES, topic=TOPICS, severity=SEVERITIES, note=st.sampled_from(["", "more"]))
    def fire(self, name: str, topic: str, severity: Severity, note: str) -> None:
        since, _ = self.firing.get((name, topic), (self.scene.now, severity))
        self.firing[name, topic] = (since, severity)
        self.scene.fire(name, topic=topic, severity=severity, fired_at=since, condition=note)
        self.check()

    @rule(topic=TOPICS, severity=SEVERITIES)
    def fire_together(self, topic: str, severity: Severity) -> None:
        alerts = []
        for name in ("volume", "words"):
            since, _ = self.firing.get((name, topic), (self.scene.now, severity))
            self.firing[name, topic] = (since, severity)
            alerts.append(make_alert(name, topic=topic, severity=severity, at=self.scene.now, fired_at=since))
        self.scene.respond(alerts)
        self.check()

    @rule(leading=st.sampled_from(["", "battery", "director"]))
    def tell(self, leading: str) -> None:
        self.scene.brief = telling((leading, 20)) if leading else brief

    @rule(name=RULES, topic=TOPICS)
    def resolve(self, name: str, topic: str) -> None:
        self.firing.pop((name, topic), None)
        self.scene.resolve(name, topic=topic)
        self.check()

    @precondition(lambda self: self.scene.incidents)
    @rule(
        kind=st.sampled_from(list(CommandKind)),
        who=st.sampled_from([CLAIRE, KARIM]),
        which=st.integers(0, 5),
        minutes=st.sampled_from([None, -1, 1, 45, 100_000]),
        repeat=st.booleans(),
    )
    def click(self, kind: CommandKind, who: object, which: int, minutes: int | None, repeat: bool) -> None:
        ids = list(self.scene.incidents)
        duration = None if minutes is None else timedelta(minutes=minutes)
        for _ in range(1 + repeat):
            self.scene.ask(
                kind,
                who=who,  # type: ignore[arg-type]
                incident=ids[which % len(ids)],
                duration=duration,
                id=f"twice-{len(self.scene.causes)}" if repeat else "",
            )
            self.check()

    @rule(asked=DECLARATIONS)
    def declare(self, asked: Declaration) -> None:
        self.ask(CommandKind.DECLARE, "none", asked)

    @precondition(lambda self: self.scene.incidents)
    @rule(which=st.integers(0, 5), to=st.sampled_from([CLAIRE, KARIM, "quality", "board", "watch", "elsewhere"]))
    def give(self, which: int, to: Person | str) -> None:
        asked = Handover(person=to) if isinstance(to, Person) else Handover(department=to)
        self.ask(CommandKind.GIVE, self.one_of(which), asked)

    @precondition(lambda self: self.scene.incidents)
    @rule(which=st.integers(0, 5), other=st.integers(0, 5))
    def merge(self, which: int, other: int) -> None:
        self.ask(CommandKind.MERGE, self.one_of(which), Merge(into=self.one_of(other)))

    @precondition(lambda self: self.scene.incidents)
    @rule(which=st.integers(0, 5), names=st.sets(RULES, max_size=2), topic=TOPICS)
    def split(self, which: int, names: set[str], topic: str) -> None:
        alerts = tuple(make_alert(name, topic=topic).fingerprint for name in sorted(names))
        self.ask(CommandKind.SPLIT, self.one_of(which), Split(alerts=alerts))

    @rule(asked=MUTES, minutes=st.sampled_from([1, 45, 600]))
    def mute(self, asked: Mute, minutes: int) -> None:
        self.ask(CommandKind.MUTE, "none", asked, duration=timedelta(minutes=minutes))

    @precondition(lambda self: self.scene.silences)
    @rule(which=st.integers(0, 5))
    def unmute(self, which: int) -> None:
        known = list(self.scene.silences)
        self.ask(CommandKind.UNMUTE, "none", Unmute(silence=known[which % len(known)]))

    @precondition(lambda self: self.scene.incidents)
    @rule(which=st.integers(0, 5), kind=SAYINGS)
    def say(self, which: int, kind: tuple[CommandKind, Asked | None]) -> None:
        self.ask(kind[0], self.one_of(which), kind[1])

    def one_of(self, which: int) -> str:
        return list(self.scene.incidents)[which % len(self.scene.incidents)]

    def ask(self, kind: CommandKind, id: str, asked: Asked | None, *, duration: timedelta | None = None) -> None:
        self.scene.ask(kind, incident=id, asked=asked, duration=duration, reason="because")
        self.check()

    @rule(minutes=st.sampled_from([0.1, 1, 5, 15, 31, 125]))
    def wait(self, minutes: float) -> None:
        self.scene.wait(minutes)
        self.check()

    @rule()
    def wait_for_what_is_due(self) -> None:
        due = self.scene.responder.next_due()
        if due is not None:
            self.scene.now = due
            self.scene.respond()
            self.check()

    @rule(hours=st.sampled_from([-401, -30, -3, -0.001, 3, 30, 400]))
    def jump(self, hours: float) -> None:
        # What ended is remembered for a day: a clock set back by days would find it forgotten, or not yet.
        if any(not is_open(one) for one in self.scene.incidents.values()):
            hours = max(hours, -20)
        self.scene.wait(hours * 60)
        self.check()

    @rule()
    def restart(self) -> None:
        self.scene.restart()

    # laws of each step

    def check(self) -> None:
        """What holds after every step."""
        self.no_key_is_used_twice()
        self.the_first_message_is_the_card()
        self.a_muted_receiver_hears_nothing()
        self.every_telling_has_its_row()
        self.no_decision_is_told_twice()
        self.versions_only_rise()
        self.a_step_is_climbed_once()
        self.what_has_ended_stays()
        self.nothing_overdue_is_left()

    def no_key_is_used_twice(self) -> None:
        for one in self.scene.last.notifications:
            assert one.key not in self.keys
            self.keys.add(one.key)

    def the_first_message_is_the_card(self) -> None:
        for one in self.scene.last.notifications:
            known = (one.incident, one.receiver) in self.cards
            assert known == (one.kind is not NotificationKind.CARD)
            self.cards.add((one.incident, one.receiver))

    def a_muted_receiver_hears_nothing(self) -> None:
        book = Silences(one for id, one in self.scene.silences.items() if id not in self.scene.over)
        begun = {move.incident for move in self.scene.last.transitions if move.cause is Cause.SILENCED_BY_USER}
        for one in self.scene.last.notifications:
            incident = one.card.incident
            soon = Cause.SILENCE_ENDS_SOON in [move.cause for move in one.card.news]
            if incident.id not in begun and not soon and book.over(incident, self.scene.now):
                assert one.kind is NotificationKind.UPDATE

    def every_telling_has_its_row(self) -> None:
        told = {one.incident: set(one.receivers) for one in self.scene.last.decisions if one.verdict is Verdict.TOLD}
        for one in self.scene.last.notifications:
            if one.kind is not NotificationKind.UPDATE:
                assert one.receiver in told[one.incident]

    def no_decision_is_told_twice(self) -> None:
        for one in self.scene.last.decisions:
            assert one.reason
            assert one.key not in self.rows or self.rows[one.key] == one.verdict
            self.rows[one.key] = one.verdict

    def versions_only_rise(self) -> None:
        for move in self.scene.last.transitions:
            assert move.version > self.versions.get(move.incident, 0)
            self.versions[move.incident] = move.version
        for incident in self.scene.last.incidents:
            assert incident.version >= self.versions[incident.id]
            self.versions[incident.id] = incident.version

    def a_step_is_climbed_once(self) -> None:
        climbed = [move.incident for move in self.scene.last.transitions if move.cause is Cause.STEP_TIMED_OUT]
        assert len(climbed) == len(set(climbed))
        for id in climbed:
            assert self.scene.incidents[id].state is IncidentState.TRIGGERED

    def what_has_ended_stays(self) -> None:
        noted = {move.incident for move in self.scene.last.transitions if move.cause is Cause.NOTED_BY_USER}
        for incident in self.scene.last.incidents:
            known = self.ended.get(incident.id)
            if known is not None:
                assert incident.id in noted
                assert (incident.state, incident.changed_at) == (known.state, known.changed_at)
            if not is_open(incident):
                self.ended[incident.id] = incident

    def nothing_overdue_is_left(self) -> None:
        due = self.scene.responder.next_due()
        assert due is None or due > self.scene.now

    # laws of the state

    @invariant()
    def nobody_is_forgotten(self) -> None:
        policies = Policies(self.scene.policies, self.scene.receivers)
        for incident in self.scene.responder.open_incidents:
            if incident.state is IncidentState.TRIGGERED and incident.next_step_at is None:
                assert exhausted(incident, policies.of(incident))
            if incident.next_step_at is not None:
                assert incident.state is IncidentState.TRIGGERED
                assert incident.remind_at is None

    @invariant()
    def what_goes_on_is_never_silent(self) -> None:
        policies = Policies(self.scene.policies, self.scene.receivers)
        for incident in self.scene.responder.open_incidents:
            if goes_on(incident) and policies.of(incident).remind_every:
                waits = (incident.next_step_at, incident.remind_at, incident.silenced_until)
                assert any(waits)

    @invariant()
    def whoever_was_not_told_is_in_a_row(self) -> None:
        """Of each incident that nobody was told of, there is a row with the reason."""
        for incident in self.scene.incidents.values():
            if not incident.receivers and is_open(incident):
                assert incident.next_step_at or any(one.incident == incident.id for one in self.scene.decisions)

    @invariant()
    def red_never_waits(self) -> None:
        for incident in self.scene.responder.open_incidents:
            assert incident.severity is not Severity.RED or not incident.held_for

    @invariant()
    def a_story_has_one_open_incident(self) -> None:
        """Unless people have it otherwise: they declare one beside it, or split one off."""
        by_rules = [
            one for one in self.scene.responder.open_incidents if one.declared_by is None and not one.split_from
        ]
        told = [(incident.topic, incident.narrative) for incident in by_rules]
        assert len(told) == len(set(told))

    @invariant()
    def an_alert_is_held_once_or_was_judged_within_a_day(self) -> None:
        open_ones = self.scene.responder.open_incidents
        held = [alert.fingerprint for one in open_ones for alert in one.alerts]
        assert len(held) == len(set(held))
        for name, topic in self.firing:
            fingerprint = make_alert(name, topic=topic).fingerprint
            judged = [one for one in self.ended.values() if fingerprint in {alert.fingerprint for alert in one.alerts}]
            recent = any(self.scene.now - one.changed_at < timedelta(days=1) for one in judged)
            assert fingerprint in held or recent

    @invariant()
    def exercises_and_the_real_never_mix(self) -> None:
        drills = {one.id for one in self.scene.incidents.values() if one.drill}
        for one in self.scene.incidents.values():
            others = {*one.related, one.relapse_of, one.merged_into, one.split_from} - {""}
            assert not others & drills or (one.drill and others <= drills)
            assert not one.drill or not (one.alerts or one.relapse_of or one.firings)
        assert all(one.card.drill == one.card.incident.drill for one in self.scene.last.notifications)

    @invariant()
    def every_firing_alert_is_handled(self) -> None:
        for (name, topic), (since, severity) in self.firing.items():
            fingerprint = make_alert(name, topic=topic).fingerprint
            handlers = [
                incident
                for incident in self.scene.incidents.values()
                for alert in incident.alerts
                if (alert.fingerprint, alert.fired_at) == (fingerprint, since)
            ]
            assert any(one.severity.rank >= severity.rank for one in handlers)

    @invariant()
    def a_restart_changes_nothing(self) -> None:
        """The store hands out what ended within a day, and the alerts that fire."""
        twin = Scene(self.scene.policies, self.scene.receivers, departments=DEPARTMENTS, playbooks=PLAYBOOKS)
        twin.now = self.scene.now
        twin.incidents, twin.silences = dict(self.scene.incidents), dict(self.scene.silences)
        twin.over, twin.alerts = set(self.scene.over), dict(self.scene.alerts)
        twin.restart()
        again = twin.respond()
        assert (again.incidents, again.transitions, again.notifications, again.silences) == ((), (), (), ())
        assert twin.responder.open_incidents == self.scene.responder.open_incidents


Night.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestNight = Night.TestCase
