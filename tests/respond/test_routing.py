"""Where alerts go: the tree of routes, the owners of themes, and what stands behind them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.departments import DepartmentSettings
from buzzguard.config.routes import RouteSettings
from buzzguard.config.settings import TopicSettings
from buzzguard.model import WATCHER_TOPIC, Briefing, Narrative, Said, Severity, ThemeShare
from buzzguard.respond.routing import Facts, Router, Way
from tests.respond.scene import MINUTE, NOW, POLICIES, Scene, make_alert, policy

LUMIO = TopicSettings(name="Lumio", query="lumio", role="product", owner="marketing", labels={"country": "fr"})


def tree(*routes: dict[str, Any], policies: str = "", reachable: str = "") -> Router:
    read = [RouteSettings.model_validate(route) for route in routes]
    return Router(read, policies=policies.split(), reachable=reachable.split(), topics={"lumio": LUMIO})


def facts(**what: Any) -> Facts:
    return Facts(topic="lumio", role="product", labels={"country": "fr"}, severity="orange", **what)


def test_a_department_hears_of_its_business_through_those_it_names() -> None:
    routes = [RouteSettings.model_validate({"match": {"theme": "staff"}, "owner": "hr"})]
    hr = {"hr": DepartmentSettings(notify=("boss", "gone")), "risk": DepartmentSettings(members=("U123",))}
    router = Router(routes, reachable=["boss", "hr"], topics={"lumio": LUMIO}, departments=hr)
    assert router.way(facts(themes={"staff": 0.5})).also == ("boss",), "not the receiver who is called like it"
    assert router.owns("staff", "hr", ["lumio"])
    assert not Router(routes, topics={"lumio": LUMIO}, departments=hr).owns("staff", "hr", ["lumio"])


def test_the_first_route_that_matches_decides() -> None:
    router = tree(
        {"match": {"theme": "legal"}, "policy": "lawyers"},
        {"match": {"severity": ["orange", "red"]}, "policy": "crisis"},
        {"policy": "rest"},
    )
    assert router.way(facts(themes={"legal": 0.5})).policy == "lawyers"
    assert router.way(facts(themes={"price": 0.5})).policy == "crisis"
    assert router.way(Facts(topic="nova")).policy == "rest"


@pytest.mark.parametrize(
    ("match", "taken"),
    [
        ({"topic": "lumio"}, True),
        ({"topic": ["nova", "lumio"]}, True),
        ({"topic": "nova"}, False),
        ({"role": "product", "labels": {"country": ["fr", "be"]}}, True),
        ({"labels": {"country": "uk"}}, False),
        ({"labels": {"team": "x"}}, False),
        ({"theme": "legal"}, True),
        ({"theme": "price"}, False),
        ({"owner": "quality"}, True),
        ({"language": "fr", "source": "rss"}, True),
        ({"language": "en"}, False),
        ({"source": "x"}, False),
        ({"rule": "surge"}, True),
        ({"severity": "red"}, False),
    ],
)
def test_every_key_that_is_written_must_fit_by_one_of_its_values(match: dict[str, Any], taken: bool) -> None:
    asked = facts(
        rule="surge",
        themes={"legal": 0.25, "price": 0.2},
        owner="quality",
        languages={"fr": 0.9, "en": 0.1},
        sources={"rss": 1.0},
    )
    assert tree({"match": match, "policy": "p"}).way(asked).policy == ("p" if taken else "")


def test_a_route_may_ask_for_more_of_a_theme_than_a_quarter() -> None:
    route = {"match": {"theme": "legal"}, "share": 0.6, "policy": "p"}
    assert tree(route).way(facts(themes={"legal": 0.5})).policy == ""
    assert tree(route).way(facts(themes={"legal": 0.6})).policy == "p"


def test_what_is_excepted_goes_another_way() -> None:
    router = tree({"match": {"topic": "lumio"}, "unless": {"theme": "praise"}, "policy": "p"}, {"policy": "rest"})
    assert router.way(facts(themes={"praise": 0.9})).policy == "rest"
    assert router.way(facts()).policy == "p"


def test_a_finer_route_takes_what_it_does_not_say_from_the_one_around_it() -> None:
    router = tree(
        {
            "match": {"topic": "lumio"},
            "policy": "lumio",
            "owner": "quality",
            "also": ["boss"],
            "routes": [
                {"match": {"severity": "red"}, "also": ["board"]},
                {"match": {"theme": "legal"}, "owner": "legal"},
            ],
        }
    )
    red = router.way(Facts(topic="lumio", severity="red"))
    assert (red.policy, red.department, red.also) == ("lumio", "quality", ("boss", "board"))
    assert red.path == ("routes[0].routes[0]",)
    legal = router.way(facts(themes={"legal": 1.0}))
    assert (legal.policy, legal.department, legal.also) == ("lumio", "legal", ("boss",))
    assert router.way(facts()).path == ("routes[0]",)


def test_a_route_that_goes_on_lets_the_next_ones_add_what_was_not_said() -> None:
    router = tree(
        {"match": {"language": "fr"}, "also": ["paris"], "continue": True},
        {"match": {"theme": "legal"}, "owner": "legal", "continue": True},
        {"policy": "crisis", "owner": "communications", "also": ["room", "paris"]},
    )
    way = router.way(facts(languages={"fr": 1.0}, themes={"legal": 1.0}))
    assert (way.policy, way.department, way.also) == ("crisis", "legal", ("paris", "room"))
    assert way.path == ("routes[0]", "routes[1]", "routes[2]")


def test_the_department_has_a_policy_or_a_receiver_of_its_name() -> None:
    route = {"match": {"owner": "hr"}, "owner": "hr"}
    assert tree(route, policies="quality hr").way(facts(owner="quality")).policy == "quality"
    way = tree(route, reachable="quality").way(facts(owner="quality"))
    assert (way.policy, way.also, way.department) == ("", ("quality",), "quality")
    assert way.why == {"department": "theme"}


def test_without_routes_nothing_changes_but_that_the_department_is_named() -> None:
    way = tree(policies="quality").way(facts(owner="quality"))
    assert way == Way(department="quality", why={"department": "theme"})
    assert tree().way(facts()).department == "marketing"


def test_the_watchers_own_troubles_go_to_operations() -> None:
    way = tree({"policy": "p"}, policies="p operations").way(Facts(topic=WATCHER_TOPIC))
    assert way.policy == "operations"
    assert tree({"policy": "p"}, policies="p").way(Facts(topic=WATCHER_TOPIC)).policy == "p"


def said(*themes: tuple[str, float, str], sources: tuple[tuple[str, int], ...] = ()) -> Said:
    narrative = Narrative(
        id="n",
        topic="lumio",
        headline="",
        quote="",
        mention="",
        mentions=10,
        originals=10,
        authors=10,
        per_hour=1,
        growth=None,
        first_at=NOW,
        last_at=NOW,
        sources=sources,
    )
    shares = tuple(ThemeShare(theme=name, share=share, owner=owner) for name, share, owner in themes)
    return Said(span=60 * MINUTE, mentions=10, themes=shares, narratives=(narrative,), languages=(("fr", 1.0),))


def test_the_facts_are_what_the_mentions_say() -> None:
    found = tree().facts(
        make_alert(severity=Severity.RED),
        said(("price", 0.3, "marketing"), ("legal", 0.5, "legal"), sources=(("rss", 3), ("x", 1))),
    )
    assert (found.role, found.severity, found.owner) == ("product", "red", "legal")
    assert found.sources == {"rss": 0.75, "x": 0.25}
    assert tree().facts(make_alert(), said(("legal", 0.2, "legal"))).owner == ""
    assert tree().facts(make_alert(), None) == Facts(
        topic="lumio", role="product", labels={"country": "fr"}, rule="negative-surge", severity="orange"
    )


# who owns a theme


def test_a_theme_is_somebodys_when_its_owner_can_be_reached_or_a_route_leads_it_to_somebody() -> None:
    everywhere = ["lumio", "nova"]
    assert tree(policies="legal").owns("legal", "legal", everywhere)
    assert tree(reachable="legal").owns("legal", "legal", everywhere)
    assert tree({"match": {"theme": "legal"}, "policy": "p"}).owns("legal", "legal", everywhere)
    assert tree({"match": {"owner": "legal"}, "also": ["claire"]}).owns("legal", "legal", everywhere)
    assert not tree({"policy": "p"}).owns("legal", "legal", everywhere)
    assert not tree({"match": {"theme": "legal"}, "owner": "nobody"}).owns("legal", "legal", everywhere)
    partly = {"match": {"theme": "legal", "severity": "red"}, "policy": "p"}
    assert not tree(partly).owns("legal", "legal", everywhere)
    assert not tree({"match": {"theme": "legal", "topic": "lumio"}, "policy": "p"}).owns("legal", "legal", everywhere)


# in an incident

ROUTES = (
    RouteSettings.model_validate({"match": {"theme": "legal"}, "policy": "lawyers", "owner": "legal"}),
    RouteSettings.model_validate({"match": {"severity": "red"}, "also": ["board"]}),
)
OWN = {**POLICIES, "lawyers": policy((0, "ops"), (5, "manager"))}


def about(theme: str) -> Any:
    def brief(topic: str, alert: object) -> Briefing:
        return Briefing(topic=topic, topic_name=topic, at=NOW, said=said((theme, 0.9, theme)))

    return brief


def test_an_incident_goes_the_way_of_its_first_alert() -> None:
    scene = Scene(OWN, routes=ROUTES, brief=about("legal"))
    scene.fire(policy="watch")
    assert scene.told() == ["ops:card"]
    assert (scene.incident.policy, scene.incident.department) == ("lawyers", "legal")
    assert scene.last.transitions[0].detail == {
        "rules": "negative-surge",
        "department": "legal",
        "route": "routes[0]",
        "narrative": "n",
    }


def test_where_no_route_leads_the_rules_own_policy_holds() -> None:
    scene = Scene(OWN, routes=ROUTES, brief=about("price"))
    scene.fire(policy="lawyers")
    assert (scene.incident.policy, scene.incident.department) == ("lawyers", "price")


def test_a_graver_alert_goes_its_own_way_and_tells_who_is_told_beside() -> None:
    scene = Scene(OWN, routes=ROUTES, brief=about("price"))
    scene.fire(severity=Severity.YELLOW)
    assert scene.told() == ["comms:card"]
    scene.now += MINUTE
    scene.fire("critical-words", severity=Severity.RED)
    assert scene.incident.policy == "crisis"
    assert "board:card" in scene.told()


ANY = st.fixed_dictionaries(
    {},
    optional={
        "match": st.fixed_dictionaries(
            {},
            optional={
                "severity": st.sampled_from(["yellow", "orange", "red"]),
                "theme": st.sampled_from(["legal", "price"]),
                "topic": st.sampled_from(["lumio", "nova"]),
            },
        ),
        "policy": st.sampled_from(["a", "b"]),
        "owner": st.sampled_from(["legal", "hr"]),
        "also": st.lists(st.sampled_from(["x", "y"]), max_size=2),
        "continue": st.booleans(),
    },
)
TREES = st.recursive(
    st.lists(ANY, max_size=3),
    lambda inner: st.lists(st.tuples(ANY, inner).map(lambda two: {**two[0], "routes": two[1]}), max_size=3),
    max_leaves=8,
)


@given(TREES, st.sampled_from(["yellow", "orange", "red"]), st.sampled_from(["legal", "price"]))
def test_a_last_route_for_all_leaves_nothing_without_a_policy(routes: Any, severity: str, theme: str) -> None:
    """And each route that was taken is one of the tree, in its order, unless one of those before stopped the way."""
    router = tree(*routes, {"policy": "last"}, policies="a b last")
    way = router.way(Facts(topic="lumio", severity=severity, themes={theme: 1.0}))
    stops = f"routes[{len(routes)}]" not in way.path
    assert way.policy or stops
    places = [[int(part.split("]")[0]) for part in place.split("[")[1:]] for place in way.path]
    assert places == sorted(places)
    assert way.path
