"""Sites and links."""

from __future__ import annotations

import pytest

from buzzguard.collect.site import site_of, unwrapped, web_link


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.lemonde.fr/x", "lemonde.fr"),
        ("https://news.bbc.co.uk:443/x", "bbc.co.uk"),
        ("https://alice.blogspot.com/x", "alice.blogspot.com"),
        ("http://127.0.0.1:8080/", "127.0.0.1"),
        ("https://press.example/1", "press.example"),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_site_is_the_registrable_host(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("wrapped", "real"),
    [
        ("https://www.google.com/url?rct=j&url=https://a.example/x%3Fy%3D1&ct=ga", "https://a.example/x?y=1"),
        ("https://www.google.fr/url?q=https://a.example/", "https://a.example/"),
        ("https://google.com/url?url=javascript:alert(1)", "https://google.com/url?url=javascript:alert(1)"),
        (
            "https://google.evil.example/url?url=https://a.example/",
            "https://google.evil.example/url?url=https://a.example/",
        ),
        ("https://news.google.com/rss/articles/CBMi?oc=5", "https://news.google.com/rss/articles/CBMi?oc=5"),
    ],
)
def test_a_google_redirect_is_unwrapped_and_nothing_else(wrapped: str, real: str) -> None:
    assert unwrapped(wrapped) == real


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "http://[", "https:///x"])
def test_a_link_that_is_no_web_address_is_none(link: str) -> None:
    assert web_link(link, base="") == ""


def test_a_relative_link_is_completed() -> None:
    assert web_link(" /a ", base="https://press.example/feed/") == "https://press.example/a"
