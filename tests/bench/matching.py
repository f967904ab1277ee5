"""How fast texts are held against many queries: `python -m tests.bench.matching [DIR] [--queries 1000] [--json]`.

DIR holds `hn_titles.jsonl.gz` and `airline.jsonl.gz`; without it texts are made up. Queries are what comms teams write:
a name (a rare word of the texts, so that some match) with context words, phrases, NEAR, beginnings, exact forms,
exclusions and fields. One core, process time, the median of the rounds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from buzzguard.understand.fold import fold
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.query import parse_query
from tests.bench.understand import ENGLISH_TEXTS, FRENCH_TEXTS

TEXTS = 20_000
ROUNDS = 5
_FILES = ("hn_titles.jsonl.gz", "airline.jsonl.gz")
_WORD = re.compile(r"[^\W\d_]{4,}")
SHAPES = (
    "{name}",
    '"{name} {a}" OR {name}',
    '{name} ({a} OR {b} OR {c} OR "{a} {d}") -{e}',
    '({name} OR #{name} OR @{name}) NOT ({d} OR "{c} {d}" OR {e})',
    "{name} NEAR/5 ({a} OR {b} OR {c}*)",
    "({name}* OR ={Name}) lang:(fr OR en) -site:{name}.com",
    '={Name} (title:({a} OR {b}) OR {c} NEAR/3 "{d} {e}")',
    "{name} (recall* OR rappel* OR boycot* OR scand* OR arnaque* OR {a}*) -jobs -hiring -kind:repost",
    "({name} OR {other}) ({a} OR {b} OR {c} OR {d} OR {e}) -author:@{name}",
    "site:{name}.fr {a}",
)


def real(folder: Path) -> list[str]:
    """Titles of Hacker News and tweets to airlines."""
    texts: list[str] = []
    for name in _FILES:
        with gzip.open(folder / name, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        texts += [row.get("text") or row.get("title") or "" for row in rows]
    return random.Random(3).sample(texts, min(TEXTS, len(texts)))


def made_up() -> list[str]:
    """Sentences about a thousand brands, in French and English."""
    chance = random.Random(3)
    sentences = [part.strip() for part in (ENGLISH_TEXTS + "|" + FRENCH_TEXTS).split("|")]
    names = ["".join(chance.choices("bcdfglmnprst", k=1) + chance.choices("aeiou", k=1)) for _ in range(60)]
    brands = ["".join(chance.choices(names, k=3)) for _ in range(2_000)]
    return [
        f"{chance.choice(sentences)} {chance.choice(brands).title()} {chance.choice(sentences)}" for _ in range(TEXTS)
    ]


def queries(texts: Sequence[str], count: int) -> dict[str, str]:
    """As many queries as asked, over the words of the texts."""
    chance = random.Random(5)
    seen = Counter(word for text in texts for word in set(_WORD.findall(fold(text))))
    names = sorted(word for word, times in seen.items() if 2 <= times <= 40)
    context = [word for word, times in seen.most_common(600) if times > 5][60:]
    found = {}
    for index in range(count):
        name, other = chance.choice(names), chance.choice(names)
        words = dict(zip("abcde", chance.sample(context, 5), strict=True))
        shape = SHAPES[index % len(SHAPES)]
        found[f"t{index}"] = shape.format(name=name, Name=name.title(), other=other, **words)
    return found


def seconds(work: Callable[[], object]) -> float:
    """Median of the rounds."""
    times = []
    for _ in range(ROUNDS):
        begin = process_time()
        work()
        times.append(process_time() - begin)
    return statistics.median(times)


def measured(texts: Sequence[str], count: int) -> dict[str, float | int]:
    """The figures at `count` queries."""
    written = queries(texts, count)
    begin = process_time()
    parsed = {topic: parse_query(query) for topic, query in written.items()}
    parsing = process_time() - begin
    begin = process_time()
    matcher = TopicMatcher(parsed)
    building = process_time() - begin
    ready = [MatchText.of(text, language="en", source="rss", site="example.org") for text in texts]
    alone = seconds(lambda: [matcher.match(text) for text in ready])
    whole = seconds(lambda: [matcher.match(MatchText.of(text, language="en", site="example.org")) for text in texts])
    hits = sum(bool(matcher.match(text)) for text in ready)
    return {
        "queries": count,
        "texts": len(texts),
        "mean_length": round(statistics.mean(map(len, texts))),
        "texts_per_second": round(len(texts) / alone),
        "texts_per_second_with_folding": round(len(texts) / whole),
        "share_matched": round(hits / len(texts), 3),
        "parse_seconds": round(parsing, 3),
        "build_seconds": round(building, 3),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Speed of matching.")
    parser.add_argument("folder", nargs="?", type=Path, help="where the recordings lie; texts are made up when absent")
    parser.add_argument("--queries", type=int, default=1_000)
    parser.add_argument("--json", action="store_true", dest="as_json")
    arguments = parser.parse_args()
    texts = real(arguments.folder) if arguments.folder else made_up()
    figures = measured(texts, arguments.queries)
    if arguments.as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' '):<32}{value:>12,}")


if __name__ == "__main__":
    main()
