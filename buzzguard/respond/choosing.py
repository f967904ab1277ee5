"""Which playbook an incident has: the one its rule names, or one about what its mentions say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from buzzguard.config.settings import TopicSettings
from buzzguard.model import WATCHER_TOPIC, Alert, Briefing, Incident, Language
from buzzguard.respond.incident import gravest_alert
from buzzguard.respond.playbooks import GENERIC, Page, Playbooks

WATCHER_PLAYBOOK = "stream-silence"
Brief = Callable[[str, Alert | None], Briefing]


class Choice:
    """Chooses playbooks in one turn: `brief` tells what the mentions say at this instant."""

    def __init__(self, playbooks: Playbooks, topics: Mapping[str, TopicSettings], brief: Brief) -> None:
        self._playbooks = playbooks
        self._topics = topics
        self._brief = brief

    def page(self, id: str, language: Language) -> Page | None:
        """The playbook in a language, as `Playbooks.page` finds it."""
        return self._playbooks.page(id, language)

    def knows(self, id: str) -> bool:
        """Whether there is a playbook of that id."""
        return id in self._playbooks

    def briefing(self, incident: Incident) -> Briefing:
        """What is known of the incident's topic now."""
        return self._brief(incident.topic, gravest_alert(incident))

    def first(self, alert: Alert) -> str:
        """The playbook of an incident that opens with this alert."""
        if alert.topic == WATCHER_TOPIC:
            return alert.playbook or WATCHER_PLAYBOOK
        named = alert.playbook or GENERIC
        if self._playbooks.specificity(named) > 1:
            return named
        said = self._brief(alert.topic, alert).said
        themes = [(theme.theme, theme.share) for theme in said.themes] if said is not None else []
        settings = self._topics.get(alert.topic)
        return self._playbooks.choose(named, themes, settings.role if settings is not None else "")

    def graver(self, current: str, alert: Alert) -> str:
        """The playbook of an incident that has `current`, once a graver alert came: that alert's, unless it is less
        specific. People are not sent back from what fits to what fits everything."""
        if not alert.playbook and current:
            return current
        chosen = self.first(alert)
        return chosen if self._playbooks.specificity(chosen) >= self._playbooks.specificity(current) else current
