"""How fast understanding and measuring are, by sub-stage: `python -m tests.bench.understand [RECORDING] [--json]`.

Synthetic French and English texts (or the mentions of a recording, JSON Lines), 100 topics, batches, processor time of
one core; and what memory the loaded whole takes. UNDERSTAND is the stage, from mentions as fetched to mentions
understood, the queries built before; below it the same and what is said (narratives, themes, voices), and the stage on
a burst of texts nearly alike. Printed, never asserted: speed depends on the machine.
"""

from __future__ import annotations

import argparse
import dataclasses
import gzip
import json
import logging
import random
import resource
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from msgspec.structs import replace

from buzzguard.cli.run import settle_memory
from buzzguard.config.settings import Settings, TopicSettings
from buzzguard.measure.stage import Measuring
from buzzguard.model import Author, Engagement, Mention, ScoredMention, Text
from buzzguard.understand.copies import Copies
from buzzguard.understand.fold import fold
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.normalise import canonical_url, plain_text
from buzzguard.understand.query import parse_query
from buzzguard.understand.saying import Saying
from buzzguard.understand.sentiment.cascade import CascadeScorer
from buzzguard.understand.sentiment.default import DefaultScorer
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.stage import Readers, Understanding

MENTIONS = 4_000
ROUNDS = 3
BATCH = 500
COMPLAINTS = (
    "The service of marque3 was really terrible today and I will never buy from them again because they lost my parcel",
    "Boycott marque3 tout de suite, leur service client est une honte et mon remboursement n'arrive jamais",
)
FILLERS = ("really", "vraiment", "lol", "wow", "so", "très", "again", "#honte", "@jo", "https://e.example/1")
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RULES = Path(__file__).parents[2] / "rules"
ENGLISH_TEXTS = """
the service was really terrible and I will never buy from them again | great product, thank you so much |
why is nobody answering my emails | they recalled the whole batch after complaints | my phone caught fire this morning |
the new advert is brilliant | another data leak, how can we trust this company | delivery on time as always |
I hate waiting on hold for an hour | what a lovely surprise in the box today"""
FRENCH_TEXTS = """
le service client est vraiment nul et je n'achèterai plus jamais chez eux | très bon produit, merci |
pourquoi personne ne répond à mes messages depuis une semaine | rappel de produit après plusieurs plaintes |
l’appli plante à chaque démarrage, c’est une honte | la nouvelle pub est géniale 😀 | livraison à l’heure comme prévu |
encore une fuite de données, on ne peut plus leur faire confiance 😡 | boycott total de cette marque dès aujourd'hui |
j'attends mon remboursement depuis deux mois
"""


def topics() -> dict[str, TopicSettings]:
    """A hundred brands, each with a query of several terms."""
    return {
        f"brand{index}": TopicSettings(
            name=f"Brand {index}",
            query=f'(marque{index} OR "maison n{index}" OR brand-{index}) NOT ("offre emploi" OR hiring)',
        )
        for index in range(100)
    }


def mention(index: int, chance: random.Random) -> Mention:
    """One mention of one to two of the brands, HTML in every second one."""
    sentences = [
        part.strip()
        for part in chance.choices(chance.choice((ENGLISH_TEXTS, FRENCH_TEXTS)).split("|"), k=chance.randint(1, 4))
    ]
    sentences.insert(chance.randint(0, len(sentences)), f"#marque{int(chance.paretovariate(0.5)) % 100}")
    text = ". ".join(sentences)
    if index % 2:
        text = "<p>" + text.replace("'", "&#39;").replace(". ", "</p>\n<p>") + "</p>"
    at = START + timedelta(seconds=index * 0.5)
    return Mention(
        id=f"m{index}",
        stream="s",
        source=chance.choice(("rss", "mastodon")),
        published=at,
        fetched=at,
        text=text,
        url=f"https://www.site{chance.randint(0, 300)}.example/{index}?id={index}&utm_source=feed",
        author=Author(handle=f"user{chance.randint(0, 2_000)}", followers=int(chance.paretovariate(0.8) * 50)),
        engagement=Engagement(likes=chance.randint(0, 20)),
    )


