from ipaddress import ip_address, ip_network

import pytest

from delivery.http.purposes import Purpose, carried_by, is_public, purpose_of

FIRST_AND_LAST = {
    Purpose.UNSPECIFIED: ["0.0.0.0/8", "::/128"],
    Purpose.PRIVATE: [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "fc00::/7",
        "fec0::/10",
    ],
    Purpose.SHARED: ["100.64.0.0/10"],
    Purpose.LOOPBACK: ["127.0.0.0/8", "::1/128"],
    Purpose.LINK_LOCAL: ["169.254.0.0/16", "fe80::/10"],
    Purpose.PROTOCOL: ["192.0.0.0/24", "2001:1::/32", "2001:1ff::/32"],
    Purpose.DOCUMENTATION: [
        "192.0.2.0/24",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001:db8::/32",
        "3fff::/20",
    ],
    Purpose.BENCHMARKING: ["198.18.0.0/15", "2001:2::/48"],
    Purpose.SERVICE: [
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "2620:4f:8000::/48",
    ],
    Purpose.TRANSLATION: [
        "192.88.99.0/24",
        "::2/128",
        "::ffff:0:0/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    ],
    Purpose.MULTICAST: ["224.0.0.0/4", "ff00::/8"],
    Purpose.RESERVED: ["240.0.0.0/5", "3ffe::/16", "4000::/3", "1::/16", "64:ff9b:2::/48"],
    Purpose.BROADCAST: ["255.255.255.255/32"],
    Purpose.DISCARD: ["100::/64", "100:0:0:1::/64"],
    Purpose.IDENTIFIER: ["2001:10::/28", "2001:20::/28", "2001:30::/28", "5f00::/16"],
    Purpose.CLOUD_METADATA: [
        "100.80.80.80/32",
        "100.96.0.96/32",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "169.254.169.254/32",
        "169.254.170.2/32",
        "169.254.170.23/32",
        "192.0.0.192/32",
        "fd00:42::42/128",
        "fd00:100::100:200/128",
        "fd00:a9fe:a9fe::1/128",
        "fd00:c1::a9fe:a9fe/128",
        "fd00:ec2::/32",
        "fd20:ce::254/128",
        "fe80::a9fe:a9fe/128",
    ],
    Purpose.PUBLIC: [
        "1.0.0.0/8",
        "11.0.0.0/8",
        "100.0.0.0/10",
        "100.128.0.0/9",
        "172.32.0.0/11",
        "192.0.1.0/24",
        "198.20.0.0/14",
        "223.0.0.0/8",
        "2001:200::/23",
        "2003::/16",
        "2600::/12",
        "2a00::/12",
        "2c00::/12",
    ],
}


def test_the_table_of_this_test_has_every_purpose() -> None:
    assert set(FIRST_AND_LAST) == set(Purpose)


@pytest.mark.parametrize(
    ("network", "purpose"),
    [(network, purpose) for purpose, networks in FIRST_AND_LAST.items() for network in networks],
)
def test_the_first_and_the_last_address_of_a_network_have_its_purpose(
    network: str, purpose: Purpose
) -> None:
    block = ip_network(network)

    assert {purpose_of(block[0]), purpose_of(block[-1])} == {purpose}
    assert is_public(block[-1]) is (purpose is Purpose.PUBLIC)


@pytest.mark.parametrize(
    ("just_outside", "expected"),
    [
        ("9.255.255.255", Purpose.PUBLIC),
        ("100.63.255.255", Purpose.PUBLIC),
        ("126.255.255.255", Purpose.PUBLIC),
        ("168.63.129.15", Purpose.PUBLIC),
        ("169.255.0.0", Purpose.PUBLIC),
        ("172.15.255.255", Purpose.PUBLIC),
        ("192.0.3.0", Purpose.PUBLIC),
        ("198.17.255.255", Purpose.PUBLIC),
        ("1fff:ffff::", Purpose.RESERVED),
        ("2001:db7:ffff::", Purpose.PUBLIC),
        ("2001:db9::", Purpose.PUBLIC),
        ("3fff:1000::", Purpose.PUBLIC),
        ("4000::", Purpose.RESERVED),
        ("fd00:ec1::254", Purpose.PRIVATE),
        ("fd00:ec3::254", Purpose.PRIVATE),
    ],
)
def test_a_network_ends_where_it_ends(just_outside: str, expected: Purpose) -> None:
    assert purpose_of(ip_address(just_outside)) is expected


def test_an_address_with_a_zone_is_of_one_link() -> None:
    assert purpose_of(ip_address("2606:4700::1%eth0")) is Purpose.LINK_LOCAL
    assert purpose_of(ip_address("::1%lo")) is Purpose.LINK_LOCAL


@pytest.mark.parametrize("address", ["8.8.8.8", "::", "::1", "2606:4700::1", "fd00::a00:1"])
def test_most_addresses_carry_no_other(address: str) -> None:
    assert carried_by(ip_address(address)) == ()


def test_a_public_address_that_carries_a_private_one_is_not_public() -> None:
    assert not is_public(ip_address("2606:4700::5efe:a00:1"))
    assert is_public(ip_address("2606:4700::5efe:808:808"))
