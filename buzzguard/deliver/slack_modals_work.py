"""The modals by which people work on an incident: notes, playbook, crisis room, statements published, declaring."""

from __future__ import annotations

import re
from datetime import timedelta

from buzzguard.deliver import slack_views as views
from buzzguard.deliver import wording
from buzzguard.deliver.escape import mrkdwn
from buzzguard.deliver.slack_modals_handle import departments_of
from buzzguard.deliver.slack_room_words import room_name
from buzzguard.deliver.slack_scene import Errors, Filled, RoomWish, Scene, Wish
from buzzguard.deliver.slack_views import Meta, Option, View, modal, option, paragraph
from buzzguard.deliver.slack_words import words
from buzzguard.model import CommandKind, Declaration, Directory, Language, PlaybookChoice, Severity

_MARKS = {Severity.YELLOW: "🟡", Severity.ORANGE: "🟠", Severity.RED: "🔴"}
_ROOM = re.compile(r"[a-z0-9_-]{1,80}")
_CLOCKS_DIFFER = timedelta(minutes=2)


def note(scene: Scene) -> View | str:
    """Words for the record."""
    own = words(scene.meta.language)
    field = views.typing("text", own.modal["note"].fields["text"], lines=True, most=3_000)
    return modal("note", scene.meta, [field], own)


def read_note(filled: Filled) -> Wish | Errors:
    """Some words at least."""
    text = filled.values.text("text")
    return Wish(kind=CommandKind.NOTE, reason=text) if text else {"text": filled.error("needed")}


def new_normal(scene: Scene) -> View | str:
    """What it means is said before it is confirmed."""
    own = words(scene.meta.language)
    texts = own.modal["new_normal"]
    blocks = [
        *paragraph(texts.intro.format(topic=mrkdwn(scene.topic))),
        views.typing("reason", texts.fields["reason"]),
    ]
    return modal("new_normal", scene.meta, blocks, own)


def read_new_normal(filled: Filled) -> Wish | Errors:
    """With a reason: it changes what alerts from now on."""
    reason = filled.values.text("reason")
    return Wish(kind=CommandKind.NEW_NORMAL, reason=reason) if reason else {"reason": filled.error("needed")}


def playbook(scene: Scene) -> View | str:
    """Another playbook than the present one."""
    own = words(scene.meta.language)
    texts = own.modal["playbook"]
    options = playbooks_of(scene.directory, scene.meta.language)
    if not options:
        return "no_playbooks"
    present = scene.incident.run.playbook if scene.incident.run is not None else scene.incident.playbook
    blocks = [
        *paragraph(texts.intro),
        views.picking("playbook", texts.fields["playbook"], options, at=present),
        views.typing("reason", texts.fields["reason"], optional=True),
    ]
    return modal("playbook", scene.meta, blocks, own)


def read_playbook(filled: Filled) -> Wish | Errors:
    """Which one."""
    chosen = filled.values.one("playbook")
    if not chosen:
        return {"playbook": filled.error("no_choice")}
    asked = PlaybookChoice(playbook=chosen)
    return Wish(kind=CommandKind.CHOOSE_PLAYBOOK, asked=asked, reason=filled.values.text("reason"))


def room(scene: Scene) -> View | str:
    """A channel of its own: its name proposed, who is invited."""
    own = words(scene.meta.language)
    texts = own.modal["room"]
    departments = departments_of(scene.directory, scene.meta.language)
    private = [option("private", own.option["private"])]
    name = room_name("", scene.incident, language=scene.meta.language, time_zone=scene.directory.time_zone)
    blocks = [
        *paragraph(texts.intro),
        views.typing("name", texts.fields["name"], most=80, initial=name),
        views.ticking("private", texts.fields["private"], private, optional=True),
        *(
            [views.ticking("departments", texts.fields["departments"], departments, optional=True)]
            if departments
            else []
        ),
    ]
    return modal("room", scene.meta, blocks, own)


def read_room(filled: Filled) -> RoomWish | Errors:
    """A name that Slack takes."""
    name = filled.values.text("name").lower().replace(" ", "-").removeprefix("#")
    if not _ROOM.fullmatch(name):
        return {"name": filled.error("bad_name")}
    private = "private" in filled.values.many("private")
    return RoomWish(name=name, private=private, departments=filled.values.many("departments"))


def statement(scene: Scene) -> View | str:
    """When it was published, and where."""
    own = words(scene.meta.language)
    texts = own.modal["statement"]
    blocks = [
        *paragraph(texts.intro),
        views.instant("when", texts.fields["when"], scene.now),
        views.typing("reason", texts.fields["reason"], lines=True, optional=True),
    ]
    return modal("statement", scene.meta, blocks, own)


def read_statement(filled: Filled) -> Wish | Errors:
    """Nothing is published in the future."""
    when = filled.values.moment("when")
    if when is None:
        return {"when": filled.error("no_choice")}
    if when > filled.now + _CLOCKS_DIFFER:
        return {"when": filled.error("future")}
    at = min(when, filled.now)
    return Wish(kind=CommandKind.STATEMENT, happened_at=at, reason=filled.values.text("reason"), notice="published")


def declare(meta: Meta, directory: Directory, *, topic: str = "") -> View | str:
    """An incident by hand; the named reason when nothing can be declared."""
    own = words(meta.language)
    texts = own.modal["declare"]
    named = sorted(directory.topics.items(), key=lambda one: one[1].casefold())
    topics = views.fitting(option(id, name or id) for id, name in named)
    if not topics:
        return "no_topics"
    playbooks = playbooks_of(directory, meta.language)
    grave = [option(severity.value, _graveness(severity, meta.language)) for severity in Severity]
    blocks = [
        *paragraph(texts.intro),
        views.picking("topic", texts.fields["topic"], topics, at=topic),
        views.radio("severity", texts.fields["severity"], grave, at=Severity.ORANGE.value),
        views.typing("story", texts.fields["story"], most=300),
        *([views.picking("playbook", texts.fields["playbook"], playbooks, optional=True)] if playbooks else []),
        views.ticking("drill", texts.fields["drill"], [option("drill", own.option["drill"])], optional=True),
    ]
    return modal("declare", meta, blocks, own)


def read_declare(filled: Filled) -> Wish | Errors:
    """Topic, severity and what happens are asked for."""
    values = filled.values
    topic, severity, story = values.one("topic"), values.one("severity"), values.text("story", 300)
    if severity not in Severity.__members__.values():
        return {"severity": filled.error("no_choice")}
    missing = {name: filled.error("needed") for name, value in (("topic", topic), ("story", story)) if not value}
    if missing:
        return missing
    asked = Declaration(
        topic=topic,
        severity=Severity(severity),
        story=" ".join(story.split()),
        playbook=values.one("playbook"),
        drill="drill" in values.many("drill"),
    )
    return Wish(kind=CommandKind.DECLARE, asked=asked)


def playbooks_of(directory: Directory, language: Language) -> list[Option]:
    """The playbooks to choose from, by title."""
    named = [option(id, wording.localised(title, language, default=id)) for id, title in directory.playbooks.items()]
    return views.fitting(sorted(named, key=lambda one: str(one["text"]["text"]).casefold()))


def _graveness(severity: Severity, language: Language) -> str:
    name, call = wording.severity_name(severity, language), wording.severity_call(severity, language)
    return f"{_MARKS[severity]} {name}{wording.catalogue(language).labels.colon}{call}"
