"""Selections through the API: stored, shown, refused, and what then arrives at the endpoint."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from delivery.models import Delivery
from events.models import EventRecord
from events.publishing import publish
from examples.bookshop.models import PaymentMethod
from examples.bookshop.webhooks import Customer, OrderedBook, OrderPaid
from tests.api.client import GraphQL
from tests.api.mutations import CREATE, UPDATE, change, described, mistakes
from tests.api.rows import NOW
from tests.services.receiver import Receiver
from tests.work import deliver, later

EVENTS = "{ id events { selection eventType { name } } }"


def order_paid(selection: str | None) -> dict[str, Any]:
    """Return an event subscription as the API takes it."""
    return {"eventType": "ORDER_PAID", "selection": selection}


def pay_an_order(owner: models.Model) -> EventRecord:
    """Publish the payment of order 7, of two books, to Ada."""
    event = OrderPaid(
        order_id=7,
        customer=Customer(person_id=1, name="Ada Lovelace"),
        books=[
            OrderedBook(title="Emma", copies=2, price=Decimal("9.90")),
            OrderedBook(title="Middlemarch", copies=1, price=Decimal("14.95")),
        ],
        total=Decimal("34.75"),
        method=PaymentMethod.CARD,
        paid_at=NOW,
    )
    return publish(event, owner=owner)


def selections(graphql: GraphQL, owner: models.Model, webhook_id: str) -> list[str | None]:
    """Return the selections of a webhook's event subscriptions."""
    query = f"query ($id: ID!) {{ webhook(id: $id) {EVENTS} }}"
    found = graphql(query, variables={"id": webhook_id}, user=owner).ok["webhook"]
    return [each["selection"] for each in found["events"]]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (None, None),
        ("", None),
        ("{ orderId }", "{ orderId }"),
        ("{\n  orderId # The number.\n}", "{\n  orderId # The number.\n}"),
    ],
)
def test_a_selection_is_shown_as_it_was_given_and_null_for_all_of_it(
    graphql: GraphQL, owner: models.Model, given: str | None, shown: str | None
) -> None:
    wanted = described(events=[{"eventType": "PING"}, order_paid(given)])

    created = change(graphql, CREATE, user=owner, input=wanted)["webhook"]

    assert selections(graphql, owner, created["id"]) == [None, shown]


def test_a_selection_can_be_changed_and_taken_away(graphql: GraphQL, owner: models.Model) -> None:
    wanted = described(events=[order_paid("{ orderId }")])
    created = change(graphql, CREATE, user=owner, input=wanted)["webhook"]

    for given in ("{ total }", None):
        wanted = {"events": [order_paid(given)]}
        changed = change(graphql, UPDATE, user=owner, id=created["id"], input=wanted)
        assert not changed["userErrors"]
        assert selections(graphql, owner, created["id"]) == [given]


def test_a_selection_that_does_not_fit_is_told_of_at_its_place(
    graphql: GraphQL, owner: models.Model
) -> None:
    wanted = described(
        events=[{"eventType": "PING"}, order_paid("{ orderId customer { phone } }")], name=""
    )

    payload = change(graphql, CREATE, user=owner, input=wanted)

    assert mistakes(payload) == [
        ("REQUIRED", "input.name"),
        ("INVALID", "input.events.1.selection"),
    ]
    assert payload["userErrors"][1]["message"] == (
        "Line 1, column 22: Cannot query field 'phone' on type 'CustomerData'."
    )


def test_a_selection_too_large_is_out_of_range(graphql: GraphQL, owner: models.Model) -> None:
    wanted = described(events=[order_paid("{ " + "orderId " * 300 + "}")])

    payload = change(graphql, CREATE, user=owner, input=wanted)

    assert mistakes(payload) == [("OUT_OF_RANGE", "input.events.0.selection")]


def test_webhooks_of_one_url_may_differ_by_their_selections_alone(
    graphql: GraphQL, owner: models.Model
) -> None:
    for selection in ("{ orderId }", "{ total }", None):
        wanted = described(events=[order_paid(selection)])
        assert not change(graphql, CREATE, user=owner, input=wanted)["userErrors"]

    wanted = described(events=[order_paid("{ total }")])
    assert mistakes(change(graphql, CREATE, user=owner, input=wanted)) == [("TAKEN", "")]


@pytest.mark.parametrize(
    ("selection", "data"),
    [
        (
            "{ total customer { email name } books { title } }",
            {
                "total": "34.75",
                "customer": {"email": None, "name": "Ada Lovelace"},
                "books": [{"title": "Emma"}, {"title": "Middlemarch"}],
            },
        ),
        ("{ isGift paidAt method }", {"is_gift": False, "paid_at": NOW, "method": "card"}),
    ],
)
def test_the_endpoint_is_sent_the_selected_part_under_the_keys_of_the_payload(
    graphql: GraphQL,
    owner: models.Model,
    receiver: Receiver,
    selection: str,
    data: dict[str, Any],
) -> None:
    wanted = described(url=receiver.url("/in"), events=[order_paid(selection)])
    assert not change(graphql, CREATE, user=owner, input=wanted)["userErrors"]

    pay_an_order(owner)
    deliver()

    [request] = receiver.requests("/in")
    sent = request.json()
    assert list(sent) == ["type", "timestamp", "data"]
    assert list(sent["data"].items()) == [
        (key, "2026-03-01T12:00:00Z" if value is NOW else value) for key, value in data.items()
    ]


def test_each_webhook_is_sent_the_part_that_it_selected_and_all_without_a_selection(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    for path, selection in (("/a", "{ orderId }"), ("/b", "{ total }"), ("/c", None)):
        wanted = described(url=receiver.url(path), events=[order_paid(selection)])
        assert not change(graphql, CREATE, user=owner, input=wanted)["userErrors"]

    record = pay_an_order(owner)
    deliver()

    sent = {path: receiver.requests(path)[0] for path in ("/a", "/b", "/c")}
    assert sent["/a"].json()["data"] == {"order_id": 7}
    assert sent["/b"].json()["data"] == {"total": "34.75"}
    assert sent["/c"].body.endswith(f'"data":{record.payload}}}'.encode())


def test_a_retry_sends_what_the_first_attempt_sent_whatever_is_selected_since(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    receiver.answers(503)
    wanted = described(url=receiver.url("/in"), events=[order_paid("{ orderId }")])
    created = change(graphql, CREATE, user=owner, input=wanted)["webhook"]
    pay_an_order(owner)
    deliver()

    wanted = {"events": [order_paid("{ total }")]}
    change(graphql, UPDATE, user=owner, id=created["id"], input=wanted)
    pay_an_order(owner)
    deliver(now=later(hours=1))

    first, *others = receiver.requests("/in")
    [again] = [each for each in others if each.headers["webhook-id"] == first.headers["webhook-id"]]
    [of_the_new] = [each for each in others if each is not again]
    assert first.body == again.body
    assert [r.json()["data"] for r in (again, of_the_new)] == [{"order_id": 7}, {"total": "34.75"}]


def test_an_attempt_shows_the_body_as_it_was_sent(
    graphql: GraphQL, owner: models.Model, receiver: Receiver
) -> None:
    wanted = described(url=receiver.url("/in"), events=[order_paid("{ orderId }")])
    change(graphql, CREATE, user=owner, input=wanted)
    pay_an_order(owner)
    deliver()

    shown = graphql.show(Delivery.objects.get(), "{ attempts { request { body } } }", user=owner)[
        "attempts"
    ]

    assert [each["request"]["body"].encode() for each in shown] == [
        receiver.requests("/in")[0].body
    ]
