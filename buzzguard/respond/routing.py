"""Which way an alert takes: its escalation policy, the department whose business it is, who is told beside.

In this order, the first that says something:

1. BuzzGuard's own troubles go by the policy `operations` where there is one.
2. The tree of routes: of each level the first route that matches, then the first that matches within it; with
   `continue` the next ones add what was not said yet. What a route does not say it takes from the one it stands in.
3. Where there are routes: the policy that is called like the department whose business it is (the route's, else that
   of the theme that leads). Where no policy is called so but a receiver or rota is, these are told beside.
4. The rule's own `policy`, and the general ones (see `Policies.choose`).

A theme, language or source is an alert's when at least a quarter of its mentions (or the route's `share`) have it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from buzzguard.config.departments import DepartmentSettings
from buzzguard.config.routes import MatchSettings, RouteSettings
from buzzguard.config.settings import TopicSettings
from buzzguard.model import WATCHER_TOPIC, Alert, Record, Said, Severity
from buzzguard.respond.choosing import Brief
from buzzguard.respond.stories import Story, story_of

LEAST_SHARE = 0.25


class Facts(Record, frozen=True, kw_only=True):
    """What routes ask of an alert. Themes, languages and sources come with their shares (0…1) of its mentions;
    `owner` is the department of the theme that leads, empty where none does."""

    topic: str
    role: str = ""
    labels: Mapping[str, str] = {}
    rule: str = ""
    severity: str = ""
    themes: Mapping[str, float] = {}
    owner: str = ""
    languages: Mapping[str, float] = {}
    sources: Mapping[str, float] = {}


class Way(Record, frozen=True, kw_only=True):
    """Where an alert goes: `policy` and `department` are empty where nothing says, `also` is told beside the policy.

    `path` are the routes taken, each as it is found in the configuration (`routes[2].routes[0]`); `why` says of each
    thing by what it was decided: `route`, `theme`, `topic`, `watcher`.
    """

    policy: str = ""
    department: str = ""
    also: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    why: Mapping[str, str] = {}

    def told(self) -> dict[str, str]:
        """What of it a transition keeps."""
        found = {"department": self.department, "route": " ".join(self.path)}
        return {name: value for name, value in found.items() if value}


class Router:
    """Finds the way of alerts. `policies` and `reachable` (receivers and rotas) are the names that are defined."""

    def __init__(
        self,
        routes: Sequence[RouteSettings] = (),
        *,
        policies: Collection[str] = (),
        reachable: Collection[str] = (),
        topics: Mapping[str, TopicSettings] | None = None,
        departments: Mapping[str, DepartmentSettings] | None = None,
    ) -> None:
        self._routes = tuple(routes)
        self._policies = frozenset(policies)
        self._reachable = frozenset(reachable)
        self._topics = topics or {}
        told = {
            name: tuple(one for one in each.notify if one in self._reachable)
            for name, each in (departments or {}).items()
        }
        self._told = {name: names for name, names in told.items() if names}

    def facts(self, alert: Alert, said: Said | None) -> Facts:
        """What routes ask, of an alert about whose mentions `said` is known."""
        found = self.facts_of(alert.topic, alert.severity, said)
        return replace(found, rule=alert.rule, labels={**found.labels, **alert.labels})

    def facts_of(self, name: str, severity: Severity, said: Said | None) -> Facts:
        """What routes ask, of a topic that no rule has seen."""
        topic = self._topics.get(name)
        themes = {} if said is None else {one.theme: one.share for one in said.themes}
        leading = None if said is None else max(said.themes, key=lambda one: one.share, default=None)
        return Facts(
            topic=name,
            role="" if topic is None else topic.role,
            labels={} if topic is None else topic.labels,
            severity=severity.value,
            themes=themes,
            owner=leading.owner if leading is not None and leading.share >= LEAST_SHARE else "",
            languages={} if said is None else dict(said.languages),
            sources=_sources(said),
        )

    def way(self, facts: Facts) -> Way:
        """Where an alert of these facts goes."""
        if facts.topic == WATCHER_TOPIC and "operations" in self._policies:
            return Way(policy="operations", why={"policy": "watcher"})
        taken = list(_taken(self._routes, facts, Way(), "routes"))
        policy = next((one.policy for one in taken if one.policy), "")
        department = next((one.department for one in taken if one.department), "")
        also = tuple(dict.fromkeys(name for one in taken for name in one.also))
        why = {"policy": "route"} if policy else {}
        business = department or facts.owner
        why |= {"department": "route" if department else "theme"} if business else {}
        if self._routes and business and not policy:
            if business in self._policies:
                policy, why["policy"] = business, why["department"]
            else:
                own = self._told.get(business) or ((business,) if business in self._reachable else ())
                also = tuple(dict.fromkeys((*also, *own)))
        topic = self._topics.get(facts.topic)
        if not business and topic is not None:
            business, why["department"] = topic.owner, "topic"
        path = tuple(place for one in taken for place in one.path)
        return Way(policy=policy, department=business, also=also, path=path, why=why)

    def owns(self, theme: str, owner: str, topics: Iterable[str]) -> bool:
        """Whether somebody is told of a theme because it is theirs: its owner can be reached, or a route for the theme
        leads to somebody, whichever of `topics` it is about."""
        if owner in self._peopled:
            return True
        return all(self._led(Facts(topic=topic, themes={theme: 1.0}, owner=owner)) for topic in topics)

    def _led(self, facts: Facts) -> bool:
        topic = self._topics.get(facts.topic)
        facts = facts if topic is None else _with_topic(facts, topic)
        for severity in ("yellow", "orange", "red"):
            taken = _taken(self._routes, replace(facts, severity=severity), Way(), "routes")
            if not any(self._tells(one) for one in taken if "theme" in one.why or "owner" in one.why):
                return False
        return True

    def _tells(self, way: Way) -> bool:
        return bool(way.policy or way.also or way.department in self._peopled)

    @property
    def _peopled(self) -> frozenset[str]:
        """The departments behind which somebody stands: a policy, or people who are told."""
        return self._policies | self._reachable | self._told.keys()

    @property
    def by_theme(self) -> bool:
        """Whether any route asks for a theme or for its owner."""
        return any(_asks_theme(route) for route in self._routes)


class Ways:
    """The ways of alerts in one turn, found by what their mentions say at this instant."""

    def __init__(self, router: Router, brief: Brief) -> None:
        self._router = router
        self._brief = brief

    def of(self, alert: Alert) -> Way:
        """Where the alert goes."""
        return self._router.way(self._router.facts(alert, self._brief(alert.topic, alert).said))

    def declared(self, topic: str, severity: Severity, *, drill: bool = False) -> Way:
        """Where an incident goes that people declare; what is said of the topic at this instant says nothing of a
        drill."""
        said = None if drill else self._brief(topic, None).said
        return self._router.way(self._router.facts_of(topic, severity, said))

    def story(self, alert: Alert) -> Story:
        """What story the mentions of the alert tell."""
        return story_of(self._brief(alert.topic, alert).said)


def _taken(routes: Sequence[RouteSettings], facts: Facts, above: Way, at: str) -> Iterator[Way]:
    """The routes that take an alert, the finest of each branch, with what they take from those around them.

    Here `why` holds the keys that the branch asked for."""
    for index, route in enumerate(routes):
        asked = matched(route, facts)
        if asked is None:
            continue
        own = Way(
            policy=route.policy or above.policy,
            department=route.owner or above.department,
            also=tuple(dict.fromkeys((*above.also, *route.also))),
            path=(f"{at}[{index}]",),
            why={**above.why, **dict.fromkeys(asked, "asked")},
        )
        yield from list(_taken(route.routes, facts, own, f"{at}[{index}].routes")) or [own]
        if not route.goes_on:
            return


def matched(route: RouteSettings, facts: Facts) -> tuple[str, ...] | None:
    """The keys by which a route takes an alert (none for one that takes them all); None when it does not."""
    asked = _fits(route.match, facts, route.share)
    if asked is None or (route.unless is not None and _fits(route.unless, facts, route.share) is not None):
        return None
    return asked


def _fits(match: MatchSettings, facts: Facts, share: float) -> tuple[str, ...] | None:
    """Which keys are asked for, when all of them fit."""
    asked: list[str] = []
    for key, wanted, has in _questions(match, facts, share):
        if not wanted:
            continue
        if not has & set(wanted):
            return None
        asked.append(key)
    return tuple(asked)


def _questions(match: MatchSettings, facts: Facts, share: float) -> Iterator[tuple[str, Sequence[str], set[str]]]:
    yield "topic", match.topic, {facts.topic}
    yield "role", match.role, {facts.role}
    yield "rule", match.rule, {facts.rule}
    yield "severity", match.severity, {facts.severity}
    yield "owner", match.owner, {facts.owner}
    for name, values in match.labels.items():
        yield f"labels.{name}", values, {facts.labels.get(name, "")}
    for key, wanted, shares in (
        ("theme", match.theme, facts.themes),
        ("language", match.language, facts.languages),
        ("source", match.source, facts.sources),
    ):
        yield key, wanted, {name for name, part in shares.items() if part >= share}


def _sources(said: Said | None) -> dict[str, float]:
    """The shares of the sources among the mentions that tell a story."""
    counted: dict[str, int] = {}
    for narrative in said.narratives if said is not None else ():
        for source, number in narrative.sources:
            counted[source] = counted.get(source, 0) + number
    total = sum(counted.values())
    return {source: number / total for source, number in counted.items()} if total else {}


def _with_topic(facts: Facts, topic: TopicSettings) -> Facts:
    return replace(facts, role=topic.role, labels=topic.labels)


def _asks_theme(route: RouteSettings) -> bool:
    return bool(route.match.theme or route.match.owner) or any(map(_asks_theme, route.routes))
