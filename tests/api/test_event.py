"""Events as they are shown, even those that their classes no longer fit."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import models

from events.models import EventRecord
from events.publishing import publish
from examples.bookshop.models import PackageStatus, PaymentMethod
from examples.bookshop.webhooks import Customer, OrderedBook, OrderPaid, PackageShipped
from tests.api.client import GraphQL
from tests.api.rows import record_ping

URL = "http://127.0.0.1:4/"


def test_a_payload_is_an_object_of_its_own_type(graphql: GraphQL, owner: models.Model) -> None:
    event = OrderPaid(
        order_id=7,
        customer=Customer(person_id=3, name="Ada Lovelace"),
        books=[OrderedBook(title="Notes", copies=2, price=Decimal("12.50"))],
        total=Decimal("25.00"),
        method=PaymentMethod.CARD,
        paid_at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )

    shown = graphql.show(
        publish(event, owner=owner),
        """{ data { __typename ... on OrderPaidData { orderId customer { personId name email }
        books { title copies price } total method paidAt isGift voucher } } }""",
        user=owner,
    )

    assert shown["data"] == {
        "__typename": "OrderPaidData",
        "orderId": 7,
        "customer": {"personId": 3, "name": "Ada Lovelace", "email": None},
        "books": [{"title": "Notes", "copies": 2, "price": "12.50"}],
        "total": "25.00",
        "method": "CARD",
        "paidAt": "2026-03-01T12:00:00Z",
        "isGift": False,
        "voucher": None,
    }


def test_days_and_uuids_in_a_payload_are_texts(graphql: GraphQL, owner: models.Model) -> None:
    event = PackageShipped(
        tracking_id=UUID(int=5),
        order_id=7,
        status=PackageStatus.SHIPPED,
        expected_on=date(2026, 3, 4),
    )

    shown = graphql.show(
        publish(event, owner=owner),
        "{ data { ... on PackageShippedData { trackingId status expectedOn } } }",
        user=owner,
    )

    assert shown["data"] == {
        "trackingId": "00000000-0000-0000-0000-000000000005",
        "status": "SHIPPED",
        "expectedOn": "2026-03-04",
    }


@pytest.mark.parametrize(
    "payload", ['{"message":1}', '{"colour":"red"}', '{"message":null}', '{"message":["hello"]}']
)
def test_a_payload_that_its_class_no_longer_fits_is_shown_as_it_was_stored(
    graphql: GraphQL, owner: models.Model, payload: str
) -> None:
    event = record_ping(owner)
    EventRecord.objects.filter(pk=event.pk).update(payload=payload)

    shown = graphql.show(event, "{ payload data { __typename } type { value } }", user=owner)

    assert shown["data"] is None
    assert shown["type"] == {"value": "PING"}
    assert shown["payload"] == json.loads(payload)


def test_an_event_whose_type_is_gone_is_still_shown(graphql: GraphQL, owner: models.Model) -> None:
    event = record_ping(owner)
    EventRecord.objects.filter(pk=event.pk).update(event_type="parcel.lost")

    shown = graphql.show(
        event,
        """{ payload data { __typename }
        type { id name value description category payloadSchema samplePayload } }""",
        user=owner,
    )

    assert shown == {
        "payload": {"message": "hello"},
        "data": None,
        "type": {
            "id": "ety_parcel.lost",
            "name": "parcel.lost",
            "value": None,
            "description": "",
            "category": "parcel",
            "payloadSchema": {},
            "samplePayload": {},
        },
    }
    query = '{ node(id: "ety_parcel.lost") { id } }'
    assert graphql(query, user=owner).ok == {"node": None}
