"""Model events that could not work are refused when they are defined, with what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AbstractUser, Group, User

from events import Event
from events.errors import InvalidEventClass
from events.event import event_types
from events.publishing import EVERYONE
from events.registry import AlreadyRegistered
from events.sources import ModelEvent
from examples.bookshop.models import Order, OrderLine

pytestmark = pytest.mark.usefixtures("scratch")


@dataclass(frozen=True, kw_only=True)
class Line:
    title: str
    isbn: str


class OrderProxy(Order):
    class Meta:
        proxy = True
        app_label = "bookshop"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"model": None}, r"model=None is not a model with rows of its own"),
        ({"model": "bookshop.Order"}, r"model='bookshop\.Order' is not a model"),
        ({"model": Event}, r"is not a model"),
        ({"model": AbstractUser}, r"is not a model with rows of its own"),
        ({"model": User.groups.through}, r"is not a model with rows of its own"),
        ({"model": OrderProxy}, r"OrderProxy is a proxy\. Pass model=Order, whose proxies count"),
        ({"owner": None}, r"does not say whose event.*a path of attributes.*callable.*EVERYONE"),
        ({"owner": 5}, r"does not say whose event it is: owner=5"),
        ({"owner": "order owner"}, r"owner='order owner' is not a path of attributes"),
        ({"owner": ""}, r"owner='' is not a path of attributes"),
        ({"owner": "ownr"}, r"owner='ownr' leads to no owner: Order has no attribute 'ownr'"),
        ({"owner": "customer.boss"}, r"leads to no owner: Person has no attribute 'boss'"),
        ({"owner": "clean"}, r"leads to no owner: Order has a method 'clean'\. Name fields or"),
        ({"on": ()}, r"does not say when it happens\. Pass on='created'"),
        ({"on": "Read"}, r"'Read' is not a name for an action"),
        ({"on": "update"}, r"on='update' never happens\. Pass on='updated'"),
        ({"on": ("created", "delete")}, r"on='delete' never happens\. Pass on='deleted'"),
        ({"on": "save"}, r"on='save' never happens\. Pass on=\('created', 'updated'\)"),
        ({"when_changed": ["voucher"]}, r"when_changed=\['voucher'\].*on='updated'"),
        ({"on": "updated", "when_changed": "voucher"}, r"pass when_changed=\['voucher'\], a list"),
        (
            {"on": "updated", "when_changed": ["price"]},
            r"names 'price', which is not stored with a Order\. These are: id, owner, customer",
        ),
        ({"on": "updated", "when_changed": ["lines"]}, r"names 'lines', which is not stored"),
    ],
    ids=str,
)
def test_a_declaration_that_could_not_work_is_refused(
    changed: dict[str, Any], message: str
) -> None:
    declared: dict[str, Any] = {"model": Order, "on": "created", "owner": "owner", **changed}

    with pytest.raises(InvalidEventClass, match=rf"OrderTold.*{message}"):

        class OrderTold(ModelEvent, name="test.order", **declared):
            """Something happened to an order."""

    assert "test.order" not in event_types


def test_an_owner_that_is_left_out_is_refused() -> None:
    with pytest.raises(InvalidEventClass, match=r"does not say whose event it is"):

        class OrderTold(ModelEvent, name="test.order", model=Order, on="created"):
            """Something happened to an order."""

    assert "test.order" not in event_types


def test_a_field_that_the_model_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidEventClass, match=r"OrderTold\.price: Order has no attribute"):

        class OrderTold(ModelEvent, name="test.order", model=Order, on="created", owner="owner"):
            """Something happened to an order."""

            price: int

    assert "test.order" not in event_types


def test_a_field_of_a_related_model_is_looked_for_as_well() -> None:
    with pytest.raises(InvalidEventClass, match=r"OrderTold\.lines\.isbn: OrderLine has no attr"):

        class OrderTold(ModelEvent, name="test.order", model=Order, on="created", owner="owner"):
            """Something happened to an order."""

            lines: list[Line]


@pytest.mark.parametrize("method", ["clean", "get_payment_method_display"])
def test_a_method_is_not_called_and_so_is_refused(method: str) -> None:
    class Asking(ModelEvent):
        __annotations__ = {method: str}

    with pytest.raises(InvalidEventClass, match=rf"OrderTold\.{method}: Order has a method of thi"):

        class OrderTold(Asking, name="test.order", model=Order, on="created", owner="owner"):
            """Something happened to an order."""


def test_what_belongs_to_a_class_with_a_name_is_refused_for_one_without() -> None:
    with pytest.raises(InvalidEventClass, match=r"OrderEvent has no name, so it is a base"):

        class OrderEvent(ModelEvent, model=Order):
            pass


def test_a_class_that_is_defined_before_the_models_are_loaded_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apps, "models_ready", False)

    with pytest.raises(InvalidEventClass, match=r"before the models are loaded.*webhooks\.py"):

        class OrderTold(ModelEvent, name="test.order", model=Order, on="created", owner="owner"):
            """Something happened to an order."""


@pytest.mark.parametrize("on", ["created", "deleted", "read", ("updated", "created")])
def test_r25_a_second_event_type_of_the_same_action_is_refused(on: str | tuple[str, ...]) -> None:
    class OrderTold(
        ModelEvent,
        name="test.order",
        model=Order,
        on=("created", "updated", "deleted", "read"),
        owner="owner",
    ):
        """Something happened to an order."""

    with pytest.raises(
        InvalidEventClass,
        match=r"'test\.again' and 'test\.order' would both tell of each Order that is \w+",
    ):

        class OrderToldAgain(ModelEvent, name="test.again", model=Order, on=on, owner=EVERYONE):
            """Something happened to an order."""

    assert "test.again" not in event_types


def test_r25_updates_of_the_same_fields_are_refused_and_of_others_are_not() -> None:
    def declare(name: str, when_changed: list[str]) -> None:
        class OrderTold(
            ModelEvent,
            name=name,
            model=Order,
            on="updated",
            owner="owner",
            when_changed=when_changed,
        ):
            """An order was changed."""

    declare("test.any", [])
    declare("test.paid", ["paid_at", "payment_method"])
    declare("test.voucher", ["voucher"])

    with pytest.raises(InvalidEventClass, match=r"'test\.twice' and 'test\.paid' would both"):
        declare("test.twice", ["payment_method", "paid_at"])


def test_the_same_action_of_another_model_is_another_matter() -> None:
    for name, model in {"test.order": Order, "test.line": OrderLine, "test.group": Group}.items():

        class Told(ModelEvent, name=name, model=model, on="created", owner=EVERYONE):
            """Something was made."""

    assert {"test.order", "test.line", "test.group"} <= set(event_types.names())


def test_w2_d11_a_taken_name_is_refused_and_the_first_stays() -> None:
    class OrderTold(ModelEvent, name="test.order", model=Order, on="created", owner="owner"):
        """Something happened to an order."""

    with pytest.raises(AlreadyRegistered, match=r"'test\.order' is already .*OrderTold>"):

        class OrderToldAgain(
            ModelEvent, name="test.order", model=Order, on="created", owner="owner"
        ):
            """Something happened to an order."""

    assert event_types.get("test.order").event_class is OrderTold


def test_d10_a_model_event_needs_a_name_to_tell_anything() -> None:
    class OrderEvent(ModelEvent):
        """What is told of every order."""

        voucher: str

    assert OrderEvent not in [each.event_class for each in event_types]
