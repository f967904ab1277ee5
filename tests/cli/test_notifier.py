"""`buzzguard notifier test`: a message that nobody can mistake, and what became of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.cli import main
from tests.deliver.worlds import pagerduty, webhook
from tests.deliver.worlds.base import Service, service

_CONFIG = """
language: fr
topics:
  acme: {{name: Acme, query: acme}}
notifiers:
  pager: {{kind: pagerduty, base_url: {url}}}
  hook: {{kind: webhook}}
  unused: {{kind: mail, host: localhost, sender: a@acme.example, username: a, password: {{env: NOT_THERE}}}}
receivers:
  on-call: {{notifier: pager, routing_key: {{env: TEST_ROUTING_KEY}}}}
  desk: {{notifier: hook, url: {url}/desk, language: en}}
  boss: {{notifier: hook, url: {url}/boss}}
  clerk: {{notifier: unused, to: [clerk@acme.example]}}
policies: {{}}
"""


@pytest.fixture
def made(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("TEST_ROUTING_KEY", pagerduty.KEY)
    monkeypatch.chdir(tmp_path)
    with service(httpserver, lambda _: Response(status=202)) as served:
        (tmp_path / "buzzguard.yml").write_text(_CONFIG.format(url=served.url), "utf-8")
        yield served


def _run(*words: str) -> Result:
    return CliRunner().invoke(main, ["notifier", "test", *words])


def test_the_message_says_that_it_is_a_test_and_asks_for_nothing(made: Service) -> None:
    result = _run("boss")
    assert result.exit_code == 0
    assert re.fullmatch(r"✓ boss\u00a0: remis par hook en \d+,\d s\n", result.output)
    (body,) = made.bodies()
    assert body["data"]["drill"] is True
    assert body["data"]["text"]["heading"] == "EXERCICE – Fausse alerte · Essai de BuzzGuard"
    assert "il n’y a rien à faire" in " ".join(body["data"]["text"]["state"])
    assert "Agir comme si" not in str(body)


def test_a_receiver_is_told_in_its_language(made: Service) -> None:
    assert "desk: delivered by hook" in _run("desk").output
    assert made.bodies()[0]["data"]["text"]["heading"] == "EXERCISE – False alarm · Test by BuzzGuard"


def test_what_pages_until_it_is_closed_is_closed_at_once(made: Service) -> None:
    made.answer = pagerduty.answer
    result = _run("pager", "--lang", "en")
    assert result.exit_code == 0
    assert "closed again" in result.output
    assert [body["event_action"] for body in made.bodies()] == ["trigger", "resolve"]
    assert len({body["dedup_key"] for body in made.bodies()}) == 1
    assert "Test by BuzzGuard" in made.bodies()[0]["payload"]["summary"]


@pytest.mark.parametrize(("status", "said"), [(503, "pour l’instant"), (404, "tant que personne n’agit")])
def test_what_failed_says_whether_it_passes(made: Service, status: int, said: str) -> None:
    made.answer = lambda _: Response(status=status)
    result = _run("boss")
    assert result.exit_code == 1
    assert said in result.output
    assert str(status) in result.output


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hook", "tells several receivers, name one"),
        ("bos", "there is no receiver"),
        ("clerk", "NOT_THERE"),
    ],
)
def test_a_name_that_cannot_be_tried_is_told(made: Service, name: str, said: str) -> None:
    result = _run(name)
    assert result.exit_code == 1
    assert said in result.output
    assert made.asked == []


def test_check_online_asks_webhooks(made: Service, tmp_path: Path) -> None:
    file = tmp_path / "buzzguard.yml"
    kept = [line for line in file.read_text("utf-8").splitlines() if "unused" not in line]
    file.write_text("\n".join(kept), "utf-8")
    made.answer = webhook.answer  # which wants a signature
    result = CliRunner().invoke(main, ["check", "--online", "--json"])
    faults = [fault["message"] for fault in json.loads(result.output)["faults"]]
    assert "receiver desk: the webhook refused the message, 401" in faults
    assert [body["type"] for body in made.bodies()] == ["ping", "ping"]
