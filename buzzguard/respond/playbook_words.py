"""The words of playbooks in both languages: sections, roles, variables, kinds of fields.

Closed lists: what stands in no list here is a slip of somebody who wrote a playbook at a quiet hour, and would be found
at a bad one.
"""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.model import FieldKind, Language

SECTIONS: dict[str, dict[Language, str]] = {
    "applies": {"en": "When it applies", "fr": "Quand l’appliquer"},
    "posture": {"en": "Posture", "fr": "Posture"},
    "first": {"en": "First hour", "fr": "Première heure"},
    "next": {"en": "After the first hour", "fr": "Après la première heure"},
    "statement": {"en": "Holding statement", "fr": "Message d’attente"},
    "questions": {"en": "Questions and answers", "fr": "Questions et réponses"},
    "never": {"en": "Never", "fr": "Jamais"},
    "stand-down": {"en": "Stand down", "fr": "Fin d’alerte"},
    "debrief": {"en": "Debrief", "fr": "Retour d’expérience"},
}
"""The sections by id, in their order. Any other heading is for the readers alone."""
OPTIONAL = frozenset({"next"})

ROLES: dict[str, dict[Language, tuple[str, ...]]] = {
    "management": {"en": ("Management",), "fr": ("Direction", "Direction générale")},
    "risk": {"en": ("Risk", "Risks"), "fr": ("Risques", "Direction des risques")},
    "quality": {"en": ("Quality",), "fr": ("Qualité",)},
    "hr": {"en": ("Human resources", "HR"), "fr": ("Ressources humaines", "RH")},
    "legal": {"en": ("Legal",), "fr": ("Juridique", "Direction juridique")},
    "customer-care": {"en": ("Customer care", "Customer service"), "fr": ("Service client", "Relation client")},
    "communications": {"en": ("Communications", "Press office"), "fr": ("Communication", "Service de presse")},
    "marketing": {"en": ("Marketing",), "fr": ("Marketing",)},
    "spokesperson": {"en": ("Spokesperson",), "fr": ("Porte-parole",)},
    "operations": {"en": ("Operations",), "fr": ("Exploitation",)},
}
"""Who owns steps: the eight departments that themes name as owners, whoever speaks for the house, and those who run
its systems. The first name is the one to write, the others are understood."""

VARIABLES: dict[str, dict[Language, str]] = {
    "topic": {"en": "the topic’s name", "fr": "le nom du sujet"},
    "theme": {"en": "what most mentions are about", "fr": "ce dont parlent la plupart des mentions"},
    "severity": {"en": "yellow, orange or red", "fr": "jaune, orange ou rouge"},
    "incident": {"en": "the incident’s id", "fr": "l’identifiant de l’incident"},
    "opened": {"en": "when the incident opened", "fr": "quand l’incident s’est ouvert"},
    "leader": {"en": "who took charge", "fr": "qui a pris en charge"},
}
"""What an incident fills in by itself, with what each is. There are no others."""

KINDS: dict[str, FieldKind] = {
    "confirm": FieldKind.CONFIRM,
    "confirmer": FieldKind.CONFIRM,
    "unknown": FieldKind.UNKNOWN,
    "inconnu": FieldKind.UNKNOWN,
    "fill": FieldKind.FILL,
    "remplir": FieldKind.FILL,
}
"""The words that begin a field, English and French ones understood in every file."""


def section_of(heading: str, language: Language) -> str:
    """The id of the section with that heading; empty for one of no such list."""
    wanted = _plain(heading)
    return next((id for id, names in SECTIONS.items() if _plain(names[language]) == wanted), "")


def role_of(owner: str, language: Language, own: Mapping[str, str] | None = None) -> str:
    """The role that `owner` names: one of `own` (a house's labels by id), or of `ROLES`; empty for none."""
    wanted = _plain(owner)
    named = next((id for id, label in (own or {}).items() if _plain(label) == wanted), "")
    return named or next((id for id, names in ROLES.items() if wanted in map(_plain, names[language])), "")


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").split()).casefold()
