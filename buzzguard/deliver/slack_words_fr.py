"""Les mots propres à Slack, en français."""

from __future__ import annotations

from buzzguard.deliver.slack_words import FieldWords, ModalWords, SlackWords
from buzzguard.model import AlarmReason

_WHY = FieldWords(label="Pourquoi", hint="Figure au registre.", placeholder="Une phrase suffit")
_NOTE = FieldWords(label="En quelques mots", hint="Figure au registre.")

FR = SlackWords(
    language="fr",
    close="Annuler",
    done="Fermer",
    button={
        "take_charge": "Prendre en charge",
        "escalate": "Escalader maintenant",
        "give": "Confier à…",
        "silence": "Sourdine…",
        "resolve": "Résoudre…",
        "dismiss": "Fausse alerte…",
        "note": "Ajouter une note…",
        "room": "Ouvrir une salle de crise…",
        "useful": "👍 Utile",
        "noise": "👎 Bruit",
    },
    menu={
        "merge": "Fusionner avec un autre…",
        "split": "Séparer des alertes…",
        "new_normal": "C’est la nouvelle normale…",
        "playbook": "Changer de playbook…",
        "statement": "Communiqué publié…",
    },
    modal={
        "give": ModalWords(
            title="Confier l’incident",
            submit="Confier",
            intro="Le destinataire est prévenu aussitôt. Choisissez une personne *ou* un service.",
            fields={
                "person": FieldWords(label="À une personne", placeholder="Choisir une personne"),
                "department": FieldWords(label="Ou à un service", placeholder="Choisir un service"),
                "reason": _NOTE,
            },
        ),
        "silence": ModalWords(
            title="Sourdine sur le sujet",
            submit="Mettre en sourdine",
            intro="Personne n’est appelé au sujet de *{topic}* d’ici là, sauf si la situation s’aggrave. Un rappel "
            "précède la fin.",
            fields={
                "for": FieldWords(label="Pour combien de temps"),
                "custom": FieldWords(
                    label="Autre durée",
                    hint="Par exemple 90m, 2h30 ou 3j ; 7 jours au plus. Compte si « autre durée » est choisie.",
                    placeholder="2h30",
                ),
                "reason": _WHY,
            },
        ),
        "merge": ModalWords(
            title="Fusionner l’incident",
            submit="Fusionner",
            intro="Cet incident rejoint l’autre : ses alertes y passent, et son escalade s’arrête.",
            fields={
                "into": FieldWords(label="À quel incident le rattacher", placeholder="Choisir un incident"),
                "reason": _NOTE,
            },
        ),
        "split": ModalWords(
            title="Séparer des alertes",
            submit="Séparer",
            intro="Les alertes choisies forment un incident à part, que personne n’a encore pris en charge.",
            fields={
                "alerts": FieldWords(
                    label="Quelles alertes", hint="Il en reste au moins une.", placeholder="Choisir des alertes"
                ),
                "reason": _NOTE,
            },
        ),
        "dismiss": ModalWords(
            title="Fausse alerte",
            submit="Clore (fausse alerte)",
            intro="L’incident est clos pour tous et plus personne n’est prévenu. La raison sert à régler les règles.",
            fields={
                "why": FieldWords(label="Ce que c’était"),
                "reason": FieldWords(label="En quelques mots", hint="Nécessaire si « autre chose » est choisi."),
            },
        ),
        "new_normal": ModalWords(
            title="La nouvelle normale",
            submit="C’est la normale",
            intro="Vous dites que *{topic}* restera à ce niveau. Ce qui est mesuré maintenant compte désormais comme "
            "habituel : l’incident est clos, et seul ce qui *dépasse ce niveau* alertera de nouveau. Ne le dites pas "
            "d’une crise qui dure, simplement.",
            fields={"reason": _WHY},
        ),
        "note": ModalWords(
            title="Ajouter une note",
            submit="Ajouter",
            fields={
                "text": FieldWords(
                    label="Note",
                    hint="Elle va dans le fil de l’incident et au registre, avec votre nom et l’heure.",
                    placeholder="Ce qui a été décidé, appris ou fait",
                )
            },
        ),
        "resolve": ModalWords(
            title="Résoudre l’incident",
            submit="Résoudre",
            intro="Résolu, c’est définitif. Si cela recommence, un nouvel incident renvoie à celui-ci.",
            fields={
                "summary": FieldWords(
                    label="Résumé",
                    hint="Ce qui s’est passé, ce qui a été fait, ce qui reste : il ouvre le rapport.",
                    placeholder="Ce qui s’est passé, et ce que nous avons fait",
                )
            },
        ),
        "playbook": ModalWords(
            title="Changer de playbook",
            submit="Changer",
            intro="Les étapes faites restent au registre ; la liste de ce qui est à faire repart du début.",
            fields={"playbook": FieldWords(label="Playbook", placeholder="Choisir un playbook"), "reason": _NOTE},
        ),
        "room": ModalWords(
            title="Salle de crise",
            submit="Ouvrir la salle",
            intro="Un canal pour ce seul incident : l’alerte et son playbook y sont posés, les personnes invitées.",
            fields={
                "name": FieldWords(
                    label="Nom du canal", hint="Lettres minuscules, chiffres, - et _ ; 80 caractères au plus."
                ),
                "private": FieldWords(label="Qui peut le voir"),
                "departments": FieldWords(label="Inviter", placeholder="Choisir des services"),
            },
        ),
        "statement": ModalWords(
            title="Communiqué publié",
            submit="Le noter",
            intro="BuzzGuard mesure à partir de ce moment ce que le communiqué a changé.",
            fields={
                "when": FieldWords(label="Publié le"),
                "reason": FieldWords(label="Où, ou ce qu’il disait", hint="Figure au registre."),
            },
        ),
        "declare": ModalWords(
            title="Déclarer un incident",
            submit="Déclarer",
            intro="Ceux que nomme la politique d’escalade sont prévenus aussitôt, comme pour une alerte.",
            fields={
                "topic": FieldWords(label="Sujet", placeholder="Choisir un sujet"),
                "severity": FieldWords(label="Gravité"),
                "story": FieldWords(
                    label="Ce qui se passe",
                    hint="Une phrase simple : c’est la première chose que tous liront.",
                    placeholder="Une vidéo montre notre lampe en feu",
                ),
                "playbook": FieldWords(
                    label="Playbook", hint="Vide : celui d’usage.", placeholder="Choisir un playbook"
                ),
                "drill": FieldWords(label="Exercice"),
            },
        ),
        "draft_open": ModalWords(
            title="Préparer un communiqué",
            submit="Faire valider",
            intro="Remplissez chaque champ avec ce qui est *certain*, ou rayez-le : sa phrase disparaît alors. Rien "
            "de non confirmé ne doit sortir. Validations : {chain}.",
            fields={
                "confirm": FieldWords(label="Confirmé : {what}", hint="Seulement ce que quelqu’un a confirmé."),
                "unknown": FieldWords(
                    label="Pas encore connu : {what}", hint="Ce que l’on dit ne pas savoir, et jusqu’à quand."
                ),
                "fill": FieldWords(label="À compléter : {what}"),
                "strike": FieldWords(label="Ou rayer « {what} »"),
            },
        ),
        "draft_send_back": ModalWords(
            title="Renvoyer le brouillon",
            submit="Renvoyer",
            intro="Son auteur est prévenu, avec vos mots.",
            fields={"reason": FieldWords(label="Ce qui doit changer", placeholder="Une phrase suffit")},
        ),
        "refused": ModalWords(title="Rien n’a été fait", submit=""),
    },
    alarm={
        AlarmReason.HOMONYM: "Quelqu’un ou quelque chose du même nom",
        AlarmReason.CAMPAIGN: "Une campagne ou un événement à nous",
        AlarmReason.SPAM: "Du spam, ou un réseau de robots",
        AlarmReason.OLD_NEWS: "Une vieille nouvelle qui recircule",
        AlarmReason.OTHER: "Autre chose",
    },
    option={
        "30m": "30 minutes",
        "1h": "1 heure",
        "4h": "4 heures",
        "until": "jusqu’à {when}",
        "custom": "autre durée (ci-dessous)",
        "private": "Seules les personnes invitées (canal privé)",
        "drill": "C’est un exercice : il est marqué comme tel partout",
        "strike": "Rayer : sa phrase disparaît",
        "sent_back": "↩️ Le dernier a été renvoyé\u00a0: «\u00a0{note}\u00a0»",
        "nobody_asked": "personne n’est sollicité",
    },
    error={
        "needed": "À remplir, s’il vous plaît.",
        "one_of_both": "Choisissez une personne ou un service.",
        "not_both": "Choisissez une personne ou un service, pas les deux.",
        "bad_duration": "Ce n’est pas une durée : écrivez par exemple 90m, 2h30 ou 3j, 7 jours au plus.",
        "too_late": "Ce moment est passé : choisissez de nouveau.",
        "future": "C’est encore à venir : dites-le une fois publié.",
        "bad_name": "Lettres minuscules, chiffres, - et _ seulement, 80 caractères au plus.",
        "fill_or_strike": "Remplissez ce champ, ou rayez-le.",
        "fill_and_strike": "Il est rempli et rayé : gardez l’un des deux.",
        "no_choice": "Choisissez-en un.",
    },
    notice={
        "not_opened": "La fenêtre n’a pas pu s’ouvrir. Appuyez de nouveau.",
        "instead": " Ou tapez : `{command}`",
        "instead_there": " Ou, là où BuzzGuard tourne : `{command}`",
        "no_other": "Aucun autre incident n’est ouvert auquel celui-ci puisse être rattaché : rien n’a été modifié.",
        "one_alert": "Cet incident n’a qu’une alerte : il n’y a rien à séparer.",
        "no_playbooks": "Il n’y a aucun playbook à choisir.",
        "no_topics": "Aucun sujet n’est surveillé : rien ne peut être déclaré.",
        "no_statement": "Ce communiqué ne fait plus partie du playbook de l’incident.",
        "too_many_fields": "Ce communiqué a trop de champs pour une fenêtre de Slack.",
        "useful": "Noté comme utile, merci. Cela compte quand les règles sont réglées.",
        "noise": "Noté comme du bruit, merci. Cela compte quand les règles sont réglées.",
        "published": "Noté : un communiqué est publié. Ce qu’il change est mesuré à partir de là.",
        "not_understood": "BuzzGuard n’a pas pu lire ceci : rien n’a été modifié. Rouvrez la fenêtre.",
        "busy": "BuzzGuard met plus de temps que d’habitude. La réponse viendra ici.",
    },
    slash={
        "note": "/buzz noter {incident} …",
        "resolve": "/buzz résoudre {incident} …",
        "silence": "/buzz sourdine {topic} 1h …",
        "declare": "/buzz déclarer {topic} orange …",
    },
)
