"""What `buzzguard drill` says, in English and in French: the same keys and fields in both."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

DRILL_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "no_topic": "--topic: say which one ({hint})",
        "no_story": "the playbook {playbook} has no story of an exercise: write `drill:` into it, or give --story",
        "no_drill": "there was no exercise in the last year: buzzguard drill PLAYBOOK begins one",
        "not_a_drill": "{id} is a real incident, no exercise: buzzguard report incident {id}",
        "title": "Exercise {id}: {topic}",
        "subtitle": "{playbook} · begun {opened} · {state}",
        "going": "going on",
        "ended": "ended {at}",
        "grade": "Grade",
        "grade_line": "{grade} – {points}",
        "grade_open": "{grade} so far – {points}",
        "grade_none": "Nothing was due yet.",
        "grade_note": "In time: a point; late: half of one; not done: none. All steps together count as one. "
        "A from 90 %, B from 75 %, C from 50 %, D below.",
        "times": "Times",
        "what": "From the beginning until",
        "took": "Took",
        "target": "Due within",
        "verdict": "",
        "tell": "a message left",
        "heard": "it arrived",
        "charge": "somebody took charge",
        "first_step": "the first step was done",
        "approved": "a statement was approved",
        "published": "a statement was marked as published",
        "resolve": "somebody ended it",
        "met": "in time",
        "late": "late",
        "missed": "not done",
        "pending": "not due yet",
        "free": "",
        "steps": "Steps of the playbook",
        "no_steps": "Nobody worked through the playbook: it begins when somebody takes charge.",
        "steps_line": "On time: {on_time} · late: {late} · not done: {missed} · not due: {pending} · left out: "
        "{skipped}",
        "improve": "What to improve",
        "nothing": "Nothing: all that was due was done in time.",
        "nothing_yet": "Nothing so far: all that was due already was done in time.",
        "improve_tell": "Messages left late: see `buzzguard incident why {id}` for what held them back.",
        "improve_heard": "Messages arrived late or nowhere: try each with `buzzguard notifier test NAME`.",
        "improve_charge": "Nobody took charge before others were called: is the right one on call, and do they "
        "hear it?",
        "improve_first_step": "The first step came late: whoever takes charge opens the playbook at once.",
        "improve_steps": "Steps were late or left undone: {n}. Their owners must know them, or the times are "
        "too short.",
        "improve_approved": "No statement was approved within the hour: prepare its facts, and reach those who "
        "approve.",
        "improve_by_itself": "Nobody ended the exercise: it ended by itself. Decide who declares the end.",
        "score": "How the exercise went",
    },
    "fr": {
        "no_topic": "--topic\u00a0: dites lequel ({hint})",
        "no_story": "le playbook {playbook} n’a pas de scénario d’exercice\u00a0: écrivez-y `drill:`, ou donnez "
        "--story",
        "no_drill": "il n’y a pas eu d’exercice depuis un an\u00a0: buzzguard drill PLAYBOOK en lance un",
        "not_a_drill": "{id} est un véritable incident, pas un exercice\u00a0: buzzguard report incident {id}",
        "title": "Exercice {id}\u00a0: {topic}",
        "subtitle": "{playbook} · commencé le {opened} · {state}",
        "going": "en cours",
        "ended": "terminé le {at}",
        "grade": "Note",
        "grade_line": "{grade} – {points}",
        "grade_open": "{grade} pour l’instant – {points}",
        "grade_none": "Rien n’était encore attendu.",
        "grade_note": "À temps\u00a0: un point\u00a0; en retard\u00a0: un demi\u00a0; pas fait\u00a0: aucun. "
        "Toutes les étapes "
        "comptent ensemble pour une mesure. A à partir de 90\u00a0%, B de 75\u00a0%, C de 50\u00a0%, D en dessous.",
        "times": "Délais",
        "what": "Du début jusqu’à ce que",
        "took": "Durée",
        "target": "Attendu sous",
        "verdict": "",
        "tell": "un message parte",
        "heard": "il arrive",
        "charge": "quelqu’un s’en charge",
        "first_step": "la première étape soit faite",
        "approved": "un communiqué soit validé",
        "published": "un communiqué soit marqué publié",
        "resolve": "quelqu’un y mette fin",
        "met": "à temps",
        "late": "en retard",
        "missed": "pas fait",
        "pending": "pas encore attendu",
        "free": "",
        "steps": "Étapes du playbook",
        "no_steps": "Personne n’a suivi le playbook\u00a0: il commence quand quelqu’un prend l’incident en charge.",
        "steps_line": "À temps\u00a0: {on_time} · en retard\u00a0: {late} · pas faites\u00a0: {missed} · pas encore "
        "attendues\u00a0: {pending} · laissées de côté\u00a0: {skipped}",
        "improve": "Ce qui est à améliorer",
        "nothing": "Rien\u00a0: tout ce qui était attendu a été fait à temps.",
        "nothing_yet": "Rien jusqu’ici\u00a0: tout ce qui était déjà attendu a été fait à temps.",
        "improve_tell": "Les messages sont partis tard\u00a0: `buzzguard incident why {id}` dit ce qui les a retenus.",
        "improve_heard": "Les messages sont arrivés tard ou nulle part\u00a0: essayez-les un à un avec "
        "`buzzguard notifier test NOM`.",
        "improve_charge": "Personne ne s’en est chargé avant que d’autres soient appelés\u00a0: la bonne personne "
        "est-elle d’astreinte, et l’entend-elle\u00a0?",
        "improve_first_step": "La première étape est venue tard\u00a0: qui prend en charge ouvre le playbook aussitôt.",
        "improve_steps": "Des étapes ont été faites en retard ou pas du tout\u00a0: {n}. Leurs responsables "
        "doivent les "
        "connaître, ou les délais sont trop courts.",
        "improve_approved": "Aucun communiqué n’a été validé dans l’heure\u00a0: préparez-en les faits, et sachez "
        "joindre ceux qui valident.",
        "improve_by_itself": "Personne n’a mis fin à l’exercice\u00a0: il a pris fin de lui-même. Décidez qui "
        "prononce "
        "la fin.",
        "score": "Comment l’exercice s’est passé",
    },
}
