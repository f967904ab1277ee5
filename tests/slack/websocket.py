"""The server's half of a WebSocket (RFC 6455), as far as Socket Mode needs it: text frames, ping, close."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
from collections.abc import Mapping
from typing import Any

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 1, 8, 9, 10


def accept_key(key: str) -> str:
    """What the server answers to `Sec-WebSocket-Key`."""
    return base64.b64encode(hashlib.sha1(key.encode() + _GUID).digest()).decode()


class Connection:
    """One open WebSocket. `received` holds the JSON of the text frames that arrived."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._sending = threading.Lock()
        self.received: list[dict[str, Any]] = []
        self.arrived = threading.Condition()
        self.open = True

    def send(self, message: Mapping[str, Any]) -> None:
        """Send a text frame."""
        self._frame(_TEXT, json.dumps(message).encode())

    def close(self) -> None:
        """Send a close frame and hang up."""
        self._frame(_CLOSE, struct.pack("!H", 1000))
        self.cut()

    def cut(self) -> None:
        """Hang up without a word."""
        self.open = False
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def serve(self) -> None:
        """Read until the other side is gone."""
        while self.open:
            frame = self._read_frame()
            if frame is None or frame[0] == _CLOSE:
                break
            opcode, payload = frame
            if opcode == _PING:
                self._frame(_PONG, payload)
            elif opcode == _TEXT:
                with self.arrived:
                    self.received.append(json.loads(payload))
                    self.arrived.notify_all()
        self.open = False

    def wait_for_ack(self, envelope: str, seconds: float = 5.0) -> bool:
        """Whether the acknowledgement of `envelope` arrives in time."""
        with self.arrived:
            return self.arrived.wait_for(
                lambda: any(message.get("envelope_id") == envelope for message in self.received), seconds
            )

    def _frame(self, opcode: int, payload: bytes) -> None:
        size = len(payload)
        head = struct.pack("!BB", 0x80 | opcode, size) if size < 126 else struct.pack("!BBH", 0x80 | opcode, 126, size)
        if size > 65535:
            head = struct.pack("!BBQ", 0x80 | opcode, 127, size)
        with self._sending:
            try:
                self._sock.sendall(head + payload)
            except OSError:
                self.open = False

    def _read_frame(self) -> tuple[int, bytes] | None:
        head = self._exactly(2)
        if head is None:
            return None
        size = head[1] & 0x7F
        if size >= 126:
            longer = self._exactly(2 if size == 126 else 8)
            if longer is None:
                return None
            size = int.from_bytes(longer, "big")
        mask = self._exactly(4) if head[1] & 0x80 else b"\0\0\0\0"
        payload = self._exactly(size)
        if mask is None or payload is None:
            return None
        return head[0] & 0x0F, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))

    def _exactly(self, size: int) -> bytes | None:
        read = b""
        while len(read) < size:
            try:
                more = self._sock.recv(size - len(read))
            except OSError:
                return None
            if not more:
                return None
            read += more
        return read
