"""Every modal by its name: how it is built, how it is read, where a refusal is shown, and what does the same without.

The name is the action or menu option that opens it, and the end of its `callback_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from buzzguard.deliver import slack_ids as ids
from buzzguard.deliver import slack_modals_draft as draft
from buzzguard.deliver import slack_modals_handle as handle
from buzzguard.deliver import slack_modals_work as work
from buzzguard.deliver import wording
from buzzguard.deliver.escape import mrkdwn
from buzzguard.deliver.slack_scene import Errors, Filled, RoomWish, Scene, Wish, severity_mark
from buzzguard.deliver.slack_views import MOST_BLOCKS, Meta, View, modal, paragraph, small_print
from buzzguard.deliver.slack_words import words
from buzzguard.model import Record


class Modal(Record, frozen=True, kw_only=True):
    """A window: `view` builds it, or names the notice that says why it is not opened; `read` takes it back.

    `answer_at` is the field at which a refusal is shown. `others` and `statements` say what it must be told. `command`
    does the same on the command line, behind `buzzguard`, where no slash command does.
    """

    view: Callable[[Scene], View | str] | None
    read: Callable[[Filled], Wish | RoomWish | Errors]
    answer_at: str
    others: bool = False
    statements: bool = False
    command: str = ""


MODALS: Mapping[str, Modal] = {
    "give": Modal(
        view=handle.give, read=handle.read_give, answer_at="person", command="incident give {incident} --to NAME"
    ),
    "silence": Modal(view=handle.silence, read=handle.read_silence, answer_at="for"),
    "merge": Modal(
        view=handle.merge,
        read=handle.read_merge,
        answer_at="into",
        others=True,
        command="incident merge {incident} --into ID",
    ),
    "split": Modal(
        view=handle.split, read=handle.read_split, answer_at="alerts", command="incident split {incident} --alerts RULE"
    ),
    "dismiss": Modal(
        view=handle.dismiss,
        read=handle.read_dismiss,
        answer_at="why",
        command="incident false-alarm {incident} --because other",
    ),
    "resolve": Modal(view=handle.resolve, read=handle.read_resolve, answer_at="summary"),
    "note": Modal(view=work.note, read=work.read_note, answer_at="text"),
    "new_normal": Modal(
        view=work.new_normal, read=work.read_new_normal, answer_at="reason", command="incident new-normal {incident}"
    ),
    "playbook": Modal(
        view=work.playbook, read=work.read_playbook, answer_at="playbook", command="incident playbook {incident} NAME"
    ),
    "room": Modal(view=work.room, read=work.read_room, answer_at="name"),
    "statement": Modal(
        view=work.statement, read=work.read_statement, answer_at="when", command="report statement {incident}"
    ),
    "declare": Modal(view=None, read=work.read_declare, answer_at="topic"),
    ids.DRAFT_OPEN: Modal(view=draft.prepare, read=draft.read_prepare, answer_at="", statements=True),
    ids.DRAFT_SEND_BACK: Modal(view=draft.send_back, read=draft.read_send_back, answer_at="reason"),
}


def opened(modal: Modal, scene: Scene) -> View | str:
    """The window for an incident, which it names first; or the notice that says why there is none."""
    view = modal.view(scene) if modal.view is not None else "not_opened"
    if isinstance(view, str):
        return view
    drill = f"*{wording.catalogue(scene.meta.language).labels.drill}* · " if scene.incident.drill else ""
    about = f"{severity_mark(scene.incident)} {drill}*{mrkdwn(scene.topic)}* · {mrkdwn(scene.incident.id)}"
    return {**view, "blocks": [*small_print(about), *view["blocks"]][:MOST_BLOCKS]}


def refusal_view(meta: Meta, text: str) -> View:
    """A window that says why nothing was done. `text` is mrkdwn, escaped."""
    return modal("refused", meta, paragraph(text), words(meta.language))
