"""Sources and streams as lines for a terminal, every text from outside made harmless; and as JSON for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, get_args

import click

from buzzguard.cli.source_desk import Desk
from buzzguard.cli.source_facts import Kind, Looked, Status
from buzzguard.cli.source_words import WORDS, Words
from buzzguard.collect.card import Group, SourceCard
from buzzguard.config.settings import StreamSettings
from buzzguard.config.words import safe
from buzzguard.deliver.tame import short
from buzzguard.deliver.wording.quantities import duration, number, zone
from buzzguard.model import Breaker, Fetched, Language
from buzzguard.plugins import load
from buzzguard.store.quarantine import Held
from buzzguard.store.spending import Spent

_TEXT, _NAME, _RECORD = 200, 80, 280
_JOINER = "\u200d"
FIELDS = ("reads", "needs", "delay", "limits", "terms")


def tame(text: str, limit: int = _NAME) -> str:
    """A text from outside, fit for one line."""
    return safe(short(text, limit).replace(_JOINER, ""))


def kind_lines(kinds: Sequence[Kind], language: Language) -> Iterator[str]:
    """Every kind of source, by group."""
    words = WORDS[language]
    for group in get_args(Group):
        several = [one for one in kinds if one.card is not None and one.card.group == group]
        if several:
            yield click.style(words.groups[group], bold=True, underline=True)
            for one in several:
                yield from _kind(one, one.card, words, language)
    others = [one for one in kinds if one.card is None]
    if others:
        yield click.style(words.other, bold=True, underline=True)
        yield from (f"  {click.style(tame(one.name), bold=True)}  {tame(one.trouble, _RECORD)}" for one in others)


def _kind(one: Kind, card: SourceCard | None, words: Words, language: Language) -> Iterator[str]:
    if card is None:
        return
    yield f"  {click.style(one.name, bold=True)}  {tame(card.reads, _TEXT)}"
    least = words.least.format(span=duration(one.least_every, language)) if one.least_every else ""
    told = {name: tame(getattr(card, name), _TEXT) for name in FIELDS[1:]}
    told["limits"] = "; ".join(filter(None, (told["limits"], least)))
    for name, text in told.items():
        yield click.style(f"      {words.labels[name]}{words.colon}{text}", dim=True)


def kind_document(one: Kind) -> dict[str, Any]:
    """A kind of source for other programs."""
    card = one.card
    told = {name: None if card is None else getattr(card, name) for name in ("group", *FIELDS)}
    least = one.least_every.total_seconds() or None
    return {"name": one.name, **told, "least_every_seconds": least, "trouble": one.trouble or None}


def status_lines(desk: Desk, found: Sequence[Status], spending: Sequence[Spent]) -> Iterator[str]:
    """How every stream is doing: the ones in trouble stand out."""
    if not found:
        yield desk.words.no_streams
    for one in found:
        failing = one.enabled and one.poll is not None and not one.poll.ok
        mark = click.style("✗" if failing else "✓" if one.poll else "·", fg="red" if failing else "green")
        parts = [_success(desk, one), *_course(desk, one)]
        yield f"{mark} {click.style(one.stream, bold=True)} ({tame(one.source)})  {' · '.join(parts)}"
        if one.poll is not None and one.poll.reason:
            label = desk.words.labels["note" if one.poll.ok else "error"]
            colour = None if one.poll.ok else "red"
            yield click.style(f"    {label}{desk.words.colon}{tame(one.poll.reason, _RECORD)}", fg=colour)
    for spent in spending:
        yield click.style(f"{desk.words.labels['spent']}{desk.words.colon}{_spent(desk, spent)}", dim=True)


def _success(desk: Desk, one: Status) -> str:
    if not one.enabled:
        return desk.words.off
    return f"{desk.words.labels['success']}{desk.words.colon}{_when(desk, one.success_at)}"


def _course(desk: Desk, one: Status) -> Iterator[str]:
    words, poll = desk.words, one.poll
    if not one.enabled or poll is None:
        return
    following = words.gone if poll.next_at is None else _when(desk, poll.next_at)
    yield f"{words.labels['next']}{words.colon}{following}"
    if poll.lag:
        yield f"{words.labels['lag']}{words.colon}{duration(poll.lag, desk.language)}"
    if poll.failures:
        one_failure, many = words.failures
        yield (one_failure if poll.failures == 1 else many).format(n=poll.failures)
    if one.breaker is not Breaker.CLOSED:
        state = f"{words.labels['breaker']}{words.colon}{words.breakers[one.breaker]}"
        yield click.style(state, fg="yellow")


def _when(desk: Desk, at: datetime | None) -> str:
    if at is None:
        return desk.words.never
    span = abs(desk.now - at)
    if span < timedelta(seconds=1):
        return desk.words.now
    pattern = desk.words.ago if at <= desk.now else desk.words.ahead
    return pattern.format(span=duration(span, desk.language))


def _spent(desk: Desk, one: Spent) -> str:
    until = one.allowance.until.astimezone(zone(desk.settings.time_zone))
    return desk.words.budget.format(
        account=tame(one.allowance.account),
        spent=_amount(one.amount),
        cap=_amount(one.allowance.cap),
        unit=tame(one.allowance.unit),
        until=f"{until:%Y-%m-%d %H:%M}",
    )


def _amount(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def status_document(one: Status, now: datetime) -> dict[str, Any]:
    """A stream for other programs; `lag_seconds` is null where the place does not tell."""
    poll = one.poll
    return {
        "stream": one.stream,
        "source": one.source,
        "enabled": one.enabled,
        "last_success": one.success_at.isoformat() if one.success_at else None,
        "seconds_since_success": round((now - one.success_at).total_seconds(), 1) if one.success_at else None,
        "next_poll": poll.next_at.isoformat() if poll and poll.next_at else None,
        "lag_seconds": poll.lag.total_seconds() if poll and poll.lag is not None else None,
        "breaker": one.breaker.value,
        "failures": poll.failures if poll else 0,
        "error": poll.reason if poll and not poll.ok else None,
        "note": poll.reason or None if poll and poll.ok else None,
    }


def spent_document(one: Spent) -> dict[str, Any]:
    """What was spent of an allowance, for other programs."""
    allowance = one.allowance
    return {
        "account": allowance.account,
        "unit": allowance.unit,
        "spent": one.amount,
        "cap": allowance.cap,
        "since": allowance.since.isoformat(),
        "until": allowance.until.isoformat(),
    }


def trial_lines(desk: Desk, stream: StreamSettings, fetched: Fetched, found: Sequence[Looked]) -> Iterator[str]:
    """What one fetch has brought, and what the watch would make of it."""
    words = desk.words
    yield click.style(_counted(words.fetched, len(fetched.mentions), desk.language), bold=True)
    if found:
        yield words.shown.format(n=len(found))
    for one in found:
        yield from _trial(desk, one)
    if fetched.counts:
        yield _counted(words.counted, len(fetched.counts), desk.language)
        yield from (f"  {one.start:%Y-%m-%d %H:%M}  {one.kind.value}  {one.value:g}" for one in fetched.counts[-5:])
    if fetched.quarantined:
        yield click.style(_counted(words.aside, len(fetched.quarantined), desk.language), fg="yellow")
        for record in fetched.quarantined[:5]:
            yield f"  {tame(record.reason, _TEXT)}"
            yield click.style(f"    {tame(record.record, _RECORD)}", dim=True)
    yield from _terms(desk, stream, fetched)
    yield click.style(words.kept_nothing, dim=True)


def _terms(desk: Desk, stream: StreamSettings, fetched: Fetched) -> Iterator[str]:
    words = desk.words
    if fetched.note:
        yield f"{words.labels['note']}{words.colon}{tame(fetched.note, _RECORD)}"
    if fetched.retry_after == timedelta(0):
        yield words.more_waits
    elif fetched.retry_after is not None:
        asked = words.ahead.format(span=duration(fetched.retry_after, desk.language))
        yield f"{words.labels['next']}{words.colon}{asked}"
    card = getattr(load("source", stream.source), "card", None)
    if isinstance(card, SourceCard):
        yield f"{words.labels['limits']}{words.colon}{tame(card.limits, _TEXT)}"


def _trial(desk: Desk, one: Looked) -> Iterator[str]:
    words, mention = desk.words, one.mention
    at = mention.published.astimezone(zone(desk.settings.time_zone))
    said = tame(" | ".join(filter(None, (mention.title, mention.text))), _TEXT)
    yield f"  {click.style(f'{at:%Y-%m-%d %H:%M}', bold=True)}  {words.quote.format(text=said)}"
    parts = (mention.id, mention.site, mention.kind.value, mention.author.handle or mention.author.name, mention.url)
    yield click.style("    " + " · ".join(tame(part, 2 * _NAME) for part in parts if part), dim=True)
    if one.reason:
        yield click.style(f"    {words.unusable.format(reason=tame(one.reason))}", fg="yellow")
        return
    held = {topic: trial for topic, trial in one.trials.items() if trial.holds}
    for topic, trial in held.items():
        words_found = ", ".join(dict.fromkeys(tame(place.term) for place in trial.found))
        yield click.style(f"    ✓ {words.matches.format(topic=topic, found=words_found)}", fg="green")
    if not held:
        yield click.style(f"    ✗ {words.matches_none}", fg="yellow")
        for topic, trial in list(one.trials.items())[:3]:
            against = tame(" · ".join(trial.against), _TEXT)
            yield click.style(f"      {words.missing.format(topic=topic, against=against)}", dim=True)


def trial_document(desk: Desk, stream: str, fetched: Fetched, found: Sequence[Looked]) -> dict[str, Any]:
    """What one fetch has brought, for other programs. Authors are told as `privacy.exports` allows."""
    from buzzguard.cli.source_export import mention_document

    return {
        "stream": stream,
        "mentions": len(fetched.mentions),
        "shown": [mention_document(desk, one) for one in found],
        "counts": len(fetched.counts),
        "quarantined": [{"reason": one.reason, "record": one.record} for one in fetched.quarantined],
        "note": fetched.note or None,
        "retry_after_seconds": None if fetched.retry_after is None else fetched.retry_after.total_seconds(),
    }


def aside_lines(desk: Desk, found: Sequence[Held]) -> Iterator[str]:
    """What was set aside, two lines each."""
    if not found:
        yield desk.words.nothing_aside
    for held in found:
        one, at = held.one, held.one.at.astimezone(zone(desk.settings.time_zone))
        once, often = desk.words.times
        times = once if held.times == 1 else often.format(n=number(held.times, desk.language))
        head = click.style(f"{at:%Y-%m-%d %H:%M}", bold=True)
        yield f"{head}  {tame(one.stream)}  {tame(one.reason, _TEXT)} ({times})"
        if one.record:
            yield click.style(f"    {tame(one.record, _RECORD)}", dim=True)


def aside_document(held: Held) -> dict[str, Any]:
    """A record that was set aside, for other programs."""
    one = held.one
    document = {"at": one.at.isoformat(), "stream": one.stream, "reason": one.reason, "times": held.times}
    return document | {"record": one.record}


def _counted(forms: tuple[str, str], count: int, language: Language) -> str:
    return forms[count != 1].format(n=number(count, language))
