"""A card as Slack shows it: Block Kit within its limits, whatever the card holds.

Everything is in top-level blocks, the severity as a coloured mark in the header: Slack folds long attachments away,
and with them the buttons. Texts are cut after escaping; when the whole still is too much, the last
quotes go first; the headline, the state and the buttons always arrive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, TypeAlias

from buzzguard.deliver import wording
from buzzguard.deliver.escape import link, mrkdwn, plain, truncate, units
from buzzguard.deliver.slack_ids import MAX_OPTION_VALUE, value_of
from buzzguard.deliver.slack_people import show_people
from buzzguard.deliver.slack_words import words as slack_words
from buzzguard.deliver.tame import tame
from buzzguard.model import Card, IncidentState, Phase, Quote, Record, Severity

Block: TypeAlias = dict[str, Any]

MAX_TEXT = 300
"""Of the fallback text: what a notification on a telephone shows."""
MAX_TOTAL = 12_000
"""Of all text in blocks: Slack refuses somewhere above 13,200 (`msg_blocks_too_long`)."""
_MAX_AROUND = 8
MAX_TITLES = 2
"""Rules named in full; all are named in the small print."""
_MAX_ID = 200
_MAX_VALUE = 2_000

COLORS = {Severity.YELLOW: "#ecb22e", Severity.ORANGE: "#e8741e", Severity.RED: "#d0021b"}
_MARKS = {Severity.YELLOW: "🟡", Severity.ORANGE: "🟠", Severity.RED: "🔴"}
_FINAL_COLORS = {IncidentState.RESOLVED: "#2eb67d", IncidentState.FALSE_ALARM: "#8d8d8d"}
_TRENDS = {Phase.PEAKING: "➡️", Phase.FALLING: "📉", Phase.OVER: "📉"}
_FINAL_MARKS = {IncidentState.RESOLVED: "🟢", IncidentState.FALSE_ALARM: "⚪"}


class SlackMessage(Record, frozen=True, kw_only=True):
    """What `chat.postMessage` and `chat.update` are given, beside the channel.

    `text` is the fallback and the notification, already escaped; `color` is the severity's, as `#rrggbb`.
    """

    text: str
    blocks: list[Block]
    color: str
    attachments: list[Block] = []

    def payload(self) -> dict[str, Any]:
        """The arguments by name. An update without `attachments` would keep older ones."""
        return {"text": self.text, "blocks": self.blocks, "attachments": self.attachments}


def render_card(card: Card, *, chart_file: str | None) -> SlackMessage:
    """The whole card; `chart_file` is the id of the uploaded chart, None to show none.

    The first screen says what it is, how bad, who has it and what is next; then come the proofs.
    """
    card = tame(card)
    top = [_header(card), *_drill(card), _section(f"{card_key(card)}:summary", _summary(card))]
    top += [_section(f"{card_key(card)}:state", _state(card)), *_around(card), *_buttons(card)]
    small_print, chart = _small_print(card), _chart(card, chart_file)
    room = MAX_TOTAL - sum(map(text_length, [*top, small_print, *chart]))
    numbers = _fitting([*_numbers(card), *_circumstances(card)], room)
    playbook = _fitting(_playbook(card), room - sum(map(text_length, numbers)))
    room -= sum(map(text_length, [*numbers, *playbook]))
    said = _fitting(_said(card), room)
    advocates = _fitting(_advocates(card), room - sum(map(text_length, said)))
    quotes = _fitting(_quotes(card), room - sum(map(text_length, [*said, *advocates])))
    blocks = show_people([*top, *playbook, *chart, *said, *numbers, *advocates, *quotes, small_print], card)
    return SlackMessage(text=_fallback(wording.notification_line(card)), blocks=blocks, color=color(card))


def render_news(card: Card) -> SlackMessage:
    """What is new, for the card's thread: a line for each transition, oldest first, then who has it."""
    card = tame(card)
    face = wording.clockface(card)
    told = [f"`{face.stamp(news.at)}` {_escaped(wording.news_line(news, card), 900)}" for news in card.news]
    state = _escaped(wording.state_line(card), 900)
    blocks = [_section(f"{card_key(card)}:news:{index}", line) for index, line in enumerate(told)]
    drill = f"*{wording.catalogue(card.language).labels.drill}* – " if wording.drilled(card) else ""
    blocks.append(_context(f"{card_key(card)}:state", [f"{mark(card)} {drill}{state}"]))
    lines = [wording.news_line(news, card) for news in card.news] or [wording.state_line(card)]
    text = _fallback(f"{wording.heading(card)}. {' '.join(lines)}")
    return SlackMessage(text=text, blocks=show_people(blocks, card), color=color(card))


