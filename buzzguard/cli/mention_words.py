"""What `buzzguard mention` says, in English and in French."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import ClickKind, Language, Record
from buzzguard.understand.standing import Standing


class Words(Record, frozen=True, kw_only=True):
    """One language. Braces are filled in by who shows them; `one, many` pairs follow the number."""

    sides: Mapping[str, str]
    standing: Mapping[Standing, str]
    kinds: Mapping[ClickKind, str]
    labels: Mapping[str, str]
    colon: str
    quote: str
    and_more: str
    nothing: str
    no_clicks: str
    no_mention: str
    many_mentions: str
    no_topic: str
    not_its_topic: str
    which_topic: str
    which_side: str
    person_unfit: str
    will: Mapping[ClickKind, str]
    already: str
    saved: str
    undo_hint: str
    from_now: str
    given_topic: str
    no_click: str
    many_clicks: str
    undone_already: str
    undo_of_undo: str
    superseded: str
    undone: str
    say_again: str
    author_form: str
    no_author: str
    hashed_only: str
    to_erase: tuple[str, str]
    clicks_too: tuple[str, str]
    set_aside_too: tuple[str, str]
    ask: str
    left: str
    erased: tuple[str, str]
    reload: str
    copies: tuple[str, str]
    narrative: tuple[str, str]
    followers: str


_EN = Words(
    sides={"negative": "negative", "neutral": "neutral", "positive": "positive", "unsure": "unsure"},
    standing={
        Standing.COUNTS: "counts, for this text and for texts like it",
        Standing.THIS_TEXT: "counts for this text; for texts like it once a second person has corrected some",
        Standing.OTHERS: "counts for texts like it; for this text once a second person says the same"
        " (of a person's clicks of a day, {direct} change their own text at once)",
        Standing.WAITS: "does not count yet: a single person so far, and {direct} texts of theirs changed that day",
        Standing.TOO_FEW: "learned; it counts once {least} texts about the topic and {least} about others are known",
        Standing.OVER_DAILY_LIMIT: "does not count: over {daily} clicks of this person on that day",
        Standing.REPLACED: "replaced by a later click",
        Standing.UNDONE: "taken back",
        Standing.FORGOTTEN: "forgotten: there are thousands of newer clicks",
        Standing.NO_TOPIC: "without effect: the topic is not watched any more",
        Standing.NOT_LEARNED: "without effect: the scorer in `sentiment.scorer` learns from nobody",
        Standing.UNDO: "",
    },
    kinds={
        ClickKind.NEGATIVE: "negative",
        ClickKind.NOT_NEGATIVE: "not negative",
        ClickKind.ABOUT_US: "about us",
        ClickKind.NOT_ABOUT_US: "not about us",
        ClickKind.UNDO: "takes back {click}",
    },
    labels={
        "published": "published",
        "where": "where",
        "author": "author",
        "text": "text",
        "language": "language",
        "topics": "topics",
        "sentiment": "sentiment",
        "toward": "towards {topic}",
        "themes": "themes",
        "gravity": "grave words",
        "copy": "copy of",
        "narrative": "narrative",
        "clicks": "clicks",
        "tier": "tier",
        "unknown": "unknown",
        "none": "none",
        "original": "nothing known: it is the first of its kind",
        "first_gone": "a text that was published before and is not stored any more",
    },
    colon=": ",
    quote="“{text}”",
    and_more="more are there: -n {n} shows so many",
    nothing="no mention fits",
    no_clicks="nobody has corrected anything yet",
    no_mention="there is no mention `{id}` (`buzzguard mention list` shows them; they are deleted after {kept})",
    many_mentions="several mentions begin with `{id}`: {found}",
    no_topic="there is no topic `{topic}` ({hint})",
    not_its_topic="the mention is not about `{topic}` (its topics are {topics})",
    which_topic="the mention has several topics: say which with --topic ({topics})",
    which_side="the mention says different things of several topics: say which one you mean with --topic ({topics})",
    person_unfit="`{person}` cannot be taken for a name (write --as with 1 to {most} printable characters)",
    will={
        ClickKind.NEGATIVE: "{who} says: negative. Texts like this are to be read as negative.",
        ClickKind.NOT_NEGATIVE: "{who} says: not negative. Texts like this are not to be read as negative.",
        ClickKind.ABOUT_US: "{who} says: about `{topic}`. Texts like this are to count for the topic.",
        ClickKind.NOT_ABOUT_US: "{who} says: not about `{topic}`. Texts like this are not to count for the topic.",
    },
    already="{who} has said so already ({click}, {at}): nothing to write",
    saved="Kept as {click}: {standing}.",
    undo_hint="Take it back: buzzguard mention undo {click}",
    from_now="A running BuzzGuard learns it at its next step, another one at its start. What was counted stays"
    " counted.",
    given_topic="Mind: its stream gave this mention its topic; what a stream gives is not doubted, only what a"
    " query finds.",
    no_click="there is no click `{id}` (`buzzguard mention clicks` shows them)",
    many_clicks="several clicks begin with `{id}`: {found}",
    undone_already="{click} was taken back already: nothing to write",
    undo_of_undo="{click} takes back another click: say again what was said (buzzguard mention say {mention} …)",
    superseded="a later click on the same mention took the place of {click}: take back that one ({later})",
    undone="{who} takes back {click} ({said} on {mention}, by {by}). Texts are read as if it had never been.",
    say_again="Say it again: buzzguard mention say {mention} {said}",
    author_form="`{author}` is no author: write source:id as `buzzguard mention list` shows it, such as"
    " mastodon:@jdupont",
    no_author="nothing of `{author}` is stored",
    hashed_only="Authors are kept as hashes (privacy.authors): they are found by the id that their source gives,"
    " not by"
    " name.",
    to_erase=("{n} mention by {author} will be deleted.", "{n} mentions by {author} will be deleted."),
    clicks_too=("{n} correction made on them goes too.", "{n} corrections made on them go too."),
    set_aside_too=(
        "{n} record that was set aside names them and goes too.",
        "{n} records that were set aside name them and go too.",
    ),
    ask="Delete for good? [y/N]",
    left="nothing was deleted",
    erased=("{n} mention deleted.", "{n} mentions deleted."),
    reload="A running BuzzGuard forgets what it holds at its next tick. Messages that were sent may quote them: delete"
    " those where they are; in the stored ones the quotes are gone.",
    copies=("{n} other copy within two days", "{n} other copies within two days"),
    narrative=("{n} mention within two days", "{n} mentions within two days, the first {first}"),
    followers="{n} followers",
)

_FR = Words(
    sides={"negative": "négatif", "neutral": "neutre", "positive": "positif", "unsure": "incertain"},
    standing={
        Standing.COUNTS: "compte, pour ce texte et pour ceux qui lui ressemblent",
        Standing.THIS_TEXT: "compte pour ce texte ; pour ceux qui lui ressemblent, dès qu’une deuxième personne"
        " en aura"
        " corrigé",
        Standing.OTHERS: "compte pour les textes qui lui ressemblent ; pour ce texte, dès qu’une deuxième"
        " personne dira de"
        " même (par personne et par jour, {direct} corrections changent aussitôt leur propre texte)",
        Standing.WAITS: "ne compte pas encore : une seule personne pour l’instant, et {direct} textes déjà"
        " changés par elle"
        " ce jour-là",
        Standing.TOO_FEW: "appris ; comptera dès que {least} textes sur le sujet et {least} sur autre chose"
        " seront connus",
        Standing.OVER_DAILY_LIMIT: "ne compte pas : au-delà de {daily} corrections de cette personne ce jour-là",
        Standing.REPLACED: "remplacée par une correction plus récente",
        Standing.UNDONE: "annulée",
        Standing.FORGOTTEN: "oubliée : il y en a des milliers de plus récentes",
        Standing.NO_TOPIC: "sans effet : le sujet n’est plus surveillé",
        Standing.NOT_LEARNED: "sans effet : le moteur de `sentiment.scorer` n’apprend de personne",
        Standing.UNDO: "",
    },
    kinds={
        ClickKind.NEGATIVE: "négative",
        ClickKind.NOT_NEGATIVE: "pas négative",
        ClickKind.ABOUT_US: "nous concerne",
        ClickKind.NOT_ABOUT_US: "ne nous concerne pas",
        ClickKind.UNDO: "annule {click}",
    },
    labels={
        "published": "publiée",
        "where": "où",
        "author": "auteur",
        "text": "texte",
        "language": "langue",
        "topics": "sujets",
        "sentiment": "sentiment",
        "toward": "envers {topic}",
        "themes": "thèmes",
        "gravity": "mots graves",
        "copy": "copie de",
        "narrative": "récit",
        "clicks": "corrections",
        "tier": "niveau",
        "unknown": "inconnu",
        "none": "aucun",
        "original": "rien de connu : c’est le premier du genre",
        "first_gone": "un texte paru avant, qui n’est plus conservé",
    },
    colon=" : ",
    quote="« {text} »",
    and_more="il y en a d’autres : -n {n} en montre autant",
    nothing="aucune mention ne correspond",
    no_clicks="personne n’a encore rien corrigé",
    no_mention="il n’y a pas de mention `{id}` (`buzzguard mention list` les montre ; elles sont supprimées après"
    " {kept})",
    many_mentions="plusieurs mentions commencent par `{id}` : {found}",
    no_topic="il n’y a pas de sujet `{topic}` ({hint})",
    not_its_topic="la mention ne porte pas sur `{topic}` (ses sujets : {topics})",
    which_topic="la mention a plusieurs sujets : précisez lequel avec --topic ({topics})",
    which_side="la mention dit des choses différentes de plusieurs sujets : précisez duquel vous parlez avec --topic"
    " ({topics})",
    person_unfit="`{person}` ne peut pas être un nom (donnez à --as de 1 à {most} caractères imprimables)",
    will={
        ClickKind.NEGATIVE: "{who} dit : négative. Les textes de ce genre doivent être lus comme négatifs.",
        ClickKind.NOT_NEGATIVE: "{who} dit : pas négative. Les textes de ce genre ne doivent pas être lus comme"
        " négatifs.",
        ClickKind.ABOUT_US: "{who} dit : concerne `{topic}`. Les textes de ce genre doivent compter pour le sujet.",
        ClickKind.NOT_ABOUT_US: "{who} dit : ne concerne pas `{topic}`. Les textes de ce genre ne doivent pas"
        " compter pour"
        " le sujet.",
    },
    already="{who} l’a déjà dit ({click}, {at}) : rien à écrire",
    saved="Conservé sous {click} : {standing}.",
    undo_hint="Pour annuler : buzzguard mention undo {click}",
    from_now="Un BuzzGuard en marche l’apprend à son prochain pas, sinon à son démarrage. Ce qui a été compté"
    " reste compté.",
    given_topic="Attention : cette mention tient son sujet de son flux ; ce qu’un flux donne n’est pas mis en"
    " doute, seulement"
    " ce qu’une requête trouve.",
    no_click="il n’y a pas de correction `{id}` (`buzzguard mention clicks` les montre)",
    many_clicks="plusieurs corrections commencent par `{id}` : {found}",
    undone_already="{click} est déjà annulée : rien à écrire",
    undo_of_undo="{click} annule une autre correction : redites ce qui avait été dit (buzzguard mention say"
    " {mention} …)",
    superseded="une correction plus récente de la même mention a remplacé {click} : annulez celle-là ({later})",
    undone="{who} annule {click} ({said} sur {mention}, par {by}). Les textes sont lus comme si elle n’avait"
    " jamais été.",
    say_again="Pour le redire : buzzguard mention say {mention} {said}",
    author_form="`{author}` n’est pas un auteur : écrivez source:identifiant comme le montre `buzzguard mention"
    " list`, par"
    " exemple mastodon:@jdupont",
    no_author="rien n’est conservé de `{author}`",
    hashed_only="Les auteurs sont conservés sous forme d’empreintes (privacy.authors) : on les retrouve par"
    " l’identifiant que"
    " donne leur source, pas par leur nom.",
    to_erase=("{n} mention de {author} va être supprimée.", "{n} mentions de {author} vont être supprimées."),
    clicks_too=("{n} correction faite dessus disparaît aussi.", "{n} corrections faites dessus disparaissent aussi."),
    set_aside_too=(
        "{n} enregistrement mis de côté les nomme et disparaît aussi.",
        "{n} enregistrements mis de côté les nomment et disparaissent aussi.",
    ),
    ask="Supprimer définitivement ? [o/N]",
    left="rien n’a été supprimé",
    erased=("{n} mention supprimée.", "{n} mentions supprimées."),
    reload="Un BuzzGuard en marche oublie ce qu’il tient au prochain battement (`tick`). Des messages envoyés peuvent"
    " les citer : supprimez-les là où ils sont ; dans ceux qui sont conservés, les citations sont effacées.",
    copies=("{n} autre copie en deux jours", "{n} autres copies en deux jours"),
    narrative=("{n} mention en deux jours", "{n} mentions en deux jours, la première {first}"),
    followers="{n} abonnés",
)

WORDS: Mapping[Language, Words] = {"en": _EN, "fr": _FR}
