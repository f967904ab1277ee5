"""Statements on their way out: drafted, approved by one department after the other, sent back, published.

Nothing unfilled gets on this way: a draft's text is whole when it is made, and is never written again; whoever wants
another text makes another draft, which takes the place of those of the same statement and language that are not out: of
two texts that wait side by side the wrong one would be approved. A chain is kept as it was when the draft was made.

Asking for an approval calls people, so it ends a silence of the topic: one cannot call for help and ask for quiet.

Refusals: `unknown_statement` · `unfilled: …` and `too_long: …` with the fields · `nothing_left` · `too_many` ·
`unknown_draft` · `not_waiting` · `not_your_turn` · `already_approved` · `no_note` · `not_approved` ·
`already_published`
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2s

from msgspec.structs import replace

from buzzguard.model import (
    LONGEST_ANSWER,
    Approval,
    Cause,
    Command,
    Draft,
    DraftAct,
    DraftState,
    DraftText,
    DraftVerdict,
    Incident,
    Person,
    Statement,
    StatementMark,
)
from buzzguard.respond.approvals import waits_from
from buzzguard.respond.incident import is_same
from buzzguard.respond.owning import is_member, join, may_act_for, pinged, told_of
from buzzguard.respond.playbook_text import clean_line, complete, fill_in
from buzzguard.respond.runs import playbook_of
from buzzguard.respond.turn import Turn

LONGEST_DRAFT = 3_000
"""Characters of a draft: its whole text is shown to whoever approves it, in one message."""
MOST_DRAFTS = 40
"""Drafts that an incident keeps."""
_LONGEST_TITLE = 100
_REPLACEABLE = (DraftState.WAITING, DraftState.APPROVED, DraftState.SENT_BACK)


def make_draft(turn: Turn, incident: Incident, command: Command) -> str:
    """Ask for the approval of a statement of the playbook, its fields filled or struck. Returns why not."""
    asked, id = command.asked, _id(command)
    if not isinstance(asked, DraftText):
        return "not_possible"
    if _find(incident, id) is not None:
        return "repeated"
    page = turn.playbooks.page(playbook_of(incident), asked.language)
    statement = None if page is None else next((one for one in page.statements if one.key == asked.statement), None)
    if page is None or statement is None:
        return "unknown_statement"
    values = turn.playbooks.values(incident, page.language)
    text, refusal = _text(statement, asked, values)
    refusal = refusal or _refuse_place(incident, asked.replaces)
    if refusal:
        return refusal
    keys = {field.key for field in statement.fields}
    draft = Draft(
        id=id,
        statement=statement.key,
        title=fill_in(statement.title, values)[:_LONGEST_TITLE],
        language=page.language,
        text=text,
        who=command.who,
        at=turn.now,
        chain=turn.desk.approvals,
        state=DraftState.WAITING if turn.desk.approvals else DraftState.APPROVED,
        playbook=page.view.id,
        values={key: value for key, value in asked.values.items() if key in keys},
        struck=tuple(key for key in asked.struck if key in keys),
    )
    _place(turn, incident, waits_from(draft, turn.now), command)
    return ""


def _text(statement: Statement, asked: DraftText, values: dict[str, str]) -> tuple[str, str]:
    """The whole text, or why there is none."""
    answers: dict[str, str | None] = {key: clean_line(value) for key, value in asked.values.items()}
    answers |= dict.fromkeys(asked.struck)
    filled = complete(statement, answers, values, longest=LONGEST_ANSWER)
    if filled.missing:
        return "", f"unfilled: {', '.join(field.what for field in filled.missing)}"
    long = [field.what for field in statement.fields if len(answers.get(field.key) or "") > LONGEST_ANSWER]
    if long:
        return "", f"too_long: {', '.join(long)}"
    if not filled.text.strip():
        return "", "nothing_left"
    return (filled.text, "") if len(filled.text) <= LONGEST_DRAFT else ("", f"too_long: {statement.title}")


def _refuse_place(incident: Incident, replaces: str) -> str:
    if len(incident.drafts) >= MOST_DRAFTS:
        return "too_many"
    older = _find(incident, replaces) if replaces else None
    if not replaces:
        return ""
    if older is None:
        return "unknown_draft"
    return "" if older.state in _REPLACEABLE else "not_waiting"


def _place(turn: Turn, incident: Incident, draft: Draft, command: Command) -> None:
    assert isinstance(command.asked, DraftText)
    named = command.asked.replaces
    replaced = {one.id for one in incident.drafts if one.id == named or _is_older(one, draft)}
    kept = tuple(_out_of_the_way(one) if one.id in replaced else one for one in incident.drafts)
    moved, asked = _ask_next(turn, replace(incident, drafts=(*kept, draft)), draft)
    detail = {**_detail(draft), "replaces": ",".join(sorted(replaced)), **asked}
    _move(turn, moved, Cause.DRAFTED_BY_USER, command, detail)


def _out_of_the_way(draft: Draft) -> Draft:
    return replace(draft, state=DraftState.REPLACED, remind_at=None)


def _is_older(one: Draft, draft: Draft) -> bool:
    """Whether a draft is another text of what `draft` says, and not out."""
    same = (one.statement, one.language, one.playbook) == (draft.statement, draft.language, draft.playbook)
    return same and one.state in _REPLACEABLE


def judge_draft(turn: Turn, incident: Incident, command: Command) -> str:
    """Approve a draft, send it back, or say that it was published. Returns why not."""
    if not isinstance(command.asked, DraftVerdict):
        return "not_possible"
    draft = _find(incident, command.asked.draft)
    if draft is None:
        return "unknown_draft"
    return _ACTS[command.asked.act](turn, incident, draft, command)


def _approve(turn: Turn, incident: Incident, draft: Draft, command: Command) -> str:
    department = draft.awaits
    refusal = _refuse_approval(turn, draft, department, command.who)
    assert isinstance(command.asked, DraftVerdict)
    if not refusal and command.asked.department not in ("", department):
        refusal = "other_turn"
    if refusal:
        return refusal
    given = (*draft.approvals, Approval(department=department, who=command.who, at=turn.now))
    whole = len(given) == len(draft.chain)
    after = replace(draft, approvals=given, state=DraftState.APPROVED if whole else DraftState.WAITING)
    after = waits_from(after, turn.now)
    moved, asked = _ask_next(turn, _with(incident, after), after)
    detail = {**_detail(after), "department": department, **asked}
    _move(turn, moved, Cause.DRAFT_APPROVED_BY_USER, command, detail)
    return ""


def _refuse_approval(turn: Turn, draft: Draft, department: str, who: Person) -> str:
    """Why a person may not give the approval that is due: one person is no chain, unless they are named in each
    department that they speak for."""
    if not department:
        return "not_waiting"
    if not may_act_for(turn.desk, department, who):
        return "not_your_turn"
    own = [one.department for one in draft.approvals if is_same(one.who, who)]
    named = all(is_member(turn.desk, one, who) for one in (*own, department))
    return "already_approved" if own and not named else ""


def _send_back(turn: Turn, incident: Incident, draft: Draft, command: Command) -> str:
    """Anybody may stop a statement that is not out, and says why."""
    if draft.state not in (DraftState.WAITING, DraftState.APPROVED):
        return "not_waiting"
    note = clean_line(command.reason)
    if not note:
        return "no_note"
    after = replace(draft, state=DraftState.SENT_BACK, note=note[:LONGEST_ANSWER], remind_at=None)
    author = draft.who.id if draft.who.via == "slack" else ""
    detail = {**_detail(draft), "ping": author}
    _move(turn, _with(incident, after), Cause.DRAFT_SENT_BACK_BY_USER, command, detail)
    return ""


def _publish(turn: Turn, incident: Incident, draft: Draft, command: Command) -> str:
    """It is out: from this mark its effect is measured, as from any other that a statement was published."""
    if draft.state is DraftState.PUBLISHED:
        return "already_published"
    if draft.state is not DraftState.APPROVED:
        return "not_approved"
    mark = StatementMark(id=command.id, at=min(command.happened_at or turn.now, turn.now), who=command.who)
    after = _with(incident, replace(draft, state=DraftState.PUBLISHED))
    approved = ", ".join(f"{one.department}: {one.who.name or one.who.id}" for one in draft.approvals)
    detail = {**_detail(draft), "approved": approved, "mark": command.id}
    _move(turn, replace(after, published=(*after.published, mark)), Cause.PUBLISHED_BY_USER, command, detail)
    return ""


_ACTS: dict[DraftAct, Callable[[Turn, Incident, Draft, Command], str]] = {
    DraftAct.APPROVE: _approve,
    DraftAct.SEND_BACK: _send_back,
    DraftAct.PUBLISH: _publish,
}


def _ask_next(turn: Turn, incident: Incident, draft: Draft) -> tuple[Incident, dict[str, str]]:
    """Call the department whose approval is due next; when none is, whoever drafted it may publish."""
    if not draft.awaits:
        return incident, {"ping": draft.who.id if draft.who.via == "slack" else ""}
    told = told_of(turn, draft.awaits)
    if turn.desk.silences.over(incident, turn.now) is not None:
        turn.desk.silences.end(incident, turn.now)
        incident = replace(incident, silenced_until=None)
    asked = {"awaits": draft.awaits, "receivers": ",".join(told)}
    asked |= {"ping": pinged(turn.desk, (draft.awaits,), incident.owner)}
    return replace(incident, receivers=join(incident, told)), asked


def _move(turn: Turn, incident: Incident, cause: Cause, command: Command, detail: dict[str, str]) -> None:
    """Record it; whoever does it is not called by it."""
    own = command.who.id if command.who.via == "slack" else ""
    detail |= {"ping": ",".join(id for id in detail.get("ping", "").split(",") if id != own)}
    known = {name: value for name, value in detail.items() if value}
    turn.move(incident, cause, who=command.who, reason=command.reason, detail=known)


def _detail(draft: Draft) -> dict[str, str]:
    return {"draft": draft.id, "title": draft.title, "language": draft.language}


def _find(incident: Incident, id: str) -> Draft | None:
    return next((one for one in incident.drafts if one.id == id), None)


def _with(incident: Incident, draft: Draft) -> Incident:
    return replace(incident, drafts=tuple(draft if one.id == draft.id else one for one in incident.drafts))


def _id(command: Command) -> str:
    """The same for the same command, also after a restart."""
    return "drf-" + blake2s(command.id.encode("utf-8", "replace"), digest_size=6).hexdigest()
