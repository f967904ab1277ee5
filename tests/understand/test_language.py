"""The cheap guess between English and French."""

from __future__ import annotations

import pytest

from buzzguard.understand.language import guess_language, language_code


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
