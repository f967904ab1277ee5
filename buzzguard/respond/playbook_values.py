"""What an incident says of itself in a playbook: the values of `playbook_words.VARIABLES`."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buzzguard.model import Briefing, Incident, Language, Severity, ThemeShare

_SEVERITIES: dict[Language, dict[Severity, str]] = {
    "en": {Severity.YELLOW: "yellow", Severity.ORANGE: "orange", Severity.RED: "red"},
    "fr": {Severity.YELLOW: "jaune", Severity.ORANGE: "orange", Severity.RED: "rouge"},
}
_SUBJECT: dict[Language, str] = {"en": "the subject", "fr": "le sujet"}
_NOBODY: dict[Language, str] = {"en": "nobody yet", "fr": "personne pour l’instant"}
_MOMENT: dict[Language, str] = {"en": "%d/%m/%Y %H:%M", "fr": "%d/%m/%Y à %H:%M"}


def playbook_values(incident: Incident, briefing: Briefing, *, language: Language, time_zone: str) -> dict[str, str]:
    """Every variable of a playbook, in the reader's language and time zone. None of them is escaped yet."""
    said = briefing.said
    leading = max(said.themes, key=_share, default=None) if said is not None else None
    title = leading.title.get(language, "") if leading is not None else ""
    owner = incident.owner
    return {
        "topic": briefing.topic_name or incident.topic,
        "theme": title or _SUBJECT[language],
        "severity": _SEVERITIES[language][incident.severity],
        "incident": incident.id,
        "opened": _moment(incident.opened_at, language, time_zone),
        "leader": (owner.name or owner.id) if owner is not None else _NOBODY[language],
    }


def _share(theme: ThemeShare) -> float:
    return theme.share


def _moment(at: datetime, language: Language, time_zone: str) -> str:
    try:
        local = at.astimezone(ZoneInfo(time_zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = at
    return local.strftime(_MOMENT[language])
