"""How fast understanding and measuring are, by sub-stage: `python -m tests.bench.bench_understand`.

Synthetic French and English texts, 100 topics, one core. Printed, never asserted: speed depends on the machine.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

from buzzguard.config.settings import TopicSettings
from buzzguard.measure.stage import Measuring
from buzzguard.model import WINDOWS, Author, Engagement, Mention, ScoredMention, Text
from buzzguard.understand.fold import fold
from buzzguard.understand.gravity import GravityWords, parse_gravity
from buzzguard.understand.language import guess_language
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.normalise import canonical_url, plain_text
from buzzguard.understand.query import parse_query
from buzzguard.understand.stage import Readers, Understanding
from buzzguard.understand.vader import VaderScorer

MENTIONS = 4_000
ROUNDS = 5
START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GRAVITY = Path(__file__).parents[2] / "rules" / "words" / "gravity.yml"
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


def timed(label: str, work: Callable[[], object], count: int) -> None:
    """Print the median and the spread of `ROUNDS` runs."""
    seconds = []
    for _ in range(ROUNDS):
        begin = process_time()
        work()
        seconds.append(process_time() - begin)
    median = statistics.median(seconds)
    low, high = count / max(seconds), count / min(seconds)
    print(
        f"{label:<28}{count / median:>10,.0f} /s   {low:>9,.0f} … {high:>9,.0f}   {median / count * 1e6:>7.1f} µs each"
    )


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


def sub_stages(gravity: GravityWords, mentions: list[Mention]) -> None:
    texts = [plain_text(one.text) for one in mentions]
    folded = [fold(text) for text in texts]
    read = [Text(text=text, language=guess_language(text)) for text in texts]
    matcher = TopicMatcher({name: parse_query(topic.query) for name, topic in topics().items()})
    scorer = VaderScorer()
    scorer.score(read)
    print(f"mean length {statistics.mean(map(len, texts)):.0f} characters")
    timed("clean (text)", lambda: [plain_text(one.text) for one in mentions], len(mentions))
    timed("clean (address)", lambda: [canonical_url(one.url, anchor=True) for one in mentions], len(mentions))
    timed("language", lambda: [guess_language(text) for text in texts], len(mentions))
    timed("fold", lambda: [fold(text) for text in texts], len(mentions))
    timed("match, 100 topics", lambda: [matcher.match(MatchText.of(text)) for text in folded], len(mentions))
    timed("gravity words", lambda: [gravity.found(text) for text in folded], len(mentions))
    timed("score", lambda: scorer.score(read), len(mentions))


def main() -> None:
    """Print the table."""
    chance = random.Random(7)
    mentions = [mention(index, chance) for index in range(MENTIONS)]
    gravity = parse_gravity(GRAVITY.read_text("utf-8"))
    sub_stages(gravity, mentions)
    now = mentions[-1].published
    scorer = VaderScorer()
    scored, dropped = Understanding(topics(), Readers(scorer=scorer, gravity=gravity)).understand(mentions, now)
    print(f"{len(scored)} understood, {len(dropped)} dropped")
    stages = [Understanding(topics(), Readers(scorer=scorer, gravity=gravity)) for _ in range(ROUNDS)]
    timed("UNDERSTAND", lambda: stages.pop().understand(mentions, now), len(mentions))
    pairs = sum(len(one.topics) for one in scored)
    timed("MEASURE, batches of 200", lambda: measure(scored, 200), pairs)
    timed("MEASURE, batches of 10", lambda: measure(scored, 10), pairs)
    timed("idle topic-windows closed", lambda: idle(3), 3 * 24 * 22 * 100)
    print(f"a topic has {len(WINDOWS)} windows; idle: 100 topics, 3 days")


if __name__ == "__main__":
    main()
