"""What `/buzz` does: declare, mute, take charge, note, resolve, and exercises."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from buzzguard.deliver import wording
from buzzguard.deliver.escape import plain, truncate
from buzzguard.deliver.slack_answers import Place
from buzzguard.deliver.slack_ids import parts_of, value_of
from buzzguard.deliver.slack_looks import Reader, button, context, escaped, muted_what, plain_text, section
from buzzguard.deliver.slack_modals_work import declare as declare_view
from buzzguard.deliver.slack_payload import SLACK_ID, digest, matching, part, person_of, text_at
from buzzguard.deliver.slack_slash import (
    Answer,
    Ask,
    Verb,
    incident_block,
    suggestion,
    topic_names,
    unknown_topic,
    wrong,
)
from buzzguard.deliver.slack_spoken import declared, leading, named, near, spanned
from buzzguard.deliver.slack_views import Meta
from buzzguard.deliver.wording.desk import said
from buzzguard.deliver.wording.refusals import refusal
from buzzguard.model import (
    Command,
    CommandKind,
    Declaration,
    Exercise,
    Incident,
    Language,
    Measure,
    Mute,
    Person,
    Severity,
    Silence,
    Unmute,
)

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

DRILL_BEGIN = "drill_begin"
"""The button that begins an exercise, valued `<playbook>|<topic>`."""
DRILL_SEVERITY = Severity.RED
"""As from the command line: an exercise is of what cannot wait."""
LONGEST_SILENCE = timedelta(days=7)
_RULE = re.compile(r"(?:rule|règle|regle):\s*", re.IGNORECASE)
_LONGEST_STORY = 300
_LONGEST_WHY = 1_000
_MOST_OPEN = 1_000
_MOST_NAMED = 5
_MARKS = {"met": "✅", "late": "🟠", "missed": "❌", "pending": "⏳"}
_TOLD_UNDONE = ("missed", "pending")
_STEPS = ("on_time", "late", "missed", "skipped")


async def _declare(front: SlackFront, ask: Ask) -> Answer | None:
    """Open an incident by hand; without anything said, the form for it."""
    if not ask.rest:
        return await _form(front, ask)
    names = topic_names(ask)
    found = declared(ask.rest)
    if found is None:
        topic, _ = leading(ask.rest, names)
        faults = [] if topic else [unknown_topic(ask, ask.rest.split()[0])]
        return wrong(ask, ask.said("bad_declare"), *faults, example="ex.declare")
    name, severity, story = found
    topic = named(name, names)
    if not topic:
        return wrong(ask, unknown_topic(ask, name), example="ex.declare")
    if not story:
        return wrong(ask, ask.said("no_story"), example="ex.declare")
    asked = Declaration(topic=topic, severity=severity, story=story[:_LONGEST_STORY])
    refused = await front.command(_command(ask, CommandKind.DECLARE, asked=asked))
    if refused:
        return _refused(ask, refused)
    shown = wording.severity_name(severity, ask.reader.language)
    told = [section(f"✅ {ask.said('declared', topic=ask.reader.topic(topic), severity=shown)}")]
    opened = await _latest(front, topic, ask.who)
    return [*told, *([incident_block(opened, ask.reader)] if opened is not None else [])]


async def _form(front: SlackFront, ask: Ask) -> Answer | None:
    meta = Meta(language=ask.reader.language, channel=ask.channel)
    view = declare_view(meta, ask.reader.house)
    if not isinstance(view, str) and ask.trigger and await front.open_view(ask.trigger, view):
        return None
    return wrong(ask, ask.said("bad_declare"), example="ex.declare")


async def _latest(front: SlackFront, topic: str, who: Person) -> Incident | None:
    """The newest open incident of a topic that a person declared."""
    found = await front.desk.open_incidents(_MOST_OPEN)
    theirs = [
        one for one in found if one.topic == topic and one.declared_by is not None and one.declared_by.id == who.id
    ]
    return max(theirs, key=lambda one: one.opened_at, default=None)


async def _mute(front: SlackFront, ask: Ask) -> Answer:
    """Mute a topic or a rule for a while."""
    found = spanned(ask.rest)
    if found is None or not found[0]:
        return wrong(ask, ask.said("bad_mute"), example="ex.mute")
    what, span, reason = found
    mute = _muted(ask, what)
    if isinstance(mute, str):
        return wrong(ask, mute, example="ex.mute")
    if not timedelta() < span <= LONGEST_SILENCE:
        return wrong(ask, ask.said("too_long"), example="ex.mute")
    if not reason:
        return wrong(ask, ask.said("no_reason"), example="ex.mute")
    refused = await front.command(_command(ask, CommandKind.MUTE, asked=mute, reason=reason, duration=span))
    if refused:
        return _refused(ask, refused)
    until = ask.reader.face.until(ask.reader.now + span)
    told = section(f"🔕 {ask.said('muted_now', what=f'*{_what(mute, ask.reader)}*', until=until)}")
    theirs = [one for one in await front.desk.silences() if one.who.id == ask.who.id and one.topic == mute.topic]
    begun = max(theirs, key=lambda one: one.starts_at, default=None)
    return [told, *([context(ask.said("unmute_by", command=ask.reader.command, id=begun.id))] if begun else [])]


def _muted(ask: Ask, what: str) -> Mute | str:
    """What is to be muted, or what is wrong with it."""
    if (found := _RULE.match(what)) is not None:
        rule = what[found.end() :].strip()
        return Mute(rule=rule[:100]) if rule and " " not in rule else ask.said("bad_mute")
    topic = named(what, topic_names(ask))
    return Mute(topic=topic) if topic else unknown_topic(ask, what)


def _what(mute: Mute, reader: Reader) -> str:
    shown = Silence(
        id="", topic=mute.topic, rule=mute.rule, starts_at=reader.now, ends_at=reader.now, who=Person(id="")
    )
    return muted_what(shown, reader)


async def _unmute(front: SlackFront, ask: Ask) -> Answer:
    """End a silence, by its id or by its topic."""
    known = await front.desk.silences()
    topic = named(ask.rest, topic_names(ask))
    name = ask.rest.strip("` ")
    found = next((one for one in known if one.id == name or (topic and one.topic == topic)), None)
    if found is None:
        from buzzguard.deliver.slack_looks import silence_line

        lines = [silence_line(one, ask.reader) for one in known[:10]] or [ask.said("no_silences")]
        told = [ask.said("unknown_silence", name=escaped(name, 80))] if name else []
        return wrong(ask, *told, *lines, example="ex.unmute")
    refused = await front.command(_command(ask, CommandKind.UNMUTE, asked=Unmute(silence=found.id)))
    return _refused(ask, refused) if refused else [section(f"🔔 {ask.said('unmuted', id=found.id)}")]


async def _take(front: SlackFront, ask: Ask) -> Answer:
    return await _about_incident(front, ask, CommandKind.TAKE_CHARGE, "take", worded=False)


async def _resolve(front: SlackFront, ask: Ask) -> Answer:
    return await _about_incident(front, ask, CommandKind.RESOLVE, "resolve", worded=True)


async def _note(front: SlackFront, ask: Ask) -> Answer:
    return await _about_incident(front, ask, CommandKind.NOTE, "note", worded=True)


_DONE = {"take": "taken", "resolve": "resolved_now", "note": "noted"}


async def _about_incident(front: SlackFront, ask: Ask, kind: CommandKind, verb: str, *, worded: bool) -> Answer:
    """Do something with an incident that is named by its id or, where it has but one, by its topic."""
    found = await _incident(front, ask)
    if not isinstance(found, tuple):
        return wrong(ask, ask.said(f"{verb}_needed"), example=f"ex.{verb}") if not ask.rest else found
    incident, rest = found
    if worded and not rest:
        return wrong(ask, ask.said(f"{verb}_needed"), example=f"ex.{verb}")
    refused = await front.command(_command(ask, kind, incident=incident.id, reason=rest[:_LONGEST_WHY]))
    if refused:
        return _refused(ask, refused)
    told = ask.said(_DONE[verb], id=incident.id, topic=ask.reader.topic(incident.topic))
    return [section(f"✅ {told}")]


async def _incident(front: SlackFront, ask: Ask) -> tuple[Incident, str] | Answer:
    """The incident that is named first and what follows, or why there is none."""
    words = ask.rest.split()
    if not words:
        return []
    incident = await front.desk.incident(words[0].strip("`")[:200])
    if incident is not None:
        return incident, " ".join(words[1:])
    topic, rest = leading(ask.rest, topic_names(ask))
    there = [one for one in await front.desk.open_incidents(_MOST_OPEN) if one.topic == topic]
    if len(there) == 1:
        return there[0], rest
    if there:
        blocks = [section(ask.said("which_incident", topic=ask.reader.topic(topic)))]
        return [*blocks, *(incident_block(one, ask.reader) for one in there[:10])]
    return await _no_such(front, ask, words[0])


async def _no_such(front: SlackFront, ask: Ask, name: str) -> Answer:
    """That nothing open is called so, what may have been meant, and what is open."""
    close = near(name, topic_names(ask))
    hint = [ask.said("mean", name=escaped(close, 80))] if close else []
    shown = await front.desk.open_incidents(_MOST_NAMED)
    blocks = [section(" ".join([ask.said("unknown_incident", name=escaped(name, 80)), *hint]))]
    return [*blocks, *(incident_block(one, ask.reader) for one in shown)]


async def _drill(front: SlackFront, ask: Ask) -> Answer:
    """Ask whether an exercise is to begin; alone, how the last one went."""
    house = ask.reader.house
    playbooks = {id: tuple(titles.values()) for id, titles in house.playbooks.items()}
    if not ask.rest:
        return await _last_drill(front, ask, playbooks)
    playbook, rest = leading(ask.rest, playbooks)
    if not playbook:
        name = ask.rest.split()[0]
        told = f"{ask.said('unknown_playbook', name=escaped(name, 80))} {suggestion(ask, name, playbooks)}"
        return wrong(ask, told, example="ex.drill")
    topic = named(rest, topic_names(ask)) if rest else _only(list(house.topics))
    if not topic:
        told = unknown_topic(ask, rest) if rest else ask.said("topic_needed")
        return wrong(ask, told, example="ex.drill")
    shown = _title(playbook, ask.reader)
    question = ask.said("drill_ask", playbook=escaped(shown, 150), topic=f"*{ask.reader.topic(topic)}*")
    begin = button(DRILL_BEGIN, ask.said("drill_begin"), value_of(playbook, topic), style="primary")
    return [section(f"🎯 {question}"), {"type": "actions", "elements": [{**begin, "confirm": _sure(ask.reader)}]}]


async def begin_drill(front: SlackFront, payload: Mapping[str, Any]) -> None:
    """The exercise that was confirmed begins; whoever pressed is told. Pressed twice it begins once."""
    pressed = part(payload, "actions")
    action = pressed[0] if isinstance(pressed, list) and pressed else None
    who, wanted = person_of(payload), parts_of(part(action, "value"))
    if who is None or wanted is None:
        return
    language = _language_of(text_at(action, "text", "text")) or front.desk.directory.language
    reader = Reader(language=language, now=front.clock.now(), house=front.desk.directory)
    playbook, topic = wanted
    story = front.desk.exercise(playbook, topic, language)
    asked = Declaration(
        topic=topic,
        severity=DRILL_SEVERITY,
        story=story or reader.said("drill_story", playbook=_title(playbook, reader)),
        playbook=playbook,
        drill=True,
    )
    id = digest("drill", who.id, text_at(action, "action_ts"), text_at(payload, "trigger_id"))
    command = Command(id=id, kind=CommandKind.DECLARE, incident="", who=who, at=reader.now, asked=asked)
    refused = await front.command(command)
    told = refusal(refused, language) if refused else f"🎯 {reader.said('drill_begun', topic=reader.topic(topic))}"
    channel = matching(SLACK_ID, text_at(payload, "channel", "id") or text_at(payload, "container", "channel_id"))
    await front.tell(Place(user=who.id, channel=channel), told)


def _language_of(label: str) -> Language | None:
    languages: tuple[Language, ...] = ("en", "fr")
    return next((one for one in languages if said("drill_begin", one) == label), None)


def _sure(reader: Reader) -> dict[str, Any]:
    return {
        "title": plain_text(reader.said("drill_sure")),
        "text": plain_text(reader.said("drill_sure_text")),
        "confirm": plain_text(reader.said("drill_yes")),
        "deny": plain_text(reader.said("drill_no")),
    }


def _only(topics: Sequence[str]) -> str:
    return topics[0] if len(topics) == 1 else ""


def _title(playbook: str, reader: Reader) -> str:
    return wording.localised(reader.house.playbooks.get(playbook, {}), reader.language, default=playbook)


async def _last_drill(front: SlackFront, ask: Ask, playbooks: Mapping[str, tuple[str, ...]]) -> Answer:
    """How the last exercise went, and what there is to exercise."""
    names = ", ".join(f"`{truncate(plain(id), 60)}`" for id in list(playbooks)[:20])
    last = await front.desk.last_exercise()
    told = [section(ask.said("drill_none"))] if last is None else _scored(last, ask.reader)
    return [*told, context(ask.said("drill_playbooks", names=names)), *wrong(ask, example="ex.drill")[1:]]


def _scored(last: Exercise, reader: Reader) -> Answer:
    """An exercise's grade and its times, each against when it was due."""
    opened, incident = reader.face.at(last.incident.opened_at), last.incident
    state = "" if last.over else f" – {reader.said('drill_going')}"
    title = reader.said("drill_last", topic=f"*{reader.topic(incident.topic)}*", when=opened)
    grade = [] if last.points is None else [_grade(last, last.points, reader)]
    lines = [_measure(one, reader) for one in last.measures if one.took is not None or one.mark in _TOLD_UNDONE]
    steps = reader.said("drill_steps", **{name: last.steps.get(name, 0) for name in _STEPS})
    lines += [f"▫️ {steps}"] if any(last.steps.values()) else []
    blocks = [section("\n".join([f"🎯 {title}{state}", *grade]))]
    return [*blocks, *([section("\n".join(lines))] if lines else [])]


