"""How well copies of a text are found, and how seldom another text is taken for one.

`python -m tests.bench.copies [DIR] [--texts 1500] [--json]`. Real texts of DIR (`../shared/data` otherwise), none of
which resembles another (words in common, counted without what is measured here), are each edited in all the ways below.
Beside them stand filled-in forms and texts on one subject: none of these is a copy of another. A wrong merge is a
mention in a group that began with a text it is no edition of.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tracemalloc
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any
from zlib import crc32

import numpy as np

from buzzguard.understand.copies import Copies
from buzzguard.understand.fold import fold
from buzzguard.understand.normalise import plain_text

START = datetime(2026, 3, 2, tzinfo=UTC)
SHORTEST = 60
RESEMBLING = 0.5
EMOJI = "😡🤬😂👎🔥💀🙄😤👏🚨"
PREFIXES = ("LOL: ", "BREAKING - ", "À lire : ", "So true! ", "Faites tourner ! ", "Copied from a friend: ", "FYI ")
SUFFIXES = (" #boycott", " (via Reuters)", " pls share!!", " partagez svp", " smh", " Shame on them.", " — AFP")

Labelled = tuple[int, str]
Edit = Callable[[random.Random, str], str]


def typos(chance: random.Random, text: str) -> str:
    """A letter in forty doubled, dropped, swapped or replaced."""
    letters = list(text)
    for _ in range(max(1, len(text) // 60)):
        at = chance.randrange(1, len(letters) - 2)
        act = chance.randrange(4)
        if act == 0:
            letters[at] *= 2
        elif act == 1:
            letters[at] = ""
        elif act == 2:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        else:
            letters[at] = chance.choice("aeinrst")
    return "".join(letters)


def emoji(chance: random.Random, text: str) -> str:
    """Emoji between words and at the end."""
    words = text.split(" ")
    for _ in range(chance.randint(1, 3)):
        words.insert(chance.randint(0, len(words)), chance.choice(EMOJI))
    return " ".join(words)


def replaced(chance: random.Random, text: str) -> str:
    """One word in twelve, at least one, is another word."""
    words = text.split(" ")
    for _ in range(max(1, len(words) // 12)):
        words[chance.randrange(len(words))] = chance.choice(
            ("really", "brand", "vraiment", "company", "today", "cette")
        )
    return " ".join(words)


def swapped(chance: random.Random, text: str) -> str:
    """Two neighbouring words change places."""
    words = text.split(" ")
    at = chance.randrange(len(words) - 1)
    words[at], words[at + 1] = words[at + 1], words[at]
    return " ".join(words)


def cut(chance: random.Random, text: str) -> str:
    """The beginning, with an ellipsis."""
    return text[: max(SHORTEST, int(len(text) * chance.uniform(0.5, 0.85)))] + chance.choice(("…", "...", " [...]"))


def passed_on(chance: random.Random, text: str) -> str:
    """As old clients did: with `RT`, and cut at 140 characters."""
    whole = f"RT @user{chance.randrange(999)}: {text}"
    return whole if len(whole) <= 140 else whole[:139] + "…"


def plain(_: random.Random, text: str) -> str:
    """In capitals, without accents and punctuation."""
    bare = "".join(one for one in unicodedata.normalize("NFD", text) if not unicodedata.combining(one))
    return "".join(one if one.isalnum() or one in " @:/." else " " for one in bare).upper()


EDITS: dict[str, Edit] = {
    "exact": lambda _, text: text,
    "typos": typos,
    "emoji": emoji,
    "prefix": lambda chance, text: chance.choice(PREFIXES) + text,
    "suffix": lambda chance, text: text + chance.choice(SUFFIXES),
    "cut": cut,
    "replaced words": replaced,
    "swapped words": swapped,
    "handles": lambda chance, text: f"@jo{chance.randrange(99)} @al {text} https://t.co/{chance.randrange(9**9)}",
    "passed on": passed_on,
    "capitals": plain,
    "several": lambda chance, text: chance.choice(PREFIXES) + emoji(chance, typos(chance, text)),
}
CITIES = ("Denver", "Boston", "Chicago", "Paris", "Lyon", "Nashville", "Dallas", "Marseille", "Toronto", "Phoenix")
NAMES = ("Julie", "Marc", "Sarah", "Kevin", "Amina", "Thomas", "Linda", "Chloé", "Omar", "Peter")
THINGS = (
    "flight",
    "parcel",
    "phone",
    "invoice",
    "refund",
    "coffee machine",
    "contract",
    "luggage",
    "order",
    "stroller",
)
FORMS = (
    "I am flying @{a} to {city} today",
    "I am flying with {name} from {city} to {other} on flight {n} and it is delayed by {m} minutes",
    "My {thing} number {n} has been lost for {m} days, please help me @acme",
    "BREAKING: shares of {name} Corp down {m}.{d} % in {city} after results, volume {n}",
    "Bonjour @acme, ma commande {n} n'est toujours pas arrivée à {city} après {m} jours, que faire ?",
    "I just signed the petition “{name}: give us our {thing} back in {city}” — sign it too",
    "J'ai aimé une vidéo @YouTube : {name} teste un nouveau {thing} à {city}, épisode {n}",
    "Just posted a photo of my {thing} @ {city} with {name}",
    "{name} is now the mayor of {city}'s {thing} shop on Foursquare, checked in {n} times",
    "Weather in {city}: {m} degrees, humidity {n} %, wind from {other}, have a nice day",
)


def forms(chance: random.Random, count: int) -> Iterator[str]:
    """Filled-in forms: any two differ in at least two of the words or numbers that are filled in."""
    taken: dict[int, list[tuple[str, ...]]] = defaultdict(list)
    for index in range(count):
        city, other = chance.sample(CITIES, 2)
        values = {
            "a": f"air{chance.randrange(99)}", "city": city, "other": other, "name": chance.choice(NAMES),
            "thing": chance.choice(THINGS), "n": str(chance.randrange(100, 99_999)), "m": str(chance.randrange(2, 60)),
            "d": str(chance.randrange(10)),
        }  # fmt: skip
        form = index % len(FORMS)
        filled = tuple(value for name, value in values.items() if f"{{{name}}}" in FORMS[form] and name != "a")
        if all(sum(map(str.__ne__, filled, earlier)) >= 2 for earlier in taken[form]):
            taken[form].append(filled)
            yield FORMS[form].format(**values)


def texts(folder: Path) -> Iterator[str]:
    """What people wrote: tweets, reviews, titles, French tweets."""
    for name, field in (("airline", "text"), ("review_bombing", "text"), ("hn_titles", "title")):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from (plain_text(json.loads(line)[field]) for line in lines)
    for language in ("french", "english", "spanish", "arabic"):
        path = folder / "text" / "umsab" / language / "train_text.txt"
        yield from map(plain_text, path.read_text("utf-8").split("\n"))


def unlike(given: list[str]) -> list[str]:
    """Those that share less than `RESEMBLING` of their words (Jaccard) with all kept before them."""
    marks = np.zeros((len(given), 4_096), dtype=np.float32)
    for row, text in enumerate(given):
        marks[row, [crc32(word.encode()) % 4_096 for word in fold(text).split() if word[0] != "@"]] = 1
    sizes = marks.sum(axis=1)
    common = marks @ marks.T
    resembling = common / np.maximum(1, sizes[:, None] + sizes[None, :] - common) >= RESEMBLING
    kept: list[int] = []
    for row in range(len(given)):
        if not resembling[row, kept].any():
            kept.append(row)
    return [given[row] for row in kept]


def stream(folder: Path, count: int, chance: random.Random) -> Iterator[tuple[str, Labelled]]:
    """Each text with its edits (named), and what is no copy of anything (`form`), shuffled after the originals."""
    found = sorted({text for text in texts(folder) if len(text) >= SHORTEST + 20 and text.count(" ") > 6})
    originals = unlike(chance.sample(found, min(len(found), count * 5 // 4)))[:count]
    yield from (("original", (number, text)) for number, text in enumerate(originals))
    rest = [
        (name, (number, edit(chance, text))) for number, text in enumerate(originals) for name, edit in EDITS.items()
    ]
    rest += [("form", (count + number, text)) for number, text in enumerate(dict.fromkeys(forms(chance, count)))]
    chance.shuffle(rest)
    yield from rest


def measure(folder: Path, count: int) -> dict[str, Any]:
    """Recall by edit, wrong merges with examples, mentions a second, bytes a mention."""
    rows = [(name, label, fold(plain_text(text))) for name, (label, text) in stream(folder, count, random.Random(7))]
    copies, first = Copies(), dict[int, Labelled]()
    begin = process_time()
    groups = [copies.place(str(i), text, START + timedelta(seconds=i / 9)) for i, (_, _, text) in enumerate(rows)]
    spent = process_time() - begin
    found: dict[str, list[bool]] = defaultdict(list)
    wrong: list[tuple[str, str, str]] = []
    missed: list[tuple[str, str, str]] = []
    for (name, label, text), group in zip(rows, groups, strict=True):
        began = first.setdefault(group.key, (label, text))
        if began[0] != label:
            wrong.append((name, began[1], text))
        if name in EDITS:
            found[name].append(groups[label].key == group.key)
            if not found[name][-1]:
                missed.append((name, rows[label][2], text))
    recall = {name: round(sum(hits) / len(hits), 4) for name, hits in found.items()}
    return {
        "mentions": len(rows),
        "recall": round(sum(map(sum, found.values())) / sum(map(len, found.values())), 4),
        "by_edit": recall,
        "wrong_merges": len(wrong),
        "wrong": wrong[:12],
        "missed": missed[::9][:12],
        "mentions_per_second": int(len(rows) / spent),
        "bytes_per_mention": footprint([text for _, _, text in rows]),
    }


def footprint(folded: list[str]) -> dict[str, int]:
    """Bytes kept for each mention: of this stream, and of one in which all texts differ (these, backwards)."""
    result = {}
    for name, given in (("copies", folded), ("different", [text[::-1] for text in dict.fromkeys(folded)])):
        tracemalloc.start()
        copies = Copies()
        for index, text in enumerate(given[:10_000]):
            copies.place(str(index), text, START)
        result[name] = tracemalloc.get_traced_memory()[0] // len(given[:10_000])
        tracemalloc.stop()
    return result


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    default = Path(__file__).parents[2] / ".." / "shared" / "data"
    arguments.add_argument("folder", type=Path, nargs="?", default=default)
    arguments.add_argument("--texts", type=int, default=1_500)
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    figures = measure(given.folder, given.texts)
    if given.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        print(f"{name:<20} {value}")


if __name__ == "__main__":
    main()
