"""How well each sentiment tier judges, and how fast, side by side with word lists.

`python -m tests.bench.sentiment DIR [--split val] [--airline FILE] [--weights DIR] [--accurate DIR] [--json]`. DIR has
UMSAB's layout (`<language>/<split>_text.txt` and `_labels.txt`; 0 negative, 1 neutral, 2 positive). FILE is JSON lines
with `text` and `sentiment` (negative, neutral, positive): a set of another domain that nothing was trained on.

`macro_f1` takes the likeliest side of each text; `as_counted` the side that is counted, neutral where the tier is
unsure. Of a cascade `asked` is the share of texts that its best tier was asked for. Texts a second are those of one
core, in batches. A word list is run on its own language alone. The Hindi of UMSAB's validation split is in the table
but not in the mean: its labels have nothing to do with its texts (every model is right on a third of them).
"""

from __future__ import annotations

import argparse
import gzip
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any, TypeAlias

import numpy as np

from buzzguard.model import Polarity, Sentiment, Text
from buzzguard.understand.sentiment.cascade import Budget, CascadeScorer
from buzzguard.understand.sentiment.default import DefaultScorer
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.sentiment.weights_folder import SHIPPED, WeightsUnreadable
from buzzguard.understand.train.corpus import UNRELIABLE
from buzzguard.understand.train.scores import Scores, mean, scores
from buzzguard.understand.vader import VaderScorer
from tests.bench.figures import number, show, table

CODES = {
    "arabic": "ar", "english": "en", "french": "fr", "german": "de", "hindi": "hi", "italian": "it",
    "portuguese": "pt", "spanish": "es",
}  # fmt: skip
SIDES = {"negative": 0, "neutral": 1, "positive": 2}
POLARITIES = {Polarity.NEGATIVE: 0, Polarity.NEUTRAL: 1, Polarity.POSITIVE: 2}
NO_END = Budget(units=1_000_000_000)

Labelled: TypeAlias = list[tuple[str, int]]
Score: TypeAlias = Callable[[Sequence[Text]], list[Sentiment]]


@dataclass(frozen=True)
class Rival:
    """What is measured. `languages` it can read (all where empty); `sure`: it gives probabilities."""

    name: str
    score: Score
    languages: tuple[str, ...] = ()
    sure: bool = True


def read(folder: Path, split: str) -> dict[str, Labelled]:
    """The texts of each language with their labels. Raises ValueError where they do not match."""
    found = {}
    for path in sorted(folder.glob(f"*/{split}_text.txt")):
        labels = [int(line) for line in (path.parent / f"{split}_labels.txt").read_text("utf-8").split()]
        texts = path.read_text("utf-8").split("\n")[: len(labels)]
        if len(texts) != len(labels):
            raise ValueError(f"{path}: {len(texts)} texts, but {len(labels)} labels")
        found[path.parent.name] = list(zip(texts, labels, strict=True))
    return found


def read_lines(path: Path) -> Labelled:
    """The texts of a file of JSON lines, packed or not."""
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    return [(str(one["text"]), SIDES[one["sentiment"]]) for one in records]


def tiers(weights: Path, accurate: Path | None) -> Iterator[Rival | str]:
    """Our tiers; a line of reason for each that is not here."""
    yield Rival("quick", QuickScorer(weights).score)
    default = DefaultScorer(weights)
    if default.missing:
        yield f"default: {default.missing.reason}"
        return
    yield Rival("default", default.score)
    cascade = CascadeScorer(weights, accurate, budget=NO_END)
    if cascade.missing:
        yield f"accurate, cascade: {cascade.missing[-1].reason}"
        return
    yield Rival("accurate", cascade.rescore)
    yield Rival("cascade", cascade.score)


def lexicons() -> list[Rival | str]:
    """Word lists; a line of reason for each that is not installed."""
    with warnings.catch_warnings():
        # Their own code makes Python warn.
        warnings.simplefilter("ignore")
        return list(_lexicons())


def _lexicons() -> Iterator[Rival | str]:
    yield Rival("VADER, its French port", VaderScorer().score, ("english", "french"), sure=False)
    try:
        from afinn import Afinn
    except ImportError:
        yield "AFINN: not installed (pip install afinn)"
    else:
        afinn = Afinn()
        yield Rival("AFINN", _by_value(afinn.score, 0.0), ("english",), sure=False)
    try:
        from textblob import TextBlob
        from textblob_fr import PatternAnalyzer, PatternTagger
    except ImportError:
        yield "TextBlob-fr: not installed (pip install textblob-fr)"
    else:
        tagger, analyser = PatternTagger(), PatternAnalyzer()

        def polarity(text: str) -> float:
            return float(TextBlob(text, pos_tagger=tagger, analyzer=analyser).sentiment[0])

        yield Rival("TextBlob-fr", _by_value(polarity, 0.05), ("french",), sure=False)


def _by_value(value: Callable[[str], float], threshold: float) -> Score:
    def side(text: str) -> Polarity:
        found = value(text)
        if abs(found) <= threshold:
            return Polarity.NEUTRAL
        return Polarity.POSITIVE if found > 0 else Polarity.NEGATIVE

    return lambda texts: [Sentiment(polarity=side(text.text), confidence=1.0) for text in texts]


