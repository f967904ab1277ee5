"""What a person is told, and nobody else, whose press of a button changed nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from buzzguard.deliver.slack_actions import language_of, reply_place
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.errors import DeliveryError
from buzzguard.model import Language
from buzzguard.telemetry import get_logger

_log = get_logger("deliver.slack")

_UNANSWERED = frozenset({"repeated"})
"""The press was obeyed already: Slack delivered it again."""

_REFUSALS: Mapping[str, Mapping[Language, str]] = {
    "unknown_incident": {
        "en": "This incident is not known any more: nothing was changed.",
        "fr": "Cet incident n’est plus connu : rien n’a été modifié.",
    },
    "already_final": {
        "en": "This incident is closed already: nothing was changed.",
        "fr": "Cet incident est déjà clos : rien n’a été modifié.",
    },
    "already_owner": {
        "en": "You are in charge of this incident already.",
        "fr": "Vous êtes déjà en charge de cet incident.",
    },
    "nobody_to_tell": {
        "en": "There is nobody else to tell: the escalation policy of this incident has no steps.",
        "fr": "Il n’y a personne d’autre à prévenir : la politique d’escalade de cet incident n’a aucune étape.",
    },
    "failed": {
        "en": "BuzzGuard could not record this. Press again in a minute; if it persists, tell whoever runs BuzzGuard.",
        "fr": "BuzzGuard n’a pas pu enregistrer cette action. Réessayez dans une minute ; si cela persiste, "
        "prévenez la personne qui exploite BuzzGuard.",
    },
    "stopping": {
        "en": "BuzzGuard is restarting: press again in a minute.",
        "fr": "BuzzGuard redémarre : réessayez dans une minute.",
    },
    "": {
        "en": "This was not possible in the incident’s present state: nothing was changed.",
        "fr": "Cette action n’est pas possible dans l’état actuel de l’incident : rien n’a été modifié.",
    },
}


async def answer_press(api: SlackApi, payload: Mapping[str, Any], reason: str, *, language: Language) -> None:
    """Say why a press was refused, in the language of the button; `language` serves where that cannot be told.

    A press that was obeyed before is not answered. What Slack refuses is logged.
    """
    place = reply_place(payload)
    if place is None or reason in _UNANSWERED:
        return
    channel, user = place
    text = _REFUSALS.get(reason, _REFUSALS[""])[language_of(payload) or language]
    message = payload.get("message")
    thread = message.get("thread_ts") if isinstance(message, Mapping) else None
    told = {"channel": channel, "user": user, "text": text} | ({"thread_ts": thread} if thread else {})
    try:
        await api.call("chat.postEphemeral", json=told)
    except DeliveryError as error:
        _log.warning("answer.failed", channel=channel, reason=str(error))
