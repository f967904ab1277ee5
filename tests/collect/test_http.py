"""The door to the network: bounded, guarded, polite."""

from __future__ import annotations

import asyncio
import gzip
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.collect.http import HttpClient, Unwelcome, same_party, shown_url
from buzzguard.config.settings import NetworkSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from tests.collect.servers import fixed, raw_server

SOON = timedelta(milliseconds=300)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost",)))
    yield client
    await client.close()
    await client.close()


async def test_an_answer_comes_with_status_headers_and_body(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/feed").respond_with_data("hello", status=404, headers={"X-Told": "yes"})
    answer = await http.get(httpserver.url_for("/feed"))
    assert (answer.status, answer.body, answer.headers["x-told"]) == (404, b"hello", "yes")


async def test_a_private_address_is_refused_with_the_way_to_permit_it(httpserver: HTTPServer) -> None:
    client = HttpClient(NetworkSettings())
    with pytest.raises(SourceRefused, match=r"network\.allow"):
        await client.get(httpserver.url_for("/"))
    await client.close()


async def test_a_redirect_to_a_private_address_is_refused(httpserver: HTTPServer, http: HttpClient) -> None:
    port = httpserver.port
    httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": f"http://127.0.0.1:{port}/x"})
    with pytest.raises(SourceRefused, match=r"127\.0\.0\.1"):
        await http.get(httpserver.url_for("/"))


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "http://169.254.169.254/latest/"])
async def test_a_redirect_to_elsewhere_is_refused(httpserver: HTTPServer, http: HttpClient, target: str) -> None:
    httpserver.expect_request("/").respond_with_data("", status=302, headers={"Location": target})
    with pytest.raises(SourceRefused):
        await http.get(httpserver.url_for("/"))


async def test_redirects_are_followed_and_told(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=301, headers={"Location": "/b"})
    httpserver.expect_request("/b").respond_with_data("", status=302, headers={"Location": "c"})
    httpserver.expect_request("/c").respond_with_data("there")
    answer = await http.get(httpserver.url_for("/a"))
    assert answer.body == b"there"
    assert answer.redirects == ((301, httpserver.url_for("/b")), (302, httpserver.url_for("/c")))


