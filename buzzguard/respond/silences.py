"""Who has muted what, until when.

A silence mutes its topic: no escalation, no news, no new card; cards already posted are still edited, so that they
show it. It begins when it is asked for. It mutes only what its author knew of: a severity graver than that of the
incident at the time breaks it, and a silence never hides a red that came after it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Command, Incident, Severity, Silence

DEFAULT_DURATION = timedelta(hours=1)
LONGEST_DURATION = timedelta(days=7)
"""A longer mute of an alarm is a rule or a calendar that wants to be changed."""
_REMEMBERED = timedelta(days=1)


class Silences:
    """The silences of all topics."""

    def __init__(self, silences: Iterable[Silence]) -> None:
        self._silences = {silence.id: silence for silence in silences}
        self._over: set[str] = set()
        self._changed: dict[str, Silence] = {}

    def active(self, topic: str, severity: Severity, now: datetime, *, narrative: str = "") -> Silence | None:
        """The silence that mutes an incident of this topic, severity and story, the one that ends last."""
        told = [s for s in self._going_on() if s.topic == topic and s.ends_at > now and _mutes(s, severity)]
        found = [s for s in told if not s.narrative or not narrative or s.narrative == narrative]
        return max(found, key=lambda silence: (silence.ends_at, silence.id), default=None)

    def over(self, incident: Incident, now: datetime) -> Silence | None:
        """The silence that mutes an incident, the one that ends last."""
        return self.active(incident.topic, incident.severity, now, narrative=incident.narrative)

    def of(self, topic: str, ends_at: datetime) -> Silence | None:
        """The silence of a topic that ends then."""
        found = [one for one in self._going_on() if (one.topic, one.ends_at) == (topic, ends_at)]
        return max(found, key=lambda silence: silence.id, default=None)

    def begin(self, command: Command, incident: Incident, now: datetime) -> Silence | None:
        """Mute the incident's topic as the command asks; a silence before it ends. None when it was begun already."""
        id = "sil-" + hashlib.blake2s(command.id.encode(), digest_size=6).hexdigest()
        if id in self._silences:
            return None
        self.end(incident, now)
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
        )
        self._put(silence)
        return silence

    def end(self, incident: Incident, now: datetime) -> None:
        """End at once every silence of an incident's topic that is not made for another story."""
        for silence in self._going_on():
            another = silence.narrative and incident.narrative and silence.narrative != incident.narrative
            if silence.topic == incident.topic and not another:
                self._put(replace(silence, ends_at=max(now, silence.starts_at)))
                self._over.add(silence.id)

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

    def _put(self, silence: Silence) -> None:
        self._silences[silence.id] = silence
        self._changed[silence.id] = silence


def _mutes(silence: Silence, severity: Severity) -> bool:
    return severity.rank <= (silence.severity or Severity.ORANGE).rank
