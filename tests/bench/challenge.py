"""What each scorer makes of the challenge set (`tests/understand/challenge`), by phenomenon.

`python -m tests.bench.challenge [--json] [--scorers vader quick …] [--wrong]`. A cell is the share of sentences whose
side was recognised; `negative` gives precision and recall of the negative side. `--wrong` prints each sentence that
was not recognised. Nothing was trained on the set; its labels are explained in `sentences.py`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from buzzguard import plugins
from buzzguard.errors import BuzzguardError
from buzzguard.model import Polarity, Text
from buzzguard.ports import Scorer
from tests.understand.challenge.sentences import LANGUAGES, Sentence, read_challenge

Judged = list[tuple[Sentence, Polarity]]


def judge(scorer: Scorer, sentences: Sequence[Sentence]) -> Judged:
    """Each sentence with the side that the scorer finds; the target is told to scorers that can be told."""
    texts = [_text(one) for one in sentences]
    found = [sentiment.polarity for sentiment in scorer.score(texts)]
    return list(zip(sentences, found, strict=True))


def _text(one: Sentence) -> Text:
    known = set(Text.__struct_fields__)
    told = {"target": one.target} if one.target and "target" in known else {}
    return Text(text=one.text, language=one.language, **told)


def right(judged: Iterable[tuple[Sentence, Polarity]]) -> float:
    """The share of sentences whose side was recognised."""
    marks = [sentence.label == found for sentence, found in judged]
    return sum(marks) / len(marks) if marks else 0.0


def macro_f1(judged: Judged) -> float:
    """The mean over the three sides of F1."""
    return sum(_f1(judged, side)[2] for side in Polarity) / len(Polarity)


def _f1(judged: Judged, side: Polarity) -> tuple[float, float, float]:
    hits = sum(sentence.label == side == found for sentence, found in judged)
    said = sum(found == side for _, found in judged)
    there = sum(sentence.label == side for sentence, _ in judged)
    precision, recall = hits / max(said, 1), hits / max(there, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def figures(judged: Judged) -> dict[str, Any]:
    """All that the bench tells of one scorer."""
    told: dict[str, Any] = {}
    for language in (*LANGUAGES, "both"):
        part = [pair for pair in judged if language in (pair[0].language, "both")]
        precision, recall, _ = _f1(part, Polarity.NEGATIVE)
        phenomena = dict.fromkeys(sentence.phenomenon for sentence, _ in part)
        told[language] = {
            "sentences": len(part),
            "right": round(right(part), 4),
            "macro_f1": round(macro_f1(part), 4),
            "negative_precision": round(precision, 4),
            "negative_recall": round(recall, 4),
            "phenomena": {name: round(right(p for p in part if p[0].phenomenon == name), 4) for name in phenomena},
        }
    return told


def make_scorer(name: str) -> Scorer:
    """The scorer of a name, with its own defaults. Raises LookupError, TypeError or BuzzguardError."""
    scorer: Scorer = plugins.load("scorer", name)()
    return scorer


def table(told: dict[str, dict[str, Any]]) -> str:
    """The figures as text: a line a phenomenon, a column a scorer and language."""
    names = list(told)
    columns = [(name, language) for name in names for language in LANGUAGES]
    head = f"{'':18}" + "".join(f"{name + ' ' + language:>14}" for name, language in columns)
    rows = [head]
    for phenomenon in told[names[0]]["both"]["phenomena"]:
        cells = (told[name][language]["phenomena"][phenomenon] for name, language in columns)
        rows.append(f"{phenomenon:18}" + "".join(f"{100 * cell:14.0f}" for cell in cells))
    for key in ("right", "macro_f1", "negative_precision", "negative_recall"):
        rows.append(f"{key:18}" + "".join(f"{100 * told[name][language][key]:14.1f}" for name, language in columns))
    return "\n".join(rows)


def main(arguments: Sequence[str]) -> None:
    """Judge the set with every scorer and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--scorers", nargs="*", default=plugins.names("scorer"), help="these only")
    parser.add_argument("--wrong", action="store_true", help="print what was not recognised")
    options = parser.parse_args(arguments)
    sentences = [one for language in LANGUAGES for one in read_challenge(language)]
    told: dict[str, dict[str, Any]] = {}
    for name in options.scorers:
        try:
            judged = judge(make_scorer(name), sentences)
        except (LookupError, TypeError, BuzzguardError) as error:
            print(f"{name} cannot be used here: {error}", file=sys.stderr)
            continue
        told[name] = figures(judged)
        for sentence, found in judged if options.wrong else ():
            if found != sentence.label:
                print(f"{name}\t{sentence.phenomenon}\t{sentence.label}\t{found}\t{sentence.text}")
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    elif told:
        print(table(told))


if __name__ == "__main__":
    main(sys.argv[1:])
