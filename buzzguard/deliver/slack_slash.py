"""`/buzz`: what people ask and do from wherever they type, answered to them alone.

Each word is understood in French and in English, with accents or without, and answered in the language of the word.
Whatever is typed gets an answer: what is wrong with it, and an example that would do.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from buzzguard.deliver.escape import plain, truncate
from buzzguard.deliver.slack_looks import (
    Block,
    Reader,
    address,
    button,
    context,
    decision_line,
    escaped,
    fitting,
    incident_line,
    oncall_lines,
    quote_lines,
    section,
    silence_line,
    watch_lines,
    watched_line,
)
from buzzguard.deliver.slack_payload import SLACK_ID, digest, matching, shown_name, text_at
from buzzguard.deliver.slack_spoken import Spoken, leading, meant, near, read
from buzzguard.deliver.wording.desk import said
from buzzguard.errors import StoreError
from buzzguard.model import Incident, IncidentState, Language, Person, Record
from buzzguard.telemetry import get_logger

if TYPE_CHECKING:
    from buzzguard.deliver.slack_front import SlackFront

Body: TypeAlias = dict[str, Any]
Answer: TypeAlias = list[Block]

MOST_SHOWN = 12
MOST_FOUND = 10
MOST_DECISIONS = 15
_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_COMMAND = re.compile(r"/[a-z0-9_-]{1,31}")
_TRIGGER = re.compile(r"[A-Za-z0-9._-]{1,100}")
_log = get_logger("deliver.slack")


class Ask(Record, frozen=True, kw_only=True):
    """One use of the command: who, what they typed, and how they read. `id` is the same when Slack sends it again."""

    id: str
    who: Person
    spoken: Spoken
    reader: Reader
    channel: str = ""
    trigger: str = ""
    workspace: str = ""

    @property
    def rest(self) -> str:
        """What follows the word."""
        return self.spoken.rest

    def said(self, key: str, **values: object) -> str:
        """A sentence in the reader's language."""
        return self.reader.said(key, **values)


Verb: TypeAlias = Callable[["SlackFront", Ask], Awaitable[Answer | None]]
"""Answers an ask; None when something else was shown (a modal)."""


async def answer(front: SlackFront, fields: Mapping[str, Any]) -> Body:
    """The answer to a slash command, as the body of its acknowledgement, empty where a modal was opened instead.

    Never raises: whatever goes wrong is told to whoever asked.
    """
    ask = read_ask(front, fields)
    if ask is None:
        _log.warning("command.ignored", reason="no user")
        return body([section(said("no_user", front.desk.directory.language))])
    found = await _answered(front, ask)
    return body(found) if found else {}


def body(blocks: Answer) -> Body:
    """An answer that the asker alone sees; its plain text is what a notification shows."""
    texts = (text_at(block, "text", "text") for block in blocks)
    text = truncate(next(filter(None, texts), "BuzzGuard"), 300)
    return {"response_type": "ephemeral", "text": text, "blocks": fitting(blocks)}


def read_ask(front: SlackFront, fields: Mapping[str, Any]) -> Ask | None:
    """What was typed, by whom; None when nobody is named. Everything is from outside, and read without trust."""
    user = matching(SLACK_ID, text_at(fields, "user_id"))
    if not user:
        return None
    house, spoken = front.desk.directory, read(fields.get("text"))
    language: Language = spoken.language or house.language
    domain = matching(_DOMAIN, text_at(fields, "team_domain"))
    trigger = matching(_TRIGGER, text_at(fields, "trigger_id"))
    command = matching(_COMMAND, text_at(fields, "command")) or "/buzz"
    now = front.clock.now()
    return Ask(
        id=digest("slash", text_at(fields, "team_id"), user, trigger or now.isoformat(), text_at(fields, "text")),
        who=Person(id=user, name=shown_name(text_at(fields, "user_name")) or user, via="slack"),
        spoken=spoken,
        reader=Reader(language=language, now=now, house=house, command=command),
        channel=matching(SLACK_ID, text_at(fields, "channel_id")),
        trigger=trigger,
        workspace=f"https://{domain}.slack.com/" if domain else "",
    )


