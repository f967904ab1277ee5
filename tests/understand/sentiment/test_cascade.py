"""The cascade: who scores what within a budget, what it says of it, and what waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.model import Sentiment, Text
from buzzguard.understand.sentiment import cascade
from buzzguard.understand.sentiment.cascade import COSTS, Budget, CascadeScorer, Stepped
from tests.understand.sentiment.made_up import BAD, DULL, GOOD

TORN = "xyz"
"""A text of which no tier is certain."""
POSSIBLE = [BAD, GOOD, DULL, TORN, "", f"{BAD} {GOOD}", "zut"]


def texts(*bodies: str) -> list[Text]:
    return [Text(text=body) for body in bodies]


def scorer(folder: Path, accurate: Path | None, units: int = 100_000) -> CascadeScorer:
    return CascadeScorer(folder, accurate, budget=Budget(units=units))


def tiers(sentiments: list[Sentiment] | tuple[Sentiment, ...]) -> list[str]:
    return [one.tier for one in sentiments]


def test_the_default_tier_takes_all_and_the_accurate_what_is_uncertain(folder: Path, accurate_folder: Path) -> None:
    found = scorer(folder, accurate_folder).judge(texts(BAD, TORN, GOOD), ["a", "b", "c"])
    assert tiers(found.sentiments) == ["default", "accurate", "default"]
    assert (found.provisional, found.stepped) == ((), ())


def test_in_a_burst_the_least_certain_come_first_and_the_rest_waits(folder: Path, accurate_folder: Path) -> None:
    cascade = scorer(folder, accurate_folder, units=2 * COSTS["default"])
    found = cascade.judge(texts(BAD, TORN, GOOD, "zut"), ["a", "b", "c", "d"])
    assert tiers(found.sentiments) == ["quick", "default", "quick", "default"]
    # The two uncertain ones were worth the accurate tier as well.
    assert found.provisional == (0, 1, 2, 3)
    assert found.stepped == (
        Stepped(down=True, tier="default", texts=2),
        Stepped(down=True, tier="accurate", texts=2),
    )
    assert {one.key for one in cascade.pending} == {"a", "b", "c", "d"}


def test_it_says_once_that_it_is_up_again(folder: Path, accurate_folder: Path) -> None:
    cascade = scorer(folder, accurate_folder, units=COSTS["default"])
    cascade.judge(texts(BAD, BAD), ["a", "b"])
    assert cascade.judge(texts(BAD), ["c"]).stepped == (Stepped(down=False, tier="default"),)
    assert cascade.judge(texts(BAD), ["d"]).stepped == ()


def test_what_waits_is_settled_when_there_is_room_least_certain_first(folder: Path, accurate_folder: Path) -> None:
    cascade = scorer(folder, accurate_folder, units=0)
    cascade.judge(texts(BAD, TORN, GOOD), ["a", "b", "c"])
    one_text = sum(COSTS.values())
    assert cascade.catch_up(one_text - 1) == []
    (first,) = cascade.catch_up(one_text)
    assert (first.key, first.sentiment.tier) == ("b", "accurate")
    rest = cascade.catch_up(10 * one_text)
    assert sorted((one.key, one.sentiment.tier) for one in rest) == [("a", "default"), ("c", "default")]
    assert cascade.pending == ()


def test_what_is_judged_anew_waits_no_longer(folder: Path, accurate_folder: Path) -> None:
    cascade = scorer(folder, accurate_folder, units=COSTS["default"])
    cascade.judge(texts(BAD, BAD), ["a", "b"])
    assert [one.key for one in cascade.pending] == ["b"]
    cascade.judge(texts(BAD), ["b"])
    assert cascade.pending == ()


def test_what_waits_is_bounded_and_the_oldest_goes_first(
    folder: Path, accurate_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cascade, "MOST_PENDING", 2)
    burst = scorer(folder, accurate_folder, units=0)
    burst.judge(texts(BAD, GOOD, DULL), ["a", "b", "c"])
    assert [one.key for one in burst.pending] == ["b", "c"]


def test_for_an_alert_every_text_gets_the_best_tier_whatever_the_budget(folder: Path, accurate_folder: Path) -> None:
    best = scorer(folder, accurate_folder, units=0).rescore(texts(BAD, TORN, ""))
    assert tiers(best) == ["accurate", "accurate", "quick"]
    assert best[2].unsure


def test_it_works_with_the_tiers_there_are(folder: Path, tmp_path: Path) -> None:
    without = scorer(folder, tmp_path / "nothing")
    assert without.tiers == ("quick", "default")
    assert [(one.tier, one.reason) for one in without.missing] == [("accurate", "weights_missing")]
    assert tiers(without.rescore(texts(TORN))) == ["default"]
    assert tiers(without.quick(texts(BAD))) == ["quick"]
    packaged = CascadeScorer(folder)
    assert [one.reason for one in packaged.missing] in ([], ["not_installed"])


def test_each_text_needs_its_key(folder: Path) -> None:
    with pytest.raises(ValueError, match="2 texts, but 1 keys"):
        scorer(folder, None).judge(texts(BAD, GOOD), ["a"])
    with pytest.raises(ValueError, match="budget"):
        Budget(units=-1)


@pytest.fixture(scope="module")
def shared(folder: Path, accurate_folder: Path) -> CascadeScorer:
    return scorer(folder, accurate_folder)


@settings(max_examples=30, deadline=None)
@given(bodies=st.lists(st.sampled_from(POSSIBLE), max_size=12), units=st.integers(0, 700))
def test_laws_of_the_budget(shared: CascadeScorer, bodies: list[str], units: int) -> None:
    cascade = shared
    cascade.budget = Budget()
    ample = cascade.score(texts(*bodies))
    cascade.budget = Budget(units=units)
    keys = [str(number) for number in range(len(bodies))]
    found = cascade.judge(texts(*bodies), keys)
    stepped = [one for one in found.stepped if one.down]
    # Work done stays within the budget: an accurate answer stands on a default one.
    done = tiers(found.sentiments)
    assert COSTS["default"] * (done.count("default") + done.count("accurate")) + COSTS["accurate"] * done.count(
        "accurate"
    ) <= max(units, 0)
    # What waits is what was told as provisional, and no more is told than what lacks room.
    assert {one.key for one in cascade.pending} == {keys[place] for place in found.provisional}
    assert bool(stepped) == bool(found.provisional)
    # The port says the same, and settled texts are answered as with all the room there is.
    assert list(found.sentiments) == cascade.score(texts(*bodies))
    settled = set(range(len(bodies))) - set(found.provisional)
    assert all(found.sentiments[place] == ample[place] for place in settled)
    # When there is room, everything is.
    later = {one.key: one.sentiment for one in cascade.catch_up(10_000)}
    assert all(later[keys[place]] == ample[place] for place in found.provisional)
