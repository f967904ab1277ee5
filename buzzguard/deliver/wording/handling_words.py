"""The words for what people do with an incident, and for what a card says of it, in both languages."""

from __future__ import annotations

from buzzguard.deliver.wording.catalogue import Plural
from buzzguard.model import AlarmReason, Language, Record, StepState


class Handling(Record, frozen=True, kw_only=True):
    """Sentences of news, then of the card: what it is part of, why it waits, what is next, which statement is out.

    `held` is by the names of `respond.holding`.
    """

    quoted: str
    declared: str
    declared_drill: str
    declared_late: str
    given: str
    given_plain: str
    told: Plural
    merged: str
    merged_in: str
    split: str
    split_off: str
    another: str
    noted: str
    noted_plain: str
    new_normal: str
    playbook: str
    step: dict[StepState, str]
    a_step: str
    all_done: str
    stage_done: str
    late: Plural
    late_owners: str
    drafted: str
    approved: str
    sent_back: str
    published: str
    a_statement: str
    a_department: str
    awaits: str
    still_awaits: str
    all_approved: str
    room: str
    alarm: dict[AlarmReason, str]
    declared_by: str
    declared_title: str
    drill_notice: str
    drill_spared: str
    drill_over: str
    became_part: str
    became_normal: str
    business: str
    room_label: str
    related: str
    relapse: str
    split_from: str
    over: str
    held: dict[str, str]
    statement_out: str
    statement_seen: str
    statement_more: Plural
    progress: str
    next_title: str
    read_it: str
    more_steps: Plural
    chart_statement: str
    above_plan: str
    jumped: str
    on_sites: str


_EN = Handling(
    quoted="“{text}”",
    declared="{who} declared this incident ({severity}).",
    declared_drill="{who} began this exercise ({severity}).",
    declared_late="Declared {at}, while BuzzGuard was not running.",
    given="{who} gave the incident to {to}.",
    given_plain="{who} gave the incident to others.",
    told=Plural("{receivers} is told now.", "{receivers} are told now."),
    merged="{who} made this incident part of {other}: it goes on there.",
    merged_in="{who} made {other} part of this incident.",
    split="{who} took alerts out of this incident into one of their own: {other}.",
    split_off="{who} took this out of {other}: it is a story of its own.",
    another="another incident",
    noted="{who} noted:",
    noted_plain="{who} added a note.",
    new_normal="{who} called it the new normal: the incident is closed, and what is usual is learned anew.",
    playbook="{who} chose another playbook: {playbook}.",
    step={
        StepState.DONE: "{who} did {step}.",
        StepState.SKIPPED: "{who} left out {step} on purpose.",
        StepState.OPEN: "{who} opened {step} again.",
    },
    a_step="a step",
    all_done="Every step of the playbook is done or left out.",
    stage_done="“{stage}” is through.",
    late=Plural("A step of the playbook is late: {steps}", "{n} steps of the playbook are late: {steps}"),
    late_owners="Theirs to do: {owners}.",
    drafted="{who} drafted {draft}.",
    approved="{who} approved {draft} for {department}.",
    sent_back="{who} sent {draft} back.",
    published="{who} published {draft}.",
    a_statement="a statement",
    a_department="a department",
    awaits="It waits for the approval of {department}.",
    still_awaits="{draft} still waits for the approval of {department}.",
    all_approved="It has every approval and may be published.",
    room="{who} opened a crisis room: {room}.",
    alarm={
        AlarmReason.HOMONYM: "somebody else of that name",
        AlarmReason.CAMPAIGN: "a campaign of ours",
        AlarmReason.SPAM: "spam",
        AlarmReason.OLD_NEWS: "old news",
        AlarmReason.OTHER: "another reason",
    },
    declared_by="Declared by {who}: “{story}”",
    declared_title="declared by {who}",
    drill_notice="EXERCISE – nothing of this is real. Act as if it were, and publish nothing.",
    drill_spared="Not called in this exercise: {receivers}.",
    drill_over="The exercise ends by itself after {span}: nobody had ended it.",
    became_part="Became part of {incident} {at}: it goes on there.",
    became_normal="Called the new normal by {who} {at}, {span} after it opened.",
    business="Whose business: {department}",
    room_label="Crisis room:",
    related="Same time and topic:",
    relapse="Relapse of",
    split_from="Taken out of",
    over="over",
    held={
        "quiet_hours": "Until then these are not the hours for {severity}.",
        "capped": "It waits: its rule has told of its number of alerts for a day.",
        "grouping": "It waits a little, for what belongs to it.",
    },
    statement_out="Our statement is out, {at} ({who}).",
    statement_seen=("Our statement seems to be out, {at}: {who} on {place}. If that is none: {undo}"),
    statement_more=Plural("{n} more before it", "{n} more before it"),
    progress="steps done: {done} of {all}",
    next_title="What is next",
    read_it="Read it",
    more_steps=Plural("… and {n} more step in the playbook", "… and {n} more steps in the playbook"),
    chart_statement="statement {time}",
    above_plan="{planned}. This is above what that explains.",
    jumped="then on {places}",
    on_sites="on {n} sites",
)

