"""What ships is found."""

from __future__ import annotations

from buzzguard.config.shipped import shipped_rules


def test_the_rules_lie_with_their_playbooks_and_words() -> None:
    assert (shipped_rules() / "negative-surge.yml").is_file()
    assert (shipped_rules() / "playbooks").is_dir()
    assert (shipped_rules() / "words" / "gravity.yml").is_file()
