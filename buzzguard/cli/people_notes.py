"""Where nobody would be reached, or anybody could approve, though every name of a configuration is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from buzzguard.config.routes import walk
from buzzguard.config.settings import Settings
from buzzguard.config.words import show
from buzzguard.model import Language

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "same_notifier": (
            "receivers.{receiver}: {others} by the same notifier, {notifier}: when that is down, this fallback is too"
        ),
        "approvals": (
            "statements.approvals: {departments} without `members`: anybody may approve for them, and the record says "
            "who did"
        ),
        "routes": "routes: nobody stands behind {departments}: no receiver, rota, policy, or `notify` of a department",
        "empty": "departments: {departments} without `notify` or `members`: nobody hears what is theirs",
    },
    "fr": {
        "same_notifier": (
            "receivers.{receiver}\u00a0: {others} par le même service, {notifier}\u00a0: s’il tombe, ce recours tombe "
            "avec lui"
        ),
        "approvals": (
            "statements.approvals\u00a0: {departments} sans `members`\u00a0: n’importe qui peut valider à leur place, "
            "et le registre dit qui l’a fait"
        ),
        "routes": (
            "routes\u00a0: personne derrière {departments}\u00a0: ni destinataire, ni astreinte, ni politique "
            "d’escalade, ni `notify` d’un service"
        ),
        "empty": "departments\u00a0: {departments} sans `notify` ni `members`\u00a0: personne n’en entend rien",
    },
}


def people_notes(settings: Settings) -> list[str]:
    """A line for each doubt, in the language of the configuration."""
    words = _WORDS[settings.language]
    notes = [
        words["same_notifier"].format(receiver=show(name), others=", ".join(map(show, others)), notifier=show(notifier))
        for name, notifier, others in _same_notifier(settings)
    ]
    found = {"approvals": _free_approvals(settings), "routes": _lost_owners(settings), "empty": _empty(settings)}
    return notes + [
        words[what].format(departments=", ".join(map(show, names))) for what, names in found.items() if names
    ]


def peopled(settings: Settings) -> set[str]:
    """The departments behind which somebody stands: a receiver, rota or policy called like them, or own people."""
    own = {name for name, one in settings.departments.items() if one.notify or one.members}
    return {*settings.policies, *settings.receivers, *settings.rotas, *own}


def _same_notifier(settings: Settings) -> Iterator[tuple[str, str, list[str]]]:
    for name, receiver in settings.receivers.items():
        named = receiver.fallback.to if receiver.fallback is not None else ()
        others = [one for one in named if _reached_by(one, settings) == {receiver.notifier}]
        if others:
            yield name, receiver.notifier, others


def _reached_by(name: str, settings: Settings) -> set[str]:
    """The notifiers of a receiver, or of all who take turns in a rota."""
    rota = settings.rotas.get(name)
    members = [name] if rota is None else [one for layer in rota.layers for one in layer.members]
    return {settings.receivers[one].notifier for one in members if one in settings.receivers}


def _free_approvals(settings: Settings) -> list[str]:
    """Told once the house has described departments: before, every one of them is without people."""
    known = settings.departments
    named = settings.statements.approvals if known else ()
    return [name for name in named if name not in known or not known[name].members]


def _lost_owners(settings: Settings) -> list[str]:
    staffed = {*settings.policies, *settings.receivers, *settings.rotas}
    staffed |= {name for name, one in settings.departments.items() if one.notify}
    owners = dict.fromkeys(route.owner for _, route in walk(settings.routes) if route.owner and not route.policy)
    return [name for name in owners if name not in staffed]


def _empty(settings: Settings) -> list[str]:
    staffed = peopled(settings)
    return [name for name in settings.departments if name not in staffed]
