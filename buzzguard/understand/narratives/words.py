"""The words by which two mentions are seen to tell the same story.

Folded words without the small ones of the languages in use, cut to their first letters: a crude stemmer that serves
every language that is written with spaces and endings (`cancelled`, `cancels`, `cancellation`; `remboursé`,
`remboursement`). Scripts without spaces give pairs of characters.
"""

from __future__ import annotations

import re

STEM = 5
MAX_READ = 1_200
"""Characters read of a text: a story is told in its beginning."""
MAX_WORDS = 48
"""Different words that count of one text, so that a long article costs no more than some posts."""

# Each branch begins with a letter of its own: the engine skips to these.
_PERSONAL = re.compile(r"@[\w@.]+|https?://\S+|www\.\S+|pic\.twitter\.com/\S+")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_ELIDED = re.compile(r"(?:qu|jusqu|lorsqu|puisqu|[cdjlmnst])'(?=\w{2})")
_ENGLISH = """
    a about after again all also am amp an and any are arent around as ask asked asking at back be because been
    before being both but by can cannot cant come could couldnt did didnt do does doesnt doing done dont down each
    even ever every few for from get gets getting give go going gone gonna got gotten guy guys had has hasnt have
    havent having he hello help her here hers hey hi him his how i id if ill im in into is isnt it its ive just
    know let lets like ll lol look looking made make many may me might more most much must my need needs never no
    nor not now of off oh ok okay on once one only or other our out over own please pls plz really rt said same
    say says see she should shouldnt since so some still such sure take than thank thanks that thats the their
    them then there these they theyre thing things think this those though through thru to today tomorrow tonight
    too u under until up ur us use used very via want wants was wasnt way we well went were werent weve what whats
    when where which while who why will with without wont would wouldnt yeah yes yesterday yet you youll your
    youre yours youve
"""
_FRENCH = """
    afin ah ai aide aider aie aient ailleurs ainsi allo alors apres as au aucun aucune aujourd aujourd'hui aura
    aurait aussi autre autres aux avaient avait avant avec avez avoir avons ayant bah beaucoup ben besoin bien bon
    bonjour bonsoir ca car ce ceci cela celle celles celui cet cette ceux chaque chez ci combien comme comment
    contre dans de debut deja depuis des deux dire dit dois doit donc dont du elle elles en encore entre es est et
    etaient etais etait etant etc ete etes etre eu eux faire fais fait faites faut fois font hier ici il ils
    jamais je jour jours juste la le les leur leurs lors lui ma madame mais mal me meme memes merci mes mettre moi
    moins mon monsieur ne ni non nos notre nous on ont ou oui par parce pas pendant peu peut peuvent peux plus
    plutot pour pourquoi pourtant pouvez pouvoir qu quand que quel quelle quelles quels qui quoi rien sa salut
    sans se sera serait ses si sinon soit sommes son sont sous suis sur svp ta tant te tel telle tes toi ton
    toujours tous tout toute toutes tres trop tu un une va vais vas venir vers veut veux via voici voila voir vont
    vos votre vous vraiment
"""
_OTHERS = """
    aber al alla als anche ao aos auch auf aus bei bin bis che chi ci com come como con cosa cui da dal dalla dann
    das dass degli dei del dele della delle dem den der di die do doch dos e ein eine einem einen einer el ela ele
    eles ella ellos em er era es esta este esto euch fue fur gli ha habe haben hasta hat hay ho ich ihr il im io
    isso ist isto ja kann kein keine la las lei lo los ma mais man mas me mein meu mi mia mich minha mio mir mit
    muito muy na nach nada nao nas ne nei nel nella ni nicht no noch non nos num numa nur o oder os para pela pelo
    per pero piu por porque quando que questa questo sao schon se sehr sei sein seit sem ser seu si sia sich sie
    sin sind so sobre solo sono su sua sul sulla sus tambien te tem ti tiene todo todos tra tu tutti tutto um uma
    un una und uno uns usted vi voce von vor war was wenn wie wieder wir wird y ya zu zum zur
"""
SMALL_WORDS = frozenset(f"{_ENGLISH} {_FRENCH} {_OTHERS}".split())


def words_of(folded: str, common: frozenset[str] = frozenset()) -> list[str]:
    """The stems of a folded text, each once, in order; those of `common` (stems too) left out."""
    telling = [
        word[:STEM]
        for word in _plain(folded[:MAX_READ])
        if word not in SMALL_WORDS and (len(word) > 2 or (len(word) == 2 and not word.isdigit()))
    ]
    return [stem for stem in dict.fromkeys(telling) if stem not in common][:MAX_WORDS]


def stems_of(folded: str) -> frozenset[str]:
    """The stems of a name, small words among them: what is common to all mentions of whoever bears it."""
    return frozenset(word[:STEM] for word in _plain(folded))


def _plain(folded: str) -> list[str]:
    if "@" in folded or "://" in folded or "www." in folded or ".com/" in folded:
        folded = _PERSONAL.sub(" ", folded)
    if "'" in folded:
        folded = _ELIDED.sub("", folded).replace("'", "")
    words = _WORD.findall(folded)
    if folded.isascii() or not _UNSPACED.search(folded):
        return words
    return [part for word in words for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if not _UNSPACED.search(word):
        return [word]
    return [word[index : index + 2] for index in range(max(1, len(word) - 1))]