async def _answered(front: SlackFront, ask: Ask) -> Answer | None:
    try:
        return await _verb(ask)(front, ask)
    except StoreError:
        return [section(f"⚠️ {ask.said('store')}")]
    except Exception as error:  # noqa: BLE001 - whoever asks must be told that it failed, whatever it was
        _log.error("command.failed", verb=ask.spoken.verb, error=type(error).__name__, exc_info=True)
        return [section(f"⚠️ {ask.said('failed')}")]


def _verb(ask: Ask) -> Verb:
    from buzzguard.deliver.slack_deeds import DEEDS

    return {**LOOKS, **DEEDS}.get(ask.spoken.verb, _unknown)


async def _status(front: SlackFront, ask: Ask) -> Answer:
    reader, names = ask.reader, topic_names(ask)
    topic, _ = leading(ask.rest, names)
    if ask.rest and not topic:
        return wrong(ask, unknown_topic(ask, ask.rest))
    found = [one for one in await front.desk.open_incidents(1_000) if topic in ("", one.topic)]
    shown = found[:MOST_SHOWN]
    blocks = [section(_title(found, topic, reader))] if found else []
    places = await front.desk.places([one.id for one in shown])
    blocks += [incident_block(one, reader, address(places.get(one.id, ()), ask.workspace)) for one in shown]
    if more := len(found) - len(shown):
        blocks.append(context(reader.counted("open_more", more)))
    silences = [one for one in await front.desk.silences() if not topic or one.topic in ("", topic)]
    if silences:
        blocks.append(section("\n".join(silence_line(one, reader) for one in silences[:10])))
    calm = await _calm(front, reader, topic, calm=not found)
    hint = context(reader.said("hint", command=reader.command))
    return [*blocks, *calm, hint] if found else [*calm, *blocks, hint]


def _title(found: list[Incident], topic: str, reader: Reader) -> str:
    count = f"*{reader.counted('open', len(found))}*"
    return f"{reader.said('open_on', topic=reader.topic(topic))} – {count}" if topic else count


async def _calm(front: SlackFront, reader: Reader, topic: str, *, calm: bool) -> Answer:
    """That nothing is open, where nothing is; and whether that can be believed."""
    health, watch = front.desk.health(), await front.desk.watch()
    troubles = watch_lines(health, watch, reader)
    if not calm:
        return [section("\n".join(troubles))] if troubles else []
    if troubles:
        return [section("\n".join([f"*{reader.said('calm_but')}*", *troubles])), context(watched_line(watch, reader))]
    told = reader.said("calm_on", topic=reader.topic(topic)) if topic else reader.said("calm")
    return [section(f"🟢 *{told}*"), context(watched_line(watch, reader))]


def incident_block(incident: Incident, reader: Reader, url: str = "") -> Block:
    """An incident, with the button to take charge where nobody has."""
    free = incident.state is IncidentState.TRIGGERED
    take = button("take_charge", reader.said("home.take"), incident.id, style="primary") if free else None
    return section(incident_line(incident, reader, url), accessory=take)


async def _oncall(front: SlackFront, ask: Ask) -> Answer:
    lines = oncall_lines(await front.desk.on_call(), ask.reader)
    return [section("\n".join([f"*{ask.said('oncall')}*", *lines]))]


async def _why(front: SlackFront, ask: Ask) -> Answer:
    about = ask.rest.split()[0].strip("`")[:200] if ask.rest else ""
    if not about:
        return wrong(ask, ask.said("why_needed"), example="ex.why")
    topic, _ = leading(ask.rest, topic_names(ask))
    open_there = [one for one in await front.desk.open_incidents(1_000) if topic and one.topic == topic]
    about = open_there[0].id if open_there else about
    decisions = await front.desk.why(about, MOST_DECISIONS + 1)
    if not decisions:
        return [section(ask.said("why_none", about=f"*{escaped(about, 200)}*")), _example(ask, "ex.why")]
    cut = len(decisions) > MOST_DECISIONS
    lines = [decision_line(one, ask.reader) for one in decisions[-MOST_DECISIONS:]]
    blocks = [section(f"*{ask.said('why', about=escaped(about, 200))}*"), *(section(line) for line in lines)]
    return [*blocks, *([context(ask.said("why_cut", about=escaped(about, 200)))] if cut else [])]


