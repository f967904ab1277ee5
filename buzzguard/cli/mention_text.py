"""Mentions and clicks as lines for a terminal: every text from outside cleaned, escaped and cut."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import click

from buzzguard.cli.mention_acts import Around, Desk, read_text
from buzzguard.config.words import safe
from buzzguard.deliver.tame import short
from buzzguard.deliver.wording.quantities import catalogue, number, percent, zone
from buzzguard.model import Click, Localised, Polarity, ScoredMention, Sentiment
from buzzguard.understand.correction import DIRECT_PER_DAY, LEARNED_PER_DAY
from buzzguard.understand.homonyms import LEAST_CLICKS
from buzzguard.understand.standing import Standing

Titles = Mapping[str, Localised]
"""What themes are called, by their ids."""

_TEXT, _NAME, _WIDTH = 140, 40, 96
_MOST_TEXT = 4_000
_JOINER = "\u200d"
_COLOURS = {"negative": "red", "positive": "green", "unsure": "yellow", "neutral": None}


def tame(text: str, limit: int = _NAME) -> str:
    """A text from outside, fit for one line."""
    return safe(short(text, limit).replace(_JOINER, ""))


def mention_lines(desk: Desk, scored: ScoredMention, titles: Titles, *, topic: str = "") -> Iterator[str]:
    """A mention in two lines: when, which side and what it says; then all that finds it again."""
    mention, words = scored.mention, desk.words
    quoted = words.quote.format(text=tame(body(scored), _TEXT))
    yield f"{click.style(moment(desk, mention.published), bold=True)}  {_sided(desk, scored, topic)}  {quoted}"
    parts = [
        tame(mention.id, 4 * _NAME),
        tame(mention.site) or tame(mention.source),
        tame(mention.author_key, 2 * _NAME),
        _labelled(desk, "themes", [_title(desk, theme, titles) for theme in scored.themes]),
        _labelled(desk, "gravity", [tame(word) for word in scored.gravity]),
        _labelled(desk, "narrative", [tame(one) for one in dict.fromkeys(scored.narratives) if one]),
    ]
    yield click.style("    " + " · ".join(filter(None, parts)), dim=True)


def detail_lines(
    desk: Desk, scored: ScoredMention, titles: Titles, near: Around, clicks: Sequence[tuple[Click, Standing]]
) -> Iterator[str]:
    """All that was understood of a mention, a line or more for each."""
    labels = desk.words.labels
    yield click.style(tame(scored.mention.id, 8 * _NAME), bold=True)
    told: list[tuple[str, Sequence[str]]] = [
        (labels["published"], [f"{moment(desk, scored.mention.published)} ({desk.settings.time_zone})"]),
        (labels["where"], [_where(scored)]),
        (labels["author"], [_author(desk, scored)]),
        (labels["text"], _wrapped(body(scored))),
        (labels["language"], [_language(desk, scored.language)]),
        (labels["topics"], [", ".join(map(tame, scored.topics))]),
        (labels["sentiment"], [_probabilities(desk, scored.sentiment)]),
        *((labels["toward"].format(topic=tame(topic)), lines) for topic, lines in _toward(desk, scored)),
        (labels["themes"], [_themed(desk, theme, found, titles) for theme, found in scored.themes.items()]),
        (labels["gravity"], [", ".join(map(tame, scored.gravity))] if scored.gravity else []),
        (labels["copy"], [_copy(desk, scored, near)]),
        (labels["narrative"], list(_narratives(desk, scored, near))),
        (labels["clicks"], [line for one, standing in clicks for line in click_lines(desk, one, standing, brief=True)]),
    ]
    width = max(len(label) for label, _ in told)
    for label, lines in told:
        for index, line in enumerate(lines or [labels["none"]]):
            yield f"{click.style((label if not index else '').ljust(width), dim=True)}  {line}"


def click_lines(desk: Desk, one: Click, standing: Standing, *, brief: bool = False) -> Iterator[str]:
    """A click: who said what when, and what has become of it; `brief` beside the mention that it is of."""
    words = desk.words
    said = words.kinds[one.kind].format(click=tame(one.undoes))
    about = f" ({tame(one.topic)})" if one.topic else ""
    who = tame(one.who.name or one.who.id)
    head = f"{click.style(tame(one.id), bold=True)}  {moment(desk, one.at)}  {who}{words.colon}{said}{about}"
    if not brief:
        head += f"  {click.style(tame(one.mention, 4 * _NAME), dim=True)}"
    yield head
    if not brief and one.text:
        yield f"    {words.quote.format(text=tame(one.text, _TEXT))}"
    if told := standing_told(desk, standing):
        yield click.style(f"    {told}", fg="green" if standing.acts else "yellow")


def standing_told(desk: Desk, standing: Standing) -> str:
    """What has become of a click, in words; empty for one that takes back another."""
    said = desk.words.standing[standing]
    return said.format(direct=DIRECT_PER_DAY, daily=LEARNED_PER_DAY, least=LEAST_CLICKS)


def moment(desk: Desk, at: datetime) -> str:
    """An instant in the team's time zone."""
    return f"{at.astimezone(zone(desk.settings.time_zone)):%Y-%m-%d %H:%M}"


def side_of(sentiment: Sentiment) -> str:
    """negative, neutral, positive or unsure."""
    return "unsure" if sentiment.unsure else sentiment.polarity.value


