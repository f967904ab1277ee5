"""`buzzguard check` shows every fault of every file, and says what it found sound."""

from __future__ import annotations

import json
import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from buzzguard.cli.check import command
from tests.cli.folders import CONFIG, RULE, installation

EXAMPLE = Path(__file__).parents[2] / "deploy" / "buzzguard.example.yml"
FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>
<item><guid>1</guid><title>Acme</title><pubDate>Sun, 22 Nov 2026 06:30:00 GMT</pubDate></item></channel></rss>"""

TIERS = "quick, default, accurate" if find_spec("buzzguard_accurate") else "quick, default (not installed: accurate)"
ACCURATE = Path(__file__).parents[2] / "deploy" / "accurate"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def check(*options: str) -> Result:
    return CliRunner().invoke(command, options, catch_exceptions=False)


def test_a_sound_installation_passes(tmp_path: Path) -> None:
    installation(tmp_path)
    result = check()
    assert result.output.splitlines() == [
        "✓ configuration  1 topic, 0 streams, 1 receiver, 1 policy",
        "✓ playbooks      1 playbook",
        "✓ rules          1 rule",
        f"✓ sentiment      {TIERS}",
        "· no stream is read: nothing can be noticed",
        "Everything is in order.",
    ]
    assert result.exit_code == 0


def test_the_press_is_counted_and_its_faults_have_their_place(tmp_path: Path) -> None:
    installation(tmp_path)
    (tmp_path / "rules" / "accounts").mkdir()
    press = tmp_path / "rules" / "accounts" / "press.yml"
    press.write_text("fr: [lemonde.fr, afp.com]\nen: [afp.com]\n")
    assert "✓ press          2 sites" in check().output.splitlines()
    press.write_text("fr:\n  - https://lemonde.fr/a\nde: []\n")
    result = check()
    assert result.exit_code == 1
    press.write_text("fr:\n  - https://lemonde.fr/a\n")
    assert "rules/accounts/press.yml:2:5: 'https://lemonde.fr/a' is no site" in check().output
    press.write_text("fr: [")
    assert "rules/accounts/press.yml:1:" in check().output


def test_it_speaks_the_language_of_the_configuration(tmp_path: Path) -> None:
    installation(tmp_path, config="language: fr\n" + CONFIG)
    assert check().output.splitlines() == [
        "✓ configuration  1 sujet, 0 flux, 1 destinataire, 1 politique d’escalade",
        "✓ playbooks      1 playbook",
        "✓ règles         1 règle",
        "✓ sentiment      " + TIERS.replace("not installed:", "non installé\u00a0:"),
        "· aucun flux n’est lu\u00a0: rien ne peut être remarqué",
        "Tout est en ordre.",
    ]


@pytest.mark.skipif(not (ACCURATE / "buzzguard_accurate" / "sp.model").exists(), reason="weights beside the sources")
def test_it_says_which_tiers_tell_sentiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation(tmp_path)
    monkeypatch.setattr(sys, "path", [str(ACCURATE), *sys.path])
    assert "✓ sentiment      quick, default, accurate" in check().output.splitlines()
    assert json.loads(check("--json").output)["tiers"] == ["quick", "default", "accurate"]


def test_a_tier_that_is_broken_is_noted_and_the_others_are_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation(tmp_path, config="language: fr\n" + CONFIG)
    (tmp_path / "buzzguard_accurate").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    found = check()
    assert "✓ sentiment      quick, default" in found.output.splitlines()
    (note,) = [line for line in found.output.splitlines() if line.startswith("· le niveau")]
    told = "· le niveau accurate du sentiment est inutilisable, ceux qui le précèdent le remplacent\u00a0: un fichier"
    assert note.startswith(told) and "sp.model" in note
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("scorer", "told"), [("quick", "quick"), ("default", "default"), ("vader", "vader"), ("cascade", TIERS)]
)
def test_the_chosen_scorer_is_what_is_told(tmp_path: Path, scorer: str, told: str) -> None:
    installation(tmp_path, config=CONFIG + f"sentiment: {{scorer: {scorer}}}\n")
    assert f"✓ sentiment      {told}" in check().output.splitlines()


def test_an_unknown_scorer_is_a_fault_where_it_is_named(tmp_path: Path) -> None:
    installation(tmp_path, config=CONFIG + "sentiment: {scorer: quik}\n")
    assert "buzzguard.yml:9:21: " in check().stderr.splitlines()[0]
    assert check().exit_code == 1


def test_it_notes_that_nobody_would_be_told(tmp_path: Path) -> None:
    installation(tmp_path, config=CONFIG.split("notifiers:")[0], rule=RULE.replace("policy: crisis\n", ""))
    assert "· there is no receiver: nobody would be told" in check().output.splitlines()


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    config = CONFIG.replace("query: acme", "query: (acme").replace("[screen]", "[screem]")
    rule = RULE.replace("volume.", "volum.").replace("policy: crisis", "policy: crisi")
    installation(tmp_path, config=config, rule=rule)
    (tmp_path / "rules" / "other.yml").write_text("id: other\nwhen: [\n", encoding="utf-8")
    result = check()
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "buzzguard.yml:2:29: a parenthesis is not closed (add ))",
        "buzzguard.yml:8:30: unknown receiver `screem` (did you mean `screen`?)",
        "rules/other.yml:3:1: a value is missing here (close what `[` or `{` opens)",
        "rules/surge.yml:3:7: unknown signal `volum` (did you mean `volume`?)",
        "4 faults in 3 files",
    ]


def test_a_missing_rules_folder_is_a_fault_of_the_line_that_names_it(tmp_path: Path) -> None:
    installation(tmp_path, config=CONFIG + "rules: [rules, ours]\n")
    assert check().stderr.splitlines()[0] == (
        "buzzguard.yml:9:16: there is no folder ours (it is looked for beside this file)"
    )


def test_a_missing_configuration_is_a_fault(tmp_path: Path) -> None:
    assert check("-c", "nowhere.yml").stderr.splitlines() == [
        "nowhere.yml: cannot be read: no such file or directory",
        "1 fault in 1 file",
    ]


SLACK = CONFIG.replace("terminal: {kind: console}", "terminal: {kind: slack, token: {%s}}").replace(
    "screen: {notifier: terminal}", "screen: {notifier: terminal, channel: C0123ABCD}"
)


def test_a_secret_that_cannot_be_read_is_a_fault_where_it_is_named(tmp_path: Path) -> None:
    installation(tmp_path, config=SLACK % "env: NO_SUCH_TOKEN")
    assert check().stderr.splitlines()[0] == (
        "buzzguard.yml:4:40: the environment variable `NO_SUCH_TOKEN` is not set (export NO_SUCH_TOKEN=…)"
    )
    assert check("--no-secrets").exit_code == 0


def test_a_secret_file_is_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    installation(tmp_path / "etc", config=SLACK % "file: token")
    (tmp_path / "etc" / "token").write_text("xoxb-secret", encoding="utf-8")
    (tmp_path / "etc" / "token").chmod(0o600)
    result = check("-c", "etc/buzzguard.yml")
    assert "✓ secrets        1 secret can be read" in result.output
    assert "xoxb" not in result.output


def test_a_credential_is_no_fault_outside_systemd(tmp_path: Path) -> None:
    installation(tmp_path, config=SLACK % "credential: slack-token")
    result = check()
    assert result.exit_code == 0
    assert "· notifiers.terminal.token: systemd alone can read the credential `slack-token`" in result.output


def test_the_secrets_of_a_stream_that_is_not_read_are_not_needed(tmp_path: Path) -> None:
    stream = '{source: rss, url: "https://a.example/", headers: {Authorization: {env: NO_SUCH}}, enabled: false}'
    installation(tmp_path, config=f"{CONFIG}streams:\n  blog: {stream}\n")
    assert check().exit_code == 0


def test_other_programs_read_the_result_as_json(tmp_path: Path) -> None:
    installation(tmp_path, config=CONFIG.replace("query: acme", "query: acme, rol: brand"))
    result = json.loads(check("--json").stdout)
    assert result["ok"] is False
    assert result["faults"] == [
        {
            "file": "buzzguard.yml",
            "line": 2,
            "column": 35,
            "message": "unknown key `rol`",
            "hint": "did you mean `role`?",
        }
    ]
    assert {"what": "rules", "rules": 1} in result["checked"]


def test_online_reads_each_stream_once(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/good").respond_with_data(FEED, content_type="application/rss+xml")
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    streams = "".join(f"  {name}: {{source: rss, url: '{httpserver.url_for(name)}'}}\n" for name in ("good", "gone"))
    allowed = f"network: {{allow: ['{httpserver.host}']}}\n"
    installation(tmp_path, config=f"{CONFIG}{allowed}streams:\n{streams}")
    result = json.loads(check("--online", "--json").stdout)
    assert {"what": "good", "mentions": 1} in result["checked"]
    (fault,) = result["faults"]
    assert (fault["line"], fault["column"]) == (12, 3)
    assert fault["message"].startswith("gone cannot be read: ")


def test_online_asks_slack_whether_an_alert_would_arrive(
    tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/api/auth.test").respond_with_json({"ok": False, "error": "token_revoked"})
    monkeypatch.setenv("TOKEN", "xoxb-secret")
    config = (SLACK % "env: TOKEN").replace("kind: slack,", f"kind: slack, base_url: '{httpserver.url_for('/api/')}',")
    installation(tmp_path, config=config)
    first, count = check("--online").stderr.splitlines()
    assert first.startswith("buzzguard.yml:4:3: ")
    assert "token_revoked" in first
    assert "secret" not in first
    assert count == "1 fault in 1 file"


def test_online_tells_a_missing_secret_once(tmp_path: Path) -> None:
    installation(tmp_path, config=SLACK % "env: NO_SUCH_TOKEN")
    assert check("--online").stderr.splitlines()[-1] == "1 fault in 1 file"
    assert "`NO_SUCH_TOKEN` is not set" in check("--online", "--no-secrets").stderr


def test_a_file_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    installation(tmp_path)
    (tmp_path / "rules" / "\x1b[2J.yml").write_text("id: [", encoding="utf-8")
    assert "rules/\\u001b[2J.yml:1:6: a value is missing here" in check().stderr


CALENDAR = """\
calendar:
  - {name: Spring campaign, from: 2024-03-15, to: 2024-04-01, expect: 3}
  - {name: Saturday show, from: 2026-01-03T20:50, to: 2026-01-03T22:00, every: week, expect: 3}
