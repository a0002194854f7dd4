"""Hosts that one parser reads as an internal address, and another as something else."""

from ipaddress import ip_address

import pytest

from delivery.http.endpoints import EndpointRules, InvalidEndpoint, parse_endpoint

ANY_SCHEME = EndpointRules(allow_http=True)


@pytest.mark.parametrize(
    "host",
    [
        "2852039166",
        "0xa9fea9fe",
        "0xA9FEA9FE",
        "025177524776",
        "169.254.43518",
        "169.16689662",
        "0251.0376.0251.0376",
        "0xa9.0xfe.0xa9.0xfe",
        "169.254.169.0xfe",
        "169.254.169.254.",
        "169.254.169.254..",
        "%31%36%39.254.169.254",
        "169%2e254%2e169%2e254",
        "169.254.169.254%00.example.com",
        "\uff11\uff16\uff19.254.169.254",
        "169\u3002254\u3002169\u3002254",
        "169\uff0e254\uff0e169\uff0e254",
        "\u2460\u2465\u2468.254.169.254",
        "169.254.169.254 ",
        "169.254.169.254\t",
        "169.254.\n169.254",
        "example.com@169.254.169.254",
        "169.254.169.254:80@example.com",
        "169.254.169.254\\@example.com",
        "169.254.169.254#@example.com",
        "[169.254.169.254]",
        "[::ffff:169.254.169.254",
        "[::ffff:0251.254.169.254]",
        "[fe80::a9fe:a9fe%1]",
        "[fe80::a9fe:a9fe%251]",
        "[::ffff:a9fe:a9fe].",
        "localhost.",
        "loc\u0430lhost",
        "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
        "local\u00adhost",
        "local\u200bhost",
    ],
)
def test_no_disguise_of_a_host_is_read(host: str) -> None:
    for url in (f"https://{host}/", f"HTTPS://{host}:443/", f"http://{host}?a"):
        with pytest.raises(InvalidEndpoint):
            parse_endpoint(url, rules=ANY_SCHEME)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("[::FFFF:169.254.169.254]", "::ffff:169.254.169.254"),
        ("[0:0:0:0:0:ffff:a9fe:a9fe]", "::ffff:169.254.169.254"),
        ("[64:FF9B::a9fe:a9fe]", "64:ff9b::a9fe:a9fe"),
        ("[0000::0001]", "::1"),
        ("169.254.169.254", "169.254.169.254"),
    ],
)
def test_an_address_is_known_in_every_form_that_is_read(host: str, address: str) -> None:
    assert parse_endpoint(f"https://{host}/", rules=ANY_SCHEME).address == ip_address(address)
