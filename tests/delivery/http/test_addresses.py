from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.addresses import AddressRules
from delivery.http.purposes import carried_by, is_public
from tests.delivery.http.carriers import CARRIERS

EVERYTHING = tuple(map(ip_network, ("0.0.0.0/0", "::/0")))


def permits(
    address: str, *, networks: tuple[str, ...] = (), hosts: tuple[str, ...] = (), host: str = "a.b"
) -> bool:
    rules = AddressRules(allowed_networks=tuple(map(ip_network, networks)), allowed_hosts=hosts)
    return rules.permits(ip_address(address), host=host)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses_may_be_dialled(address: str) -> None:
    assert permits(address)


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "fc00::1", "240.0.0.1"])
def test_others_may_not(address: str) -> None:
    assert not permits(address)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.1.0.0/16", "10.1.2.3"),
        ("127.0.0.1/32", "127.0.0.1"),
        ("::1/128", "::1"),
        ("fd00::/8", "fd00::1"),
        ("100.64.0.0/10", "100.64.0.1"),
        ("240.0.0.0/4", "240.0.0.1"),
    ],
)
def test_an_allowed_network_may_be_dialled(network: str, address: str) -> None:
    assert permits(address, networks=(network,))


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
    assert not permits(address, networks=(network,))


def test_an_address_and_the_one_that_it_carries_can_be_opened_together() -> None:
    assert permits("::ffff:127.0.0.1", networks=("127.0.0.0/8", "::ffff:0:0/96"))
    assert permits("64:ff9b:1::a00:1", networks=("10.0.0.0/8", "64:ff9b:1::/48"))


def test_who_opens_nat64_opens_nothing_behind_it() -> None:
    assert permits("64:ff9b::8.8.8.8", networks=("64:ff9b::/96",))
    for closed in ("10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"):
        assert not permits(f"64:ff9b::{closed}", networks=("64:ff9b::/96",))


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        (("intranet",), "intranet"),
        (("Intranet",), "iNTRANET"),
        (("a.example", "b.example"), "b.example"),
        ((".example.internal",), "example.internal"),
        ((".example.internal",), "a.example.internal"),
        ((".Example.Internal",), "a.b.EXAMPLE.internal"),
    ],
)
def test_an_allowed_host_may_be_at_any_address(hosts: tuple[str, ...], host: str) -> None:
    assert permits("10.0.0.1", hosts=hosts, host=host)
    assert permits("::ffff:127.0.0.1", hosts=hosts, host=host)


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        (("intranet",), "a.intranet"),
        (("intranet",), "myintranet"),
        ((".example.internal",), "badexample.internal"),
        ((".example.internal",), "example.internal.evil.example"),
        ((".example.internal",), "internal"),
        (("*",), "intranet"),
        (("*.internal",), "a.internal"),
        ((".",), "intranet"),
        (("",), "intranet"),
    ],
)
def test_an_allowed_host_opens_no_other(hosts: tuple[str, ...], host: str) -> None:
    assert not permits("10.0.0.1", hosts=hosts, host=host)


NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "100.80.80.80",
    "100.96.0.96",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "192.0.0.192",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "::",
    "fd00:42::42",
    "fd00:c1::a9fe:a9fe",
    "fd00:ec2::23",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::a9fe:a9fe",
    "febf::1",
    "ff02::1",
    "ff0e::1",
    "2606:4700::1%eth0",
]


@pytest.mark.parametrize("address", NEVER)
def test_no_setting_opens_what_is_never_opened(address: str) -> None:
    assert not permits(address, networks=("0.0.0.0/0", "::/0"))
    assert not permits(address, hosts=("intranet",), host="intranet")


# Nothing can be sent to 0.0.0.0/8 by way of IPv6, and `::1` looks as if it carried one of these.
@given(st.ip_addresses(v=4).filter(lambda address: address not in ip_network("0.0.0.0/8")))
def test_an_ipv4_address_is_never_safer_inside_an_ipv6_address(inner: IPv4Address) -> None:
    of_ipv6 = AddressRules(allowed_networks=(ip_network("::/0"),))
    closed = AddressRules()

    for carrier in (CARRIERS[form](inner) for form in CARRIERS):
        assert inner in carried_by(carrier)
        for rules in (of_ipv6, closed):
            if not rules.permits(inner, host="a.b"):
                assert not rules.permits(carrier, host="a.b")


@pytest.mark.parametrize("form", CARRIERS)
@pytest.mark.parametrize("address", ["169.254.169.254", "127.0.0.1", "10.0.0.1", "224.0.0.1"])
def test_every_disguise_of_an_address_is_known(form: str, address: str) -> None:
    carrier = CARRIERS[form](IPv4Address(address))

    assert IPv4Address(address) in carried_by(carrier)
    assert not permits(str(carrier))
    assert not permits(str(carrier), networks=("::/0",))


@pytest.mark.parametrize("form", CARRIERS)
def test_no_setting_opens_metadata_in_any_disguise(form: str) -> None:
    rules = AddressRules(allowed_networks=EVERYTHING, allowed_hosts=("a.b",))

    assert not rules.permits(CARRIERS[form](IPv4Address("169.254.169.254")), host="a.b")


@given(st.ip_addresses())
def test_what_is_permitted_by_default_is_global_to_python_as_well(
    address: IPv4Address | IPv6Address,
) -> None:
    if AddressRules().permits(address, host="a.b"):
        assert address.is_global
        assert not address.is_multicast
        assert is_public(address)


@pytest.mark.parametrize(
    ("address", "networks", "hosts", "expected"),
    [
        ("8.8.8.8", (), (), True),
        ("2606:4700::1", (), (), True),
        ("10.0.0.1", (), (), False),
        ("10.0.0.1", ("10.0.0.0/8",), (), False),
        ("8.8.8.8", ("8.8.8.0/24",), (), False),
        ("8.8.8.8", (), (".example",), False),
        ("::ffff:8.8.8.8", (), (), False),
    ],
)
def test_only_public_addresses_that_nobody_opened_are_shown(
    address: str, networks: tuple[str, ...], hosts: tuple[str, ...], expected: bool
) -> None:
    rules = AddressRules(allowed_networks=tuple(map(ip_network, networks)), allowed_hosts=hosts)

    assert rules.may_show(ip_address(address), host="a.example") is expected
