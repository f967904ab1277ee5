"""What counts as seen before, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.model import Author, Mention, MentionKind
from buzzguard.understand.repeats import _PERSONAL, CHANCE_LENGTH, Repeats, shared_text

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG = CHANCE_LENGTH


def post(
    id: str, *, url: str = "", author: str = "", kind: MentionKind = MentionKind.POST, hours: float = 0
) -> Mention:
    at = NOW + timedelta(hours=hours)
    return Mention(
        id=id, stream="s", source="rss", published=at, fetched=at, text="t", url=url, kind=kind,
        site="e.org", author=Author(handle=author),
    )  # fmt: skip


def takes(*mentions: tuple[Mention, int], length: int = LONG) -> list[bool]:
    repeats = Repeats()
    return [repeats.take(mention, repeat_key=key, length=length) for mention, key in mentions]


def test_the_same_id_is_a_repeat() -> None:
    assert takes((post("1"), 1), (post("1", author="x"), 2)) == [True, False]


def test_the_same_text_by_the_same_author_is_a_repeat_but_not_by_another() -> None:
    assert takes((post("1", author="a"), 7), (post("2", author="a"), 7), (post("3", author="b"), 7)) == [
        True,
        False,
        True,
    ]


def test_one_handle_on_two_sources_is_two_authors() -> None:
    assert takes((post("1", author="a"), 7), (replace(post("2", author="a"), source="x"), 7)) == [True, True]


def test_anonymous_copies_on_one_site_are_repeats_when_they_are_long() -> None:
    assert takes((post("1"), 7), (post("2"), 7), (replace(post("3"), site="other.org"), 7)) == [True, False, True]
    assert takes((post("1"), 7), (post("2"), 7), length=LONG - 1) == [True, True]


def test_mentions_without_words_are_told_apart_by_their_id() -> None:
    assert takes((post("1", author="a"), 7), (post("2", author="a"), 7), length=0) == [True, True]


def test_an_article_at_the_same_address_is_a_repeat() -> None:
    first, edited = (post(id, url="https://e.org/a", kind=MentionKind.ARTICLE) for id in "12")
    assert takes((first, 1), (edited, 2)) == [True, False]


def test_reviews_and_posts_may_share_the_address_of_their_page() -> None:
    for kind in (MentionKind.REVIEW, MentionKind.COMMENT, MentionKind.POST):
        one, two = (post(id, url="https://e.org/shop", author=id, kind=kind) for id in "12")
        assert takes((one, 1), (two, 2)) == [True, True]
        assert takes((one, 1), (two, 1)) == [True, False]


def test_the_address_of_a_site_names_no_article() -> None:
    one, two = (post(id, url="https://e.org/", kind=MentionKind.ARTICLE) for id in "12")
    assert takes((one, 1), (two, 2)) == [True, True]


def test_two_days_later_by_event_time_it_counts_again() -> None:
    repeats = Repeats()
    assert repeats.take(post("1"), repeat_key=1, length=LONG)
    assert not repeats.take(post("1", hours=47), repeat_key=1, length=LONG)
    assert repeats.take(post("2", hours=49), repeat_key=2, length=LONG)
    assert repeats.take(post("1", hours=49), repeat_key=1, length=LONG)


def test_memory_is_bounded_and_the_oldest_goes_first() -> None:
    repeats = Repeats(limit=20)
    for index in range(100):
        repeats.take(post(str(index), hours=index / 100), repeat_key=index, length=LONG)
    assert len(repeats) == 20
    assert repeats.knows_id("99") and not repeats.knows_id("0")


def test_remembering_again_rebuilds_the_memory() -> None:
    mentions = [post(str(index), hours=index) for index in range(60)]
    live, again = Repeats(), Repeats()
    for index, mention in enumerate(mentions):
        live.take(mention, repeat_key=index, length=LONG)
    for index, mention in enumerate(mentions):
        again.remember(mention, repeat_key=index, length=LONG)
    assert [live.knows_id(one.id) for one in mentions] == [again.knows_id(one.id) for one in mentions]
    assert len(live) == len(again)


def test_copies_share_what_is_left_without_addresses_and_handles() -> None:
    text = "acme is selling us spoiled milk and knows it, stop buying"
    for copy in (
        f"{text} https://t.co/a1b2",
        f"@jo @ann.b@example.social {text}",
        f"rt @jo: {text} pic.twitter.com/xyz",
        f"{text} www.example.org/?u=7",
    ):
        assert shared_text(copy) == text
    assert shared_text(text) is text


def test_too_little_left_is_no_copy() -> None:
    for text in ("@acme shame! https://t.co/a", "https://t.co/a", "@a @b"):
        assert shared_text(text) == text


def test_hostile_texts_are_read_in_linear_time() -> None:
    for part in ("@", "rt @", "www.", "https://", "@a.", "pic.twitter.com/", ".com/"):
        assert shared_text(part * 20_000) is not None


@given(
    st.lists(
        st.sampled_from(["rt ", "@", "jo", ":", ".", "https://", "www.", "pic.twitter.com/", " ", "é"]), max_size=30
    )
)
def test_the_quick_patterns_leave_what_the_whole_one_does(parts: list[str]) -> None:
    text = "what they all have in common is the end of it " + "".join(parts)
    assert shared_text(text).split() == _PERSONAL.sub(" ", text).split()
