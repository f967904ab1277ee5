"""Playing a test without the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.decide.rehearse import rehearse, topic_settings
from buzzguard.decide.rule_tests import RuleTest
from tests.decide.scenes import RULE, rules_in


def test_a_test_of_mentions_is_not_played_against_rules_alone() -> None:
    test = RuleTest.model_validate({"name": "x", "mentions": [{"text": "acme"}], "expect": [{"at": "1m"}]})
    with pytest.raises(ValueError, match="through the pipeline"):
        rehearse([], test)


def test_the_topic_of_a_test_is_one_that_rules_can_select() -> None:
    data = {"name": "x", "topic": {"role": "executive"}, "mentions": [{"text": "acme"}], "expect": [{"at": "1m"}]}
    assert topic_settings(RuleTest.model_validate(data)).role == "executive"


@pytest.mark.parametrize(("window", "fires"), [({"share": 0.6}, True), ({"share": 0.4}, False), ({}, True)])
def test_a_share_is_what_the_test_says_or_else_the_negative_mentions_in_all(
    tmp_path: Path, window: dict[str, float], fires: bool
) -> None:
    """The score of a test follows from its return period alone."""
    rule = RULE.replace("negative.once_per > days(90) &&", "share.value >= 0.5 && crisis.value >= 2 &&")
    series = {"window": "1h", "volume": 20, "negative": 12, "once_per": {"crisis": "100d"}, **window}
    test = RuleTest.model_validate({"name": "x", "windows": [series], "expect": [{"at": "5m"}]})
    assert bool(rehearse(rules_in(tmp_path, rule), test)) is fires
