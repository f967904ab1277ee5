"""What the Slack app is allowed, and why: one table, from which manifest, check and documentation are made.

`METHODS` says for each method of Slack's API that is called which scopes allow it (any one of them), `EVENTS` for each
event that is heard. `SCOPES` gives each scope its reason, and what does not work without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal, TypeAlias

from buzzguard.model import Localised, Record

Optional: TypeAlias = Literal[
    "charts", "rooms", "private_rooms", "record", "bookmarks", "canvases", "groups", "names", "direct"
]
OPTIONAL: tuple[Optional, ...] = (
    "names",
    "direct",
    "charts",
    "record",
    "rooms",
    "private_rooms",
    "bookmarks",
    "canvases",
    "groups",
)
"""What an app may go without. All else is needed to tell of an alert, and to hear what people do about it."""


class Scope(Record, frozen=True, kw_only=True):
    """A scope: `why` it is asked for, and what is `lost` without it. `features` are the optional ones that want it;
    empty when it is always asked for."""

    name: str
    why: Localised
    lost: Localised
    features: tuple[Optional, ...] = ()


SCOPES: tuple[Scope, ...] = (
    Scope(
        name="chat:write",
        why={"en": "alerts, their updates and news", "fr": "les alertes, leurs mises à jour et leurs nouvelles"},
        lost={"en": "no alert arrives", "fr": "aucune alerte n’arrive"},
    ),
    Scope(
        name="commands",
        why={"en": "the command /buzz", "fr": "la commande /buzz"},
        lost={"en": "/buzz does not exist", "fr": "/buzz n’existe pas"},
    ),
    Scope(
        name="channels:read",
        why={
            "en": "see that the channels of receivers exist, and find a crisis room again after a crash",
            "fr": "vérifier que les canaux des destinataires existent, et retrouver une salle de crise après une panne",
        },
        lost={"en": "channels cannot be checked", "fr": "les canaux ne peuvent pas être vérifiés"},
    ),
    Scope(
        name="groups:read",
        why={"en": "the same for private channels", "fr": "de même pour les canaux privés"},
        lost={"en": "private channels cannot be checked", "fr": "les canaux privés ne peuvent pas être vérifiés"},
    ),
    Scope(
        name="channels:history",
        why={
            "en": "after a crash, see what was sent already; follow edits and deletions of kept messages",
            "fr": "après une panne, reconnaître ce qui est déjà parti\u00a0; suivre les modifications et "
            "suppressions des messages conservés",
        },
        lost={
            "en": "a message may be sent twice after a crash, and kept messages are not followed",
            "fr": "un message peut partir deux fois après une panne, et les messages conservés ne sont pas suivis",
        },
    ),
    Scope(
        name="groups:history",
        why={"en": "the same in private channels", "fr": "de même dans les canaux privés"},
        lost={
            "en": "in private channels a message may be sent twice after a crash",
            "fr": "dans les canaux privés, un message peut partir deux fois après une panne",
        },
    ),
    Scope(
        name="im:write",
        why={"en": "write to a person directly", "fr": "écrire directement à une personne"},
        lost={
            "en": "people get no answer where they acted in no channel",
            "fr": "pas de réponse à qui agit hors d’un canal",
        },
        features=("direct",),
    ),
    Scope(
        name="users:read",
        why={"en": "names instead of ids in the timeline", "fr": "des noms au lieu d’identifiants dans la chronologie"},
        lost={"en": "people are called by their ids", "fr": "les personnes sont désignées par leur identifiant"},
        features=("names",),
    ),
    Scope(
        name="files:write",
        why={"en": "the chart in an alert", "fr": "la courbe dans l’alerte"},
        lost={"en": "alerts have no chart", "fr": "les alertes n’ont pas de courbe"},
        features=("charts",),
    ),
    Scope(
        name="pins:read",
        why={
            "en": "hear that somebody pins a message: it enters the timeline",
            "fr": "entendre qu’un message est épinglé\u00a0: il entre dans la chronologie",
        },
        lost={"en": "pinned messages are not kept", "fr": "les messages épinglés ne sont pas conservés"},
        features=("record",),
    ),
    Scope(
        name="reactions:read",
        why={
            "en": "hear that somebody marks a message with :pushpin:",
            "fr": "entendre qu’un message est marqué avec :pushpin:",
        },
        lost={"en": ":pushpin: keeps no message", "fr": ":pushpin: ne conserve aucun message"},
        features=("record",),
    ),
    Scope(
        name="channels:manage",
        why={"en": "make a crisis room, set its topic, invite", "fr": "créer une salle de crise, son sujet, y inviter"},
        lost={"en": "no crisis room can be opened", "fr": "aucune salle de crise ne peut être ouverte"},
        features=("rooms",),
    ),
    Scope(
        name="groups:write",
        why={"en": "the same for private rooms", "fr": "de même pour les salles privées"},
        lost={"en": "no private crisis room", "fr": "pas de salle de crise privée"},
        features=("private_rooms",),
    ),
    Scope(
        name="pins:write",
        why={"en": "pin the card in the crisis room", "fr": "épingler la carte dans la salle de crise"},
        lost={"en": "the card is not pinned", "fr": "la carte n’est pas épinglée"},
        features=("rooms", "private_rooms"),
    ),
    Scope(
        name="bookmarks:write",
        why={"en": "the alert as a bookmark of the room", "fr": "l’alerte en signet de la salle"},
        lost={"en": "the room has no bookmark", "fr": "la salle n’a pas de signet"},
        features=("bookmarks",),
    ),
    Scope(
        name="bookmarks:read",
        why={"en": "not to add that bookmark twice", "fr": "ne pas ajouter ce signet deux fois"},
        lost={"en": "the bookmark may stand twice", "fr": "le signet peut apparaître deux fois"},
        features=("bookmarks",),
    ),
    Scope(
        name="canvases:write",
        why={"en": "the playbook as the room’s canvas", "fr": "le playbook en canevas de la salle"},
        lost={"en": "the playbook is a message instead", "fr": "le playbook est envoyé en message"},
        features=("canvases",),
    ),
    Scope(
        name="canvases:read",
        why={"en": "not to write the playbook there twice", "fr": "ne pas y écrire le playbook deux fois"},
        lost={"en": "the canvas may hold the playbook twice", "fr": "le canevas peut contenir deux fois le playbook"},
        features=("canvases",),
    ),
    Scope(
        name="usergroups:read",
        why={
            "en": "invite the people of a user group (paid plans)",
            "fr": "inviter les personnes d’un groupe d’utilisateurs (formules payantes)",
        },
        lost={
            "en": "user groups are invited to no room",
            "fr": "les groupes d’utilisateurs ne sont invités dans aucune salle",
        },
        features=("groups",),
    ),
)
_MANAGE = ("channels:manage", "groups:write")
_READ = ("channels:read", "groups:read")
_HISTORY = ("channels:history", "groups:history")

METHODS: Mapping[str, tuple[str, ...]] = {
    "auth.test": (),
    "apps.connections.open": (),
    "bookmarks.add": ("bookmarks:write",),
    "bookmarks.list": ("bookmarks:read",),
    "canvases.edit": ("canvases:write",),
    "canvases.sections.lookup": ("canvases:read",),
    "chat.delete": ("chat:write",),
    "chat.getPermalink": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.canvases.create": ("canvases:write",),
    "conversations.create": _MANAGE,
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.invite": _MANAGE,
    "conversations.list": _READ,
    "conversations.open": ("im:write",),
    "conversations.replies": _HISTORY,
    "conversations.setPurpose": _MANAGE,
    "conversations.setTopic": _MANAGE,
    "files.completeUploadExternal": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "pins.add": ("pins:write",),
    "usergroups.list": ("usergroups:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
}
"""By method the scopes that allow it; empty where any token may. The app-level token has `connections:write`."""

EVENTS: Mapping[str, tuple[str, ...]] = {
    "app_home_opened": (),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
}
_RECORD_ONLY = frozenset(EVENTS) - {"app_home_opened"}
_TOLERATED = frozenset({"chat:write.public"})
"""Lets the app post in public channels that it is not in: of use, though not asked for."""


def scopes(without: Collection[str] = ()) -> tuple[Scope, ...]:
    """The scopes that an app needs which goes without these features."""
    return tuple(one for one in SCOPES if not one.features or not set(one.features) <= set(without))


def events(without: Collection[str] = ()) -> tuple[str, ...]:
    """The events that such an app asks for."""
    return tuple(one for one in EVENTS if "record" not in without or one not in _RECORD_ONLY)


def scope_named(name: str) -> Scope | None:
    """A scope of the table."""
    return next((one for one in SCOPES if one.name == name), None)


def superfluous(granted: Iterable[str]) -> list[str]:
    """Scopes that the token has and nothing here asks for."""
    known = {one.name for one in SCOPES} | _TOLERATED
    return sorted(set(granted) - known)
