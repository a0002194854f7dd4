from datetime import timedelta
from pathlib import Path

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter

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
from delivery.http.transport import USER_AGENT, Transport
from tests.delivery.http.conftest import OK, Serve, answering, outgoing


def head_of(request: bytes) -> list[bytes]:
    return request.partition(b"\r\n\r\n")[0].split(b"\r\n")


def test_the_request_goes_out_byte_for_byte(serve: Serve, transport: Transport) -> None:
    receiver = serve(answering(OK))
    body = b'{"a": "\xc3\xa9", "n": 1.10}'

    transport.send(
        outgoing(f"{receiver.url}?a=%20&b", body=body, headers=(("Webhook-Id", "msg_1"),))
    )

    assert receiver.requests[0].endswith(b"\r\n\r\n" + body)
    assert head_of(receiver.requests[0])[0] == b"POST /hook?a=%20&b HTTP/1.1"
    assert sorted(head_of(receiver.requests[0])[1:]) == [
        b"Accept-Encoding: identity",
        b"Content-Length: %d" % len(body),
        b"Host: 127.0.0.1:%d" % receiver.port,
        b"User-Agent: " + USER_AGENT.encode(),
        b"Webhook-Id: msg_1",
    ]


def test_a_caller_s_user_agent_is_kept_and_its_framing_is_not(
    serve: Serve, transport: Transport
) -> None:
    receiver = serve(answering(OK))
    headers = (
        ("user-agent", "Mine/1"),
        ("content-length", "999"),
        ("transfer-encoding", "chunked"),
        ("host", "elsewhere"),
    )

    outcome = transport.send(outgoing(receiver.url, headers=headers))

    assert isinstance(outcome, Accepted)
    head = [line.lower() for line in head_of(receiver.requests[0])]
    assert b"user-agent: mine/1" in head
    assert b"content-length: 2" in head
    assert b"host: 127.0.0.1:%d" % receiver.port in head
    assert not any(line.startswith(b"transfer-encoding") for line in head)


@pytest.mark.parametrize("header", [("A", "b\r\nC: d"), ("A", "\x00"), ("A b", "c"), ("A", "→")])
def test_a_header_that_http_does_not_allow_is_not_sent(
    serve: Serve, transport: Transport, header: tuple[str, str]
) -> None:
    receiver = serve(answering(OK))

    outcome = transport.send(outgoing(receiver.url, headers=(header,)))

    assert isinstance(outcome, Blocked)
    assert not receiver.requests


def test_a_redirect_is_not_followed(serve: Serve, transport: Transport) -> None:
    elsewhere = serve(answering(OK))
    location = elsewhere.url.encode()
    receiver = serve(
        answering(b"HTTP/1.1 307 There\r\nContent-Length: 0\r\nLocation: " + location + b"\r\n\r\n")
    )

    outcome = transport.send(outgoing(receiver.url))

    assert isinstance(outcome, Rejected)
    assert elsewhere.accepted == 0


def test_cookies_are_not_kept(serve: Serve, transport: Transport) -> None:
    receiver = serve(
        answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n")
    )

    for _ in range(2):
        transport.send(outgoing(receiver.url))

    assert b"ookie" not in receiver.requests[1]


def test_nothing_is_taken_from_the_environment(
    serve: Serve, transport: Transport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy, receiver = serve(answering(OK)), serve(answering(OK))
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login user password hunter2\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")

    assert isinstance(transport.send(outgoing(receiver.url)), Accepted)

    assert proxy.accepted == 0
    assert b"uthorization" not in receiver.requests[0]


@pytest.mark.parametrize("url", ["", "ftp://example.com/", "http://127.1/", "http://[::1", "\x00"])
def test_what_is_no_endpoint_is_blocked(transport: Transport, url: str) -> None:
    assert isinstance(transport.send(outgoing(url)), Blocked)


def test_http_is_blocked_unless_it_is_allowed(serve: Serve) -> None:
    receiver = serve(answering(OK))
    strict = Transport(rules=EndpointRules())

    assert isinstance(strict.send(outgoing(receiver.url)), Blocked)
    strict.close()


def test_an_address_of_ours_is_blocked_in_words_that_tell_nothing(serve: Serve) -> None:
    receiver = serve(answering(OK))
    strict = Transport(rules=EndpointRules(allow_http=True))

    outcomes = {
        strict.send(outgoing(url))
        for url in (receiver.url, "http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/")
    }

    assert outcomes == {
        Blocked(reason="The endpoint's address is not one that webhooks may be sent to.")
    }
    assert receiver.accepted == 0
    strict.close()


def test_a_host_may_bring_another_adapter(serve: Serve) -> None:
    receiver = serve(answering(b"HTTP/1.1 404 No\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20000))
    other = Transport(rules=EndpointRules(allow_http=True), adapter=HTTPAdapter())

    outcome = other.send(outgoing(receiver.url, body=b"{}"))

    assert isinstance(outcome, Rejected)
    assert (outcome.answer.body, outcome.answer.is_truncated) == ("x" * 16384, True)
    other.close()


class Failing(BaseAdapter):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def send(self, *_args: object, **_options: object) -> requests.Response:
        raise self._error

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (
            requests.ConnectTimeout("10.0.0.1"),
            TimedOut(phase=Phase.CONNECT, after=timedelta(seconds=10)),
        ),
        (requests.ReadTimeout("10.0.0.1"), TimedOut(phase=Phase.HEAD, after=timedelta(seconds=10))),
        (
            requests.exceptions.SSLError("10.0.0.1"),
            TlsFailed(reason="TLS with the endpoint failed."),
        ),
        (
            requests.ConnectionError("10.0.0.1"),
            Unreachable(reason="The connection to the endpoint failed."),
        ),
    ],
)
def test_another_adapter_s_errors_are_outcomes_without_its_words(
    error: Exception, expected: object
) -> None:
    transport = Transport(rules=EndpointRules(), adapter=Failing(error))

    assert transport.send(outgoing("https://example.com/")) == expected
