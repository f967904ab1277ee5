"""Laws of text from outside: inert, whole, and cut between what a reader sees as characters."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver.escape import JOINER, clean, graphemes, link, mrkdwn, pieces, plain, truncate, units
from tests.deliver.block_kit import check_mrkdwn, utf16

HOSTILE = [
    "@here @channel @everyone",
    "<!channel> <!here|x> <!subteam^S012> <@U012> <#C012>",
    "*bold* _italic_ ~strike~ `code` ```block```",
    "> quote",
    "&gt; quote & &amp; &lt;",
    "<https://evil.example|https://bank.com>",
    "https://bank.com www.bank.com bank.com mailto:a@b.com",
    ":rotating_light: :+1: a:b:c",
    "\u202egnirts\u202c \u2066x\u2069 \u200f",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07 \x9b2J",
    "line\none\r\n\n\n\ntwo\u2028three\ttab",
    "Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307algo",
    "👨‍👩‍👧‍👦 🇫🇷 👍🏽 e\u0301 각",
    "שלום עולם <!here>",
    "\ud800 lone",
    "",
    "   ",
]
texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=80),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text("<>&|@#*_~`: \n.ab/\u202e\u200d", max_size=12))).map("".join),
)


def undone(escaped: str) -> str:
    """What a reader reads: entities and look-alikes read back, invisible joiners and isolates left out."""
    text = re.sub(f"[{JOINER}\u2068\u2069]", "", escaped)
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text.translate(str.maketrans("∗∼ˋˍ", "*~`_"))


def shown(text: str) -> str:
    """What there is to read in a text, with its look-alikes folded as `undone` folds them."""
    return clean(text).translate(str.maketrans("∗∼ˋˍ", "*~`_"))


@given(texts)
def test_nothing_that_can_be_read_is_lost(text: str) -> None:
    assert undone(mrkdwn(text)) == shown(text)


@given(texts)
def test_escaped_text_is_inert(text: str) -> None:
    escaped = mrkdwn(text)
    assert check_mrkdwn("text", escaped) == []
    assert not re.search(r"[<>*~`\n\r\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066\u2067\ud800-\udfff]", escaped)
    assert not re.search(r"[@#]\w", escaped)
    assert not re.search(r":[a-z0-9_+-]+:", escaped)
    assert not re.search(r"\w://|www\.|[a-z]\.[a-z]", escaped, re.IGNORECASE)
    assert not re.match(r"(\u2068)?&gt;", escaped)


@given(texts)
def test_an_underscore_stands_within_words_alone(text: str) -> None:
    assert not re.search(r"(?<![^\W_])_|_(?![^\W_])", mrkdwn(text))


@given(texts)
def test_plain_text_cannot_ping_either(text: str) -> None:
    assert not re.search(r"[<>]|[@#]\w|:[a-z0-9_+-]+:|[\x00-\x1f\u202a-\u202e]", plain(text))


@given(texts, st.integers(0, 60))
def test_a_cut_keeps_to_its_limit_and_between_pieces(text: str, limit: int) -> None:
    escaped = mrkdwn(text)
    cut = truncate(escaped, limit)
    assert utf16(cut) <= limit
    assert cut.count("\u2068") == cut.count("\u2069")
    assert check_mrkdwn("text", cut) == []
    if units(escaped) <= limit:
        assert cut == escaped
    elif limit:
        kept = cut.removesuffix("\u2069").removesuffix("…")
        assert kept in {"", *(whole.rstrip() for whole in accumulate(pieces(escaped)))}


@given(st.text(max_size=60))
def test_graphemes_and_pieces_lose_nothing(text: str) -> None:
    assert "".join(graphemes(text)) == text
    assert "".join(pieces(text)) == text
    assert units(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")) >= 0


@pytest.mark.parametrize("whole", ["👨‍👩‍👧‍👦", "🇫🇷", "👍🏽", "e\u0301", "각", "❤️", "1️⃣", "🏴\U000e0067\U000e007f", "नि"])
def test_one_character_to_a_reader_is_one_piece(whole: str) -> None:
    assert graphemes(whole) == [whole]
    assert graphemes(whole + "x" + whole) == [whole, "x", whole]
    assert truncate("ab" + whole * 40, 20).removesuffix("…").removeprefix("ab").replace(whole, "") == ""


def test_flags_in_a_row_are_cut_between_flags() -> None:
    assert graphemes("🇫🇷🇬🇧") == ["🇫🇷", "🇬🇧"]


@pytest.mark.parametrize(
    ("escaped", "limit", "cut"),
    [
        ("a &amp; b", 6, "a…"),
        ("a &amp; b", 9, "a &amp; b"),
        ("a &amp;&amp;", 10, "a &amp;…"),
        ("see <https://x.example|there> now", 20, "see…"),
        ("abc", 0, ""),
        ("abc", 1, "…"),
        ("one two", 6, "one…"),
    ],
)
def test_cuts(escaped: str, limit: int, cut: str) -> None:
    assert truncate(escaped, limit) == cut


def test_right_to_left_text_is_isolated_and_stays_so_when_cut() -> None:
    escaped = mrkdwn("שלום עולם טוב")
    assert escaped.startswith("\u2068") and escaped.endswith("\u2069")
    assert truncate(escaped, 9).endswith("…\u2069")


def test_terminal_codes_go_with_all_their_parameters() -> None:
    assert clean("a\x1b[31;1mb\x1b]0;title\x07c\x9b2Jd") == "abcd"


def test_typographic_spaces_stay_and_gaps_do_not() -> None:
    assert clean("64\u202f000\u00a0: x") == "64\u202f000\u00a0: x"
    assert clean("a \u00a0 \u00a0 b\n\n\nc") == "a b c"


def test_towers_of_marks_are_cut_to_size() -> None:
    tower = clean("Z" + "\u0301" * 500 + "x")
    assert sum(unicodedata.combining(char) > 0 for char in tower) == 4


# links


@pytest.mark.parametrize(
    ("url", "label", "shown"),
    [
        ("https://x.example/a", "02:54", "<https://x.example/a|02:54>"),
        ("https://x.example/a?b=1&c=2#d", "t", "<https://x.example/a?b=1&amp;c=2#d|t>"),
        ("https://x.example/a|b>c<d", "t", "<https://x.example/a%7Cb%3Ec%3Cd|t>"),
        ("HTTPS://X.example/\u00e9\u202e", "t", "<https://x.example/%C3%A9|t>"),
        ("https://x.example/a%20b", "t", "<https://x.example/a%20b|t>"),
        ("https://user:secret@x.example/", "t", "<https://x.example/|t>"),
        ("https://exämple.com/", "t", "<https://xn--exmple-cua.com/|t>"),
        ("http://[::1]:8080/a", "t", "<http://[::1]:8080/a|t>"),
        ("https://x.example/", "", "<https://x.example/|x\u2060.example>"),
        ("javascript:alert(1)", "t", "t"),
        ("data:text/html,x", "t", "t"),
        ("//x.example", "t", "t"),
        ("https://", "t", "t"),
        ("https://x.example:99999/", "t", "t"),
        ("https://[bad", "t", "t"),
        ("https://x.example/" + "a" * 2_000, "t", "t"),
        ("", "t", "t"),
    ],
)
def test_links(url: str, label: str, shown: str) -> None:
    assert link(url, label) == shown


@pytest.mark.parametrize("label", ["https://bank.com", "bank.com", "see www.bank.com now", "bank.com evil.example"])
def test_a_label_that_names_another_place_is_followed_by_the_real_host(label: str) -> None:
    assert link("https://evil.example/x", label).endswith(f" (evil{JOINER}.example)>")


def test_a_label_that_names_its_own_place_is_left_alone() -> None:
    assert "(" not in link("https://www.bank.com/x", "https://bank.com/x")


@given(texts, texts)
def test_every_link_is_one_safe_link_or_none(url: str, label: str) -> None:
    for address in (url, f"https://x.example/{url}", f"https://{url}"):
        assert check_mrkdwn("text", link(address, label)) == []
