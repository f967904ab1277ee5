"""Google's tokens: given, renewed, refused; and what its APIs say of errors."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.collect.bearer import Bearer
from buzzguard.collect.google_tokens import consent, explain, service_account
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.config.secrets import Sealed, SecretError
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from tests.collect.opened import LOOPBACK
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.google import Tokens, account_file
from tests.collect.worlds.keys import private_key

SECRET, REFRESH = "GOCSPX-very-secret", "1//0refresh-token"


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(LOOPBACK)
    yield client
    await client.close()


def by_consent(http: HttpClient, address: str) -> Bearer:
    renew = consent(http, client_id="client", secret=Sealed(SECRET), refresh=Sealed(REFRESH), address=address)
    return Bearer(http, renew)


async def test_a_token_is_asked_for_once_an_hour(http: HttpClient, httpserver: HTTPServer) -> None:
    tokens = Tokens(httpserver, client=SECRET, refresh=REFRESH)
    httpserver.expect_request("/data").respond_with_json({})
    bearer = by_consent(http, tokens.address)
    for minutes in (0, 30, 58):
        await bearer.get(httpserver.url_for("/data"), NOW + timedelta(minutes=minutes))
    assert tokens.given == 1
    await bearer.get(httpserver.url_for("/data"), NOW + timedelta(minutes=59))
    assert tokens.given == 2


async def test_a_token_that_is_refused_is_renewed_once(http: HttpClient, httpserver: HTTPServer) -> None:
    tokens = Tokens(httpserver, client=SECRET, refresh=REFRESH)

    def data(request: Request) -> Response:
        return reply({}) if tokens.accepts(request) else reply({}, 401)

    httpserver.expect_request("/data").respond_with_handler(data)
    bearer = by_consent(http, tokens.address)
    await bearer.get(httpserver.url_for("/data"), NOW)
    tokens.given += 1  # somebody else got one: ours has ended
    assert (await bearer.get(httpserver.url_for("/data"), NOW)).status == 200
    httpserver.expect_request("/closed").respond_with_json({}, status=401)
    asked = len(httpserver.log)
    assert (await bearer.get(httpserver.url_for("/closed"), NOW)).status == 401
    assert len(httpserver.log) - asked == 3  # refused, renewed, refused


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "unauthorized_client", "odd"])
async def test_a_consent_that_has_ended_is_told(http: HttpClient, httpserver: HTTPServer, code: str) -> None:
    tokens = Tokens(httpserver, client=SECRET, refresh=REFRESH)
    tokens.error = code
    with pytest.raises(SourceRefused, match=f"400 {code}, the token was refused; .*give the consent again") as raised:
        await by_consent(http, tokens.address).get(httpserver.url_for("/data"), NOW)
    assert SECRET not in str(raised.value)
    assert REFRESH not in str(raised.value)


@pytest.mark.parametrize(
    "answer", [Response("busy", 503), reply({"error": "slow_down"}, 429), reply({}), reply({"access_token": 7})]
)
async def test_trouble_of_the_place_of_tokens_passes(
    http: HttpClient, httpserver: HTTPServer, answer: Response
) -> None:
    httpserver.expect_request("/token").respond_with_response(answer)
    with pytest.raises(SourceUnavailable):
        await by_consent(http, httpserver.url_for("/token")).get(httpserver.url_for("/data"), NOW)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("", "not the JSON file"),
        ("hunter2", "not the JSON file"),
        ('{"client_email": 7}', "not the JSON file"),
        ("[]", "not the JSON file"),
        ('{"client_email": "a@b.example"}', "holds no private_key"),
        ('{"client_email": "a@b.example", "private_key": "hunter2"}', "is not a private key"),
    ],
)
async def test_a_file_that_is_none_is_told_without_showing_it(http: HttpClient, file: str, said: str) -> None:
    with pytest.raises(SecretError, match=said) as raised:
        service_account(http, Sealed(file), scope="s")
    assert "hunter2" not in str(raised.value)
    assert raised.value.__cause__ is None


async def test_a_service_account_signs_for_its_token(http: HttpClient, httpserver: HTTPServer, tmp_path: Path) -> None:
    tokens = Tokens(httpserver, scope="the-scope")
    httpserver.expect_request("/data").respond_with_json({})
    file = Sealed(account_file(tmp_path, tokens.address).read_text("utf-8"))
    bearer = Bearer(http, service_account(http, file, scope="the-scope"))
    assert (await bearer.get(httpserver.url_for("/data"), NOW)).status == 200
    other = Bearer(http, service_account(http, file, scope="another"))
    with pytest.raises(SourceRefused, match="check the service account") as raised:
        await other.get(httpserver.url_for("/data"), NOW)
    assert private_key("RS256")[40:80] not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "error", "kind", "wait", "words"),
    [
        (429, {"status": "RESOURCE_EXHAUSTED"}, SourceUnavailable, timedelta(minutes=1), "asked too often"),
        (403, {"errors": [{"reason": "rateLimitExceeded"}]}, SourceUnavailable, timedelta(minutes=1), "too often"),
        (403, {"errors": [{"reason": "quotaExceeded"}]}, SourceUnavailable, timedelta(hours=1), "quota of the project"),
        (
            403,
            {"details": [{"reason": "SERVICE_DISABLED"}], "message": "API\nis off"},
            SourceRefused,
            None,
            "API is off",
        ),
        (401, {"status": "UNAUTHENTICATED"}, SourceRefused, None, "401, the token was refused; renew"),
        (404, {"message": "no such app"}, SourceRefused, None, "404, Google refuses: no such app"),
        (503, {}, SourceUnavailable, None, "503, Google has trouble: no reason told"),
        (200, {"message": "odd"}, SourceUnavailable, None, "200, Google has trouble"),
        (403, {"errors": 7, "details": [None, "x", {}]}, SourceRefused, None, "no reason told"),
        (401, None, SourceRefused, None, "the token was refused"),
    ],
)
def test_each_error_is_told_as_what_it_is(
    status: int, error: Any, kind: type[SourceError], wait: timedelta | None, words: str
) -> None:
    answer = Answer(status=status, headers={}, body=b"", url="https://g.example/")
    told = explain(answer, json.loads(json.dumps({"error": error})), now=NOW, how="renew it")
    assert type(told) is kind
    assert words in str(told)
    assert getattr(told, "retry_after", None) == wait


def test_no_error_is_none() -> None:
    answer = Answer(status=200, headers={}, body=b"", url="https://g.example/")
    assert explain(answer, {"reviews": []}, now=NOW, how="") is None
    assert explain(answer, None, now=NOW, how="") is None
