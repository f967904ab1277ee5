"""Why people were told or not, in words: the named reasons of decisions and the causes of transitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from buzzguard.deliver.wording.quantities import Clockface, catalogue
from buzzguard.model import Decision, Language, Severity, Verdict

_VERDICTS: Mapping[Language, Mapping[Verdict, str]] = {
    "en": {
        Verdict.TOLD: "told {receivers}",
        Verdict.HUSHED: "not called",
        Verdict.HELD: "held back",
        Verdict.LEFT_OUT: "left out",
        Verdict.HEARD: "called again",
    },
    "fr": {
        Verdict.TOLD: "prévenus\u00a0: {receivers}",
        Verdict.HUSHED: "sans appel",
        Verdict.HELD: "en attente",
        Verdict.LEFT_OUT: "laissé de côté",
        Verdict.HEARD: "de nouveau appelés",
    },
}
_REASONS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "opened": "the incident opened",
        "alert_joined": "an alert joined or fired again",
        "severity_raised": "it grew graver",
        "step_timed_out": "the next step was due",
        "reminded": "a reminder was due",
        "escalated_by_user": "somebody escalated",
        "acknowledged_by_user": "somebody took charge",
        "acknowledged_in_part": "somebody took charge, more are asked",
        "unacknowledged": "the acknowledgement led to nothing and was taken back",
        "silenced_by_user": "somebody muted it",
        "silence_ends_soon": "the silence ends soon",
        "false_alarm_by_user": "somebody called it a false alarm",
        "resolved_by_user": "somebody resolved it",
        "alerts_resolved": "it was calm for long enough",
        "declared_by_user": "somebody declared it",
        "given_by_user": "somebody handed it over",
        "merged_by_user": "it became part of another incident",
        "merged_in": "another incident became part of it",
        "split_by_user": "alerts were taken out of it",
        "split_off": "it was taken out of another incident",
        "noted_by_user": "somebody wrote a note",
        "new_normal_by_user": "somebody called it the new normal",
        "playbook_chosen_by_user": "somebody chose another playbook",
        "step_marked_by_user": "a step of the playbook was marked",
        "steps_late": "steps of the playbook are late",
        "drafted_by_user": "a statement waits for approval",
        "approval_late": "an approval is late",
        "draft_approved_by_user": "a statement was approved",
        "draft_sent_back_by_user": "a statement was sent back",
        "published_by_user": "a statement was published",
        "room_opened_by_user": "a crisis room was opened",
        "not_reached": "a message did not arrive",
        "silenced": "the topic is muted",
        "quiet_hours": "people are told of this severity in other hours",
        "capped": "the rule had its number of alerts for a day",
        "grouping": "it waits for what belongs together",
        "grouped": "news came lately; it is told with what follows",
        "inhibited": "a graver alert of the incident fires",
        "flapping": "the alert comes and goes",
        "shown_in_run": "a step was marked: the message of the playbook shows it",
        "judged": "people ended an incident over this very alert within a day",
        "muted": "somebody muted it",
        "unmuted": "somebody ended the silence",
        "nobody_to_tell": "there is nobody to tell",
        "instead_acknowledged": "not told in another’s place: somebody had taken charge",
        "instead_silenced": "not told in another’s place: the topic is muted",
        "instead_all_told": "not told in another’s place: they had all been told",
        "spared_in_drill": "an exercise calls nobody whose telephone rings, unless it is begun with --page",
    },
    "fr": {
        "opened": "l’incident s’est ouvert",
        "alert_joined": "une alerte s’y est ajoutée ou a repris",
        "severity_raised": "il s’est aggravé",
        "step_timed_out": "l’étape suivante était due",
        "reminded": "un rappel était dû",
        "escalated_by_user": "quelqu’un a escaladé",
        "acknowledged_by_user": "quelqu’un s’en est chargé",
        "acknowledged_in_part": "quelqu’un s’en est chargé, d’autres doivent le faire",
        "unacknowledged": "la prise en charge est restée sans suite et a été levée",
        "silenced_by_user": "quelqu’un l’a mis en sourdine",
        "silence_ends_soon": "la sourdine se termine bientôt",
        "false_alarm_by_user": "quelqu’un l’a dit fausse alerte",
        "resolved_by_user": "quelqu’un l’a résolu",
        "alerts_resolved": "le calme a duré assez longtemps",
        "declared_by_user": "quelqu’un l’a déclaré",
        "given_by_user": "quelqu’un l’a confié à d’autres",
        "merged_by_user": "il a rejoint un autre incident",
        "merged_in": "un autre incident l’a rejoint",
        "split_by_user": "des alertes en ont été détachées",
        "split_off": "il a été détaché d’un autre incident",
        "noted_by_user": "quelqu’un a écrit une note",
        "new_normal_by_user": "quelqu’un l’a dit nouvelle normale",
        "playbook_chosen_by_user": "quelqu’un a choisi un autre playbook",
        "step_marked_by_user": "une étape du playbook a été cochée",
        "steps_late": "des étapes du playbook sont en retard",
        "drafted_by_user": "un communiqué attend d’être validé",
        "approval_late": "une validation se fait attendre",
        "draft_approved_by_user": "un communiqué a été validé",
        "draft_sent_back_by_user": "un communiqué a été renvoyé",
        "published_by_user": "un communiqué est paru",
        "room_opened_by_user": "une cellule de crise a été ouverte",
        "not_reached": "un message n’est pas arrivé",
        "silenced": "le sujet est en sourdine",
        "quiet_hours": "on est prévenu de cette gravité à d’autres heures",
        "capped": "la règle a eu son compte d’alertes pour un jour",
        "grouping": "on attend ce qui va ensemble",
        "grouped": "des nouvelles viennent d’être dites\u00a0; la suite le sera avec elles",
        "inhibited": "une alerte plus grave de l’incident est en cours",
        "flapping": "l’alerte va et vient",
        "shown_in_run": "une étape a été cochée\u00a0: le message du playbook le montre",
        "judged": "un incident sur cette même alerte a été clos depuis moins d’un jour",
        "muted": "quelqu’un l’a mis en sourdine",
        "unmuted": "quelqu’un a mis fin à la sourdine",
        "nobody_to_tell": "il n’y a personne à prévenir",
        "instead_acknowledged": "pas prévenus à la place d’un autre\u00a0: quelqu’un s’en était chargé",
        "instead_silenced": "pas prévenus à la place d’un autre\u00a0: le sujet est en sourdine",
        "instead_all_told": "pas prévenus à la place d’un autre\u00a0: tous l’étaient déjà",
        "spared_in_drill": "un exercice ne fait sonner aucun téléphone, sauf s’il est lancé avec --page",
    },
}
_DETAILS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "policy": "by the policy {}",
        "step": "step {}",
        "rule": "rule {}",
        "route": "route {}",
        "who": "by {}",
        "said": "“{}”",
        "on_call": "on call: {}",
        "until": "until {}",
        "severity": "severity {}",
        "silence": "silence {}",
        "missing": "{} could not be reached",
    },
    "fr": {
        "policy": "par la politique d’escalade {}",
        "step": "étape {}",
        "rule": "règle {}",
        "route": "route {}",
        "who": "par {}",
        "said": "«\u00a0{}\u00a0»",
        "on_call": "d’astreinte\u00a0: {}",
        "until": "jusqu’à {}",
        "severity": "gravité {}",
        "silence": "sourdine {}",
        "missing": "{} injoignable",
    },
}


def cause_words(cause: str, language: Language) -> str:
    """Why something was told, by the cause or the reason's name."""
    return _REASONS[language].get(cause, cause)