def color(card: Card) -> str:
    """`#rrggbb` of what the card says: its severity, or how it ended."""
    return _FINAL_COLORS.get(card.incident.state) or COLORS[card.incident.severity]


def mark(card: Card) -> str:
    """The coloured dot for the same."""
    return _FINAL_MARKS.get(card.incident.state) or _MARKS[card.incident.severity]


def card_key(card: Card) -> str:
    """The start of every block id of a card: `bg:<incident>`, shortened with a hash when the id is too long."""
    key = f"bg:{card.incident.id}"
    if units(key) <= _MAX_ID:
        return key
    return f"bg:{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}"


def text_length(block: Block) -> int:
    """How much text a block holds, all its texts together, in UTF-16 units."""
    total = 0
    for key, value in block.items():
        if isinstance(value, str) and key in ("text", "alt_text", "value"):
            total += units(value)
        elif isinstance(value, dict):
            total += text_length(value)
        elif isinstance(value, list):
            total += sum(text_length(part) for part in value)
    return total


def _header(card: Card) -> Block:
    text = truncate(plain(f"{mark(card)} {wording.heading(card)}"), 150)
    return {"type": "header", "block_id": f"{card_key(card)}:header", "text": _plain_text(text)}


def _drill(card: Card) -> list[Block]:
    line = wording.drill_line(card)
    return [_context(f"{card_key(card)}:drill", [f"🎓 *{_escaped(line, 200)}*"])] if line else []


def _summary(card: Card) -> str:
    told = wording.narrative_lines(card)[:1]
    story = [f"💬 *{_escaped(line.headline, 200)}*" for line in told]
    goes_on = wording.prospects(card)
    trend = [f"{_trend(card)} {_escaped(goes_on, 600)}"] if goes_on else []
    instead = wording.not_reached_line(card)
    why = [_escaped(instead, 300)] if instead else []
    return "\n".join([*why, *story, _escaped(wording.summary(card), 900), *trend])


def _state(card: Card) -> str:
    """Who has it, and what its severity asks of people while it lasts."""
    state = _bold_first(wording.state_line(card))
    if card.incident.state in wording.FINAL:
        return state
    severity, words = card.incident.severity, wording.catalogue(card.language).labels
    call = wording.severity_call(severity, card.language)
    return (
        f"{state}\n{mark(card)} {_escaped(f'{wording.severity_name(severity, card.language)}{words.colon}{call}', 300)}"
    )


def _around(card: Card) -> list[Block]:
    """Whose business it is, where people meet, what it belongs with."""
    lines = [_place(line) for line in wording.around_lines(card)[:_MAX_AROUND]]
    return [_context(f"{card_key(card)}:around", ["\n".join(lines)])] if lines else []


def _place(line: wording.Place) -> str:
    shown = link(line.url, line.link) if line.url else _escaped(line.link, 240)
    return " ".join(part for part in (_escaped(line.text, 400), shown) if part)


def _trend(card: Card) -> str:
    growth = card.briefing.growth
    return _TRENDS.get(growth.phase, "📈") if growth is not None and growth.phase is not None else ""


def _buttons(card: Card) -> list[Block]:
    """Who sees to it and who is told; what is done about it; whether the alert was worth having."""
    if card.incident.state in wording.FINAL or units(card.incident.id) > _MAX_VALUE:
        return []
    untaken = card.incident.state is IncidentState.TRIGGERED
    handle = [_button(card, action) for action in ("take_charge", "escalate", "give", "silence")]
    if untaken:
        handle[0]["style"] = "primary"
    room = () if card.incident.room is not None else ("room",)
    work = [*(_button(card, action) for action in (*room, "note", "resolve", "dismiss")), *_menu(card)]
    judge = [_button(card, action) for action in ("useful", "noise")]
    rows = (("", handle), (":work", work), (":judge", judge))
    return [{"type": "actions", "block_id": f"{card_key(card)}{end}", "elements": row} for end, row in rows]


