"""Subscribe by GraphQL, trigger an event in Python, receive a signed request; in both setups."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from standardwebhooks import Webhook as Verifier

from tests.end_to_end.backend import Backend
from tests.end_to_end.installation import Installation
from tests.services.receiver import Receiver

CREATE = """
mutation ($url: String!, $inFlight: Int!) {
  createWebhook(input: {
    name: "Pings", url: $url, events: [{eventType: PING}], maxInFlight: $inFlight
  }) { webhook { id status } signingSecret userErrors { message } }
}
"""
CANCEL = """
mutation ($id: ID!) { cancelWebhook(id: $id) { webhook { status } userErrors { message } } }
"""
DELIVERIES = """
query ($after: String) {
  deliveries(first: 100, after: $after) {
    edges { node { id status attemptCount webhook { id } event { type { name } } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
PUBLISH = """
from django.contrib.auth.models import User
from django.db import transaction
from events.publishing import EVERYONE, publish
from events.webhooks import Ping
owner = User.objects.get(username={owner!r})
for number in range({count}):
    publish(Ping(message=f"{{number}}"), owner=owner)
"""


def subscribe(
    installation: Installation, token: str, url: str, *, in_flight: int = 10
) -> dict[str, Any]:
    payload = installation.graphql(CREATE, token=token, url=url, inFlight=in_flight)
    created: dict[str, Any] = payload["createWebhook"]
    assert created["userErrors"] == []
    return created


def publish(installation: Installation, *, owner: str, count: int = 1) -> None:
    installation.python(PUBLISH.format(owner=owner, count=count))


def deliveries(installation: Installation, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answer = installation.graphql(DELIVERIES, token=token, after=page["endCursor"])
        found += [edge["node"] for edge in answer["deliveries"]["edges"]]
        page = answer["deliveries"]["pageInfo"]
    return found


def test_r22_a_subscriber_receives_a_signed_request_until_they_cancel(
    installation: Installation, receiver: Receiver, eventually: Callable[..., None]
) -> None:
    installation.start()
    token = installation.make_user("ada")
    created = subscribe(installation, token, receiver.url("/in"))

    publish(installation, owner="ada")

    [request] = receiver.wait_for(1, path="/in")
    verified = Verifier(created["signingSecret"]).verify(request.body, dict(request.headers))
    assert verified["data"] == {"message": "0"}
    eventually(
        lambda: [(d["status"], d["attemptCount"]) for d in deliveries(installation, token)],
        [("SUCCEEDED", 1)],
    )

    webhook_id = created["webhook"]["id"]
    cancelled = installation.graphql(CANCEL, token=token, id=webhook_id)["cancelWebhook"]
    assert cancelled["webhook"] == {"status": "CANCELLED"}
    witness = subscribe(installation, token, receiver.url("/witness"))
    publish(installation, owner="ada")
    receiver.wait_for(1, path="/witness")
    assert len(receiver.requests("/in")) == 1
    assert witness["webhook"]["status"] == "ACTIVE"


def test_one_owners_events_and_ids_are_nothing_to_another(
    installation: Installation, receiver: Receiver
) -> None:
    installation.start()
    ada, bea = installation.make_user("ada"), installation.make_user("bea")
    webhook_id = subscribe(installation, ada, receiver.url("/ada"))["webhook"]["id"]
    subscribe(installation, bea, receiver.url("/bea"))

    publish(installation, owner="ada")
    publish(installation, owner="bea")

    receiver.wait_for(1, path="/ada")
    receiver.wait_for(1, path="/bea")
    assert len(receiver.requests()) == 2
    query = "query ($id: ID!) { webhook(id: $id) { id } }"
    assert installation.graphql(query, token=bea, id=webhook_id) == {"webhook": None}
    answer = installation.graphql(
        "mutation ($id: ID!) { cancelWebhook(id: $id) { userErrors { code } } }",
        token=bea,
        id=webhook_id,
    )
    assert answer["cancelWebhook"]["userErrors"] == [{"code": "NOT_FOUND"}]


def test_a_rolled_back_event_leaves_no_row_and_sends_nothing(
    installation: Installation, receiver: Receiver
) -> None:
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"))

    installation.python("""
from django.contrib.auth.models import User
from django.db import transaction
from events.models import EventRecord
from events.publishing import publish
from events.webhooks import Ping
try:
    with transaction.atomic():
        publish(Ping(message="never"), owner=User.objects.get(username="ada"))
        raise RuntimeError
except RuntimeError:
    assert not EventRecord.objects.exists()
""")
    publish(installation, owner="ada")

    [request] = receiver.wait_for(1, path="/in")
    assert request.json()["data"] == {"message": "0"}


def test_w38_an_event_whose_every_message_was_thrown_away_is_delivered(
    installation: Installation, receiver: Receiver
) -> None:
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"))

    # This process has a broker in its own memory, which nobody reads and which ends with it.
    with Backend({**installation.env, "REDIS_URL": ""}) as without_broker:
        without_broker.run(PUBLISH.format(owner="ada", count=20))

    receiver.wait_for(20, path="/in")


def test_r26_nothing_is_lost_when_workers_are_killed_in_the_middle_of_sending(
    installation: Installation, receiver: Receiver, eventually: Callable[..., None]
) -> None:
    receiver.answers(200, delay=timedelta(milliseconds=100))
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"), in_flight=20)
    publish(installation, owner="ada", count=200)
    receiver.wait_for(40, path="/in")

    installation.kill()
    installation.start_again()

    eventually(
        lambda: len({request.headers["webhook-id"] for request in receiver.requests("/in")}), 200
    )
    eventually(lambda: {d["status"] for d in deliveries(installation, token)}, {"SUCCEEDED"})


def test_workers_that_are_told_to_stop_finish_what_they_send(
    installation: Installation, receiver: Receiver
) -> None:
    receiver.hangs()
    installation.start()
    token = installation.make_user("ada")
    subscribe(installation, token, receiver.url("/in"), in_flight=1)
    publish(installation, owner="ada", count=5)
    receiver.wait_for(1, path="/in")

    assert installation.workers
    installation.workers.ask_to_stop()
    installation.workers.wait_for_line("No more deliveries are claimed")
    receiver.release()

    assert installation.workers.wait() == 0
    code = """
from delivery.models import Delivery
print(*sorted(Delivery.objects.values_list("status", flat=True)))
"""
    assert installation.python(code).split() == ["pending"] * 4 + ["succeeded"]
