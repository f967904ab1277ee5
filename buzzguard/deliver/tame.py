"""A card made fit to be put into sentences: every text from outside cleaned and cut, every list bounded.

Done before the words are put together, so that a name of a megabyte, or of nothing but line breaks, cannot push the
rest of its sentence out of the message. What a place allows as a whole is cut again where it is shown.
"""

from __future__ import annotations

from msgspec.structs import replace

from buzzguard.deliver.escape import clean, truncate
from buzzguard.model import (
    Alert,
    Beside,
    Briefing,
    Card,
    Clue,
    Draft,
    Evidence,
    Incident,
    Localised,
    Narrative,
    Person,
    PlaybookView,
    Quote,
    Room,
    Run,
    Said,
    StatementMark,
    ThemeShare,
    Transition,
)

NAME, LINE, QUOTE = 80, 240, 320
"""Of names; of reasons, conditions and steps; of a quoted mention."""
MAX_ALERTS, MAX_QUOTES, MAX_STEPS, MAX_NEVER, MAX_NEWS, MAX_RECEIVERS, MAX_EVENTS = 12, 5, 5, 3, 10, 6, 4
STEP, DRAFT = 320, 3_200
"""Of a step that is run; of a draft, whose text is shown whole or not at all."""
MAX_DRAFTS, MAX_CHAIN, MAX_RUN_STEPS = 40, 8, 100
STORY, MAX_RELATED, MAX_MARKS = 400, 6, 20
MAX_NARRATIVES, MAX_THEMES, MAX_WORDS, MAX_PRESS, MAX_ADVOCATES = 3, 3, 3, 3, 2
_MAX_CLUES, _MAX_NUMBER = 7, 1_000_000_000.0
_MAX_URL = 2_000
_LEEWAY = 8
"""This many times its limit is looked at of a text: what is beyond would be cut anyway, cleaned or not."""


def tame(card: Card) -> Card:
    """The same card for whoever shows it. Ids and addresses stay as they are; an endless address is dropped."""
    return replace(
        card,
        incident=_incident(card.incident),
        briefing=_briefing(card.briefing),
        news=tuple(map(_transition, card.news[-MAX_NEWS:])),
        playbook=_playbook(card.playbook) if card.playbook is not None else None,
        next_receivers=_receivers(card.next_receivers),
        time_zone=short(card.time_zone, NAME),
        drill=card.drill or card.incident.drill,
        department=_spoken(card.department, NAME),
        beside=tuple(map(_beside, card.beside[:MAX_RELATED])),
    )


def short(text: str, limit: int) -> str:
    """Cleaned, and at most `limit` UTF-16 units long."""
    return truncate(clean(text.lstrip()[: limit * _LEEWAY]), limit)


def _incident(incident: Incident) -> Incident:
    return replace(
        incident,
        topic=short(incident.topic, NAME),
        alerts=tuple(map(_alert, incident.alerts[:MAX_ALERTS])),
        owner=_person(incident.owner),
        relapse_of=short(incident.relapse_of, NAME),
        merged_into=short(incident.merged_into, NAME),
        split_from=short(incident.split_from, NAME),
        related=tuple(short(id, NAME) for id in incident.related[:MAX_RELATED]),
        department=short(incident.department, NAME),
        story=short(incident.story, STORY),
        declared_by=_person(incident.declared_by),
        room=None if incident.room is None else _room(incident.room),
        published=tuple(map(_mark, incident.published[-MAX_MARKS:])),
        run=None if incident.run is None else _run(incident.run),
        drafts=tuple(map(_draft, incident.drafts[-MAX_DRAFTS:])),
    )


def _room(room: Room) -> Room:
    return replace(room, name=short(room.name, NAME), place=short(room.place, NAME), url=_address(room.url))


def _mark(mark: StatementMark) -> StatementMark:
    return replace(mark, id=short(mark.id, NAME), who=_person(mark.who) or mark.who, url=_address(mark.url))


def _beside(other: Beside) -> Beside:
    return replace(other, id=short(other.id, NAME), title=_spoken(other.title, NAME), url=_address(other.url))


def _address(url: str) -> str:
    return url if len(url) <= _MAX_URL else ""


def _run(run: Run) -> Run:
    steps = tuple(
        replace(
            step,
            key=short(step.key, NAME),
            text=_spoken(step.text, STEP),
            owner=_spoken(step.owner, NAME),
            stage=_spoken(step.stage, NAME),
            who=_person(step.who),
        )
        for step in run.steps[:MAX_RUN_STEPS]
    )
    return replace(run, playbook=short(run.playbook, NAME), title=_spoken(run.title, LINE), steps=steps)


def _spoken(text: Localised, limit: int) -> Localised:
    return {language: short(said, limit) for language, said in text.items()}