def _button(card: Card, action: str) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "text": _plain_text(slack_words(card.language).button[action]),
        "value": card.incident.id,
    }


def _menu(card: Card) -> list[Block]:
    """What is done rarely; nothing where the incident's id is too long for an option."""
    labels = slack_words(card.language).menu
    if units(value_of(card.incident.id, max(labels, key=len))) > MAX_OPTION_VALUE:
        return []
    shown = {name: label for name, label in labels.items() if name != "split" or len(card.incident.alerts) > 1}
    options = [{"text": _plain_text(label), "value": value_of(card.incident.id, name)} for name, label in shown.items()]
    return [{"type": "overflow", "action_id": "more", "options": options}]


def _numbers(card: Card) -> list[Block]:
    """The numbers, and why they make an alert."""
    lines = wording.telling_numbers(card)
    blocks = []
    if lines:
        fields = [_markdown(_number(line)) for line in lines]
        blocks.append({"type": "section", "block_id": f"{card_key(card)}:numbers", "fields": fields})
    if card.incident.alerts:
        blocks.append(_context(f"{card_key(card)}:why", [_why(card)]))
    return blocks


def _number(line: wording.NumberLine) -> str:
    notes = " · ".join(note for note in (line.rarity, line.growth) if note)
    shown = [line.amount, *(note for note in (notes, line.made_of) if note)]
    return "\n".join([f"*{_escaped(line.label, 100)}*", *(_escaped(each, 300) for each in shown)])


def _why(card: Card) -> str:
    words = wording.catalogue(card.language).labels
    alerts = wording.by_gravity(card)
    titles = list(dict.fromkeys(wording.title(alert, card.language) for alert in alerts))
    named = ", ".join(titles[:MAX_TITLES])
    if len(titles) > MAX_TITLES:
        named += f" ({words.more_alerts.format(n=len(titles) - MAX_TITLES)})"
    raised = next((alert.raised_by for alert in alerts if alert.raised_by), "")
    why = wording.condition(raised, card.language)
    told = f"*{_escaped(words.rule, 60)}*{words.colon}{_escaped(named, 300)}"
    return f"{told}\n{_escaped(f'{words.raised_by}{words.colon}{why}', 400)}" if why else told


def _circumstances(card: Card) -> list[Block]:
    """What else is to be known of the numbers: a plan or a holiday, a young baseline."""
    day = [f"📅 {_escaped(line, 600)}" for line in wording.day_lines(card)]
    line = wording.learning_line(card)
    learning = [_context(f"{card_key(card)}:learning", [f"🌱 {_escaped(line, 300)}"])] if line else []
    return [*([_context(f"{card_key(card)}:day", day)] if day else []), *learning]


def _chart(card: Card, chart_file: str | None) -> list[Block]:
    if not chart_file or card.briefing.chart is None:
        return []
    return [
        {
            "type": "image",
            "block_id": f"{card_key(card)}:chart",
            "slack_file": {"id": chart_file},
            "alt_text": truncate(plain(wording.chart_alt(card)), 500),
        }
    ]


def _said(card: Card) -> list[Block]:
    """The narratives with a typical quote each; under them themes, languages, copies, who speaks, and clues."""
    told = wording.narrative_lines(card)
    clues = wording.clue_line(card)
    small = [_escaped(line, 600) for line in (*wording.saying_lines(card), wording.voices_line(card)) if line]
    small += [f"🔎 {_escaped(clues, 600)}"] if clues else []
    blocks = [_context(f"{card_key(card)}:themes", ["\n".join(small)])] if small else []
    if not told:
        return blocks
    title = wording.catalogue(card.language).saying.title
    lines = [f"*{title}*", *(_narrative(index, line) for index, line in enumerate(told, start=1))]
    return [_section(f"{card_key(card)}:narratives", "\n".join(lines)), *blocks]


