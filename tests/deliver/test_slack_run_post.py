"""A run is one message of the card’s thread: posted once, edited in place, found again, or posted anew once gone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from buzzguard.deliver.slack import SlackNotifier
from buzzguard.model import Card, Cause, Delivery, IncidentState, NotificationKind, Room, StepState
from tests.deliver.runs import draft_news, run_card, sample_draft, sample_run, sample_step
from tests.deliver.samples import CLAIRE, NOW, sample_card, sample_notification
from tests.slack.fixtures import notifier
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL, OTHER_CHANNEL

RUN, UPDATE, NEWS = NotificationKind.RUN, NotificationKind.UPDATE, NotificationKind.NEWS
TICKED = sample_run(sample_step(1, StepState.DONE), sample_step(2, StepState.DONE))


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as server:
        yield server


async def _send(
    to: SlackNotifier,
    kind: NotificationKind,
    card: Delivery | None,
    *,
    shown: Card | None = None,
    key: str = "k",
    uncertain: bool = False,
    receiver: str = "comms",
) -> Delivery:
    what = sample_notification(kind, card=shown or run_card(), key=key, receiver=receiver)
    return await to.deliver(what, card=card, uncertain=uncertain, now=NOW)


async def _carded(to: SlackNotifier) -> Delivery:
    return await to.deliver(sample_notification(), card=None, uncertain=False, now=NOW)


async def test_it_is_posted_in_the_thread_and_edited_in_place_and_calls_nobody(slack: StrictSlack) -> None:
    to = notifier(slack, mention="U0CLAIRE01")
    slack.workspace.pings = ["<@U0CLAIRE01>"]
    card = await _carded(to)
    first = await _send(to, RUN, card)
    run = slack.messages()[1]
    assert (run["thread_ts"], run["broadcast"]) == (card.message, False)
    assert "<@" not in str(run)
    assert (first.place, first.message) == (card.place, card.message)
    assert first.extra == {**card.extra, "run": f"{CHANNEL}/{run['ts']}"}

    second = await _send(to, RUN, first, shown=run_card(TICKED), key="k2")
    assert len(slack.messages()) == 2
    edited = slack.messages()[1]
    assert (edited["ts"], edited["edits"]) == (run["ts"], 1)
    assert "All done" in str(edited["blocks"])
    assert (second.key, second.extra) == ("k2", first.extra)


async def test_an_edit_of_the_card_keeps_where_the_run_is(slack: StrictSlack) -> None:
    to = notifier(slack, chart=True)
    first = await _send(to, RUN, await _carded(to))
    edited = await _send(to, UPDATE, first)
    assert edited.extra["run"] == first.extra["run"]


async def test_a_run_that_was_deleted_is_posted_anew(slack: StrictSlack) -> None:
    to = notifier(slack)
    first = await _send(to, RUN, await _carded(to))
    slack.workspace.delete_message(CHANNEL, first.extra["run"].partition("/")[2])
    second = await _send(to, RUN, first, key="k2")
    assert second.extra["run"] == f"{CHANNEL}/{slack.messages()[-1]['ts']}"
    assert len(slack.messages()) == 2


async def test_a_card_that_was_deleted_takes_its_run_along(slack: StrictSlack) -> None:
    to = notifier(slack)
    first = await _send(to, RUN, await _carded(to))
    for message in slack.messages():
        slack.workspace.delete_message(CHANNEL, message["ts"])
    again = await _send(to, UPDATE, first, key="k2")
    card, run = slack.messages()
    assert again.message == card["ts"] == run["thread_ts"]
    assert again.extra["run"] == f"{CHANNEL}/{run['ts']}"
    assert again.key == "k2"


async def test_where_no_card_stands_both_are_posted_and_both_are_found_again(slack: StrictSlack) -> None:
    to = notifier(slack)
    first = await _send(to, RUN, None)
    again = await _send(to, RUN, None, uncertain=True)
    card, run = slack.messages()
    assert (card["ts"], run["thread_ts"]) == (first.message, first.message)
    assert (again.message, again.extra["run"]) == (first.message, first.extra["run"])


async def test_an_attempt_whose_end_is_not_known_is_looked_for(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await _carded(to)
    first = await _send(to, RUN, card)
    again = await _send(to, RUN, card, uncertain=True)
    assert len(slack.messages()) == 2
    assert again.extra == first.extra


async def test_without_its_thread_it_stands_in_the_channel(slack: StrictSlack) -> None:
    to = notifier(slack)
    card = await _carded(to)
    slack.fail_next("chat.postMessage", error="thread_not_found")
    first = await _send(to, RUN, card)
    assert "thread_ts" not in slack.messages()[1]
    assert first.extra["run"].endswith(slack.messages()[1]["ts"])


async def test_in_a_room_it_stands_in_the_channel_that_all_follow(slack: StrictSlack) -> None:
    to = notifier(slack)
    room = Room(place=OTHER_CHANNEL, name="crisis-lumio")
    shown = run_card(room=room)
    card = await _send(to, NotificationKind.CARD, None, shown=shown, receiver=room.receiver)
    await _send(to, RUN, card, shown=shown, key="k2", receiver=room.receiver)
    roots = [message for message in slack.messages(OTHER_CHANNEL) if "Playbook" in str(message["text"])]
    assert len(roots) == 1
    assert "thread_ts" not in roots[0]


async def test_late_steps_and_drafts_ping_those_they_name(slack: StrictSlack) -> None:
    slack.workspace.pings = ["<@U07>", f"<@{CLAIRE.id}>"]
    to = notifier(slack)
    card = await _carded(to)
    asked = draft_news(sample_draft(), Cause.DRAFTED_BY_USER, ping="U07,U07,<!here>,B01", awaits="legal")
    await _send(to, NEWS, card, shown=asked)
    told = slack.messages()[1]
    assert told["text"].startswith("<@U07> ")
    assert "!here" not in str(told)
    assert "draft_approve" in str(told["blocks"])


async def test_after_the_end_the_run_is_closed(slack: StrictSlack) -> None:
    to = notifier(slack)
    first = await _send(to, RUN, await _carded(to))
    await _send(to, RUN, first, shown=run_card(state=IncidentState.RESOLVED), key="k2")
    assert "accessory" not in str(slack.messages()[1]["blocks"])


def test_a_notifier_says_that_it_shows_runs() -> None:
    assert SlackNotifier.shows_runs
    assert sample_card().incident.run is None
