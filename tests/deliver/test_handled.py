"""What a card says of an incident that people handle, in every place: the declared one, and what stands around it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from msgspec.structs import replace
from rich.console import Console

from buzzguard.deliver import alertmanager, discord, mattermost, ntfy, pagerduty, sms, teams, webhook, wording
from buzzguard.deliver.blocks import render_card, render_news
from buzzguard.deliver.mail_text import Envelope, make_mail
from buzzguard.deliver.terminal import card_renderable
from buzzguard.model import Card, Cause, IncidentState, Language, NotificationKind, StatementMark
from tests.deliver.block_kit import check_message, texts_of
from tests.deliver.sample_handled import SEEN, STORY, declared_card, handled_card
from tests.deliver.samples import CLAIRE, NOW, sample_card, sample_notification, sample_transition

LANGUAGES: tuple[Language, ...] = ("en", "fr")
DECLARED = {"en": "Declared by Claire Morel: “", "fr": "Déclaré par Claire Morel : « "}
ENVELOPE = Envelope(sender="buzz@acme.example", sender_name="BuzzGuard", to=("a@acme.example",))


def told_everywhere(card: Card) -> dict[str, str]:
    """What each place shows of a card, as one text."""
    note = sample_notification(NotificationKind.CARD, card=card, key="k")
    message = render_card(card, chart_file=None)
    assert check_message(message.payload()) == []
    console = Console(file=io.StringIO(), width=100, highlight=False)
    console.print(card_renderable(card))
    assert isinstance(console.file, io.StringIO)
    mail = make_mail(note, ENVELOPE, whole=True, answers="", now=NOW)
    text, html = (part.get_content() for part in mail.iter_parts())
    said = {
        "slack": " ".join(text for _, text in texts_of(message.blocks)),
        "terminal": " ".join(console.file.getvalue().replace("│", " ").split()),
        "mail": text,
        "html": html,
        "subject": mail["Subject"],
        "teams": teams.payload(note, whole=True).decode(),
        "mattermost": str(mattermost.payload(note, whole=True, priority=False)),
        "discord": str(discord.payload(note, whole=True)),
        "ntfy": str(ntfy.payload(note, whole=True)),
        "sms": sms.text_of(note, whole=True),
        "webhook": str(webhook.payload(note)),
        "pagerduty": str(pagerduty.event(note, "trigger")),
        "alertmanager": str(alertmanager.payload(card, labels={}, hold=timedelta(hours=1), now=NOW)),
    }
    return {place: plain(shown) for place, shown in said.items()}


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_declared_incident_says_who_declared_it_and_what_they_said_in_every_place(language: Language) -> None:
    said = told_everywhere(declared_card(language))
    by = {"en": "declared by Claire Morel", "fr": "déclaré par Claire Morel"}[language]
    for place in ("slack", "terminal", "mail", "html", "teams", "mattermost", "discord", "ntfy", "webhook"):
        assert STORY[language][:40] in said[place], place
    assert by in said["subject"]
    assert "Claire Morel" in said["sms"]
    assert "lumio-20261122-0155" in said["pagerduty"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sentence_of_a_declared_incident_is_what_was_said(language: Language) -> None:
    card = declared_card(language)
    assert plain(wording.summary(card)).startswith(DECLARED[language] + STORY[language])
    assert "usually" not in wording.summary(card)
    with_numbers = replace(card, incident=replace(card.incident, alerts=sample_card().incident.alerts))
    assert STORY[language] in wording.summary(with_numbers)
    assert "96" in wording.summary(with_numbers), "once an alert joins, its number is told as well"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exercise_cannot_be_mistaken_anywhere(language: Language) -> None:
    word = {"en": "EXERCISE", "fr": "EXERCICE"}[language]
    card = declared_card(language, drill=True)
    said = told_everywhere(card)
    for place in set(said) - {"alertmanager"}:
        assert word in said[place], place
    assert "'drill': 'true'" in said["alertmanager"]
    assert said["sms"].startswith(f"{word} - ")
    assert said["subject"].startswith(f"{word} – ")
    assert plain(render_card(card, chart_file=None).text).startswith(f"{word} – ")
    news = replace(card, news=(sample_transition(Cause.STEP_TIMED_OUT),))
    assert word in render_news(news).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_the_next_step_waits_is_said(language: Language) -> None:
    told = plain(wording.state_line(declared_card(language)))
    assert {"en": "the hours for orange", "fr": "les heures du niveau orange"}[language] in told
    waits = replace(declared_card(language), incident=replace(declared_card(language).incident, held_for="grouping"))
    assert told != wording.state_line(waits)


def test_what_stands_around_an_incident_is_told_with_links() -> None:
    said = told_everywhere(handled_card())
    for place in ("slack", "terminal", "mail", "teams", "discord"):
        for expected in ("Quality", "crise-lumio", "lumio-20261121-2001", "lumio-20261122-0001", "Call for a boycott"):
            assert expected in said[place], (place, expected)
    assert "<https://acme.slack.com/archives/C1|#crise-lumio>" in said["slack"]
    assert "https://acme.slack.com/archives/C2" in said["mail"]
    assert "Whose business: quality" in plain(
        " ".join(map(str, wording.around_lines(replace(handled_card(), department={}))))
    )


def test_a_statement_that_was_seen_says_how_to_take_it_back() -> None:
    (line,) = [one for one in wording.around_lines(handled_card()) if one.url == SEEN.url]
    assert "buzzguard report statement lumio-20261122-0157 --undo statement-own-1a2b" in line.text
    by_hand = StatementMark(id="c", at=NOW + timedelta(minutes=1), who=CLAIRE)
    card = handled_card()
    both = replace(card, incident=replace(card.incident, published=(SEEN, by_hand)))
    assert "Claire Morel" in str(wording.around_lines(both)[1]) and "1 more before it" in str(
        wording.around_lines(both)[1]
    )
    gone = replace(card, incident=replace(card.incident, published=(replace(SEEN, gone=True),)))
    assert not [one for one in wording.around_lines(gone) if one.url == SEEN.url]


def test_the_run_shows_what_is_next_late_first_and_how_far_it_is() -> None:
    card = handled_card()
    title, playbook = wording.to_do_title(card)
    assert (title, playbook) == ("What is next", "Bad buzz · steps done: 1 of 6")
    later = replace(card, briefing=replace(card.briefing, at=NOW + timedelta(minutes=20)))
    steps = wording.to_do(later)
    assert [(step.key, step.late) for step in steps][:2] == [("2", True), ("3", False)]
    shown = next(b for b in render_card(later, chart_file=None).blocks if b["block_id"].endswith(":playbook"))
    assert "⏰ 2. Call product safety" in shown["text"]["text"]
    assert "… and 2 more steps in the playbook" in shown["text"]["text"]
    assert wording.to_do(replace(card, incident=replace(card.incident, state=IncidentState.RESOLVED))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_incident_that_became_part_of_another_says_where_it_goes_on(language: Language) -> None:
    card = sample_card(language=language, state=IncidentState.RESOLVED)
    merged = replace(card, incident=replace(card.incident, merged_into="lumio-2"))
    assert "lumio-2" in wording.state_line(merged)
    normal = replace(card, news=(sample_transition(Cause.NEW_NORMAL_BY_USER),))
    assert "Claire Morel" in wording.state_line(normal)


def test_the_headline_of_the_story_stands_once() -> None:
    from tests.deliver.test_saying import WHOLE

    card = sample_card(quotes=())
    shown = replace(card, briefing=replace(card.briefing, said=WHOLE))
    for place, text in told_everywhere(shown).items():
        assert text.count("the kettle melted on the stove") <= 2 + (place == "webhook"), place
    slack = told_everywhere(shown)["slack"]
    assert slack.count("“the kettle melted on the stove”") == 1
