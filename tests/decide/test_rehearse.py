"""Playing a test without the pipeline."""

from __future__ import annotations

import pytest

from buzzguard.decide.rehearse import rehearse, topic_settings
from buzzguard.decide.rule_tests import RuleTest


def test_a_test_of_mentions_is_not_played_against_rules_alone() -> None:
    test = RuleTest.model_validate({"name": "x", "mentions": [{"text": "acme"}], "expect": [{"at": "1m"}]})
    with pytest.raises(ValueError, match="through the pipeline"):
        rehearse([], test)


def test_the_topic_of_a_test_is_one_that_rules_can_select() -> None:
    data = {"name": "x", "topic": {"role": "executive"}, "mentions": [{"text": "acme"}], "expect": [{"at": "1m"}]}
    assert topic_settings(RuleTest.model_validate(data)).role == "executive"
