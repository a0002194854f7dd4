"""The endpoint of the tests keeps its promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from tests.services.messages import HANGS, Answer
from tests.services.receiver import Receiver

SHORT = timedelta(milliseconds=50)


def post(
    url: str, data: bytes | Iterator[bytes] = b"", *, timeout: float = 20, **headers: str
) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False  # A proxy of the machine has no business here.
        return session.post(url, data=data, headers=headers, timeout=timeout)


@pytest.fixture(scope="module")
def shared_receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def test_a_request_is_kept_as_it_came(receiver: Receiver) -> None:
    post(receiver.url("/in?a=1"), b'{"n": 1}', Kind="book")

    (request,) = receiver.requests("/in")
    assert (request.method, request.path, request.query) == ("POST", "/in", "a=1")
    assert request.headers["kIND"] == "book"
    assert request.json() == {"n": 1}
    assert request.received_at.utcoffset() == timedelta(0)


@given(body=st.binary(max_size=100_000))
def test_every_body_arrives_byte_for_byte(shared_receiver: Receiver, body: bytes) -> None:
    post(shared_receiver.url(), body)

    assert shared_receiver.requests()[-1].body == body


def test_answers_are_as_told_for_their_path_alone(receiver: Receiver) -> None:
    receiver.answers(503, path="/a", body=b"later", headers={"Retry-After": "7"})

    refused = post(receiver.url("/a"))
    accepted = post(receiver.url("/b"))

    assert (refused.status_code, refused.content) == (503, b"later")
    assert refused.headers["Retry-After"] == "7"
    assert accepted.status_code == 200


def test_turns_are_taken_once_each_and_the_last_one_stays(receiver: Receiver) -> None:
    receiver.answers_in_turn([500, Answer(status=204, body=b"unsent"), 410])

    statuses = [post(receiver.url()).status_code for _ in range(4)]

    assert statuses == [500, 204, 410, 410]


def test_a_hanging_request_is_answered_when_released(receiver: Receiver) -> None:
    receiver.answers_in_turn([HANGS, 500], path="/a")
    with ThreadPoolExecutor() as pool:
        hanging = pool.submit(post, receiver.url("/a"))
        receiver.wait_for(1, path="/a")
        with pytest.raises(TimeoutError):
            hanging.result(timeout=0.05)

        receiver.release(path="/a")

        assert hanging.result(timeout=20).status_code == 200


def test_what_hangs_has_not_been_answered(receiver: Receiver) -> None:
    receiver.hangs(path="/slow")
    receiver.answers(503, path="/bad")
    with ThreadPoolExecutor() as clients:
        clients.submit(post, receiver.url("/slow"))
        receiver.wait_for(1, path="/slow")
        post(receiver.url("/bad"))
        said = [(each.request.path, each.answer.status) for each in receiver.answered()]
        receiver.release()

    assert said == [("/bad", 503)]
    assert [each.answer for each in receiver.answered("/slow")] == [HANGS]


def test_a_delayed_answer_comes_after_its_delay(receiver: Receiver) -> None:
    receiver.answers(200, delay=timedelta(seconds=5))

    with pytest.raises(requests.ReadTimeout):
        post(receiver.url(), timeout=0.05)

    receiver.answers(200, delay=SHORT)
    assert post(receiver.url()).elapsed >= SHORT


def test_the_end_of_the_receiver_ends_what_hangs() -> None:
    with ThreadPoolExecutor() as pool:
        with Receiver() as receiver:
            receiver.hangs()
            hanging = pool.submit(post, receiver.url())
            receiver.wait_for(1)

        assert hanging.result(timeout=20).status_code == 200
    with pytest.raises(requests.ConnectionError):
        post(receiver.url())


def test_the_peak_counts_requests_that_wait_at_the_same_time(receiver: Receiver) -> None:
    receiver.hangs(path="/a")
    with ThreadPoolExecutor(max_workers=5) as pool:
        for _ in range(5):
            pool.submit(post, receiver.url("/a"))
        receiver.wait_for(5, path="/a")
        receiver.release()
    post(receiver.url("/b"))

    assert receiver.in_flight_peak("/a") == 5
    assert receiver.in_flight_peak("/b") == 1


def test_reset_forgets_requests_instructions_and_peaks(receiver: Receiver) -> None:
    receiver.answers(500, path="/a")
    post(receiver.url("/a"))

    receiver.reset()

    assert receiver.requests() == []
    assert receiver.in_flight_peak() == 0
    assert post(receiver.url("/a")).status_code == 200


def test_waiting_in_vain_says_what_did_arrive(receiver: Receiver) -> None:
    post(receiver.url("/b"))

    with pytest.raises(AssertionError, match=r"1 requests to /a, but 0 arrived.* POST /b 1 times"):
        receiver.wait_for(1, path="/a", timeout=SHORT)


def test_a_body_without_a_length_is_refused_with_a_reason(receiver: Receiver) -> None:
    answer = post(receiver.url(), iter([b"a", b"b"]))

    assert answer.status_code == 400
    assert "Content-Length" in answer.text


def test_two_hundred_clients_at_once_lose_nothing(receiver: Receiver) -> None:
    def post_ten(client: int) -> list[int]:
        with requests.Session() as session:
            session.trust_env = False
            return [
                session.post(receiver.url(f"/{client}"), data=str(turn)).status_code
                for turn in range(10)
            ]

    with ThreadPoolExecutor(max_workers=200) as pool:
        statuses = list(pool.map(post_ten, range(200)))

    assert statuses == [[200] * 10] * 200
    sent = {(f"/{client}", str(turn).encode()) for client in range(200) for turn in range(10)}
    assert {(request.path, request.body) for request in receiver.requests()} == sent
    assert len(receiver.wait_for(2000)) == 2000
