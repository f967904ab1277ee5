"""Which playbook an incident has: the one its rule names, or one about what its mentions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from buzzguard.config.settings import TopicSettings
from buzzguard.model import WATCHER_TOPIC, Alert, Briefing, Incident, Language, PlaybookView, Said
from buzzguard.respond.incident import gravest_alert
from buzzguard.respond.playbook_values import playbook_values
from buzzguard.respond.playbooks import GENERIC, Page, Playbooks

WATCHER_PLAYBOOK = "stream-silence"
Brief = Callable[[str, Alert | None], Briefing]


class Choice:
    """Chooses playbooks in one turn: `brief` tells what the mentions say at this instant."""

    def __init__(
        self, playbooks: Playbooks, topics: Mapping[str, TopicSettings], brief: Brief, *, time_zone: str = "UTC"
    ) -> None:
        self._time_zone = time_zone
        self._playbooks = playbooks
        self._topics = topics
        self._brief = brief

    def page(self, id: str, language: Language) -> Page | None:
        """The playbook in a language, as `Playbooks.page` finds it."""
        return self._playbooks.page(id, language)

    def knows(self, id: str) -> bool:
        """Whether there is a playbook of that id."""
        return id in self._playbooks

    def values(self, incident: Incident, language: Language) -> dict[str, str]:
        """The variables of a playbook, as they are for the incident now."""
        briefing = self._brief(incident.topic, gravest_alert(incident))
        return playbook_values(incident, briefing, language=language, time_zone=self._time_zone)

    def view(self, incident: Incident, language: Language) -> PlaybookView | None:
        """The incident's playbook as it reads now; for BuzzGuard's own troubles never the generic one."""
        page = self.page(incident.playbook, language)
        if page is None or (incident.topic == WATCHER_TOPIC and incident.playbook not in self._playbooks):
            return None
        # A page that stands in for a missing language speaks its own.
        return self._playbooks.view(incident.playbook, page.language, self.values(incident, page.language))

    def declared(self, topic: str, *, drill: bool = False) -> str:
        """The playbook of an incident that people declare without one; of a drill by the topic's role alone."""
        said = None if drill else self._brief(topic, None).said
        return self._by_role_or_theme(GENERIC, topic, said)

    def first(self, alert: Alert) -> str:
        """The playbook of an incident that opens with this alert."""
        if alert.topic == WATCHER_TOPIC:
            return alert.playbook or WATCHER_PLAYBOOK
        named = alert.playbook or GENERIC
        if self._playbooks.specificity(named) > 1:
            return named
        return self._by_role_or_theme(named, alert.topic, self._brief(alert.topic, alert).said)

    def _by_role_or_theme(self, named: str, topic: str, said: Said | None) -> str:
        themes = [(theme.theme, theme.share) for theme in said.themes] if said is not None else []
        settings = self._topics.get(topic)
        return self._playbooks.choose(named, themes, settings.role if settings is not None else "")

    def graver(self, current: str, alert: Alert) -> str:
        """The playbook of an incident that has `current`, once a graver alert came: that alert's, unless it is less
        specific. People are not sent back from what fits to what fits everything."""
        if not alert.playbook and current:
            return current
        chosen = self.first(alert)
        return chosen if self._playbooks.specificity(chosen) >= self._playbooks.specificity(current) else current