class Figure(NamedTuple):
    """Texts or mentions a second of processor time: the median of the rounds, the slowest and the fastest."""

    median: float
    least: float
    most: float


def figure(seconds: Sequence[float], count: int) -> Figure:
    """The median and the spread of several runs over so many mentions."""
    return Figure(median=count / statistics.median(seconds), least=count / max(seconds), most=count / min(seconds))


def timed(label: str, work: Callable[[], object], count: int, found: dict[str, Figure]) -> None:
    """Note the median and the spread of `ROUNDS` runs."""
    seconds = []
    for _ in range(ROUNDS):
        begin = process_time()
        work()
        seconds.append(process_time() - begin)
    found[label] = figure(seconds, count)


def measure(scored: list[ScoredMention], batch: int) -> None:
    """Add in batches, with the samples of the topics touched, as a step does."""
    measuring = Measuring(topics(), {}, lateness=timedelta(hours=24))
    for begin in range(0, len(scored), batch):
        part = scored[begin : begin + batch]
        now = part[-1].mention.published
        measuring.add(part, now)
        for topic in {topic for one in part for topic in one.topics}:
            measuring.samples(topic, now)
        measuring.minutes_changed()
        measuring.advance(now)


def idle(days: int) -> None:
    """A hundred topics of which nobody speaks, ticked every minute."""
    measuring = Measuring(topics(), {}, lateness=timedelta(hours=24))
    for minute in range(days * 1_440):
        measuring.advance(START + timedelta(minutes=minute))


def shipped() -> Readers:
    """What the shipped rules and the default settings read mentions with."""
    from buzzguard.assembly import assemble

    settings = Settings(topics=topics(), rules=(str(RULES),))
    return assemble(settings, RULES.parent).parts.readers


def sub_stages(readers: Readers, mentions: list[Mention], found: dict[str, Figure]) -> None:
    """Each part alone, on the cleaned texts, in batches where the stage batches."""
    texts = [plain_text(one.text) for one in mentions]
    folded = [fold(text) for text in texts]
    matcher = TopicMatcher({name: parse_query(topic.query) for name, topic in topics().items()})
    languages = readers.languages.detect(texts)
    count = len(texts)
    timed("clean (text)", lambda: [plain_text(one.text) for one in mentions], count, found)
    timed("clean (address)", lambda: [canonical_url(one.url, anchor=True) for one in mentions], count, found)
    timed("fold", lambda: [fold(text) for text in texts], count, found)
    timed("language", lambda: batched(texts, readers.languages.detect), count, found)
    timed("match, 100 topics", lambda: [matcher.match(MatchText.of(text)) for text in folded], count, found)
    timed("copies", lambda: copies(mentions, folded), count, found)
    timed("gravity words", lambda: [readers.gravity.found(text) for text in folded], count, found)
    timed("themes", lambda: [readers.themes.of(*pair) for pair in zip(folded, languages, strict=True)], count, found)
    read = [Text(text=text, language=language) for text, language in zip(texts, languages, strict=True)]
    for scorer in (QuickScorer(), DefaultScorer(), CascadeScorer()):
        timed(f"sentiment, {scorer.name}", lambda one=scorer: batched(read, one.score), count, found)  # type: ignore[misc]


def batched(texts: Sequence[Any], work: Callable[[Sequence[Any]], object]) -> None:
    """All texts, so many at a time as a step holds."""
    for begin in range(0, len(texts), BATCH):
        work(texts[begin : begin + BATCH])


def copies(mentions: list[Mention], folded: list[str]) -> None:
    """Every mention placed among its copies."""
    held = Copies()
    for mention, text in zip(mentions, folded, strict=True):
        held.place(mention.id, text, mention.published)


