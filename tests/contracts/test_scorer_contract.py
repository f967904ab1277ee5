"""What every scorer promises, held for every one that BuzzGuard finds by name."""

from __future__ import annotations

import pytest

from buzzguard import plugins
from buzzguard.model import Text
from buzzguard.ports import Scorer
from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable

TEXTS = [
    Text(text="I hate this terrible company", language="en"),
    Text(text="J’adore cette marque !", language="fr"),
    Text(text="Bahnhofstraße 4", language="de"),
    Text(text=""),
    Text(text="😡 " * 500),
    Text(text="\ud800 \x00 <b>", language="zz"),
]


@pytest.fixture(scope="module", params=plugins.names("scorer"))
def scorer(request: pytest.FixtureRequest) -> Scorer:
    try:
        made: Scorer = plugins.load("scorer", str(request.param))()
    except WeightsUnreadable as error:
        if error.reason == "weights_missing":
            pytest.skip(f"not trained yet: {error}")
        raise
    return made


def test_one_sentiment_for_each_text_in_order_and_the_same_again(scorer: Scorer) -> None:
    together = scorer.score(TEXTS)
    assert together == scorer.score(TEXTS) == [scorer.score([text])[0] for text in TEXTS]
    assert scorer.score([]) == []


def test_values_and_confidence_keep_their_bounds(scorer: Scorer) -> None:
    for sentiment in scorer.score(TEXTS):
        assert -1 <= sentiment.value <= 1
        assert 0 <= sentiment.confidence <= 1


def test_it_says_how_often_it_errs(scorer: Scorer) -> None:
    assert 0 <= scorer.confusion.false_positives < scorer.confusion.recall <= 1
