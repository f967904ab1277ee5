"""Which mentions are copies, which are not, and for how long that is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.understand import copies as copies_module
from buzzguard.understand.copies import RUN, WITHIN, Copies, CopyGroup, fingerprints
from buzzguard.understand.fold import fold

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
STORY = "Acme knew for months that its milk was spoiled and went on selling it to our children, boycott them now"


def placed(*texts: str, copies: Copies | None = None) -> list[CopyGroup]:
    copies = Copies() if copies is None else copies
    return [copies.place(str(n), fold(text), NOW + timedelta(minutes=n)) for n, text in enumerate(texts)]


def same(one: str, two: str) -> bool:
    first, second = placed(one, two)
    return first.key == second.key


@pytest.mark.parametrize(
    "copy",
    [
        STORY.upper(),
        f"@jo @al {STORY} https://t.co/abc",
        f"RT @jo: {STORY}",
        f"RT @jo: {STORY[:70]}…",
        f"{STORY[:75]}... https://t.co/xyz",
        f"Faites tourner ! {STORY}",
        f"{STORY} #shame (via Reuters)",
        STORY.replace("milk", "milk 🥛🤮").replace(",", " 😡"),
        STORY.replace("months", "mnoths").replace("spoiled", "spoild"),
        STORY.replace("children", "kids"),
        STORY.replace("for months that", "that for months"),
    ],
)
def test_an_edited_copy_is_found(copy: str) -> None:
    assert same(STORY, copy)
    assert same(copy, STORY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I am flying @united to Denver", "I am flying @jetblue to Boston"),
        (
            "I am flying with Julie from Denver to Boston on flight 1204 and it is delayed by 20 minutes",
            "I am flying with Julie from Denver to Boston on flight 377 and it is delayed by 45 minutes",
        ),
        (
            "Bonjour, ma commande n'est toujours pas arrivée à Lyon malgré la promesse de Julie, que faire ?",
            "Bonjour, ma commande n'est toujours pas arrivée à Brest malgré la promesse de Karim, que faire ?",
        ),
        (STORY, "Acme vient de rappeler son lait : il était tourné depuis des mois, et nos enfants en ont bu"),
        (STORY, "Acme had spoiled milk on its shelves for months, and our children drank it. Who answers for that?"),
        (STORY, f"They say “{STORY[:60]}” " + "but I have worked there and have seen how they check each batch " * 3),
        (
            "Montre Seiko chronographe SSC087P1 à énergie solaire, boîtier et bracelet en acier",
            "Montre Seiko chronographe SSC147P1 à énergie solaire, boîtier et bracelet en acier",
        ),
    ],
)
def test_another_text_is_no_copy(one: str, other: str) -> None:
    assert not same(one, other)


def test_short_texts_are_copies_only_when_they_are_the_same() -> None:
    assert same("Merci Acme !", "merci acme !")
    assert not same("Merci Acme !", "merci acme !!")
    assert same("😡😡", "😡😡") and not same("😡😡", "😡")


def test_a_group_tells_its_first_and_its_size() -> None:
    first, second, third = placed(STORY, STORY + " !!", "RT @x: " + STORY)
    assert first == CopyGroup(key=first.key, first="0", size=1, original=True)
    assert second == CopyGroup(key=first.key, first="0", size=2, original=False)
    assert (third.first, third.size) == ("0", 3)


def test_the_key_is_the_same_in_every_process() -> None:
    assert placed(STORY)[0].key == placed("@x " + STORY.upper())[0].key == 2120133126686017124


def test_the_first_is_the_one_published_first_even_when_it_arrives_late() -> None:
    copies = Copies()
    copies.place("repost", fold(STORY), NOW)
    late = copies.place("source", fold(STORY), NOW - timedelta(hours=3))
    assert (late.first, late.original) == ("source", True)
    assert copies.place("third", fold(STORY), NOW).first == "source"


def test_a_group_lives_as_long_as_it_is_copied_and_two_days_more() -> None:
    copies = Copies()
    for hours in (0, 40, 80):
        group = copies.place(str(hours), fold(STORY), NOW + timedelta(hours=hours))
    assert (group.first, group.size) == ("0", 3)
    copies.place("other", "something else altogether", NOW + timedelta(hours=129))
    assert copies.place("late", fold(STORY), NOW + timedelta(hours=129)).original
    assert len(copies) == 2


def test_memory_is_bounded_and_the_silent_go_first() -> None:
    copies = Copies(limit=50)
    for n in range(300):
        copies.place(str(n), f"text {n} {'abcdefgh'[n % 8] * 3} " + " ".join(str(n * k) for k in range(9)), NOW)
        copies.place(f"again {n}", fold(STORY), NOW + timedelta(minutes=n))
    assert len(copies) <= 51
    assert copies.place("x", fold(STORY), NOW).size == 301


def test_nothing_is_left_of_what_is_forgotten() -> None:
    copies = Copies()
    for n, text in enumerate([STORY, STORY.replace("children", "kids"), "short", "RT @x " + STORY[:70] + "…"]):
        copies.place(str(n), fold(text), NOW)
    copies.place("new", "new", NOW + timedelta(days=3))
    assert len(copies) == 1
    assert not copies._sharing and not copies._versions and len(copies._groups) == 1


def test_what_was_stored_rebuilds_the_groups() -> None:
    texts = [STORY, STORY.replace("children", "kids"), "Merci Acme !", STORY[:75] + "…", "merci acme !", STORY + " !!"]
    live = Copies()
    groups = placed(*texts, copies=live)
    again = Copies()
    for n, (text, group) in enumerate(zip(texts, groups, strict=True)):
        again.remember(str(n), fold(text), NOW + timedelta(minutes=n), key=group.key, first=group.first)
    later = [*texts, "@y " + STORY.replace("months", "mnoths"), "Adieu Acme"]
    assert placed(*later, copies=again) == placed(*later, copies=live)


def test_the_first_is_known_though_it_is_too_old_to_be_told_again() -> None:
    again = Copies()
    again.remember("7", fold(STORY), NOW, key=42, first="1")
    assert again.place("8", fold(STORY), NOW) == CopyGroup(key=42, first="1", size=2, original=False)


WORDS = st.lists(st.sampled_from(["acme", "milk", "spoiled", "children", "never", "again", "boycott", "months"]))


@given(st.lists(WORDS.map(" ".join), max_size=30))
@settings(deadline=None, max_examples=60)
def test_equal_streams_give_equal_groups_and_each_mention_counts_once(texts: list[str]) -> None:
    groups = placed(*texts)
    assert groups == placed(*texts)
    sizes: dict[int, int] = {}
    for group in groups:
        sizes[group.key] = sizes.get(group.key, 0) + 1
        assert group.size == sizes[group.key]
        assert group.original == (group.size == 1)


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=3), min_size=4, max_size=60), st.data())
def test_texts_with_a_run_of_words_in_common_share_a_fingerprint(words: list[str], data: st.DataObject) -> None:
    begin = data.draw(st.integers(0, len(words) - 4))
    wrapped = ["x1", "x2", *words[begin : begin + 4], "y1", "y2"]
    assert set(fingerprints(" ".join(words))) & set(fingerprints(" ".join(wrapped)))


@given(st.lists(st.text(), max_size=8))
@settings(deadline=None)
def test_any_text_has_its_place(texts: list[str]) -> None:
    assert len(placed(*texts)) == len(texts)


def test_hostile_texts_cost_no_more_than_plain_ones() -> None:
    def cost(unit: str) -> float:
        copies, begin = Copies(), process_time()
        for n in range(12):
            copies.place(str(n), fold((f"{n % 3} {unit * (9_000 // len(unit))}")[:10_000]), NOW)
        return process_time() - begin

    plain = min(cost("the service was awful and nobody answers ") for _ in range(2))
    for unit in ("a", "a b ", "ab ", "@", "rt @", "http://", "漢", "😡", "1 ", "...", "a1 b2 c3 "):
        assert cost(unit) < 20 * plain + 0.05


@given(st.lists(st.text("abé日", min_size=1, max_size=3), max_size=200))
def test_fingerprints_are_the_least_of_neighbouring_runs(words: list[str]) -> None:
    runs = [crc32(" ".join(words[n : n + RUN]).encode()) for n in range(len(words) - RUN + 1)]
    windows = (
        [runs[n : n + WITHIN] for n in range(len(runs) - WITHIN + 1)] if len(runs) > WITHIN else [[one] for one in runs]
    )
    assert fingerprints(" ".join(words)) == tuple(dict.fromkeys(min(window) for window in windows))[:160]


def test_texts_at_hand_are_few_and_leave_with_the_mention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies_module, "_AT_HAND", 300)
    copies = Copies()
    for n in range(9):
        placed(f"{STORY} for the {n}th time they said", copies=copies)
    ready = copies._at_hand
    assert ready._characters == sum(len(one.words) for one in ready._held.values()) <= 300
    copies.forget(frozenset(copies.held()))
    assert not ready._held
    assert ready._characters == 0
