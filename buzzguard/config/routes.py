"""The tree of routes: which alert goes by which policy, and whose business it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from buzzguard.config.base import Frozen
from buzzguard.config.kinds import Few, Identifier, LanguageCode
from buzzguard.model import Severity

Named = Few[Annotated[str, Field(min_length=1, max_length=200)]]


class MatchSettings(Frozen):
    """What an alert must be for a route to take it: every key that is written must fit, by one of its values."""

    topic: Few[Identifier] = ()
    """The topic."""
    role: Named = ()
    """What the topic is to you: `brand`, `competitor`…"""
    labels: dict[str, Named] = {}
    """Labels of the topic, of the rule or of the alert."""
    rule: Few[Identifier] = ()
    """The rule that is met."""
    severity: Few[Severity] = ()
    """How grave it is."""
    theme: Few[Identifier] = ()
    """What its mentions are about."""
    owner: Few[Identifier] = ()
    """The department whose business the theme is that leads among its mentions."""
    language: Few[LanguageCode] = ()
    """The language of its mentions."""
    source: Named = ()
    """The kind of place where its mentions stand, `rss` for example."""

    @property
    def catches_all(self) -> bool:
        """Whether it asks for nothing."""
        return self == MatchSettings()


class RouteSettings(Frozen):
    """A way for alerts. What it does not say it takes from the route that it stands in."""

    match: MatchSettings = MatchSettings()
    """What an alert must be; each alert when absent."""
    unless: MatchSettings | None = None
    """What it must not be."""
    share: float = Field(default=0.25, gt=0, le=1)
    """The least share of its mentions that have the theme, language or source which is asked for."""
    policy: Identifier | None = None
    """The escalation policy that its alerts go by."""
    owner: Identifier | None = None
    """The department whose business its alerts are."""
    also: tuple[Identifier, ...] = ()
    """Receivers and rotas who are told beside those of the policy, with its first step."""
    goes_on: bool = Field(default=False, alias="continue")
    """Whether the routes after it are tried as well: they add what it did not say."""
    routes: tuple[RouteSettings, ...] = Field(default=(), max_length=200)
    """Routes that are finer: the first that matches takes the alert, else this one does."""


def walk(
    routes: tuple[RouteSettings, ...], at: tuple[str | int, ...] = ("routes",)
) -> Iterator[tuple[tuple[str | int, ...], RouteSettings]]:
    """Every route of a tree with the path to it, each before those within it."""
    for index, route in enumerate(routes):
        path = (*at, index)
        yield path, route
        yield from walk(route.routes, (*path, "routes"))
