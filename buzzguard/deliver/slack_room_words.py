"""What a crisis room is called, and what is said in it of itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buzzguard.deliver import wording
from buzzguard.deliver.escape import mrkdwn, plain, truncate
from buzzguard.deliver.slack_api import SlackRefused
from buzzguard.deliver.slack_hints import hint_for
from buzzguard.errors import DeliveryError
from buzzguard.model import Card, Incident, IncidentState, Language, Person, Severity

LONGEST_NAME = 80
LONGEST_TOPIC = 250
_MARKS = {Severity.YELLOW: "🟡", Severity.ORANGE: "🟠", Severity.RED: "🔴"}
_FINAL_MARKS = {IncidentState.RESOLVED: "🟢", IncidentState.FALSE_ALARM: "⚪"}
_UNFIT = re.compile(r"[^a-z0-9_-]+")
_DASHES = re.compile(r"-{2,}")

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "name": "crisis",
        "drill": "drill-crisis",
        "exercise": "EXERCISE",
        "owner": "in charge: {who}",
        "nobody": "nobody in charge yet",
        "purpose": "Crisis room of the incident {incident}, made by BuzzGuard.",
        "opened": "*Crisis room* of `{incident}` – {topic}, opened by {who}.",
        "invited": "Invited: {whom}.",
        "people_one": "1 person",
        "people": "{n} people",
        "keep": "Pin a message, or mark it with :pushpin:, and it is kept in the incident’s timeline. Severity, "
        "decisions and the playbook’s steps are told here; nothing closes this channel but you.",
        "missing": "*Not everything could be set up:*",
        "topic": "The channel’s topic",
        "pin": "Pinning the card",
        "invite": "Inviting {who}",
        "invite_all": "Inviting the departments",
        "group": "The people of the user group {who}",
        "bookmark": "The bookmark of the alert",
        "canvas": "The canvas with the playbook",
        "later": "Slack did not answer: do it by hand",
        "by_message": "the playbook is posted as a message instead",
        "alert": "Alert {incident}",
        "canvas_title": "Playbook: {title}",
    },
    "fr": {
        "name": "crise",
        "drill": "exercice-crise",
        "exercise": "EXERCICE",
        "owner": "en charge\u00a0: {who}",
        "nobody": "personne en charge pour l’instant",
        "purpose": "Salle de crise de l’incident {incident}, créée par BuzzGuard.",
        "opened": "*Salle de crise* de `{incident}` – {topic}, ouverte par {who}.",
        "invited": "Invités\u00a0: {whom}.",
        "people_one": "1 personne",
        "people": "{n} personnes",
        "keep": "Épinglez un message, ou marquez-le avec :pushpin:, et il entre dans la chronologie de l’incident. La "
        "gravité, les décisions et les étapes du playbook sont annoncées ici\u00a0; vous seuls fermerez ce canal.",
        "missing": "*Tout n’a pas pu être mis en place\u00a0:*",
        "topic": "Le sujet du canal",
        "pin": "L’épinglage de la carte",
        "invite": "L’invitation de {who}",
        "invite_all": "L’invitation des services",
        "group": "Les personnes du groupe d’utilisateurs {who}",
        "bookmark": "Le signet de l’alerte",
        "canvas": "Le canevas du playbook",
        "later": "Slack n’a pas répondu\u00a0: faites-le à la main",
        "by_message": "le playbook est envoyé en message à la place",
        "alert": "Alerte {incident}",
        "canvas_title": "Playbook\u00a0: {title}",
    },
}


def room_word(word: str, language: Language, /, **values: str) -> str:
    """One of the words of a room, its values put in as they are."""
    return _WORDS[language][word].format(**values)


def room_name(asked: str, incident: Incident, *, language: Language, time_zone: str) -> str:
    """The channel's name by Slack's rules: what a person `asked` for, else `crisis-2026-11-22-lumio`.

    The day is that of the opening in the team's zone, so that the same incident gives the same name at any time.
    """
    wanted = _slug(asked)
    if wanted:
        return wanted
    day = incident.opened_at.astimezone(_zone(time_zone))
    word = _WORDS[language]["drill" if incident.drill else "name"]
    about = _slug(incident.topic) or _slug(incident.id)
    return _slug(f"{word}-{day:%Y-%m-%d}-{about}")


def numbered(name: str, number: int) -> str:
    """The name for the second room that would be called so, the third, …"""
    if number < 2:
        return name
    tail = f"-{number}"
    return f"{name[: LONGEST_NAME - len(tail)].rstrip('-')}{tail}"


def room_topic(card: Card) -> str:
    """The channel's topic: how grave, about what, who has it, which incident. It holds nothing that moves by itself."""
    incident, words = card.incident, _WORDS[card.language]
    mark = _FINAL_MARKS.get(incident.state) or _MARKS[incident.severity]
    owner = incident.owner
    who = words["nobody"] if owner is None else words["owner"].format(who=wording.person(owner, card.language))
    final = incident.state in wording.FINAL
    drill = [words["exercise"]] if card.drill or incident.drill else []
    name = card.briefing.topic_name or incident.topic
    parts = [*drill, f"{mark} {wording.status_word(card)}", name, *([] if final else [who])]
    tail = f" · {incident.id}"
    head = truncate(plain(" · ".join(parts)), LONGEST_TOPIC - len(tail))
    return f"{head}{tail}"


def intro(
    incident: Incident, *, topic: str, who: Person, invited: str, missing: Sequence[str], language: Language
) -> str:
    """What the room is, who was called, and what could not be set up, in Slack's markup."""
    words = _WORDS[language]
    lines = [
        words["opened"].format(incident=incident.id, topic=mrkdwn(topic), who=mrkdwn(wording.person(who, language)))
    ]
    lines += [words["invited"].format(whom=mrkdwn(invited))] if invited else []
    lines.append(words["keep"])
    if missing:
        lines += ["", words["missing"], *(f"• {line}" for line in missing)]
    return truncate("\n".join(lines), 2_900)


def counted_people(number: int, language: Language) -> str:
    """`3 people`."""
    return _WORDS[language]["people_one" if number == 1 else "people"].format(n=number)


def missing_line(part: str, error: DeliveryError, language: Language) -> str:
    """What of a room is not there, and how to mend it. `part` is in words already."""
    if isinstance(error, SlackRefused):
        told = f"{hint_for(error.code, error.needed, language)} ({error.code})"
    else:
        told = _WORDS[language]["later"]
    colon = "\u00a0: " if language == "fr" else ": "
    return mrkdwn(f"{part}{colon}{told}")


def _slug(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text[:400].replace("’", "-")).lower()
    ascii_only = "".join(char for char in folded if not unicodedata.combining(char))
    return _DASHES.sub("-", _UNFIT.sub("-", ascii_only)).strip("-_")[:LONGEST_NAME].strip("-_")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
