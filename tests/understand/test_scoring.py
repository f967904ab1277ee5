"""Which texts are read how well: bounded by event time, made good when there is room, read again before an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Confusion, Mention, Polarity, ScoredMention, Sentiment, Text
from buzzguard.understand.scoring import LOOK_BACK, MOST_AGAIN, SAVED, WORK_A_SECOND, Cascade, Scoring
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


def test_the_double_is_what_the_stage_takes_for_a_cascade() -> None:
    assert isinstance(TwoTiers(), Cascade)


def test_a_burst_beyond_the_allowed_work_is_provisional_and_says_so() -> None:
    scoring = Scoring(TwoTiers())
    saved = _afforded(SAVED.total_seconds())
    counted = _take(scoring, saved + 10, NOW)
    assert [one.sentiment.tier for one in counted].count("quick") == 10
    assert scoring.provisional("acme", NOW - LOOK_BACK) == 10
    assert scoring.provisional("rival", NOW - LOOK_BACK) == 0
    assert scoring.take_stepped() == (Stepped(down=True, tier="default", texts=10),)
    assert scoring.take_stepped() == ()


def test_the_same_instant_allows_nothing_more_and_a_second_later_some() -> None:
    scoring = Scoring(TwoTiers())
    _take(scoring, _afforded(SAVED.total_seconds()), NOW)
    assert {one.sentiment.tier for one in _take(scoring, 5, NOW, first=10**6)} == {"quick"}
    later = _take(scoring, 2 * _afforded(1.0), NOW + timedelta(seconds=1), first=2 * 10**6)
    assert [one.sentiment.tier for one in later].count("default") == _afforded(1.0)


def test_what_was_provisional_is_settled_when_there_is_room() -> None:
    scoring = Scoring(TwoTiers())
    counted = _take(scoring, _afforded(SAVED.total_seconds()) + 3, NOW)
    assert scoring.settle(NOW) == []
    settled = scoring.settle(NOW + timedelta(seconds=10))
    assert [before for before, _ in settled] == counted[-3:]
    for before, sentiment in settled:
        scoring.amended(replace(before, sentiment=sentiment))
    assert scoring.provisional("acme", NOW - LOOK_BACK) == 0


def test_before_an_alarm_each_doubtful_text_is_read_once_by_the_best_tier() -> None:
    cascade = TwoTiers()
    scoring = Scoring(cascade)
    _take(scoring, _afforded(SAVED.total_seconds()) + MOST_AGAIN + 5, NOW)
    again = scoring.look_again("acme")
    assert len(again) == MOST_AGAIN
    for before, sentiment in again:
        scoring.amended(replace(before, sentiment=sentiment))
    assert len(scoring.look_again("acme")) == 5
    assert len(set(cascade.asked_again)) == len(cascade.asked_again)
    assert scoring.look_again("rival") == []


def test_what_is_old_is_not_held() -> None:
    scoring = Scoring(TwoTiers())
    _take(scoring, _afforded(SAVED.total_seconds()) + 3, NOW)
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
