import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from delivery.http.endpoints import EndpointRules
from delivery.http.outcomes import Accepted, Blocked, Outcome, Phase, TimedOut, Unreachable
from delivery.http.resolver import Resolver, system_resolver
from delivery.http.transport import Transport
from tests.delivery.http.conftest import LOOPBACK, OK, Serve, answering, lying, outgoing

REFUSED = Blocked(reason="The endpoint's address is not one that webhooks may be sent to.")


def send(
    url: str, *, resolver: Resolver, rules: EndpointRules = LOOPBACK, timeout: float = 10
) -> Outcome:
    transport = Transport(rules=rules, resolver=resolver)
    with contextlib.closing(transport):
        return transport.send(outgoing(url, timeout=timeout))


def counting(*answers: Sequence[str]) -> tuple[Resolver, list[str]]:
    """Give one answer after the other, and count the questions."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


def test_the_address_that_was_checked_is_the_one_dialled(serve: Serve) -> None:
    receiver = serve(answering(OK))
    resolver, asked = counting(["127.0.0.1"], ["10.0.0.1"])

    outcome = send(f"http://receiver.example:{receiver.port}/", resolver=resolver)

    assert isinstance(outcome, Accepted)
    assert asked == ["receiver.example"]
    assert b"\r\nHost: receiver.example:%d\r\n" % receiver.port in receiver.requests[0]


def test_a_name_that_turned_inward_since_is_blocked(serve: Serve) -> None:
    receiver = serve(
        answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    )
    resolver, _ = counting(["127.0.0.1"], ["10.0.0.1"])
    transport = Transport(rules=LOOPBACK, resolver=resolver)
    request = outgoing(f"http://receiver.example:{receiver.port}/")

    with contextlib.closing(transport):
        outcomes = [transport.send(request) for _ in range(2)]

    assert isinstance(outcomes[0], Accepted)
    assert outcomes[1] == REFUSED


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1", "10.0.0.1"],
        ["10.0.0.1", "127.0.0.1"],
        ["127.0.0.1", "::1"],
        ["127.0.0.1", "169.254.169.254"],
        ["127.0.0.1", "fe80::1%1"],
        ["127.0.0.1", "no address"],
    ],
)
def test_one_bad_address_refuses_all(serve: Serve, addresses: list[str]) -> None:
    receiver = serve(answering(OK))

    outcome = send(f"http://receiver.example:{receiver.port}/", resolver=lying(*addresses))

    assert outcome == REFUSED
    assert receiver.accepted == 0


def test_the_next_address_is_dialled_when_one_does_not_answer(serve: Serve) -> None:
    receiver = serve(answering(OK))
    resolver = lying("127.0.0.2", "127.0.0.1")

    outcome = send(f"http://receiver.example:{receiver.port}/", resolver=resolver)

    assert isinstance(outcome, Accepted)


def test_an_address_in_the_url_is_not_looked_up(serve: Serve) -> None:
    receiver = serve(answering(OK))
    resolver, asked = counting(["10.0.0.1"])

    assert isinstance(send(receiver.url, resolver=resolver), Accepted)
    assert not asked


def failing(error: Exception) -> Callable[[str, int], Sequence[str]]:
    def resolve(_host: str, _port: int) -> Sequence[str]:
        raise error

    return resolve


@pytest.mark.parametrize(
    "resolver",
    [
        lying(),
        failing(socket.gaierror(socket.EAI_NONAME, "Name or service not known")),
        failing(UnicodeError("label too long")),
    ],
)
def test_a_name_without_an_address_is_unreachable(resolver: Resolver) -> None:
    outcome = send("http://receiver.example/", resolver=resolver)

    assert outcome == Unreachable(reason="The endpoint's host name could not be resolved.")


def test_a_name_server_that_does_not_answer_times_out() -> None:
    answered = threading.Event()

    def resolve(_host: str, _port: int) -> Sequence[str]:
        answered.wait(10)
        return []

    outcome = send("http://receiver.example/", resolver=resolve, timeout=0.3)
    answered.set()

    assert outcome == TimedOut(phase=Phase.RESOLVE, after=timedelta(seconds=0.3))


def test_a_name_that_hangs_does_not_hold_up_others(serve: Serve) -> None:
    receiver = serve(answering(OK))
    answered = threading.Event()

    def resolve(host: str, _port: int) -> Sequence[str]:
        if host == "hanging.example":
            answered.wait(10)
        return ["127.0.0.1"]

    transport = Transport(rules=LOOPBACK, resolver=resolve)
    with contextlib.closing(transport):
        for _ in range(20):
            transport.send(outgoing("http://hanging.example/", timeout=0.01))
        outcome = transport.send(outgoing(f"http://receiver.example:{receiver.port}/"))
        answered.set()

    assert isinstance(outcome, Accepted)


def test_the_system_knows_the_loopback_interface_by_name() -> None:
    assert set(system_resolver("localhost", 80)) & {"127.0.0.1", "::1"}
