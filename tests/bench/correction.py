"""What clicks gain: `python -m tests.bench.correction FILE [--umsab FOLDER] [--weights FOLDER] [--people N] [--json]`.

FILE is the airline set (JSON lines, gzip or not, `text` and `sentiment`). A fixed third of its texts is held out; of
the others 20, 50 and 100 are clicked, in an order of their hashes, by one analyst who leads or by N people in turn.
Told are, after each number of clicks: macro-F1 of three sides, precision and F1 of the negative one, the calibration
error (ten bins), and with `--umsab` the macro-F1 on the validation tweets of UMSAB, which corrections are to leave as
they were. The figures are means over five orders.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from buzzguard.telemetry import configure_logging
from buzzguard.understand.correction import Click, Correction, Side
from buzzguard.understand.normalise import plain_text
from buzzguard.understand.sentiment.cascade import CascadeScorer
from buzzguard.understand.sentiment.probabilities import Logits
from buzzguard.understand.sentiment.weights_folder import SHIPPED

SIDES: tuple[Side, ...] = ("negative", "neutral", "positive")
CLICKS = (0, 20, 50, 100)
ORDERS = 5
LANGUAGES = ("english", "french", "german", "spanish", "italian", "portuguese", "arabic", "hindi")
AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
Labelled = list[tuple[str, int]]
Labels = NDArray[np.int64]


def airline(file: Path) -> Labelled:
    """Texts with their sides, each text once, in the order of their hashes."""
    written = file.read_bytes()
    lines = (gzip.decompress(written) if file.suffix == ".gz" else written).decode().split("\n")
    rows = [json.loads(line) for line in lines if line.strip()]
    texts = {plain_text(row["text"]): SIDES.index(row["sentiment"]) for row in rows}
    return sorted(texts.items(), key=lambda item: blake2b(item[0].encode(), digest_size=8).digest())


def umsab(folder: Path, language: str) -> Labelled:
    """The validation tweets of one language."""
    labels = (folder / language / "val_labels.txt").read_text(encoding="utf-8").split()
    texts = (folder / language / "val_text.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    return [(plain_text(text), int(label)) for text, label in zip(texts, labels, strict=True)]


def macro_f1(probabilities: Logits, labels: Labels) -> float:
    """The mean F1 of the three sides."""
    found = probabilities.argmax(axis=1)
    return float(np.mean([f1(found == side, labels == side) for side in range(3)]))


def f1(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """The harmonic mean of precision and recall."""
    return 2 * int(np.sum(found & true)) / max(1, int(np.sum(found)) + int(np.sum(true)))


def calibration_error(probabilities: Logits, labels: Labels) -> float:
    """How far confidence is from how often it is right, over ten bins of confidence."""
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * 10).astype(int), 9)
    return float(sum(abs(np.sum((confidence - right)[bins == number])) for number in range(10)) / len(labels))


def figures(probabilities: Logits, labels: Labels) -> dict[str, float]:
    """What is told of the held-out texts."""
    found, true = probabilities.argmax(axis=1) == 0, labels == 0
    return {
        "macro_f1": macro_f1(probabilities, labels),
        "negative_precision": int(np.sum(found & true)) / max(1, int(np.sum(found))),
        "negative_f1": f1(found, true),
        "calibration_error": calibration_error(probabilities, labels),
    }


class Bench:
    """The texts, scored once as shipped."""

    def __init__(self, scorer: CascadeScorer, rows: Labelled, general: dict[str, Labelled]) -> None:
        self._scorer = scorer
        self._held_out, self._stream = rows[: len(rows) // 3], rows[len(rows) // 3 :]
        self._general = general
        self._frozen = {name: self._scored(some) for name, some in [("held out", self._held_out), *general.items()]}

    def after(self, clicks: int, order: int, people: int) -> dict[str, float]:
        """The figures after a number of clicks, in one of the orders."""
        correction = Correction(self._scorer.frozen, self._scorer.rarity)
        for number, (text, side) in enumerate(self._stream[order * max(CLICKS) :][:clicks]):
            person = f"person {number % people}"
            click = Click(id=str(number), text=text, person=person, at=AT, side=SIDES[side], lead=people == 1)
            correction.learn(click)
        told = figures(*self._corrected(correction, "held out", self._held_out))
        each = {name: macro_f1(*self._corrected(correction, name, some)) for name, some in self._general.items()}
        if each:
            told |= {
                "umsab_mean": float(np.mean(list(each.values()))),
                **{f"umsab_{name}": each[name] for name in each},
            }
        return told

    def _corrected(self, correction: Correction, name: str, rows: Labelled) -> tuple[Logits, Labels]:
        corrected = correction.corrected([text for text, _ in rows], self._frozen[name])
        return corrected, np.array([side for _, side in rows])

    def _scored(self, rows: Labelled) -> Logits:
        return np.concatenate([self._scorer.frozen(batch) for batch in batches([text for text, _ in rows])])


def batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Texts by the hundreds."""
    return (texts[begin : begin + 256] for begin in range(0, len(texts), 256))


def measured(bench: Bench, people: int) -> dict[int, dict[str, float]]:
    """By number of clicks the figures, means over the orders."""
    told = {}
    for clicks in CLICKS:
        several = [bench.after(clicks, order, people) for order in range(ORDERS if clicks else 1)]
        told[clicks] = {name: round(float(np.mean([one[name] for one in several])), 4) for name in several[0]}
    return told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--umsab", type=Path)
    parser.add_argument("--weights", type=Path, default=SHIPPED)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    # Standard output is for the figures.
    configure_logging(json=False)
    general = {language: umsab(given.umsab, language) for language in LANGUAGES} if given.umsab else {}
    scorer = CascadeScorer(given.weights)
    told = measured(Bench(scorer, airline(given.file), general), given.people)
    if given.json:
        print(json.dumps({"tier": scorer.tiers[:2][-1], "people": given.people, "clicks": told}))
        return
    for clicks, numbers in told.items():
        print(f"{clicks:4} clicks  " + "  ".join(f"{name} {value:.3f}" for name, value in numbers.items()))


if __name__ == "__main__":
    main()
