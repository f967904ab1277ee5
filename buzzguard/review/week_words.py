"""What the digest of a week says, in English and in French: the same keys and fields in both."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

WEEK_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "The week from {since} to {until}",
        "subtitle": "Incidents: {incidents} ({severities})",
        "none": "none",
        "ahead": "--of: the week of {day} has not begun",
        "not_over": "This week is not over: it is compared with as much of the time before it.",
        "unknown": "{topic} could be read {known} of the time: what was said in the rest is not counted.",
        "topics": "What was said",
        "topic": "Topic",
        "competitor": "{topic} (competitor)",
        "mentions": "Mentions",
        "negative": "Negative",
        "praise": "Praise",
        "voice": "Share of voice",
        "against": "{now} (before: {before})",
        "topics_note": (
            "In brackets: the week before. Share of voice is the part of the mentions of a topic and of its "
            "competitors together. Negative is the share of independent voices: an author or a text that comes again "
            "counts less each time."
        ),
        "response": "How we answered",
        "quiet": "No incident was opened.",
        "tell": "Somebody was told within {median} (median), {slowest} at the slowest.",
        "tell_none": "Nobody was told of any incident.",
        "acknowledge": "Somebody took charge within {median} (median), {slowest} at the slowest.",
        "acknowledge_none": "Nobody took charge of any incident.",
        "untaken": "Incidents that nobody took: {n} of {all}.",
        "false_alarms": "False alarms: {n} of {all}.",
        "rules": "Alerts by rule",
        "no_alerts": "No rule alerted.",
        "rule": "Rule",
        "alerts": "Alerts",
        "useful": "Useful",
        "worked": "Taken in charge",
        "noise": "Noise",
        "unjudged": "Not judged",
        "precision": "Precision (95 %)",
        "interval": "{value} ({low} to {high})",
        "rules_note": (
            "Useful: most who judged it said so. Taken in charge: nobody judged it, and somebody handled it; it counts "
            "half. Precision is the useful part of those. For better thresholds: buzzguard rules tune."
        ),
        "incidents": "Incidents",
        "opened": "Opened",
        "severity": "Severity",
        "state": "State",
        "id": "Incident",
        "state_triggered": "nobody has it",
        "state_acknowledged": "in hand",
        "state_resolved": "resolved",
        "state_false_alarm": "false alarm",
        "more": "… and {n} more",
        "made": "BuzzGuard · as known {at} · times in {zone}",
    },
    "fr": {
        "title": "La semaine du {since} au {until}",
        "subtitle": "Incidents\u00a0: {incidents} ({severities})",
        "none": "aucun",
        "ahead": "--of\u00a0: la semaine du {day} n’a pas commencé",
        "not_over": "Cette semaine n’est pas finie\u00a0: elle est comparée à autant de temps avant elle.",
        "unknown": (
            "{topic} n’a pu être lu que {known} du temps\u00a0: ce qui s’est dit le reste du temps n’est pas compté."
        ),
        "topics": "Ce qui s’est dit",
        "topic": "Sujet",
        "competitor": "{topic} (concurrent)",
        "mentions": "Mentions",
        "negative": "Négatif",
        "praise": "Éloges",
        "voice": "Part de voix",
        "against": "{now} (avant\u00a0: {before})",
        "topics_note": (
            "Entre parenthèses\u00a0: la semaine précédente. La part de voix est celle des mentions du sujet parmi les "
            "siennes et celles de ses concurrents. Négatif est la part des voix indépendantes\u00a0: un auteur ou un "
            "texte qui revient compte moins à chaque fois."
        ),
        "response": "Comment nous avons répondu",
        "quiet": "Aucun incident n’a été ouvert.",
        "tell": "Quelqu’un a été prévenu en {median} (médiane), {slowest} au plus lent.",
        "tell_none": "Personne n’a été prévenu d’aucun incident.",
        "acknowledge": "Quelqu’un s’en est chargé en {median} (médiane), {slowest} au plus lent.",
        "acknowledge_none": "Personne ne s’est chargé d’aucun incident.",
        "untaken": "Incidents dont personne ne s’est chargé\u00a0: {n} sur {all}.",
        "false_alarms": "Fausses alertes\u00a0: {n} sur {all}.",
        "rules": "Alertes par règle",
        "no_alerts": "Aucune règle n’a alerté.",
        "rule": "Règle",
        "alerts": "Alertes",
        "useful": "Utiles",
        "worked": "Prises en charge",
        "noise": "Bruit",
        "unjudged": "Non jugées",
        "precision": "Précision (95\u00a0%)",
        "interval": "{value} ({low} à {high})",
        "rules_note": (
            "Utile\u00a0: la plupart de ceux qui l’ont jugée l’ont dit. Prise en charge\u00a0: personne ne l’a jugée, "
            "quelqu’un l’a traitée\u00a0; elle compte pour moitié. La précision est la part utile de l’ensemble. Pour "
            "de meilleurs seuils\u00a0: buzzguard rules tune."
        ),
        "incidents": "Incidents",
        "opened": "Ouvert",
        "severity": "Gravité",
        "state": "État",
        "id": "Incident",
        "state_triggered": "personne ne s’en charge",
        "state_acknowledged": "pris en charge",
        "state_resolved": "résolu",
        "state_false_alarm": "fausse alerte",
        "more": "… et {n} de plus",
        "made": "BuzzGuard · état connu le {at} · heures de {zone}",
    },
}