async def _search(front: SlackFront, ask: Ask) -> Answer:
    if not ask.rest.strip(' "«»“”'):
        return wrong(ask, ask.said("search_needed"), example="ex.search")
    found = await front.desk.mentions(ask.rest, MOST_FOUND)
    words, n = f"*{escaped(ask.rest, 200)}*", len(found.quotes)
    key = "found_first" if n >= MOST_FOUND else "found"
    title = ask.reader.counted(key, n, words=words) if n else ask.said("found_none", words=words)
    blocks = [section(title), *(section(quote_lines(quote, ask.reader)) for quote in found.quotes)]
    if found.since is not None:
        blocks.append(context(ask.said("looked_since", time=ask.reader.face.stamp(found.since))))
    return blocks


async def _mutes(front: SlackFront, ask: Ask) -> Answer:
    lines = [silence_line(one, ask.reader) for one in await front.desk.silences()]
    if not lines:
        return [section(ask.said("no_silences"))]
    return [section(f"*{ask.said('silences')}*"), *(section(line) for line in lines[:30])]


_HELPED = ("status", "oncall", "declare", "take", "note", "resolve", "mute", "unmute", "why", "search", "drill")


async def _help(_front: SlackFront, ask: Ask) -> Answer:
    reader = ask.reader
    lines = [f"`{reader.command} {reader.said(f'use.{verb}')}` – {reader.said(f'help.{verb}')}" for verb in _HELPED]
    return [
        section("\n".join([f"*{reader.said('help')}*", *lines])),
        context(reader.said("french", command=reader.command)),
    ]


async def _unknown(front: SlackFront, ask: Ask) -> Answer:
    """A word that is none of ours: what may have been meant, in the language of that, and all that there is."""
    near_word = meant(ask.spoken.word)
    if near_word is not None and near_word[1] is not None:
        ask = _in(ask, near_word[1])
    told = ask.said("unknown_word", word=escaped(ask.spoken.word, 60))
    if near_word is not None:
        told += f" {ask.said('mean', name=near_word[0])}"
    return [section(told), *await _help(front, ask)]


def _in(ask: Ask, language: Language) -> Ask:
    from msgspec.structs import replace

    return replace(ask, reader=replace(ask.reader, language=language))


def topic_names(ask: Ask) -> dict[str, tuple[str, ...]]:
    """The topics as they may be called."""
    return {id: (name,) for id, name in ask.reader.house.topics.items()}


def unknown_topic(ask: Ask, name: str) -> str:
    """That a topic is none, which may have been meant, and which there are."""
    names = topic_names(ask)
    return f"{ask.said('unknown_topic', name=escaped(name, 80))} {suggestion(ask, name, names)}"


def suggestion(ask: Ask, name: str, names: Mapping[str, tuple[str, ...]]) -> str:
    """What may have been meant, else what there is."""
    close = near(name, names)
    if close:
        return ask.said("mean", name=escaped(close, 80))
    listed = [escaped(id, 60) for id in list(names)[:12]]
    return ask.said("choose", names=", ".join([*listed, *(["…"] if len(names) > 12 else [])]))


def wrong(ask: Ask, *lines: str, example: str = "") -> Answer:
    """What is wrong with what was typed, and an example that would do."""
    return [section("\n".join(lines)), *([_example(ask, example)] if example else [])]


def _example(ask: Ask, key: str) -> Block:
    house = ask.reader.house
    topic = plain(next(iter(house.topics), "lumio"))
    playbook = plain(next(iter(house.playbooks), "bad-buzz"))
    shown = ask.said(key, topic=topic, playbook=playbook, incident=topic)
    return context(ask.said("example", command=ask.reader.command, example=shown.replace("`", "")))


LOOKS: Mapping[str, Verb] = {
    "status": _status,
    "oncall": _oncall,
    "why": _why,
    "search": _search,
    "mutes": _mutes,
    "help": _help,
}
"""The verbs that change nothing."""
