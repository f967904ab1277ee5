"""The phrases of a backtest, in both languages: of its tables, and of its suggestion by reason and caution."""

from __future__ import annotations

from buzzguard.backtest.advice import Caution, Reason
from buzzguard.model import Language

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "title": "Backtest",
        "read": "{count} mentions, {topics}, {first} to {last}",
        "topic_one": "1 topic",
        "topic_many": "{n} topics",
        "judged": "Judged: {span}, from {since}. The first {warm} are for learning.",
        "judged_all": "Judged: {span}, from {since}, the learning period included.",
        "stored": "Baselines begin with {history} of stored samples.",
        "late": "Half of the mentions were read {span} or more after publication: add that to the delays.",
        "zone": "Times in {zone}",
        "rules": "The rules as they are",
        "topic": "Topic",
        "mentions": "Mentions",
        "alerts": "Alerts",
        "week": "Per week",
        "rule": "Rule",
        "outside": "Outside events",
        "calm_many": "{n} topics without an alert",
        "calm_one": "1 topic without an alert",
        "no_alert": "No alert.",
        "alarms": "Alarms: {count} (alerts of a topic within {hold} of one another are one). "
        "Outside events: {false}, that is {rate}.",
        "rate": "{value} per 90 days (95 %: {low} to {high})",
        "rate_none": "no time outside events",
        "events": "Events",
        "missed": "missed",
        "missed_on": "an alarm was on already, since {since}",
        "after": "{span} after its start",
        "before": "{span} before its start",
        "at_start": "at its start",
        "lead": "{span} before the busiest hour ended ({volume}/h)",
        "lag": "{span} after the busiest hour ended ({volume}/h)",
        "gravest": "then {severity}",
        "unjudged": "not judged: it falls into the learning period",
        "all_topics": "all topics",
        "lasting": "How long alerts lasted",
        "began": "Began",
        "severity": "Severity",
        "alert": "Alert",
        "lasted": "Lasted",
        "of": "Event",
        "none_of": "none",
        "learning": "learning",
        "goes_on": "goes on",
        "more": "… {n} more",
        "sweep": "Other thresholds on the signal “{signal}”",
        "sweep_how": "An alarm begins when the signal is rarer than the threshold on any window, "
        "and ends when it was not for {hold}.",
        "threshold": "Once in",
        "n_alarms": "Alarms",
        "n_found": "Found",
        "n_false": "False",
        "per_season": "per 90 days (95 %)",
        "delay": "Delay",
        "said": "Mentions",
        "days": "{n} days",
        "day": "1 day",
        "legend": "False: outside events, over all topics together. Delay (median) from the event’s start, "
        "and mentions of the topic since then.",
        "stuck": "Up to “once in {days}” an alarm was on most of the time ({topics}): too sensitive to tell anything.",
        "on_already": "* During others an alarm was on already, which tells nothing new.",
        "suggestion": "Suggestion",
        "paste": "In a rule:",
        "page_chart": "Rarity of the signal “{signal}”, hour by hour",
        "chart_key": "hours rarer than the threshold",
        "chart_below": "other hours rarer than once in {first}",
        "chart_event": "event",
        "chart_volume": "mentions an hour",
        "chart_suggested": "suggested: once in {days}",
        "year": "{n} years",
    },
    "fr": {
        "title": "Essai sur le passé",
        "read": "{count} mentions, {topics}, du {first} au {last}",
        "topic_one": "1 sujet",
        "topic_many": "{n} sujets",
        "judged": "Jugé\u00a0: {span}, à partir du {since}. L’apprentissage prend les premiers {warm}.",
        "judged_all": "Jugé\u00a0: {span}, à partir du {since}, apprentissage compris.",
        "stored": "L’habituel repose au départ sur {history} de mesures conservées.",
        "late": "La moitié des mentions ont été lues au moins {span} après leur publication\u00a0: "
        "à ajouter aux délais.",
        "zone": "Heures\u00a0: {zone}",
        "rules": "Les règles telles qu’elles sont",
        "topic": "Sujet",
        "mentions": "Mentions",
        "alerts": "Alertes",
        "week": "Par semaine",
        "rule": "Règle",
        "outside": "Hors événements",
        "calm_many": "{n} sujets sans alerte",
        "calm_one": "1 sujet sans alerte",
        "no_alert": "Aucune alerte.",
        "alarms": "Alarmes\u00a0: {count} (les alertes d’un sujet à moins de {hold} d’intervalle n’en font qu’une). "
        "Hors événements\u00a0: {false}, soit {rate}.",
        "rate": "{value} par 90\u00a0jours (95\u00a0%\u00a0: de {low} à {high})",
        "rate_none": "aucun temps hors événements",
        "events": "Événements",
        "missed": "manqué",
        "missed_on": "une alarme durait déjà, depuis le {since}",
        "after": "{span} après son début",
        "before": "{span} avant son début",
        "at_start": "dès son début",
        "lead": "{span} avant la fin de l’heure de pointe ({volume}/h)",
        "lag": "{span} après la fin de l’heure de pointe ({volume}/h)",
        "gravest": "puis {severity}",
        "unjudged": "non jugé\u00a0: il tombe pendant l’apprentissage",
        "all_topics": "tous les sujets",
        "lasting": "Durée des alertes",
        "began": "Début",
        "severity": "Gravité",
        "alert": "Alerte",
        "lasted": "Durée",
        "of": "Événement",
        "none_of": "aucun",
        "learning": "apprentissage",
        "goes_on": "continue",
        "more": "… {n} de plus",
        "sweep": "Autres seuils sur le signal «\u00a0{signal}\u00a0»",
        "sweep_how": "Une alarme commence quand le signal est plus rare que le seuil sur l’une des fenêtres, "
        "et finit quand il ne l’a plus été pendant {hold}.",
        "threshold": "Une fois en",
        "n_alarms": "Alarmes",
        "n_found": "Trouvés",
        "n_false": "Fausses",
        "per_season": "par 90\u00a0jours (95\u00a0%)",
        "delay": "Délai",
        "said": "Mentions",
        "days": "{n}\u00a0jours",
        "day": "1\u00a0jour",
        "legend": "Fausses\u00a0: hors événements, tous sujets ensemble. Délai (médian) depuis le début de "
        "l’événement, et mentions du sujet depuis lors.",
        "stuck": "Jusqu’à «\u00a0une fois en {days}\u00a0», une alarme durait presque sans cesse ({topics})\u00a0: "
        "trop sensible pour dire quoi que ce soit.",
        "on_already": "* Pendant d’autres, une alarme durait déjà, ce qui n’apprend rien.",
        "suggestion": "Suggestion",
        "paste": "Dans une règle\u00a0:",
        "page_chart": "Rareté du signal «\u00a0{signal}\u00a0», heure par heure",
        "chart_key": "heures plus rares que le seuil",
        "chart_below": "autres heures plus rares qu’une fois en {first}",
        "chart_event": "événement",
        "chart_volume": "mentions par heure",
        "chart_suggested": "suggéré\u00a0: une fois en {days}",
        "year": "{n}\u00a0ans",
    },
}
REASONS: dict[Language, dict[str, str]] = {
    "en": {
        Reason.HIGHEST_THAT_LOSES_NONE: "We suggest “once in {days}”: the highest threshold that this past can speak "
        "for and that loses no event ({found} of {events} found), with {alarms} in all, {false} of them outside "
        "events.",
        Reason.LOWEST_THAT_LOSES_NONE: "We suggest “once in {days}”: the lowest threshold that loses no event "
        "({found} of {events} found) and keeps to {target}, with {alarms} in all, {false} of them outside events.",
        Reason.LOWEST_WITHIN_TARGET: "We suggest “once in {days}”: the lowest threshold that keeps to {target} "
        "({alarms} in {span}).",
        Reason.LOSES_NONE_BEYOND_TARGET: "No threshold both finds as many events as any does and keeps to {target}. "
        "We suggest “once in {days}”, for a crisis missed costs more than an alarm too many: {found} of {events} "
        "found, {false} outside events.",
        Reason.NOTHING_FOUND: "No threshold found any of the {events} events: look at the topic’s query and at other "
        "signals before lowering thresholds. “Once in {days}” is the lowest that keeps to {target}.",
        Reason.NONE_WITHIN_TARGET: "No threshold keeps to {target}: “once in {days}”, the rarest tried, still gave "
        "{alarms} in {span}. Look at what fired: a campaign belongs in the calendar, a wide query should be narrowed.",
        "lost": "{missed} missed.",
        "missed_one": "1 event is",
        "missed_many": "{n} events are",
        "safer": "To keep to {target}, “once in {days}” would do, finding {found} of {events}.",
        "alarm_one": "1 alarm",
        "alarm_many": "{n} alarms",
        "target": "at most {count} false alarms in {span}",
        Caution.NOTHING_JUDGED: "No time outside events was left to count false alarms in: more data or a shorter "
        "--warm would tell.",
        Caution.UNTOLD_THRESHOLDS: "{span} of data (all topics together) cannot tell whether thresholds above “once "
        "in {told}” hold what they say.",
        Caution.SUGGESTED_UNTOLD: "But {span} of data (all topics together) cannot tell whether “once in {days}” "
        "holds what it says: try again when more has been recorded.",
        Caution.TARGET_UNPROVEN: "Few alarms prove little: up to {high} false alarms in {period} would still agree "
        "with what was seen.",
        Caution.FEW_EVENTS: "With {n} the share of crises found is hardly known.",
        "event_one": "1 event",
        "event_many": "{n} events",
        Caution.NO_EVENTS: "No event was given: all alarms count as false. Give dates with --event, and real crises "
        "will not count against a threshold.",
        Caution.BLIND_HITS: "With so many alarms, about {n} of the events would have been hit by chance.",
    },
    "fr": {
        Reason.HIGHEST_THAT_LOSES_NONE: "Nous suggérons «\u00a0une fois en {days}\u00a0»\u00a0: le plus haut seuil "
        "dont ce passé puisse témoigner et qui ne perde aucun événement ({found} sur {events}), avec {alarms} "
        "en tout, dont {false} hors événements.",
        Reason.LOWEST_THAT_LOSES_NONE: "Nous suggérons «\u00a0une fois en {days}\u00a0»\u00a0: le plus bas seuil "
        "qui ne perde aucun événement ({found} sur {events}) et respecte {target}, avec {alarms} en tout, dont "
        "{false} hors événements.",
        Reason.LOWEST_WITHIN_TARGET: "Nous suggérons «\u00a0une fois en {days}\u00a0»\u00a0: le plus bas seuil qui "
        "respecte {target} ({alarms} en {span}).",
        Reason.LOSES_NONE_BEYOND_TARGET: "Aucun seuil ne trouve autant d’événements que le meilleur tout en respectant "
        "{target}. Nous suggérons «\u00a0une fois en {days}\u00a0», car une crise manquée coûte plus qu’une alarme de "
        "trop\u00a0: {found} sur {events} trouvés, {false} hors événements.",
        Reason.NOTHING_FOUND: "Aucun seuil n’a trouvé l’un des {events} événements\u00a0: regardez la requête du "
        "sujet et les autres signaux avant de baisser les seuils. «\u00a0Une fois en {days}\u00a0» est le plus bas "
        "qui respecte {target}.",
        Reason.NONE_WITHIN_TARGET: "Aucun seuil ne respecte {target}\u00a0: «\u00a0une fois en {days}\u00a0», le plus "
        "rare essayé, a encore donné {alarms} en {span}. Regardez ce qui a déclenché\u00a0: une campagne a sa place "
        "dans le calendrier, une requête large doit être resserrée.",
        "lost": "{missed}.",
        "missed_one": "1\u00a0événement est manqué",
        "missed_many": "{n}\u00a0événements sont manqués",
        "safer": "Pour respecter {target}, «\u00a0une fois en {days}\u00a0» suffirait, en trouvant {found} sur "
        "{events}.",
        "alarm_one": "1\u00a0alarme",
        "alarm_many": "{n}\u00a0alarmes",
        "target": "au plus {count} fausses alarmes en {span}",
        Caution.NOTHING_JUDGED: "Il n’est resté aucun temps hors événements où compter de fausses alarmes\u00a0: plus "
        "de données, ou un --warm plus court, le diraient.",
        Caution.UNTOLD_THRESHOLDS: "{span} de données (tous sujets ensemble) ne peuvent pas dire si les seuils "
        "au-dessus d’«\u00a0une fois en {told}\u00a0» tiennent ce qu’ils promettent.",
        Caution.SUGGESTED_UNTOLD: "Mais {span} de données (tous sujets ensemble) ne peuvent pas dire si «\u00a0une "
        "fois en {days}\u00a0» tient ce qu’il promet\u00a0: recommencez quand il y en aura davantage.",
        Caution.TARGET_UNPROVEN: "Peu d’alarmes prouvent peu\u00a0: jusqu’à {high} fausses alarmes en {period} "
        "s’accorderaient encore avec ce qui a été vu.",
        Caution.FEW_EVENTS: "Avec {n}, la part des crises trouvées n’est guère connue.",
        "event_one": "1\u00a0événement",
        "event_many": "{n}\u00a0événements",
        Caution.NO_EVENTS: "Aucun événement n’a été donné\u00a0: toutes les alarmes comptent pour fausses. Donnez des "
        "dates avec --event, et les vraies crises ne compteront pas contre un seuil.",
        Caution.BLIND_HITS: "Avec autant d’alarmes, environ {n} des événements auraient été touchés par hasard.",
    },
}
