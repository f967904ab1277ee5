"""The manifest from which a workspace makes the app: least scopes, each with its reason beside it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from buzzguard.deliver.slack_scopes import events, scopes
from buzzguard.model import Language

ACTIONS_PATH, COMMANDS_PATH, EVENTS_PATH = "/v1/slack/actions", "/v1/slack/commands", "/v1/slack/events"
"""Where the daemon's web server hears Slack, when it does not over Socket Mode."""

_WIDTH = 100
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "description": "Early warning for crises of reputation",
        "command": "The watch, who is on call, declare, mute, why, search, drill",
        "hint": "status | oncall | declare … | mute … | why … | help",
        "why": "{why}; without it: {lost}",
        "head": "BuzzGuard's Slack app. At https://api.slack.com/apps choose “Create New App”, “From a manifest”, and "
        "paste this; “Install to Workspace” then gives the bot token (xoxb-…).",
        "socket": "“Basic Information”, “App-Level Tokens” with the scope connections:write gives the app token "
        "(xapp-…): by it BuzzGuard hears buttons, /buzz and pins, and needs no address that Slack can reach.",
        "http": "“Basic Information”, “Signing Secret” goes to `signing_secret`: buttons, /buzz and pins come as "
        "signed requests.",
        "foot": "Invite the app to each channel (/invite @BuzzGuard), then see that all is well: "
        "buzzguard slack doctor",
    },
    "fr": {
        "description": "Alerte précoce de bad buzz",
        "command": "La veille, qui est d’astreinte, déclarer, mettre en sourdine, pourquoi, chercher, exercice",
        "hint": "statut | astreinte | déclarer … | sourdine … | pourquoi … | aide",
        "why": "{why}\u00a0; sans lui\u00a0: {lost}",
        "head": "L’application Slack de BuzzGuard. Sur https://api.slack.com/apps, choisissez "
        "«\u00a0Create New App\u00a0», «\u00a0From a manifest\u00a0» et collez ceci\u00a0; "
        "«\u00a0Install to Workspace\u00a0» donne ensuite le jeton du bot (xoxb-…).",
        "socket": "«\u00a0Basic Information\u00a0», «\u00a0App-Level Tokens\u00a0» avec le droit connections:write "
        "donne le jeton d’application (xapp-…)\u00a0: par lui, BuzzGuard entend les boutons, /buzz et les épingles, "
        "sans adresse joignable par Slack.",
        "http": "«\u00a0Basic Information\u00a0», «\u00a0Signing Secret\u00a0» va dans `signing_secret`\u00a0: les "
        "boutons, /buzz et les épingles arrivent en requêtes signées.",
        "foot": "Invitez l’application dans chaque canal (/invite @BuzzGuard), puis vérifiez que tout va bien\u00a0: "
        "buzzguard slack doctor",
    },
}


class BadAddress(ValueError):
    """Slack cannot send requests there."""


def manifest(*, language: Language = "en", http: str = "", without: Collection[str] = ()) -> dict[str, Any]:
    """The manifest as Slack takes it. `http` is the address under which Slack reaches the daemon's web server; empty
    for Socket Mode. Raises BadAddress for one that Slack would refuse."""
    base, words = _base(http), _WORDS[language]
    url = {name: f"{base}{path}" for name, path in _PATHS.items()} if base else {}
    command = {
        "command": "/buzz",
        **({"url": url["command"]} if url else {}),
        "description": words["command"],
        "usage_hint": words["hint"],
        "should_escape": False,
    }
    asked = {"request_url": url["event"]} if url else {}
    return {
        "_metadata": {"major_version": 1, "minor_version": 1},
        "display_information": {
            "name": "BuzzGuard",
            "description": words["description"],
            "background_color": "#7a1020",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": "BuzzGuard", "always_online": True},
            "slash_commands": [command],
        },
        "oauth_config": {"scopes": {"bot": [one.name for one in scopes(without)]}},
        "settings": {
            "event_subscriptions": {**asked, "bot_events": list(events(without))},
            "interactivity": {"is_enabled": True, **({"request_url": url["action"]} if url else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not base,
            "token_rotation_enabled": False,
        },
    }


def manifest_json(*, language: Language = "en", http: str = "", without: Collection[str] = ()) -> str:
    """The manifest as JSON, which has no room for reasons."""
    return json.dumps(manifest(language=language, http=http, without=without), indent=2, ensure_ascii=False)


def manifest_yaml(*, language: Language = "en", http: str = "", without: Collection[str] = ()) -> str:
    """The manifest as YAML: how to use it first, with each scope why it is asked for and what is lost without it."""
    words = _WORDS[language]
    made = manifest(language=language, http=http, without=without)
    lines = [line for name in ("head", "http" if http else "socket", "foot") for line in _comment(words[name])]
    for name, section in made.items():
        lines += [f"{name}:", *_yaml(section, 1)]
        if name == "oauth_config":
            del lines[lines.index("    bot:") + 1 :]
            lines += [*_reasons(language, without)]
    return "\n".join(lines) + "\n"


def _reasons(language: Language, without: Collection[str]) -> Iterator[str]:
    for one in scopes(without):
        why = _WORDS[language]["why"].format(why=one.why[language], lost=one.lost[language])
        yield from (f"      {line}" for line in _comment(why))
        yield f"      - {one.name}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)]


def _yaml(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    """Mappings of scalars, lists of words and lists of mappings: all that a manifest holds. Texts are quoted as JSON,
    which YAML reads."""
    pad = "  " * depth
    for name, value in node.items():
        if isinstance(value, dict):
            yield f"{pad}{name}:" + ("" if value else " {}")
            yield from _yaml(value, depth + 1)
        elif isinstance(value, list):
            yield f"{pad}{name}:"
            for one in value:
                if isinstance(one, dict):
                    first, *rest = _yaml(one, depth + 2)
                    yield f"{pad}  - {first.lstrip()}"
                    yield from rest
                else:
                    yield f"{pad}  - {one}"
        else:
            yield f"{pad}{name}: {json.dumps(value, ensure_ascii=False)}"


_PATHS = {"action": ACTIONS_PATH, "command": COMMANDS_PATH, "event": EVENTS_PATH}


def _base(address: str) -> str:
    if not address:
        return ""
    try:
        parts = urlsplit(address.strip())
        sound = parts.scheme == "https" and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        sound = False
    if not sound or any(char.isspace() or char in "\"'<>\\" for char in address.strip()):
        raise BadAddress(f"{address[:80]!r} is no https address that Slack can reach")
    return address.strip().rstrip("/")
