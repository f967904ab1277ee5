"""Which playbook an incident has, and keeps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from buzzguard.config.settings import TopicSettings
from buzzguard.model import WATCHER_TOPIC, Alert, Briefing, Said, Severity, ThemeShare
from buzzguard.respond.choosing import Choice
from buzzguard.respond.playbooks import Playbooks, load_playbooks
from buzzguard.respond.stage import Responder
from tests.respond.scene import NOW, POLICIES, RECEIVERS, make_alert

TOPICS = {
    "lumio": TopicSettings(name="Lumio", query="lumio"),
    "voltea": TopicSettings(name="Voltéa", query="voltea", role="competitor"),
}


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load_playbooks([Path(__file__).parents[2] / "rules" / "playbooks"])


class Talk:
    """What the mentions are about, as the story turns it; counts how often it was asked."""

    def __init__(self, **shares: float) -> None:
        self.shares = shares
        self.asked = 0

    def __call__(self, topic: str, alert: Alert | None) -> Briefing:
        self.asked += 1
        themes = tuple(
            ThemeShare(theme=theme, share=share, title={"en": theme.title(), "fr": theme.title()})
            for theme, share in self.shares.items()
        )
        said = Said(span=timedelta(hours=1), mentions=20, themes=themes)
        return Briefing(topic=topic, topic_name=topic.title(), at=NOW, said=said)


def alert(playbook: str = "", topic: str = "lumio", severity: Severity = Severity.ORANGE) -> Alert:
    """An alert whose rule names that playbook."""
    return replace(make_alert(f"rule-{playbook}", topic=topic, severity=severity), playbook=playbook)


def test_the_leading_theme_chooses(playbooks: Playbooks) -> None:
    choice = Choice(playbooks, TOPICS, Talk(data=0.6))
    assert choice.first(alert("bad-buzz")) == choice.first(alert("critical-words")) == choice.first(alert())
    assert choice.first(alert()) == "data-leak"


def test_a_rule_that_names_something_specific_is_not_asked_again(playbooks: Playbooks) -> None:
    talk = Talk(data=0.6)
    assert Choice(playbooks, TOPICS, talk).first(alert("influencer")) == "influencer"
    assert talk.asked == 0


def test_a_competitor_has_a_playbook_of_its_own(playbooks: Playbooks) -> None:
    assert Choice(playbooks, TOPICS, Talk(data=0.9)).first(alert("bad-buzz", "voltea")) == "competitor"


def test_our_own_trouble_is_about_no_theme(playbooks: Playbooks) -> None:
    choice = Choice(playbooks, TOPICS, Talk(data=1.0))
    assert choice.first(alert(topic=WATCHER_TOPIC)) == "stream-silence"
    assert choice.first(alert("disk-full", WATCHER_TOPIC)) == "disk-full"


@pytest.mark.parametrize(
    ("current", "graver", "then"),
    [
        ("bad-buzz", "critical-words", "critical-words"),
        ("critical-words", "bad-buzz", "critical-words"),
        ("data-leak", "bad-buzz", "data-leak"),
        ("data-leak", "critical-words", "data-leak"),
        ("data-leak", "influencer", "influencer"),
        ("data-leak", "", "data-leak"),
        ("", "", "bad-buzz"),
    ],
)
def test_a_graver_alert_never_leads_back_to_something_more_general(
    current: str, graver: str, then: str, playbooks: Playbooks
) -> None:
    assert Choice(playbooks, TOPICS, Talk()).graver(current, alert(graver)) == then


def test_the_theme_that_shows_later_changes_the_playbook_when_it_grows_graver(playbooks: Playbooks) -> None:
    talk = Talk(service=0.5)
    responder = Responder(
        topics=TOPICS,
        policies=POLICIES,
        receivers=RECEIVERS,
        playbooks=playbooks,
        language="en",
        time_zone="UTC",
        resolve_after=timedelta(hours=2),
    )
    (opened,) = responder.respond([alert("bad-buzz")], [], talk, NOW).incidents
    assert opened.playbook == "bad-buzz"
    talk.shares = {"product-safety": 0.4}
    told = responder.respond([alert("critical-words", severity=Severity.RED)], [], talk, NOW + timedelta(minutes=5))
    assert [incident.playbook for incident in told.incidents] == ["product-safety"]
    cards = [one.card for one in told.notifications]
    assert cards and all(card.playbook is not None and card.playbook.id == "product-safety" for card in cards)
