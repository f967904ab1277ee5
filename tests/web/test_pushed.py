"""Whatever is pushed, parsing ends in mentions and named faults, never in another exception."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.web.pushed import BodyError, parse_body

NOW = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)

_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_keys = st.sampled_from(["id", "text", "title", "url", "published_at", "author", "metrics", "kind", "rating", "source"])


@given(st.binary(max_size=200), st.sampled_from(["application/json", "application/x-ndjson"]))
def test_any_bytes_are_mentions_faults_or_a_body_error(body: bytes, content_type: str) -> None:
    try:
        parse_body(body, content_type, now=NOW, most=100)
    except BodyError as error:
        assert str(error)


@given(st.lists(st.dictionaries(_keys, _values, max_size=6), min_size=1, max_size=5))
def test_every_record_is_either_a_mention_or_a_fault(records: list[dict[str, object]]) -> None:
    mentions, invalid = parse_body(msgspec.json.encode(records), "application/json", now=NOW, most=100)
    assert len(mentions) + len(invalid) == len(records)
    assert all(fault.reason for fault in invalid)


def test_mention_without_an_id_has_the_same_id_each_time() -> None:
    body = b'[{"text": "x", "url": "https://a.example/1"}]'
    first, _ = parse_body(body, "application/json", now=NOW, most=9)
    later, _ = parse_body(body, "application/json", now=datetime(2027, 1, 1, tzinfo=UTC), most=9)
    assert first[0].id == later[0].id


def test_mention_without_a_time_says_that_its_time_is_the_fetch_time() -> None:
    (mention,), _ = parse_body(b'{"text": "x"}', "application/json", now=NOW, most=9)
    assert (mention.published, mention.time_trusted) == (NOW, False)
