"""Why something that a person asked was not done, by the named reason of whoever refused it.

The same sentences serve every place where people act: a chat, the command line.
"""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

REFUSALS: Mapping[str, Mapping[Language, str]] = {
    "unknown_incident": {
        "en": "This incident is not known any more: nothing was changed.",
        "fr": "Cet incident n’est plus connu\u00a0: rien n’a été modifié.",
    },
    "already_final": {
        "en": "This incident is closed already: nothing was changed.",
        "fr": "Cet incident est déjà clos\u00a0: rien n’a été modifié.",
    },
    "merged_away": {
        "en": "This incident is part of {detail} now: act there. Nothing was changed.",
        "fr": "Cet incident fait désormais partie de {detail}\u00a0: c’est là qu’il faut agir. Rien n’a été modifié.",
    },
    "nobody_in_department": {
        "en": "Nobody stands behind this department: no receiver, rota or policy is called like it, and it has no "
        "members.",
        "fr": "Il n’y a personne derrière ce service\u00a0: aucun destinataire, aucune astreinte ni politique "
        "d’escalade ne porte son nom, et il n’a pas de membres.",
    },
    "already_owner": {
        "en": "You are in charge of this incident already.",
        "fr": "Vous êtes déjà en charge de cet incident.",
    },
    "already_counted": {
        "en": "You have taken charge already; this step waits for somebody else, too.",
        "fr": "Vous avez déjà pris en charge cet incident\u00a0; cette étape attend encore une autre personne.",
    },
    "bad_duration": {
        "en": "This duration cannot be: a silence lasts longer than nothing, and 7 days at most.",
        "fr": "Cette durée est impossible\u00a0: une sourdine dure plus de zéro seconde et 7 jours au plus.",
    },
    "nobody_to_tell": {
        "en": "There is nobody else to tell: the escalation policy of this incident has no steps.",
        "fr": "Il n’y a personne d’autre à prévenir\u00a0: la politique d’escalade de cet incident n’a aucune étape.",
    },
    "repeated": {
        "en": "This was done already.",
        "fr": "C’est déjà fait.",
    },
    "too_late": {
        "en": "This was asked too long ago to be done now: nothing was changed. Ask again if it is still wanted.",
        "fr": "Cette demande date de trop longtemps pour être exécutée maintenant\u00a0: rien n’a été modifié. "
        "Refaites-la si elle est toujours d’actualité.",
    },
    "unknown_topic": {
        "en": "This topic is not watched: nothing was changed.",
        "fr": "Ce sujet n’est pas surveillé\u00a0: rien n’a été modifié.",
    },
    "unknown_playbook": {
        "en": "There is no playbook of this name: nothing was changed.",
        "fr": "Il n’existe aucun playbook de ce nom\u00a0: rien n’a été modifié.",
    },
    "unknown_policy": {
        "en": "There is no escalation policy of this name: nothing was changed.",
        "fr": "Il n’existe aucune politique d’escalade de ce nom\u00a0: rien n’a été modifié.",
    },
    "unknown_rule": {
        "en": "There is no rule of this name: nothing was changed.",
        "fr": "Il n’existe aucune règle de ce nom\u00a0: rien n’a été modifié.",
    },
    "unknown_department": {
        "en": "There is no department of this name: nothing was changed.",
        "fr": "Il n’existe aucun service de ce nom\u00a0: rien n’a été modifié.",
    },
    "unknown_alert": {
        "en": "This alert is not part of the incident: nothing was changed.",
        "fr": "Cette alerte ne fait pas partie de l’incident\u00a0: rien n’a été modifié.",
    },
    "unknown_silence": {
        "en": "There is no such silence, or it has ended already.",
        "fr": "Cette sourdine n’existe pas, ou elle a déjà pris fin.",
    },
    "nobody_named": {
        "en": "Say to whom it is given: a person, or a department.",
        "fr": "Dites à qui le confier\u00a0: une personne ou un service.",
    },
    "merge_with_itself": {
        "en": "An incident cannot be merged into itself.",
        "fr": "Un incident ne peut pas être fusionné avec lui-même.",
    },
    "unknown_target": {
        "en": "The other incident is not known any more: nothing was changed.",
        "fr": "L’autre incident n’est plus connu\u00a0: rien n’a été modifié.",
    },
    "target_final": {
        "en": "The other incident is closed already: nothing was changed.",
        "fr": "L’autre incident est déjà clos\u00a0: rien n’a été modifié.",
    },
    "drill_and_real": {
        "en": "An exercise and a real incident are never merged.",
        "fr": "Un exercice et un véritable incident ne sont jamais fusionnés.",
    },
    "nothing_left": {
        "en": "Nothing would be left: nothing was changed.",
        "fr": "Il ne resterait rien\u00a0: rien n’a été modifié.",
    },
    "nothing_to_match": {
        "en": "Say what is to be muted: a topic, a rule, a story or a department.",
        "fr": "Dites ce qui doit être mis en sourdine\u00a0: un sujet, une règle, un récit ou un service.",
    },
    "no_reason": {
        "en": "Say why: nothing was muted.",
        "fr": "Dites pourquoi\u00a0: rien n’a été mis en sourdine.",
    },
    "no_text": {
        "en": "Write something: there was nothing to note.",
        "fr": "Écrivez quelque chose\u00a0: il n’y avait rien à noter.",
    },
    "no_run": {
        "en": "No playbook is being worked through: somebody takes charge first.",
        "fr": "Aucun playbook n’est en cours\u00a0: quelqu’un doit d’abord prendre en charge l’incident.",
    },
    "unknown_step": {
        "en": "The playbook has no such step: nothing was changed.",
        "fr": "Le playbook n’a pas cette étape\u00a0: rien n’a été modifié.",
    },
    "already_marked": {
        "en": "This step is marked so already.",
        "fr": "Cette étape est déjà marquée ainsi.",
    },
    "unknown_statement": {
        "en": "The playbook holds no such statement: nothing was changed.",
        "fr": "Le playbook ne contient pas ce communiqué\u00a0: rien n’a été modifié.",
    },
    "unfilled": {
        "en": "Fill in or strike these fields first: {detail}.",
        "fr": "Remplissez ou barrez d’abord ces champs\u00a0: {detail}.",
    },
    "too_long": {
        "en": "Too long: {detail}.",
        "fr": "Trop long\u00a0: {detail}.",
    },
    "too_many": {
        "en": "There are too many drafts of this incident: nothing was changed.",
        "fr": "Cet incident a trop de brouillons\u00a0: rien n’a été modifié.",
    },
    "unknown_draft": {
        "en": "This draft is not known any more: nothing was changed.",
        "fr": "Ce brouillon n’est plus connu\u00a0: rien n’a été modifié.",
    },
    "not_waiting": {
        "en": "This draft does not wait for an approval any more.",
        "fr": "Ce brouillon n’attend plus de validation.",
    },
    "not_your_turn": {
        "en": "It is the turn of another department to approve.",
        "fr": "C’est au tour d’un autre service de valider.",
    },
    "guest": {
        "en": "You belong to another workspace: nothing was done. Somebody of this one can act, or name you in a "
        "department.",
        "fr": "Vous appartenez à un autre espace de travail\u00a0: rien n’a été fait. Quelqu’un de celui-ci peut agir, "
        "ou vous nommer dans un service.",
    },
    "other_turn": {
        "en": "This department has approved already: the next one approves below, where it is asked to.",
        "fr": "Ce service a déjà validé\u00a0: le suivant valide plus bas, là où on le lui demande.",
    },
    "already_approved": {
        "en": "You have approved it already: the next department must be somebody else.",
        "fr": "Vous l’avez déjà validé\u00a0: le service suivant doit être représenté par quelqu’un d’autre.",
    },
    "no_note": {
        "en": "Say what is to be changed: nothing was sent back.",
        "fr": "Dites ce qui est à changer\u00a0: rien n’a été renvoyé.",
    },
    "not_approved": {
        "en": "It is not approved yet: nothing unapproved is published.",
        "fr": "Il n’est pas encore validé\u00a0: rien n’est publié sans validation.",
    },
    "already_published": {
        "en": "It was published already.",
        "fr": "Il est déjà publié.",
    },
    "no_story": {
        "en": "Say what happens, in a sentence: nothing was opened.",
        "fr": "Dites ce qui se passe, en une phrase\u00a0: rien n’a été ouvert.",
    },
    "drill_open": {
        "en": "An exercise on this topic is going on already: end it before another one begins.",
        "fr": "Un exercice est déjà en cours sur ce sujet\u00a0: terminez-le avant d’en lancer un autre.",
    },
    "red_open": {
        "en": "A real red incident is open on this topic: an exercise would get in its way.",
        "fr": "Un véritable incident rouge est ouvert sur ce sujet\u00a0: un exercice le gênerait.",
    },
    "room_is_open": {
        "en": "This incident has a crisis room already: its card leads there.",
        "fr": "Cet incident a déjà une salle de crise\u00a0: sa carte y mène.",
    },
    "room_scope_missing": {
        "en": "The app may not make channels. Whoever runs BuzzGuard adds the scope channels:manage (groups:write for "
        "private rooms) and installs it again; `buzzguard slack doctor` shows what is missing.",
        "fr": "L’application n’a pas le droit de créer des canaux. La personne qui exploite BuzzGuard ajoute le droit "
        "channels:manage (groups:write pour les salles privées) et la réinstalle\u00a0; `buzzguard slack doctor` "
        "montre ce qui manque.",
    },
    "room_forbidden": {
        "en": "Slack does not let the app make a channel here. Ask an administrator of the workspace to allow it.",
        "fr": "Slack ne laisse pas l’application créer de canal ici. Demandez à un administrateur de l’espace de "
        "travail de l’autoriser.",
    },
    "room_name_unfit": {
        "en": "Slack does not take this name for a channel: lower-case letters, digits, hyphens, 80 at most.",
        "fr": "Slack refuse ce nom de canal\u00a0: lettres minuscules, chiffres, tirets, 80 au plus.",
    },
    "room_name_taken": {
        "en": "Channels of this name exist already: choose another one.",
        "fr": "Des canaux de ce nom existent déjà\u00a0: choisissez-en un autre.",
    },
    "room_later": {
        "en": "Slack does not answer for now, so no room was made. Try again in a minute: nothing is made twice.",
        "fr": "Slack ne répond pas pour l’instant, et aucune salle n’a été créée. Réessayez dans une minute\u00a0: "
        "rien ne sera créé deux fois.",
    },
    "not_possible": {
        "en": "This was not possible in the incident’s present state: nothing was changed.",
        "fr": "Cette action n’est pas possible dans l’état actuel de l’incident\u00a0: rien n’a été modifié.",
    },
    "failed": {
        "en": "BuzzGuard could not record this. Try again in a minute; if it persists, tell whoever runs BuzzGuard.",
        "fr": "BuzzGuard n’a pas pu enregistrer cette action. Réessayez dans une minute\u00a0; si cela persiste, "
        "prévenez la personne qui exploite BuzzGuard.",
    },
    "stopping": {
        "en": "BuzzGuard is restarting: try again in a minute.",
        "fr": "BuzzGuard redémarre\u00a0: réessayez dans une minute.",
    },
}
"""By named reason; `respond.acts` lists those of the core."""


def refusal(reason: str, language: Language) -> str:
    """The sentence for a named reason, which may say more behind a colon; for one that has none, that it was not
    possible."""
    name, _, detail = reason.partition(": ")
    return REFUSALS.get(name, REFUSALS["not_possible"])[language].replace("{detail}", detail)
