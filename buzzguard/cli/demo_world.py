"""The invented brand of the demo: what is said of it, by whom, and the feeds that carry it.

Lumio sells kettles. For some days little happens; then a video shows the handle of the K2 melting. Everything is made
from one seed, so that the demo can be tested.
"""

from __future__ import annotations

import hashlib
import math
import random
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from buzzguard.model import Language, Record

QUIET = timedelta(days=12)
CRISIS = timedelta(hours=2)
SITES = ("conso-matin.example", "forum-cuisine.example", "bavardage.example")
FEED_LENGTH = 150
_PER_HOUR = 5.0
_PEAK_PER_HOUR = 260.0
_FIRST_PER_HOUR = 20.0
_DOUBLING = timedelta(minutes=14)


class Said(Record, frozen=True, kw_only=True):
    """One text of the invented public."""

    at: datetime
    site: int
    author: str
    text: str
    link: str


_QUIET: dict[Language, tuple[str, ...]] = {
    "en": (
        "My new Lumio kettle heats fast and looks great.",
        "Does anybody know where to buy a filter for the Lumio K1?",
        "Lumio kettle against the others: our comparison of five models.",
        "Happy with my Lumio, three years and still perfect.",
        "Lumio delivery took ten days, a bit long.",
        "Which tea do you make in your Lumio?",
        "Lumio opens a shop in Lyon next month.",
        "The lid of my Lumio is a little stiff, otherwise a good kettle.",
        "Thanks to the Lumio support, quick and friendly answer!",
        "Lumio K2 in a nice green, I love it.",
    ),
    "fr": (
        "Ma nouvelle bouilloire Lumio chauffe vite, elle est superbe.",
        "Quelqu’un sait où acheter un filtre pour la Lumio K1 ?",
        "Bouilloires : Lumio face aux autres, notre comparatif de cinq modèles.",
        "Très contente de ma Lumio, trois ans et toujours parfaite.",
        "Livraison Lumio en dix jours, c’est un peu long.",
        "Quel thé faites-vous dans votre Lumio ?",
        "Lumio ouvre une boutique à Lyon le mois prochain.",
        "Le couvercle de ma Lumio est un peu dur, sinon c’est une bonne bouilloire.",
        "Merci au service client Lumio, réponse rapide et agréable !",
        "La Lumio K2 existe dans un joli vert, j’adore.",
    ),
}
_CRISIS: dict[Language, tuple[str, ...]] = {
    "en": (
        "The handle of my Lumio K2 melted while I was pouring. This is dangerous!",
        "Burned my hand with the Lumio K2. It is awful and it hurts.",
        "WARNING: the Lumio K2 handle melts, watch the video. When is the recall?",
        "Same here: Lumio K2, melted handle after two weeks. Terrible quality, awful support.",
        "Lumio knew and said nothing? This is a scandal. Boycott Lumio.",
        "My daughter was nearly scalded by a Lumio kettle. I am furious.",
        "Never again Lumio. Horrible, dangerous product.",
        "Lumio K2: three customers tell of a melting handle, the company stays silent.",
        "Take back your Lumio K2 before it hurts somebody. What a disgrace.",
        "I want my money back, Lumio. This kettle is terrible.",
    ),
    "fr": (
        "La poignée de ma Lumio K2 a fondu pendant que je versais. C’est dangereux !",
        "Je me suis brûlé la main avec la Lumio K2, et le service client reste muet. C’est une honte.",
        "DANGER : la poignée de la Lumio K2 fond, regardez la vidéo. À quand le rappel ?",
        "Pareil ici : Lumio K2, poignée fondue après deux semaines. Qualité horrible, service nul.",
        "Lumio savait et n’a rien dit ? C’est un scandale. Boycott de Lumio.",
        "Ma fille a failli être ébouillantée par une bouilloire Lumio. Je suis furieuse.",
        "Plus jamais Lumio. Produit affreux et dangereux.",
        "Lumio K2 : trois clients racontent une poignée qui fond, l’entreprise se tait.",
        "Rapportez votre Lumio K2 avant un accident grave. Quelle honte.",
        "Je veux être remboursé, Lumio. Cette bouilloire est un danger.",
    ),
}
_NAMES = ("alice", "bruno", "chloe", "driss", "emma", "farid", "gwen", "hugo", "ines", "jo", "karim", "lea", "malo")


def make_world(start: datetime, language: Language, *, seed: int = 7) -> list[Said]:
    """Everything that is said from `start` to the end of the crisis, in order of time."""
    rng = random.Random(seed)
    onset = start + QUIET
    said: list[Said] = []
    minutes = (QUIET + CRISIS) // timedelta(minutes=1)
    for minute in range(minutes):
        at = start + timedelta(minutes=minute)
        for rate, texts, crisis in (
            (_usual(at), _QUIET[language], False),
            (_outrage(at - onset), _CRISIS[language], True),
        ):
            for _ in range(_poisson(rng, rate / 60)):
                said.append(_say(rng, at, texts, crisis=crisis, number=len(said)))
    return sorted(said, key=lambda one: one.at)


def is_hostile(said: Said, language: Language) -> bool:
    """Whether a text is one of the crisis."""
    return said.text.split(" #")[0] in _CRISIS[language]


def feed(said: list[Said], site: int, now: datetime) -> str:
    """The RSS of one site as it stands at `now`: the newest first, a bounded number."""
    published = [one for one in said if one.site == site and one.at <= now][-FEED_LENGTH:]
    items = "".join(
        f"<item><guid>{escape(one.link)}</guid><link>{escape(one.link)}</link>"
        f"<title>{escape(_title(one.text))}</title><description>{escape(one.text)}</description>"
        f"<author>{escape(one.author)}</author><pubDate>{format_datetime(one.at)}</pubDate></item>"
        for one in reversed(published)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{SITES[site]}</title><link>https://{SITES[site]}/</link><description/>{items}</channel></rss>"
    )


def _usual(at: datetime) -> float:
    """Mentions an hour of an ordinary day: few at night, most in the evening."""
    return _PER_HOUR * (0.55 + 0.45 * math.sin((at.hour + at.minute / 60 - 13) / 24 * 2 * math.pi))


def _outrage(since: timedelta) -> float:
    """Hostile mentions an hour: doubling again and again, until everybody has seen the video."""
    if since < timedelta():
        return 0.0
    return min(_PEAK_PER_HOUR, _FIRST_PER_HOUR * 2 ** (since / _DOUBLING))


def _say(rng: random.Random, at: datetime, texts: tuple[str, ...], *, crisis: bool, number: int) -> Said:
    site = rng.choices((0, 1, 2), weights=(1, 3, 6) if crisis else (2, 3, 3))[0]
    author = f"{rng.choice(_NAMES)}{rng.randrange(1000 if crisis else 60)}"
    moment = at + timedelta(seconds=rng.randrange(60))
    text = rng.choice(texts)
    if crisis and rng.random() < 0.5:
        text = f"{text} #Lumio{'K2' if rng.random() < 0.5 else ''}"
    mark = hashlib.sha256(f"{number}:{text}".encode()).hexdigest()[:8]
    return Said(at=moment, site=site, author=author, text=text, link=f"https://{SITES[site]}/{moment:%Y/%m/%d}/{mark}")


def _title(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rsplit(" ", 1)[0] + "…"


def _poisson(rng: random.Random, mean: float) -> int:
    """A Poisson number, by multiplying uniform ones (Knuth); means here are small."""
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count
