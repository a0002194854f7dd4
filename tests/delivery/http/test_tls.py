import contextlib
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from delivery.http.dialing import tls_context
from delivery.http.outcomes import Accepted, Phase, TimedOut, TlsFailed, Unreachable
from delivery.http.transport import Transport
from tests.delivery.http.conftest import (
    LOOPBACK,
    OK,
    Receiver,
    Send,
    Serve,
    answering,
    lying,
    outgoing,
    silent,
)


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_the_name_of_the_url_is_asked_for_and_checked(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    context = server_context(authority.issue_cert("receiver.example"))
    asked: list[str | None] = []
    context.set_servername_callback(lambda _socket, name, _context: asked.append(name))
    receiver = serve(answering(OK), tls=context)

    outcome = send(f"https://receiver.example:{receiver.port}/")

    assert isinstance(outcome, Accepted)
    assert asked == ["receiver.example"]
    assert b"\r\nHost: receiver.example:%d\r\n" % receiver.port in receiver.requests[0]


def test_an_address_is_checked_against_the_certificate_s_addresses(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    receiver = serve(answering(OK), tls=server_context(authority.issue_cert("127.0.0.1")))

    assert isinstance(send(f"https://127.0.0.1:{receiver.port}/"), Accepted)


def test_a_certificate_for_another_name_is_refused(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    receiver = serve(answering(OK), tls=server_context(authority.issue_cert("other.example")))

    outcome = send(f"https://receiver.example:{receiver.port}/")

    assert isinstance(outcome, TlsFailed)
    assert "not trusted" in outcome.error_message
    assert not receiver.requests


def test_a_name_in_the_common_name_alone_does_not_count(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    certificate = authority.issue_cert("other.example", common_name="receiver.example")
    receiver = serve(answering(OK), tls=server_context(certificate))

    assert isinstance(send(f"https://receiver.example:{receiver.port}/"), TlsFailed)


def test_a_certificate_of_an_unknown_authority_is_refused(serve: Serve, send: Send) -> None:
    stranger = trustme.CA().issue_cert("receiver.example")
    receiver = serve(answering(OK), tls=server_context(stranger))

    assert isinstance(send(f"https://receiver.example:{receiver.port}/"), TlsFailed)
    assert not receiver.requests


def test_no_authority_is_taken_from_the_environment(
    serve: Serve, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(bundle))
    receiver = serve(answering(OK), tls=server_context(authority.issue_cert("receiver.example")))
    transport = Transport(rules=LOOPBACK, resolver=lying("127.0.0.1"))

    with contextlib.closing(transport):
        outcome = transport.send(outgoing(f"https://receiver.example:{receiver.port}/"))

    assert isinstance(outcome, TlsFailed)


def test_no_session_keys_are_logged_for_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    key_log = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(key_log))

    assert tls_context(None).keylog_filename is None
    assert not key_log.exists()


def test_a_receiver_without_tls_fails(serve: Serve, send: Send) -> None:
    def speak_plainly(_receiver: Receiver, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    receiver = serve(speak_plainly)

    assert isinstance(send(f"https://receiver.example:{receiver.port}/"), TlsFailed)


def test_a_receiver_that_hangs_up_in_the_handshake_is_unreachable(serve: Serve, send: Send) -> None:
    def hang_up(_receiver: Receiver, connection: socket.socket) -> None:
        connection.recv(65536)

    receiver = serve(hang_up)

    outcome = send(f"https://receiver.example:{receiver.port}/")

    assert outcome == Unreachable(reason="The endpoint closed the connection.")


def test_an_old_version_of_tls_is_not_spoken() -> None:
    assert tls_context(None).minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_handshake_without_an_answer_times_out(serve: Serve, send: Send) -> None:
    receiver = serve(silent)

    outcome = send(f"https://receiver.example:{receiver.port}/", timeout=0.3)

    assert outcome == TimedOut(phase=Phase.TLS, after=timedelta(seconds=0.3))


def test_a_handshake_byte_by_byte_times_out(serve: Serve, send: Send) -> None:
    def drip(receiver: Receiver, connection: socket.socket) -> None:
        connection.recv(65536)
        # The start of a long ServerHello record.
        connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb\x03\x03")
        while not receiver.stopped.wait(0.01):
            connection.sendall(b"\x01")

    receiver = serve(drip)

    outcome = send(f"https://receiver.example:{receiver.port}/", timeout=0.3)

    assert outcome == TimedOut(phase=Phase.TLS, after=timedelta(seconds=0.3))


def test_a_large_request_that_is_read_slowly_times_out(
    serve: Serve, send: Send, authority: trustme.CA
) -> None:
    def sip(receiver: Receiver, connection: socket.socket) -> None:
        while not receiver.stopped.wait(0.05):
            connection.recv(16 * 1024)

    receiver = serve(sip, tls=server_context(authority.issue_cert("receiver.example")))
    url = f"https://receiver.example:{receiver.port}/"

    outcome = send(url, timeout=2, body=b"x" * 16 * 1024 * 1024)

    assert outcome == TimedOut(phase=Phase.WRITE, after=timedelta(seconds=2))
