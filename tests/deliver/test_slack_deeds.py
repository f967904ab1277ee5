"""What `/buzz` does: once, as it was typed, and nothing where something is missing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from buzzguard.deliver.slack_deeds import begin_drill
from buzzguard.model import (
    CommandKind,
    Declaration,
    Exercise,
    Measure,
    Mute,
    Person,
    Severity,
    Unmute,
)
from tests.deliver.samples import NOW
from tests.slack.asking import HOUR, Told, ask, house, silence
from tests.slack.desk import FakeDesk, open_incident
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import CHANNEL

# Declare


def test_an_incident_is_declared_in_one_line() -> None:
    desk = house("en")
    told = ask(desk, "DÉCLARER Voltéa rouge le site affiche <!channel> & nos clients")
    (command,) = desk.commands
    asked = command.asked
    assert isinstance(asked, Declaration)
    assert (asked.topic, asked.severity, asked.drill) == ("voltea", Severity.RED, False)
    assert asked.story == "le site affiche <!channel> & nos clients"
    assert command.kind is CommandKind.DECLARE and command.incident == "" and command.at == NOW
    assert command.who == Person(id="U0CLAIRE01", name="claire", via="slack")
    assert "Incident déclaré" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("declare lumio", "how grave"),
        ("declare lumio purple it burns", "how grave"),
        ("declare lumio red", "what happens"),
        ("declare lumnio red it burns", "Did you mean “lumio”?"),
        ("déclarer", "Par exemple"),
        ("mute lumio", "for how long"),
        ("mute lumio 2h", "Say why"),
        ("mute lumio 30d holidays", "7 days at most"),
        ("mute 2h x", "what to mute"),
        ("sourdine nimportequoi 2h essai", "n’est pas un sujet"),
        ("why", "For example"),
        ("search", "For example"),
        ('chercher "', "Par exemple"),
        ("drill nothing lumio", "is not a playbook"),
        ("drill bad-buzz", "which topic"),
        ("take", "which incident"),
        ("resolve inc-42", "how it ended"),
        ("noter inc-42", "quoi noter"),
        ("take inc-unknown", "not an open incident"),
        ("unmute sil-unknown", "not a silence in force"),
    ],
)
def test_what_is_wrong_is_said_with_an_example_and_nothing_is_done(text: str, said: str) -> None:
    desk = FakeDesk()
    told = ask(desk, text)
    assert said in told
    assert "/buzz" in told or "lumio" in told.lower()
    assert desk.commands == []


def test_a_refusal_of_the_core_is_told() -> None:
    desk = FakeDesk(reason="already_owner")
    assert "You are in charge" in ask(desk, "take inc-42")
    assert "déjà en charge" in ask(desk, "prendre inc-42")


# Mute


@pytest.mark.parametrize(
    ("text", "mute", "span", "reason"),
    [
        ("mute lumio 2h the campaign", Mute(topic="lumio"), 2 * HOUR, "the campaign"),
        ("sourdine Lumio K2 2h30 la campagne", Mute(topic="lumio-k2"), 2.5 * HOUR, "la campagne"),
        ("silence lumio 90 min because", Mute(topic="lumio"), 1.5 * HOUR, "because"),
        ("sourdine règle:negative-surge 1j essai", Mute(rule="negative-surge"), 24 * HOUR, "essai"),
        ("muet rule:negative-surge 1j essai", Mute(rule="negative-surge"), 24 * HOUR, "essai"),
    ],
)
def test_a_topic_or_a_rule_is_muted_for_a_while(text: str, mute: Mute, span: timedelta, reason: str) -> None:
    desk = house("en")
    told = ask(desk, text)
    (command,) = desk.commands
    assert (command.kind, command.asked, command.duration, command.reason) == (CommandKind.MUTE, mute, span, reason)
    assert "🔕" in told


def test_a_silence_is_ended_by_its_id_or_its_topic() -> None:
    for typed in ("unmute sil-1", "rétablir `sil-1`", "unmute Lumio"):
        desk = house("en")
        desk.muted = [silence("sil-1", topic="lumio")]
        ask(desk, typed)
        assert [command.asked for command in desk.commands] == [Unmute(silence="sil-1")]
    assert "Rien n’est en sourdine" in ask(house("en"), "sourdine liste")


# Telephone: take, resolve, note


def test_an_incident_is_handled_by_its_id_or_by_its_topic() -> None:
    for typed, kind, reason in (
        ("take inc-42", CommandKind.TAKE_CHARGE, ""),
        ("prendre en charge lumio", CommandKind.TAKE_CHARGE, ""),
        ("resolve Lumio the shop has answered", CommandKind.RESOLVE, "the shop has answered"),
        ("noter inc-42 le labo a la lampe", CommandKind.NOTE, "le labo a la lampe"),
    ):
        desk = FakeDesk()
        told = ask(desk, typed)
        (command,) = desk.commands
        assert (command.kind, command.incident, command.reason) == (kind, "inc-42", reason)
        assert "inc-42" in told


def test_a_topic_with_two_incidents_asks_which() -> None:
    desk = FakeDesk(open_incident("inc-7"), open_incident("inc-8"))
    told = ask(desk, "take lumio")
    assert "inc-7" in told and "inc-8" in told and desk.commands == []


# Exercises


def test_an_exercise_is_confirmed_before_it_begins_and_begins_once() -> None:
    async def story() -> None:
        with StrictSlack() as slack:
            desk = house("en")
            desk.exercises = {"product-safety": "La lampe fume."}
            told = Told(desk, slack.base_url)
            assert "vrais messages" in await told.ask("exercice sécurité d’un produit ou rappel Lumio")
            assert desk.commands == [], "nothing begins before it is confirmed"
            (button,) = told.body["blocks"][1]["elements"]
            payload = {
                "type": "block_actions",
                "user": {"id": "U0CLAIRE01", "name": "claire"},
                "channel": {"id": CHANNEL},
                "trigger_id": "1.2.3",
                "actions": [{**button, "action_ts": "1795328475.123456"}],
            }
            await begin_drill(told.front, payload)
            await begin_drill(told.front, payload)
            first, second = desk.commands
            assert first.id == second.id, "the core sees that it is the same press"
            asked = Declaration(
                topic="lumio", severity=Severity.RED, story="La lampe fume.", playbook="product-safety", drill=True
            )
            assert first.asked == asked
            assert "L’exercice a commencé" in slack.workspace.state.ephemeral[0]["text"]

    asyncio.run(story())


def test_the_last_exercise_is_told_with_its_times() -> None:
    desk = house("fr")
    measures = (
        Measure(name="charge", took=timedelta(minutes=9), target=timedelta(minutes=15), mark="met"),
        Measure(name="approved", target=HOUR, mark="missed"),
    )
    incident = open_incident(drill=True)
    desk.scored = Exercise(incident=incident, measures=measures, steps={"late": 2}, points=0.71, grade="C", over=True)
    told = ask(desk, "exercice").replace("\u00a0", " ")
    assert "Note *C* (71 %)" in told and "Prise en charge au bout de *9 min* (attendu sous 15 min)" in told
    assert "Validation d’un communiqué : manque" in told and "en retard : 2" in told and "bad-buzz" in told
    assert "There was no exercise" in ask(house("en"), "drill")