_FR = Handling(
    quoted="«\u00a0{text}\u00a0»",
    declared="{who} a déclaré cet incident ({severity}).",
    declared_drill="{who} a lancé cet exercice ({severity}).",
    declared_late="Déclaré le {at}, alors que BuzzGuard ne tournait pas.",
    given="{who} a confié l’incident à\u00a0: {to}.",
    given_plain="{who} a confié l’incident à d’autres.",
    told=Plural("{receivers} est prévenu maintenant.", "{receivers} sont prévenus maintenant."),
    merged="{who} a réuni cet incident à {other}\u00a0: la suite s’y trouve.",
    merged_in="{who} a réuni {other} à cet incident.",
    split="{who} a sorti des alertes de cet incident vers un incident à part\u00a0: {other}.",
    split_off="{who} a sorti ceci de {other}\u00a0: c’est une histoire à part.",
    another="un autre incident",
    noted="{who} a noté\u00a0:",
    noted_plain="{who} a ajouté une note.",
    new_normal=(
        "{who} y voit le nouveau niveau habituel\u00a0: l’incident est clos et l’habitude est apprise à nouveau."
    ),
    playbook="{who} a choisi un autre playbook\u00a0: {playbook}.",
    step={
        StepState.DONE: "{who} a fait\u00a0: {step}.",
        StepState.SKIPPED: "{who} a écarté exprès\u00a0: {step}.",
        StepState.OPEN: "{who} a rouvert\u00a0: {step}.",
    },
    a_step="une étape",
    all_done="Toutes les étapes du playbook sont faites ou écartées.",
    stage_done="«\u00a0{stage}\u00a0» est terminé.",
    late=Plural(
        "Une étape du playbook est en retard\u00a0: {steps}", "{n} étapes du playbook sont en retard\u00a0: {steps}"
    ),
    late_owners="À faire par\u00a0: {owners}.",
    drafted="{who} a rédigé {draft}.",
    approved="{who} a validé {draft} ({department}).",
    sent_back="{who} a renvoyé {draft}.",
    published="{who} a publié {draft}.",
    a_statement="un communiqué",
    a_department="un service",
    awaits="Validation attendue\u00a0: {department}.",
    still_awaits="{draft} attend toujours une validation\u00a0: {department}.",
    all_approved="Il a toutes les validations et peut être publié.",
    room="{who} a ouvert une salle de crise\u00a0: {room}.",
    alarm={
        AlarmReason.HOMONYM: "homonyme",
        AlarmReason.CAMPAIGN: "notre campagne",
        AlarmReason.SPAM: "indésirables",
        AlarmReason.OLD_NEWS: "vieille affaire",
        AlarmReason.OTHER: "autre motif",
    },
    declared_by="Déclaré par {who}\u00a0: «\u00a0{story}\u00a0»",
    declared_title="déclaré par {who}",
    drill_notice="EXERCICE – rien de ceci n’est réel. Agir comme si, et ne rien publier.",
    drill_spared="Non sollicités pendant cet exercice\u00a0: {receivers}.",
    drill_over="L’exercice prend fin de lui-même après {span}\u00a0: personne n’y avait mis fin.",
    became_part="Réuni à {incident} {at}\u00a0: la suite s’y trouve.",
    became_normal="Nouveau niveau habituel selon {who} {at}, {span} après l’ouverture.",
    business="À qui de traiter\u00a0: {department}",
    room_label="Salle de crise\u00a0:",
    related="Même moment, même sujet\u00a0:",
    relapse="Rechute de",
    split_from="Sorti de",
    over="terminé",
    held={
        "quiet_hours": "D’ici là, ce ne sont pas les heures du niveau {severity}.",
        "capped": "En attente\u00a0: sa règle a déjà signalé toutes ses alertes de la journée.",
        "grouping": "Courte attente, pour réunir ce qui va ensemble.",
    },
    statement_out="Notre communiqué est sorti {at} ({who}).",
    statement_seen=(
        "Notre communiqué semble sorti, {at}\u00a0: {who} sur {place}. Si ce n’en est pas un\u00a0: {undo}"
    ),
    statement_more=Plural("{n} autre avant", "{n} autres avant"),
    progress="étapes faites\u00a0: {done} sur {all}",
    next_title="La suite",
    read_it="Le lire",
    more_steps=Plural("… et encore {n} étape du playbook", "… et encore {n} étapes du playbook"),
    chart_statement="communiqué {time}",
    above_plan="{planned}. Ceci dépasse ce que cela explique.",
    jumped="puis sur {places}",
    on_sites="sur {n} sites",
)

_WORDS: dict[Language, Handling] = {"en": _EN, "fr": _FR}


def handling_words(language: Language) -> Handling:
    """The words of a language."""
    return _WORDS[language]


def alarm_reason(name: str, language: Language) -> str:
    """Why an alert was a false alarm, by the name of an `AlarmReason`; empty for any other."""
    return handling_words(language).alarm[AlarmReason(name)] if name in list(AlarmReason) else ""
