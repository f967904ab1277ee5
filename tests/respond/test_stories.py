"""Two stories about one topic are two incidents; one story that is told in many ways is one."""

from __future__ import annotations

from buzzguard.model import CommandKind, NotificationKind, Severity
from tests.respond.scene import MINUTE, Scene, policy, telling

NEWS = NotificationKind.NEWS


def burning() -> Scene:
    """An incident over batteries that burn."""
    scene = Scene({"default": policy((0, "comms"), (15, "manager"))}, brief=telling(("battery", 30)))
    scene.fire()
    scene.now += MINUTE
    return scene


def test_a_second_story_is_a_second_incident_and_each_points_to_the_other() -> None:
    scene = burning()
    scene.brief = telling(("director", 40), ("battery", 20))
    scene.fire("critical-words")
    first, second = scene.incidents.values()
    assert (first.narrative, second.narrative) == ("battery", "director")
    assert (first.related, second.related) == ((second.id,), (first.id,))
    assert scene.told() == ["comms:update", "comms:card"]
    assert scene.last.transitions[0].detail["related"] == first.id


def test_stories_that_take_turns_in_front_are_one_incident() -> None:
    scene = burning()
    scene.brief = telling(("director", 25), ("battery", 20))
    scene.fire("critical-words")
    assert len(scene.incidents) == 1
    assert scene.told(NEWS) == ["comms"]


def test_a_handful_of_mentions_is_no_story() -> None:
    scene = burning()
    for narratives in ([("director", 4)], [("director", 20), *((f"n{n}", 19) for n in range(5))], []):
        scene.brief = telling(*narratives)
        scene.fire(f"rule-{len(scene.causes)}")
    assert len(scene.incidents) == 1


def test_each_alert_goes_on_in_the_incident_that_it_is_part_of() -> None:
    scene = burning()
    scene.brief = telling(("director", 40))
    scene.fire("critical-words")
    scene.fire("negative-surge", severity=Severity.RED)
    first, second = scene.incidents.values()
    assert (first.severity, second.severity) == (Severity.RED, Severity.ORANGE)
    scene.brief = telling(("battery", 40))
    scene.fire("volume")
    first, second = scene.incidents.values()
    assert [len(one.alerts) for one in (first, second)] == [2, 1]


def test_whoever_mutes_one_story_hears_of_the_other() -> None:
    scene = burning()
    scene.ask(CommandKind.SILENCE, duration=120 * MINUTE)
    scene.brief = telling(("director", 40))
    scene.fire("critical-words")
    assert scene.told(NotificationKind.CARD) == ["comms"]
    assert scene.incident.silenced_until is None
    scene.restart()
    scene.wait(15)
    assert scene.told(NotificationKind.CARD) == ["manager"]
    first, second = scene.incidents.values()
    assert first.silenced_until is not None and second.silenced_until is None


def test_another_story_is_no_relapse() -> None:
    for narrative, relapse in (("battery", True), ("director", False)):
        scene = burning()
        scene.ask(CommandKind.RESOLVE)
        scene.brief = telling((narrative, 40))
        scene.fire("critical-words")
        assert bool(scene.incident.relapse_of) is relapse


def test_an_incident_that_had_no_story_yet_takes_the_first_that_is_told() -> None:
    scene = Scene({"default": policy((0, "comms"))})
    scene.fire()
    scene.brief = telling(("director", 40))
    scene.fire("critical-words")
    scene.brief = telling(("battery", 80), ("director", 40))
    scene.fire("volume")
    assert [one.narrative for one in scene.incidents.values()] == ["director", "battery"]
