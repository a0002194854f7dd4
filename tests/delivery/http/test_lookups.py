"""No name server, and no resolver, holds up anybody but those who use it."""

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from delivery.http.outcomes import Accepted, Blocked, Outcome, Phase, TimedOut, Unreachable
from delivery.http.resolver import Lookups
from delivery.http.transport import Transport
from tests.delivery.http.conftest import LOOPBACK, OK, Serve, answering, outgoing

UNKNOWN = Unreachable(reason="The endpoint's host name could not be resolved.")
REFUSED = Blocked(reason="The endpoint's address is not one that webhooks may be sent to.")


class Hanging:
    """A resolver whose name servers never answer for `….dead.example`, until it is released."""

    def __init__(self) -> None:
        self._released = threading.Event()
        self._lock = threading.Lock()
        self.under_way = self.most = 0

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        if host.endswith(".dead.example"):
            with self._lock:
                self.under_way += 1
                self.most = max(self.most, self.under_way)
            self._released.wait(60)
        return ["127.0.0.1"]

    def release(self) -> None:
        self._released.set()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    resolver = Hanging()
    yield resolver
    resolver.release()


def test_the_hundred_dead_names_of_an_owner_do_not_hold_up_another(
    serve: Serve, hanging: Hanging
) -> None:
    receiver = serve(answering(OK))
    transport = Transport(rules=LOOPBACK, resolver=hanging)

    def send_to_dead(number: int) -> Outcome:
        url = f"http://{number}.dead.example/"
        return transport.send(outgoing(url, group="attacker", timeout=0.3))

    with contextlib.closing(transport), ThreadPoolExecutor(100) as threads:
        dead = list(threads.map(send_to_dead, range(100)))
        outcome = transport.send(
            outgoing(f"http://receiver.example:{receiver.port}/", group="other", timeout=5)
        )

    assert isinstance(outcome, Accepted)
    assert set(dead) == {TimedOut(phase=Phase.RESOLVE, after=timedelta(seconds=0.3))}
    assert hanging.most <= 16


def test_no_number_of_owners_with_dead_names_holds_up_another(hanging: Hanging) -> None:
    lookups = Lookups(hanging)

    for owner in range(40):
        for number in range(10):
            with contextlib.suppress(TimeoutError):
                lookups.answers(f"{owner}-{number}.dead.example", 80, group=str(owner), seconds=0)

    assert lookups.answers("alive.example", 80, group="other", seconds=10) == ("127.0.0.1",)
    # 256, and one for each owner that came when there was no room.
    assert hanging.most <= 256 + 40


def with_all_of_group_a_under_way(resolver: Hanging) -> Lookups:
    lookups = Lookups(resolver)
    for number in range(16):
        with pytest.raises(TimeoutError):
            lookups.answers(f"{number}.dead.example", 80, group="a", seconds=0)
    return lookups


def test_a_group_goes_on_as_soon_as_one_of_its_names_is_answered(hanging: Hanging) -> None:
    lookups = with_all_of_group_a_under_way(hanging)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lookups.answers, "alive.example", 80, group="a", seconds=30)
        hanging.release()

        assert waiting.result(30) == ("127.0.0.1",)


def test_closing_ends_the_wait_for_room(hanging: Hanging) -> None:
    lookups = with_all_of_group_a_under_way(hanging)

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(lookups.answers, "alive.example", 80, group="a", seconds=600)
        lookups.close()

        with pytest.raises(TimeoutError):
            waiting.result(30)


def test_a_name_is_looked_up_once_for_all_who_ask_meanwhile() -> None:
    asked: list[str] = []
    has_begun, go_on = threading.Event(), threading.Event()

    def resolve(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        has_begun.set()
        go_on.wait(30)
        return ["127.0.0.1"]

    lookups = Lookups(resolve)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(lookups.answers, "a.example", 80, group="a", seconds=30)
        assert has_begun.wait(30)
        for group in ("a", "b", "c"):
            with pytest.raises(TimeoutError):
                lookups.answers("a.example", 80, group=group, seconds=0)
        go_on.set()

        assert first.result(30) == ("127.0.0.1",)
    assert asked == ["a.example"]


def test_a_process_ends_while_a_name_server_does_not_answer() -> None:
    code = (
        "import threading\n"
        "from delivery.http.resolver import Lookups\n"
        "try:\n"
        "    Lookups(lambda *_: threading.Event().wait()).answers('a', 80, group='', seconds=0.1)\n"
        "except TimeoutError:\n"
        "    print('ended')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)

    assert done.stdout == b"ended\n"


def raising(error: BaseException) -> Callable[[str, int], Any]:
    def resolve(_host: str, _port: int) -> Any:
        raise error

    return resolve


def saying(answers: Any) -> Callable[[str, int], Any]:
    return lambda _host, _port: answers


def endless() -> Iterator[str]:
    while True:
        yield "127.0.0.1"


@pytest.mark.parametrize(
    ("resolver", "expected"),
    [
        (saying([]), UNKNOWN),
        (saying(None), UNKNOWN),
        (saying(7), UNKNOWN),
        (saying(endless()), UNKNOWN),
        (raising(KeyError("a")), UNKNOWN),
        (raising(SystemExit(1)), UNKNOWN),
        (raising(asyncio.CancelledError()), UNKNOWN),
        (raising(RecursionError()), UNKNOWN),
        (raising(TimeoutError()), UNKNOWN),
        (saying("127.0.0.1"), REFUSED),
        (saying(b"\x7f\x00\x00\x01"), REFUSED),
        (saying([2130706433]), REFUSED),
        (saying([b"\x7f\x00\x00\x01"]), REFUSED),
        (saying([["127.0.0.1"]]), REFUSED),
        (saying([None]), REFUSED),
        (saying(["127.0.0.1", "127.0.0.1\n"]), REFUSED),
        (saying(["127.1"]), REFUSED),
        (saying(["\ud800"]), REFUSED),
        (saying([f"127.0.{n >> 8}.{n & 255}" for n in range(4_000)] + ["10.0.0.1"]), REFUSED),
    ],
)
def test_a_resolver_that_answers_with_nonsense_ends_in_an_outcome(
    resolver: Any, expected: Outcome
) -> None:
    transport = Transport(rules=LOOPBACK, resolver=resolver)

    with contextlib.closing(transport):
        assert transport.send(outgoing("http://receiver.example/")) == expected


def test_no_more_than_twenty_of_many_addresses_are_dialled(serve: Serve) -> None:
    receiver = serve(answering(OK))
    # Nobody listens at the first of them.
    addresses = [f"127.0.1.{number}" for number in range(1, 21)]
    url = f"http://receiver.example:{receiver.port}/"
    outcomes = []

    for answers in (addresses[1:], addresses):
        transport = Transport(rules=LOOPBACK, resolver=saying([*answers, "127.0.0.1"]))
        with contextlib.closing(transport):
            outcomes.append(transport.send(outgoing(url)))

    assert isinstance(outcomes[0], Accepted)
    assert isinstance(outcomes[1], Unreachable)