class Whole(NamedTuple):
    """All mentions understood, and the seconds that the stage and what is said of them took."""

    scored: list[ScoredMention]
    understanding: float
    saying: float


def whole(readers: Readers, mentions: list[Mention]) -> Whole:
    """All mentions through the stage, in batches, and into their narratives."""
    stage = Understanding(topics(), readers)
    saying = Saying(stage.words)
    scored: list[ScoredMention] = []
    spent = [0.0, 0.0]
    for begin in range(0, len(mentions), BATCH):
        part = mentions[begin : begin + BATCH]
        started = process_time()
        understood, _ = stage.understand(part, part[-1].published)
        between = process_time()
        scored += saying.take(understood)
        spent[0] += between - started
        spent[1] += process_time() - between
    return Whole(scored, *spent)


def wholes(name: str, readers: Readers, mentions: list[Mention], found: dict[str, Figure]) -> list[ScoredMention]:
    """Note the stage alone, and with what is said; returns what was understood."""
    runs = [whole(readers, mentions) for _ in range(ROUNDS)]
    found[f"UNDERSTAND, {name}"] = figure([run.understanding for run in runs], len(mentions))
    found[f"  and said, {name}"] = figure([run.understanding + run.saying for run in runs], len(mentions))
    return runs[0].scored


def burst(mentions: list[Mention]) -> list[Mention]:
    """As many mentions that say nearly the same: a word left out, put in or changed here and there."""
    chance = random.Random(13)
    return [replace(one, text=edited(chance.choice(COMPLAINTS), chance)) for one in mentions]


def edited(text: str, chance: random.Random) -> str:
    """The text with up to four words changed."""
    words = text.split()
    for _ in range(chance.randint(0, 4)):
        place = chance.randrange(len(words))
        words[place : place + chance.randint(0, 1)] = chance.sample(FILLERS, chance.randint(0, 1))
    return " ".join(words)


def recorded(path: Path) -> list[Mention]:
    """The mentions of a recording, each given to one of the topics by its number."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, MENTIONS)]
    chance = random.Random(7)
    made = []
    for index, row in enumerate(rows):
        text = f"{row.get('title', '')} {row.get('text', '')} #marque{int(chance.paretovariate(0.5)) % 100}"
        made.append(replace(mention(index, chance), text=text))
    return made


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recording", nargs="?", type=Path, help="JSON Lines, gzipped or not, with `text`")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    chance = random.Random(7)
    mentions = recorded(options.recording) if options.recording else [mention(n, chance) for n in range(MENTIONS)]
    readers, found = shipped(), dict[str, Figure]()
    whole(readers, mentions[:BATCH])  # what is loaded when it is first used
    settle_memory()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sub_stages(readers, mentions, found)
    quick = dataclasses.replace(readers, scorer=QuickScorer())
    scored = wholes("quick", quick, mentions, found)
    wholes("quick, burst", quick, burst(mentions), found)
    wholes("default", dataclasses.replace(readers, scorer=DefaultScorer()), mentions, found)
    wholes("cascade", readers, mentions, found)
    pairs = sum(len(one.topics) for one in scored)
    timed("MEASURE, batches of 200", lambda: measure(scored, 200), pairs, found)
    timed("MEASURE, batches of 10", lambda: measure(scored, 10), pairs, found)
    timed("idle topic-windows closed", lambda: idle(3), 3 * 24 * 22 * 100, found)
    if options.json:
        figures = {label: figure._asdict() for label, figure in found.items()}
        print(json.dumps({"per_second": figures, "rss_mib": round(memory, 1), "mentions": len(mentions)}))
        return
    for label, figure in found.items():
        print(f"{label:<28}{figure.median:>10,.0f} /s   {figure.least:>9,.0f} … {figure.most:>9,.0f}")
    print(f"{len(scored)} of {len(mentions)} understood; resident memory, all loaded: {memory:.0f} MiB")


if __name__ == "__main__":
    main()
