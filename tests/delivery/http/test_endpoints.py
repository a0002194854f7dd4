from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.http.endpoints import (
    Endpoint,
    EndpointRules,
    InvalidEndpoint,
    is_host_name,
    parse_endpoint,
)

ANY_SCHEME = EndpointRules(allow_http=True)


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://example.com", ("https", "example.com", 443), "/"),
        ("HTTPS://Example.COM/A?b=C", ("https", "example.com", 443), "/A?b=C"),
        ("https://example.com:443/", ("https", "example.com", 443), "/"),
        ("https://example.com:8443?q", ("https", "example.com", 8443), "/?q"),
        ("http://example.com:65535/", ("http", "example.com", 65535), "/"),
        ("http://localhost/%20/@:", ("http", "localhost", 80), "/%20/@:"),
        ("http://my_service:80/", ("http", "my_service", 80), "/"),
        ("https://xn--bcher-kva.example/", ("https", "xn--bcher-kva.example", 443), "/"),
        ("https://1and1.com/", ("https", "1and1.com", 443), "/"),
        ("https://1.2.3.4:5/", ("https", "1.2.3.4", 5), "/"),
        ("https://[2606:4700:0::11]/", ("https", "2606:4700::11", 443), "/"),
        ("http://[::1]:8000/", ("http", "::1", 8000), "/"),
    ],
)
def test_an_endpoint_is_read_in_one_way(
    url: str, origin: tuple[str, str, int], target: str
) -> None:
    endpoint = parse_endpoint(url, rules=ANY_SCHEME)

    assert (endpoint.scheme, endpoint.host, endpoint.port) == origin
    assert endpoint.target == target


def test_credentials_in_a_url_are_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidEndpoint, match=r"contains credentials.*leave them out"):
        parse_endpoint("https://ada:secret@example.com/", rules=EndpointRules())


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://Example.com:443/", "example.com"),
        ("https://example.com:80/", "example.com:80"),
        ("http://example.com:80/", "example.com"),
        ("https://[2606:4700:0::11]/", "[2606:4700::11]"),
        ("http://[::1]:8000/", "[::1]:8000"),
    ],
)
def test_the_authority_names_a_port_only_if_it_is_unusual(url: str, authority: str) -> None:
    assert parse_endpoint(url, rules=ANY_SCHEME).authority == authority


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://1.2.3.4/", IPv4Address("1.2.3.4")),
        ("https://[::ffff:1.2.3.4]/", IPv6Address("::ffff:1.2.3.4")),
        ("https://example.com/", None),
    ],
)
def test_an_address_in_place_of_a_name_is_known_as_one(url: str, address: object) -> None:
    assert parse_endpoint(url, rules=EndpointRules()).address == address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "https:example.com",
        "https:/example.com",
        "https:///path",
        "https://",
        "https://?q",
        "ftp://example.com/",
        "file:///etc/passwd",
        "javascript://example.com/",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://@example.com/",
        "https://example.com@127.0.0.1/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com/a\\b",
        "https://example.com/#fragment",
        "https://example.com#@127.0.0.1/",
        "https://example.com/ path",
        " https://example.com/",
        "https://example.com/\n",
        "https://exa\tmple.com/",
        "https://example.com/\r\nHost: other",
        "https://example.com/\x00",
        "https://example.com/\x7f",
        "https://example.com/é",
        "https://bücher.example/",
        "https://\N{FULLWIDTH LATIN SMALL LETTER E}xample.com/",
        "https://127。0。0。1/",
        "https://example.com:/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:0443/",
        "https://example.com:+443/",
        "https://example.com:80:80/",
        "https://example.com:port/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0X7F.0.0.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.256/",
        "https://127.0.0.1./",
        "https://1.2.3.4.5/",
        "https://example.0x/",
        "https://example.1/",
        "https://[::1/",
        "https://::1/",
        "https://[::1]a/",
        "https://[fe80::1%25eth0]/",
        "https://[v1.a]/",
        "https://[]/",
        "https://exa%6dple.com/",
        "https://example..com/",
        "https://.example.com/",
        "https://example.com./",
        "https://-example.com/",
        "https://example-.com/",
        "https://exa!mple.com/",
        f"https://{'a' * 64}.com/",
        f"https://{'a.' * 130}com/",
        f"https://example.com/{'a' * 2048}",
    ],
)
def test_what_could_be_read_in_two_ways_is_no_endpoint(url: str) -> None:
    with pytest.raises(InvalidEndpoint):
        parse_endpoint(url, rules=ANY_SCHEME)