def body(scored: ScoredMention) -> str:
    """Title and text."""
    mention = scored.mention
    if not mention.title or mention.text.startswith(mention.title):
        return mention.text or mention.title
    return f"{mention.title}. {mention.text}" if mention.text else mention.title


def toward_of(scored: ScoredMention, topic: str) -> Sentiment:
    """The sentiment towards a topic; of the whole mention where it says the same of all, or no topic is named."""
    if topic in scored.topics and len(scored.toward) == len(scored.topics):
        return scored.toward[scored.topics.index(topic)]
    return scored.sentiment


def _sided(desk: Desk, scored: ScoredMention, topic: str) -> str:
    if topic or len(set(scored.toward)) < 2:
        return _side(desk, toward_of(scored, topic))
    parts = (f"{tame(one)} {_side(desk, toward_of(scored, one))}" for one in scored.topics)
    return ", ".join(parts)


def _side(desk: Desk, sentiment: Sentiment) -> str:
    side = side_of(sentiment)
    tier = f" ({tame(sentiment.tier)})" if sentiment.tier else ""
    sure = _share(desk, sentiment) if side != "unsure" else ""
    return click.style(" ".join(filter(None, (desk.words.sides[side], sure))), fg=_COLOURS[side]) + tier


def _share(desk: Desk, sentiment: Sentiment) -> str:
    if not (sentiment.negative or sentiment.positive):
        return percent(sentiment.confidence, desk.language)
    shares = {
        Polarity.NEGATIVE: sentiment.negative,
        Polarity.POSITIVE: sentiment.positive,
        Polarity.NEUTRAL: max(0.0, 1 - sentiment.negative - sentiment.positive),
    }
    return percent(shares[sentiment.polarity], desk.language)


def _probabilities(desk: Desk, sentiment: Sentiment) -> str:
    said, sides = _side(desk, sentiment), desk.words.sides
    if not (sentiment.negative or sentiment.positive):
        return said
    neutral = max(0.0, 1 - sentiment.negative - sentiment.positive)
    shares = (("negative", sentiment.negative), ("neutral", neutral), ("positive", sentiment.positive))
    told = " · ".join(f"{sides[side]} {percent(share, desk.language)}" for side, share in shares)
    return f"{said}{desk.words.colon}{told}"


def _toward(desk: Desk, scored: ScoredMention) -> Iterator[tuple[str, list[str]]]:
    for topic, sentiment in zip(scored.topics, scored.toward, strict=False):
        part = read_text(desk.settings, scored, topic)
        yield topic, [_probabilities(desk, sentiment), desk.words.quote.format(text=tame(part, _TEXT))]


def _labelled(desk: Desk, label: str, values: Sequence[str]) -> str:
    return f"{desk.words.labels[label]}{desk.words.colon}{', '.join(values)}" if values else ""


def _title(desk: Desk, theme: str, titles: Titles) -> str:
    return tame(titles.get(theme, {}).get(desk.language, theme))


def _themed(desk: Desk, theme: str, found: Sequence[str], titles: Titles) -> str:
    decided = ", ".join(map(tame, found))
    return f"{_title(desk, theme, titles)} ({tame(theme)}){desk.words.colon}{decided}"


def _where(scored: ScoredMention) -> str:
    mention = scored.mention
    parts = (mention.site, f"{mention.source}/{mention.stream}", mention.kind.value, mention.url)
    return " · ".join(tame(part, 5 * _NAME) for part in parts if part)


def _author(desk: Desk, scored: ScoredMention) -> str:
    mention, author = scored.mention, scored.mention.author
    if not mention.author_key and not author.followers:
        return desk.words.labels["unknown"]
    followers = desk.words.followers.format(n=number(author.followers, desk.language)) if author.followers else ""
    parts = (tame(mention.author_key, 2 * _NAME), tame(author.handle), tame(author.name), followers)
    return " · ".join(dict.fromkeys(filter(None, parts)))


def _language(desk: Desk, code: str) -> str:
    return catalogue(desk.language).saying.language.get(code, tame(code)) or desk.words.labels["unknown"]


def _copy(desk: Desk, scored: ScoredMention, near: Around) -> str:
    labels = desk.words.labels
    one, many = desk.words.copies
    others = (one if near.copies == 1 else many).format(n=near.copies)
    if not scored.copied:
        return labels["original"] + (f" ({others})" if near.copies else "")
    if near.first_copy is None:
        return labels["first_gone"]
    first = near.first_copy.mention
    parts = (tame(first.id, 4 * _NAME), tame(first.site) or tame(first.source), moment(desk, first.published), others)
    return " · ".join(parts)


def _narratives(desk: Desk, scored: ScoredMention, near: Around) -> Iterator[str]:
    for topic, narrative in zip(scored.topics, scored.narratives, strict=False):
        if narrative:
            count, first = near.narratives.get(narrative, (1, scored.mention.id))
            one, many = desk.words.narrative
            told = (one if count == 1 else many).format(n=count, first=tame(first, 4 * _NAME))
            yield f"{tame(narrative)} ({tame(topic)}){desk.words.colon}{told}"


def _wrapped(text: str) -> list[str]:
    lines = textwrap.wrap(short(text, _MOST_TEXT).replace(_JOINER, ""), _WIDTH)
    return [safe(line) for line in lines]
