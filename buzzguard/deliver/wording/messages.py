"""Words of messages that are neither Slack's nor the terminal's: mails, chat posts, tests."""

from __future__ import annotations

from buzzguard.model import Language, Record


class MessageWords(Record, frozen=True, kw_only=True):
    """What such messages say beside the card itself."""

    numbers: str
    shortened: str
    footer: str
    test_title: str
    test_reason: str


_WORDS: dict[Language, MessageWords] = {
    "en": MessageWords(
        numbers="The numbers",
        shortened="Shortened to what this place allows.",
        footer="Sent by BuzzGuard, which reads no answers.",
        test_title="Test by BuzzGuard",
        test_reason="this was a test; there is nothing to do.",
    ),
    "fr": MessageWords(
        numbers="Les chiffres",
        shortened="Abrégé à ce que ce service permet.",
        footer="Envoyé par BuzzGuard, qui ne lit pas les réponses.",
        test_title="Essai de BuzzGuard",
        test_reason="c’était un essai, il n’y a rien à faire.",
    ),
}


def message_words(language: Language) -> MessageWords:
    """The words of a language."""
    return _WORDS[language]
