"""A rule, its status, and its schema for editors."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.rule import Status, rule_schema
from buzzguard.decide.vocabulary import TopicFacts
from buzzguard.model import Severity
from tests.decide.scenes import RULE, rules_in


@pytest.mark.parametrize(
    ("status", "severity", "raises"),
    [
        ("stable", Severity.ORANGE, [Severity.RED]),
        ("test", Severity.ORANGE, []),
        ("experimental", Severity.YELLOW, []),
    ],
)
def test_a_rule_on_trial_is_held_back(tmp_path: Path, status: str, severity: Severity, raises: list[Severity]) -> None:
    [rule] = rules_in(tmp_path, RULE.replace("status: stable", f"status: {status}"))
    assert rule.severity is severity
    assert [raised.severity for raised in rule.raises] == raises


def test_without_a_status_a_rule_is_on_trial(tmp_path: Path) -> None:
    [rule] = rules_in(tmp_path, RULE.replace("status: stable\n", ""))
    assert rule.file.status is Status.EXPERIMENTAL


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ('role in ["brand", "product"]', True),
        ('role == "competitor"', False),
        ('owner == "legal"', True),
        ('id.startsWith("ac")', True),
        ('labels.country == "fr"', True),
        ('labels.city == "Lyon"', False),
        ('"city" in labels', False),
    ],
)
def test_a_selector_chooses_topics(tmp_path: Path, selector: str, selected: bool) -> None:
    [rule] = rules_in(tmp_path, RULE + f"topics: {selector!r}\n")
    acme = TopicSettings(name="Acme", query="acme", role="product", owner="legal", labels={"country": "fr"})
    assert rule.selects(TopicFacts("acme", acme)) is selected


def test_the_schema_knows_every_key_and_shows_durations_as_people_write_them() -> None:
    schema = rule_schema()
    assert schema["properties"].keys() >= {"id", "when", "for", "keep_firing_for", "raise", "status"}
    assert schema["properties"]["windows"]["default"] == ["5m", "15m", "1h", "3h", "6h", "1d"]
    assert schema["properties"]["for"]["default"] == "0s"
    assert schema["additionalProperties"] is False
