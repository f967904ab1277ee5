"""The words of an explanation, in English and French. What they are filled with is data, never itself a template."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.deliver.wording import Plural
from buzzguard.model import Language, Record

_M5, _M15, _H1 = timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1)
_H3, _H6, _H24 = timedelta(hours=3), timedelta(hours=6), timedelta(hours=24)


class Words(Record, frozen=True, kw_only=True):
    """Everything that an explanation says in one language; a sentence that is missing is a type error."""

    last: dict[timedelta, str]
    percent: str
    headline: str
    headline_share: str
    usual: Plural
    happens: str
    plain: str
    ordinary: str
    fewer: str
    unknown: str
    stopped: str
    at: str
    chart_title: str
    fired: str
    signals: str
    signal: str
    window: str
    observed: str
    expected: str
    rarity: str
    band: str
    scales: str
    scales_hint: str
    law_hint: str
    decides: str
    crisis: str
    crisis_usual: str
    rules: str
    no_rules: str
    firing: str
    pending: str
    met: str
    met_for: str
    lingers: str
    not_met: Plural
    never: str
    asks: str
    graver: str
    grown: str
    steady: str
    yes: str
    no: str
    rarer: str
    oftener: str
    amounts: dict[str, str]
    attributes: dict[str, str]
    special: dict[str, str]
    state: str
    no_alert: str
    incident: str
    by_person: str
    silenced: str
    basis: str
    watched: str
    trust: str
    learning: str
    restarted: str
    reasons: dict[str, str]
    budget: str
    learned: dict[str, str]
    adopted: str
    episodes: str
    episodes_none: str
    per_season: str
    own: str
    detector: str
    zone: str


EN = Words(
    last={
        _M5: "in the last 5 minutes",
        _M15: "in the last 15 minutes",
        _H1: "in the last hour",
        _H3: "in the last 3 hours",
        _H6: "in the last 6 hours",
        _H24: "in the last 24 hours",
    },
    percent="{n} %",
    headline="{topic}: {count} {last} where {usual}",
    headline_share="{topic}: {count} of the voices {last} are hostile where {usual}",
    usual=Plural("{n} is usual", "{n} are usual"),
    happens="; so much happens {rarity}.",
    plain="; {rarity}.",
    ordinary=": nothing out of the ordinary.",
    fewer=": fewer than usual.",
    unknown="{n} % of the last {window} could not be read: what was said then is unknown, not zero.",
    stopped="The watch left no trace since {at}: it may not have been running, and nothing said since is known.",
    at="as known on {day} at {time} ({zone})",
    chart_title="{topic} – mentions an hour over 48 hours",
    fired="alert",
    signals="What was measured",
    signal="Signal",
    window="Window",
    observed="Seen",
    expected="Usual",
    rarity="So much happens",
    band="usual range",
    scales="How rare on each window: {signal}",
    scales_hint="a longer bar is rarer, from once a day to once in 10 years",
    law_hint="dotted: what counting alone would claim, before the topic’s own past is asked",
    decides="◂ decides",
    crisis="Crisis score: {rarity}",
    crisis_usual="Crisis score: as usual",
    rules="Why it fired, or did not",
    no_rules="No rule watches this topic.",
    firing="firing since {at}",
    pending="holds since {at}; fires when it has held for {span}",
    met="its condition holds",
    met_for="its condition holds; fires when it has held for {span}",
    lingers="firing since {at}; the condition holds no more, but the alert has not ended yet",
    not_met=Plural("did not fire: {n} of {of} conditions holds", "did not fire: {n} of {of} conditions hold"),
    never="never in {span}",
    asks="{found} – asks for {asked}",
    graver="{severity} would need",
    grown="doubles in {span}",
    steady="does not grow",
    yes="yes",
    no="no",
    rarer="rarer than once in {span}",
    oftener="more often than once in {span}",
    amounts={
        ">=": "{n} or more",
        ">": "more than {n}",
        "<=": "{n} or less",
        "<": "less than {n}",
        "==": "exactly {n}",
        "!=": "other than {n}",
    },
    attributes={
        "count": "{signal}",
        "value": "{signal}",
        "once_per": "{signal}",
        "expected": "{signal}, usual",
        "ratio": "{signal}, times the usual",
        "doubles_in": "{signal}, growth",
        "learning": "{signal}, still learning",
        "share": "share of {signal}",
        "lull_once_per": "{signal}, lull",
    },
    special={
        "volume.copies": "Copies",
        "volume.originals": "Original mentions",
        "spread.sources": "Kinds of source",
        "spread.sites": "Sites",
        "reach.top": "Audience of one author",
        "window": "Window",
    },
    state="Alerts and incidents then",
    no_alert="No alert was open, no incident at hand.",
    incident="Incident {id} ({severity}), opened {opened}; {state}, last change {since}",
    by_person=" by {who}",
    silenced="Muted {until} by {who}",
    basis="What it knows",
    watched="The baseline stands on {span} of data, about {mentions}.",
    trust="So short a past cannot call anything rarer than {rarity}.",
    learning="Still learning ({learned} of {needed}): the usual range is wide and may be wrong.",
    restarted="It began anew {at}{reason}.",
    reasons={"query_changed": "its query was changed"},
    budget="To keep the budget of false alarms, rules read every return period as {n} times shorter.",
    learned={
        "learned": "learned as it was: {signals}",
        "clipped": "cut before it was learned, so that a crisis does not become usual: {signals}",
        "slowed": "learned at a tenth of the pace, because something rare goes on: {signals}",
        "new_normal": "taken over as the new normal, because it has lasted: {signals}",
        "skipped_unknown": "not learned, because sources could not be read: {signals}",
    },
    adopted="New normal since {since}: the baseline follows a level of {signals} that was unusual before.",
    episodes="Past episodes it remembers ({signal}): {list}.",
    episodes_none="It remembers no unusual episode of this topic ({signal}).",
    per_season=(
        "{signal}: {n} episodes of once a week or rarer in 90 days, where chance alone makes 13; return periods are "
        "corrected by that."
    ),
    own="The correction rests to {own} % on this topic’s own past, the rest on topics of like size.",
    detector="detector {name}",
    zone="times in {zone}",
)

FR = Words(
    last={
        _M5: "dans les 5 dernières minutes",
        _M15: "dans les 15 dernières minutes",
        _H1: "dans la dernière heure",
        _H3: "dans les 3 dernières heures",
        _H6: "dans les 6 dernières heures",
        _H24: "dans les dernières 24 heures",
    },
    percent="{n}\u00a0%",
    headline="{topic}\u00a0: {count} {last}, contre {usual}",
    headline_share="{topic}\u00a0: {count} de voix hostiles {last}, contre {usual}",
    usual=Plural("{n} d’ordinaire", "{n} d’ordinaire"),
    happens="\u202f; cela arrive {rarity}.",
    plain="\u202f; {rarity}.",
    ordinary="\u00a0: rien d’inhabituel.",
    fewer="\u00a0: moins que d’ordinaire.",
    unknown="{n}\u00a0% des dernières {window} n’ont pas pu être lus\u00a0: ce qui s’y est dit est inconnu, non nul.",
    stopped="La veille n’a laissé aucune trace depuis {at}\u00a0: peut-être arrêtée, elle ne sait rien de la suite.",
    at="tel que connu le {day} à {time} ({zone})",
    chart_title="{topic} – mentions par heure sur 48 heures",
    fired="alerte",
    signals="Ce qui a été mesuré",
    signal="Signal",
    window="Fenêtre",
    observed="Observé",
    expected="D’ordinaire",
    rarity="Cela arrive",
    band="plage habituelle",
    scales="Rareté selon la fenêtre\u00a0: {signal}",
    scales_hint="plus la barre est longue, plus c’est rare, d’une fois par jour à une fois en 10 ans",
    law_hint="pointillé\u00a0: ce que le seul comptage prétendrait, avant de consulter le passé du sujet",
    decides="◂ décide",
    crisis="Score de crise\u00a0: {rarity}",
    crisis_usual="Score de crise\u00a0: comme d’ordinaire",
    rules="Pourquoi l’alerte est partie, ou non",
    no_rules="Aucune règle ne surveille ce sujet.",
    firing="en alerte depuis {at}",
    pending="condition remplie depuis {at}\u202f; alerte si cela dure {span}",
    met="condition remplie",
    met_for="condition remplie\u202f; alerte si cela dure {span}",
    lingers="en alerte depuis {at}\u202f; la condition n’est plus remplie, mais l’alerte n’est pas finie",
    not_met=Plural(
        "pas d’alerte\u00a0: {n} condition remplie sur {of}", "pas d’alerte\u00a0: {n} conditions remplies sur {of}"
    ),
    never="jamais en {span}",
    asks="{found} – il faut {asked}",
    graver="pour {severity} il faudrait",
    grown="double en {span}",
    steady="ne croît pas",
    yes="oui",
    no="non",
    rarer="plus rare qu’une fois en {span}",
    oftener="plus fréquent qu’une fois en {span}",
    amounts={
        ">=": "{n} ou plus",
        ">": "plus de {n}",
        "<=": "{n} ou moins",
        "<": "moins de {n}",
        "==": "exactement {n}",
        "!=": "autre chose que {n}",
    },
    attributes={
        "count": "{signal}",
        "value": "{signal}",
        "once_per": "{signal}",
        "expected": "{signal}, d’ordinaire",
        "ratio": "{signal}, en multiple de l’ordinaire",
        "doubles_in": "{signal}, croissance",
        "learning": "{signal}, apprentissage en cours",
        "share": "Part de {signal}",
        "lull_once_per": "{signal}, accalmie",
    },
    special={
        "volume.copies": "Copies",
        "volume.originals": "Mentions originales",
        "spread.sources": "Types de source",
        "spread.sites": "Sites",
        "reach.top": "Audience d’un même auteur",
        "window": "Fenêtre",
    },
    state="Alertes et incidents à ce moment",
    no_alert="Aucune alerte ouverte, aucun incident en cours.",
    incident="Incident {id} ({severity}), ouvert {opened}\u202f; {state}, dernier changement {since}",
    by_person=", par {who}",
    silenced="En sourdine {until}, par {who}",
    basis="Ce qu’il sait",
    watched="Le niveau habituel repose sur {span} de données, environ {mentions}.",
    trust="Un passé si court ne permet pas de dire plus rare que «\u00a0{rarity}\u00a0».",
    learning="Apprentissage en cours ({learned} sur {needed})\u00a0: la plage habituelle est large, peut-être fausse.",
    restarted="Il est reparti de zéro {at}{reason}.",
    reasons={"query_changed": "sa requête a changé"},
    budget="Pour tenir le budget de fausses alertes, les règles lisent chaque rareté divisée par {n}.",
    learned={
        "learned": "appris tel quel\u00a0: {signals}",
        "clipped": "écrêté avant d’être appris, pour qu’une crise ne devienne pas l’habitude\u00a0: {signals}",
        "slowed": "appris dix fois plus lentement, car quelque chose de rare est en cours\u00a0: {signals}",
        "new_normal": "repris comme nouvelle normale, car cela dure\u00a0: {signals}",
        "skipped_unknown": "non appris, car des sources n’ont pas pu être lues\u00a0: {signals}",
    },
    adopted="Nouvelle normale depuis {since}\u00a0: le niveau habituel suit, pour {signals}, ce qui était inhabituel.",
    episodes="Épisodes passés dont il se souvient ({signal})\u00a0: {list}.",
    episodes_none="Il ne se souvient d’aucun épisode inhabituel de ce sujet ({signal}).",
    per_season=(
        "{signal}\u00a0: {n} épisodes d’une fois par semaine ou plus rares en 90 jours, là où le seul hasard en fait 13"
        "\u202f; les raretés en tiennent compte."
    ),
    own=(
        "Cette correction repose à {own}\u00a0% sur le passé du sujet lui-même, "
        "pour le reste sur des sujets de même taille."
    ),
    detector="détecteur {name}",
    zone="heures\u00a0: {zone}",
)

WORDS: dict[Language, Words] = {"en": EN, "fr": FR}
