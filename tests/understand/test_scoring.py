"""Which texts are read how well: bounded by event time, made good when there is room, read again before an alarm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Confusion, Mention, Polarity, ScoredMention, Sentiment, Text
from buzzguard.understand.scoring import (
    AT_ONCE,
    LOOK_BACK,
    MOST_AGAIN,
    MOST_HELD,
    SAVED,
    WORK_A_SECOND,
    Cascade,
    Scoring,
)
from buzzguard.understand.sentiment.cascade import COSTS, Budget, Cascaded, Rescored, Stepped

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EACH = COSTS["default"]


class TwoTiers:
    """A cascade that reads in the order of arrival: `default` while its budget lasts, `quick` beyond."""

    name = "two"
    tiers = ("quick", "default")
    confusion = Confusion()

    def __init__(self) -> None:
        self.budget = Budget()
        self.waiting: dict[str, Text] = {}
        self.asked_again: list[str] = []

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        return [_sentiment("default") for _ in texts]

    def judge(self, texts: Sequence[Text], keys: Sequence[str]) -> Cascaded:
        room = self.budget.units // EACH
        for key, text in list(zip(keys, texts, strict=True))[room:]:
            self.waiting[key] = text
        down = (Stepped(down=True, tier="default", texts=len(texts) - room),) if len(texts) > room else ()
        sentiments = tuple(_sentiment("default" if place < room else "quick") for place in range(len(texts)))
        return Cascaded(sentiments=sentiments, provisional=tuple(range(room, len(texts))), stepped=down)

    def rescore(self, texts: Sequence[Text]) -> list[Sentiment]:
        self.asked_again += [text.text for text in texts]
        return [replace(_sentiment("default"), polarity=Polarity.POSITIVE) for _ in texts]

    def catch_up(self, units: int) -> list[Rescored]:
        settled = [Rescored(key=key, sentiment=_sentiment("default")) for key in list(self.waiting)[: units // EACH]]
        for one in settled:
            del self.waiting[one.key]
        return settled

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.waiting.pop(key, None)


def _sentiment(tier: str) -> Sentiment:
    return Sentiment(value=-0.8, polarity=Polarity.NEGATIVE, confidence=0.8, tier=tier)


def _counted(id: str, sentiment: Sentiment, at: datetime = NOW) -> ScoredMention:
    mention = Mention(id=id, stream="s", source="rss", published=at, fetched=at, text=id)
    return ScoredMention(mention=mention, topics=("acme",), sentiment=sentiment)


def _take(scoring: Scoring, count: int, at: datetime, *, first: int = 0) -> list[ScoredMention]:
    ids = [f"m{first + n}" for n in range(count)]
    found = scoring.score(ids, [Text(text=id) for id in ids], at)
    counted = [_counted(id, sentiment, at) for id, sentiment in zip(ids, found, strict=True)]
    scoring.hold(counted, at)
    return counted


def _afforded(seconds: float) -> int:
    return int(WORK_A_SECOND * seconds) // EACH


MOST = AT_ONCE // EACH


def _spent() -> tuple[Scoring, TwoTiers]:
    """A scoring with nothing saved up any more, all that it took read by the better tier."""
    cascade = TwoTiers()
    scoring = Scoring(cascade)
    whole = int(WORK_A_SECOND * SAVED.total_seconds())
    for turn in range(whole // AT_ONCE):
        _take(scoring, MOST, NOW, first=10**7 + turn * 10**5)
    _take(scoring, (whole - whole // AT_ONCE * MOST * EACH) // EACH, NOW, first=10**8)
    return scoring, cascade


def test_the_double_is_what_the_stage_takes_for_a_cascade() -> None:
    assert isinstance(TwoTiers(), Cascade)


def test_a_burst_beyond_what_one_call_may_cost_is_provisional_and_says_so_once() -> None:
    scoring = Scoring(TwoTiers())
    counted = _take(scoring, MOST + 10, NOW)
    assert [one.sentiment.tier for one in counted].count("quick") == 10
    assert scoring.provisional("acme", NOW - LOOK_BACK) == 10
    assert scoring.provisional("rival", NOW - LOOK_BACK) == 0
    assert scoring.take_stepped() == (Stepped(down=True, tier="default", texts=10),)
    _take(scoring, MOST + 20, NOW, first=10**6)
    assert scoring.take_stepped() == ()


def test_what_was_saved_up_is_spent_and_a_second_allows_some_more() -> None:
    scoring, _ = _spent()
    assert {one.sentiment.tier for one in _take(scoring, 5, NOW, first=1)} == {"quick"}
    later = _take(scoring, 2 * _afforded(1.0), NOW + timedelta(seconds=1), first=100)
    assert abs([one.sentiment.tier for one in later].count("default") - _afforded(1.0)) <= 1


def test_what_was_provisional_is_settled_when_there_is_room_half_a_second_of_work_at_a_time() -> None:
    scoring, cascade = _spent()
    counted = _take(scoring, MOST + 3, NOW)
    assert scoring.settle(NOW) == []
    later = NOW + SAVED
    settled = scoring.settle(later)
    assert [before for before, _ in settled] == counted[:MOST]
    settled += scoring.settle(later)
    assert [before for before, _ in settled] == counted
    for before, sentiment in settled:
        scoring.amended(replace(before, sentiment=sentiment))
    assert scoring.provisional("acme", NOW - LOOK_BACK) == 0
    assert cascade.waiting == {}


def test_before_an_alarm_each_doubtful_text_is_read_once_by_the_best_tier() -> None:
    scoring, cascade = _spent()
    _take(scoring, MOST_AGAIN + 5, NOW)
    again = scoring.look_again("acme")
    assert len(again) == MOST_AGAIN
    for before, sentiment in again:
        scoring.amended(replace(before, sentiment=sentiment))
    assert len(scoring.look_again("acme")) == 5
    assert len(set(cascade.asked_again)) == len(cascade.asked_again)
    assert scoring.look_again("rival") == []


def test_of_more_than_can_be_held_the_oldest_are_let_go() -> None:
    scoring, _ = _spent()
    for turn in range(3):
        _take(scoring, MOST_HELD // 2, NOW, first=turn * 10**5)
        assert len(scoring.look_again("acme")) == MOST_AGAIN
    assert scoring.provisional("acme", NOW - LOOK_BACK) == MOST_HELD


def test_what_is_old_is_not_held() -> None:
    scoring, _ = _spent()
    _take(scoring, 3, NOW)
    scoring.hold([], NOW + LOOK_BACK + timedelta(minutes=1))
    assert scoring.look_again("acme") == []


def test_a_scorer_of_one_tier_only_scores() -> None:
    class One:
        name = "one"
        confusion = Confusion()

        def score(self, texts: Sequence[Text]) -> list[Sentiment]:
            return [_sentiment("") for _ in texts]

    scoring = Scoring(One())
    counted = _take(scoring, 3, NOW)
    assert len(counted) == 3
    assert scoring.settle(NOW) == scoring.look_again("acme") == []
    assert scoring.provisional("acme", NOW) == 0
