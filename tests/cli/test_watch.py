"""`buzzguard watch`: what a curious person tries first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.cli import main
from buzzguard.cli.watch_places import Wish, database_of, document, places, read_places
from buzzguard.clock import SystemClock
from buzzguard.config.settings import Settings
from buzzguard.model import Language


def wished(
    language: Language = "fr", *, brand: str = "Acme", google_news: bool = True, contact: str = "a@b.fr"
) -> Wish:
    return Wish(brand=brand, language=language, google_news=google_news, contact=contact)


def watched(folder: Path, brand: str, told: object, *arguments: str) -> Result:
    (folder / "places.yml").write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
    options = ["--places", str(folder / "places.yml"), "--database", str(folder / "w.db"), "--allow", "localhost"]
    return CliRunner().invoke(main, ["watch", brand, *options, "--for", "3s", *arguments])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_shipped_place_is_one_that_the_program_can_read(language: Language) -> None:
    found = places(read_places(None), wished(language))
    assert [place.name for place in found if place.why_not] == []
    settings = Settings.model_validate(document(wished(language), found, database=Path("/x/w.db")))
    for stream in settings.streams.values():
        plugins.settings_model("source", stream.source).model_validate(stream.settings)
    assert {
        "bluesky",
        "mastodon",
        "hackernews",
        "lemmy",
        "wikipedia",
        "gdelt",
        "google-news",
    } <= settings.streams.keys()


def test_what_has_terms_or_asks_for_a_contact_is_left_out_unless_asked_for() -> None:
    found = {one.name: one for one in places(read_places(None), wished(google_news=False, contact=""))}
    assert (found["google-news"].why_not, found["wikipedia"].why_not) == ("google-news", "contact")
    (asked,) = (one for one in places(read_places(None), wished(brand="L'Oréal & Cie")) if one.name == "google-news")
    assert asked.settings["url"] == "https://news.google.com/rss/search?q=%22L%27Or%C3%A9al+%26+Cie%22"


def test_feeds_of_another_language_are_not_read() -> None:
    french = {one.name for one in places(read_places(None), wished("fr"))}
    english = {one.name for one in places(read_places(None), wished("en"))}
    assert "le-monde" in french - english
    assert "bbc" in english - french


def test_a_brand_is_watched_and_what_answers_is_told(tmp_path: Path, httpserver: HTTPServer) -> None:
    at = f"{SystemClock().now() - timedelta(minutes=1):%a, %d %b %Y %H:%M:%S} GMT"
    items = "".join(
        f"<item><guid>{n}</guid><title>{said}</title><pubDate>{at}</pubDate></item>"
        for n, said in enumerate(["Acme burns", "Other things", "acme again"])
    )
    feed = f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
    httpserver.expect_request("/feed").respond_with_data(feed, content_type="application/rss+xml")
    httpserver.expect_request("/broken").respond_with_data("no", status=503)
    told = {
        "good": {"source": "rss", "title": "The Good", "url": httpserver.url_for("/feed"), "every": "1s"},
        "broken": {"source": "rss", "title": "The Bad", "url": httpserver.url_for("/broken"), "every": "1s"},
        "absent": {"source": "no-such-place", "title": "The Ugly"},
    }
    result = watched(tmp_path, "Acme", told, "--lang", "fr")
    assert result.exit_code == 0, result.output
    assert "Veille sur Acme (requête\u00a0: Acme)" in result.output
    assert "Lit, sans aucune clé\u00a0: The Good, The Bad" in result.output
    assert "The Ugly\u00a0: cette installation n’a pas cette source" in result.output
    assert str(tmp_path / "w.db") in result.output
    assert "buzzguard init" in result.output
    assert "✓ The Good répond" in result.output
    assert "✗ The Bad ne répond pas\u00a0: 503" in result.output
    assert "Arrêté. 2 mentions de Acme sont connues." in result.output
    assert (tmp_path / "w.db").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("brand", ["", "  ", "x" * 101, "a\x1b[31mb", "!!"])
def test_what_is_no_name_is_refused_in_words(tmp_path: Path, brand: str) -> None:
    result = watched(tmp_path, brand, {"good": {"source": "rss", "url": "http://localhost/"}})
    assert result.exit_code == 1
    assert "cannot be watched" in result.output
    assert "\x1b" not in result.output


def test_the_cache_belongs_to_the_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = database_of("L’Oréal Paris")
    assert path == tmp_path / "buzzguard" / "watch-l-oreal-paris.db"
    assert path.parent.stat().st_mode & 0o077 == 0
