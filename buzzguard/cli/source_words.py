"""What `buzzguard source` says, in English and in French."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.collect.card import Group
from buzzguard.model import Breaker, Language, Record


class Words(Record, frozen=True, kw_only=True):
    """One language. Braces are filled in by who shows them; `one, many` pairs follow the number."""

    groups: Mapping[Group, str]
    other: str
    labels: Mapping[str, str]
    breakers: Mapping[Breaker, str]
    colon: str
    quote: str
    ago: str
    ahead: str
    now: str
    never: str
    off: str
    gone: str
    failures: tuple[str, str]
    no_stream: str
    no_streams: str
    nothing_aside: str
    times: tuple[str, str]
    budget: str
    fetched: tuple[str, str]
    shown: str
    matches: str
    matches_none: str
    missing: str
    unusable: str
    counted: tuple[str, str]
    aside: tuple[str, str]
    kept_nothing: str
    more_waits: str
    least: str


_EN = Words(
    groups={
        "keyless": "Without a key",
        "free key or own account": "With a free key or an account of your own",
        "paid or gated": "Paid, or by application",
        "push and files": "Pushed, and files",
        "anything else": "Anything else",
    },
    other="From other packages",
    labels={
        "reads": "reads",
        "needs": "needs",
        "delay": "delay",
        "limits": "limits",
        "terms": "terms",
        "source": "source",
        "success": "last success",
        "next": "next poll",
        "lag": "behind the present",
        "breaker": "breaker",
        "error": "last error",
        "note": "note",
        "spent": "spent",
    },
    breakers={
        Breaker.CLOSED: "closed",
        Breaker.OPEN: "open: left alone until a probe",
        Breaker.HALF_OPEN: "half-open: a probe is under way or due",
    },
    colon=": ",
    quote="“{text}”",
    ago="{span} ago",
    ahead="in {span}",
    now="now",
    never="never",
    off="not read (`enabled: false`)",
    gone="never: the place says that it has ended",
    failures=("{n} failure in a row", "{n} failures in a row"),
    no_stream="there is no stream `{stream}` ({hint})",
    no_streams="no streams are configured",
    nothing_aside="nothing was set aside",
    times=("once", "{n} times"),
    budget="{account}: {spent} of {cap} {unit}, until {until}",
    fetched=("{n} mention came", "{n} mentions came"),
    shown="the newest {n} as they would be stored:",
    matches="{topic}: matches ({found})",
    matches_none="no topic matches: it would not be kept",
    missing="{topic}: does not match, not satisfied: {against}",
    unusable="would be refused: {reason}",
    counted=("{n} count came", "{n} counts came"),
    aside=("{n} record was set aside:", "{n} records were set aside:"),
    kept_nothing="Nothing of this was kept.",
    more_waits="more is there; the next poll goes on at once",
    least="asked at most every {span}",
)

_FR = Words(
    groups={
        "keyless": "Sans clé",
        "free key or own account": "Avec une clé gratuite ou un compte à soi",
        "paid or gated": "Payant, ou sur demande",
        "push and files": "Envoi direct et fichiers",
        "anything else": "Tout le reste",
    },
    other="D’autres paquets",
    labels={
        "reads": "lit",
        "needs": "demande",
        "delay": "délai",
        "limits": "limites",
        "terms": "conditions",
        "source": "source",
        "success": "dernier succès",
        "next": "prochaine lecture",
        "lag": "retard sur le présent",
        "breaker": "disjoncteur",
        "error": "dernière erreur",
        "note": "remarque",
        "spent": "dépensé",
    },
    breakers={
        Breaker.CLOSED: "fermé",
        Breaker.OPEN: "ouvert\u00a0: laissé en paix jusqu’à un essai",
        Breaker.HALF_OPEN: "entrouvert\u00a0: un essai est en cours ou dû",
    },
    colon="\u00a0: ",
    quote="« {text} »",
    ago="il y a {span}",
    ahead="dans {span}",
    now="maintenant",
    never="jamais",
    off="pas lu (`enabled: false`)",
    gone="jamais\u00a0: le service dit que c’est terminé",
    failures=("{n} échec de suite", "{n} échecs de suite"),
    no_stream="il n’y a pas de flux `{stream}` ({hint})",
    no_streams="aucun flux n’est configuré",
    nothing_aside="rien n’a été mis de côté",
    times=("une fois", "{n} fois"),
    budget="{account}\u00a0: {spent} sur {cap} {unit}, jusqu’au {until}",
    fetched=("{n} mention est arrivée", "{n} mentions sont arrivées"),
    shown="les {n} plus récentes, telles qu’elles seraient gardées\u00a0:",
    matches="{topic}\u00a0: correspond ({found})",
    matches_none="aucun sujet ne correspond\u00a0: elle ne serait pas gardée",
    missing="{topic}\u00a0: ne correspond pas, non satisfait : {against}",
    unusable="serait refusée\u00a0: {reason}",
    counted=("{n} compte est arrivé", "{n} comptes sont arrivés"),
    aside=("{n} enregistrement a été mis de côté\u00a0:", "{n} enregistrements ont été mis de côté\u00a0:"),
    kept_nothing="Rien de tout cela n’a été gardé.",
    more_waits="il en reste\u00a0; la prochaine lecture suit aussitôt",
    least="lu au plus toutes les {span}",
)

WORDS: Mapping[Language, Words] = {"en": _EN, "fr": _FR}
