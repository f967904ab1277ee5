"""What a person calls the new normal, from an incident of now or out of the store."""

from __future__ import annotations

from datetime import datetime

from buzzguard.model import Adoption, Incident
from buzzguard.respond.book import topics_of


def adoptions(incident: Incident, at: datetime) -> list[Adoption]:
    """The topics of an incident whose level is normal from `at` on; what went on since `since` is no habit of theirs.

    Of a drill none: nothing was said of the real.
    """
    if incident.drill:
        return []
    topics = dict.fromkeys((*topics_of(incident), *(alert.topic for alert in incident.alerts)))
    began = [alert.fired_at or alert.since for alert in incident.alerts]
    since = min([*began, incident.opened_at])
    return [Adoption(topic=topic, at=at, since=since) for topic in topics]
