"""What JSON answers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.errors import SourceError, SourceGone, SourceRefused, SourceUnavailable
from buzzguard.model import EXCERPT

NOW = datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)


def answer(body: bytes, status: int = 200, *, truncated: bool = False, **headers: str) -> Answer:
    named = {"content-type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers=named, body=body, url="https://api.example/v1?token=hush", truncated=truncated)


def test_a_document_is_read() -> None:
    assert read_json(answer(b'{"a": [1, "\xc3\xa9"]}'), NOW) == {"a": [1, "é"]}


def test_a_mark_and_raw_control_characters_are_borne() -> None:
    assert read_json(answer(b'\xef\xbb\xbf{"a": "x\x01y"}'), NOW) == {"a": "x y"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer(b"<!doctype html><p>hello", content_type="text/html"), "web page"),
        (answer(b"<html>just a moment...</html>", content_type="text/html"), "challenge page"),
        (answer(b'{"a": ', truncated=True), "connection broke"),
        (answer(b'{"a": '), "not JSON"),
        (answer(b""), "empty answer"),
        (answer(b"[" * 100_000), "not JSON"),
        (answer(b'{"error": "x"}', 502), "502"),
    ],
)
def test_what_is_no_document_is_passing_trouble_without_secrets(given: Answer, told: str) -> None:
    with pytest.raises(SourceUnavailable, match=told) as raised:
        read_json(given, NOW)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(("status", "kind"), [(401, SourceRefused), (403, SourceRefused), (410, SourceGone)])
def test_what_lasts_is_refused(status: int, kind: type[SourceError]) -> None:
    with pytest.raises(kind, match=str(status)):
        read_json(answer(b"{}", status), NOW)


def test_a_limit_is_waited_for_in_the_service_s_spelling() -> None:
    with pytest.raises(SourceUnavailable) as raised:
        read_json(answer(b"{}", 429, x_ratelimit_remaining="0", x_ratelimit_reset="60"), NOW)
    assert raised.value.retry_after == timedelta(seconds=60)


def test_a_service_explains_itself_first_also_under_200() -> None:
    def explain(_: Answer, body: Any) -> SourceError | None:
        return SourceRefused("the key is wrong") if body and body.get("error") else None

    with pytest.raises(SourceRefused, match="the key is wrong"):
        read_json(answer(b'{"error": 1}'), NOW, explain=explain)
    assert read_json(answer(b'{"fine": 1}'), NOW, explain=explain) == {"fine": 1}


def test_bad_records_are_set_aside_with_their_reason_and_the_rest_goes_on() -> None:
    def build(record: Any) -> str | None:
        return None if record == {} else str(record["name"].upper())

    taken = take([{"name": "a"}, {}, {"x": 1}, {"name": None}, 7, {"name": "b"}], build, stream="s", now=NOW)
    assert taken.read == ["A", "B"]
    assert [one.reason for one in taken.quarantined] == [
        "'name' is missing",
        "'NoneType' object has no attribute 'upper'",
        "'int' object is not subscriptable",
    ]
    assert taken.quarantined[0].record == '{"x":1}'


def test_what_is_kept_of_a_bad_record_is_bounded() -> None:
    taken = take([{"x": "y" * 10**6}], lambda record: record["name"], stream="s", now=NOW)
    assert len(taken.quarantined[0].record) == EXCERPT


def test_a_list_is_found_or_told_to_be_missing() -> None:
    assert records_in({"data": {"items": [1]}}, "data", "items") == [1]
    assert records_in({"data": None}, "data", "items") == records_in({}, "data") == []
    wrong: tuple[Any, ...] = ([], {"data": 3})
    for body in wrong:
        with pytest.raises(SourceUnavailable, match="another shape"):
            records_in(body, "data", "items")