"""


def test_it_counts_what_is_planned_and_names_what_is_over(tmp_path: Path) -> None:
    installation(tmp_path, config=CONFIG + CALENDAR)
    result = check()
    assert "✓ calendar       2 planned events" in result.output.splitlines()
    assert "· a planned event is over: Spring campaign" in result.output.splitlines()
    assert result.exit_code == 0


def test_it_says_so_in_french(tmp_path: Path) -> None:
    installation(
        tmp_path, config="language: fr\n" + CONFIG + CALENDAR.replace("every: week", "every: week, until: 2026-02-01")
    )
    lines = check().output.splitlines()
    assert "✓ calendrier     2 événements prévus" in lines
    assert "· 2 événements prévus sont passés\u00a0: Spring campaign, Saturday show" in lines


def test_the_example_configuration_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation(tmp_path, config=EXAMPLE.read_text(encoding="utf-8"))
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "BUZZGUARD_INTAKE_TOKEN"):
        monkeypatch.setenv(name, "secret")
    result = check()
    assert result.output.splitlines()[-1] == "Everything is in order."
    assert os.environ["SLACK_BOT_TOKEN"] not in result.output.replace("secrets", "")


def test_the_example_shows_every_section() -> None:
    from buzzguard.config.located import parse_yaml
    from buzzguard.config.settings import Settings

    written = parse_yaml(EXAMPLE.read_text(encoding="utf-8"), file=str(EXAMPLE)).value
    assert isinstance(written, dict)
    assert set(written) == set(Settings.model_fields)


def test_themes_gravity_words_and_sectors_are_checked(tmp_path: Path) -> None:
    installation(tmp_path, config=CONFIG.replace("query: acme", "query: acme, sector: toy"))
    for name in ("themes", "words"):
        (tmp_path / "rules" / name).mkdir(exist_ok=True)
    (tmp_path / "rules" / "themes" / "toys.yml").write_text("id: toys\ntitle: {en: Toys, fr: Jouets}\n")
    (tmp_path / "rules" / "words" / "toys.yml").write_text("en: {broken: [broken toy]}")
    told = json.loads(check("--json").output)
    assert {"what": "themes", "themes": 1} in told["checked"]
    (fault,) = told["faults"]
    assert (fault["message"], fault["hint"]) == ("no words are known of the sector toy", "did you mean `toys`?")
    (tmp_path / "rules" / "themes" / "toys.yml").write_text("id: games\ntitle: {en: Toys, fr: Jouets}\n")
    assert "call it games.yml" in check().output
