"""What to do, in plain words, about each way in which Slack refuses for good."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

_NEW_TOKEN = (
    "Install the app in the workspace again and put the new bot token (xoxb-…) where BuzzGuard reads it",
    "Réinstallez l’application dans l’espace de travail et mettez le nouveau jeton (xoxb-…) là où BuzzGuard le lit",
)
_ASK_ADMIN = (
    "Ask an administrator of the workspace to allow it",
    "Demandez à un administrateur de l’espace de travail de l’autoriser",
)
_OTHER_CHANNEL = (
    "The channel is archived: restore it or give another one to the receiver",
    "Le canal est archivé\u00a0: restaurez-le ou donnez-en un autre au destinataire",
)
_MOVING = (
    "The workspace is being moved to another organisation; wait until that is done",
    "L’espace de travail change d’organisation\u00a0; attendez que ce soit terminé",
)
_NO_CANVAS = (
    "This plan of Slack has no canvas for a channel: the playbook is posted as a message",
    "Cette formule de Slack n’offre pas de canevas de canal\u00a0: le playbook est envoyé en message",
)


def _after(english: str, french: str, then: tuple[str, str]) -> tuple[str, str]:
    return f"{english} {then[0]}", f"{french} {then[1]}"


_HINTS: Mapping[str, tuple[str, str]] = {
    "invalid_auth": _after("The token is wrong.", "Le jeton est faux.", _NEW_TOKEN),
    "not_authed": _after("No token was sent.", "Aucun jeton n’a été envoyé.", _NEW_TOKEN),
    "token_revoked": _after("The token was revoked.", "Le jeton a été révoqué.", _NEW_TOKEN),
    "token_expired": _after(
        "The token has expired; switch token rotation off in the app.",
        "Le jeton a expiré\u00a0; désactivez la rotation des jetons dans l’application.",
        _NEW_TOKEN,
    ),
    "account_inactive": _after(
        "The app was removed or its workspace deleted.",
        "L’application a été retirée, ou son espace de travail supprimé.",
        _NEW_TOKEN,
    ),
    "not_allowed_token_type": (
        "This is the wrong kind of token: `token` wants xoxb-…, `app_token` wants xapp-…",
        "Ce n’est pas le bon type de jeton\u00a0: `token` attend xoxb-…, `app_token` attend xapp-…",
    ),
    "channel_not_found": (
        "Check the channel id (channel details, at the bottom); invite the app if it is private",
        "Vérifiez l’identifiant du canal (en bas de ses détails)\u00a0; invitez l’application s’il est privé",
    ),
    "not_in_channel": (
        "Invite the app: type /invite @BuzzGuard in the channel",
        "Invitez l’application\u00a0: tapez /invite @BuzzGuard dans le canal",
    ),
    "is_archived": _OTHER_CHANNEL,
    "is_inactive": _OTHER_CHANNEL,
    "user_not_in_channel": ("The person has left the channel", "La personne a quitté le canal"),
    "user_not_found": (
        "There is no such person in this workspace: correct the id (“Copy member ID” in the profile)",
        "Cette personne n’existe pas dans cet espace de travail\u00a0: corrigez l’identifiant "
        "(«\u00a0Copier l’identifiant de membre\u00a0» dans le profil)",
    ),
    "users_not_found": (
        "There is no such person in this workspace",
        "Cette personne n’existe pas dans cet espace de travail",
    ),
    "user_is_restricted": (
        "A guest cannot be invited by the app: let a member of the workspace do it",
        "Un invité de l’espace ne peut pas être ajouté par l’application\u00a0: qu’un membre s’en charge",
    ),
    "ura_max_channels": (
        "This guest may be in no further channel",
        "Cet invité ne peut rejoindre aucun canal supplémentaire",
    ),
    "cant_invite": ("Let a member of the channel invite them", "Qu’un membre du canal les invite"),
    "team_access_not_granted": _ASK_ADMIN,
    "access_denied": _ASK_ADMIN,
    "accesslimited": _ASK_ADMIN,
    "no_permission": _ASK_ADMIN,
    "cannot_create_channel": _ASK_ADMIN,
    "ekm_access_denied": _after(
        "The company's key management blocks posting.",
        "La gestion des clés de l’entreprise bloque l’envoi.",
        _ASK_ADMIN,
    ),
    "enterprise_is_restricted": _ASK_ADMIN,
    "org_login_required": _MOVING,
    "team_added_to_org": _MOVING,
    "two_factor_setup_required": _after(
        "The workspace wants two-factor sign-in.",
        "L’espace de travail exige une double authentification.",
        _ASK_ADMIN,
    ),
    "restricted_action": _after(
        "The workspace forbids the app to do this there.",
        "L’espace de travail l’interdit à l’application.",
        _ASK_ADMIN,
    ),
    "restricted_action_read_only_channel": (
        "Only some people may post in this channel. Allow the app in its settings",
        "Seules certaines personnes peuvent écrire dans ce canal. Autorisez l’application dans ses réglages",
    ),
    "restricted_action_thread_only_channel": (
        "This channel takes only replies: give another one to the receiver",
        "Ce canal n’accepte que des réponses\u00a0: donnez-en un autre au destinataire",
    ),
    "file_uploads_disabled": (
        "Uploads are switched off in the workspace: alerts go out without their chart",
        "L’envoi de fichiers est désactivé dans l’espace de travail\u00a0: les alertes partent sans leur courbe",
    ),
    "storage_limit_reached": (
        "The workspace's storage is full: alerts go out without their chart",
        "Le stockage de l’espace de travail est plein\u00a0: les alertes partent sans leur courbe",
    ),
    "forbidden_team": _after(
        "The app is not allowed in this workspace.",
        "L’application n’est pas autorisée dans cet espace de travail.",
        _ASK_ADMIN,
    ),
    "message_not_found": ("The message was deleted", "Le message a été supprimé"),
    "cant_update_message": (
        "The message was posted by another app",
        "Le message a été envoyé par une autre application",
    ),
    "edit_window_closed": (
        "The workspace no longer allows this message to be edited",
        "L’espace de travail ne permet plus de modifier ce message",
    ),
    "team_tier_cannot_create_channel_canvases": _NO_CANVAS,
    "free_teams_cannot_create_non_tabbed_canvases": _NO_CANVAS,
    "free_teams_cannot_edit_standalone_canvases": _NO_CANVAS,
    "canvas_disabled_user_team": _after(
        "Canvases are switched off in the workspace.",
        "Les canevas sont désactivés dans l’espace de travail.",
        _ASK_ADMIN,
    ),
    "plan_upgrade_required": (
        "User groups need a paid plan of Slack: name people instead",
        "Les groupes d’utilisateurs demandent une formule payante de Slack\u00a0: nommez plutôt des personnes",
    ),
    "too_many_pins": ("Unpin something in the channel", "Détachez quelque chose dans le canal"),
    "too_many_bookmarks": ("Remove a bookmark of the channel", "Retirez un signet du canal"),
    "unknown_method": (
        "base_url does not lead to Slack's API; it normally ends with /api/",
        "base_url ne mène pas à l’API de Slack\u00a0; elle se termine normalement par /api/",
    ),
}
_SCOPE = (
    "Add the scope {} to the app and install it again",
    "Ajoutez le droit (scope) {} à l’application et réinstallez-la",
)
_SCOPE_UNNAMED = ("named at api.slack.com", "indiqué sur api.slack.com")
_UNKNOWN = (
    "See https://docs.slack.dev for what this code means",
    "Le sens de ce code est expliqué sur https://docs.slack.dev",
)


def hint_for(code: str, needed: str = "", language: Language = "en") -> str:
    """One line that says what a person can do about Slack's error `code`; `needed` is the scope it asks for."""
    place = 1 if language == "fr" else 0
    if code == "missing_scope":
        return _SCOPE[place].format(needed or _SCOPE_UNNAMED[place])
    return _HINTS.get(code, _UNKNOWN)[place]
