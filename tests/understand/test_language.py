"""The language of short texts, and of very short ones."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.understand.language import _UNTOLD, _UNTOLD_MAIL, Languages, guess_language, language_code


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The service was awful and nobody answers", "en"),
        ("never again @acme", "en"),
        ("Worst company ever", "en"),
        ("I love it", "en"),
        ("don't buy this", "en"),
        ("Le service client est nul", "fr"),
        ("C’est une honte !", "fr"),
        ("j'ai attendu 3 heures", "fr"),
        ("Plus jamais chez Acme", "fr"),
        ("Merci Acme", "fr"),
        ("Boycottons cette marque", "fr"),
        ("l'appli plante encore", "fr"),
        ("Die neue Version von Acme ist leider nicht besser geworden", ""),
        ("El servicio de Acme es muy malo y no lo recomiendo", ""),
        ("Il servizio clienti di Acme non risponde mai", ""),
        ("Não gostei do serviço da Acme", ""),
        ("perché è pregiudicato, c'è più gusto", ""),
        ("a maior jogadora que você respeita é ela", ""),
        ("Acme iPhone 15", ""),
        ("https://t.co/x 😡😡", ""),
        ("アクメはひどい", ""),
        ("", ""),
    ],
)
def test_short_texts(text: str, language: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("fr-FR", "fr"),
        ("EN_us", "en"),
        ("fra", "fr"),
        ("eng", "en"),
        ("de", "de"),
        ("und", ""),
        ("", ""),
        ("x<y", ""),
        ("French", "fr"),
    ],
)
def test_what_sources_call_a_language(given: str, code: str) -> None:
    assert language_code(given) == code


LANGUAGES = Languages()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The service was awful and nobody answers", "en"),
        ("Worst company ever", "en"),
        ("SHAME ON YOU ACME", "en"),
        ("C’est une honte !", "fr"),
        ("@acme bah bravo, ça fait 3 semaines que j'attends mon colis https://t.co/x", "fr"),
        ("Die neue Version von Acme ist leider nicht besser geworden", "de"),
        ("El servicio de Acme es muy malo y no lo recomiendo", "es"),
        ("Il servizio clienti di Acme non risponde mai", "it"),
        ("Não gostei do serviço da Acme, nunca mais compro", "pt"),
        ("خدمة العملاء سيئة جدا ولا أحد يرد", "ar"),
        ("Merci Acme", "fr"),
        ("De nieuwe winkel is helaas niet beter geworden, wat een schande", ""),
        ("アクメのサービスはひどい", ""),
        ("Acme iPhone 15", ""),
        ("https://t.co/x @acme 😡😡 12", ""),
        ("", ""),
    ],
)
def test_a_text_is_in_a_language_in_use_or_in_none(text: str, language: str) -> None:
    assert LANGUAGES.detect([text]) == [language]


def test_the_word_of_the_source_is_evidence_and_not_the_truth() -> None:
    def told(text: str, hint: str) -> str:
        return LANGUAGES.detect([text], [hint])[0]

    assert told("https://t.co/x 😡", "fr-FR") == "fr"
    assert told("Acme iPhone 15", "de") == "de"
    assert told("Le service client ne répond jamais, c'est une honte absolue", "en") == "fr"
    assert told("アクメのサービスはひどい", "ja") == "ja"
    assert told("Bonne mètt kheweul", "wo") == "wo"
    assert told("The service was awful and nobody answers", "nonsense!") == "en"


def test_only_languages_in_use_are_told() -> None:
    assert Languages(("en", "fr")).detect(["El servicio de Acme es muy malo y no lo recomiendo"]) == [""]
    assert Languages(("nl", "xx")).detect(["De nieuwe winkel is helaas niet beter geworden"]) == ["nl"]


@given(st.lists(st.text(max_size=40), max_size=20))
@settings(deadline=None, max_examples=60)
def test_a_language_does_not_depend_on_what_else_is_read(texts: list[str]) -> None:
    assert LANGUAGES.detect(texts) == [LANGUAGES.detect([text])[0] for text in texts]


def test_hostile_texts_cost_no_more_than_plain_ones() -> None:
    def cost(text: str) -> float:
        begin = process_time()
        LANGUAGES.detect([text] * 20)
        return process_time() - begin

    plain = min(cost("the service was awful and nobody answers " * 20_000) for _ in range(3))
    for unit in ("@", "@a.", "a@", "http", "www.", "_#", "😡", "\u0301", "\u202e", "0", "é", "漢"):
        assert min(cost(unit * (800_000 // len(unit))) for _ in range(3)) < 10 * plain + 0.01


@given(
    st.lists(
        st.sampled_from(["HTTP", "https://e.org", "www.e", "W", "rt @jo", "RT ", " @", "#", "7", "_", " ", "h", "é"])
    )
)
def test_without_addresses_of_mail_the_quick_pattern_finds_the_same(parts: list[str]) -> None:
    text = " ".join(parts)
    assert _UNTOLD.sub("|", text) == _UNTOLD_MAIL.sub("|", text)
