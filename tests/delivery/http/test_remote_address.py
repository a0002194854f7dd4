"""Which address was dialled, as outcomes tell it. Nothing leaves the loopback interface here."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import IPv4Address, ip_address, ip_network

import pytest
import trustme

from delivery.http.adapter import DeadlineAdapter
from delivery.http.addresses import AddressRules
from delivery.http.endpoints import EndpointRules
from delivery.http.outcomes import (
    Accepted,
    Blocked,
    Phase,
    Rejected,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from delivery.http.purposes import Address
from delivery.http.transport import Transport
from tests.delivery.http.conftest import OK, Serve, answering, lying, outgoing, silent
from tests.services.wires import Wires

PUBLIC = IPv4Address("93.184.216.34")
OTHER = IPv4Address("93.184.216.35")


@pytest.fixture
def wires() -> Wires:
    return Wires()


Open = Callable[..., Transport]


@pytest.fixture
def transport_to(wires: Wires) -> Iterator[Open]:
    with contextlib.ExitStack() as opened:

        def make(
            *addresses: Address, allowed: AddressRules | None = None, ca_file: str | None = None
        ) -> Transport:
            rules = EndpointRules(allow_http=True, addresses=allowed or AddressRules())
            resolver = lying(*map(str, addresses))
            adapter = DeadlineAdapter(
                rules=rules, ca_file=ca_file, resolver=resolver, connect=wires
            )
            transport = Transport(rules=rules, adapter=adapter)
            return opened.enter_context(contextlib.closing(transport))

        yield make


def test_an_answer_tells_it_on_fresh_and_on_reused_connections(
    serve: Serve, transport_to: Open, wires: Wires
) -> None:
    refusal = b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n"
    receiver = serve(answering(OK, refusal, OK))
    transport = transport_to(PUBLIC)
    request = outgoing(f"http://receiver.example:{receiver.port}/")

    outcomes = [transport.send(request) for _ in range(3)]

    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
    assert {outcome.remote_address for outcome in outcomes} == {PUBLIC}
    assert wires.dialled == [PUBLIC]


def test_it_is_the_address_that_answered(serve: Serve, transport_to: Open, wires: Wires) -> None:
    receiver = serve(answering(OK))
    wires.cut.add(OTHER)

    outcome = transport_to(OTHER, PUBLIC).send(
        outgoing(f"http://receiver.example:{receiver.port}/")
    )

    assert outcome.remote_address == PUBLIC
    assert wires.dialled == [OTHER, PUBLIC]


def test_a_connection_that_was_refused_tells_where(transport_to: Open, wires: Wires) -> None:
    wires.cut.update((PUBLIC, OTHER))

    outcome = transport_to(PUBLIC, OTHER).send(outgoing("http://receiver.example/"))

    assert outcome == Unreachable(
        reason="The connection to the endpoint failed: connection refused.", remote_address=OTHER
    )


def test_a_connection_that_nobody_accepts_tells_where(transport_to: Open, wires: Wires) -> None:
    wires.swallowing.add(PUBLIC)

    outcome = transport_to(PUBLIC).send(outgoing("http://receiver.example/"))

    assert outcome == TimedOut(
        phase=Phase.CONNECT, after=timedelta(seconds=10), remote_address=PUBLIC
    )


def test_a_receiver_that_never_answers_tells_where(serve: Serve, transport_to: Open) -> None:
    url = f"http://receiver.example:{serve(silent).port}/"

    outcome = transport_to(PUBLIC).send(outgoing(url, timeout=0.3))

    assert outcome == TimedOut(
        phase=Phase.HEAD, after=timedelta(seconds=0.3), remote_address=PUBLIC
    )


def test_a_receiver_that_hangs_up_tells_where(serve: Serve, transport_to: Open) -> None:
    receiver = serve(answering(b"", then_close=True))

    outcome = transport_to(PUBLIC).send(outgoing(f"http://receiver.example:{receiver.port}/"))

    assert isinstance(outcome, Unreachable)
    assert outcome.remote_address == PUBLIC


def test_a_certificate_that_is_not_trusted_tells_where(
    serve: Serve, transport_to: Open, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("receiver.example").configure_cert(context)
    receiver = serve(answering(OK), tls=context)

    with authority.cert_pem.tempfile() as ca_file:
        outcome = transport_to(PUBLIC, ca_file=ca_file).send(
            outgoing(f"https://receiver.example:{receiver.port}/")
        )

    assert isinstance(outcome, TlsFailed)
    assert outcome.remote_address == PUBLIC


def test_an_address_in_the_url_is_told_as_well(serve: Serve, transport_to: Open) -> None:
    receiver = serve(answering(OK))

    outcome = transport_to().send(outgoing(f"http://{PUBLIC}:{receiver.port}/"))

    assert outcome.remote_address == PUBLIC


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("127.0.0.1", AddressRules(allowed_networks=(ip_network("127.0.0.0/8"),))),
        ("10.1.2.3", AddressRules(allowed_hosts=("receiver.example",))),
        ("93.184.216.34", AddressRules(allowed_hosts=("receiver.example",))),
        ("93.184.216.34", AddressRules(allowed_networks=(ip_network("93.184.216.0/24"),))),
    ],
)
def test_an_address_that_was_opened_is_never_told(
    serve: Serve, transport_to: Open, wires: Wires, address: str, allowed: AddressRules
) -> None:
    transport = transport_to(ip_address(address), allowed=allowed)
    port = serve(answering(OK)).port

    accepted = transport.send(outgoing(f"http://receiver.example:{port}/"))
    wires.cut.add(ip_address(address))
    refused = transport.send(outgoing("http://receiver.example:1234/"))

    assert isinstance(accepted, Accepted)
    assert isinstance(refused, Unreachable)
    assert accepted.remote_address is refused.remote_address is None


def test_nothing_is_told_where_nothing_was_dialled(transport_to: Open, wires: Wires) -> None:
    no_name, internal = transport_to(), transport_to(PUBLIC, IPv4Address("10.0.0.1"))

    outcomes = [
        no_name.send(outgoing("http://receiver.example/")),
        internal.send(outgoing("http://receiver.example/")),
        no_name.send(outgoing("http://receiver.example/", timeout=0)),
    ]

    assert [type(outcome) for outcome in outcomes] == [Unreachable, Blocked, TimedOut]
    assert {outcome.remote_address for outcome in outcomes} == {None}
    assert not wires.dialled