@pytest.mark.parametrize("port", [1, 22, 25, 110, 143, 587, 993, 2049, 6000, 6667, 10080])
def test_a_port_of_another_protocol_is_refused(port: int) -> None:
    with pytest.raises(InvalidEndpoint, match=rf"port is {port}, at which another protocol"):
        parse_endpoint(f"https://example.com:{port}/", rules=EndpointRules())


@pytest.mark.parametrize("port", [80, 443, 3000, 5000, 8000, 8080, 8443, 9000, 9200, 65535])
def test_other_ports_may_be_used(port: int) -> None:
    assert parse_endpoint(f"https://example.com:{port}/", rules=EndpointRules()).port == port


def test_where_ports_are_listed_there_are_no_others() -> None:
    rules = EndpointRules(allow_http=True, allowed_ports=frozenset({443, 8443, 25}))

    assert parse_endpoint("https://example.com/", rules=rules).port == 443
    assert parse_endpoint("https://example.com:25/", rules=rules).port == 25
    for url in ("http://example.com/", "https://example.com:8080/", "https://example.com:22/"):
        with pytest.raises(InvalidEndpoint, match="use one of these: 25, 443, 8443"):
            parse_endpoint(url, rules=rules)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.com", True),
        ("intranet", True),
        ("my_service", True),
        ("xn--bcher-kva.example", True),
        ("", False),
        ("*", False),
        ("*.example.com", False),
        ("example.com.", False),
        (".example.com", False),
        ("10.0.0.1", False),
        ("0x7f", False),
        ("::1", False),
        ("[::1]", False),
        ("example.com:443", False),
        ("https://example.com", False),
        ("b\u00fccher.example", False),
    ],
)
def test_a_host_name_is_told_from_what_is_none(text: str, expected: bool) -> None:
    assert is_host_name(text) is expected


def test_http_is_refused_unless_it_is_allowed() -> None:
    with pytest.raises(InvalidEndpoint, match="use https"):
        parse_endpoint("http://example.com/", rules=EndpointRules())


def test_a_url_may_be_2048_characters_long() -> None:
    url = "https://example.com/".ljust(2048, "a")

    assert len(parse_endpoint(url, rules=EndpointRules()).target) == 2048 - len(
        "https://example.com"
    )


def test_a_refusal_does_not_repeat_a_password() -> None:
    with pytest.raises(InvalidEndpoint) as refusal:
        parse_endpoint("https://user:hunter2@example.com/", rules=EndpointRules())

    assert "hunter2" not in str(refusal.value)


@given(st.text() | st.text(alphabet="https:/@[]?#.0x1a-_%").map("https://".__add__))
def test_every_text_is_an_endpoint_that_can_be_sent_to_or_is_refused(url: str) -> None:
    try:
        endpoint = parse_endpoint(url, rules=ANY_SCHEME)
    except InvalidEndpoint:
        return

    assert endpoint.host.encode("idna")
    again = f"{endpoint.scheme}://{endpoint.authority}{endpoint.target}"
    assert parse_endpoint(again, rules=ANY_SCHEME) == endpoint


@given(st.ip_addresses(), st.integers(1, 65535))
def test_every_address_and_port_survive_the_parser(
    address: IPv4Address | IPv6Address, port: int
) -> None:
    rules = EndpointRules(allow_http=True, allowed_ports=frozenset({port}))
    host = f"[{address}]" if address.version == 6 else str(address)

    endpoint = parse_endpoint(f"http://{host}:{port}/", rules=rules)

    assert endpoint == Endpoint(
        scheme="http", host=str(address), port=port, target="/", address=address
    )
