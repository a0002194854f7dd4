"""The hostile receiver: how it starts and ends, and what it tells of itself."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import requests

from delivery.hostile import Answered, HostileReceiver, behaviours
from delivery.hostile.catalogue import groups


def test_names_are_in_kebab_case_and_descriptions_are_sentences() -> None:
    for name, behaviour in behaviours.items():
        assert behaviour.name == name
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"[A-Z].*[^.]\.", behaviour.description)


def test_no_two_behaviours_have_the_same_name() -> None:
    assert sum(map(len, groups.values())) == len(behaviours)


def test_it_ends_with_its_context_and_leaves_nothing() -> None:
    before = set(threading.enumerate())
    with HostileReceiver() as receiver, socket.socket() as client:
        urls = [receiver.url(name) for name in behaviours]
        ca_file = Path(receiver.ca_file)
        client.connect(("127.0.0.1", port_of(receiver.url("endless-body"))))
        client.sendall(b"POST /endless-body HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1)

    assert set(threading.enumerate()) <= before
    assert not ca_file.parent.exists()
    for url in urls:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port_of(url))).close()


def test_it_can_be_given_a_port(hostile: HostileReceiver) -> None:
    with HostileReceiver() as other:
        port = port_of(other.index_url)
    with HostileReceiver(port=port) as receiver:
        assert receiver.url("silence") == f"http://127.0.0.1:{port}/silence"

    with pytest.raises(OSError, match="in use"), HostileReceiver(port=port_of(hostile.index_url)):
        pass


def test_a_behaviour_that_does_not_exist_has_no_url(hostile: HostileReceiver) -> None:
    with pytest.raises(LookupError, match="no behaviour 'politeness'"):
        hostile.url("politeness")


def test_programs_in_other_languages_are_told_everything_as_json(hostile: HostileReceiver) -> None:
    told = requests.get(hostile.index_url, timeout=20).json()

    assert told["caFile"] == hostile.ca_file
    assert {each["name"]: each["url"] for each in told["behaviours"]} == {
        name: hostile.url(name) for name in behaviours
    }
    by_name = {each["name"]: each for each in told["behaviours"]}
    assert by_name["silence"] == {
        "name": "silence",
        "url": hostile.url("silence"),
        "description": "Reads the request and never answers.",
        "expected": {"outcome": "TIMES_OUT"},
    }
    assert by_name["redirect-with-endless-body"]["expected"] == {
        "outcome": "ANSWERED",
        "status": 302,
        "isBodyCut": True,
    }


@pytest.mark.parametrize("path", ["politeness", "self-signed", "full-backlog"])
def test_what_is_not_at_a_path_is_not_found(hostile: HostileReceiver, path: str) -> None:
    response = requests.post(hostile.index_url + path, timeout=20)

    assert response.status_code == 404
    assert "All of them are listed at /." in response.text


@pytest.mark.parametrize("body", [b"", b"x" * 1_000_000, iter([b"one", b"two"])])
def test_requests_of_every_length_are_taken_whole(hostile: HostileReceiver, body: bytes) -> None:
    with requests.Session() as session:
        for _ in range(2):
            response = session.post(hostile.url("well-behaved"), data=body, timeout=20)
            assert response.text == "ok"


def test_what_is_expected_reads_as_a_sentence() -> None:
    assert behaviours["silence"].expected.description == "gives up when its time is over"
    assert Answered(status=302).description == "takes the status 302"


def test_it_needs_no_django() -> None:
    code = "import sys, delivery.hostile; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert {"django", "dramatiq", "redis", "events", "api"}.isdisjoint(done.stdout.split())


def port_of(url: str) -> int:
    return int(url.split(":")[2].partition("/")[0])
