"""Which of river's learners tells namesakes best: `python -m tests.bench.homonyms [--json]`.

A made set of four brands, forty sentences each; after 10, 20 and 30 clicks the others are judged, over twelve orders.
Only words that were clicked before count. `accuracy` counts what is undecided as half, `log_loss` is the mean over all
texts; `AboutUs` is the whole judge, without settings: `dropped` is the share of namesakes it would drop, `wrong` the
share of its drops that were ours.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from buzzguard.config.understanding import AboutSettings
from buzzguard.understand.fold import fold
from buzzguard.understand.homonyms import AboutUs, Click, _stems
from tests.understand.homonyms import NAMESAKES

CLICKS = (10, 20, 30)
ORDERS = 12
Ask = Callable[[str], float]


def streams() -> Iterator[list[tuple[str, bool]]]:
    """The sentences of each brand in several orders."""
    for ours, others in NAMESAKES.values():
        for seed in range(ORDERS):
            stream = [(fold(text), True) for text in ours] + [(fold(text), False) for text in others]
            random.Random(seed).shuffle(stream)
            yield stream


def river(make: Callable[[], Any]) -> Callable[[list[tuple[str, bool]]], Ask]:
    """A learner of river as a judge: the log-odds of words seen before."""

    def taught(clicks: list[tuple[str, bool]]) -> Ask:
        model, seen = make(), set[str]()
        for text, ours in clicks:
            seen |= _stems(text).keys()
            model.learn_one(dict.fromkeys(_stems(text), 1), ours)

        def ask(text: str) -> float:
            return sum(_weight(model, stem) for stem in _stems(text) if stem in seen)

        return ask

    return taught


def _weight(model: Any, stem: str) -> float:
    if hasattr(model, "p_feature_given_class"):
        ratio = model.p_feature_given_class(stem, True) / model.p_feature_given_class(stem, False)
        return max(-2.0, min(2.0, math.log(ratio)))
    return float(model.weights.get(stem, 0.0))


def learners() -> dict[str, Callable[[], Any]]:
    """Those compared."""
    linear_model, naive_bayes, optim = (
        import_module(f"river.{name}") for name in ("linear_model", "naive_bayes", "optim")
    )
    return {
        "MultinomialNB": lambda: naive_bayes.MultinomialNB(alpha=0.3),
        "BernoulliNB": lambda: naive_bayes.BernoulliNB(alpha=0.3),
        "LogisticRegression SGD": lambda: linear_model.LogisticRegression(optim.SGD(0.1)),
        "LogisticRegression AdaGrad": lambda: linear_model.LogisticRegression(optim.AdaGrad(1.0)),
        "PAClassifier": lambda: linear_model.PAClassifier(C=1.0, mode=1),
    }


def judged(teach: Callable[[list[tuple[str, bool]]], Ask], clicks: int) -> dict[str, float]:
    """Accuracy and log loss after so many clicks."""
    right, loss, count = 0.0, 0.0, 0
    for stream in streams():
        ask = teach(stream[:clicks])
        for text, ours in stream[clicks:]:
            odds = ask(text)
            right += 0.5 if odds == 0 else float((odds > 0) == ours)
            loss += math.log1p(math.exp(-odds if ours else odds))
            count += 1
    return {"accuracy": round(right / count, 3), "log_loss": round(loss / count, 3)}


def whole(clicks: int) -> dict[str, float]:
    """What the judge of a topic would drop."""
    dropped, wrong, others = 0, 0, 0
    for stream in streams():
        about = AboutUs(AboutSettings())
        for text, ours in stream[:clicks]:
            about.learn(Click(mention=text, text=text, ours=ours))
        for text, ours in stream[clicks:]:
            drop = about.judge(text).not_about_us
            dropped, wrong, others = dropped + drop, wrong + (drop and ours), others + (not ours)
    return {"dropped": round((dropped - wrong) / others, 3), "wrong": round(wrong / max(1, dropped), 3)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Telling namesakes apart.")
    parser.add_argument("--json", action="store_true", dest="as_json")
    as_json = parser.parse_args().as_json
    rows = {name: {str(n): judged(river(make), n) for n in CLICKS} for name, make in learners().items()}
    rows["AboutUs"] = {str(n): whole(n) for n in CLICKS}
    if as_json:
        print(json.dumps(rows))
        return
    for name, row in rows.items():
        print(f"{name:<28}", *(f"{n} clicks {figures}" for n, figures in row.items()), sep="\n   ")


if __name__ == "__main__":
    main()