def why_line(decision: Decision, face: Clockface, language: Language, *, shown: Callable[[str], str] = str) -> str:
    """What was decided and why: `told comms: the incident opened`. `shown` makes texts from outside harmless."""
    reason = shown(cause_words(decision.reason, language))
    verdict = _VERDICTS[language][decision.verdict].format(receivers=", ".join(map(shown, decision.receivers)))
    details = _details(decision.detail, face, language, shown)
    if language == "fr" and decision.verdict is Verdict.TOLD:
        return f"{verdict} ({reason}){details}"
    colon = "\u00a0:" if language == "fr" else ":"
    return f"{verdict}{colon} {reason}{details}"


def _details(detail: Mapping[str, str], face: Clockface, language: Language, shown: Callable[[str], str]) -> str:
    """What it stands on; instants in the reader's time zone. What is for programs alone is left out."""
    forms = _DETAILS[language]
    told = [
        forms[name].format(
            _value(name, value, face, shown) if name != "severity" else _severity(value, language, shown)
        )
        for name, value in detail.items()
        if name in forms
    ]
    return f"  [{' · '.join(told)}]" if told else ""


def _severity(value: str, language: Language, shown: Callable[[str], str]) -> str:
    return catalogue(language).severity[Severity(value)].lower() if value in list(Severity) else shown(value)


def _value(name: str, value: str, face: Clockface, shown: Callable[[str], str]) -> str:
    if name == "step" and value.isdecimal():
        return str(int(value[:6]) + 1)
    try:
        return face.stamp(datetime.fromisoformat(value)) if name == "until" else shown(value)
    except ValueError:
        return shown(value)
