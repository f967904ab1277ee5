"""The words of a playbook's run and of statements on their way out, in both languages."""

from __future__ import annotations

from buzzguard.deliver.wording.catalogue import Plural
from buzzguard.deliver.wording.quantities import plural
from buzzguard.deliver.wording.saying import department
from buzzguard.deliver.wording.sentences import clockface, localised, person
from buzzguard.model import Card, Draft, DraftState, Language, Record, RunStep, StepState


class Running(Record, frozen=True, kw_only=True):
    """Headings, lines and buttons; `state` says of a draft where it is."""

    title: str
    progress: str
    late_count: Plural
    begun: str
    all_done: str
    ended: str
    late: str
    marked: str
    done: str
    done_menu: str
    skip: str
    reopen: str
    never: str
    more_open: Plural
    more_closed: Plural
    statements: str
    prepare: str
    prepare_again: str
    not_prepared: str
    state: dict[DraftState, str]
    waits_for: str
    chain: str
    given: str
    awaited: str
    to_come: str
    approve: str
    send_back: str
    publish: str
    publish_title: str
    publish_text: str
    publish_yes: str
    publish_no: str
    text_cut: str
    fallback: str


_EN = Running(
    title="Playbook: {title}",
    progress="Steps done: *{done} of {all}*",
    late_count=Plural("⏰ *{n} late*", "⏰ *{n} late*"),
    begun="begun {at}",
    all_done="🎉 *All done.* When it is calm, stand down and plan the debrief.",
    ended="The incident has ended: nothing is to be ticked any more.",
    late="⏰ *late*, {due}",
    marked="{who}, {at}",
    done="✓ Done",
    done_menu="✓ Mark as done…",
    skip="Leave a step out…",
    reopen="Open a step again…",
    never="Never",
    more_open=Plural("… and {n} more step", "… and {n} more steps"),
    more_closed=Plural("… and {n} more behind us", "… and {n} more behind us"),
    statements="Statements",
    prepare="Prepare statement",
    prepare_again="Prepare anew",
    not_prepared="not prepared yet",
    state={
        DraftState.WAITING: "⏳ {waits}",
        DraftState.APPROVED: "✅ approved, not published yet",
        DraftState.SENT_BACK: "↩️ sent back: {note}",
        DraftState.REPLACED: "replaced by another",
        DraftState.PUBLISHED: "📣 published",
    },
    waits_for="waits for {department}",
    chain="Approvals",
    given="✅ {department} ({who}, {at})",
    awaited="⏳ {department}",
    to_come="▫️ {department}",
    approve="Approve",
    send_back="Send back…",
    publish="We published it",
    publish_title="Is it out?",
    publish_text="From now on the effect of this statement is measured, and the record says that it is out.",
    publish_yes="Yes, it is out",
    publish_no="Not yet",
    text_cut="The text is too long to be shown whole here, so it cannot be approved here either: shorten it.",
    fallback="Playbook {title} – steps done: {done} of {all}.",
)

_FR = Running(
    title="Playbook\u00a0: {title}",
    progress="Étapes faites\u00a0: *{done} sur {all}*",
    late_count=Plural("⏰ *{n} en retard*", "⏰ *{n} en retard*"),
    begun="commencé {at}",
    all_done="🎉 *Tout est fait.* Au retour au calme, lever l’alerte et fixer le retour d’expérience.",
    ended="L’incident est terminé\u00a0: il n’y a plus rien à cocher.",
    late="⏰ *en retard*, {due}",
    marked="{who}, {at}",
    done="✓ Fait",
    done_menu="✓ Marquer comme faite…",
    skip="Écarter une étape…",
    reopen="Rouvrir une étape…",
    never="Jamais",
    more_open=Plural("… et encore {n} étape", "… et encore {n} étapes"),
    more_closed=Plural("… et encore {n} derrière nous", "… et encore {n} derrière nous"),
    statements="Communiqués",
    prepare="Préparer le communiqué",
    prepare_again="Préparer à nouveau",
    not_prepared="pas encore préparé",
    state={
        DraftState.WAITING: "⏳ {waits}",
        DraftState.APPROVED: "✅ validé, pas encore publié",
        DraftState.SENT_BACK: "↩️ renvoyé\u00a0: {note}",
        DraftState.REPLACED: "remplacé par un autre",
        DraftState.PUBLISHED: "📣 publié",
    },
    waits_for="attend la validation\u00a0: {department}",
    chain="Validations",
    given="✅ {department} ({who}, {at})",
    awaited="⏳ {department}",
    to_come="▫️ {department}",
    approve="Valider",
    send_back="Renvoyer…",
    publish="C’est publié",
    publish_title="C’est paru\u00a0?",
    publish_text="Dès maintenant, l’effet de ce communiqué est mesuré et la chronologie note sa parution.",
    publish_yes="Oui, c’est paru",
    publish_no="Pas encore",
    text_cut="Le texte est trop long pour tenir ici en entier, il ne peut donc pas y être validé\u00a0: l’abréger.",
    fallback="Playbook {title} – étapes faites\u00a0: {done} sur {all}.",
)

_WORDS: dict[Language, Running] = {"en": _EN, "fr": _FR}


def running_words(language: Language) -> Running:
    """The words of a language."""
    return _WORDS[language]


def step_who_when(step: RunStep, card: Card) -> str:
    """Of a marked step who marked it and when, of an open one its owner and when it is due: `Legal, by 03:07`."""
    face, words = clockface(card), running_words(card.language)
    if step.state is not StepState.OPEN and step.at is not None:
        return words.marked.format(who=person(step.who, card.language), at=face.stamp(step.at))
    owner = localised(step.owner, card.language)
    due = "" if step.due is None else face.by(step.due)
    due = words.late.format(due=due) if step.due is not None and is_late(step, card) else due
    return " · ".join(part for part in (owner, due) if part)


def is_late(step: RunStep, card: Card) -> bool:
    """Whether an open step should have been done when the card was written; what people were told of stays late."""
    if step.state is not StepState.OPEN or step.due is None:
        return False
    return step.reminded_at is not None or step.due <= card.briefing.at


def draft_state(draft: Draft, card: Card) -> str:
    """Where a draft is: `waits for legal`, `approved, not published yet`."""
    words = running_words(card.language)
    waits = words.waits_for.format(department=department(draft.awaits, card.language)) if draft.awaits else ""
    return words.state[draft.state].format(waits=waits, note=draft.note)


def draft_chain(draft: Draft, card: Card) -> str:
    """The approvals in their order: who gave which and when, which is due, which are to come; empty without any."""
    words, face = running_words(card.language), clockface(card)
    given = [
        words.given.format(
            department=department(one.department, card.language),
            who=person(one.who, card.language),
            at=face.stamp(one.at),
        )
        for one in draft.approvals
    ]
    left = [department(one, card.language) for one in draft.chain[len(draft.approvals) :]]
    forms = [words.awaited if not place and draft.awaits else words.to_come for place in range(len(left))]
    return " → ".join([*given, *(form.format(department=one) for form, one in zip(forms, left, strict=True))])


def counted(forms: Plural, n: int, language: Language) -> str:
    """`… and 3 more steps`."""
    return plural(forms, n, language).format(n=n)
