"""What stands around an incident: whose business it is, its room, the incidents it belongs with, the statement that is
out, and what is to be done next by the playbook."""

from __future__ import annotations

from collections.abc import Iterator

from buzzguard.deliver.wording.handling_words import handling_words
from buzzguard.deliver.wording.labels import step_note
from buzzguard.deliver.wording.quantities import catalogue, plural
from buzzguard.deliver.wording.saying import department as usual_name
from buzzguard.deliver.wording.sentences import FINAL, clockface, localised, person
from buzzguard.model import Beside, Card, PlaybookStep, Record, RunStep, StatementMark, StepState

MAX_BESIDE = 4
MAX_STEPS = 3
"""Steps that a card shows: what comes after is in the thread, or in the playbook."""


class Place(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A line: `text`, then what it names, `link`, to which `url` leads where that is known."""

    text: str
    link: str = ""
    url: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.text, self.link, self.url) if part)


class ToDo(Record, frozen=True, kw_only=True):
    """A step of the playbook in the card's language: its number, and `note`, who does it by when. `late`: that is
    past."""

    key: str
    text: str
    note: str
    late: bool = False


def drill_line(card: Card) -> str:
    """That it is an exercise, and who is spared in it; empty where it is none, and for the test of a receiver, which is
    marked like one but asks nobody to act."""
    if not card.incident.drill:
        return ""
    words, spared = handling_words(card.language), card.incident.spared
    told = words.drill_spared.format(receivers=", ".join(spared[:MAX_BESIDE])) if spared else ""
    return f"{words.drill_notice} {told}".strip()


def department_name(card: Card) -> str:
    """Whose business the incident is, as the house calls it; empty where nobody has said so."""
    named = card.incident.department
    return localised(card.department, card.language) or usual_name(named, card.language) if named else ""


def around_lines(card: Card) -> list[Place]:
    """Whose business it is, where people meet, which incidents it belongs with, and whether a statement is out."""
    return [*_business(card), *_statement(card), *_room(card), *_beside(card)]


def to_do(card: Card) -> list[ToDo]:
    """What the playbook asks for next: of a run the steps that are open, late ones first; empty when all is over."""
    if card.incident.state in FINAL:
        return []
    run = card.incident.run
    if run is not None:
        open_steps = [step for step in run.steps if step.state is StepState.OPEN]
        late = [step for step in open_steps if _is_late(step, card)]
        return [_run_step(step, card) for step in (*late, *(step for step in open_steps if step not in late))]
    if card.playbook is None:
        return []
    return [_view_step(str(key), step, card) for key, step in enumerate(card.playbook.steps, start=1)]


def to_do_title(card: Card) -> tuple[str, str]:
    """What stands above the steps: what they are, and of which playbook, with how far it is: `Recall · steps done: 2 of
    8`."""
    run, words = card.incident.run, handling_words(card.language)
    if run is None:
        return catalogue(card.language).labels.playbook, card.playbook.title if card.playbook is not None else ""
    done = sum(step.state is not StepState.OPEN for step in run.steps)
    told = words.progress.format(done=done, all=len(run.steps))
    return words.next_title, " · ".join(part for part in (localised(run.title, card.language), told) if part)


def more_steps(card: Card, shown: int) -> str:
    """That there are more steps than were shown; empty where there are none."""
    left = len(to_do(card)) - shown
    form = handling_words(card.language).more_steps
    return plural(form, left, card.language).format(n=left) if left > 0 else ""


def _business(card: Card) -> Iterator[Place]:
    name = department_name(card)
    if name and card.incident.state not in FINAL:
        yield Place(text=handling_words(card.language).business.format(department=name))


def _statement(card: Card) -> Iterator[Place]:
    """The statement that came out last: of those before it the number alone."""
    marks = sorted((one for one in card.incident.published if not one.gone), key=lambda one: one.at)
    if not marks:
        return
    words, last = handling_words(card.language), marks[-1]
    told = _seen(last, card) if last.detected else _said(last, card)
    if len(marks) > 1:
        told += f" · {plural(words.statement_more, len(marks) - 1, card.language).format(n=len(marks) - 1)}"
    yield Place(text=told, link=words.read_it if last.url else "", url=last.url)


def _said(mark: StatementMark, card: Card) -> str:
    form, at = handling_words(card.language).statement_out, clockface(card).at(mark.at)
    return form.format(at=at, who=person(mark.who, card.language))


def _seen(mark: StatementMark, card: Card) -> str:
    undo = f"buzzguard report statement {card.incident.id} --undo {mark.id}"
    return handling_words(card.language).statement_seen.format(
        at=clockface(card).at(mark.at), who=person(mark.who, card.language), place=mark.who.via, undo=undo
    )


def _room(card: Card) -> Iterator[Place]:
    room = card.incident.room
    if room is not None:
        name = room.name or room.place
        yield Place(text=handling_words(card.language).room_label, link=name, url=room.url)


def _beside(card: Card) -> Iterator[Place]:
    words, incident = handling_words(card.language), card.incident
    known = {one.id: one for one in card.beside}
    alone = ((words.relapse, incident.relapse_of), (words.split_from, incident.split_from))
    for form, id in alone:
        if id:
            yield Place(text=form, link=_other(id, known, card), url=_url(id, known))
    related = [id for id in incident.related if id not in (incident.relapse_of, incident.split_from)]
    for id in related[:MAX_BESIDE]:
        yield Place(text=words.related, link=_other(id, known, card), url=_url(id, known))


def _other(id: str, known: dict[str, Beside], card: Card) -> str:
    """`lumio-2 (Red · Call for a boycott, over)`."""
    other = known.get(id)
    if other is None:
        return id
    words = catalogue(card.language)
    grave = "" if other.severity is None else words.severity[other.severity]
    over = handling_words(card.language).over if other.over else ""
    told = ", ".join(filter(None, (" · ".join(filter(None, (grave, localised(other.title, card.language)))), over)))
    return f"{id} ({told})" if told else id


def _url(id: str, known: dict[str, Beside]) -> str:
    return known[id].url if id in known else ""


def _is_late(step: RunStep, card: Card) -> bool:
    return step.due is not None and step.due < card.briefing.at


def _run_step(step: RunStep, card: Card) -> ToDo:
    owner = localised(step.owner, card.language)
    due = "" if step.due is None else clockface(card).by(step.due)
    note = ", ".join(part for part in (owner, due) if part)
    return ToDo(key=step.key, text=localised(step.text, card.language), note=note, late=_is_late(step, card))


def _view_step(key: str, step: PlaybookStep, card: Card) -> ToDo:
    return ToDo(key=key, text=step.text, note=step_note(step, card))