def _draft(draft: Draft) -> Draft:
    """Its paragraphs stay: people approve the text as it is published."""
    paragraphs = (short(paragraph, DRAFT) for paragraph in draft.text[: DRAFT * _LEEWAY].split("\n\n"))
    return replace(
        draft,
        title=short(draft.title, LINE),
        text=truncate("\n\n".join(filter(None, paragraphs)), DRAFT),
        who=_person(draft.who) or draft.who,
        chain=tuple(short(one, NAME) for one in draft.chain[:MAX_CHAIN]),
        approvals=tuple(replace(one, who=_person(one.who) or one.who) for one in draft.approvals[:MAX_CHAIN]),
        note=short(draft.note, LINE),
    )


def _alert(alert: Alert) -> Alert:
    return replace(
        alert,
        rule=short(alert.rule, NAME),
        topic=short(alert.topic, NAME),
        title={language: short(title, NAME) for language, title in alert.title.items()},
        raised_by=short(alert.raised_by, LINE),
        evidence=_evidence(alert.evidence),
    )


def _evidence(evidence: Evidence) -> Evidence:
    health = evidence.health
    if health is None:
        return evidence
    return replace(
        evidence, health=replace(health, stream=short(health.stream, NAME), reason=short(health.reason, LINE))
    )


def _briefing(briefing: Briefing) -> Briefing:
    return replace(
        briefing,
        topic=short(briefing.topic, NAME),
        topic_name=short(briefing.topic_name, NAME),
        quotes=tuple(map(_quote, briefing.quotes[:MAX_QUOTES])),
        said=tame_said(briefing.said) if briefing.said is not None else None,
        planned=tuple((short(name, NAME), expect) for name, expect in briefing.planned[:MAX_EVENTS]),
        holiday={language: short(name, NAME) for language, name in briefing.holiday.items()},
    )


def _quote(quote: Quote) -> Quote:
    return replace(
        quote,
        text=short(quote.text, QUOTE),
        author=short(quote.author, NAME),
        site=short(quote.site, NAME),
        url=_address(quote.url),
    )


def tame_said(said: Said) -> Said:
    return replace(
        said,
        narratives=tuple(map(_narrative, said.narratives[:MAX_NARRATIVES])),
        themes=tuple(map(_theme, said.themes[:MAX_THEMES])),
        voices=replace(
            said.voices, press_names=tuple(short(name, NAME) for name in said.voices.press_names[:MAX_PRESS])
        ),
        clues=tuple(map(_clue, said.clues[:_MAX_CLUES])),
        advocates=tuple(map(_advocate, said.advocates[:MAX_ADVOCATES])),
    )


def _clue(clue: Clue) -> Clue:
    # What is not a number compares with nothing and ends as the first of `max`.
    numbers = {name: min(max(0.0, value), _MAX_NUMBER) for name, value in clue.numbers.items()}
    return replace(clue, numbers=numbers)


def _advocate(quote: Quote) -> Quote:
    tamed = _quote(quote)
    return replace(tamed, text=short(tamed.text, LINE))


def _narrative(narrative: Narrative) -> Narrative:
    return replace(
        narrative,
        headline=short(narrative.headline, LINE),
        quote=short(narrative.quote, LINE),
        first_site=short(narrative.first_site, NAME),
        first_source=short(narrative.first_source, NAME),
    )


def _theme(theme: ThemeShare) -> ThemeShare:
    return replace(
        theme,
        theme=short(theme.theme, NAME),
        title={language: short(title, NAME) for language, title in theme.title.items()},
        owner=short(theme.owner, NAME),
        words=tuple(short(word, NAME) for word in theme.words[:MAX_WORDS]),
    )


def _transition(transition: Transition) -> Transition:
    return replace(
        transition,
        who=_person(transition.who),
        reason=short(transition.reason, LINE),
        detail={name: _detail(name, value) for name, value in transition.detail.items()},
    )


def _detail(name: str, value: str) -> str:
    if name != "receivers":
        return short(value, LINE)
    return ",".join(_receivers(tuple(value[: NAME * MAX_RECEIVERS * _LEEWAY].split(","))))


def _receivers(names: tuple[str, ...]) -> tuple[str, ...]:
    shown = tuple(short(name, NAME) for name in names[:MAX_RECEIVERS])
    return (*shown, "…") if len(names) > MAX_RECEIVERS else shown


def _person(who: Person | None) -> Person | None:
    if who is None:
        return None
    return replace(who, id=short(who.id, NAME), name=short(who.name, NAME), via=short(who.via, NAME))


def _playbook(playbook: PlaybookView) -> PlaybookView:
    steps = tuple(
        replace(step, text=short(step.text, LINE), owner=short(step.owner, NAME)) for step in playbook.steps[:MAX_STEPS]
    )
    never = tuple(short(rule, LINE) for rule in playbook.never[:MAX_NEVER])
    return replace(playbook, id=short(playbook.id, NAME), title=short(playbook.title, NAME), steps=steps, never=never)
