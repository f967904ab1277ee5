"""Who speaks: the public, the press, or the house itself; how far they are heard, and since when they exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from buzzguard.config.base import Frozen
from buzzguard.config.located import build, files_in, read_yaml
from buzzguard.config.understanding import AccountSettings
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Mention, MentionKind, Record

NEW = timedelta(days=30)
"""An account opened so shortly before it wrote is new."""
_SPOKEN_BENEATH = frozenset({MentionKind.COMMENT, MentionKind.REPLY, MentionKind.REVIEW})
"""What the public writes on a site of the press."""
_SITES = 4_096
"""Sites of which is remembered whether they are press."""
_SITE = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}\Z")


class Standing(StrEnum):
    """On whose behalf an author speaks."""

    PUBLIC = "public"
    PRESS = "press"
    OURS = "ours"
    EXCLUDED = "excluded"


COUNTED = frozenset({Standing.PUBLIC, Standing.PRESS})
"""Voices of others: what the house says of itself is shown, but not counted."""


class Heard(StrEnum):
    """How far an author is heard: from 1,000, from 10,000, from 100,000 followers."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    VERY_LARGE = "very_large"


_HEARD = ((100_000, Heard.VERY_LARGE), (10_000, Heard.LARGE), (1_000, Heard.MEDIUM))


class AuthorFacts(Record, frozen=True, kw_only=True):
    """What is known of the author of a mention. `new`: the account is younger than `NEW`, as far as is told.

    `press_name` is the site or account of the press as the lists name it; empty for all others.
    """

    standing: Standing
    heard: Heard
    verified: bool
    new: bool
    press_name: str = ""

    @property
    def counts(self) -> bool:
        """Whether the mention is a voice of others."""
        return self.standing in COUNTED


class PressFile(Frozen):
    """`accounts/press.yml`: sites by language; the languages are there for whoever edits it."""

    fr: tuple[str, ...] = ()
    """Sites in French."""
    en: tuple[str, ...] = ()
    """Sites in English."""
    other: tuple[str, ...] = ()
    """Sites in other languages."""


class Accounts:
    """Tells authors apart by what the settings name, and the press by its sites too."""

    def __init__(self, settings: AccountSettings, press_sites: Iterable[str] = ()) -> None:
        press_sites = tuple(press_sites)
        self._excluded = frozenset(map(_account, settings.excluded))
        self._ours = frozenset(map(_account, settings.ours))
        self._press = {_account(one): one.strip() for one in settings.press if not _is_site(one)}
        self._sites = frozenset(map(_site, (*press_sites, *filter(_is_site, settings.press))))
        named = (*map(_site, press_sites), *self._press.values(), *map(_site, filter(_is_site, settings.press)))
        self._known = {name: place for place, name in reversed(tuple(enumerate(named)))}
        self._names_some = bool(self._excluded or self._ours or self._press)
        self._listed = lru_cache(maxsize=_SITES)(self._look_up)

    def best_known(self, names: Iterable[str]) -> list[str]:
        """Names of the press in the order of the lists, which begin with the best known."""
        return sorted(names, key=lambda name: (self._known.get(name, len(self._known)), name))

    def facts(self, mention: Mention) -> AuthorFacts:
        """What is known of the author of a mention, cleaned or as fetched. An excluded account is nothing else."""
        author, standing = mention.author, self.standing(mention)
        age = age_of(mention)
        heard = heard_by(author.followers)
        if standing is Standing.PRESS and heard in (Heard.SMALL, Heard.MEDIUM):
            heard = Heard.LARGE
        return AuthorFacts(
            standing=standing,
            heard=heard,
            verified=author.verified,
            new=age is not None and age < NEW,
            press_name=self._press_name(mention) if standing is Standing.PRESS else "",
        )

    def standing(self, mention: Mention) -> Standing:
        """On whose behalf the author of a mention speaks."""
        if self._names_some and (named := self._named(mention)) is not None:
            return named
        if mention.kind not in _SPOKEN_BENEATH and self.is_press(mention.site):
            return Standing.PRESS
        return Standing.PUBLIC

    def _named(self, mention: Mention) -> Standing | None:
        names = _names(mention)
        if not names.isdisjoint(self._excluded):
            return Standing.EXCLUDED
        if not names.isdisjoint(self._ours):
            return Standing.OURS
        return None if names.isdisjoint(self._press.keys()) else Standing.PRESS

    def is_press(self, site: str) -> bool:
        """Whether a site, or one above it, is press."""
        return bool(self._listed(site))

    def _press_name(self, mention: Mention) -> str:
        accounts = sorted(_names(mention) & self._press.keys())
        return self._press[accounts[0]] if accounts else self._listed(mention.site)

    def _look_up(self, site: str) -> str:
        """The site of the press that this one is, or lies below; empty when it is none."""
        labels = _site(site).split(".")
        above = (".".join(labels[first:]) for first in range(max(0, len(labels) - 6), len(labels) - 1))
        return next((name for name in above if name in self._sites), "")


def heard_by(followers: int) -> Heard:
    """The class of a number of followers."""
    for least, heard in _HEARD:
        if followers >= least:
            return heard
    return Heard.SMALL


def age_of(mention: Mention) -> timedelta | None:
    """How old the account was when it wrote; None where that is not told, or cannot be."""
    created = mention.author.created
    if created is None or created.tzinfo is None or created > mention.published:
        return None
    return mention.published - created


def press_files(folders: Iterable[Path]) -> list[Path]:
    """The press files that there are in folders of rules. Raises ConfigError for a folder that may not be read."""
    return [
        file for folder in folders for file in files_in(folder / "accounts", "press.yml") if file.name == "press.yml"
    ]


def read_press(file: Path) -> tuple[str, ...]:
    """The sites of a press file. Raises ConfigError with every fault and its place."""
    located = read_yaml(file)
    press, faults = build(PressFile, located)
    if press is None or faults:
        raise ConfigError(list(faults))
    found: list[str] = []
    wrong: list[Fault] = []
    for language in ("fr", "en", "other"):
        for index, site in enumerate(getattr(press, language)):
            if not _SITE.match(_site(site)):
                hint = "write its address without https:// and without a path, for example lemonde.fr"
                wrong.append(located.fault((language, index), f"{site!r} is no site", hint))
            found.append(_site(site))
    if wrong:
        raise ConfigError(wrong)
    return tuple(dict.fromkeys(found))


def _names(mention: Mention) -> set[str]:
    """All names by which settings may mean the author."""
    given = {_account(name) for name in (mention.author.handle, mention.author.id) if name}
    return given | {f"{mention.source.casefold()}:{name}" for name in given}


def _account(name: str) -> str:
    """`@Acme`, `acme` and `mastodon:@acme` in the form in which they compare."""
    source, colon, handle = name.strip().casefold().rpartition(":")
    return f"{source}{colon}{handle.removeprefix('@')}"


def _site(name: str) -> str:
    return name.strip().casefold().removeprefix("www.").rstrip(".")


def _is_site(name: str) -> bool:
    return "@" not in name and ":" not in name and "." in name
