"""Who has muted what, until when.

A silence mutes what fits all that it names: no escalation, no news, no new card; cards already posted are still edited,
so that they show it. It begins when it is asked for. It mutes only what its author knew of: a severity graver than that
of the incident at the time breaks it, and a silence never hides a red that came after it.

What is muted, by what a silence names:

- `topic`: incidents of that topic. A `narrative` beside it leaves out other stories on the topic, but not what has
  none.
- `narrative` alone: incidents over that story, on any topic.
- `rule`: incidents in which every alert that fires is of that rule (when none fires, every alert). What another rule
  saw as well is not muted; an alert of the rule that joins it there calls nobody.
- `department`: incidents that are its business.

A drill's silence mutes drills alone, and the real one no drill.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Alert, AlertState, Command, Incident, Mute, Severity, Silence

DEFAULT_DURATION = timedelta(hours=1)
LONGEST_DURATION = timedelta(days=7)
"""A longer mute of an alarm is a rule or a calendar that wants to be changed."""
_REMEMBERED = timedelta(days=1)


class Silences:
    """The silences of all that is watched."""

    def __init__(self, silences: Iterable[Silence]) -> None:
        self._silences = {silence.id: silence for silence in silences}
        self._over: set[str] = set()
        self._changed: dict[str, Silence] = {}

    def over(self, incident: Incident, now: datetime) -> Silence | None:
        """The silence that mutes an incident, the one that ends last."""
        found = [one for one in self._going_on() if one.ends_at > now and mutes(one, incident)]
        return max(found, key=lambda silence: (silence.ends_at, silence.id), default=None)

    def of(self, incident: Incident) -> Silence | None:
        """The silence by which an incident is muted (`silenced_until`)."""
        found = [one for one in self._going_on() if one.ends_at == incident.silenced_until and mutes(one, incident)]
        return max(found, key=lambda silence: silence.id, default=None)

    def over_rule(self, incident: Incident, alert: Alert, now: datetime) -> Silence | None:
        """The silence that mutes an alert's rule, though not the incident that it joins."""
        alone = replace(incident, alerts=(alert,), severity=alert.severity)
        found = [one for one in self._going_on() if one.rule and one.ends_at > now and mutes(one, alone)]
        return max(found, key=lambda silence: (silence.ends_at, silence.id), default=None)

    def begin(self, command: Command, incident: Incident, now: datetime) -> Silence | None:
        """Mute the incident's topic as the command asks; a silence before it ends. None when it was begun already."""
        id = silence_id(command)
        if id in self._silences:
            return None
        self.break_off(incident, now)
        duration = DEFAULT_DURATION if command.duration is None else min(command.duration, LONGEST_DURATION)
        silence = Silence(
            id=id,
            topic=incident.topic,
            starts_at=now,
            ends_at=now + duration,
            who=command.who,
            reason=command.reason,
            severity=incident.severity,
            narrative=incident.narrative,
            drill=incident.drill,
        )
        self._put(silence)
        return silence

    def mute(self, command: Command, asked: Mute, duration: timedelta, now: datetime) -> Silence | None:
        """Mute what fits all that is asked. None when it was begun already."""
        id = silence_id(command)
        if id in self._silences:
            return None
        silence = Silence(
            id=id,
            topic=asked.topic,
            starts_at=now,
            ends_at=now + duration,
            who=command.who,
            reason=command.reason,
            severity=asked.severity,
            narrative=asked.narrative,
            rule=asked.rule,
            department=asked.department,
        )
        self._put(silence)
        return silence

    def break_off(self, incident: Incident, now: datetime) -> None:
        """End at once the silences of an incident's topic and story: of those that name something else, none."""
        for silence in self._going_on():
            if _is_of(silence, incident):
                self._finish(silence, now)

    def end(self, incident: Incident, now: datetime) -> None:
        """End at once every silence that mutes an incident, or would if it were less grave."""
        for silence in self._going_on():
            if _fits(silence, incident):
                self._finish(silence, now)

    def end_one(self, id: str, now: datetime) -> Silence | None:
        """End the silence with this id; returns it as it was, None when it was not going on."""
        silence = self._silences.get(id)
        if silence is None or id in self._over or silence.ends_at <= now:
            return None
        self._finish(silence, now)
        return silence

    def follow(self, now: datetime) -> None:
        """Forget those that ended long ago; when the clock was set back, move those that began in the future.

        What has ended stays so, wherever the clock goes. Only a silence ended early that is read from the store under
        a clock set back before its beginning mutes once more, for as long as it did.
        """
        for silence in self._going_on():
            if silence.ends_at <= now:
                self._over.add(silence.id)
            elif silence.starts_at > now:
                shift = silence.starts_at - now
                self._put(replace(silence, starts_at=now, ends_at=silence.ends_at - shift))
        for id in [id for id in self._over if now - self._silences[id].ends_at > _REMEMBERED]:
            self._over.discard(id)
            del self._silences[id]

    def take_changed(self) -> tuple[Silence, ...]:
        """Those that changed since the last call."""
        changed, self._changed = tuple(self._changed.values()), {}
        return changed

    def _going_on(self) -> list[Silence]:
        return [silence for id, silence in self._silences.items() if id not in self._over]

    def _finish(self, silence: Silence, now: datetime) -> None:
        self._put(replace(silence, ends_at=max(now, silence.starts_at)))
        self._over.add(silence.id)

    def _put(self, silence: Silence) -> None:
        self._silences[silence.id] = silence
        self._changed[silence.id] = silence


def silence_id(command: Command) -> str:
    """The id of the silence that a command begins: the same click never begins another."""
    return "sil-" + hashlib.blake2s(command.id.encode(), digest_size=6).hexdigest()


def mutes(silence: Silence, incident: Incident) -> bool:
    """Whether an incident is muted by a silence that goes on."""
    return incident.severity.rank <= (silence.severity or Severity.ORANGE).rank and _fits(silence, incident)


def _fits(silence: Silence, incident: Incident) -> bool:
    """Whether an incident is what a silence names, however grave it is."""
    return (
        silence.drill == incident.drill
        and silence.topic in ("", incident.topic)
        and silence.department in ("", incident.department)
        and _fits_story(silence, incident)
        and _fits_rule(silence, incident)
    )


def _fits_story(silence: Silence, incident: Incident) -> bool:
    if not silence.narrative or silence.narrative == incident.narrative:
        return True
    return bool(silence.topic) and not incident.narrative


def _fits_rule(silence: Silence, incident: Incident) -> bool:
    if not silence.rule:
        return True
    firing = [one for one in incident.alerts if one.state is AlertState.FIRING] or incident.alerts
    return bool(firing) and all(one.rule == silence.rule for one in firing)


def _is_of(silence: Silence, incident: Incident) -> bool:
    """Whether a silence is that of an incident's topic and story, whoever was to be muted by it."""
    by_hand = silence.topic == incident.topic and not silence.rule and not silence.department
    another = silence.narrative and incident.narrative and silence.narrative != incident.narrative
    return by_hand and silence.drill == incident.drill and not another
