from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.addresses import AddressRules


def allowing(*networks: str) -> AddressRules:
    return AddressRules(allowed_networks=tuple(map(ip_network, networks)))


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::1"],
)
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert AddressRules().refusal(ip_address(address)) is None


REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "233.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_of_the_public_internet_are_refused(address: str) -> None:
    assert AddressRules().refusal(ip_address(address)) is not None


def test_every_refusal_says_the_same() -> None:
    assert len({AddressRules().refusal(ip_address(address)) for address in REFUSED}) == 1


@pytest.mark.parametrize(
    ("network", "address"),
    [("10.1.0.0/16", "10.1.2.3"), ("127.0.0.1/32", "127.0.0.1"), ("fd00::/8", "fd00::1")],
)
def test_an_allowed_network_may_be_dialled(network: str, address: str) -> None:
    assert allowing(network).refusal(ip_address(address)) is None


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.1.0.0/16", "10.2.0.1"),
        ("127.0.0.0/8", "::1"),
        ("127.0.0.0/8", "::ffff:127.0.0.1"),
        ("::/0", "127.0.0.1"),
        ("::/0", "::ffff:127.0.0.1"),
        ("::/0", "64:ff9b::7f00:1"),
        ("::/0", "2002:7f00:1::1"),
        ("::/0", "::10.0.0.1"),
    ],
)
def test_an_allowed_network_opens_nothing_else(network: str, address: str) -> None:
    assert allowing(network).refusal(ip_address(address)) is not None


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "168.63.129.16",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
    ],
)
def test_no_allowed_network_opens_cloud_metadata(address: str) -> None:
    assert allowing("0.0.0.0/0", "::/0").refusal(ip_address(address)) is not None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_never_safer_inside_an_ipv6_address(inner: IPv4Address) -> None:
    rules = allowing("::/0")
    number = int(inner)
    carriers = (
        IPv6Address(0xFFFF << 32 | number),
        IPv6Address(0x0064FF9B << 96 | number),
        IPv6Address(0x2002 << 112 | number << 80),
        IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),
    )

    if rules.refusal(inner) is not None:
        assert all(rules.refusal(carrier) is not None for carrier in carriers)
