"""Tells systemd how the service is doing (sd_notify(3)), in a few lines rather than a dependency."""

from __future__ import annotations

import os
import socket

_PATIENCE = 1.0
"""Seconds that a full queue of systemd may hold us up; a sign of life that is lost is followed by the next."""


def notify(state: str) -> bool:
    """Send `state` (`READY=1`, `WATCHDOG=1`, `STOPPING=1`, `RELOADING=1`…); False where systemd does not listen."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.settimeout(_PATIENCE)
        try:
            channel.sendto(state.encode(), address)
        except OSError:
            return False
    return True


def watchdog_seconds() -> float | None:
    """How often, at least, systemd wants a sign of life of this process; None when it wants none."""
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() and int(microseconds) else None
