"""What is said of the app when it is looked at, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "later": "Slack did not answer as it should: try again in a minute",
        "token": "The bot token",
        "met": "The app is {user} in {team}",
        "no_bot": "the token is a person’s, not the bot’s",
        "no_bot_todo": "Put the “Bot User OAuth Token” (xoxb-…) where BuzzGuard reads `token`",
        "scopes": "{n} scopes: none is missing, none is superfluous",
        "scope": "The scope {scope} is missing: {lost}",
        "spare": "Scopes that nothing here needs: {scopes}",
        "spare_todo": "Remove them from the app unless something else of yours uses them",
        "receiver": "Receiver {receiver}, channel {channel}: ",
        "unread": "cannot be looked up",
        "archived": "it is archived",
        "archived_todo": "restore it or give the receiver another one",
        "outside": "the app is not in it",
        "outside_todo": "type /invite @BuzzGuard there",
        "there": "the app is in it{name}",
        "socket": "Socket Mode (app_token)",
        "socket_sound": "Socket Mode: Slack says hello{others}",
        "others": ", and somebody listens already: a running daemon, it seems",
        "socket_silent": "Socket Mode: Slack does not say hello within {n} s",
        "socket_silent_todo": "Let the machine reach wss://*.slack.com, port 443; a proxy must pass WebSockets",
        "http": "Presses, /buzz and pins come as signed requests to the web server: whether Slack reaches it shows "
        "with "
        "--press",
        "deaf": "Neither app_token nor signing_secret is given: buttons, /buzz and pins are not heard",
        "deaf_todo": "Give `app_token` (xapp-…, Socket Mode) or `signing_secret` (HTTP) to the notifier",
        "clock": "The clocks differ by {n} s at most",
        "clock_off": "This machine’s clock is {n} s off Slack’s",
        "clock_todo": "Switch time synchronisation on: signed requests are refused from 300 s on, and times mislead",
        "groups": "User groups that exist: {n}",
        "group_gone": "The user group {group} of {where} does not exist",
        "group_todo": "Take its id from Slack’s list of user groups (S…)",
        "plan": "This plan of Slack has no user groups, and perhaps no canvas: then a room’s playbook is a pinned "
        "message",
        "people": "People who exist: {n}",
        "person": "{who} of {where}",
        "person_left": "{who} of {where} has left the workspace",
        "person_todo": "Take them out, or put their successor in",
        "person_unread": "People whose id cannot be checked without users:read: {n}",
        "canvas": "Crisis rooms keep their playbook in a canvas",
        "press_ask": "BuzzGuard tries its buttons: press this one, please. The message then goes away.",
        "press_button": "It works",
        "press_sent": "A button waits in {where}: press it within {n} s",
        "pressed": "The button was pressed and heard after {n} s",
        "unpressed": "No press was heard within {n} s",
        "unpressed_todo": "If it was pressed: look whether interactivity is on in the app, and for HTTP whether its "
        "request "
        "URL is right",
        "press_where": "The button in {where}",
        "press_nowhere": "--press names neither a receiver nor a person (U…)",
        "stolen": "{n} presses of others came here meanwhile and were not obeyed",
        "stolen_todo": "Let them press again",
    },
    "fr": {
        "later": "Slack n’a pas répondu comme il le devrait\u00a0: réessayez dans une minute",
        "token": "Le jeton du bot",
        "met": "L’application est {user} dans {team}",
        "no_bot": "le jeton est celui d’une personne, pas du bot",
        "no_bot_todo": "Mettez le «\u00a0Bot User OAuth Token\u00a0» (xoxb-…) là où BuzzGuard lit `token`",
        "scopes": "{n} droits (scopes)\u00a0: aucun ne manque, aucun n’est superflu",
        "scope": "Le droit {scope} manque\u00a0: {lost}",
        "spare": "Droits dont rien ici n’a besoin\u00a0: {scopes}",
        "spare_todo": "Retirez-les de l’application, sauf si autre chose chez vous s’en sert",
        "receiver": "Destinataire {receiver}, canal {channel}\u00a0: ",
        "unread": "ne peut pas être consulté",
        "archived": "il est archivé",
        "archived_todo": "restaurez-le ou donnez-en un autre au destinataire",
        "outside": "l’application n’y est pas",
        "outside_todo": "tapez-y /invite @BuzzGuard",
        "there": "l’application y est{name}",
        "socket": "Socket Mode (app_token)",
        "socket_sound": "Socket Mode\u00a0: Slack salue{others}",
        "others": ", et quelqu’un écoute déjà\u00a0: sans doute un service en marche",
        "socket_silent": "Socket Mode\u00a0: Slack ne salue pas en {n} s",
        "socket_silent_todo": "Laissez la machine joindre wss://*.slack.com, port 443\u00a0; un proxy doit laisser "
        "passer les "
        "WebSockets",
        "http": "Les boutons, /buzz et les épingles arrivent en requêtes signées au serveur web\u00a0: --press "
        "montre si "
        "Slack l’atteint",
        "deaf": "Ni app_token ni signing_secret\u00a0: les boutons, /buzz et les épingles ne sont pas entendus",
        "deaf_todo": "Donnez `app_token` (xapp-…, Socket Mode) ou `signing_secret` (HTTP) au notifier",
        "clock": "Les horloges diffèrent de {n} s au plus",
        "clock_off": "L’horloge de cette machine s’écarte de {n} s de celle de Slack",
        "clock_todo": "Activez la synchronisation de l’heure\u00a0: les requêtes signées sont refusées à partir de "
        "300 s, et "
        "les heures trompent",
        "groups": "Groupes d’utilisateurs qui existent\u00a0: {n}",
        "group_gone": "Le groupe d’utilisateurs {group} de {where} n’existe pas",
        "group_todo": "Prenez son identifiant dans la liste des groupes de Slack (S…)",
        "plan": "Cette formule de Slack n’a pas de groupes d’utilisateurs, ni peut-être de canevas\u00a0: le "
        "playbook d’une "
        "salle est alors un message épinglé",
        "people": "Personnes qui existent\u00a0: {n}",
        "person": "{who} de {where}",
        "person_left": "{who} de {where} a quitté l’espace de travail",
        "person_todo": "Retirez cette personne, ou mettez-en une autre",
        "person_unread": "Personnes dont l’identifiant ne peut être vérifié sans users:read\u00a0: {n}",
        "canvas": "Les salles de crise gardent leur playbook dans un canevas",
        "press_ask": "BuzzGuard essaie ses boutons\u00a0: appuyez sur celui-ci, s’il vous plaît. Le message "
        "disparaît ensuite.",
        "press_button": "Ça marche",
        "press_sent": "Un bouton attend dans {where}\u00a0: appuyez dessus dans les {n} s",
        "pressed": "Le bouton a été pressé et entendu au bout de {n} s",
        "unpressed": "Aucun appui n’a été entendu en {n} s",
        "unpressed_todo": "S’il a été pressé\u00a0: vérifiez que l’interactivité est active dans l’application et, "
        "en HTTP, "
        "que son adresse de requête est juste",
        "press_where": "Le bouton dans {where}",
        "press_nowhere": "--press ne nomme ni un destinataire ni une personne (U…)",
        "stolen": "{n} appuis d’autres personnes sont arrivés ici entre-temps et n’ont pas été exécutés",
        "stolen_todo": "Qu’elles appuient de nouveau",
    },
}


def check_word(word: str, language: Language, /, **values: str) -> str:
    """One of these sentences, its values put in."""
    return _WORDS[language][word].format(**values)
