"""`/buzz`: asked in either language, answered in it, within Slack's limits, whatever is typed and stored."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_deeds import DEEDS, begin_drill
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_slash import LOOKS, answer
from buzzguard.deliver.wording.desk import WORDS
from buzzguard.model import (
    CommandKind,
    Decision,
    Declaration,
    Delivery,
    DeliveryState,
    Health,
    Incident,
    IncidentState,
    Language,
    Mute,
    OnCall,
    Person,
    Polarity,
    Poll,
    Quote,
    Severity,
    Silence,
    Unmute,
    Verdict,
    Watch,
)
from tests.deliver.block_kit import check_message, texts_of
from tests.deliver.hostile import PIECES, texts
from tests.deliver.samples import CLAIRE, NOW, sample_alert
from tests.slack.desk import DIRECTORY, FakeDesk, open_incident
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL

HOUR = timedelta(hours=1)


class Told:
    """A front with a desk of tests; `ask` types and gives what is shown, as one text."""

    def __init__(self, desk: FakeDesk, base_url: str = "http://127.0.0.1:9/api/") -> None:
        self.desk = desk
        self.front = SlackFront(SlackApi(BOT_TOKEN, base_url), desk, clock=ManualClock(NOW))
        self.body: dict[str, Any] = {}

    async def ask(self, text: str, **more: str) -> str:
        """What is shown; whatever Slack would refuse fails."""
        fields = {
            "command": "/buzz",
            "text": text,
            "user_id": "U0CLAIRE01",
            "user_name": "claire",
            "team_id": "T0BUZZ0001",
            "team_domain": "lumio",
            "channel_id": CHANNEL,
            "trigger_id": "1.2.3",
        }
        self.body = await answer(self.front, fields | more)
        if not self.body:
            return ""
        assert self.body["response_type"] == "ephemeral"
        shown = {name: value for name, value in self.body.items() if name in ("text", "blocks")}
        assert check_message(shown) == []
        return "\n".join(text for _, text in texts_of(self.body["blocks"]))


def ask(desk: FakeDesk, text: str, **more: str) -> str:
    return asyncio.run(Told(desk).ask(text, **more))


def house(language: Language) -> FakeDesk:
    """A calm house that speaks this language."""
    desk = FakeDesk(directory=replace(DIRECTORY, language=language))
    desk.incidents = {}
    desk.watched = Watch(streams=12, polled_at=NOW - timedelta(minutes=2))
    return desk


def grave() -> Incident:
    """Red, nobody in charge, the board next."""
    return open_incident(
        "inc-7",
        severity=Severity.RED,
        opened_at=NOW - HOUR,
        alerts=(sample_alert(),),
        next_step_at=NOW + timedelta(minutes=10),
        department="legal",
    )


# The state of things


@pytest.mark.parametrize(
    ("word", "calm"), [("status", "All calm."), ("statut", "Tout est calme."), ("État", "Tout est")]
)
def test_calm_is_said_with_what_is_watched(word: str, calm: str) -> None:
    told = ask(house("en"), word)
    assert calm in told
    assert "12" in told and "3" in told and "02:56" in told


def test_nothing_typed_is_the_state_in_the_language_of_the_house() -> None:
    assert "Tout est calme" in ask(house("fr"), "")
    assert "All calm" in ask(house("en"), "  ")


def test_calm_is_not_claimed_by_a_watch_that_is_not_whole() -> None:
    desk = house("en")
    poll = Poll(stream="press", at=NOW, ok=False, reason="HTTP 503", failures=7)
    desk.watched = Watch(streams=12, polled_at=NOW, failing=(poll,))
    desk.state = Health(ready=False, troubles=("the database refuses",))
    told = ask(desk, "status")
    assert "All calm" not in told
    assert "press" in told and "HTTP 503" in told and "7 failures" in told and "the database refuses" in told


def test_open_incidents_say_who_has_them_and_lead_to_their_cards() -> None:
    taken = open_incident("inc-8", state=IncidentState.ACKNOWLEDGED, owner=CLAIRE, drill=True)
    desk = FakeDesk(grave(), taken)
    post = Delivery(key="k", at=NOW, state=DeliveryState.DELIVERED, place=CHANNEL, message="1795328460.000247")
    desk.posted = {"inc-7": [post]}
    told = ask(desk, "status")
    assert "2 incidents are open" in told
    assert "Nobody in charge" in told and "next step at 03:08" in told and "business of Legal" in told
    assert "Claire Morel in charge" in told and "EXERCISE" in told
    assert f"https://lumio.slack.com/archives/{CHANNEL}/p1795328460000247" in told
    assert told.index("inc-7") < told.index("inc-8"), "the gravest first"


def test_one_may_ask_about_one_topic_by_its_name() -> None:
    desk = FakeDesk(grave(), open_incident("inc-9", topic="voltea"))
    told = ask(desk, "statut voltéa")
    assert "inc-9" in told and "inc-7" not in told
    assert "Did you mean “lumio”?" in ask(desk, "status lumoi")


def test_what_is_muted_is_part_of_the_state() -> None:
    desk = house("fr")
    desk.muted = [silence("sil-1", topic="lumio", reason="la campagne")]
    told = ask(desk, "statut")
    assert "Lumio" in told and "jusqu’à 03:58" in told and "la campagne" in told and "sil-1" in told


def silence(id: str, **matched: str) -> Silence:
    plain = Silence(id=id, topic="", starts_at=NOW, ends_at=NOW + HOUR, who=CLAIRE)
    return replace(plain, **matched)


# Who is on call


def test_who_is_on_call_until_when_and_then() -> None:
    desk = house("en")
    desk.rotas = [
        OnCall(rota="nights", who=("claire",), until=NOW + HOUR, then=("karim",)),
        OnCall(rota="gap", who=("claire", "karim")),
    ]
    told = ask(desk, "on call")
    assert "nights" in told and "claire until 03:58, then karim" in told
    assert "nobody is on call" in told
    assert "pas d’astreinte" in ask(house("en"), "garde")


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


# Why, search


def test_why_tells_decisions_in_sentences() -> None:
    desk = FakeDesk()
    held = {"until": (NOW + HOUR).isoformat(), "who": "Claire"}
    desk.decisions = [
        decision("1", Verdict.TOLD, "opened", receivers=("comms",), detail={"policy": "crisis", "step": "0"}),
        decision("2", Verdict.HUSHED, "silenced", detail=held),
    ]
    told = ask(desk, "why inc-42")
    assert "told comms: the incident opened" in told and "step 1" in told
    assert "not called: the topic is muted" in told and "until 03:58" in told and "by Claire" in told
    assert "prévenus : comms (l’incident s’est ouvert)" in ask(desk, "pourquoi lumio").replace("\u00a0", " ")
    assert "Nothing was decided" in ask(FakeDesk(), "why nothing")


def decision(key: str, verdict: Verdict, reason: str, **more: Any) -> Decision:
    return Decision(key=key, verdict=verdict, reason=reason, at=NOW, topic="lumio", **more)


def test_a_search_shows_mentions_and_how_far_it_looked() -> None:
    desk = house("en")
    desk.quotes = [quote("The lamp *burns* <@U1> & more", "https://press.example/1")]
    desk.looked_since = datetime(2026, 10, 1, tzinfo=UTC)
    told = ask(desk, "search lamp")
    assert "1 mention with *lamp*" in told and "<https://press.example/1|02:58>" in told and "negative" in told
    assert "Older mentions than 1 Oct" in told
    desk.quotes, desk.looked_since = [], None
    assert "Aucune mention" in ask(desk, "chercher lampe")


def quote(text: str, url: str) -> Quote:
    return Quote(text=text, url=url, author="Zoé", site="press.example", published=NOW, polarity=Polarity.NEGATIVE)


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
    desk = FakeDesk(grave(), open_incident("inc-8"))
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
                topic="lumio", severity=Severity.ORANGE, story="La lampe fume.", playbook="product-safety", drill=True
            )
            assert first.asked == asked
            assert "L’exercice a commencé" in slack.workspace.state.ephemeral[0]["text"]

    asyncio.run(story())


# Whatever is typed


def test_an_unknown_word_brings_the_one_that_was_meant_and_help() -> None:
    told = ask(house("en"), "staut")
    assert "statut" in told and "astreinte" in told, "in the language of the word that was meant"
    assert "is not something" in ask(house("en"), "xyzzy")


def test_help_shows_every_verb_in_its_language() -> None:
    for word, language in (("help", "en"), ("aide", "fr"), ("?", "en")):
        told = ask(house("en"), word)
        verbs = (LOOKS.keys() | DEEDS.keys()) - {"help", "mutes"}
        assert all(WORDS[language][f"use.{verb}"] in told for verb in verbs)  # type: ignore[index]


def test_a_database_that_refuses_is_told_and_nothing_breaks() -> None:
    desk = FakeDesk()
    desk.broken = True
    for text in ("status", "why x", "search x", "oncall", "take inc-42", "mutes"):
        assert "The database refuses" in ask(desk, text)


def test_nobody_named_is_answered_and_nothing_done() -> None:
    desk = FakeDesk()
    assert "who asks" in ask(desk, "take inc-42", user_id="<!here>")
    assert desk.commands == []


@settings(max_examples=3, deadline=None)
@given(text=texts)
@example(text="".join(PIECES))
@example(text="<!channel> &amp; " * 400)
def test_hostile_names_and_texts_stay_harmless(text: str) -> None:
    """The judge finds every ping, forged link and text that is too long: in what is stored, and in what is typed."""
    person = Person(id="U1", name=text, via="slack")
    desk = FakeDesk(
        open_incident(story=text, owner=person, state=IncidentState.ACKNOWLEDGED),
        open_incident("inc-43", department=text),
        directory=replace(DIRECTORY, topics={"lumio": text}),
    )
    desk.quotes = [quote(text, text)] * 10
    who = {"who": text}
    desk.decisions = [decision(str(n), Verdict.TOLD, text, receivers=(text,) * 5, detail=who) for n in range(16)]
    desk.muted = [replace(silence(f"sil-{n}", topic="lumio", reason=text), who=person) for n in range(12)]
    desk.rotas = [OnCall(rota=text, who=(text, text))] * 12
    desk.state = Health(ready=False, troubles=(text,) * 9)
    desk.watched = Watch(streams=1, failing=(Poll(stream=text, at=NOW, ok=False, reason=text),) * 9)
    for word in ("status", "why", "search", "oncall", "mutes", "take", "drill", "mute", "declare", "unmute", ""):
        ask(desk, f"{word} {text}"[:3_000])
        ask(desk, word)


@settings(max_examples=40, deadline=None)
@given(
    text=st.text(max_size=120)
    | st.builds("{} {}".format, st.sampled_from(sorted({**LOOKS, **DEEDS})), st.text(max_size=60))
)
def test_whatever_is_typed_is_answered_within_slacks_limits(text: str) -> None:
    ask(FakeDesk(), text)


# The sentences


def test_every_sentence_exists_in_both_languages_and_takes_the_same() -> None:
    assert WORDS["fr"].keys() == WORDS["en"].keys()
    for key, english in WORDS["en"].items():
        slots = [set(re.findall(r"\{(\w+)\}", sentence)) for sentence in (english, WORDS["fr"][key])]
        assert slots[0] == slots[1], key


def test_french_is_typed_as_french_is() -> None:
    for sentence in WORDS["fr"].values():
        bare = re.sub(r"`[^`]*`|https?://\S+", "", sentence)
        assert not re.search(r" [;:!?»]|« |'", bare), sentence
