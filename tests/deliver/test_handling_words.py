"""What people do with an incident is told in one sentence each, with all that its record knows and without."""

from __future__ import annotations

import pytest

from buzzguard.deliver import wording
from buzzguard.deliver.wording.handling import HANDLED
from buzzguard.deliver.wording.handling_words import handling_words
from buzzguard.model import AlarmReason, Cause, Language, StepState, Transition
from tests.deliver.samples import CLAIRE, sample_card, sample_transition

LANGUAGES: tuple[Language, ...] = ("en", "fr")
KNOWN: dict[Cause, dict[str, str]] = {
    Cause.GIVEN_BY_USER: {"department": "legal", "receivers": "counsel, board"},
    Cause.MERGED_BY_USER: {"into": "inc-2"},
    Cause.MERGED_IN: {"from": "inc-2"},
    Cause.SPLIT_BY_USER: {"into": "inc-2"},
    Cause.SPLIT_OFF: {"from": "inc-2"},
    Cause.PLAYBOOK_CHOSEN_BY_USER: {"playbook": "recall"},
    Cause.STEP_MARKED_BY_USER: {"state": "skipped", "text_en": "Call quality", "text_fr": "Appeler la qualité"},
    Cause.STEPS_LATE: {
        "count": "2",
        "text_en": "Call",
        "text_fr": "Appeler",
        "owner_en": "risk",
        "owner_fr": "risques",
    },
    Cause.DRAFTED_BY_USER: {"title": "First word", "awaits": "legal"},
    Cause.DRAFT_APPROVED_BY_USER: {"title": "First word", "department": "legal", "awaits": "management"},
    Cause.APPROVAL_LATE: {"title": "First word", "awaits": "legal"},
    Cause.ROOM_OPENED_BY_USER: {"room": "#crisis-lumio"},
}


def news(cause: Cause, detail: dict[str, str] | None = None, reason: str = "") -> Transition:
    made = sample_transition(cause, reason=reason)
    return Transition(
        **{name: getattr(made, name) for name in made.__struct_fields__} | {"detail": detail or {}, "who": CLAIRE}
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", HANDLED)
def test_every_cause_is_a_sentence_with_and_without_what_is_known(cause: Cause, language: Language) -> None:
    card = sample_card(language=language)
    for detail in ({}, KNOWN.get(cause, {})):
        told = wording.news_line(news(cause, detail), card)
        assert not told[0].islower()
        assert "{" not in told
        assert "  " not in told


@pytest.mark.parametrize(
    ("cause", "detail", "en", "fr"),
    [
        (
            Cause.GIVEN_BY_USER,
            {"department": "legal", "receivers": "counsel"},
            "Claire Morel gave the incident to legal. counsel is told now.",
            "Claire Morel a confié l’incident à : juridique. counsel est prévenu maintenant.",
        ),
        (
            Cause.MERGED_BY_USER,
            {"into": "inc-2"},
            "Claire Morel made this incident part of inc-2: it goes on there.",
            "Claire Morel a réuni cet incident à inc-2 : la suite s’y trouve.",
        ),
        (
            Cause.DRAFT_APPROVED_BY_USER,
            {"title": "First word", "department": "legal", "awaits": "management"},
            "Claire Morel approved “First word” for legal. It waits for the approval of management.",
            "Claire Morel a validé « First word » (juridique). Validation attendue : direction.",
        ),
        (
            Cause.DRAFT_APPROVED_BY_USER,
            {"title": "First word", "department": "management"},
            "Claire Morel approved “First word” for management. It has every approval and may be published.",
            "Claire Morel a validé « First word » (direction). Il a toutes les validations et peut être publié.",
        ),
        (
            Cause.STEP_MARKED_BY_USER,
            {
                "state": "done",
                "text_en": "Call",
                "told": "stage",
                "stage_en": "First hour",
                "stage_fr": "Première heure",
            },
            "Claire Morel did “Call”. “First hour” is through.",
            "Claire Morel a fait : « Call ». « Première heure » est terminé.",
        ),
    ],
)
def test_what_is_known_is_told(cause: Cause, detail: dict[str, str], en: str, fr: str) -> None:
    spoken = {
        language: wording.news_line(news(cause, detail), sample_card(language=language)) for language in LANGUAGES
    }
    assert spoken["en"] == en
    assert spoken["fr"].replace("\u00a0", " ") == fr


def test_a_false_alarm_says_which_sort() -> None:
    told = wording.news_line(news(Cause.FALSE_ALARM_BY_USER, {"why": "homonym"}), sample_card())
    assert told.endswith("The incident is closed. Somebody else of that name.")
    plain = wording.news_line(news(Cause.FALSE_ALARM_BY_USER, {"why": "no such reason"}), sample_card())
    assert plain.endswith("The incident is closed.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_has_its_word(language: Language) -> None:
    words = handling_words(language)
    assert words.alarm.keys() == set(AlarmReason)
    assert words.step.keys() == set(StepState)
    assert words.held.keys() == {"quiet_hours", "capped", "grouping"}


def test_a_count_that_is_none_is_taken_for_one() -> None:
    told = wording.news_line(news(Cause.STEPS_LATE, {"count": "9" * 50, "text_en": "Call"}), sample_card())
    assert told == "A step of the playbook is late: Call"
