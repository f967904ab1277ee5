"""A folder of labelled texts, made up: small, and with words that tell the side."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

SIDES = (("horrible", "nul", "raté"), ("mardi", "gare", "réunion"), ("génial", "bravo", "superbe"))
SUBJECTS = ("le train", "la nouvelle appli", "ce café", "leur support", "la série", "mon colis", "ce vol", "le match")
ENDINGS = ("hier", "encore", "vraiment", "pour tous", "à Lyon")


def texts(language: str, first: int, count: int) -> tuple[list[str], list[int]]:
    """Texts and labels, `count` of them from the number `first` on; no number gives the same text twice."""
    bodies, labels = [], []
    for number in range(first, first + count):
        side = number % 3
        word = SIDES[side][number // 3 % 3]
        subject, ending = SUBJECTS[number // 9 % len(SUBJECTS)], ENDINGS[number // 72 % len(ENDINGS)]
        bodies.append(f"{subject} {word} {ending} {language}")
        labels.append(side)
    return bodies, labels


def write(folder: Path, languages: tuple[str, ...] = ("french", "english")) -> Path:
    """UMSAB's layout with a set beside it; returns the folder."""
    for language in languages:
        own = folder / "umsab" / language
        own.mkdir(parents=True)
        for split, first, count in (("train", 0, 180), ("val", 180, 90)):
            bodies, labels = texts(language, first, count)
            (own / f"{split}_text.txt").write_text("\n".join(bodies) + "\n", "utf-8")
            (own / f"{split}_labels.txt").write_text("\n".join(map(str, labels)) + "\n", "utf-8")
    (folder / "extra").mkdir()
    bodies, labels = texts("autre", 0, 90)
    records = [{"text": body, "label": label, "lang": "french"} for body, label in zip(bodies, labels, strict=True)]
    write_set(folder, "reviews", [one for one in records if one["label"] != 1])
    return folder


def write_set(folder: Path, name: str, records: list[dict[str, object]]) -> None:
    """An extra set."""
    with gzip.open(folder / "extra" / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in records)
