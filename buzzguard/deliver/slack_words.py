"""What only Slack says: the card's buttons, the modals, and the short notes to whoever pressed; one record a language.

Templates are filled with `str.format` by keyword; what is filled in is data and never itself a template.
"""

from __future__ import annotations

from functools import cache

from buzzguard.model import AlarmReason, CommandKind, Language, Record


class FieldWords(Record, frozen=True, kw_only=True):
    """A field of a modal: its label, what helps to fill it, and what stands in it while it is empty."""

    label: str
    hint: str = ""
    placeholder: str = ""


class ModalWords(Record, frozen=True, kw_only=True):
    """A modal: title and submit button of at most 24 characters, what it explains, its fields by name."""

    title: str
    submit: str
    intro: str = ""
    fields: dict[str, FieldWords] = {}


class SlackWords(Record, frozen=True, kw_only=True):
    """Everything that only Slack says in one language.

    `button` is by action id, `menu` by the option of the card's menu, `modal` by its name; `error` stands at a field
    that was filled wrongly, `notice` goes to whoever acted; `slash` does the same as a modal, by its name.
    """

    language: Language
    close: str
    done: str
    button: dict[str, str]
    menu: dict[str, str]
    modal: dict[str, ModalWords]
    alarm: dict[AlarmReason, str]
    option: dict[str, str]
    error: dict[str, str]
    notice: dict[str, str]
    slash: dict[str, str]


OLD_BUTTONS = (CommandKind.TAKE_CHARGE, CommandKind.ESCALATE, CommandKind.SILENCE, CommandKind.FALSE_ALARM)
"""Those of cards posted before there were modals: they stay in channels, and are pressed."""


def words(language: Language) -> SlackWords:
    """The words of a language."""
    from buzzguard.deliver.slack_words_en import EN
    from buzzguard.deliver.slack_words_fr import FR

    return FR if language == "fr" else EN


def language_of_label(label: str) -> Language | None:
    """The language of a button or an option, by what is written on it; None when none of ours says that."""
    return _labels().get(label)


@cache
def _labels() -> dict[str, Language]:
    from buzzguard.deliver import wording
    from buzzguard.deliver.wording.running import running_words

    languages: tuple[Language, ...] = ("en", "fr")
    found: dict[str, Language] = {}
    for language in languages:
        own = words(language)
        old = [wording.button(kind, language) for kind in OLD_BUTTONS]
        run = running_words(language)
        steps = [run.done, run.done_menu, run.skip, run.reopen]
        drafts = [run.prepare, run.prepare_again, run.approve, run.send_back, run.publish]
        found |= dict.fromkeys([*own.button.values(), *own.menu.values(), *old, *steps, *drafts], language)
    return found
