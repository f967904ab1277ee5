"""Every name that a condition may use can be read, and README teaches exactly these."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from buzzguard.decide.reference import tables
from buzzguard.decide.vocabulary import TopicFacts, TopicValues, selector_values, stream_values, variables
from buzzguard.model import Signal
from tests.decide.scenes import ACME, SHIPPED, health, judged

FACTS = TopicFacts("acme", ACME["acme"])


@pytest.mark.parametrize("name", sorted(variables("topic")))
def test_every_name_of_a_topic_can_be_read(name: str) -> None:
    assert TopicValues(judged(), FACTS)[name] is not None


def test_every_name_of_a_stream_and_of_a_selector_can_be_read() -> None:
    assert stream_values(health()).keys() == variables("stream").keys()
    assert selector_values(FACTS).keys() == variables("selector").keys()


@pytest.mark.parametrize(("heading", "table"), tables().items())
def test_the_readme_holds_every_table(heading: str, table: str) -> None:
    assert f"### {heading}\n\n{table}\n" in (SHIPPED / "README.md").read_text(encoding="utf-8"), (
        f"write the table `{heading}` of `buzzguard rules names` into rules/README.md"
    )


def test_the_ratio_of_a_share_is_not_the_share_itself() -> None:
    """Every share is below one: were its expectation taken for one, the ratio would say nothing."""
    tense = judged({"voices": 10_000, "hostile": 6_000})
    usual = replace(tense.assessments[Signal.SHARE], expected=0.2)
    values = TopicValues(replace(tense, assessments={**tense.assessments, Signal.SHARE: usual}), FACTS)
    assert values["share.ratio"] == pytest.approx(3.0)
