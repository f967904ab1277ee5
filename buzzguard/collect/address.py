"""Which addresses an outgoing request may dial: the guard against requests forged through a feed's address.

What counts is the address that is dialled, not the one that was looked up for a check: names are resolved once, judged,
and the connection goes to exactly what was judged.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from buzzguard.errors import SourceRefused, SourceUnavailable

_CARRIER_NAT = IPv4Network("100.64.0.0/10")
_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_RESOLVER_THREADS = 16
"""A resolver that hangs holds a thread for half a minute; apart from the default pool it delays nobody else."""
_PATIENCE = 2.0
"""Seconds that a look-up for a judgement beside a proxy may take."""

Address = IPv4Address | IPv6Address


class Resolver:
    """Looks names up and judges what comes back. `allow` names hosts whose private addresses are permitted."""

    def __init__(self, allow: Iterable[str]) -> None:
        self._allow = frozenset(plain_host(name) for name in allow)
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolve")

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of `host` that may be dialled, in the system's order of preference.

        Raises SourceUnavailable when the name cannot be found, SourceRefused when each address is forbidden.
        """
        return self._judge(host, await self._look_up(plain_host(host), port))

    async def judge_name(self, host: str, port: int) -> None:
        """Refuse what this machine knows to be forbidden; a name that it cannot find is left to the proxy."""
        try:
            async with asyncio.timeout(_PATIENCE):
                found = await self._look_up(plain_host(host), port)
        except (SourceUnavailable, TimeoutError):
            return
        self._judge(host, found)

    def _judge(self, host: str, found: list[Address]) -> tuple[str, ...]:
        named = plain_host(host) in self._allow
        refusals = {address: refusal(address, named=named) for address in found}
        usable = tuple(str(address) for address, reason in refusals.items() if not reason)
        if not usable:
            address, reason = next(iter(refusals.items()))
            hint = "" if named else "; to permit it, name the host in network.allow"
            raise SourceRefused(f"{host} leads to {address}, {reason}{hint}")
        return usable

    async def _look_up(self, host: str, port: int) -> list[Address]:
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._threads, _getaddrinfo, host, port)
        except (OSError, UnicodeError) as error:
            raise SourceUnavailable(f"the host {host} cannot be found") from error
        found = [ip_address(answer.partition("%")[0]) for answer in answers]
        if not found:
            raise SourceUnavailable(f"the host {host} has no address")
        return list(dict.fromkeys(found))

    def close(self) -> None:
        """Let go of the threads; one that hangs is not waited for."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _getaddrinfo(host: str, port: int) -> list[str]:
    return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def plain_host(host: str) -> str:
    """A host name as it is compared: lower case, no final dot, no brackets."""
    return host.strip().strip("[]").rstrip(".").lower()


def refusal(address: Address, *, named: bool) -> str:
    """Why `address` may not be dialled, empty when it may.

    `named` permits what belongs to a private network or to this machine, as the operator wrote the host down.
    Link-local (cloud metadata lives there), multicast and reserved addresses are refused even then.
    """
    carried = _carried(address)
    if carried is not None:
        return refusal(carried, named=named)
    if address.is_unspecified or address.is_multicast:
        return "which is no address of a host"
    if address.is_link_local:
        return "a link-local address"
    if address.is_loopback or _is_private(address):
        return "" if named else _kind(address)
    return "" if address.is_global and not address.is_reserved else "a reserved address"


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one that a translator on the way would dial."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def _is_private(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return (address.is_private and not address.is_reserved) or address in _CARRIER_NAT
    return address.is_private or address.is_site_local or address in _NAT64_LOCAL


def _kind(address: Address) -> str:
    return "an address of this machine" if address.is_loopback else "an address of a private network"
