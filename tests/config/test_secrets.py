"""A secret is read where it is said to be, and never shown."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path

import pytest
import structlog

from buzzguard.config.secrets import Sealed, SecretError, read_secret, secrets_in
from buzzguard.config.settings import Secret, Settings

TOKEN = "xoxb-very-secret"


def private(folder: Path, content: bytes | str, *, mode: int = 0o600) -> Path:
    file = folder / "token"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    file.chmod(mode)
    return file


def test_it_reads_an_environment_variable() -> None:
    secret = read_secret(Secret(env="SLACK_TOKEN"), environment={"SLACK_TOKEN": f" {TOKEN}\n"})
    assert secret.reveal() == TOKEN


def test_it_reads_a_file(tmp_path: Path) -> None:
    assert read_secret(Secret(file=str(private(tmp_path, f"{TOKEN}\n")))).reveal() == TOKEN


def test_it_reads_a_file_of_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    private(tmp_path, TOKEN)
    assert read_secret(Secret(file="~/token")).reveal() == TOKEN


def test_it_reads_a_systemd_credential(tmp_path: Path) -> None:
    private(tmp_path, TOKEN)
    found = read_secret(Secret(credential="token"), environment={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert found.reveal() == TOKEN


def test_a_sealed_secret_never_shows_itself() -> None:
    sealed = Sealed(TOKEN)
    shown = f"{sealed} {sealed!r} {sealed:>40} {[sealed]} {vars(Sealed)}"
    assert TOKEN not in shown
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(sealed)


def test_sealed_secrets_are_equal_when_what_they_hold_is() -> None:
    assert Sealed(TOKEN) == Sealed(TOKEN) != Sealed("other")
    assert len({Sealed(TOKEN), Sealed(TOKEN)}) == 1


@pytest.mark.parametrize(
    ("secret", "environment", "message"),
    [
        (Secret(env="T"), {}, "the environment variable `T` is not set (export T=…)"),
        (Secret(env="T"), {"T": "  "}, "the environment variable `T` is empty"),
        (
            Secret(credential="t"),
            {},
            "$CREDENTIALS_DIRECTORY is not set (run under systemd with LoadCredential=t:PATH)",
        ),
        (Secret(credential="../t"), {"CREDENTIALS_DIRECTORY": "/"}, "`../t` is not the name of a systemd credential"),
        (Secret(credential=".."), {"CREDENTIALS_DIRECTORY": "/"}, "`..` is not the name of a systemd credential"),
        (Secret(file="/nowhere/t"), {}, "the secret file /nowhere/t cannot be read: no such file or directory"),
        (Secret(file="/t\0"), {}, "cannot be read: embedded null byte"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(secret: Secret, environment: dict[str, str], message: str) -> None:
    with pytest.raises(SecretError) as raised:
        read_secret(secret, environment=environment)
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"\xff\xfe" + TOKEN.encode(), TOKEN.encode() * 10_000])
def test_no_error_holds_the_secret(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SecretError) as raised:
        read_secret(Secret(file=str(private(tmp_path, content))))
    assert TOKEN not in "".join(traceback.format_exception(raised.value))


def test_a_file_that_everybody_reads_is_used_and_warned_of(tmp_path: Path) -> None:
    file = private(tmp_path, TOKEN, mode=0o644)
    with structlog.testing.capture_logs() as logs:
        assert read_secret(Secret(file=str(file))).reveal() == TOKEN
    assert [(entry["event"], entry["file"]) for entry in logs] == [("secret.exposed", str(file))]
    assert TOKEN not in str(logs)


def test_every_secret_of_a_configuration_is_found_with_its_path() -> None:
    settings = Settings.model_validate(
        {
            "topics": {"acme": {"name": "Acme", "query": "acme"}},
            "web": {"intake": {"token": {"env": "A"}}},
            "network": {"proxy": {"file": "b"}},
        }
    )
    assert {path: secret.env or secret.file for path, secret in secrets_in(settings)} == {
        ("web", "intake", "token"): "A",
        ("network", "proxy"): "b",
    }
