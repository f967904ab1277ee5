"""CEL's complaints, also those that it never makes of a condition that we know."""

from __future__ import annotations

from buzzguard.decide.explain import problem_at, problems_of


def test_a_complaint_in_an_unknown_form_is_told_as_it_is() -> None:
    [problem] = problems_of("a > 1", "INTERNAL: the moon is full", "topic")
    assert problem.message == "the condition cannot be read: INTERNAL: the moon is full"


def test_a_place_outside_the_text_is_brought_into_it() -> None:
    [problem] = problems_of("a > 1", "ERROR: <input>:9:99: something odd.", "topic")
    assert (problem.offset, problem.line, problem.message) == (5, 1, "something odd")


def test_places_count_lines_and_columns_from_one() -> None:
    assert problem_at("ab\ncd", 4, "x")[1:4] == (4, 2, 2)
    assert problem_at("ab\ncd", 0, "x")[1:4] == (0, 1, 1)
