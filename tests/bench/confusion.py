"""How often a scorer errs: `python -m tests.bench.confusion FOLDER [--scorer vader] [--split val] [--json]`.

FOLDER is laid out as UMSAB is: `<language>/<split>_text.txt`, one text a line, and `<split>_labels.txt` (0 negative,
1 neutral, 2 positive). Recall is the share of negative texts recognised, false positives the share of the others taken
for negative; each text weighs the scorer's confidence, as in `Samples.voices`, and, beside it, each weighs the same.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from buzzguard import plugins
from buzzguard.model import Polarity, Sentiment, Text
from buzzguard.ports import Scorer
from buzzguard.understand.normalise import plain_text

LANGUAGES = {"english": "en", "french": "fr"}
_NEGATIVE = "0"
Judgement = tuple[bool, Sentiment]
"""Whether a text is negative, and what the scorer says."""


def read(folder: Path, split: str) -> list[tuple[bool, str]]:
    """The texts of one language. Raises ValueError when texts and labels do not match."""
    labels = (folder / f"{split}_labels.txt").read_text(encoding="utf-8").split()
    texts = (folder / f"{split}_text.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    if len(labels) != len(texts):
        raise ValueError(f"{folder}: {len(texts)} texts, but {len(labels)} labels")
    return [(label == _NEGATIVE, text) for label, text in zip(labels, texts, strict=True)]


def judged(scorer: Scorer, texts: Iterable[tuple[bool, str]], language: str) -> list[Judgement]:
    """What the scorer says of each text."""
    labels, bodies = zip(*texts, strict=True)
    sentiments = scorer.score([Text(text=plain_text(body), language=language) for body in bodies])
    return list(zip(labels, sentiments, strict=True))


def confusion(judgements: Iterable[Judgement]) -> dict[str, float]:
    """Recall and false positives, weighed by confidence and each alike."""
    sums = {(negative, what): 0.0 for negative in (True, False) for what in ("all", "found", "weight", "weight_found")}
    for negative, sentiment in judgements:
        found = sentiment.polarity is Polarity.NEGATIVE
        sums[negative, "all"] += 1
        sums[negative, "found"] += found
        sums[negative, "weight"] += sentiment.confidence
        sums[negative, "weight_found"] += sentiment.confidence * found
    return {
        "texts": sums[True, "all"] + sums[False, "all"],
        "recall": sums[True, "weight_found"] / sums[True, "weight"],
        "false_positives": sums[False, "weight_found"] / sums[False, "weight"],
        "recall_alike": sums[True, "found"] / sums[True, "all"],
        "false_positives_alike": sums[False, "found"] / sums[False, "all"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scorer", default="vader")
    parser.add_argument("--split", default="val")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    scorer: Scorer = plugins.load("scorer", given.scorer)()
    languages = {name: judged(scorer, read(given.folder / name, given.split), code) for name, code in LANGUAGES.items()}
    languages["both"] = [one for several in languages.values() for one in several]
    figures = {name: {key: round(value, 3) for key, value in confusion(js).items()} for name, js in languages.items()}
    if given.json:
        print(json.dumps(figures))
        return
    for name, numbers in figures.items():
        print(f"{name:<10}" + "  ".join(f"{key} {value:g}" for key, value in numbers.items()))


if __name__ == "__main__":
    main()
