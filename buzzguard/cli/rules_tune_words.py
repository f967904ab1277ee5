"""What `buzzguard rules tune` says, in English and in French: the same keys and fields in both."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

TUNE_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "title": "How often rules were right",
        "precision": "By what people said",
        "precision_note": (
            "Useful: most who judged it said so; noise: they said the contrary, or called it a false alarm. Taken in "
            "charge: nobody judged it, and somebody handled it; it counts half. Precision is the useful part of those."
        ),
        "nothing": "No rule has alerted yet.",
        "budget": (
            "A budget of false alarms is set: return periods are weighed by it before rules read them, in the replay "
            "too."
        ),
        "quiet": "Rules that never alerted: {rules}",
        "threshold": "Threshold",
        "alerts": "Alerts",
        "noise_gone": "False alarms spared",
        "useful_lost": "Useful ones lost",
        "later": "Useful ones later by",
        "table_note": (
            "Each threshold played over what is stored, the first is today’s. Lower ones are not tried: what was never "
            "sent was never judged."
        ),
        "spares_noise": "{noise} false alarms; {seen} of {judged} judged alerts happen again in the replay.",
        "precise": "No false alarm among {judged} judged alerts: nothing to change.",
        "too_few": (
            "{noise} false alarms; only {seen} of {judged} judged alerts happen again in the replay: too few to "
            "propose anything."
        ),
        "no_help": (
            "{noise} false alarms; every threshold that spares one loses a useful alert ({seen} of {judged} judged "
            "alerts happen again in the replay). Look at its other conditions."
        ),
        "no_threshold": "{noise} false alarms among {judged} judged; its condition asks for no single number of days.",
        "proposal": "Proposed: {name} from {before} to {after}.",
        "in_rule": "In the rule: {line}",
        "gone_noise": "Spared: {topic}, {at}, called a false alarm ({incident})",
        "gone_unjudged": "Spared: {topic}, {at}, never judged ({incident})",
        "gone_more": "… and {n} more",
    },
    "fr": {
        "title": "À quelle fréquence les règles avaient raison",
        "precision": "D’après ce que les gens en ont dit",
        "precision_note": (
            "Utile\u00a0: la plupart de ceux qui l’ont jugée l’ont dit\u00a0; bruit\u00a0: le contraire, ou "
            "fausse alerte. Prise en charge\u00a0: personne ne l’a jugée, quelqu’un l’a traitée\u00a0; elle compte "
            "pour moitié. La précision est la part utile de l’ensemble."
        ),
        "nothing": "Aucune règle n’a encore alerté.",
        "budget": (
            "Un budget de fausses alertes est fixé\u00a0: les périodes de retour sont pondérées par lui avant que les "
            "règles les lisent, dans le rejeu aussi."
        ),
        "quiet": "Règles qui n’ont jamais alerté\u00a0: {rules}",
        "threshold": "Seuil",
        "alerts": "Alertes",
        "noise_gone": "Fausses alertes évitées",
        "useful_lost": "Utiles perdues",
        "later": "Utiles retardées de",
        "table_note": (
            "Chaque seuil rejoué sur ce qui est enregistré, le premier est celui d’aujourd’hui. Les plus bas ne sont "
            "pas essayés\u00a0: ce qui n’a jamais été envoyé n’a jamais été jugé."
        ),
        "spares_noise": "{noise} fausses alertes\u00a0; {seen} des {judged} alertes jugées se reproduisent au rejeu.",
        "precise": "Aucune fausse alerte sur {judged} alertes jugées\u00a0: rien à changer.",
        "too_few": (
            "{noise} fausses alertes\u00a0; seules {seen} des {judged} alertes jugées se reproduisent au rejeu\u00a0: "
            "trop peu pour proposer quoi que ce soit."
        ),
        "no_help": (
            "{noise} fausses alertes\u00a0; tout seuil qui en évite une perd une alerte utile ({seen} des {judged} "
            "alertes jugées se reproduisent au rejeu). Voyez ses autres conditions."
        ),
        "no_threshold": (
            "{noise} fausses alertes sur {judged} jugées\u00a0; sa condition ne demande pas un seul nombre de jours."
        ),
        "proposal": "Proposition\u00a0: {name} de {before} à {after}.",
        "in_rule": "Dans la règle\u00a0: {line}",
        "gone_noise": "Évitée\u00a0: {topic}, {at}, dite fausse alerte ({incident})",
        "gone_unjudged": "Évitée\u00a0: {topic}, {at}, jamais jugée ({incident})",
        "gone_more": "… et {n} de plus",
    },
}
