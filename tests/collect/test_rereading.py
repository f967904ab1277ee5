"""Reading the engagement of young mentions again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.rereading import AGES, YOUNG, Memory, reread
from buzzguard.model import Engagement, Mention

BORN = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def mention(name: str = "m", *, likes: int = 0, born: datetime = BORN) -> Mention:
    engagement = Engagement(likes=likes)
    return Mention(id=name, stream="s", source="x", published=born, fetched=born, text="t", engagement=engagement)


def test_a_mention_listed_for_the_first_time_is_remembered_not_told() -> None:
    told, memory = reread({}, [mention(likes=3)], BORN)
    assert told == ()
    assert len(memory) == 1


def test_numbers_that_changed_are_told_once_the_mention_is_old_enough() -> None:
    _, memory = reread({}, [mention()], BORN)
    too_soon, memory = reread(memory, [mention(likes=5)], BORN + AGES[0] / 2)
    told, memory = reread(memory, [mention(likes=9)], BORN + AGES[0])
    at_once, _ = reread(memory, [mention(likes=99)], BORN + AGES[0] + timedelta(minutes=1))
    assert too_soon == at_once == ()
    assert [(one.id, one.engagement.likes, one.at) for one in told] == [("m", 9, BORN + AGES[0])]


def test_numbers_that_stay_are_not_told() -> None:
    _, memory = reread({}, [mention(likes=3)], BORN)
    told, _ = reread(memory, [mention(likes=3)], BORN + AGES[2])
    assert told == ()


def test_a_mention_that_is_young_no_more_is_forgotten() -> None:
    _, memory = reread({}, [mention()], BORN)
    told, memory = reread(memory, [mention(likes=7)], BORN + YOUNG)
    assert told == ()
    assert memory == {}


def test_the_memory_keeps_the_latest_of_too_many() -> None:
    many = [mention(f"m{number}", born=BORN - timedelta(seconds=number)) for number in range(700)]
    _, memory = reread({}, many, BORN)
    assert len(memory) == 500
    told, _ = reread(memory, [mention("m0", likes=1)], BORN + AGES[0])
    assert [one.id for one in told] == ["m0"]


@given(st.lists(st.integers(0, 4 * 24 * 60), max_size=60))
def test_a_mention_is_told_at_most_once_at_each_age_however_it_is_polled(minutes: list[int]) -> None:
    memory: Memory = {}
    times = 0
    for number, minute in enumerate(sorted(minutes)):
        told, memory = reread(memory, [mention(likes=number)], BORN + timedelta(minutes=minute))
        times += len(told)
    assert times <= len(AGES)
