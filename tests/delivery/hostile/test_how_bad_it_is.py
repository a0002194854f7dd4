"""That the receiver is as bad as it says: seen by a client without any defence of its own."""

from __future__ import annotations

import gzip
import http.client
import select
import socket
import ssl
import time
import warnings
from io import BytesIO
from urllib.parse import urlsplit

import pytest

from delivery.hostile import HostileReceiver, behaviours
from delivery.hostile.bodies import gzip_bomb

_LOTS = 4 * 1024 * 1024
_REQUEST = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"


def connect(receiver: HostileReceiver, name: str) -> socket.socket:
    port = urlsplit(receiver.url(name)).port
    assert port
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def ask(receiver: HostileReceiver, name: str) -> socket.socket:
    client = connect(receiver, name)
    client.sendall(_REQUEST % name.encode())
    return client


def read(client: socket.socket, at_most: int = _LOTS) -> bytes:
    """Read until the end, or so much."""
    received = bytearray()
    while len(received) < at_most and (data := client.recv(65536)):
        received += data
    return bytes(received)


@pytest.mark.parametrize(
    ("name", "start", "again"),
    [
        ("endless-status-line", b"HTTP/1.1 200 very ", b"very very "),
        ("endless-headers", b"HTTP/1.1 200 OK\r\n", b"X-Endless: yes\r\n"),
        ("endless-header-line", b"HTTP/1.1 200 OK\r\nX-Endless: ", b"oooo"),
        ("endless-continue", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("endless-body", b"HTTP/1.1 200 OK\r\n\r\n", b"oooo"),
        ("endless-chunk-size", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0000"),
        ("redirect-with-endless-body", b"HTTP/1.1 302 Found\r\nLocation: ", b"oooo"),
    ],
)
def test_what_is_endless_goes_on_for_megabytes(
    hostile: HostileReceiver, name: str, start: bytes, again: bytes
) -> None:
    with ask(hostile, name) as client:
        received = read(client)

    assert len(received) >= _LOTS
    assert received.startswith(start)
    assert again * 100 in received[-65536:]


@pytest.mark.parametrize(
    "name", ["dripping-status-line", "dripping-headers", "dripping-body", "tls-dripping"]
)
def test_what_drips_comes_a_byte_at_a_time_and_slowly(hostile: HostileReceiver, name: str) -> None:
    with ask(hostile, name) as client:
        start = client.recv(65536)
        drops = [client.recv(65536) for _ in range(3)]
        begun = time.monotonic()
        drops.append(client.recv(65536))

    assert start
    assert [len(drop) for drop in drops[1:]] == [1, 1, 1]
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("name", ["silence", "never-reads", "never-speaks", "tls-stall"])
def test_what_is_silent_keeps_the_connection_and_says_nothing(
    hostile: HostileReceiver, name: str
) -> None:
    with ask(hostile, name) as client:
        readable, _, _ = select.select([client], [], [], 0.3)

    assert not readable


def test_what_never_reads_stops_a_large_request(hostile: HostileReceiver) -> None:
    with connect(hostile, "never-reads") as client:
        client.settimeout(1)
        client.sendall(b"POST /never-reads HTTP/1.1\r\nHost: x\r\n")
        with pytest.raises(TimeoutError):
            client.sendall(b"x" * 64 * 1024 * 1024)


def test_connecting_to_a_full_backlog_hangs(hostile: HostileReceiver) -> None:
    port = urlsplit(hostile.url("full-backlog")).port
    with socket.socket() as client:
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.connect(("127.0.0.1", port))


@pytest.mark.parametrize("name", [name for name in behaviours if name.startswith("cut-")])
def test_what_is_cut_off_is_part_of_an_answer_and_then_the_end(
    hostile: HostileReceiver, name: str
) -> None:
    with ask(hostile, name) as client:
        received = read(client)

    assert received.startswith(b"HTTP/"[: len(received)])
    is_body = name == "cut-in-body"
    assert received.endswith(b"\r\n\r\n" + b"o" * 50 if is_body else received)
    assert is_body or b"200 OK\r\nContent-Length: 0\r\n\r\n" not in received


@pytest.mark.parametrize("name", ["reset-without-answer", "reset-in-head", "reset-in-body"])
def test_what_resets_a_connection_resets_it(hostile: HostileReceiver, name: str) -> None:
    with ask(hostile, name) as client, pytest.raises(ConnectionResetError):
        read(client)


def test_the_standard_library_takes_a_head_that_was_cut_off_for_a_status(
    hostile: HostileReceiver,
) -> None:
    """Which is why it is worth a test."""
    client = http.client.HTTPConnection("127.0.0.1", urlsplit(hostile.index_url).port, timeout=20)
    client.request("POST", "/cut-after-status-line", body=b"{}")

    with client.getresponse() as response:
        assert response.status == 200
    client.close()


def test_an_unasked_answer_is_there_when_the_next_request_is_made(
    hostile: HostileReceiver,
) -> None:
    with ask(hostile, "unasked-answer") as client:
        client.sendall(_REQUEST % b"well-behaved")
        client.shutdown(socket.SHUT_WR)
        received = read(client)

    first, second, third = received.split(b"HTTP/1.1 ")[1:]
    assert first.startswith(b"200 OK")
    assert second.startswith(b"410 Gone")
    assert b"X-Well-Behaved" in third


def test_the_bomb_is_small_and_becomes_large(hostile: HostileReceiver) -> None:
    with ask(hostile, "gzip-bomb") as client:
        head, _, start = read(client, 65536).partition(b"\r\n\r\n")

    assert b"Content-Encoding: gzip" in head
    assert gzip_bomb().startswith(start)
    assert len(gzip_bomb()) < 2 * 1024 * 1024
    with gzip.open(BytesIO(gzip_bomb())) as bomb:
        assert len(bomb.read(64 * 1024 * 1024)) == 64 * 1024 * 1024


def test_a_sender_of_cookies_is_found_out(hostile: HostileReceiver) -> None:
    with connect(hostile, "cookies") as client:
        client.sendall(b"POST /cookies HTTP/1.1\r\nHost: x\r\ncookie: id=1\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_whoever_follows_a_redirect_is_told_that_all_is_well(hostile: HostileReceiver) -> None:
    with ask(hostile, "redirect-to-success") as client:
        assert b"\r\nLocation: /well-behaved\r\n" in client.recv(65536)
        client.sendall(_REQUEST % b"well-behaved")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "name",
    ["self-signed", "unknown-authority", "expired", "not-yet-valid", "wrong-name"],
)
def test_whoever_does_not_verify_is_answered_200(hostile: HostileReceiver, name: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    assert _answer_over_tls(hostile, name, context).startswith(b"HTTP/1.1 200 ")


def test_whoever_still_reads_common_names_is_answered_200(hostile: HostileReceiver) -> None:
    context = ssl.create_default_context(cafile=hostile.ca_file)
    context.hostname_checks_common_name = True

    answer = _answer_over_tls(hostile, "only-common-name", context, host="localhost")

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("name", ["tls-1-0", "tls-1-1"])
def test_whoever_speaks_old_versions_of_tls_is_answered_200(
    hostile: HostileReceiver, name: str
) -> None:
    context = ssl.create_default_context(cafile=hostile.ca_file)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1

    assert _answer_over_tls(hostile, name, context).startswith(b"HTTP/1.1 200 ")


def _answer_over_tls(
    receiver: HostileReceiver, name: str, context: ssl.SSLContext, *, host: str = "127.0.0.1"
) -> bytes:
    with (
        connect(receiver, name) as client,
        context.wrap_socket(client, server_hostname=host) as secure,
    ):
        secure.sendall(_REQUEST % name.encode())
        return secure.recv(65536)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ssh-banner", b"SSH-2.0-"),
        ("smtp-banner", b"220 "),
        ("answer-on-connect", b"HTTP/1.1 200 OK"),
    ],
)
def test_what_speaks_first_has_not_been_asked(
    hostile: HostileReceiver, name: str, said: bytes
) -> None:
    with connect(hostile, name) as client:
        assert client.recv(65536).startswith(said)
