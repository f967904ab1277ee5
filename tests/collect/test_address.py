"""Which addresses may be dialled."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from buzzguard.collect.address import Resolver, refusal
from buzzguard.errors import SourceRefused, SourceUnavailable

PRIVATE = ["127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "fec0::1"]
CARRYING = ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "64:ff9b:1::1"]
NEVER = [
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fe80::1",
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
    "::7f00:1",
]


@pytest.mark.parametrize("address", PRIVATE + CARRYING)
def test_private_addresses_are_refused_however_they_are_written_unless_named(address: str) -> None:
    assert refusal(ip_address(address), named=False)
    assert not refusal(ip_address(address), named=True)


@pytest.mark.parametrize("address", [*NEVER, "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"])
def test_addresses_of_no_host_and_of_cloud_metadata_are_refused_even_when_named(address: str) -> None:
    assert refusal(ip_address(address), named=True)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_permitted(address: str) -> None:
    assert not refusal(ip_address(address), named=False)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "127.1", "2130706433", "0x7f.1", "[::1]"])
async def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    resolver = Resolver(())
    with pytest.raises(SourceRefused, match="this machine"):
        await resolver.resolve(host, 80)
    resolver.close()


async def test_a_named_host_may_be_on_this_machine() -> None:
    resolver = Resolver(("Localhost",))
    assert "127.0.0.1" in await resolver.resolve("localhost", 80)
    resolver.close()


async def test_a_name_that_nobody_knows_may_come_back() -> None:
    resolver = Resolver(())
    with pytest.raises(SourceUnavailable, match=r"nowhere\.invalid"):
        await resolver.resolve("nowhere.invalid", 80)
    resolver.close()


async def test_beside_a_proxy_only_what_is_known_to_be_forbidden_is_refused() -> None:
    resolver = Resolver(())
    await resolver.judge_name("nowhere.invalid", 80)
    with pytest.raises(SourceRefused):
        await resolver.judge_name("localhost", 80)
    resolver.close()
