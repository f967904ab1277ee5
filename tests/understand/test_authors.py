"""Who speaks, and how far they are heard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from buzzguard.config.shipped import shipped_rules
from buzzguard.config.understanding import AccountSettings
from buzzguard.errors import ConfigError
from buzzguard.model import Author, Mention, MentionKind
from buzzguard.understand.authors import Accounts, Heard, Standing, heard_by, read_press

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = AccountSettings(
    ours=("@Acme", "mastodon:@press@acme.example"), excluded=("acme_bot",), press=("@lemonde", "milk-weekly.example")
)
ACCOUNTS = Accounts(SETTINGS, ["lefigaro.fr"])


def standing(handle: str = "", site: str = "", source: str = "x", kind: MentionKind = MentionKind.POST) -> Standing:
    mention = Mention(
        id="1", stream="s", source=source, published=NOW, fetched=NOW, text="t", site=site, kind=kind,
        author=Author(handle=handle),
    )  # fmt: skip
    return ACCOUNTS.facts(mention).standing


def test_accounts_are_known_whatever_their_spelling() -> None:
    assert standing("acme") is standing("@ACME") is Standing.OURS
    assert standing("acme_bot") is Standing.EXCLUDED
    assert standing("LeMonde") is Standing.PRESS
    assert standing("acme2") is standing("") is Standing.PUBLIC


def test_an_account_of_one_source_is_known_there_alone() -> None:
    assert standing("press@acme.example", source="mastodon") is Standing.OURS
    assert standing("press@acme.example", source="x") is Standing.PUBLIC


def test_the_press_is_known_by_its_sites_but_not_who_comments_there() -> None:
    assert standing(site="www.lefigaro.fr", kind=MentionKind.ARTICLE) is Standing.PRESS
    assert standing(site="sante.lefigaro.fr", kind=MentionKind.ARTICLE) is Standing.PRESS
    assert standing(site="milk-weekly.example") is Standing.PRESS
    assert standing(site="lefigaro.fr", kind=MentionKind.COMMENT) is Standing.PUBLIC
    assert standing(site="notlefigaro.fr") is standing(site="fr") is standing(site="lefigaro.fr.evil.example")
    assert standing(site="notlefigaro.fr") is Standing.PUBLIC


def test_a_new_account_is_one_opened_in_the_last_month() -> None:
    def new(age: timedelta | None) -> bool:
        author = Author(handle="jo", created=None if age is None else NOW - age)
        mention = Mention(id="1", stream="s", source="x", published=NOW, fetched=NOW, text="t", author=author)
        return ACCOUNTS.facts(mention).new

    assert new(timedelta(days=3))
    assert not new(timedelta(days=31)) and not new(None) and not new(timedelta(days=-1))


def test_reach_has_classes_and_the_press_is_heard() -> None:
    assert [heard_by(n) for n in (-5, 0, 999, 1_000, 10_000, 10**6)] == [
        Heard.SMALL, Heard.SMALL, Heard.SMALL, Heard.MEDIUM, Heard.LARGE, Heard.VERY_LARGE,
    ]  # fmt: skip
    article = Mention(id="1", stream="s", source="rss", published=NOW, fetched=NOW, text="t", site="lefigaro.fr")
    assert ACCOUNTS.facts(article).heard is Heard.LARGE
    assert ACCOUNTS.facts(article).counts


def test_the_shipped_press_is_sound() -> None:
    sites = read_press(shipped_rules() / "accounts" / "press.yml")
    assert len(sites) > 150
    assert {"lemonde.fr", "reuters.com", "bbc.co.uk"} <= set(sites)


def test_every_fault_of_a_press_file_is_told_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "press.yml"
    file.write_text("fr:\n  - lemonde.fr\n  - https://x.fr/a\nen: [localhost]\n")
    with pytest.raises(ConfigError) as caught:
        read_press(file)
    assert [(fault.line, fault.message) for fault in caught.value.faults] == [
        (3, "'https://x.fr/a' is no site"),
        (4, "'localhost' is no site"),
    ]
    file.write_text("de: []\n")
    with pytest.raises(ConfigError):
        read_press(file)
