"""The score of an exercise, from what is stored of it and what the configuration asks for."""

from __future__ import annotations

from buzzguard.cli.mention_acts import Desk
from buzzguard.errors import ConfigError
from buzzguard.respond.playbooks import load_playbooks
from buzzguard.respond.runs import playbook_of
from buzzguard.review.drills import Score, score_of
from buzzguard.store.recalling import Recalled


def scored(desk: Desk, recalled: Recalled) -> Score:
    """The score of an exercise under this configuration."""
    incident = recalled.incident
    try:
        playbooks = load_playbooks([desk.base / folder / "playbooks" for folder in desk.settings.rules])
        page = playbooks.page(playbook_of(incident), desk.language)
    except ConfigError:
        page = None
    speaks = bool(incident.drafts) or (page is not None and bool(page.statements))
    return score_of(recalled, desk.settings.policies.get(incident.policy), speaks=speaks, now=desk.now)
