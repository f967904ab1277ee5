"""The modals of statements: preparing one, every field of it filled or struck; sending one back."""

from __future__ import annotations

from buzzguard.deliver import slack_views as views
from buzzguard.deliver import wording
from buzzguard.deliver.escape import mrkdwn, plain
from buzzguard.deliver.slack_scene import Errors, Filled, Scene, Wish
from buzzguard.deliver.slack_views import Block, View, modal, option, paragraph
from buzzguard.deliver.slack_words import FieldWords, ModalWords, SlackWords, words
from buzzguard.model import (
    LONGEST_ANSWER,
    CommandKind,
    Draft,
    DraftAct,
    DraftState,
    DraftText,
    DraftVerdict,
    FieldKind,
    Incident,
    Language,
    Statement,
    StatementField,
)

_FILL, _STRIKE = "f:", "s:"
_MOST_FIELDS = 45
"""Two blocks each, beside what explains them."""
_LONGEST_KEY = 200
_KINDS = {FieldKind.CONFIRM: "confirm", FieldKind.UNKNOWN: "unknown", FieldKind.FILL: "fill"}


def prepare(scene: Scene) -> View | str:
    """The statement as it stands, then a field for each of its fields, which may be struck instead."""
    own = words(scene.meta.language)
    texts = own.modal["draft_open"]
    found = next((one for one in scene.statements if one.key == scene.meta.what), None)
    if found is None:
        return "no_statement"
    fields, earlier = found.fields, _earlier(scene.incident, found.key, scene.meta.language)
    if len(fields) > _MOST_FIELDS or any(len(field.key) > _LONGEST_KEY for field in fields):
        return "too_many_fields"
    replaces = _sent_back(scene.incident, found.key, scene.meta.language)
    meta = views.Meta(**{name: getattr(scene.meta, name) for name in _KEPT}, replaces=replaces)
    blocks = [
        *paragraph(texts.intro.format(chain=_chain(scene, own))),
        *paragraph("\n".join([f"*{mrkdwn(found.title)}*", *_preview(found)])),
        *_why_again(earlier, own),
        *(block for field in fields for block in _asked(field, texts, own, earlier)),
    ]
    return modal("draft_open", meta, blocks, own)


def read_prepare(filled: Filled) -> Wish | Errors:
    """Nothing unfilled and unstruck goes on; nor what is both."""
    values, struck, errors = {}, [], {}
    for name in filled.values.fields:
        if not name.startswith(_FILL):
            continue
        key = name.removeprefix(_FILL)
        text, is_struck = filled.values.text(name, LONGEST_ANSWER), bool(filled.values.many(f"{_STRIKE}{key}"))
        if bool(text) == is_struck:
            errors[name] = filled.error("fill_and_strike" if text else "fill_or_strike")
        elif text:
            values[key] = text
        else:
            struck.append(key)
    if errors:
        return errors
    asked = DraftText(
        statement=filled.meta.what,
        language=filled.meta.language,
        values=values,
        struck=tuple(struck),
        replaces=filled.meta.replaces,
    )
    return Wish(kind=CommandKind.DRAFT, asked=asked)


def send_back(scene: Scene) -> View | str:
    """With what must change."""
    own = words(scene.meta.language)
    texts = own.modal["draft_send_back"]
    field = views.typing("reason", texts.fields["reason"], lines=True)
    return modal("draft_send_back", scene.meta, [*paragraph(texts.intro), field], own)


def read_send_back(filled: Filled) -> Wish | Errors:
    """What must change is asked for: whoever wrote it must know."""
    reason = filled.values.text("reason")
    if not reason:
        return {"reason": filled.error("needed")}
    verdict = DraftVerdict(draft=filled.meta.what, act=DraftAct.SEND_BACK)
    return Wish(kind=CommandKind.JUDGE_DRAFT, asked=verdict, reason=reason)


_KEPT = ("incident", "language", "channel", "thread", "what")


def _why_again(earlier: Draft | None, own: SlackWords) -> list[Block]:
    if earlier is None or earlier.state is not DraftState.SENT_BACK or not earlier.note:
        return []
    return paragraph(own.option["sent_back"].format(note=mrkdwn(earlier.note)))


def _asked(field: StatementField, texts: ModalWords, own: SlackWords, earlier: Draft | None) -> list[Block]:
    """A field, filled or struck as it was when the statement was prepared last."""
    form = texts.fields[_KINDS[field.kind]]
    what, several = plain(field.what), field.kind is not FieldKind.FILL
    shown = FieldWords(label=form.label.format(what=what), hint=form.hint)
    strike = FieldWords(label=texts.fields["strike"].label.format(what=what))
    was = "" if earlier is None else earlier.values.get(field.key, "")
    ticked = ("strike",) if earlier is not None and field.key in earlier.struck else ()
    box = [option("strike", own.option["strike"])]
    return [
        views.typing(f"{_FILL}{field.key}", shown, lines=several, optional=True, most=LONGEST_ANSWER, initial=was),
        views.ticking(f"{_STRIKE}{field.key}", strike, box, optional=True, at=ticked),
    ]


def _preview(statement: Statement) -> list[str]:
    """The text, its fields in bold brackets, each paragraph as a quotation."""
    return ["> " + "".join(_part(part) for part in paragraph) for paragraph in statement.paragraphs]


def _part(part: str | StatementField) -> str:
    if isinstance(part, StatementField):
        return f"*[{mrkdwn(part.what)}]*"
    # Escaping trims: the spaces beside a field are part of the sentence.
    head, tail = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
    return f"{head and ' '}{mrkdwn(part)}{tail and ' '}"


def _chain(scene: Scene, own: SlackWords) -> str:
    names = [
        wording.localised(scene.directory.departments[id].title, own.language, default=id)
        if id in scene.directory.departments
        else id
        for id in scene.directory.approvals
    ]
    return mrkdwn(" → ".join(names)) if names else own.option["nobody_asked"]


def _sent_back(incident: Incident, statement: str, language: Language) -> str:
    """The draft of this statement that waits to be written anew."""
    found = [
        draft.id
        for draft in incident.drafts
        if draft.statement == statement and draft.language == language and draft.state is DraftState.SENT_BACK
    ]
    return found[-1] if found else ""


def _earlier(incident: Incident, statement: str, language: Language) -> Draft | None:
    """The newest draft of this statement, unless it was of another playbook."""
    at_work = incident.run.playbook if incident.run is not None else incident.playbook
    ours = [one for one in incident.drafts if one.statement == statement and one.language == language]
    return next((one for one in reversed(ours) if one.playbook in ("", at_work)), None)
