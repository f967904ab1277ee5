"""Which story an alert tells: a second, different story about the same topic is a second incident.

An alert knows its topic, not its story: it tells the narrative that leads among the mentions of its window. Another one
than that of an open incident is another story only when it is well ahead of it, so that two that take turns in front do
not open incidents in turn. Where no narrative leads, or the incident has none, there is one story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from buzzguard.model import Incident, Record, Said

LEAST_ORIGINALS = 5
"""Fewer mentions that copy no other are no story yet."""
LEAST_SHARE = 0.3
"""The share of the mentions that a story tells which leads."""
AHEAD = 1.5
"""How many times the mentions of the known story another one has when it is told as one of its own."""


class Story(Record, frozen=True, kw_only=True):
    """The narrative that leads, empty where none does; its mentions and those of the others, by id, and the ids that
    were merged into it."""

    id: str = ""
    mentions: int = 0
    merged: tuple[str, ...] = ()
    others: Mapping[str, int] = {}

    def is_another(self, narrative: str) -> bool:
        """Whether it is another story than that narrative, and well ahead of it."""
        if not self.id or not narrative or narrative == self.id or narrative in self.merged:
            return False
        return self.mentions >= AHEAD * self.others.get(narrative, 0)


NO_STORY = Story()


def story_of(said: Said | None) -> Story:
    """The story that the mentions tell."""
    if said is None or not said.narratives:
        return NO_STORY
    leading = max(said.narratives, key=lambda one: (one.mentions, one.id))
    if leading.originals < LEAST_ORIGINALS or leading.mentions < LEAST_SHARE * said.mentions:
        return NO_STORY
    others = {id: one.mentions for one in said.narratives for id in (one.id, *one.merged)}
    return Story(id=leading.id, mentions=leading.mentions, merged=leading.merged, others=others)


def tells(open_incidents: Sequence[Incident], story: Story, topic: str) -> Incident | None:
    """The open incident over that story about a topic, else the oldest which may be over it; None when it is another
    story than all of them. An incident is also over the stories of those that were merged into it."""
    named = {story.id, *story.merged} - {""}
    same = (one for one in open_incidents if named & set(narratives_on(one, topic)))
    maybe = (one for one in open_incidents if not all(story.is_another(known) for known in narratives_on(one, topic)))
    return next(same, None) or next(maybe, None)


def narratives_on(incident: Incident, topic: str) -> list[str]:
    """The stories about a topic that an incident is over; empty where none led."""
    own = [incident.narrative] if incident.topic == topic else []
    return own + [narrative for about, narrative in incident.absorbed if about == topic]
