"""`buzzguard init` leads from an empty folder to a watch that `check` passes, in two languages."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from buzzguard.cli.check import command as check
from buzzguard.cli.init import command
from buzzguard.understand.query import parse_query

LANGUAGES = ("en", "fr")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)


def init(*options: str) -> Result:
    return CliRunner().invoke(command, options, catch_exceptions=False)


def config() -> dict[str, dict[str, dict[str, object]]]:
    found: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(Path("buzzguard.yml").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("options", [(), ("--feed", "https://a.example/feed"), ("--slack-channel", "C0123ABCD")])
def test_what_it_writes_passes_check(language: str, options: tuple[str, ...]) -> None:
    assert init("--brand", "Acme", "--lang", language, *options).exit_code == 0
    result = CliRunner().invoke(check, ["--no-secrets"], catch_exceptions=False)
    assert result.output.splitlines()[-1] in ("Everything is in order.", "Tout est en ordre.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_it_proposes_for_later_passes_check_once_its_marks_are_removed(language: str) -> None:
    init("--brand", "Acme", "--lang", language)
    file = Path("buzzguard.yml")
    written = file.read_text(encoding="utf-8").splitlines()
    keys = [f"# {name}:" for name in ("routes", "rotas", "departments", "statements")]
    assert [line for line in written if line in keys] == keys
    begin = written.index(keys[0])
    ends = next(index for index in range(begin, len(written)) if not written[index])
    opened = [line[2:] if line.startswith("#   ") or line in keys else line for line in written[begin:ends]]
    file.write_text("\n".join([*written[:begin], *opened, *written[ends:]]), encoding="utf-8")
    result = CliRunner().invoke(check, ["--no-secrets"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert set(yaml.safe_load(file.read_text(encoding="utf-8"))) >= {"routes", "rotas", "departments", "statements"}


def test_rules_playbooks_and_the_slack_app_come_with_it() -> None:
    init("--brand", "Acme")
    assert Path("rules/negative-surge.yml").is_file()
    assert list(Path("rules/playbooks").glob("*.fr.md"))
    assert Path("rules/words/gravity.yml").is_file()
    manifest = yaml.safe_load(Path("slack-manifest.yml").read_text(encoding="utf-8"))
    assert {"chat:write", "files:write", "channels:history"} <= set(manifest["oauth_config"]["scopes"]["bot"])
    assert "/secrets/" in Path(".gitignore").read_text(encoding="utf-8")


def test_feeds_become_streams_named_after_their_sites() -> None:
    init("--brand", "Acme", *("--feed", "https://www.a.example/1") * 2, "--feed", "https://a.example/2")
    assert {name: stream["url"] for name, stream in config()["streams"].items()} == {
        "a-example": "https://www.a.example/1",
        "a-example-2": "https://a.example/2",
    }


def test_without_feeds_it_says_that_nothing_is_read() -> None:
    result = init("--brand", "Acme")
    assert "nothing is read yet" in result.output
    assert "NOTHING IS READ YET" in Path("buzzguard.yml").read_text(encoding="utf-8")


def test_it_says_what_to_do_next_in_french() -> None:
    result = init(
        "veille", "--brand", "Acmé", "--lang", "fr", "--feed", "https://a.example/", "--slack-channel", "C012"
    )
    lines = [line.strip() for line in result.output.splitlines()]
    assert lines[0] == "Écrit dans veille"
    for step in ("cd veille", "export SLACK_BOT_TOKEN=xoxb-…", "buzzguard check --online", "buzzguard run"):
        assert step in lines


@pytest.mark.parametrize(("locale", "first"), [("fr_FR.UTF-8", "Écrit dans ."), ("C.UTF-8", "Written to .")])
def test_the_language_of_the_terminal_is_taken(monkeypatch: pytest.MonkeyPatch, locale: str, first: str) -> None:
    monkeypatch.setenv("LANG", locale)
    assert init("--brand", "Acme").output.splitlines()[0] == first


def test_nothing_that_is_there_is_overwritten() -> None:
    Path("rules").mkdir()
    Path("rules/negative-surge.yml").write_text("mine", encoding="utf-8")
    result = init("--brand", "Acme")
    assert result.exit_code == 1
    assert "already there: rules/negative-surge.yml" in result.output
    assert [file.name for file in Path().iterdir()] == ["rules"]
    assert init("--brand", "Acme", "--force").exit_code == 0
    assert Path("rules/negative-surge.yml").read_text(encoding="utf-8") != "mine"


def test_a_link_that_leads_nowhere_is_something_that_is_there() -> None:
    Path("buzzguard.yml").symlink_to("/nowhere/else")
    assert "already there: buzzguard.yml" in init("--brand", "Acme").output


def test_a_gitignore_that_is_there_stays() -> None:
    Path(".gitignore").write_text("mine", encoding="utf-8")
    assert init("--brand", "Acme", "--force").exit_code == 0
    assert Path(".gitignore").read_text(encoding="utf-8") == "mine"


def test_a_second_run_leaves_everything_as_it_is() -> None:
    init("--brand", "Acme")
    before = {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()}
    assert init("--brand", "Other").exit_code == 1
    assert {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()} == before


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "cannot write to file/below: not a directory" in init("file/below", "--brand", "Acme").output


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "which brand? Give --brand NAME"),
        (("--brand", "  "), "a name has letters or digits"),
        (("--brand", "!!!"), "a name has letters or digits"),
        (("--brand", "a\nb"), "a name has letters or digits"),
        (("--brand", "Acme", "--feed", "a.example"), "this is no http or https address: a.example"),
        (("--brand", "Acme", "--feed", "file:///etc/passwd"), "this is no http or https address"),
        (("--brand", "Acme", "--slack-channel", "#general"), "a channel's id begins with C, G or D"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_is_written(options: tuple[str, ...], said: str) -> None:
    result = init(*options)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())
    assert list(Path().iterdir()) == []


HOSTILE = [
    'L’Oréal "Paris"',
    "Marks & Spencer: #1 {sale}",
    "a' OR b",
    "NOT",
    "or",
    "yes",
    "1984",
    "{{ 7*7 }} {% raw %}",
    "東京",
    "\\U0001f600 \\n",
    "- *anchor &x !tag",
    "Acme) OR (all",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brand", HOSTILE)
def test_a_hostile_name_is_quoted_right(brand: str, language: str) -> None:
    assert init("--brand", brand, "--lang", language).exit_code == 0
    (topic,) = config()["topics"].values()
    assert topic["name"] == brand
    assert len(parse_query(str(topic["query"])).terms) == 1


def test_on_a_terminal_it_asks() -> None:
    answers = "fr\n\nAcmé Énergie\nnulle part\nhttps://a.example/feed\n\n#general\nC0123ABCD\n"
    output = on_a_terminal(answers)
    assert "Comment s’appelle la marque" in output
    assert "ce n’est pas une adresse http ou https\u00a0: nulle part" in output
    assert "l’identifiant d’un canal commence par C, G ou D" in output
    (topic,) = config()["topics"].values()
    assert (topic["name"], topic["query"]) == ("Acmé Énergie", '"Acmé Énergie"')
    assert config()["streams"]["a-example"]["url"] == "https://a.example/feed"
    assert config()["receivers"]["communication"]["channel"] == "C0123ABCD"


def on_a_terminal(typed: str) -> str:
    """What the command prints on a real terminal while somebody types."""
    ours, theirs = pty.openpty()
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root), "TERM": "dumb"}
    process = subprocess.Popen(
        [sys.executable, "-m", "buzzguard", "init"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment
    )
    os.close(theirs)
    os.write(ours, typed.encode())
    printed = b""
    while True:
        try:
            printed += (read := os.read(ours, 4096))
        except OSError:  # the terminal is closed when the command ends
            break
        if not read:
            break
    os.close(ours)
    assert process.wait(30) == 0, printed.decode()
    return printed.decode()
