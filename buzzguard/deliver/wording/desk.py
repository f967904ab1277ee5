"""What people are answered who ask the desk something: by a slash command, or on the app's own page."""

from __future__ import annotations

from collections.abc import Mapping

from buzzguard.deliver.wording.desk_en import EN
from buzzguard.deliver.wording.desk_fr import FR
from buzzguard.deliver.wording.quantities import number, plural
from buzzguard.model import Language

WORDS: Mapping[Language, Mapping[str, str]] = {"en": EN, "fr": FR}
MANY = "+"
"""A key that ends so is the form for many of the key without it."""


def said(key: str, language: Language, **values: object) -> str:
    """A sentence; what is filled in is data, never itself a template."""
    return WORDS[language][key].format(**values)


def counted(key: str, n: int, language: Language, **values: object) -> str:
    """A sentence in the form for `n`, which it may hold as `{n}`."""
    from buzzguard.deliver.wording.catalogue import Plural

    words = WORDS[language]
    form = plural(Plural(words[key], words[key + MANY]), n, language)
    return form.format(n=number(n, language), **values)
