"""A test of mentions goes through the whole pipeline: words are read, a baseline learned, a rule applied."""

from __future__ import annotations

from buzzguard.cli.rule_play import play_mentions
from buzzguard.decide.loader import load_rules
from buzzguard.decide.rule_tests import START, RuleTest
from buzzguard.model import AlertState
from tests.decide.scenes import DAY, HOUR, SHIPPED

QUIET = {"repeat": 240, "every": "1h", "text": "Acme opened shop number {n} today", "site": "news{n}.example"}
ATTACK = {"at": "10d", "repeat": 40, "every": "20s", "text": "Acme lied to us, disgusting horrible fraud {n}"}


def play(*mentions: dict[str, object]) -> set[tuple[str, AlertState]]:
    data = {"name": "x", "mentions": mentions, "expect": [{"at": "10d1h"}]}
    test = RuleTest.model_validate(data)
    alerts = play_mentions(load_rules([SHIPPED]), SHIPPED, test)
    assert all(START + 10 * DAY <= alert.at <= START + 10 * DAY + HOUR for alert in alerts)
    return {(alert.rule, alert.state) for alert in alerts}


def test_an_attack_after_quiet_days_is_noticed() -> None:
    assert ("negative-surge", AlertState.FIRING) in play(QUIET, ATTACK)


def test_quiet_days_alone_are_quiet() -> None:
    assert play(QUIET) == set()
