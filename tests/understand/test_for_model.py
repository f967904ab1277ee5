"""What a scorer reads: the author's own words, and nothing that others wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.model import Mention
from buzzguard.understand.for_model import (
    _HINTS,
    _SENT_FROM,
    _VIA,
    _perhaps_quoted,
    _unsigned,
    hashtag_words,
    own_lines,
    spelt_out,
    text_for_model,
)
from buzzguard.understand.normalise import plain_text

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def read(raw: str, title: str = "") -> str:
    clean = Mention(id="1", stream="s", source="rss", published=NOW, fetched=NOW, text=plain_text(raw), title=title)
    return text_for_model(clean, raw)


@pytest.mark.parametrize(
    ("raw", "own"),
    [
        ("plain words", "plain words"),
        ("> Acme is a scam\nI disagree", "I disagree"),
        ("&gt; Acme is a scam\n&gt;&gt; so true\nI disagree", "I disagree"),
        ("<p>&gt; Acme is a scam<br>&gt; really</p><p>I disagree</p>", "I disagree"),
        ("<blockquote><p>a scam</p><blockquote>x</blockquote></blockquote><p>I disagree</p>", "I disagree"),
        ("[quote=Jo;12]a scam [quote]x[/quote][/quote] I disagree", "I disagree"),
        ('[quote="jo, post:3, topic:7, full:true"]\na scam\n[/quote]\n\nI disagree', "I disagree"),
        ("[quote]never closed, all mine", "never closed, all mine"),
        ("On Mon, 2 Mar 2026 Jo <jo@e.org> wrote:\n> a scam\nI disagree", "I disagree"),
        ("Le 2 mars 2026 à 12:00, Jo a écrit :\n> une arnaque\nPas d'accord", "Pas d'accord"),
        ("Plus jamais !\n-- \nJo Martin\nDirecteur", "Plus jamais !"),
        ("Plus jamais ! Envoyé de mon iPhone", "Plus jamais !"),
        ("Never again\nSent from my Galaxy", "Never again"),
        ("Nie wieder. Von meinem iPhone gesendet", "Nie wieder."),
        ("Never again\nGet Outlook for Android", "Never again"),
        ("RT @jo: Acme is a scam", "Acme is a scam"),
        ("RT @jo.b@e.org: MT @al: Acme is a scam", "Acme is a scam"),
        ("Acme is a scam (via @jo)", "Acme is a scam"),
        ("Acme is a scam via @jo", "Acme is a scam"),
        ("> all of it is quoted", "> all of it is quoted"),
        (">:( I am angry", ">:( I am angry"),
        ("-- \nonly a signature", "-- only a signature"),
        ("J'ai été insultée par @acme", "J'ai été insultée par @acme"),
        ("I was sent from my home to another shop and back again, twice, for a parcel that was never there", None),
        ("Honte à vous 😡😡 #BoycottAcme https://t.co/x", "Honte à vous 😡😡 Boycott Acme http"),
    ],
)
def test_quotes_and_signatures_are_cut(raw: str, own: str | None) -> None:
    assert read(raw) == (raw if own is None else own)


def test_the_title_is_read_once() -> None:
    assert read("Acme fails again and again", "Acme fails again…") == "Acme fails again and again"
    assert read("It fails", "Acme") == "Acme. It fails"
    assert read("", "#AcmeFail") == "Acme Fail"


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("BoycottAcme", "Boycott Acme"),
        ("balancetonporc", "balancetonporc"),
        ("SNCFEnRetard", "SNCF En Retard"),
        ("stop_acme_now", "stop acme now"),
        ("Acme2026", "Acme 2026"),
        ("iPhone15", "iPhone 15"),
        ("McDonalds", "McDonalds"),
        ("ÉlectricitéDeFrance", "Électricité De France"),
        ("ACME", "ACME"),
        ("___", "___"),
        ("مقاطعة", "مقاطعة"),
    ],
)
def test_a_hashtag_is_split_where_its_spelling_tells(tag: str, words: str) -> None:
    assert hashtag_words(tag) == words


def test_what_only_looks_like_a_hashtag_stays() -> None:
    assert spelt_out("C# is a language, &#39; an entity, e.org/#top an anchor, # alone") == (
        "C# is a language, &#39; an entity, e.org/#top an anchor, # alone"
    )


@given(st.text())
def test_any_text_can_be_read_and_none_becomes_empty(raw: str) -> None:
    assert bool(read(raw)) == bool(plain_text(raw))
    own_lines(raw).encode("utf-8", "replace")


HOSTILE = 300_000
"""Characters: more than is read of any text."""
UNITS = [
    "a", "[quote]", "[/quote]", "[quote=", "<blockquote>", "</blockquote>", "<blockquote", "\n>", "&gt;", "\n-- ",
    "rt @a: ", "via @", "@", "#", "#A", "aB", "_", "http://", "on a wrote:\n", "\nsent from my ", "\u0301", "\u202e",
    "😡", "QUJD", "def f(x):\n    return x\n", "<p>", "жa漢", "\n", " ", "le ", "-", "<br", "<p ",
]  # fmt: skip


def test_hostile_texts_cost_no_more_than_a_bounded_multiple_of_a_plain_one() -> None:
    def cost(unit: str) -> float:
        raw = unit * (HOSTILE // len(unit))
        begin = process_time()
        read(raw)
        return process_time() - begin

    plain = min(cost("> the service was <b>awful</b>\nand nobody answers ") for _ in range(2))
    for unit in UNITS:
        assert cost(unit) < 10 * plain + 0.05 or cost(unit) < 10 * plain + 0.05, unit


MARKS = [
    ">",
    "--",
    "__",
    "&gt;",
    "&#62;",
    "<blockquote",
    "[quote",
    "\n",
    "Sent from my ",
    "envoyé de mon ",
    "a écrit :",
    "wrote:",
]
ENDS = [
    *MARKS,
    "via @jo",
    "H/T @jo",
    "Get Outlook for ",
    "x gesendet",
    "von meinem ",
    "inviato dal mio ",
    "enviado do meu ",
]
WORDS = [" ", "a", ".", "é", "iPhone", ")"]


@given(st.lists(st.sampled_from([*MARKS, *WORDS]), max_size=12))
def test_the_quick_look_for_quotes_misses_none(parts: list[str]) -> None:
    raw = "".join(parts)
    assert _perhaps_quoted(raw) or not _HINTS.search(raw)


@given(st.lists(st.sampled_from([*ENDS, *WORDS]), max_size=12))
def test_the_quick_look_for_signatures_misses_none(parts: list[str]) -> None:
    text = plain_text("I say: " + "".join(parts))
    assert _unsigned(text) == _VIA.sub("", _SENT_FROM.sub("", text)).rstrip()
