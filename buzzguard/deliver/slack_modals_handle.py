"""The modals by which an incident is handled: given, silenced, merged, split, closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from buzzguard.config.durations import parse_duration
from buzzguard.deliver import slack_views as views
from buzzguard.deliver import wording
from buzzguard.deliver.escape import mrkdwn
from buzzguard.deliver.slack_scene import Errors, Filled, Scene, Wish, severity_mark
from buzzguard.deliver.slack_views import Option, Values, View, modal, option, paragraph
from buzzguard.deliver.slack_words import words
from buzzguard.model import (
    AlarmReason,
    Alert,
    CommandKind,
    Directory,
    Dismissal,
    Handover,
    Incident,
    Language,
    Merge,
    Person,
    Split,
)

_LONGEST = timedelta(days=7)
_MORNING = 9
_SOON = timedelta(hours=1)
_DURATIONS = {"30m": timedelta(minutes=30), "1h": timedelta(hours=1), "4h": timedelta(hours=4)}
_UNTIL = "until:"


def give(scene: Scene) -> View | str:
    """To a person of the workspace, or to a department."""
    own = words(scene.meta.language)
    texts = own.modal["give"]
    departments = departments_of(scene.directory, scene.meta.language)
    blocks = [
        *paragraph(texts.intro),
        views.person("person", texts.fields["person"], optional=True),
        *([views.picking("department", texts.fields["department"], departments, optional=True)] if departments else []),
        views.typing("reason", texts.fields["reason"], optional=True),
    ]
    return modal("give", scene.meta, blocks, own)


def read_give(filled: Filled) -> Wish | Errors:
    """One of both, not more and not less."""
    person, department = filled.values.user("person"), filled.values.one("department")
    if bool(person) == bool(department):
        return {"person": filled.error("not_both" if person else "one_of_both")}
    asked = Handover(department=department)
    if person:
        asked = Handover(person=Person(id=person, via="slack"))
    return Wish(kind=CommandKind.GIVE, asked=asked, reason=filled.values.text("reason"))


def silence(scene: Scene) -> View | str:
    """For a while that is chosen or typed, with a reason."""
    own = words(scene.meta.language)
    texts = own.modal["silence"]
    morning = next_morning(scene.now, scene.directory.time_zone)
    face = wording.Clockface(scene.meta.language, scene.directory.time_zone, scene.now)
    spans = [option(value, own.option[value]) for value in _DURATIONS]
    spans.append(option(f"{_UNTIL}{int(morning.timestamp())}", face.until(morning)))
    spans.append(option("custom", own.option["custom"]))
    blocks = [
        *paragraph(texts.intro.format(topic=mrkdwn(scene.topic))),
        views.radio("for", texts.fields["for"], spans, at="1h"),
        views.typing("custom", texts.fields["custom"], optional=True, most=40),
        views.typing("reason", texts.fields["reason"]),
    ]
    return modal("silence", scene.meta, blocks, own)


def read_silence(filled: Filled) -> Wish | Errors:
    """A duration that can be, and a reason."""
    reason = filled.values.text("reason")
    if not reason:
        return {"reason": filled.error("needed")}
    chosen = filled.values.one("for")
    duration = _DURATIONS.get(chosen) or _typed_duration(filled.values, chosen) or _until(chosen, filled.now)
    if duration is None or duration > _LONGEST:
        return {"custom": filled.error("bad_duration")}
    if duration <= timedelta(0):
        return {"for": filled.error("too_late")}
    return Wish(kind=CommandKind.SILENCE, duration=duration, reason=reason)


def next_morning(now: datetime, time_zone: str) -> datetime:
    """The next nine o'clock there, at least an hour away."""
    local = now.astimezone(ZoneInfo(time_zone))
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    if morning.astimezone(UTC) - now < _SOON:
        morning = (local + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    return morning.astimezone(UTC)


def merge(scene: Scene) -> View | str:
    """Into another open incident, real with real and exercise with exercise."""
    own = words(scene.meta.language)
    texts = own.modal["merge"]
    others = [one for one in scene.others if one.id != scene.incident.id and one.drill is scene.incident.drill]
    same_first = sorted(others, key=lambda one: one.topic != scene.incident.topic)
    options = views.fitting(option(one.id, _named(one, scene)) for one in same_first)
    if not options:
        return "no_other"
    blocks = [
        *paragraph(texts.intro),
        views.picking("into", texts.fields["into"], options),
        views.typing("reason", texts.fields["reason"], optional=True),
    ]
    return modal("merge", scene.meta, blocks, own)


def read_merge(filled: Filled) -> Wish | Errors:
    """Which one."""
    into = filled.values.one("into")
    if not into:
        return {"into": filled.error("no_choice")}
    return Wish(kind=CommandKind.MERGE, asked=Merge(into=into), reason=filled.values.text("reason"))


def split(scene: Scene) -> View | str:
    """Some of its alerts, never all."""
    own = words(scene.meta.language)
    texts = own.modal["split"]
    alerts = views.fitting(
        option(one.fingerprint, _alert_named(one, scene.meta.language)) for one in scene.incident.alerts
    )
    if len(alerts) < 2:
        return "one_alert"
    blocks = [
        *paragraph(texts.intro),
        views.ticking("alerts", texts.fields["alerts"], alerts),
        views.typing("reason", texts.fields["reason"], optional=True),
    ]
    return modal("split", scene.meta, blocks, own)


def read_split(filled: Filled) -> Wish | Errors:
    """Which ones."""
    alerts = filled.values.many("alerts")
    if not alerts:
        return {"alerts": filled.error("no_choice")}
    return Wish(kind=CommandKind.SPLIT, asked=Split(alerts=alerts), reason=filled.values.text("reason"))


def dismiss(scene: Scene) -> View | str:
    """A false alarm, and why."""
    own = words(scene.meta.language)
    texts = own.modal["dismiss"]
    reasons = [option(reason.value, own.alarm[reason]) for reason in AlarmReason]
    blocks = [
        *paragraph(texts.intro),
        views.radio("why", texts.fields["why"], reasons),
        views.typing("reason", texts.fields["reason"], lines=True, optional=True),
    ]
    return modal("dismiss", scene.meta, blocks, own)


def read_dismiss(filled: Filled) -> Wish | Errors:
    """One of the reasons; `other` says more in words."""
    chosen, reason = filled.values.one("why"), filled.values.text("reason")
    if chosen not in AlarmReason.__members__.values():
        return {"why": filled.error("no_choice")}
    why = AlarmReason(chosen)
    if why is AlarmReason.OTHER and not reason:
        return {"reason": filled.error("needed")}
    return Wish(kind=CommandKind.FALSE_ALARM, asked=Dismissal(why=why), reason=reason)


def resolve(scene: Scene) -> View | str:
    """Over, with a summary."""
    own = words(scene.meta.language)
    texts = own.modal["resolve"]
    field = views.typing("summary", texts.fields["summary"], lines=True, most=3_000)
    return modal("resolve", scene.meta, [*paragraph(texts.intro), field], own)


def read_resolve(filled: Filled) -> Wish | Errors:
    """The summary is asked for."""
    summary = filled.values.text("summary")
    if not summary:
        return {"summary": filled.error("needed")}
    return Wish(kind=CommandKind.RESOLVE, reason=summary)


def departments_of(directory: Directory, language: Language) -> list[Option]:
    """The departments to choose from, by name."""
    named = [
        option(id, wording.localised(one.title, language, default=id)) for id, one in directory.departments.items()
    ]
    return views.fitting(sorted(named, key=lambda one: str(one["text"]["text"]).casefold()))


def _named(incident: Incident, scene: Scene) -> str:
    topic = scene.directory.topics.get(incident.topic, incident.topic)
    return f"{severity_mark(incident)} {topic} · {incident.id}"


def _alert_named(alert: Alert, language: Language) -> str:
    return f"{severity_mark(alert)} {wording.title(alert, language)} · {alert.rule}"


def _typed_duration(values: Values, chosen: str) -> timedelta | None:
    if chosen != "custom":
        return None
    text = "".join(values.text("custom").lower().split()).replace("min", "m").replace("j", "d")
    # `2h30`, as people write it, leaves its minutes unsaid.
    if text and text[-1].isdigit() and "h" in text:
        text += "m"
    try:
        return parse_duration(text)
    except ValueError:
        return None


def _until(chosen: str, now: datetime) -> timedelta | None:
    if not chosen.startswith(_UNTIL) or not chosen.removeprefix(_UNTIL).isdecimal() or len(chosen) > 20:
        return None
    at = int(chosen.removeprefix(_UNTIL))
    return timedelta(seconds=at - int(now.timestamp())) if at < 4_102_444_800 else None
