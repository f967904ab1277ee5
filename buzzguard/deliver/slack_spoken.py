"""What a person typed behind `/buzz`: which word it begins with, in French or English, and what follows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import timedelta
from difflib import get_close_matches

from buzzguard.deliver.slack_payload import typed
from buzzguard.model import Language, Record, Severity

LONGEST = 2_000
"""Of what is typed: more is cut off, as nobody types it."""
_WORDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "status": (("status", "state"), ("statut", "etat"), ()),
    "oncall": (("oncall", "on-call", "on call", "who"), ("garde", "astreinte", "de garde", "qui"), ()),
    "declare": (("declare", "open"), ("declarer", "ouvrir"), ("incident",)),
    "mute": (("mute",), ("muet", "sourdine", "couper"), ("silence",)),
    "mutes": (("mutes", "mute list", "list"), ("sourdines", "sourdine liste", "liste"), ("silences",)),
    "unmute": (("unmute",), ("retablir", "reactiver", "fin sourdine"), ()),
    "why": (("why",), ("pourquoi",), ()),
    "search": (("search", "find"), ("chercher", "cherche", "recherche", "trouver"), ()),
    "drill": (("drill", "exercise"), ("exercice",), ()),
    "take": (("take", "take charge"), ("prendre", "prendre en charge"), ()),
    "resolve": (("resolve", "close"), ("resoudre", "clore"), ()),
    "note": ((), ("noter",), ("note",)),
    "help": (("help",), ("aide",), ("?",)),
}
"""By verb: English words, French words, words of both; folded. The longest that fits is meant."""
_SEVERITIES = {
    "yellow": Severity.YELLOW,
    "jaune": Severity.YELLOW,
    "orange": Severity.ORANGE,
    "red": Severity.RED,
    "rouge": Severity.RED,
}
_UNITS = {"m": 60, "min": 60, "mn": 60, "h": 3_600, "d": 86_400, "day": 86_400, "days": 86_400}
_UNITS |= {"j": 86_400, "jour": 86_400, "jours": 86_400, "w": 604_800, "sem": 604_800, "s": 1}
_SPAN = re.compile(
    r"(?<!\S)(?P<parts>(?:\d{1,5}\s?(?:min|mn|days?|jours?|sem|[smhdjw])\s?)+)(?P<rest>\d{0,2})(?!\S)", re.IGNORECASE
)
_PART = re.compile(r"(\d{1,5})\s?([a-z]+)", re.IGNORECASE)
_DECLARED = re.compile(
    r"(?P<topic>.+?)\s+(?P<severity>yellow|jaune|orange|red|rouge)(?:\s+(?P<story>.+))?", re.IGNORECASE | re.DOTALL
)


class Spoken(Record, frozen=True, kw_only=True):
    """A verb of `_WORDS`, or empty for none, and all that follows; `language` is that of the word, None for neither.

    `word` is the first word as it was typed.
    """

    verb: str
    rest: str = ""
    word: str = ""
    language: Language | None = None


def read(text: object) -> Spoken:
    """What was typed. Nothing is a question for the state of things."""
    line = " ".join(typed(text, LONGEST).split())
    if not line:
        return Spoken(verb="status")
    found = max((one for one in _candidates() if _begins(line, one[0])), key=lambda one: len(one[0]), default=None)
    if found is None:
        return Spoken(verb="", rest=line, word=line.split()[0])
    word, verb, language = found
    words = len(word.split())
    parts = line.split(maxsplit=words)
    return Spoken(verb=verb, rest=parts[words] if len(parts) > words else "", word=word, language=language)


def meant(word: str) -> tuple[str, Language | None] | None:
    """The word that may have been meant, with its language; None when none is near."""
    known = {one: language for one, _, language in _candidates()}
    near = get_close_matches(folded(word)[:40], known, n=1, cutoff=0.6)
    return (near[0], known[near[0]]) if near else None


def folded(text: str) -> str:
    """Without accents and case."""
    marked = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(char for char in marked if not unicodedata.combining(char))


def named(text: str, names: Mapping[str, Iterable[str]]) -> str:
    """The id whose id or name `text` is, however accented; empty for none."""
    wanted = folded(text.strip())
    exact = (id for id, others in names.items() if wanted == folded(id) or wanted in map(folded, others))
    return next(exact, "") if wanted else ""


def leading(text: str, names: Mapping[str, Iterable[str]]) -> tuple[str, str]:
    """The id that the first words of `text` name, the more words the better, and the rest; empty and all for none."""
    words = text.split()
    for count in range(min(len(words), 12), 0, -1):
        found = named(" ".join(words[:count]), names)
        if found:
            return found, " ".join(words[count:])
    return "", text


def near(text: str, names: Mapping[str, Iterable[str]]) -> str:
    """The id that may have been meant; empty when none is near."""
    known = {folded(name): id for id, others in names.items() for name in (id, *others)}
    close = get_close_matches(folded(text.strip())[:80], known, n=1, cutoff=0.6)
    return known[close[0]] if close else ""


def declared(text: str) -> tuple[str, Severity, str] | None:
    """Topic as typed, severity, and what happens, of `lumio red the lamps burn`; None for anything else."""
    found = _DECLARED.fullmatch(text.strip())
    if found is None:
        return None
    return found["topic"], _SEVERITIES[found["severity"].lower()], (found["story"] or "").strip()


def spanned(text: str) -> tuple[str, timedelta, str] | None:
    """What stands before a duration, the duration, and what stands behind it; None where there is none."""
    found = _SPAN.search(text)
    if found is None:
        return None
    parts = [(int(number), unit.lower()) for number, unit in _PART.findall(found["parts"])]
    seconds = sum(number * _UNITS[unit] for number, unit in parts)
    if found["rest"]:  # `2h30`, as French writes it
        if parts[-1][1] != "h":
            return None
        seconds += 60 * int(found["rest"])
    return text[: found.start()].strip(), timedelta(seconds=seconds), text[found.end() :].strip()


def _begins(line: str, word: str) -> bool:
    count = len(word.split())
    return folded(" ".join(line.split()[:count])).strip(":!") == word


def _candidates() -> Iterable[tuple[str, str, Language | None]]:
    for verb, (english, french, both) in _WORDS.items():
        yield from ((word, verb, "en") for word in english)
        yield from ((word, verb, "fr") for word in french)
        yield from ((word, verb, None) for word in both)
