"""The laws of the response, checked on what a walk commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from buzzguard.config.settings import Settings
from buzzguard.core import Core
from buzzguard.model import (
    Alert,
    AlertState,
    Cause,
    Command,
    CommandKind,
    DraftState,
    Effects,
    Incident,
    IncidentState,
    NotificationKind,
    Silence,
    Transition,
)
from buzzguard.respond.incident import FINAL
from buzzguard.respond.policy import Policies, exhausted
from buzzguard.respond.silences import Silences
from buzzguard.store.sql import SqlStore

_QUIET = (NotificationKind.UPDATE, NotificationKind.RUN)
_PAST = timedelta(days=1)
_MOVES = (
    CommandKind.TAKE_CHARGE,
    CommandKind.ESCALATE,
    CommandKind.RESOLVE,
    CommandKind.NOTE,
    CommandKind.GIVE,
    CommandKind.MERGE,
    CommandKind.SPLIT,
    CommandKind.DRAFT,
    CommandKind.JUDGE_DRAFT,
    CommandKind.MARK_STEP,
)
"""What leaves a transition with the words of whoever asked for it."""


class Laws:
    """What was committed so far, and what holds of it."""

    def __init__(self, settings: Settings) -> None:
        self._policies = Policies(settings.policies, settings.receivers)
        self.incidents: dict[str, Incident] = {}
        self.silences: dict[str, Silence] = {}
        self.requested: dict[str, Command] = {}
        self._versions: dict[str, int] = {}
        self._keys: set[str] = set()
        self._late: set[tuple[str, datetime, str]] = set()
        self._acts: set[str] = set()
        self._answers: Counter[str] = Counter()
        self._over: set[str] = set()

    def of_step(self, effects: Effects, refused: Iterable[tuple[Command, str]], now: datetime) -> None:
        """What holds of the effects of one step."""
        before = dict(self.incidents)
        self.incidents |= {one.id: one for one in effects.incidents}
        for one in effects.silences:
            self.silences[one.id] = one
            self._over.discard(one.id)
            if one.ends_at <= now:
                self._over.add(one.id)
        for move in effects.transitions:
            self._moved(move)
        for incident in effects.incidents:
            assert incident.version >= self._versions.get(incident.id, 0), incident.id
            self._versions[incident.id] = incident.version
            self._published(before.get(incident.id), incident)
        self._answered(effects, {command.id: why for command, why in refused})
        self._told(effects, now)

    def _moved(self, move: Transition) -> None:
        assert move.version > self._versions.get(move.incident, 0), f"{move.incident} {move.version}"
        self._versions[move.incident] = move.version
        self._once(move)
        if move.cause is Cause.STEPS_LATE:
            self._late_once(move)
        if move.cause is Cause.APPROVAL_LATE:
            draft = next(one for one in self.incidents[move.incident].drafts if one.id == move.detail["draft"])
            assert draft.awaits == move.detail["awaits"], "nobody is asked for what is decided"

    def _once(self, move: Transition) -> None:
        """What a person asked for changes one incident in one way once."""
        if not move.reason.startswith("because"):
            return
        act = f"{move.incident} {move.cause.value} {move.reason}"
        assert act not in self._acts, f"done twice: {act}"
        self._acts.add(act)

    def _late_once(self, move: Transition) -> None:
        run = self.incidents[move.incident].run
        assert run is not None
        for key in move.detail["steps"].split(","):
            told = (move.incident, run.started_at, key)
            assert told not in self._late, f"late twice: {told}"
            assert next(one for one in run.steps if one.key == key).reminded_at is not None
            self._late.add(told)

    def _published(self, before: Incident | None, after: Incident) -> None:
        known = {one.id: one for one in (before.drafts if before else ())}
        for draft in after.drafts:
            assert "{{" not in draft.text.replace("{{fill: x}}", ""), draft.text
            older = known.get(draft.id)
            assert older is None or older.text == draft.text
            if draft.state is DraftState.PUBLISHED:
                assert [one.department for one in draft.approvals] == list(draft.chain)

    def _answered(self, effects: Effects, refused: dict[str, str]) -> None:
        """Each request has one answer, and what it says was done."""
        for one in effects.answers:
            self._answers[one.id] += 1
            assert self._answers[one.id] == 1, f"answered twice: {one.id}"
            command = self.requested[one.id]
            assert one.outcome == refused.get(one.id, one.outcome)
            noted = [move for move in effects.transitions if move.reason and move.reason == command.reason]
            assert not (one.outcome and noted), one.outcome
            if command.kind in _MOVES and not one.outcome and command.reason:
                assert noted or self._has_ended(command), command
            if command.kind is CommandKind.DECLARE and not one.outcome:
                assert self.incidents[one.made].declared_by == command.who
            if command.kind is CommandKind.MUTE and not one.outcome:
                assert self.silences[one.made].reason == command.reason

    def _has_ended(self, command: Command) -> bool:
        known = self.incidents.get(command.incident)
        return command.kind is CommandKind.NOTE and (known is None or known.state in FINAL)

    def _told(self, effects: Effects, now: datetime) -> None:
        before = (one for id, one in self.silences.items() if id not in self._over and one.starts_at < now)
        book = Silences(before)
        begun = {move.incident for move in effects.transitions if move.cause is Cause.SILENCED_BY_USER}
        for one in effects.notifications:
            assert one.key not in self._keys, one.key
            self._keys.add(one.key)
            incident = one.card.incident
            assert one.card.drill == incident.drill
            assert not (incident.drill and one.receiver in incident.spared), one.key
            soon = any(move.cause is Cause.SILENCE_ENDS_SOON for move in one.card.news)
            if incident.id not in begun and not soon and book.over(incident, now):
                assert one.kind in _QUIET or self._is_new_room(incident, one.receiver), one.key

    def _is_new_room(self, incident: Incident, receiver: str) -> bool:
        return incident.room is not None and receiver == incident.room.receiver

    async def of_state(self, store: SqlStore, core: Core, now: datetime) -> None:
        """What holds of the store and the core between two steps."""
        stored = {one.id: one for one in await store.incidents_open(now)}
        open_ones = [one for one in stored.values() if one.state not in FINAL]
        assert sorted(open_ones, key=lambda one: (one.opened_at, one.id)) == list(core.responder.open_incidents)
        self._handled(stored, [one for one in await store.alerts_open() if one.state is AlertState.FIRING], now)
        for incident in open_ones:
            if incident.state is IncidentState.TRIGGERED and incident.next_step_at is None:
                assert exhausted(incident, self._policies.of(incident)), incident.id
        self._apart(stored)
        waiting = await store.requests(50)
        assert not waiting, waiting
        for id in self.requested:
            assert self._answers[id] == 1, id

    def _handled(self, stored: dict[str, Incident], firing: list[Alert], now: datetime) -> None:
        for alert in firing:
            holders = [one for one in stored.values() if alert.fingerprint in {a.fingerprint for a in one.alerts}]
            held = [one for one in holders if one.state not in FINAL]
            assert len(held) <= 1, alert.rule
            judged = any(
                one.state in FINAL and now - one.changed_at <= _PAST and one.severity.rank >= alert.severity.rank
                for one in holders
            )
            assert held or judged, f"unhandled: {alert.rule} on {alert.topic}"
            assert not held or held[0].severity.rank >= alert.severity.rank

    def _apart(self, stored: dict[str, Incident]) -> None:
        drills = {one.id for one in self.incidents.values() if one.drill}
        for one in stored.values():
            named = {*one.related, one.relapse_of, one.merged_into, one.split_from} - {""}
            assert not named & drills or (one.drill and named <= drills)
            assert not one.drill or not (one.alerts or one.relapse_of)
