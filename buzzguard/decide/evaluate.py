"""Rules over what was judged → alerts that changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.ending import cannot_tell, lingers, new_normal, stream_lingers
from buzzguard.decide.life import Case, Life, Step, advance, lapsed, resolved, restored, set_aside, worth_noting
from buzzguard.decide.meet import Report, stream_case, stream_met, topic_case, topic_met
from buzzguard.decide.rule import Rule
from buzzguard.decide.vocabulary import TopicFacts, TopicValues
from buzzguard.model import WATCHER_TOPIC, Alert, AlertState, Judged, StreamHealth
from buzzguard.telemetry import get_logger

GAP = timedelta(minutes=10)
"""Two evaluations no further apart, both true, count as true in between. The daemon ticks every ten seconds."""

_log = get_logger(__name__)


class Decider:
    """Holds every alert under way, and moves each on when it is told what was judged.

    Deterministic: the same calls give the same alerts. `alerts` are the records of the open ones as they were last
    told or noted: from them the decider goes on as if never stopped. Those of rules or topics that are no more are
    ended at the first evaluation.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        topics: Mapping[str, TopicSettings],
        alerts: Iterable[Alert] = (),
        *,
        gap: timedelta = GAP,
    ) -> None:
        used = [rule for rule in rules if rule.file.enabled]
        self._gap = gap
        self._facts = {topic: TopicFacts(topic, settings) for topic, settings in topics.items()}
        self._cases = {
            topic: tuple(topic_case(rule, facts, gap) for rule in used if rule.selects(facts))
            for topic, facts in self._facts.items()
        }
        self._known = {case.fingerprint: case for cases in self._cases.values() for case in cases}
        self._stream_rules = [rule for rule in used if rule.file.scope == "stream"]
        self._stream_cases: dict[tuple[str, str], Case] = {}
        self._reports: dict[str, Report] = {rule.id: partial(self._report, rule.id) for rule in used}
        self._reported: set[tuple[str, str]] = set()
        self._lives = {alert.fingerprint: restored(alert) for alert in alerts if alert.state is not AlertState.RESOLVED}
        self._records = {name: life.alert for name, life in self._lives.items()}
        self._noted: list[Alert] = []

    @property
    def open_alerts(self) -> list[Alert]:
        """Every alert that is pending or firing, as it stands."""
        return [life.record for life in self._lives.values()]

    def take_noted(self) -> list[Alert]:
        """The records that moved on since the last call without anything to tell; they are to be stored.

        A pending alert that lapsed is among them as resolved: it must not come back with a restart.
        """
        noted, self._noted = self._noted, []
        return noted

    def alerts_waiting(self) -> set[str]:
        """The topics that have an alert under way: they need judging even when no mention came."""
        return {life.alert.topic for life in self._lives.values()} - {WATCHER_TOPIC}

    def evaluate(
        self, judged: Mapping[str, Sequence[Judged]], health: Sequence[StreamHealth], now: datetime
    ) -> list[Alert]:
        """Judge the topics of `judged` and the streams of `health` at `now`; returns the alerts that changed.

        An alert is told when it becomes pending, fires, grows graver, has notably stronger evidence, or resolves. A
        topic or stream with an alert under way that is not passed is taken for one where nothing holds.
        """
        changed: list[Alert] = []
        seen: set[str] = set()
        for topic, windows in judged.items():
            facts = self._facts.get(topic)
            if facts is not None:
                self._judge_topic(facts, windows, now=now, seen=seen, changed=changed)
        for stream in health:
            self._judge_stream(stream, now=now, seen=seen, changed=changed)
        self._judge_absent([name for name in self._lives if name not in seen], now, changed)
        return changed

    def _judge_topic(
        self, facts: TopicFacts, windows: Sequence[Judged], *, now: datetime, seen: set[str], changed: list[Alert]
    ) -> None:
        views = [TopicValues(judged, facts) for judged in windows]
        lives, reports = self._lives, self._reports
        for case in self._cases[facts.id]:
            met = topic_met(case, views, reports[case.rule.file.id])
            life = lives.get(case.fingerprint)
            if life is None and met is None:
                continue
            seen.add(case.fingerprint)
            if life is None or met is not None:
                step = advance(life, met, case, now=now)
            elif cannot_tell(life, windows) or lingers(case, life, views, reports[case.rule.file.id]):
                step = Step(set_aside(life))
            else:
                step = advance(life, None, case, now=now, normal=new_normal(case, life, windows))
            self._take(case.fingerprint, step, now, changed)

    def _judge_stream(self, health: StreamHealth, *, now: datetime, seen: set[str], changed: list[Alert]) -> None:
        for rule in self._stream_rules:
            met = stream_met(rule, health, self._reports[rule.id])
            case = self._stream_case(rule, health.stream)
            life = self._lives.get(case.fingerprint)
            seen.add(case.fingerprint)
            if life and not met and stream_lingers(case, life, health, self._reports[rule.id]):
                step = Step(set_aside(life))
            else:
                step = advance(life, met, case, now=now)
            self._take(case.fingerprint, step, now, changed)

    def _judge_absent(self, names: Sequence[str], now: datetime, changed: list[Alert]) -> None:
        """Move on the alerts whose topic or stream was not passed, and end those that no rule speaks of any more."""
        for name in names:
            life = self._lives[name]
            case = self._known.get(name) or self._stream_case_of(life.alert)
            if case is not None:
                self._take(name, advance(life, None, case, now=now), now, changed)
                continue
            firing = life.alert.state is AlertState.FIRING
            self._take(name, Step(None, resolved(life, now) if firing else None), now, changed)

    def _stream_case(self, rule: Rule, stream: str) -> Case:
        key = (rule.id, stream)
        if key not in self._stream_cases:
            self._stream_cases[key] = stream_case(rule, stream, self._gap)
        return self._stream_cases[key]

    def _stream_case_of(self, alert: Alert) -> Case | None:
        stream = alert.labels.get("stream", "")
        cases = (self._stream_case(rule, stream) for rule in self._stream_rules)
        return next((case for case in cases if case.fingerprint == alert.fingerprint), None)

    def _take(self, name: str, step: Step, now: datetime, changed: list[Alert]) -> None:
        self._lives.pop(name, None)
        before, record = self._records.pop(name, None), step.told
        if step.told is not None:
            changed.append(step.told)
        if step.life is not None:
            self._lives[name] = step.life
            record = self._records[name] = step.told or self._note(before, step.life)
        # A record is kept by its beginning: one that begins anew leaves the old one behind.
        if before is not None and (record is None or record.since != before.since):
            self._noted.append(lapsed(before, now))

    def _note(self, before: Alert | None, life: Life) -> Alert:
        """The record of a life that goes on untold, noted where only a restart would miss it."""
        record = life.record
        if before is not None and not worth_noting(before, record):
            return before
        self._noted.append(record)
        return record

    def _report(self, rule: str, reason: str) -> None:
        """Log once that a condition could not be decided."""
        if (rule, reason) not in self._reported and len(self._reported) < 1_000:
            self._reported.add((rule, reason))
            _log.warning("rule.undecided", rule=rule, reason=reason)