async def test_a_circle_of_redirects_ends(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": "/a"})
    with pytest.raises(SourceUnavailable, match="redirects"):
        await http.get(httpserver.url_for("/a"))


async def test_secrets_do_not_follow_a_redirect_to_another_host(httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def record(request: Request) -> Response:
        seen.append(request)
        return Response("ok")

    other = f"http://127.0.0.1:{httpserver.port}/other"
    httpserver.expect_request("/a").respond_with_data("", status=302, headers={"Location": other})
    httpserver.expect_request("/other").respond_with_handler(record)
    client = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    headers = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "If-None-Match": '"v1"'}
    await client.get(httpserver.url_for("/a"), headers=headers)
    await client.close()
    assert "s3cret" not in str(seen[0].headers)
    assert seen[0].headers["If-None-Match"] == '"v1"'


async def test_cookies_are_not_kept(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/").respond_with_data("", headers={"Set-Cookie": "id=1"})
    await http.get(httpserver.url_for("/"))
    await http.get(httpserver.url_for("/"))
    assert "Cookie" not in httpserver.log[-1][0].headers


async def test_the_server_hears_the_name_that_was_asked_for(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/").respond_with_data("")
    await http.get(httpserver.url_for("/"))
    assert httpserver.log[0][0].headers["Host"] == f"localhost:{httpserver.port}"
    assert httpserver.log[0][0].headers["User-Agent"].startswith("BuzzGuard/")


async def test_a_packed_answer_is_unpacked(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/").respond_with_data(gzip.compress(b"hello"), headers={"Content-Encoding": "gzip"})
    assert (await http.get(httpserver.url_for("/"))).body == b"hello"


@pytest.mark.parametrize(
    ("body", "headers"),
    [(bytes(200_000), {}), (gzip.compress(bytes(50_000_000)), {"Content-Encoding": "gzip"})],
    ids=["huge", "bomb"],
)
async def test_a_body_beyond_the_cap_is_refused(
    httpserver: HTTPServer, http: HttpClient, body: bytes, headers: dict[str, str]
) -> None:
    httpserver.expect_request("/").respond_with_data(body, headers=headers)
    with pytest.raises(SourceRefused, match="larger than"):
        await http.get(httpserver.url_for("/"), max_bytes=100_000)


async def test_a_body_that_drips_is_given_up_in_time(http: HttpClient) -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with raw_server(drip) as url:
        with pytest.raises(SourceUnavailable, match="too long"):
            await http.get(url, timeout=SOON)


async def test_a_server_that_says_nothing_is_given_up_in_time(http: HttpClient) -> None:
    async def stall(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw_server(stall) as url:
        with pytest.raises(SourceUnavailable, match="too long"):
            await http.get(url, timeout=SOON)


async def test_a_body_that_breaks_off_is_kept_and_marked(http: HttpClient) -> None:
    async with raw_server(fixed("HTTP/1.1 200 OK\nContent-Length: 1000", b"<rss>")) as url:
        answer = await http.get(url)
    assert (answer.body, answer.truncated) == (b"<rss>", True)


async def test_a_packed_body_that_breaks_off_is_kept_and_marked(http: HttpClient) -> None:
    packed = gzip.compress(b"<rss>" * 5_000)[:-12]
    head = f"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Length: {len(packed)}"
    async with raw_server(fixed(head, packed)) as url:
        answer = await http.get(url)
    assert answer.truncated
    assert answer.body.startswith(b"<rss>")


@pytest.mark.parametrize(
    "head", ["garbage", "HTTP/1.1 999999 no", "HTTP/1.1 200 OK\nContent-Length: 5\nContent-Length: 6"]
)
async def test_what_is_no_http_is_passing_trouble(http: HttpClient, head: str) -> None:
    async with raw_server(fixed(head, b"xxxxx")) as url:
        with pytest.raises(SourceUnavailable):
            await http.get(url)


async def test_nobody_listening_is_passing_trouble(http: HttpClient) -> None:
    async with raw_server(fixed("")) as url:
        pass
    with pytest.raises(SourceUnavailable, match="no connection"):
        await http.get(url)


@pytest.mark.parametrize(
    "url", ["ftp://x/", "http://", "//x", "http://x:99999/", "http://" + "a" * 9_000, "http://[", "http://\x00/"]
)
async def test_an_address_that_cannot_be_asked_is_refused(http: HttpClient, url: str) -> None:
    with pytest.raises((SourceRefused, SourceUnavailable)):
        await http.get(url)


async def test_two_requests_at_most_run_on_one_host(http: HttpClient) -> None:
    running, most = 0, 0

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.02)
        running -= 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    async with raw_server(count) as url:
        await asyncio.gather(*(http.get(url, timeout=timedelta(milliseconds=900)) for _ in range(8)))
    assert most == 2


async def test_waiting_for_a_turn_does_not_count_as_slowness(http: HttpClient) -> None:
    async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")

    async with raw_server(slow) as url:
        answers = await asyncio.gather(*(http.get(url, timeout=SOON) for _ in range(8)))
    assert len(answers) == 8


async def test_a_validator_comes_back_byte_for_byte(httpserver: HTTPServer, http: HttpClient) -> None:
    seen: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b'HTTP/1.1 200 OK\r\nETag: W/"\xe9t\xc3\xa9"\r\nContent-Length: 1\r\n\r\nx')

    async with raw_server(echo) as url:
        etag = (await http.get(url)).headers["etag"]

    async def listen(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 304 Not Modified\r\n\r\n")

    httpserver.expect_request("/").respond_with_data("")
    await http.get(httpserver.url_for("/"), headers={"If-None-Match": etag})
    seen.append(httpserver.log[0][0].environ["HTTP_IF_NONE_MATCH"].encode("latin-1"))
    assert seen == [b'W/"\xe9t\xc3\xa9"']


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pass@x.example/a?token=s3cret&q=1#frag", "https://x.example/a?token=…&q=…"),
        ("https://x.example/feed.xml", "https://x.example/feed.xml"),
        ("http://[", "(an address that cannot be read)"),
    ],
)
def test_a_shown_address_holds_no_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://x.example/a", "https://x.example/b", True),
        ("https://x.example/a", "http://x.example/a", False),
        ("https://x.example/a", "https://y.example/a", False),
        ("http://x.example:8080/a", "https://x.example/a", False),
        ("https://x.example/a", "https://x.example:443/a", True),
    ],
)
def test_secrets_go_to_the_same_party_or_to_its_encrypted_form(one: str, other: str, same: bool) -> None:
    assert same_party(one, other) is same


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A self-signed certificate for localhost, with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl to make a certificate")
    pem = tmp_path / "localhost.pem"
    options = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {pem} -out {pem}.crt"
    subprocess.run(
        [openssl, *options.split(), "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True
    )
    pem.write_bytes(pem.read_bytes() + Path(f"{pem}.crt").read_bytes())
    return pem


@asynccontextmanager
async def encrypted_server(certificate: Path) -> AsyncIterator[str]:
    """Answers over TLS with the name that the client asked for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    names: list[str] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name or "")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = names[-1].encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    yield f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    server.close()
    await server.wait_closed()


async def test_a_certificate_is_held_against_the_name_though_an_address_is_dialled(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", f"{certificate}.crt")
    client = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    async with encrypted_server(certificate) as url:
        assert (await client.get(url)).body == b"localhost"
        with pytest.raises(SourceUnavailable, match="certificate is not trusted"):
            await client.get(url.replace("localhost", "127.0.0.1"))
    await client.close()


async def test_an_unknown_certificate_is_told(certificate: Path, http: HttpClient) -> None:
    async with encrypted_server(certificate) as url:
        with pytest.raises(SourceUnavailable, match="certificate is not trusted"):
            await http.get(url)


async def test_a_proxy_is_given_the_name_and_only_names_that_may_be_public(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(proxy, "127.0.0.1", 0)
    monkeypatch.setenv("PROXY", f"http://u:s3cret@127.0.0.1:{server.sockets[0].getsockname()[1]}")
    client = HttpClient(NetworkSettings.model_validate({"proxy": {"env": "PROXY"}}))
    assert (await client.get("http://feed.invalid/x")).body == b"hi"
    assert heard[0].startswith(b"GET http://feed.invalid/x HTTP/1.1\r\n")
    with pytest.raises(SourceRefused):
        await client.get("http://localhost/x")
    await client.close()
    server.close()
    await server.wait_closed()


async def test_a_form_is_posted_and_the_answer_read(httpserver: HTTPServer, http: HttpClient) -> None:
    def echo(request: Request) -> Response:
        return Response(request.get_data() + b"|" + str(request.content_type).encode(), 201)

    httpserver.expect_request("/token", method="POST").respond_with_handler(echo)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await http.post(httpserver.url_for("/token"), b"grant_type=x", headers=headers)
    assert (answer.status, answer.body) == (201, b"grant_type=x|application/x-www-form-urlencoded")


async def test_what_is_posted_goes_to_no_other_place(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/token").respond_with_data("", status=307, headers={"Location": "/elsewhere"})
    answer = await http.post(httpserver.url_for("/token"), b"secret=1")
    assert answer.status == 307
    assert [request.path for request, _ in httpserver.log] == ["/token"]


async def test_an_endless_answer_is_read_piece_by_piece(http: HttpClient) -> None:
    async def endless(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for number in range(3):
            writer.write(f"data: {number}\n\n".encode())
            await writer.drain()
        await asyncio.sleep(10)

    async with raw_server(endless) as url, http.stream(url, quiet=SOON) as pieces:
        read = b""
        with pytest.raises(SourceUnavailable, match="nothing came"):
            async for piece in pieces:
                read += piece
    assert read == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"


async def test_an_endless_answer_that_is_refused_says_why(httpserver: HTTPServer, http: HttpClient) -> None:
    httpserver.expect_request("/stream").respond_with_data('{"error": "no"}', status=401)
    with pytest.raises(Unwelcome, match="401") as raised:
        async with http.stream(httpserver.url_for("/stream")):
            pass
    assert raised.value.answer.body == b'{"error": "no"}'
