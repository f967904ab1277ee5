"""`buzzguard run` as systemd sees it: ready soon, stopped cleanly whatever hangs, honest about its troubles, silent
about secrets."""

from __future__ import annotations

import json
import resource
import socket
import sqlite3
import time
import urllib.parse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpserver import HTTPServer

from tests.running import INTAKE_TOKEN, Daemon, Feed, Systemd, settings, until, write
from tests.slack.strict_server import StrictSlack, block_actions, sign
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, SIGNING_SECRET

Start = Callable[..., Daemon]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts daemons; none of them outlives the test."""
    started: list[Daemon] = []

    def begin(path: Path, **environment: str) -> Daemon:
        started.append(Daemon(path, **environment))
        return started[-1]

    yield begin
    for daemon in started:
        daemon.kill()


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack() as running:
        yield running


@pytest.fixture
def feed(httpserver: HTTPServer) -> Feed:
    return Feed(httpserver)


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    opened = Systemd(tmp_path)
    yield opened
    opened.close()


def _rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{folder / 'buzzguard.db'}?mode=ro", uri=True, timeout=10)
    try:
        return list(connection.execute(query))
    finally:
        connection.close()


def test_a_feed_becomes_an_alert_in_slack_and_systemd_hears_of_every_turn(
    tmp_path: Path, feed: Feed, slack: StrictSlack, systemd: Systemd, start: Start
) -> None:
    path = write(tmp_path, settings(feed=feed.url, slack=slack.base_url))
    began = time.monotonic()
    daemon = start(path, NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="600000")
    assert systemd.heard() == {"READY": "1", "STATUS": "watching 1 topics on 1 streams"}
    assert time.monotonic() - began < 15
    assert systemd.heard() == {"WATCHDOG": "1"}

    feed.say("Acme lies", "Acme cheats", "Acme burns")
    until(slack.roots)

    daemon.reload()
    reloading = until(lambda: _heard(systemd, "RELOADING"))
    assert int(reloading["MONOTONIC_USEC"]) > 0
    assert until(lambda: _heard(systemd, "READY"))["STATUS"].startswith("watching")

    status, took = daemon.stop()
    assert (status, took < 10) == (0, True)
    assert until(lambda: _heard(systemd, "STOPPING"))


def _heard(systemd: Systemd, name: str) -> dict[str, str] | None:
    message = systemd.heard()
    return message if name in message else None


def test_it_stops_in_time_though_slack_hangs(tmp_path: Path, feed: Feed, slack: StrictSlack, start: Start) -> None:
    slack.fail_next("chat.postMessage", delay=20.0, times=5)
    daemon = start(write(tmp_path, settings(feed=feed.url, slack=slack.base_url))).ready()
    feed.say("Acme lies", "Acme cheats", "Acme burns")
    until(lambda: _begun(tmp_path))
    status, took = daemon.stop()
    assert (status, took < 10) == (0, True)
    assert _rows(tmp_path, "select state, begun_at is not null from outbox") == [("waiting", 1)]


def _begun(folder: Path) -> list[tuple[Any, ...]]:
    return _rows(folder, "select key from outbox where begun_at is not null")


def test_it_stops_in_time_though_slack_does_not_open_the_line(tmp_path: Path, slack: StrictSlack, start: Start) -> None:
    slack.fail_next("apps.connections.open", delay=20.0, times=5)
    document = settings(slack=slack.base_url)
    document["notifiers"]["slack"]["app_token"] = {"env": "SLACK_APP_TOKEN"}
    daemon = start(write(tmp_path, document)).ready()
    status, took = daemon.stop()
    assert (status, took < 10) == (0, True)
    assert daemon.said("daemon.stopped")


def test_it_stops_in_time_though_a_feed_hangs(tmp_path: Path, feed: Feed, start: Start) -> None:
    feed.hangs_for = 15.0
    daemon = start(write(tmp_path, settings(feed=feed.url))).ready()
    until(lambda: feed.asked)
    status, took = daemon.stop()
    assert (status, took < 10) == (0, True)
    assert not _rows(tmp_path, "select * from streams where cursor != ''")


def test_it_stops_in_time_though_a_pusher_holds_its_connection(tmp_path: Path, start: Start) -> None:
    daemon = start(write(tmp_path, settings())).ready()
    url = urllib.parse.urlsplit(daemon.address)
    with (
        socket.create_connection((str(url.hostname), int(url.port or 0))) as idle,
        socket.create_connection((str(url.hostname), int(url.port or 0))) as half,
    ):
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(100).startswith(b"HTTP/1.1 200")
        half.sendall(b"POST /v1/mentions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n[")
        status, took = daemon.stop()
    assert (status, took < 10) == (0, True)
    assert daemon.said("daemon.stopped")


def test_what_is_asked_to_stop_before_it_has_started_stops(tmp_path: Path, start: Start) -> None:
    daemon = start(write(tmp_path, settings()))
    until(lambda: (tmp_path / "buzzguard.db.lock").exists())
    status, took = daemon.stop()
    assert (status, took < 10) == (0, True)


def test_reload_takes_a_sound_file_and_refuses_a_faulty_one(tmp_path: Path, start: Start) -> None:
    daemon = start(write(tmp_path, settings())).ready()
    assert daemon.metric("buzzguard_config_last_reload_successful") == 1

    topics = {"acme": {"name": "", "query": "acme AND"}, "Bad Name": {"name": "x", "query": "x"}}
    write(tmp_path, settings(topics=topics))
    daemon.reload()
    (refused,) = until(lambda: daemon.said("config.refused"))
    assert len(refused["faults"]) >= 2
    assert all("buzzguard.yml:" in fault for fault in refused["faults"])
    assert daemon.metric("buzzguard_config_last_reload_successful") == 0
    answer = daemon.get("/readyz")
    assert (answer.status_code, "reload was refused" in answer.json()["troubles"][0]) == (200, True)
    assert daemon.push("acme one").json()["counted"] == 1

    topics = {"acme": {"name": "Acme", "query": "acme"}, "lumio": {"name": "Lumio", "query": "lumio"}}
    write(tmp_path, settings(topics=topics, web=settings()["web"] | {"port": 1}))
    daemon.reload()
    until(lambda: daemon.said("config.reloaded"))
    assert daemon.said("config.restart_needed")[0]["sections"] == ["web"]
    assert daemon.metric("buzzguard_config_last_reload_successful") == 1
    assert daemon.get("/readyz").json()["troubles"] == []
    assert daemon.push("lumio two", "acme one").json() == {"counted": 1, "dropped": {"known": 1}, "invalid": []}


def test_reload_lets_a_poll_under_way_end(tmp_path: Path, feed: Feed, start: Start) -> None:
    feed.hangs_for = 2.0
    feed.say("Acme lies")
    daemon = start(write(tmp_path, settings(feed=feed.url))).ready()
    until(lambda: feed.asked)
    daemon.reload()
    until(lambda: daemon.said("config.reloaded"))
    until(lambda: _rows(tmp_path, "select id from mentions"))
    assert not daemon.said("poll.failed")
    write(tmp_path, settings())
    daemon.reload()
    until(lambda: len(daemon.said("config.reloaded")) == 2)
    assert daemon.stop()[0] == 0


def test_reload_that_lacks_a_secret_changes_nothing(tmp_path: Path, slack: StrictSlack, start: Start) -> None:
    document = settings(slack=slack.base_url)
    daemon = start(write(tmp_path, document)).ready()
    document["notifiers"]["slack"]["app_token"] = {"file": "nowhere"}
    write(tmp_path, document)
    daemon.reload()
    (refused,) = until(lambda: daemon.said("config.refused"))
    assert "nowhere" in refused["faults"][0]
    daemon.push("acme a", "acme b", "acme c")
    until(slack.roots)


def test_logs_are_json_without_secrets_or_texts(
    tmp_path: Path, httpserver: HTTPServer, slack: StrictSlack, start: Start
) -> None:
    httpserver.expect_request("/broken").respond_with_data("no", status=500)
    httpserver.expect_request("/locked").respond_with_data("no", status=401)
    host = f"localhost:{httpserver.port}"
    secret_url = f"http://user-secretuser:secretpassword@{host}%s?key=secretquery"
    document = settings(slack=slack.base_url)
    document["streams"] = {
        name: {"source": "rss", "url": secret_url % f"/{name}", "every": "1s"} for name in ("broken", "locked")
    }
    document["streams"]["broken"]["headers"] = {"X-Key": {"env": "FEED_KEY"}}
    document["streams"]["nobody"] = {
        "source": "rss",
        "url": "http://secretuser:secretpassword@127.0.0.1:9/x?key=secretquery",
    }
    document["notifiers"]["slack"]["app_token"] = {"env": "SLACK_APP_TOKEN"}
    slack.fail_next("chat.postMessage", error="invalid_auth")
    slack.fail_next("apps.connections.open", error="invalid_auth")
    daemon = start(write(tmp_path, document), FEED_KEY="secretheader").ready()
    daemon.push("acme secrettext one", "acme secrettext two", "acme secrettext three")
    httpx.post(f"{daemon.address}/v1/mentions", headers={"Authorization": "Bearer secretguess"}, trust_env=False)
    until(lambda: len(daemon.said("poll.failed")) >= 3)
    until(lambda: daemon.said("notification.refused"))
    write(tmp_path, document | {"topics": {"x": {"name": "x", "query": "AND"}}})
    daemon.reload()
    until(lambda: daemon.said("config.refused"))
    assert daemon.stop()[0] == 0

    log = "".join(daemon.lines)
    assert all({"event", "level", "timestamp"} <= event.keys() for event in daemon.events)
    for secret in ("secret", BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, INTAKE_TOKEN):
        assert secret not in log, [line for line in daemon.lines if secret in line]


def test_a_second_daemon_on_the_database_or_the_port_says_so(tmp_path: Path, start: Start) -> None:
    first = start(write(tmp_path / "one", settings())).ready()

    second = start(tmp_path / "one" / "buzzguard.yml")
    assert second.ended() == 1
    assert "another BuzzGuard runs on" in second.lines[-1]

    port = first.said("web.started")[0]["port"]
    third = start(write(tmp_path / "two", settings(web={"port": port})))
    assert third.ended() == 1
    assert f"cannot listen on 127.0.0.1:{port}" in third.lines[-1]
    assert third.said("daemon.stopped")
    assert first.push("acme").status_code == 200


def test_faults_at_the_start_are_listed_with_their_places(tmp_path: Path, start: Start) -> None:
    faulty = settings(topics={"acme": {"name": "Acme", "query": "acme AND"}}, tick="soon")
    daemon = start(write(tmp_path, faulty))
    assert daemon.ended() == 1
    assert [line.split(":")[0] for line in daemon.lines[:-1]] == ["buzzguard.yml", "buzzguard.yml"]
    assert daemon.lines[-1] == "2 faults in 1 file\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"store": {"url": "sqlite:////proc/nowhere/x.db"}}, "/proc/nowhere cannot be written"),
        ({"web": {"intake": {"token": {"env": "NOT_SET"}}}}, "`NOT_SET` is not set"),
        ({"web": {"host": "203.0.113.1"}}, "cannot listen on 203.0.113.1"),
    ],
)
def test_what_keeps_it_from_starting_is_said_in_a_line(
    tmp_path: Path, start: Start, change: dict[str, Any], words: str
) -> None:
    daemon = start(write(tmp_path, settings(**change)))
    assert daemon.ended() == 1
    assert words in "".join(daemon.lines)
    assert "Traceback" not in "".join(daemon.lines)


def test_a_broken_database_is_said_in_a_line(tmp_path: Path, start: Start) -> None:
    path = write(tmp_path, settings())
    (tmp_path / "buzzguard.db").write_bytes(b"not a database" * 1000)
    daemon = start(path)
    assert daemon.ended() == 1
    assert daemon.lines == ["file is not a database\n"]


def test_a_full_disk_is_told_and_loses_and_doubles_nothing(
    tmp_path: Path, feed: Feed, slack: StrictSlack, start: Start
) -> None:
    daemon = start(write(tmp_path, settings(feed=feed.url, slack=slack.base_url))).ready()
    until(lambda: daemon.said("store.expired") or _rows(tmp_path, "select * from streams"))
    _, most = resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (4096, most))  # no file may grow past a page

    feed.say("Acme lies", "Acme cheats", "Acme burns")
    until(lambda: daemon.said("store.refused"))
    answer = until(lambda: (found := daemon.get("/readyz")).status_code == 503 and found)
    assert "the database refuses" in answer.json()["troubles"][0]
    assert daemon.get("/healthz").status_code == 200
    assert daemon.metric("buzzguard_store_errors_total") >= 1
    assert slack.roots() == []

    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (most, most))
    until(slack.roots)
    until(lambda: daemon.get("/readyz").status_code == 200)
    feed.say("Acme again")
    until(lambda: _rows(tmp_path, "select count(*) from mentions") == [(4,)])
    assert daemon.stop()[0] == 0
    assert _rows(tmp_path, 'select sum(volume) from samples where "window" = 60') == [(4,)]
    keys = [message["metadata"]["event_payload"]["key"] for message in slack.messages() if message.get("metadata")]
    assert len(keys) == len(set(keys))
    assert len(slack.roots()) == 1


def test_an_alert_that_slack_refused_is_told_after_all_once_somebody_has_mended_it(
    tmp_path: Path, slack: StrictSlack, start: Start
) -> None:
    daemon = start(write(tmp_path, settings(slack=slack.base_url))).ready()
    slack.workspace.state.archived.append(CHANNEL)
    daemon.push("acme a", "acme b", "acme c")
    until(lambda: daemon.said("notification.refused"))
    troubles = until(lambda: daemon.get("/readyz").json()["troubles"])
    assert any("cannot be told" in trouble for trouble in troubles)
    assert slack.roots() == []

    slack.workspace.state.archived.clear()
    daemon.reload()
    until(slack.roots)
    until(lambda: not daemon.get("/readyz").json()["troubles"])
    assert len(slack.roots()) == 1


def test_a_refused_press_over_http_is_answered_to_whoever_pressed(
    tmp_path: Path, slack: StrictSlack, start: Start
) -> None:
    daemon = start(write(tmp_path, settings(slack=slack.base_url))).ready()
    daemon.push("acme a", "acme b", "acme c")
    (card,) = until(slack.roots)
    (incident,) = _rows(tmp_path, "select id from incidents")[0]

    began = time.monotonic()
    assert _press(daemon, ts=card["ts"], value=incident) == 200
    assert _press(daemon, ts=card["ts"], value=incident, action_ts="1795328476.000001") == 200
    assert _press(daemon, ts=card["ts"], value="inc-unknown") == 200
    assert time.monotonic() - began < 9

    told = until(lambda: len(found := slack.workspace.state.ephemeral) == 2 and found)
    assert [each["text"] for each in told] == [
        "Vous êtes déjà en charge de cet incident.",
        "Cet incident n’est plus connu\u00a0: rien n’a été modifié.",
    ]
    assert daemon.stop()[0] == 0
    assert _rows(tmp_path, "select state from incidents") == [("acknowledged",)]


def _press(daemon: Daemon, **press: Any) -> int:
    body = urllib.parse.urlencode({"payload": json.dumps(block_actions(**press))}).encode()
    headers = sign(body, int(time.time()))
    answer = httpx.post(f"{daemon.address}/v1/slack/actions", content=body, headers=headers, trust_env=False)
    return answer.status_code
