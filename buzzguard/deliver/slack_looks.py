"""What people look up in Slack, as blocks: incidents, silences, who is on call, decisions, mentions, the watch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import MAX_TOTAL, text_length
from buzzguard.deliver.escape import link, mrkdwn, plain, truncate
from buzzguard.deliver.slack_payload import INCIDENT, STAMP, matching
from buzzguard.deliver.wording.desk import counted, said
from buzzguard.deliver.wording.whys import why_line
from buzzguard.model import (
    WATCHER_TOPIC,
    Decision,
    Delivery,
    Directory,
    Health,
    Incident,
    IncidentState,
    Language,
    OnCall,
    Quote,
    Record,
    Severity,
    Silence,
    StepState,
    Watch,
)

Block = dict[str, Any]

MARKS = {Severity.YELLOW: "🟡", Severity.ORANGE: "🟠", Severity.RED: "🔴"}
MOST_FAILING = 5
"""Streams that fail, told one by one."""
MOST_BLOCKS = 50
"""Of a message."""
_MOST_READ = 4_000
"""Of a text from outside: far beyond what is shown of any."""
_ENDED = {IncidentState.RESOLVED: ("🟢", "resolved"), IncidentState.FALSE_ALARM: ("⚪", "false_alarm")}
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,30}")


class Reader(Record, frozen=True, kw_only=True):
    """Whoever looks: in which language, at what time, at which house; `command` is what they typed, `/buzz`."""

    language: Language
    now: datetime
    house: Directory
    command: str = "/buzz"

    @property
    def face(self) -> wording.Clockface:
        """Tells instants to the reader."""
        return wording.Clockface(self.language, self.house.time_zone, self.now)

    def said(self, key: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return said(key, self.language, **values)

    def counted(self, key: str, n: int, **values: object) -> str:
        """A sentence in the form for `n`."""
        return counted(key, n, self.language, **values)

    def topic(self, id: str) -> str:
        """The name of a topic, harmless."""
        return escaped("BuzzGuard" if id == WATCHER_TOPIC else self.house.topics.get(id, id), 120)

    def department(self, id: str) -> str:
        """The name of a department, harmless."""
        known = self.house.departments.get(id)
        return escaped(id if known is None else wording.localised(known.title, self.language, default=id), 80)


def escaped(text: str, limit: int) -> str:
    """Text from outside, harmless and at most so long."""
    return truncate(mrkdwn(text[:_MOST_READ]), limit)


def fitting(blocks: Iterable[Block], most: int = MOST_BLOCKS, room: int = MAX_TOTAL) -> list[Block]:
    """The blocks that one message takes, in order; the first that does not fit ends it with an ellipsis."""
    fits: list[Block] = []
    for block in blocks:
        room -= text_length(block)
        if room < 0 or len(fits) == most - 1:
            return [*fits, context("…")]
        fits.append(block)
    return fits


def section(text: str, *, accessory: Block | None = None) -> Block:
    """A paragraph, with a button beside it or without."""
    block: Block = {"type": "section", "text": markdown(truncate(text, 3_000))}
    return {**block, "accessory": accessory} if accessory is not None else block


def context(*texts: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [markdown(truncate(text, 1_000)) for text in texts[:10]]}


def heading(text: str) -> Block:
    """A heading; what it holds is plain text from outside."""
    return {"type": "header", "text": plain_text(truncate(plain(text), 150))}


def button(action: str, label: str, value: str = "", *, url: str = "", style: str = "") -> Block:
    """A button of ours."""
    made: Block = {"type": "button", "action_id": action, "text": plain_text(truncate(plain(label), 75))}
    more = {"value": value, "url": url, "style": style}
    return {**made, **{name: text for name, text in more.items() if text}}


def markdown(text: str) -> Block:
    """A text object that Slack looks into for nothing by itself."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str) -> Block:
    """A text object without markup."""
    return {"type": "plain_text", "text": text, "emoji": True}


def incident_line(incident: Incident, reader: Reader, url: str = "") -> str:
    """An incident in two or three lines: how grave, what, who has it, since when, what comes next, its id."""
    mark, ended = _ENDED.get(incident.state, (MARKS[incident.severity], ""))
    drill = f"*{reader.said('drill')}* · " if incident.drill else ""
    what = f"*{reader.topic(incident.topic)}* – {escaped(headline(incident, reader.language), 200)}"
    state = reader.said(ended) if ended else " · ".join(_state(incident, reader))
    small = f"`{incident.id}`" if INCIDENT.fullmatch(incident.id) else ""
    lead = f" · {link(url, reader.said('home.open'))}" if url else ""
    return f"{mark} {drill}{what}\n{state}\n{small}{lead}"


def headline(incident: Incident, language: Language) -> str:
    """What it is about in a few words: what a person said of it, else its gravest alert."""
    if incident.story:
        return incident.story
    alerts = sorted(incident.alerts, key=lambda one: (-one.severity.rank, one.since))
    return wording.title(alerts[0], language) if alerts else wording.severity_name(incident.severity, language)


