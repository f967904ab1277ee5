"""What systemd hears, over a real socket."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from buzzguard import systemd
from tests.running import Systemd


def test_states_arrive_at_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = Systemd(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(listening.path))
    assert systemd.notify("READY=1\nSTATUS=veille sur 3 sujets, « Lumio » compris")
    assert listening.heard() == {"READY": "1", "STATUS": "veille sur 3 sujets, « Lumio » compris"}
    listening.close()


def test_states_arrive_at_an_abstract_address(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"buzzguard-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        assert systemd.notify("WATCHDOG=1")
        assert listening.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("address", [None, "", "relative", "/nowhere/at/all"])
def test_without_a_listener_nothing_happens(address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if address is None:
        monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    else:
        monkeypatch.setenv("NOTIFY_SOCKET", address)
    assert not systemd.notify("READY=1")


def test_a_full_queue_does_not_hold_us_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listening = Systemd(tmp_path)
    monkeypatch.setenv("NOTIFY_SOCKET", str(listening.path))
    sent = 0
    while sent < 10_000 and systemd.notify("WATCHDOG=1"):
        sent += 1
    assert 0 < sent < 10_000
    listening.close()


@pytest.mark.parametrize(
    ("microseconds", "process", "seconds"),
    [
        ("180000000", None, 180.0),
        ("180000000", "own", 180.0),
        ("180000000", "1", None),
        ("0", None, None),
        ("soon", None, None),
    ],
)
def test_watchdog_is_for_the_process_that_it_names(
    microseconds: str, process: str | None, seconds: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    monkeypatch.delenv("WATCHDOG_PID", raising=False)
    if process is not None:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if process == "own" else process)
    assert systemd.watchdog_seconds() == seconds
