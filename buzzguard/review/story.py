"""The story of an incident: which of its topic's mentions tell it, and when the first of them was published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from buzzguard.model import Alert, Incident, Polarity, Record, ScoredMention

LOOK_BACK = timedelta(days=3)
"""How long before the first alert a story is looked for: narratives fade when nobody tells them for a day or two."""
AROUND = timedelta(hours=3)
"""After the opening, the mentions in which it is told what the story is."""
LEAST_SHARE = 0.1
"""Of the negative mentions around the opening, the part that must tell one narrative for it to be the story."""
LEAST_TOLD = 3


class Trace(Record, frozen=True, kw_only=True):
    """What a report needs of one mention of a topic: no text, and no name of anybody but the place."""

    at: datetime
    negative: bool = False
    positive: bool = False
    reach: int = 0
    source: str = ""
    site: str = ""
    author: str = ""
    narrative: str = ""


class Story(Record, frozen=True, kw_only=True, omit_defaults=True):
    """`began` is when its first mention was published, None where no mention is kept any more.

    `narrative` is the id of the narrative that it is read from; empty where none stands out: then `began` is the first
    negative mention in the window in which the first alert's condition came to hold.
    """

    began: datetime | None = None
    narrative: str = ""


def traces_of(mentions: Iterable[ScoredMention], topic: str) -> list[Trace]:
    """The mentions of a topic, in order of publication. What was read for the baseline alone is part of it."""
    found = [_trace(one, topic) for one in mentions if topic in one.topics]
    return sorted(found, key=lambda one: one.at)


def _trace(scored: ScoredMention, topic: str) -> Trace:
    mention, place = scored.mention, scored.topics.index(topic)
    sentiment = scored.toward[place] if len(scored.toward) == len(scored.topics) else scored.sentiment
    return Trace(
        at=mention.published,
        negative=sentiment.polarity is Polarity.NEGATIVE,
        positive=sentiment.polarity is Polarity.POSITIVE,
        reach=max(0, mention.author.followers),
        source=mention.source,
        site=mention.site,
        author=mention.counted_author,
        narrative=scored.narratives[place] if len(scored.narratives) == len(scored.topics) else "",
    )


def first_alert(incident: Incident, alerts: Sequence[Alert]) -> datetime:
    """When the first of its alerts fired."""
    return min([incident.opened_at, *(one.fired_at for one in alerts or incident.alerts if one.fired_at is not None)])


def story_of(incident: Incident, alerts: Sequence[Alert], traces: Sequence[Trace]) -> Story:
    """Its story: the narrative that it was opened for, where its mentions are kept; else that of most negative mentions
    around the opening. It had begun before the first alert."""
    fired = first_alert(incident, alerts)
    window = max((one.evidence.window or timedelta(0) for one in alerts or incident.alerts), default=timedelta(0))
    since, until = fired - max(window, timedelta(hours=1)), incident.opened_at + AROUND
    around = [one for one in traces if since <= one.at <= until]
    hostile = [one for one in around if one.negative] or around
    begins = _begins(traces, fired)
    if incident.narrative in begins:
        return Story(began=begins[incident.narrative], narrative=incident.narrative)
    for narrative, told in Counter(one.narrative for one in hostile if one.narrative).most_common():
        if told < max(LEAST_TOLD, LEAST_SHARE * len(hostile)):
            break
        if narrative in begins:
            return Story(began=begins[narrative], narrative=narrative)
    first = next((one.at for one in hostile if one.at <= fired), None)
    return Story(began=first)


def _begins(traces: Sequence[Trace], fired: datetime) -> dict[str, datetime]:
    """When each narrative was first told, of those that were before the alert."""
    begins: dict[str, datetime] = {}
    for one in traces:
        if one.narrative and fired - LOOK_BACK <= one.at <= fired:
            begins.setdefault(one.narrative, one.at)
    return begins