def _state(incident: Incident, reader: Reader) -> list[str]:
    owner, face = incident.owner, reader.face
    taken = owner is not None and incident.state is IncidentState.ACKNOWLEDGED
    name = escaped(owner.name or owner.id, 80) if owner is not None else ""
    span = wording.duration(reader.now - incident.opened_at, reader.language)
    told = [
        f"*{reader.said('in_charge', owner=name)}*" if taken else f"*{reader.said('nobody')}*",
        reader.said("since", time=face.stamp(incident.opened_at), span=span),
    ]
    if incident.silenced_until is not None and incident.silenced_until > reader.now:
        told.append(f"🔕 {reader.said('muted', until=face.until(incident.silenced_until))}")
    if not taken:
        told.append(_next(incident, reader))
    if incident.run is not None and incident.run.steps:
        done = sum(step.state is not StepState.OPEN for step in incident.run.steps)
        told.append(reader.said("run", done=done, all=len(incident.run.steps)))
    if incident.department:
        told.append(reader.said("business_of", department=reader.department(incident.department)))
    return told


def _next(incident: Incident, reader: Reader) -> str:
    if incident.next_step_at is None:
        return reader.said("no_next_step")
    return reader.said("next_step", at=reader.face.at(incident.next_step_at))


def silence_line(silence: Silence, reader: Reader) -> str:
    """What is muted, until when, by whom and why, and the id by which it is ended."""
    who = escaped(silence.who.name or silence.who.id, 80)
    key = "silence_why" if silence.reason else "silence"
    until, reason = reader.face.until(silence.ends_at), escaped(silence.reason, 200)
    id = f" · `{silence.id}`" if INCIDENT.fullmatch(silence.id) else ""
    told = reader.said(key, what=f"*{muted_what(silence, reader)}*", until=until, who=who, reason=reason)
    return f"🔕 {told}{id}"


def muted_what(silence: Silence, reader: Reader) -> str:
    """What a silence matches."""
    parts = [reader.topic(silence.topic)] if silence.topic else []
    parts += [reader.said("rule", rule=escaped(silence.rule, 100))] if silence.rule else []
    parts += [reader.said("department", department=reader.department(silence.department))] if silence.department else []
    return " · ".join(parts) or reader.said("silence_all")


def oncall_lines(rotas: Sequence[OnCall], reader: Reader) -> list[str]:
    """Who is on call, a line a rota."""
    if not rotas:
        return [reader.said("no_rotas")]
    return [_oncall_line(one, reader) for one in rotas[:30]]


def _oncall_line(one: OnCall, reader: Reader) -> str:
    rota, who = f"*{escaped(one.rota, 80)}*", _names(one.who)
    if len(one.who) > 1:
        return f"⚠️ {reader.said('oncall_everybody', rota=rota, who=who)}"
    if one.until is None:
        return f"📟 {reader.said('oncall_now', rota=rota, who=who)}"
    until, then = reader.face.until(one.until), _names(one.then)
    return f"📟 {reader.said('oncall_until', rota=rota, who=who, until=until, then=then)}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(escaped(name, 80) for name in list(names)[:12])


def watch_lines(health: Health, watch: Watch, reader: Reader) -> list[str]:
    """What is wrong with the watch, a line each; nothing when it is whole."""
    told = [] if health.ready or health.troubles else [reader.said("not_ready")]
    told += [reader.said("trouble", what=escaped(trouble, 300)) for trouble in health.troubles[:5]]
    told += [
        reader.said(
            "stream_failing",
            stream=f"*{escaped(poll.stream, 80)}*",
            n=reader.counted("failures", max(1, poll.failures)),
            time=reader.face.at(poll.at),
            reason=escaped(poll.reason, 160) or "?",
        )
        for poll in watch.failing[:MOST_FAILING]
    ]
    if (more := len(watch.failing) - MOST_FAILING) > 0:
        told.append(reader.counted("streams_more", more))
    return [f"⚠️ {line}" for line in told]


def watched_line(watch: Watch, reader: Reader) -> str:
    """What is watched, and when it was looked at last."""
    topics = reader.counted("topics", len(reader.house.topics))
    streams = reader.counted("streams", watch.streams)
    if watch.polled_at is None:
        return reader.said("watched_never", topics=topics, streams=streams)
    return reader.said("watched", topics=topics, streams=streams, time=reader.face.at(watch.polled_at))


def decision_line(decision: Decision, reader: Reader) -> str:
    """When, what was decided, and why."""
    line = why_line(decision, reader.face, reader.language, shown=lambda text: escaped(text, 160))
    return f"`{reader.face.stamp(decision.at)}` {line}"


def quote_lines(quote: Quote, reader: Reader) -> str:
    """A mention: what it says, by whom, where and when, its tone."""
    when = link(quote.url, reader.face.stamp(quote.published))
    tone = reader.said(f"tone.{quote.polarity.value}")
    small = [
        escaped(wording.quote_author(quote, reader.language), 80),
        escaped(quote.site, 80),
        when,
        tone,
        escaped(wording.quote_weight(quote, reader.language), 60),
    ]
    return f"> {escaped(quote.text, 300)}\n{' · '.join(part for part in small if part)}"


def address(deliveries: Iterable[Delivery], workspace: str) -> str:
    """Where the card of an incident can be read in Slack; empty where it stands nowhere there.

    `workspace` is the workspace's own address, with a slash behind it.
    """
    for one in deliveries:
        if workspace and _CHANNEL.fullmatch(one.place) and matching(STAMP, one.message):
            return f"{workspace}archives/{one.place}/p{one.message.replace('.', '')}"
    return ""
