"""What the commands that act say, in English and in French: the same keys and fields in both."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

ACT_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "none": "there is none",
        "bad_text": "{option}: write something, {most} characters at most",
        "bad_duration": "--for: {why}",
        "no_topic": "unknown topic `{name}` ({hint})",
        "no_playbook": "unknown playbook `{name}` ({hint})",
        "no_policy": "unknown policy `{name}` ({hint})",
        "no_department": "unknown department `{name}` ({hint})",
        "no_rule": "unknown rule `{name}` ({hint})",
        "no_alert": "`{name}` is no alert of this incident, nor a rule of one ({hint})",
        "no_silence": "unknown silence `{name}` ({hint})",
        "one_of_both": "give it to a person (--to) or to a department (--department): one of both",
        "same_incident": "an incident cannot be merged into itself",
        "no_matcher": "say what is muted: --topic, --rule, --narrative or --department",
        "kept": "No BuzzGuard runs on this database: it will be done at the next start, within the hour (request "
        "{request}).",
        "unanswered": "Kept, but BuzzGuard has not answered within 15 seconds: it will be done once it can (request "
        "{request}).",
        "interrupted": "Kept all the same: BuzzGuard will do it (request {request}).",
        "declared": "Incident {made} is declared, and people are being told.\n"
        "Follow it: buzzguard incident show {made}",
        "drilled": "Exercise {made} has begun: every message of it says so.\n{paging}\n"
        'Follow it: buzzguard incident show {made}\nEnd it: buzzguard incident resolve {made} --summary "…"\n'
        "Its score: buzzguard drill score {made}",
        "paged": "Telephones (PagerDuty, SMS) really ring.",
        "not_paged": "Telephones (PagerDuty, SMS) do not ring; --page lets them.",
        "taken": "{who} has taken charge of {id}.",
        "given": "{id} is given to {to}.",
        "escalated": "{id}: the next step of the policy is told now.",
        "silenced": "{id} is muted for {duration}.",
        "merged": "{id} is now part of {into}.",
        "split": "Split off from {id}: {made}",
        "noted": "The note stands in the record of {id}.",
        "dismissed": "{id} is closed as a false alarm.",
        "normal": "{id} is closed: its level is the new normal.",
        "chosen": "{id} now goes by the playbook {playbook}.",
        "resolved": "{id} is resolved.",
        "muted": "Silence {made} has begun: for {duration}, {what}.",
        "unmuted": "Silence {silence} has ended.",
        "no_silences": "Nothing is muted.",
        "by": "by {who}",
        "up_to": "up to {severity}",
        "any_topic": "any topic",
        "topic": "topic {value}",
        "rule": "rule {value}",
        "narrative": "story {value}",
        "department": "business of {value}",
    },
    "fr": {
        "none": "il n’y en a aucun",
        "bad_text": "{option}\u00a0: écrivez quelque chose, {most} caractères au plus",
        "bad_duration": "--for\u00a0: {why}",
        "no_topic": "sujet inconnu\u00a0: `{name}` ({hint})",
        "no_playbook": "playbook inconnu\u00a0: `{name}` ({hint})",
        "no_policy": "politique d’escalade inconnue\u00a0: `{name}` ({hint})",
        "no_department": "service inconnu\u00a0: `{name}` ({hint})",
        "no_rule": "règle inconnue\u00a0: `{name}` ({hint})",
        "no_alert": "`{name}` n’est ni une alerte de cet incident ni la règle de l’une d’elles ({hint})",
        "no_silence": "sourdine inconnue\u00a0: `{name}` ({hint})",
        "one_of_both": "confiez-le à une personne (--to) ou à un service (--department)\u00a0: l’un des deux",
        "same_incident": "un incident ne peut pas être fusionné avec lui-même",
        "no_matcher": "dites ce qui est mis en sourdine\u00a0: --topic, --rule, --narrative ou --department",
        "kept": "Aucun BuzzGuard ne tourne sur cette base\u00a0: ce sera fait au prochain démarrage, s’il a lieu dans "
        "l’heure (demande {request}).",
        "unanswered": "La demande est conservée, mais BuzzGuard n’a pas répondu en 15\u00a0secondes\u00a0: elle sera "
        "exécutée dès qu’il le pourra (demande {request}).",
        "interrupted": "La demande reste conservée\u00a0: BuzzGuard l’exécutera (demande {request}).",
        "declared": "L’incident {made} est déclaré, les personnes concernées sont prévenues.\n"
        "Pour le suivre\u00a0: buzzguard incident show {made}",
        "drilled": "L’exercice {made} a commencé\u00a0: chacun de ses messages le dit.\n{paging}\n"
        "Pour le suivre\u00a0: buzzguard incident show {made}\n"
        'Pour le terminer\u00a0: buzzguard incident resolve {made} --summary "…"\n'
        "Pour sa note\u00a0: buzzguard drill score {made}",
        "paged": "Les téléphones (PagerDuty, SMS) sonnent réellement.",
        "not_paged": "Les téléphones (PagerDuty, SMS) ne sonnent pas\u00a0; --page les fait sonner.",
        "taken": "{who} a pris en charge {id}.",
        "given": "{id} est confié à {to}.",
        "escalated": "{id}\u00a0: l’étape suivante de la politique d’escalade est prévenue maintenant.",
        "silenced": "{id} est en sourdine pour {duration}.",
        "merged": "{id} fait désormais partie de {into}.",
        "split": "Détaché de {id}\u00a0: {made}",
        "noted": "La note figure dans la chronologie de {id}.",
        "dismissed": "{id} est clos comme fausse alerte.",
        "normal": "{id} est clos\u00a0: son niveau est la nouvelle normale.",
        "chosen": "{id} suit désormais le playbook {playbook}.",
        "resolved": "{id} est résolu.",
        "muted": "La sourdine {made} a commencé\u00a0: pour {duration}, {what}.",
        "unmuted": "La sourdine {silence} a pris fin.",
        "no_silences": "Rien n’est en sourdine.",
        "by": "par {who}",
        "up_to": "jusqu’à {severity}",
        "any_topic": "tout sujet",
        "topic": "sujet {value}",
        "rule": "règle {value}",
        "narrative": "récit {value}",
        "department": "ressort de {value}",
    },
}
