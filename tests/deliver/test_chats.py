"""Teams, Mattermost and Discord: what stands there, within limits, whatever people wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.config.secrets import SecretError
from buzzguard.deliver import mattermost, teams
from buzzguard.deliver.markdown import line, markdown
from buzzguard.deliver.outline import Line
from buzzguard.errors import DeliveryDelayed, DeliveryRefused, DeliveryUncertain
from buzzguard.model import IncidentState, NotificationKind, Severity
from tests.deliver.hostile import texts
from tests.deliver.samples import NOW, sample_card, sample_notification
from tests.deliver.worlds import discord
from tests.deliver.worlds import mattermost as mattermost_world
from tests.deliver.worlds import teams as teams_world
from tests.deliver.worlds.base import SECRET, Service, service


@pytest.fixture
def made(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with service(httpserver, discord.answer) as served:
        monkeypatch.setenv("TEST_URL", f"{served.url}/hooks/{SECRET}")
        yield served


async def _send(to: Any, kind: NotificationKind = NotificationKind.CARD, **more: Any) -> Any:
    notification = sample_notification(kind, card=more.pop("shown", None), key=more.pop("key", "k"))
    return await to.deliver(notification, **{"card": None, "uncertain": False, "now": NOW} | more)


async def test_discord_edits_its_card_and_posts_what_is_new(made: Service) -> None:
    to = discord.notifier(made)
    card = await _send(to)
    edited = await _send(to, NotificationKind.UPDATE, key="u", card=card)
    await _send(to, NotificationKind.NEWS, key="n", card=edited)
    assert [request.method for request in made.asked] == ["POST", "PATCH", "POST"]
    assert made.asked[1].path == f"/hooks/{SECRET}/messages/{card.message}"


async def test_discord_posts_anew_what_was_deleted(made: Service) -> None:
    to = discord.notifier(made)
    card = await _send(to)
    made.troubles = [Response(json.dumps({"code": 10008, "message": "Unknown Message"}), status=404)]
    again = await _send(to, NotificationKind.UPDATE, key="u", card=card)
    assert again.message != card.message
    assert [request.method for request in made.asked] == ["POST", "POST"]


@pytest.mark.parametrize(("said", "wait"), [(0.75, 1), (12.5, 12.5), (1e12, 3600), ("soon", 30), (None, 30)])
async def test_discord_says_how_long_to_wait(made: Service, said: object, wait: float) -> None:
    made.troubles = [Response(json.dumps({"retry_after": said, "global": False}), status=429)]
    with pytest.raises(DeliveryDelayed) as caught:
        await _send(discord.notifier(made))
    assert caught.value.retry_after == timedelta(seconds=wait)


@pytest.mark.parametrize("world", [discord, mattermost_world, teams_world])
@pytest.mark.parametrize(
    ("status", "error"), [(404, DeliveryRefused), (500, DeliveryUncertain), (429, DeliveryDelayed)]
)
async def test_trouble_is_told_without_the_address(
    made: Service, world: Any, status: int, error: type[Exception]
) -> None:
    made.troubles = [Response(f"no {SECRET}", status=status)]
    with pytest.raises(error) as caught:
        await _send(world.notifier(made))
    assert SECRET not in repr(caught.value)
    assert "127.0.0.1" not in str(caught.value)


@pytest.mark.parametrize("address", ["http://mm.acme.example/hooks/x", "nonsense", "https://a b"])
@pytest.mark.parametrize("world", [discord, mattermost_world, teams_world])
def test_an_address_that_would_tell_the_secret_is_refused(
    made: Service, world: Any, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_URL", address)
    with pytest.raises(SecretError) as caught:
        world.notifier(made)
    assert address not in str(caught.value)


@pytest.mark.parametrize("world", [mattermost_world, teams_world])
async def test_where_nothing_can_be_edited_updates_are_not_sent(made: Service, world: Any) -> None:
    made.answer = world.answer
    to = world.notifier(made)
    card = await _send(to)
    await _send(to, NotificationKind.UPDATE, key="u", card=card)
    assert len(made.asked) == 1


def test_mattermost_marks_what_is_urgent_until_it_is_over() -> None:
    marks = []
    for state in (IncidentState.TRIGGERED, IncidentState.RESOLVED):
        shown = sample_card(severity=Severity.RED, state=state)
        marks.append(mattermost.payload(sample_notification(card=shown), whole=True, priority=True).get("priority"))
    assert marks == [{"priority": "urgent"}, None]


def test_a_card_beyond_teams_limit_loses_its_end_and_says_so() -> None:
    long = sample_card(quotes=tuple(sample_card().briefing.quotes) * 1, language="fr")
    fits = teams.payload(sample_notification(card=long), whole=True)
    assert len(fits) <= teams.MAX_BYTES
    assert "Abrégé" not in fits.decode()


_LIVE = re.compile(r"\]\(|@(?:everyone|here|all|channel)|<[@#!]|(?<!\\)[*`~|\\]|https?://|www\.\w")


@given(texts)
def test_nothing_that_people_wrote_formats_links_or_pings(text: str) -> None:
    shown = markdown(text)
    assert not _LIVE.search(shown)
    assert "\n" not in shown
    assert not shown.lstrip("\u2068").startswith(("#", ">", "-", "+", "="))


@given(texts, texts)
def test_a_link_leads_where_it_says_or_nowhere(text: str, url: str) -> None:
    shown = line(Line(text=text, link="02:54", url=url))
    links = re.findall(r"\[02:54\]\(([^)]*)\)", shown)
    assert len(links) == shown.count("](")
    assert all(re.fullmatch(r"https?://[^\s()<>\[\]]+", link) for link in links)


@given(st.sampled_from(["1. x", "10) x", "# x", "> x", "- x", "+ x", "=== x", "&commat;all", "&#64;all"]))
def test_what_opens_a_list_a_heading_or_an_entity_is_broken(text: str) -> None:
    assert markdown(text) != text
