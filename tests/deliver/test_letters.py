"""Letters: every notifier but pagers takes one, whole, once, within its limits, whatever stands in it."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from importlib import import_module

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.deliver.console import ConsoleNotifier
from buzzguard.deliver.escape import units
from buzzguard.deliver.letters import letter_markdown, letter_text
from buzzguard.deliver.mail_letters import make_letter
from buzzguard.deliver.mail_text import Envelope
from buzzguard.deliver.slack_letters import render_letter
from buzzguard.errors import DeliveryRefused
from buzzguard.model import Letter, Page, Section, Table
from buzzguard.ports import LetterNotifier
from tests.deliver.block_kit import check_message
from tests.deliver.hostile import texts
from tests.deliver.samples import NOW, sample_notification
from tests.deliver.worlds.base import SECRET, World
from tests.slack.workspace import BOT_TOKEN

PAGERS = {"pagerduty", "sms", "alertmanager"}
FROM = Envelope(sender="buzz@acme.example", sender_name="BuzzGuard", to=("boss@acme.example",))
TOPICS = Table(heads=("Topic", "Mentions", "Negative"), rows=(("Lumio", "123 (before: 90)", "12 %"),), numbers=(1, 2))
PAGE = Page(
    language="en",
    title="The week from 2026-11-16 to 2026-11-22",
    subtitle="Incidents: 1 (1 orange)",
    caveats=("Lumio could be read 80 % of the time.",),
    sections=(
        Section(title="What was said", table=TOPICS, note="In brackets: the week before."),
        Section(title="How we answered", lines=("Somebody was told within 12 s.",)),
        Section(title="Incidents", table=Table(heads=("Opened", "Topic"), rows=(("2026-11-17", "Lumio"),))),
    ),
    footer="BuzzGuard",
)


def letter(page: Page = PAGE, *, receiver: str = "", key: str = "digest-2026-11-23/1/room/digest") -> Letter:
    name = receiver or sample_notification().receiver
    return Letter(key=key, about="digest-2026-11-23", receiver=name, due_at=NOW, page=page)


@pytest.fixture(params=plugins.NOTIFIERS)
def world(request: pytest.FixtureRequest, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SECRET", SECRET)
    monkeypatch.setenv("TEST_ROUTING_KEY", "0123456789abcdef0123456789abcdef")
    with import_module(f"tests.deliver.worlds.{request.param}").world(httpserver) as made:
        if request.param in PAGERS:
            assert not isinstance(made.notifier, LetterNotifier)
            pytest.skip("it pages: it takes no letters")
        yield made


async def test_it_arrives_once_with_all_that_it_says(world: World) -> None:
    to = world.notifier
    assert isinstance(to, LetterNotifier)
    for uncertain in (False, True):
        await to.deliver_letter(letter(), uncertain=uncertain, now=NOW)
    assert world.count() == 1
    told = world.arrived()
    for said in ("The week from", "What was said", "Lumio", "123 (before", "Somebody was told within 12"):
        assert said in told, told
    if not isinstance(to, ConsoleNotifier):  # a terminal has no address
        with pytest.raises(DeliveryRefused):
            await to.deliver_letter(letter(receiver="nobody"), uncertain=False, now=NOW)
    await to.close()


def pages() -> st.SearchStrategy[Page]:
    row = st.tuples(texts, texts, texts)
    table = st.builds(
        Table, heads=row, rows=st.lists(row, max_size=3).map(tuple), numbers=st.sampled_from([(), (1, 2)])
    )
    section = st.builds(
        Section, title=texts, lines=st.lists(texts, max_size=2).map(tuple), table=st.none() | table, note=texts
    )
    return st.builds(
        Page,
        language=st.sampled_from(["en", "fr"]),
        title=texts.map(lambda text: f"Week {text}"),
        subtitle=texts,
        caveats=st.lists(texts, max_size=1).map(tuple),
        sections=st.lists(section, max_size=2).map(tuple),
        footer=texts,
    )


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(pages())
def test_whatever_stands_in_it_no_place_is_broken(page: Page) -> None:
    message = render_letter(page)
    assert check_message({"text": message.text, "blocks": message.blocks}) == []
    assert units(letter_markdown(page, 2_000)) <= 2_000
    assert "\x1b" not in letter_text(page)
    mail = make_letter(letter(page), FROM, now=NOW)
    read = message_from_bytes(mail.as_bytes(), policy=SMTP)
    assert read["To"] == "boss@acme.example"
    assert [part.get_content_type() for part in read.walk()][1:] == ["text/plain", "text/html"]


def test_an_endless_page_is_cut_to_whole_sections_and_says_so() -> None:
    rows = tuple(("Lumio " * 20, "1 " * 200, "2 " * 200) for _ in range(40))
    section = Section(title="What was said", table=Table(heads=TOPICS.heads, rows=rows, numbers=(1, 2)))
    few = Section(title="Few", table=Table(heads=TOPICS.heads, rows=rows[:12], numbers=(1, 2)))
    page = Page(language="fr", title="t" * 500, sections=(few, few, few, section) * 4, footer="f")
    message = render_letter(page)
    assert check_message({"text": message.text, "blocks": message.blocks}) == []
    assert "Abrégé" in str(message.blocks[-2])
    assert units(letter_markdown(page, 2_000)) <= 2_000
