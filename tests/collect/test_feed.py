"""Documents → entries: formats, charsets, damage and attacks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.entry import Entry, NotAFeed
from buzzguard.collect.feed import parse_feed

RSS = """<?xml version="1.0" encoding="{charset}"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Conso</title><link>https://conso.example/</link><language>fr</language><ttl>15</ttl>
<item><title>{title}</title><link>https://conso.example/1</link><guid isPermaLink="false">cm-1</guid>
<pubDate>Sun, 22 Nov 2026 06:58:00 +0100</pubDate><dc:creator>Élodie Garnier</dc:creator>
<description>&lt;p&gt;Court&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>Trois clients affirment que la poignée fond…</p>]]></content:encoded></item>
</channel></rss>"""


def only(body: str | bytes, content_type: str = "application/xml") -> Entry:
    raw = body if isinstance(body, bytes) else body.encode()
    (entry,) = parse_feed(raw, content_type=content_type).entries
    return entry


def rss(title: str, charset: str = "utf-8") -> str:
    return RSS.format(title=title, charset=charset)


def test_an_rss_item_is_read_whole() -> None:
    parsed = parse_feed(rss("Surchauffe").encode(), content_type="application/rss+xml")
    (entry,) = parsed.entries
    assert (parsed.link, parsed.language, parsed.every_minutes) == ("https://conso.example/", "fr", 15)
    assert (entry.guid, entry.link, entry.author) == ("cm-1", "https://conso.example/1", "Élodie Garnier")
    assert entry.text == "<p>Trois clients affirment que la poignée fond…</p>"
    assert entry.published == "Sun, 22 Nov 2026 06:58:00 +0100"


def test_an_atom_entry_of_an_alert_is_read_whole() -> None:
    entry = only(
        """<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:google.com,2013:feed:1</id>
        <title type="html">&lt;b&gt;Lumio&lt;/b&gt; fond</title>
        <link rel="self" href="https://x.example/self"/><link href="https://www.google.com/url?url=https://a.example/1"/>
        <updated>2026-11-22T06:07:00Z</updated><published>2026-11-22T06:05:44Z</published>
        <content type="html">Trois clients…</content><author><name></name></author></entry></feed>"""
    )
    assert (entry.title, entry.published) == ("<b>Lumio</b> fond", "2026-11-22T06:05:44Z")
    assert entry.link == "https://www.google.com/url?url=https://a.example/1"


def test_a_video_brings_its_description() -> None:
    entry = only(
        """<feed xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom"><entry><id>yt:video:A</id>
        <title>J'ai testé</title><link rel="alternate" href="https://www.youtube.com/watch?v=A"/><media:group>
        <media:description>Elle chauffe, elle fond.</media:description></media:group></entry></feed>"""
    )
    assert entry.text == "Elle chauffe, elle fond."


def test_plain_text_with_a_less_than_sign_survives_the_cleaning_of_html() -> None:
    entry = only('<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>1 &lt; 2</title><id>1</id></entry></feed>')
    assert entry.title == "1 &lt; 2"


def test_an_aggregator_names_the_outlet() -> None:
    entry = only(rss("T").replace("</item>", '<source url="https://o.example">Outlet</source></item>'))
    assert (entry.outlet, entry.outlet_url) == ("Outlet", "https://o.example")


@pytest.mark.parametrize(
    ("written", "declared", "content_type"),
    [
        ("utf-8", "utf-8", "application/xml"),
        ("utf-8", "utf-8", "text/xml"),
        ("cp1252", "utf-8", "text/xml"),
        ("cp1252", "iso-8859-1", "application/xml"),
        ("cp1252", "utf-8", "application/xml; charset=windows-1252"),
        ("utf-8", "iso-8859-1", "application/xml; charset=iso-8859-1"),
        ("utf-8", "utf-16", "application/xml"),
        ("utf-8-sig", "windows-1252", "text/xml"),
        ("utf-16", "utf-16", "application/xml"),
        ("utf-16-le", "utf-16", "application/xml"),
        ("utf-16-be", "utf-16", "application/xml; charset=utf-8"),
        ("utf-32", "utf-32", "application/xml"),
        ("utf-8", "klingon", "text/xml; charset=punycode"),
    ],
)
def test_accents_survive_what_is_declared_and_what_is_sent(written: str, declared: str, content_type: str) -> None:
    body = rss("été, œuvre, l’€", declared).encode(written)
    assert only(body, content_type).title == "été, œuvre, l’€"


def test_single_bytes_of_windows_1252_among_utf_8_are_mended() -> None:
    body = rss("été MARK").encode().replace(b"MARK", b"\x9cuvre \x80")
    assert only(body).title == "été œuvre €"


def test_html_entities_that_xml_does_not_know_are_written_out() -> None:
    assert only(rss("Caf&eacute;&nbsp;AT&amp;T")).title.replace("&amp;", "&") == "Café\xa0AT&T"


def test_characters_that_xml_forbids_cost_only_themselves() -> None:
    assert only(rss("a\x00b\x0bc")).title == "abc"


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "<b>">  <!-- ] > --> <!ENTITY c "ha]>">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_are_never_expanded(doctype: str) -> None:
    body = rss("T &c; T").replace("?>", f"?>{doctype}", 1)
    title = only(body).title
    assert "ha" not in title
    assert "root:" not in title


@pytest.mark.parametrize("end", range(0, 900, 37))
def test_a_cut_feed_gives_whole_entries_or_none(end: int) -> None:
    items = "".join(f"<item><title>T{n}</title><description>all of {n}.</description></item>" for n in range(12))
    body = f'<rss version="2.0"><channel><title>C</title>{items}</channel></rss>'
    feed = parse_feed(body[: 60 + end].encode(), content_type="application/xml")
    assert [entry.text for entry in feed.entries] == [f"all of {n}." for n in range(len(feed.entries))]
    assert feed.cut == (60 + end < len(body))


def test_a_script_behind_the_end_is_no_cut() -> None:
    feed = parse_feed((rss("T") + "<script>track()</script>").encode(), content_type="application/xml")
    assert (len(feed.entries), feed.cut) == (1, False)


def test_of_a_feed_without_end_only_so_many_entries_are_read() -> None:
    items = "".join(f"<item><title>{n}</title></item>" for n in range(10_050))
    feed = parse_feed(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), content_type="application/xml")
    assert len(feed.entries) == 10_000
    assert "first 10000" in feed.note


def test_a_document_made_of_tags_alone_is_refused() -> None:
    with pytest.raises(NotAFeed, match="too many tags"):
        parse_feed(b'<rss version="2.0">' + b"<a>" * 600_000, content_type="application/xml")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"<html><head></head>", "a web page"),
        (b"<!DOCTYPE html><html><feed>", "a web page"),
        (b"<urlset><url/></urlset>", "neither RSS nor Atom"),
        (b"hello", "neither RSS nor Atom"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "JSON that is damaged"),
        (b'{"error": "no"}', "not a JSON Feed"),
        (b"[" * 100_000, "JSON that is damaged"),
    ],
)
def test_what_is_no_feed_is_told(body: bytes, told: str) -> None:
    with pytest.raises(NotAFeed, match=told):
        parse_feed(body, content_type="text/plain")


def test_a_body_that_names_a_file_is_not_opened() -> None:
    with pytest.raises(NotAFeed):
        parse_feed(b"/etc/passwd", content_type="application/xml")


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<rss>", b'<feed xmlns="x"><entry>', b"<?xml", b"{", b"\xff\xfe"])
)
def test_no_document_raises_anything_else(body: bytes, head: bytes) -> None:
    try:
        feed = parse_feed(head + body, content_type="application/xml")
    except NotAFeed:
        return
    assert all(isinstance(entry.title, str) for entry in feed.entries)
