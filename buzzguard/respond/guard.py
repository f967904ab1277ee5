"""What no playbook may ask for: to delete, hide or threaten what the public says.

A small list of French and English forms, read clause by clause; a clause that forbids the act is welcome. It catches
what somebody writes under stress, not what somebody wants to smuggle in.
"""

from __future__ import annotations

import re

_CLAUSE = re.compile(r"[.;:!?\n—–]+(?=\s|$)|,\s+(?=(?:then|and|puis|et)\b)|\s(?:but|mais)\s")
_NEGATED = re.compile(
    r"\b(?:never|not|don['’]?t|without|no|avoid|refrain|instead of|rather than|ne|jamais|sans|éviter|evitez|évitez"
    r"|s['’]abstenir|pas|plutôt que|au lieu de)\b|\bn['’]",
    re.IGNORECASE,
)
_OBJECT = (
    r"(?:comments?|posts?|criticisms?|critics?|reviews?|mentions?|repl(?:y|ies)|tweets?|videos?|threads?|complaints?"
    r"|commentaires?|publications?|critiques?|avis|messages?|réponses?|vidéos?|plaintes?|témoignages?)"
)
_REMOVE = (
    r"(?:delet(?:e|ing)|remov(?:e|ing)|eras(?:e|ing)|hid(?:e|ing)|censor(?:ing)?|suppress(?:ing)?|bury(?:ing)?"
    r"|tak(?:e|ing)\s+down|scrub(?:bing)?|mass[- ]report(?:ing)?"
    r"|supprim(?:er|ez|ons|e)|effac(?:er|ez|e)|masqu(?:er|ez|e)|cach(?:er|ez|e)|censur(?:er|ez|e)|enterr(?:er|ez|e)"
    r"|faire\s+retirer|retir(?:er|ez)|faire\s+disparaître|noy(?:er|ez)|modér(?:er|ez)\s+à\s+la\s+baisse"
    r"|block(?:ing)?|mut(?:e|ing)|bloqu(?:er|ez|ons|e)|dépubli(?:er|ez)|étouff(?:er|ez))"
)
_PEOPLE = (
    r"(?:critics?|users?|customers?|followers?|authors?|commenters?|detractors?|journalists?|activists?|people"
    r"|clients?|internautes?|abonnés?|auteurs?|détracteurs?|journalistes?|militants?|mécontents?)"
)
_EXPEL = (
    r"(?:ban(?:ning)?|block(?:ing)?|mut(?:e|ing)|silenc(?:e|ing)|bann(?:ir|issez)|bloqu(?:er|ez|ons|e)|muselez|museler"
    r"|exclu(?:re|ez)|fai(?:re|tes)\s+taire)"
)
_REMOVES = re.compile(rf"\b{_REMOVE}\b(?=[^.;!?]*?\b{_OBJECT}\b)", re.IGNORECASE)
_EXPELS = re.compile(rf"\b{_EXPEL}\b(?=[^.;!?]*?\b{_PEOPLE}\b)", re.IGNORECASE)
_THREATENS = re.compile(
    r"\b(?:threaten(?:ing)?|intimidat(?:e|ing)|menacer|menacez|intimid(?:er|ez)"
    r"|(?:sue|prosecute)\s+(?:the\s+)?(?:authors?|critics?|customers?|users?|journalists?)"
    r"|poursuiv(?:re|ez)\s+(?:en\s+justice\s+)?(?:les?|l['’])\s?(?:auteurs?|clients?|internautes?|journalistes?)"
    r"|(?:take|taking|start)\s+legal\s+action\s+against|cease[- ]and[- ]desist|gag(?:ging)?\s+orders?"
    r"|(?:send|have\s+\w+(?:\s+\w+)?\s+send)\s+(?:\w+\s+){0,2}(?:lawyer['’]?s?|legal)\s+letters?"
    r"|mett(?:re|ez)\s+en\s+demeure|(?:envoy(?:er|ez)|adress(?:er|ez)|fai(?:re|tes)|rédig(?:er|ez)|prépar(?:er|ez))"
    r"\s+(?:[\w’']+\s+){0,4}mises?\s+en\s+demeure|attaqu(?:er|ez)\s+en\s+(?:justice|diffamation)"
    r"|port(?:er|ez)\s+plainte\s+contre\s+(?:les?|l['’]|un|une)\s?(?:auteurs?|clients?|internautes?|journalistes?)"
    r"|buy(?:ing)?\s+(?:fake\s+|positive\s+)?reviews|fake\s+(?:accounts?|reviews?)"
    r"|achet(?:er|ez)\s+(?:de\s+faux\s+|des\s+)?avis|faux\s+(?:comptes?|avis))\b",
    re.IGNORECASE,
)


def forbidden_act(text: str) -> str:
    """The words by which a step asks to delete, hide, fake or threaten; empty when it does not."""
    for clause in _CLAUSE.split(text):
        found = _REMOVES.search(clause) or _EXPELS.search(clause) or _THREATENS.search(clause)
        if found and not _NEGATED.search(clause[: found.start()]):
            return found.group()
    return ""
