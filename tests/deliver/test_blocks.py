"""A card in Slack: within every limit, inert, and with the buttons whatever happens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from msgspec.structs import replace
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from buzzguard.deliver.blocks import MAX_TEXT, MAX_TOTAL, render_card, render_news, text_length
from buzzguard.deliver.escape import clean
from buzzguard.model import Card, Cause, IncidentState, Language, Person, Quote, Room, Severity
from tests.deliver.block_kit import check_message, texts_of, utf16
from tests.deliver.hostile import cards
from tests.deliver.samples import (
    NOW,
    sample_card,
    sample_quotes,
    sample_silent_stream_alert,
    sample_transition,
    sample_watcher_card,
)

STATES = [
    (Severity.YELLOW, IncidentState.TRIGGERED),
    (Severity.ORANGE, IncidentState.TRIGGERED),
    (Severity.RED, IncidentState.TRIGGERED),
    (Severity.RED, IncidentState.ACKNOWLEDGED),
    (Severity.ORANGE, IncidentState.RESOLVED),
    (Severity.YELLOW, IncidentState.FALSE_ALARM),
]
LANGUAGES: tuple[Language, ...] = ("en", "fr")


# golden


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("severity", "state"), STATES)
def test_cards(snapshot: SnapshotAssertion, severity: Severity, state: IncidentState, language: Language) -> None:
    card = sample_card(language=language, severity=severity, state=state)
    message = render_card(card, chart_file="F0CHART001")
    assert check_message(message.payload()) == []
    assert {"color": message.color, **message.payload()} == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("language", LANGUAGES)
def test_news_in_the_thread(snapshot: SnapshotAssertion, language: Language) -> None:
    news = (sample_transition(Cause.SEVERITY_RAISED, severity=Severity.RED), sample_transition(Cause.STEP_TIMED_OUT))
    message = render_news(sample_card(language=language, severity=Severity.RED, news=news))
    assert check_message(message.payload()) == []
    assert message.payload() == snapshot(extension_class=JSONSnapshotExtension)


# limits


SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@SLOW
@given(cards)
def test_no_card_breaks_a_limit_or_loses_its_buttons(card: Card) -> None:
    message = render_card(card, chart_file="F1")
    assert check_message(message.payload()) == []
    assert sum(map(text_length, message.blocks)) <= MAX_TOTAL
    assert utf16(message.text) <= MAX_TEXT
    assert re.fullmatch(r"#[0-9a-f]{6}", message.color)
    final = card.incident.state in (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)
    assert [block["type"] for block in message.blocks].count("actions") == (0 if final else 3)
    orjson.dumps(message.payload())


@SLOW
@given(cards)
def test_no_news_breaks_a_limit(card: Card) -> None:
    message = render_news(card)
    assert check_message(message.payload()) == []
    orjson.dumps(message.payload())


@SLOW
@given(cards)
def test_nothing_from_outside_pings_links_or_reorders(card: Card) -> None:
    urls = {one.url for one in card.briefing.quotes} | {one.url for one in card.incident.published}
    urls |= {one.url for one in card.beside} | ({card.incident.room.url} if card.incident.room else set())
    for kind, text in texts_of(render_card(card, chart_file=None).blocks):
        bare = re.sub(r"<https?://[^<>|]+\|[^<>]+>", "", text)
        assert not re.search(r"<[!@#h]|[\u202a-\u202e\x00-\x09\x0b-\x1f]", bare)
        assert "<" not in text or (kind == "mrkdwn" and any(clean(url).lower().startswith("http") for url in urls))


def test_a_hundred_long_quotes_leave_room_for_the_playbook() -> None:
    long = Quote(
        text="& " * 5_000,
        url="https://x.example/" + "a?b=1&" * 90,
        author="é" * 900,
        site="s" * 900,
        published=NOW,
        polarity=sample_quotes()[0].polarity,
    )
    message = render_card(sample_card(quotes=(long,) * 100), chart_file="F1")
    assert check_message(message.payload()) == []
    ids = [block["block_id"].rsplit(":", 1)[-1] for block in message.blocks]
    assert {"playbook", "print", "chart"} <= set(ids)
    assert sum(":quote:" in block["block_id"] for block in message.blocks) <= 5


# what people need


def test_the_essentials_come_before_the_evidence() -> None:
    blocks = render_card(sample_card(severity=Severity.RED), chart_file="F1").blocks
    assert [block["type"] for block in blocks[:4]] == ["header", "section", "section", "actions"]
    assert blocks[0]["text"]["text"] == "🔴 Red · Lumio – Surge of negative mentions"
    assert blocks[2]["text"]["text"].startswith("*Nobody has taken charge yet.* If nobody takes charge, crisis-room")


def test_the_buttons_carry_the_incident() -> None:
    blocks = render_card(sample_card(), chart_file=None).blocks
    rows = [block for block in blocks if block["type"] == "actions"]
    assert [row["block_id"] for row in rows] == [f"bg:lumio-20261122-0157{end}" for end in ("", ":work", ":judge")]
    ids = [[element["action_id"] for element in row["elements"]] for row in rows]
    assert ids == [
        ["take_charge", "escalate", "give", "silence"],
        ["room", "note", "resolve", "dismiss", "more"],
        ["useful", "noise"],
    ]
    buttons = [element for row in rows for element in row["elements"] if element["type"] == "button"]
    assert {button["value"] for button in buttons} == {"lumio-20261122-0157"}
    (menu,) = [element for row in rows for element in row["elements"] if element["type"] == "overflow"]
    values = [option["value"].removeprefix("lumio-20261122-0157|") for option in menu["options"]]
    assert values == ["merge", "new_normal", "playbook", "statement"]


def test_an_incident_of_several_alerts_can_be_split() -> None:
    card = sample_card()
    alerts = (*card.incident.alerts, sample_silent_stream_alert())
    more = replace(card, incident=replace(card.incident, alerts=alerts))
    assert "|split" in str(render_card(more, chart_file=None).blocks)


def test_a_room_that_is_open_is_not_opened_again() -> None:
    card = sample_card()
    opened = replace(card, incident=replace(card.incident, room=Room(place="C0ROOM0001", name="crisis-lumio")))
    assert "'action_id': 'room'" not in str(render_card(opened, chart_file=None).blocks)


def test_somebody_whose_name_may_not_be_asked_for_is_shown_by_slack_itself() -> None:
    """And nobody else: an id that a mention holds pings nobody."""
    card = sample_card(state=IncidentState.ACKNOWLEDGED, quotes=(replace(sample_quotes()[0], text="U0MARC0001 lies"),))
    nameless = Person(id="U0CLAIRE01", via="slack")
    shown = str(render_card(replace(card, incident=replace(card.incident, owner=nameless)), chart_file=None).blocks)
    assert "<@U0CLAIRE01>" in shown
    assert "<@U0MARC0001>" not in shown
    assert "<@" not in str(render_card(card, chart_file=None).blocks)


def test_whoever_comes_later_can_still_take_over() -> None:
    actions = block_of(render_card(sample_card(state=IncidentState.ACKNOWLEDGED), chart_file=None).blocks, "actions")
    assert actions["elements"][0]["action_id"] == "take_charge"
    assert "style" not in actions["elements"][0]


@pytest.mark.parametrize("state", [IncidentState.RESOLVED, IncidentState.FALSE_ALARM])
def test_an_incident_that_is_over_has_no_buttons_and_no_playbook(state: IncidentState) -> None:
    blocks = render_card(sample_card(state=state), chart_file="F1").blocks
    assert not [block for block in blocks if block["type"] == "actions" or block["block_id"].endswith("playbook")]


def test_without_a_chart_file_there_is_no_picture() -> None:
    assert not [block for block in render_card(sample_card(), chart_file=None).blocks if block["type"] == "image"]
    chart = block_of(render_card(sample_card(), chart_file="F1").blocks, "image")
    assert chart["slack_file"] == {"id": "F1"}
    assert chart["alt_text"].startswith("Lumio: mentions per 10 min from 21 Nov, 14:58 to 02:58.")


def test_the_watcher_card_names_the_stream_and_the_reason() -> None:
    text = " ".join(text for _, text in texts_of(render_card(sample_watcher_card(), chart_file=None).blocks))
    assert "HTTP 503 from the server" in text
    assert "nothing new for 3 h 20 min" in text


def test_an_exercise_is_marked_in_the_header_and_in_the_notification() -> None:
    message = render_card(sample_card(drill=True), chart_file=None)
    assert message.blocks[0]["text"]["text"].startswith("🟠 EXERCISE – Orange")
    assert message.text.startswith("EXERCISE – ")
    assert "nothing of this is real" in message.blocks[1]["elements"][0]["text"]


def test_the_text_of_a_mention_is_inert() -> None:
    quote = msgspec.structs.replace(
        sample_quotes()[0], text="<!channel> *boo* https://bank.com @here", author="<@U1>", url="javascript:alert(1)"
    )
    shown = render_card(sample_card(quotes=(quote,)), chart_file=None).blocks
    text = next(block["text"]["text"] for block in shown if block["block_id"].endswith("quote:0"))
    assert text.startswith("&lt;@\u2060U1&gt;")
    assert text.endswith("\n> &lt;!channel&gt; ∗boo∗ https:\u2060//bank\u2060.com @\u2060here")


def test_every_text_with_markup_tells_slack_to_parse_nothing_else() -> None:
    for part in walk(render_card(sample_card(), chart_file="F1").blocks):
        assert part.get("type") != "mrkdwn" or part["verbatim"] is True


def test_rendering_twice_gives_the_same() -> None:
    assert render_card(sample_card(), chart_file="F1") == render_card(sample_card(), chart_file="F1")


def block_of(blocks: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    return next(block for block in blocks if block["type"] == kind)


def walk(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for value in part.values():
            yield from walk(value)
    elif isinstance(part, list):
        for value in part:
            yield from walk(value)