def judged(rival: Rival, labelled: Labelled, language: str) -> dict[str, Any]:
    """Scores of one set, and the time of one core that it took."""
    texts = [Text(text=body, language=CODES.get(language, "")) for body, _ in labelled]
    rival.score(texts[:50])
    begin = process_time()
    sentiments = rival.score(texts)
    seconds = process_time() - begin
    labels = np.array([label for _, label in labelled])
    counted = np.eye(3)[[POLARITIES[one.polarity] for one in sentiments]]
    likeliest = np.array([[one.negative, 1 - one.negative - one.positive, one.positive] for one in sentiments])
    found = scores(likeliest if rival.sure else counted, labels)
    return {
        "scores": found,
        "as_counted": scores(counted, labels).macro_f1,
        "seconds": seconds,
        "unsure": sum(one.unsure for one in sentiments) / len(sentiments),
        "asked": sum(one.tier == "accurate" for one in sentiments) / len(sentiments),
    }


def measured(rival: Rival, sets: Mapping[str, Labelled]) -> dict[str, Any]:
    """Figures of one scorer: by language, their mean, speed."""
    own = {name: texts for name, texts in sets.items() if _reads(rival, name)}
    parts = {name: judged(rival, texts, name) for name, texts in own.items()}
    if not parts:
        return {}
    told = {name: one["scores"] for name, one in parts.items() if name not in UNRELIABLE} or {
        name: one["scores"] for name, one in parts.items()
    }
    texts = sum(len(one) for one in own.values())
    return {
        "languages": {name: _named(one["scores"], rival) for name, one in parts.items()},
        "mean": _named(mean(told), rival),
        "mean_of_all": float(np.mean([one["scores"].macro_f1 for one in parts.values()])),
        "as_counted": float(np.mean([one["as_counted"] for name, one in parts.items() if name in told])),
        "unsure": float(np.mean([one["unsure"] for one in parts.values()])),
        "asked": float(np.mean([one["asked"] for one in parts.values()])),
        "texts_a_second": round(texts / max(sum(one["seconds"] for one in parts.values()), 1e-9)),
    }


def _named(found: Scores, rival: Rival) -> dict[str, float | None]:
    named: dict[str, float | None] = {name: round(value, 4) for name, value in found._asdict().items()}
    if not rival.sure:
        named["calibration_error"] = None
    return named


def _reads(rival: Rival, language: str) -> bool:
    return not rival.languages or language in rival.languages


def tables(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures for people."""
    own: Mapping[str, Any] = figures["umsab"]
    languages = list(dict.fromkeys(name for one in own.values() for name in one["languages"]))
    for measure, factor, digits in (("macro_f1", 100, 1), ("f1", 100, 1), ("calibration_error", 1, 3)):
        lines = []
        for name, one in own.items():
            cells = [one["languages"].get(language, {}).get(measure) for language in languages]
            cells.append(one["mean"][measure] if len(one["languages"]) > 2 else None)
            lines.append((name, *(number(None if cell is None else factor * cell, digits) for cell in cells)))
        title = {"f1": "negative F1"}.get(measure, measure.replace("_", " "))
        yield table((title, *languages, "mean"), lines)
    yield table(
        ("speed", "texts a second", "unsure", "as counted", "asked"),
        [
            (name, one["texts_a_second"], *(number(100 * one[key], 1) for key in ("unsure", "as_counted", "asked")))
            for name, one in own.items()
        ],
    )
    if figures["airline"]:
        wanted = ("macro_f1", "precision", "recall", "f1")
        means = {name: one["mean"] for name, one in figures["airline"].items()}
        lines = [(name, *(number(100 * one[key], 1) for key in wanted)) for name, one in means.items()]
        yield table(("airlines", "macro F1", "negative precision", "recall", "F1"), lines)
    for reason in figures["left_out"]:
        yield f"left out: {reason}"


def main() -> None:
    """Measure and print."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("folder", type=Path)
    line.add_argument("--split", default="val")
    line.add_argument("--airline", type=Path)
    line.add_argument("--weights", type=Path, default=SHIPPED)
    line.add_argument("--accurate", type=Path)
    line.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    given = line.parse_args()
    sets = read(given.folder, given.split)
    if not sets:
        raise SystemExit(f"{given.folder}: no <language>/{given.split}_text.txt")
    try:
        found = [*tiers(given.weights, given.accurate), *lexicons()]
    except WeightsUnreadable as error:
        raise SystemExit(f"{given.weights}: {error}") from error
    rivals = [one for one in found if isinstance(one, Rival)]
    airline = {"english": read_lines(given.airline)} if given.airline else {}
    figures = {
        "split": given.split,
        "umsab": {one.name: measured(one, sets) for one in rivals},
        "airline": {one.name: measured(one, airline) for one in rivals if airline and _reads(one, "english")},
        "left_out": [one for one in found if isinstance(one, str)],
    }
    show(figures, tables(figures), as_json=given.json)


if __name__ == "__main__":
    main()
