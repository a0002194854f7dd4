"""The payloads of model events, made by a serializer, or in the shape of Django's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group, User
from django.core.serializers import serialize
from django.utils import timezone
from rest_framework.serializers import (  # type: ignore[import-untyped]  # it has no types
    ModelSerializer,
)

from events.errors import InvalidPayload
from events.event import event_types
from events.publishing import EVERYONE
from events.sources import ModelEvent
from examples.bookshop.models import OrderLine
from tests.events.orders import make_line, make_order, payloads

pytestmark = pytest.mark.usefixtures("scratch")


@dataclass(frozen=True, kw_only=True)
class LineFields:
    order: int
    title: str
    price: Decimal
    copies: int


def test_r8_an_event_can_have_the_shape_of_djangos_serialization(owner: User) -> None:
    class LineSerialized(
        ModelEvent, name="test.line", model=OrderLine, on="created", owner="order.owner"
    ):
        """A line, as Django serializes it."""

        model: str
        pk: int
        fields: LineFields

        @classmethod
        def from_instance(cls, instance: OrderLine) -> Self:
            return cls(
                model=instance._meta.label_lower,
                pk=instance.pk,
                fields=LineFields(
                    order=instance.order.pk,
                    title=instance.title,
                    price=instance.price,
                    copies=instance.copies,
                ),
            )

    line = make_line(make_order(owner))

    assert payloads("test.line") == json.loads(serialize("json", [line]))


class LineSerializer(ModelSerializer):  # type: ignore[misc]  # as above
    class Meta:
        model = OrderLine
        fields = ("order", "title", "price", "copies")


def test_w1_a_serializer_of_django_rest_framework_makes_the_payload(owner: User) -> None:
    class LineTold(
        ModelEvent,
        name="test.line",
        model=OrderLine,
        on="created",
        owner="order.owner",
        serializer=LineSerializer,
    ):
        """A line, as its serializer shows it."""

        order: int
        title: str
        price: Decimal
        copies: int

    line = make_line(make_order(owner))

    assert event_types.get("test.line").event_class is LineTold
    assert payloads("test.line") == [LineSerializer(line).data]


@dataclass(frozen=True)
class Data:
    """What a serializer answers with: nothing but this is asked of one."""

    data: Any


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"name": 5}, r"^name: expected a text, found int 5\.$"),
        ({}, r"^name: a value is required\.$"),
        ({"name": "readers", "secret": 1}, r"^secret: there is no such field in GroupTold"),
        ({"name": object()}, "what the serializer made is no JSON: Object of type object"),
        (["readers"], "expected an object, found list"),
    ],
)
@pytest.mark.django_db
def test_what_a_serializer_makes_must_fit_what_is_declared(data: Any, message: str) -> None:
    class GroupTold(
        ModelEvent,
        name="test.group",
        model=Group,
        on="created",
        owner=EVERYONE,
        serializer=lambda _: Data(data),
    ):
        """A group was made."""

        name: str

    with pytest.raises(InvalidPayload, match=message):
        GroupTold.from_instance(Group(name="readers"))


@pytest.mark.django_db
def test_what_a_serializer_leaves_as_python_is_read_as_djangos_json() -> None:
    number, now = uuid4(), timezone.now().replace(microsecond=0)

    class GroupTold(
        ModelEvent,
        name="test.group",
        model=Group,
        on="created",
        owner=EVERYONE,
        serializer=lambda _: Data({"number": number, "price": Decimal("9.90"), "at": now}),
    ):
        """A group was made."""

        number: UUID
        price: Decimal
        at: datetime

    event = GroupTold.from_instance(Group())

    assert event == GroupTold(number=number, price=Decimal("9.90"), at=now)