def _narrative(index: int, line: wording.NarrativeLine) -> str:
    facts = _escaped(line.facts, 300)
    shown = f"{index}. *{_escaped(line.headline, 200)}*\n{facts}" if index > 1 else f"{index}. {facts}"
    return f"{shown}\n> {_escaped(line.quote, 240)}" if line.quote else shown


def _quotes(card: Card) -> list[Block]:
    quotes = wording.main_quotes(card)
    if not quotes:
        return []
    title = wording.catalogue(card.language).labels.top_mentions
    shown = [_section(f"{card_key(card)}:quote:{index}", _quote(quote, card)) for index, quote in enumerate(quotes)]
    return [_section(f"{card_key(card)}:quotes", f"*{title}*"), *shown]


def _quote(quote: Quote, card: Card) -> str:
    when = link(quote.url, wording.clockface(card).stamp(quote.published))
    who = _escaped(wording.quote_author(quote, card.language), 80)
    small = [who, _escaped(quote.site, 80), when, _escaped(wording.quote_weight(quote, card.language), 60)]
    return f"{' · '.join(part for part in small if part)}\n> {_escaped(quote.text, 320)}"


def _advocates(card: Card) -> list[Block]:
    told = wording.advocate_lines(card)
    if not told:
        return []
    title = wording.catalogue(card.language).saying.advocates
    lines = [f"{_escaped(line.who, 160)} · {link(line.url, line.at)}\n> {_escaped(line.quote, 260)}" for line in told]
    return [_section(f"{card_key(card)}:advocates", "\n".join([f"*{title}*", *lines]))]


def _playbook(card: Card) -> list[Block]:
    """The next steps, each with who does it by when; then what is never to be done."""
    steps = wording.to_do(card)
    if not steps:
        return []
    shown, (title, playbook) = steps[: wording.MAX_STEPS], wording.to_do_title(card)
    lines = [f"*{title}* – {_escaped(playbook, 200)}", *map(_step, shown)]
    more = wording.more_steps(card, len(shown))
    lines += [f"_{_escaped(more, 100)}_"] if more else []
    blocks = [_section(f"{card_key(card)}:playbook", "\n".join(lines))]
    if card.playbook is not None and card.playbook.never:
        never = [f"✗ {_escaped(rule, 200)}" for rule in card.playbook.never]
        title = wording.catalogue(card.language).labels.never
        blocks.append(_context(f"{card_key(card)}:never", ["\n".join([f"*{title}*", *never])]))
    return blocks


def _step(step: wording.ToDo) -> str:
    note = _escaped(step.note, 100)
    late = "⏰ " if step.late else ""
    return f"{late}{_escaped(step.key, 10)}. {_escaped(step.text, 300)}" + (f"  _{note}_" if note else "")


def _small_print(card: Card) -> Block:
    return _context(f"{card_key(card)}:print", [_escaped(" · ".join(wording.small_print(card)), 600)])


def _fitting(blocks: Iterable[Block], room: int) -> list[Block]:
    """The blocks that fit into what room is left, in order; the first that does not fit ends the message."""
    fitting: list[Block] = []
    for block in blocks:
        room -= text_length(block)
        if room < 0:
            break
        fitting.append(block)
    return fitting


def _bold_first(line: str) -> str:
    """The first sentence in bold: who has it is what people look for."""
    head, stop, tail = line.partition(". ")
    if not stop:
        return f"*{_escaped(head, 900)}*"
    return f"*{_escaped(head, 900)}.* {_escaped(tail, 900)}"


def _escaped(text: str, limit: int) -> str:
    return truncate(mrkdwn(text), limit)


def _fallback(text: str) -> str:
    return truncate(mrkdwn(text), MAX_TEXT)


def _section(block_id: str, text: str) -> Block:
    return {"type": "section", "block_id": block_id, "text": _markdown(truncate(text, 3_000))}


def _context(block_id: str, texts: list[str]) -> Block:
    return {"type": "context", "block_id": block_id, "elements": [_markdown(text) for text in texts]}


def _markdown(text: str) -> Block:
    # `verbatim` tells Slack not to look for names and addresses in the text by itself.
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _plain_text(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}
