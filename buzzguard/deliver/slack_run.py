"""A playbook's run as Slack shows it, in the card's thread: what is to be done next, with a button to tick it.

The stage people are in comes first to its right: its open steps are never left out. Each has a button as long as there
is room; a playbook with more steps than that is shown in lines with a menu to tick them. What is left out otherwise is
counted: steps behind us first, then those of later stages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import MAX_TOTAL, Block, SlackMessage, card_key, color, text_length
from buzzguard.deliver.escape import mrkdwn, plain, truncate
from buzzguard.deliver.slack_ids import DRAFT_OPEN, DRAFT_PUBLISH, STEP_DONE, STEP_OPEN, STEP_SKIP, parts_of, value_of
from buzzguard.deliver.slack_parts import button, confirm, context, menu, section
from buzzguard.deliver.tame import tame
from buzzguard.deliver.wording.running import (
    counted,
    draft_state,
    is_late,
    running_words,
    step_who_when,
)
from buzzguard.deliver.wording.sentences import FINAL, localised
from buzzguard.model import Card, Draft, DraftState, Record, Run, RunStep, StepState

MAX_BLOCKS = 50
MAX_NEVER, MAX_STATEMENTS, MAX_STAGES = 8, 6, 8
MAX_RARE = 40
"""Options of a menu for what is rare: the next steps, or those marked last."""
_CLOSED_SHOWN = 12
"""Steps behind us that are named in a stage; the others are counted."""
_TEXT, _LINE, _SHORT = 300, 90, 60
_MARKS = {StepState.OPEN: "☐", StepState.DONE: "✅", StepState.SKIPPED: "⏭️"}


class _Stage(Record, frozen=True, kw_only=True):
    title: str
    steps: tuple[RunStep, ...]
    present: bool


def render_run(card: Card) -> SlackMessage:
    """The message of the run; `card.playbook` is the playbook that is run, for its statements and what it forbids."""
    never, statements = _of_playbook(card)
    card = tame(card)
    run = card.incident.run
    assert run is not None  # the composer writes no RUN without one
    head = [_header(run, card), section(f"{card_key(card)}:run:progress", _progress(run, card))]
    tail = [*_statements(statements, card), *_menus(run, card)]
    stages = _stages(run, card)
    blocks = _fitted(stages, never, card, room=MAX_BLOCKS - len(head) - len(tail), text=_room([*head, *tail]))
    return SlackMessage(text=_fallback(run, card), blocks=[*head, *blocks, *tail], color=color(card))


def _of_playbook(card: Card) -> tuple[tuple[str, ...], dict[str, str]]:
    """What the playbook that is run forbids, and its statements; nothing once it is another one."""
    run, view = card.incident.run, card.playbook
    if run is None or view is None or view.id != run.playbook:
        return (), {}
    return view.never[:MAX_NEVER], dict(list(view.statements.items())[:MAX_STATEMENTS])


def _room(blocks: Sequence[Block]) -> int:
    return MAX_TOTAL - sum(map(text_length, blocks))


def _header(run: Run, card: Card) -> Block:
    words = running_words(card.language)
    title = words.title.format(title=localised(run.title, card.language, default=run.playbook))
    text = truncate(plain(f"📋 {_drill(card)}{title}"), 150)
    return {
        "type": "header",
        "block_id": f"{card_key(card)}:run",
        "text": {"type": "plain_text", "text": text, "emoji": True},
    }


def _progress(run: Run, card: Card) -> str:
    words, left = running_words(card.language), [step for step in run.steps if step.state is StepState.OPEN]
    if card.incident.state in FINAL:
        return f"{_bar(run)} {words.ended}"
    if not left:
        return f"{_bar(run)} {words.all_done}"
    late = sum(is_late(step, card) for step in left)
    parts = [
        words.progress.format(done=len(run.steps) - len(left), all=len(run.steps)),
        counted(words.late_count, late, card.language) if late else "",
        words.begun.format(at=wording.clockface(card).at(run.started_at)),
    ]
    return f"{_bar(run)} {' · '.join(filter(None, parts))}"


def _bar(run: Run) -> str:
    done = sum(step.state is not StepState.OPEN for step in run.steps)
    full = done * 10 // max(1, len(run.steps))
    return "▰" * full + "▱" * (10 - full)


def _stages(run: Run, card: Card) -> list[_Stage]:
    """The stages in their order; people are in the first that has an open step."""
    groups = [
        (title, tuple(steps)) for title, steps in groupby(run.steps, lambda step: localised(step.stage, card.language))
    ]
    if len(groups) > MAX_STAGES:
        groups = [("", run.steps)]
    present = next((at for at, (_, steps) in enumerate(groups) if any(map(_is_open, steps))), -1)
    return [
        _Stage(title=title, steps=steps, present=at == present and card.incident.state not in FINAL)
        for at, (title, steps) in enumerate(groups)
    ]


def _fitted(stages: list[_Stage], never: Sequence[str], card: Card, *, room: int, text: int) -> list[Block]:
    """The fullest of these that fits: each open step with a button and its whole text; only those of the present stage
    with a button, later ones as lines; lines alone, ever shorter, with a menu for what is done."""
    ways: tuple[Callable[[_Stage], list[Block]], ...] = (
        lambda stage: _with_buttons(stage, card, _TEXT),
        lambda stage: _with_buttons(stage, card, _LINE) if stage.present else _as_lines(stage, card, _LINE),
        lambda stage: _as_lines(stage, card, _LINE),
        lambda stage: _as_lines(stage, card, _SHORT),
    )
    for rank, way in enumerate(ways):
        told = [block for stage in stages for block in _stage(stage, way(stage), never, card)]
        told += _done_menu(stages, card) if rank >= len(ways) - 2 else []
        if len(told) <= room and sum(map(text_length, told)) <= text:
            return told
    return _bare(stages, card, text)


def _stage(stage: _Stage, steps: list[Block], never: Sequence[str], card: Card) -> Iterator[Block]:
    key = f"{card_key(card)}:run:{stage.steps[0].key}"
    done = sum(not _is_open(step) for step in stage.steps)
    title = _escaped(stage.title, 150)
    mark = "👉 " if stage.present else "✔️ " if done == len(stage.steps) else ""
    if title:
        yield section(f"{key}:stage", f"{mark}*{title}*  {done}/{len(stage.steps)}")
    yield from steps
    if stage.present and never:
        rules = [f"✗ {_escaped(rule, 200)}" for rule in never]
        yield context(f"{key}:never", ["\n".join([f"*{running_words(card.language).never}*", *rules])])


def _with_buttons(stage: _Stage, card: Card, limit: int) -> list[Block]:
    """Open steps one by one, what is behind us between them in lines."""
    blocks: list[Block] = []
    for is_open, steps in groupby(stage.steps, _is_open):
        if is_open:
            blocks += [_open_step(step, card, limit) for step in steps]
        else:
            blocks += _lines(list(steps), card, _LINE)
    return blocks


def _open_step(step: RunStep, card: Card, limit: int) -> Block:
    block = section(f"{card_key(card)}:run:{step.key}", _line(step, card, limit))
    value = value_of(card.incident.id, step.key)
    if card.incident.state in FINAL or parts_of(value) is None:
        return block
    return {**block, "accessory": button(STEP_DONE, running_words(card.language).done, value)}


def _as_lines(stage: _Stage, card: Card, limit: int) -> list[Block]:
    return _lines(list(stage.steps), card, limit)


def _lines(steps: list[RunStep], card: Card, limit: int) -> list[Block]:
    """Steps as lines, in sections of what one holds; of those behind us only the last ones."""
    closed = [step for step in steps if not _is_open(step)]
    hidden = {step.key for step in closed[:-_CLOSED_SHOWN]}
    lines = [_line(step, card, limit) for step in steps if step.key not in hidden]
    if hidden:
        lines = [f"✅ {counted(running_words(card.language).more_closed, len(hidden), card.language)}", *lines]
    key = f"{card_key(card)}:run:{steps[0].key}:lines"
    return [section(f"{key}:{at}", "\n".join(lines[at : at + 10])) for at in range(0, len(lines), 10)]


def _line(step: RunStep, card: Card, limit: int) -> str:
    note = step_who_when(step, card)
    text = _escaped(localised(step.text, card.language), limit if _is_open(step) else min(limit, _LINE))
    shown = f"{_MARKS[step.state]} *{step.key}.* {text}"
    if not note:
        return shown
    # What is late is bold already, and mrkdwn nests nothing into italics.
    said = truncate(mrkdwn(note.replace("*", "")), 160)
    if not _is_open(step):
        return f"{shown} – _{said}_"
    return f"{shown}\n      " + (f"*{said}*" if is_late(step, card) else f"_{said}_")


def _bare(stages: list[_Stage], card: Card, room: int) -> list[Block]:
    """Where nothing else fits: the open steps of the present stage, and how many others there are."""
    ticks = _done_menu(stages, card)
    room -= sum(map(text_length, ticks)) + 100
    present = next((stage for stage in stages if stage.present), stages[0])
    mine = [step for step in present.steps if _is_open(step)]
    others = sum(_is_open(step) for stage in stages for step in stage.steps) - len(mine)
    limit = max(8, min(_SHORT, room // max(1, len(mine)) - len("☐ *100.* \n")))
    lines = [f"☐ *{step.key}.* {_escaped(localised(step.text, card.language), limit)}" for step in mine]
    if others > 0:
        lines.append(counted(running_words(card.language).more_open, others, card.language))
    key = f"{card_key(card)}:run:bare"
    shown = [section(f"{key}:{at}", "\n".join(lines[at : at + 25])) for at in range(0, len(lines), 25)]
    return [*shown, *ticks]


def _menus(run: Run, card: Card) -> list[Block]:
    """What is rarer than a tick: to leave a step out on purpose, and to open one again."""
    if card.incident.state in FINAL:
        return []
    words = running_words(card.language)
    skip = menu(STEP_SKIP, words.skip, _options([step for step in run.steps if _is_open(step)][:MAX_RARE], card))
    marked = sorted((step for step in run.steps if not _is_open(step)), key=lambda step: step.at or run.started_at)
    again = menu(STEP_OPEN, words.reopen, _options(marked[-MAX_RARE:], card))
    elements = [one for one in (skip, again) if one is not None]
    # A menu keeps what was chosen in it until its block is another one.
    state = hashlib.blake2s("".join(step.state.value[0] for step in run.steps).encode(), digest_size=4).hexdigest()
    return [{"type": "actions", "block_id": f"{card_key(card)}:run:{state}", "elements": elements}] if elements else []


def _done_menu(stages: list[_Stage], card: Card) -> list[Block]:
    steps = [step for stage in stages for step in stage.steps if _is_open(step)]
    made = menu(STEP_DONE, running_words(card.language).done_menu, _options(steps, card))
    if made is None or card.incident.state in FINAL:
        return []
    key = f"{card_key(card)}:run:done:{len(steps)}"
    return [{"type": "actions", "block_id": key, "elements": [made]}]


def _options(steps: Sequence[RunStep], card: Card) -> list[tuple[str, str]]:
    values = [(step, value_of(card.incident.id, step.key)) for step in steps]
    limit = 75 if len(steps) <= 15 else 36 if len(steps) <= MAX_RARE else 16
    return [
        (truncate(f"{step.key}. {localised(step.text, card.language)}", limit), value)
        for step, value in values
        if parts_of(value) is not None
    ]


def _statements(statements: dict[str, str], card: Card) -> Iterator[Block]:
    """Each statement with where it is; the newest draft of it counts."""
    if not statements:
        return
    words = running_words(card.language)
    yield section(f"{card_key(card)}:run:statements", f"*{words.statements}*")
    for key, title in statements.items():
        drafts = _newest(key, card)
        states = [f"{draft.language}: {draft_state(draft, card)}" for draft in drafts]
        states = [draft_state(draft, card) for draft in drafts] if len(drafts) < 2 else states
        lines = [f"      _{_escaped(state, 300)}_" for state in states or [words.not_prepared]]
        block = section(
            f"{card_key(card)}:run:statement:{key}"[:255], "\n".join([f"💬 *{_escaped(title, 150)}*", *lines])
        )
        pressed = _of_statement(key, drafts, card)
        yield block if pressed is None else {**block, "accessory": pressed}


def _newest(key: str, card: Card) -> list[Draft]:
    """The newest draft of a statement of the playbook that is run, in each language that has one."""
    run, found = card.incident.run, dict[str, Draft]()
    for draft in card.incident.drafts:
        same = draft.statement == key and run is not None and draft.playbook in ("", run.playbook)
        if same and draft.state is not DraftState.REPLACED:
            found[draft.language] = draft
    return list(found.values())


def _of_statement(key: str, drafts: Sequence[Draft], card: Card) -> Block | None:
    words, incident = running_words(card.language), card.incident
    if incident.state in FINAL:
        return None
    approved = next((draft for draft in drafts if draft.state is DraftState.APPROVED), None)
    if approved is not None:
        value = value_of(incident.id, approved.id)
        asked = confirm(words.publish_title, words.publish_text, words.publish_yes, words.publish_no)
        made = {**button(DRAFT_PUBLISH, words.publish, value, style="primary"), "confirm": asked}
    else:
        value = value_of(incident.id, key)
        made = button(DRAFT_OPEN, words.prepare_again if drafts else words.prepare, value)
    return made if parts_of(value) is not None else None


def _fallback(run: Run, card: Card) -> str:
    words = running_words(card.language)
    done = sum(not _is_open(step) for step in run.steps)
    title = localised(run.title, card.language, default=run.playbook)
    said = words.fallback.format(title=title, done=done, all=len(run.steps))
    return truncate(mrkdwn(f"{_drill(card)}{said}"), 300)


def _drill(card: Card) -> str:
    """The mark of an exercise: whoever is called by the message reads it first."""
    marked = card.drill or card.incident.drill
    return f"{wording.catalogue(card.language).labels.drill} – " if marked else ""


def _is_open(step: RunStep) -> bool:
    return step.state is StepState.OPEN


def _escaped(text: str, limit: int) -> str:
    return truncate(mrkdwn(text), limit)
