"""How well and how fast the language of short texts is told.

`python -m tests.bench.language DIR [--split val] [--json]`. DIR has UMSAB's layout (`<language>/<split>_text.txt`).
Its Hindi is written in Latin letters and mixed with English: it is left out. `heads` are the first words alone: there,
silence is better than an error. `strangers` are the texts of the other languages when only English and French are in
use: each should be told to be neither.
"""

from __future__ import annotations

import argparse
import json
import resource
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from buzzguard.understand.language import Languages, guess_language

FOLDERS = {
    "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it", "portuguese": "pt",
    "arabic": "ar",
}  # fmt: skip
BATCH = 500

Labelled = list[tuple[str, str]]


def read(folder: Path, split: str) -> Labelled:
    """The texts with their languages."""
    return [
        (line, code)
        for name, code in FOLDERS.items()
        for line in (folder / name / f"{split}_text.txt").read_text("utf-8").split("\n")
        if line.strip()
    ]


def judged(told: list[str], labels: list[str]) -> dict[str, float]:
    """Shares: right of all, silent of all, and wrong of all."""
    right = sum(map(str.__eq__, told, labels)) / len(labels)
    silent = told.count("") / len(labels)
    return {"right": round(right, 4), "silent": round(silent, 4), "wrong": round(1 - right - silent, 4)}


def by_language(told: list[str], labels: list[str]) -> dict[str, float]:
    """The share told right of each language."""
    shares = {}
    for code in dict.fromkeys(labels):
        own = [given for given, label in zip(told, labels, strict=True) if label == code]
        shares[code] = round(own.count(code) / len(own), 4)
    return shares


def speed(languages: Languages, texts: list[str], batch: int) -> int:
    """Texts a second of processor time, in batches."""
    begin = process_time()
    for first in range(0, len(texts), batch):
        languages.detect(texts[first : first + batch])
    return int(len(texts) / (process_time() - begin))


def measure(data: Labelled) -> dict[str, Any]:
    """All figures."""
    texts, labels = [text for text, _ in data], [label for _, label in data]
    before, begin = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter()
    languages = Languages()
    languages.detect(["warm"])
    load = perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    told = languages.detect(texts)
    heads = {
        str(words): judged(languages.detect([" ".join(text.split()[:words]) for text in texts]), labels)
        for words in (2, 4, 6)
    }
    wrong_hints = ["fr" if label != "fr" else "en" for label in labels]
    ours = [label if label in ("en", "fr") else "" for label in labels]
    french_english = Languages(("en", "fr")).detect(texts)
    return {
        "all": judged(told, labels),
        "by_language": by_language(told, labels),
        "heads": heads,
        "hint_right": judged(languages.detect(texts, labels), labels),
        "hint_wrong": judged(languages.detect(texts, wrong_hints), labels),
        "strangers_right": round(sum(map(str.__eq__, french_english, ours)) / len(ours), 4),
        "words_alone_strangers_right": round(sum(map(str.__eq__, map(guess_language, texts), ours)) / len(ours), 4),
        "texts_per_second": {str(batch): speed(languages, texts, batch) for batch in (1, 20, BATCH)},
        "load_seconds": round(load, 2),
        "load_peak_mib": peak // 1024,
    }


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--split", default="val")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    figures = measure(read(given.folder, given.split))
    if given.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<28} {value}")


if __name__ == "__main__":
    main()
