"""What `buzzguard watch` says, in English and in French."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language, Record


class Words(Record, frozen=True, kw_only=True):
    """One language. Braces are filled in by who shows them."""

    watching: str
    reads: str
    leaves_out: str
    why_not: Mapping[str, str]
    keys: str
    young: str
    kept: str
    stop: str
    go_on: str
    answers: str
    fails: str
    ended: str
    nothing: str
    odd: str
    colon: str


WORDS: Mapping[Language, Words] = {
    "en": Words(
        watching="Watching {brand} (query: {query})",
        reads="Reads, without any key",
        leaves_out="Left out",
        why_not={
            "google-news": "{title}: its terms allow personal use only; --google-news reads it",
            "contact": "{title}: asks readers to name a contact; --contact you@example.org",
            "absent": "{title}: this installation has no such source",
        },
        keys="X, Reddit, YouTube, Meta, TikTok and reviews need keys: `buzzguard source list` says which",
        young="The first days are learning: thresholds are wide until the usual is known. Alerts appear below.",
        kept="What is learned is kept in {database}; delete the file to forget it.",
        stop="Ctrl+C stops.",
        go_on="To go on in earnest (Slack, rules, owners): buzzguard init",
        answers="{title} answers",
        fails="{title} does not answer: {reason}",
        ended="Stopped. {mentions} mentions of {brand} are known.",
        nothing="no place is left to read",
        odd="{brand} cannot be watched: write a name of up to 100 characters, with letters",
        colon=": ",
    ),
    "fr": Words(
        watching="Veille sur {brand} (requête\u00a0: {query})",
        reads="Lit, sans aucune clé",
        leaves_out="Laisse de côté",
        why_not={
            "google-news": "{title}\u00a0: ses conditions ne permettent qu’un usage personnel\u00a0; "
            "--google-news le lit",
            "contact": "{title}\u00a0: demande aux lecteurs d’indiquer un contact\u00a0; --contact vous@exemple.org",
            "absent": "{title}\u00a0: cette installation n’a pas cette source",
        },
        keys="X, Reddit, YouTube, Meta, TikTok et les avis demandent des clés\u00a0: `buzzguard source list` dit "
        "lesquelles",
        young="Les premiers jours servent à apprendre\u00a0: les seuils restent larges tant que l’habituel n’est "
        "pas connu. "
        "Les alertes apparaissent ci-dessous.",
        kept="Ce qui est appris est gardé dans {database}\u00a0; supprimez le fichier pour l’oublier.",
        stop="Ctrl+C arrête.",
        go_on="Pour continuer sérieusement (Slack, règles, responsables)\u00a0: buzzguard init",
        answers="{title} répond",
        fails="{title} ne répond pas\u00a0: {reason}",
        ended="Arrêté. {mentions} mentions de {brand} sont connues.",
        nothing="il ne reste rien à lire",
        odd="{brand} ne peut pas être surveillé\u00a0: écrivez un nom d’au plus 100 caractères, avec des lettres",
        colon="\u00a0: ",
    ),
}
