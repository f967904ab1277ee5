"""Records of any shape: each becomes a mention, is passed over or is set aside; nothing else ever happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect import gdelt, hackernews, lemmy, stackexchange, wikipedia_changes
from buzzguard.collect.discourse_posts import Forum, is_gone, place_of, placed_until, read_post
from buzzguard.collect.http import HttpClient
from buzzguard.collect.json_api import take
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import StreamSettings
from buzzguard.model import Mention
from tests.collect.opened import LOOPBACK
from tests.collect.test_discourse import POST as FORUM_POST
from tests.collect.test_gdelt import ARTICLE
from tests.collect.test_hackernews import COMMENT as NEWS_COMMENT
from tests.collect.test_lemmy import COMMENT, POST
from tests.collect.test_stackexchange import QUESTION

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EDIT: dict[str, Any] = {
    "meta": {"dt": "2026-11-22T06:20:10Z", "domain": "fr.wikipedia.org"},
    "title": "Lumio",
    "comment": "x",
    "timestamp": 1795328410,
    "user": "u",
    "revision": {"old": 1, "new": 2},
    "server_url": "https://fr.wikipedia.org",
    "server_name": "fr.wikipedia.org",
    "wiki": "frwiki",
}
ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["http://[", "https://x.example:99999/", "\ud800", "9" * 400, "0000-00-00T99:99:99Z", "&#xFFFFFFF;"]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def spoilt(record: dict[str, Any], data: st.DataObject) -> Any:
    """The record with some of its fields, or of what they hold, replaced by anything."""
    changed = dict(record)
    for name in data.draw(st.lists(st.sampled_from(sorted(record)), max_size=3)):
        inner = changed[name]
        if isinstance(inner, dict) and inner and data.draw(st.booleans()):
            changed[name] = inner | {data.draw(st.sampled_from(sorted(inner))): data.draw(ODD)}
        else:
            changed[name] = data.draw(ODD)
    return data.draw(st.sampled_from([changed, changed, changed, changed, data.draw(ODD)]))


def forum(post: Any) -> Mention | None:
    is_gone(post)
    placed_until([post])
    take([post], place_of, stream="s", now=NOW)
    return read_post(post, {}, Forum("s", "https://forum.example", ""), known={}, now=NOW)


def search(kind: str) -> Callable[[Any], Mention | None]:
    common, tools = StreamSettings(source=kind), Tools(HttpClient(LOOPBACK))
    if kind == "hackernews":
        news = hackernews.HackerNewsSource
        return lambda hit: news("s", news.Settings(), common=common, tools=tools)._mention(hit, now=NOW)
    press = gdelt.GdeltSource
    return lambda one: press("s", press.Settings(), common=common, tools=tools)._mention(one, now=NOW)


READERS: dict[str, tuple[dict[str, Any], Callable[[Any], Mention | None]]] = {
    "hackernews": (NEWS_COMMENT, search("hackernews")),
    "lemmy post": (POST, lambda one: lemmy._read(one, "post", stream="s", language="", now=NOW)),
    "lemmy comment": (COMMENT, lambda one: lemmy._read(one, "comment", stream="s", language="", now=NOW)),
    "discourse": (FORUM_POST, forum),
    "stackexchange": (
        QUESTION,
        lambda one: stackexchange._read(one, "stackoverflow", stream="s", language="", now=NOW),
    ),
    "gdelt": (ARTICLE, search("gdelt")),
    "wikipedia_changes": (EDIT, lambda one: wikipedia_changes._read(one, stream="s", language="")),
}


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
def test_a_record_of_any_shape_costs_no_other(name: str, data: st.DataObject) -> None:
    whole, read = READERS[name]
    taken = take([spoilt(whole, data), whole], read, stream="s", now=NOW)
    assert isinstance(taken.read[-1], Mention)
    for mention in taken.read:
        assert mention.id
        assert not mention.url or mention.url.startswith(("http://", "https://"))
        assert mention.published.utcoffset() is not None
