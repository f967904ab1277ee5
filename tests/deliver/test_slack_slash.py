"""`/buzz`: asked in either language, answered in it, within Slack's limits, whatever is typed and stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.deliver.slack_deeds import DEEDS
from buzzguard.deliver.slack_slash import LOOKS
from buzzguard.deliver.wording.desk import WORDS
from buzzguard.model import (
    Decision,
    Delivery,
    DeliveryState,
    Health,
    Incident,
    IncidentState,
    OnCall,
    Person,
    Polarity,
    Poll,
    Quote,
    Severity,
    Verdict,
    Watch,
)
from tests.deliver.hostile import PIECES, texts
from tests.deliver.samples import CLAIRE, NOW, sample_alert
from tests.slack.asking import HOUR, ask, house, silence
from tests.slack.desk import DIRECTORY, FakeDesk, open_incident
from tests.slack.workspace import CHANNEL


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
