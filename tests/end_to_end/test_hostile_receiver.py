"""`manage.py hostile_receiver`: what it prints is there, and it ends in order."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import pytest
import requests

from delivery.hostile import behaviours
from tests.services.programs import Program

Start: TypeAlias = Callable[..., Program]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Give what starts `manage.py hostile_receiver`, any number of times."""
    ours = {"HOOKLINE_DATA_DIR": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": ""}
    numbers = count()
    with ExitStack() as running:

        def run(*arguments: str, **env: str) -> Program:
            log = tmp_path / f"{next(numbers)}.log"
            command = ("manage.py", "hostile_receiver", *arguments)
            return running.enter_context(Program(*command, env={**ours, **env}, log=log))

        yield run


def url_of(program: Program, name: str) -> str:
    return program.wait_for_line(rf"^ *{name} +(https?://127\.0\.0\.1:[0-9]+/{name}) ").group(1)


def test_it_prints_where_each_behaviour_is_and_serves_it(start: Start) -> None:
    program = start("--port", "0")
    ca_file = program.wait_for_line(r"The authority to trust.*: (\S+)$").group(1)

    program.wait_for_line("is ready")
    for name, behaviour in behaviours.items():
        line = program.wait_for_line(rf"^ *{name} .*{behaviour.host}:[0-9]+/{name} ").string
        assert behaviour.description in line
        assert behaviour.expected.description in line
    assert requests.post(url_of(program, "gone"), timeout=20).status_code == 410
    secured = requests.post(url_of(program, "well-behaved-tls"), verify=ca_file, timeout=20)
    assert secured.text == "ok"


def test_in_a_narrow_terminal_each_url_has_a_line_of_its_own(start: Start) -> None:
    program = start("--port", "0", TTY_COMPATIBLE="1", COLUMNS="80")

    program.wait_for_line("is ready")
    lines = program.output.splitlines()
    for name, behaviour in behaviours.items():
        pattern = re.compile(rf"  https?://{behaviour.host}:[0-9]+/{name}")
        assert len([line for line in lines if pattern.fullmatch(line.rstrip())]) == 1
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_to_whatever_is_under_way(
    start: Start, number: signal.Signals
) -> None:
    program = start("--port", "0")
    program.wait_for_line("is ready")
    port = urlsplit(url_of(program, "endless-body")).port
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"POST /endless-body HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(1)

        program.ask_to_stop(number)

        assert program.wait() == 0


def test_a_port_that_is_taken_is_named_with_a_way_out(start: Start) -> None:
    first = start("--port", "0")
    first.wait_for_line("is ready")
    port = urlsplit(url_of(first, "gone")).port

    second = start("--port", str(port))

    assert second.wait() == 1
    second.wait_for_line(f"Cannot listen on port {port} of 127.0.0.1: .* --port 0")


@pytest.mark.parametrize("arguments", [("--port", "http"), ("--port", "65536"), ("0.0.0.0",)])
def test_what_is_no_port_is_refused(start: Start, arguments: tuple[str, ...]) -> None:
    assert start(*arguments).wait() == 2
