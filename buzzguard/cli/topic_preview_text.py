"""A preview as lines for a terminal, in English and in French, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import click

from buzzguard.cli.source_text import tame
from buzzguard.cli.topic_preview import Preview, Sample, WordCount
from buzzguard.deliver.wording.quantities import number
from buzzguard.model import Language, Record

_BAR = 40
_MOST_DAYS = 31
_MOST_WORDS = 20
_TEXT = 160


class Words(Record, frozen=True, kw_only=True):
    """One language."""

    matched: str
    a_day: str
    nothing: str
    nothing_there: str
    only_stored: str
    days: str
    samples: str
    by_word: str
    word: str
    suspect: str
    kept_out: str
    out: str
    unreadable: str
    quote: str


WORDS: Mapping[Language, Words] = {
    "en": Words(
        matched="{matched} of {looked} mentions match",
        a_day="about {n} a day over {days} days",
        nothing="no mention matches",
        nothing_there="there are no mentions to look at",
        only_stored="Only what some topic counted is stored: in the world there may be more.",
        days="By day (the last {n}):",
        samples="Some of them:",
        by_word="What each word brings:",
        word="{word}: in {matches}, alone in {alone} (these go with it; {unclaimed} of them no topic counts today)",
        suspect="may bring noise: most of what it brings, no other word confirms. See:",
        kept_out="Kept out, though a word of the query stands in them:",
        out="{part}: {n}",
        unreadable="{n} could not be read",
        quote="“{text}”",
    ),
    "fr": Words(
        matched="{matched} mentions sur {looked} correspondent",
        a_day="environ {n} par jour sur {days} jours",
        nothing="aucune mention ne correspond",
        nothing_there="il n’y a pas de mentions à examiner",
        only_stored="Seul ce qu’un sujet a compté est gardé\u00a0: dehors, il peut y en avoir davantage.",
        days="Par jour (les {n} derniers)\u00a0:",
        samples="Quelques-unes :",
        by_word="Ce qu’apporte chaque mot\u00a0:",
        word="{word}\u00a0: dans {matches}, seul dans {alone} (elles partent avec lui\u00a0; {unclaimed} d’entre "
        "elles ne sont "
        "comptées aujourd’hui par aucun sujet)",
        suspect="apporte peut-être du bruit\u00a0: aucun autre mot ne confirme l’essentiel de ce qu’il apporte. "
        "Voyez\u00a0:",
        kept_out="Écartées, bien qu’un mot de la requête s’y trouve\u00a0:",
        out="{part}\u00a0: {n}",
        unreadable="{n} n’ont pas pu être lues",
        quote="« {text} »",
    ),
}


def preview_lines(preview: Preview, language: Language, *, stored: bool) -> Iterator[str]:
    """All that is worth knowing before the query goes live."""
    words = WORDS[language]
    if not preview.looked:
        yield words.nothing_there
        return
    told = words.matched.format(matched=number(preview.matched, language), looked=number(preview.looked, language))
    rate = words.a_day.format(n=_rate(preview, language), days=preview.span)
    yield click.style(f"{told} ({rate})", bold=True)
    if preview.unreadable:
        yield words.unreadable.format(n=number(preview.unreadable, language))
    if stored:
        yield click.style(words.only_stored, dim=True)
    if preview.matched:
        yield from _matches(preview, language)
    if preview.kept_out:
        yield f"\n{words.kept_out}"
    for part, count in preview.kept_out.most_common(_MOST_WORDS):
        yield "  " + words.out.format(part=tame(part), n=number(count, language))


def _matches(preview: Preview, language: Language) -> Iterator[str]:
    words = WORDS[language]
    yield from _days(preview, language)
    yield f"\n{words.samples}"
    for sample in preview.samples():
        yield from _sample(sample, words)
    yield f"\n{words.by_word}"
    for word in preview.words()[:_MOST_WORDS]:
        yield from _word(word, words, language)


def _rate(preview: Preview, language: Language) -> str:
    rate = preview.matched / preview.span
    return number(round(rate) if rate >= 10 else round(rate, 1), language)


def _days(preview: Preview, language: Language) -> Iterator[str]:
    last, first = max(preview.seen_days), min(preview.seen_days)
    shown = min(_MOST_DAYS, (last - first).days + 1)
    yield f"\n{WORDS[language].days.format(n=shown)}"
    days = [last - timedelta(days=back) for back in reversed(range(shown))]
    most = max((preview.days[day] for day in days), default=0) or 1
    for day in days:
        count = preview.days[day]
        yield f"  {day}  {number(count, language):>8}  {'█' * -(-count * _BAR // most)}"


def _sample(sample: Sample, words: Words, *, indent: str = "  ") -> Iterator[str]:
    mention = sample.mention
    text = tame(" | ".join(filter(None, (mention.title, mention.text))), _TEXT)
    found = ", ".join(map(tame, sample.words))
    yield f"{indent}{mention.published:%Y-%m-%d}  {words.quote.format(text=text)}"
    yield click.style(f"{indent}            {tame(mention.site or mention.source)} · {found}", dim=True)


def _word(one: WordCount, words: Words, language: Language) -> Iterator[str]:
    counts = {name: number(getattr(one, name), language) for name in ("matches", "alone", "unclaimed")}
    yield "  " + words.word.format(word=tame(one.word), **counts)
    if one.suspect:
        yield click.style(f"    {words.suspect}", fg="yellow")
        for sample in one.samples:
            yield from _sample(sample, words, indent="      ")


def preview_document(preview: Preview) -> dict[str, Any]:
    """The same for other programs. Authors are left out."""
    return {
        "looked": preview.looked,
        "matched": preview.matched,
        "unreadable": preview.unreadable,
        "days": {str(day): preview.days[day] for day in sorted(preview.seen_days)},
        "per_day": round(preview.matched / preview.span, 3) if preview.span else None,
        "samples": [_document(one) for one in preview.samples()],
        "words": [
            {
                "word": one.word,
                "matches": one.matches,
                "alone": one.alone,
                "unclaimed": one.unclaimed,
                "suspect": one.suspect,
                "samples": [_document(sample) for sample in one.samples],
            }
            for one in preview.words()
        ],
        "kept_out": dict(preview.kept_out.most_common()),
    }


def _document(sample: Sample) -> dict[str, Any]:
    mention = sample.mention
    return {
        "id": mention.id,
        "published": mention.published.isoformat(),
        "site": mention.site,
        "title": mention.title,
        "text": mention.text,
        "words": list(sample.words),
    }