def _grade(last: Exercise, points: float, reader: Reader) -> str:
    shown = wording.percent(round(points, 2), reader.language)
    return reader.said("drill_grade" if last.over else "drill_grade_so_far", grade=f"*{last.grade}*", points=shown)


def _measure(one: Measure, reader: Reader) -> str:
    what = reader.said(f"drill.{one.name}")
    due = reader.said("drill_due", span=wording.duration(one.target, reader.language)) if one.target is not None else ""
    if one.took is None:
        told = reader.said("drill_not_yet" if one.mark == "pending" else "drill_undone", what=what)
    else:
        told = reader.said("drill_after", what=what, took=f"*{wording.duration(one.took, reader.language)}*")
    return f"{_MARKS.get(one.mark, '▫️')} {told}{due}"


def _command(ask: Ask, kind: CommandKind, **more: Any) -> Command:
    given = {"incident": "", **more}
    return Command(id=ask.id, kind=kind, who=ask.who, at=ask.reader.now, **given)


def _refused(ask: Ask, reason: str) -> Answer:
    return [section(f"⚠️ {refusal(reason, ask.reader.language)}")]


DEEDS: Mapping[str, Verb] = {
    "declare": _declare,
    "mute": _mute,
    "unmute": _unmute,
    "take": _take,
    "resolve": _resolve,
    "note": _note,
    "drill": _drill,
}
"""The verbs that change something."""
