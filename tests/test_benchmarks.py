"""What the benchmarks rely on: the endpoints that count, and the verdicts on aims."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import requests

from benchmarks.budgets import Budget
from benchmarks.findings import Findings
from benchmarks.receiving import Receiver


@pytest.fixture(params=["C", "Python"])
def receiver(request: pytest.FixtureRequest) -> Iterator[Receiver]:
    in_c = request.param == "C"
    if in_c and not shutil.which("cc"):
        pytest.skip("There is no compiler.")
    with Receiver(in_c=in_c) as running:
        assert running.is_compiled == in_c
        yield running


def _post(receiver: Receiver, path: str, text: str) -> None:
    body = {"data": {"text": text}}
    assert requests.post(f"{receiver.url}{path}", json=body, timeout=5).status_code == 200


def test_a_receiver_notes_webhook_event_and_order(receiver: Receiver) -> None:
    _post(receiver, "/7", "no.12 and more")
    _post(receiver, "/08", "no.3" + "x" * 100_000)

    assert receiver.wait_for(2, seconds=5)
    first, second = receiver.arrivals()
    assert (first.webhook, first.event) == (7, 12)
    assert (second.webhook, second.event) == (8, 3)
    assert first.at < second.at


def test_a_receiver_never_answers_what_is_to_hang(receiver: Receiver) -> None:
    with pytest.raises(requests.ReadTimeout):
        requests.post(f"{receiver.url}/hang/0", json={}, timeout=0.2)

    _post(receiver, "/1", "no.1")
    assert receiver.count() == 1
    assert [arrival.webhook for arrival in receiver.arrivals()] == [0, 1]


def test_a_receiver_forgets_when_it_is_told_to(receiver: Receiver) -> None:
    _post(receiver, "/1", "no.1")

    receiver.reset()

    assert receiver.count() == 0
    assert receiver.arrivals() == []


@pytest.mark.parametrize(
    ("measured", "row"),
    [
        (1.9, "| calls | ≤ 2 ms | 1.9 ms | met |"),
        (2.1, "| calls | ≤ 2 ms | 2.1 ms | missed |"),
        (None, "| calls | ≤ 2 ms |  | not measured |"),
    ],
)
def test_an_aim_is_told_with_what_was_measured(measured: float | None, row: str) -> None:
    aim = Budget(title="calls", figure=lambda _: measured, unit=" ms", digits=1, at_most=2)

    assert aim.row(Findings()) == row


def test_what_was_lost_is_the_slowest_of_all() -> None:
    findings = Findings()
    findings.add("anybody", "latency", [1.0, float("inf"), 2.0])
    findings.add("anybody", "latency", [3.0])

    shares = [
        findings.percentile("anybody", "latency", lambda found: found, percent=percent)
        for percent in (25, 50, 99)
    ]

    assert shares == [2.0, 3.0, float("inf")]
