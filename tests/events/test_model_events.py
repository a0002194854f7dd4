"""Model events: one for each change, in the transaction of the change."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.contrib.auth.models import Group, User
from django.core import serializers
from django.db import transaction
from django.db.models.signals import post_save

from events.errors import InvalidPayload
from events.event import event_types
from events.models import EventRecord
from events.sources import ModelEvent
from examples.bookshop.models import Order, OrderLine, Person
from tests.events.orders import make_customer, make_line, make_order, payloads, records

pytestmark = pytest.mark.usefixtures("scratch")


def declare(on: str | tuple[str, ...] = ("created", "updated", "deleted")) -> None:
    class OrderTold(ModelEvent, name="test.order", model=Order, on=on, owner="owner"):
        """Something happened to an order."""

        voucher: str


@pytest.mark.parametrize(
    ("on", "told"),
    [
        ("created", ["new"]),
        ("updated", ["changed"]),
        ("deleted", ["changed"]),
        (("created", "updated"), ["new", "changed"]),
        (("created", "updated", "deleted"), ["new", "changed", "changed"]),
    ],
)
def test_r1_r15_each_action_is_told_of_once_with_the_values_of_its_moment(
    owner: User, on: str | tuple[str, ...], told: list[str]
) -> None:
    declare(on)
    order = make_order(owner, voucher="new")
    order.voucher = "changed"
    order.save()
    order.delete()

    assert [payload["voucher"] for payload in payloads("test.order")] == told


def test_d1_other_models_are_not_told_of(owner: User) -> None:
    declare()
    make_customer(owner)
    Group.objects.create(name="readers")

    assert payloads("test.order") == []


def test_w20_a_later_save_is_not_told_of_as_created(owner: User) -> None:
    declare("created")
    order = make_order(owner, voucher="new")

    order.save()
    Order.objects.update_or_create(pk=order.pk, defaults={"voucher": "changed"})

    assert payloads("test.order") == [{"voucher": "new"}]


def test_deleting_many_tells_of_each(owner: User) -> None:
    declare("deleted")
    for voucher in ("one", "two"):
        make_order(owner, voucher=voucher)

    Order.objects.all().delete()

    assert {payload["voucher"] for payload in payloads("test.order")} == {"one", "two"}


def test_what_two_delete_is_told_of_once(owner: User) -> None:
    declare("deleted")
    order = make_order(owner)
    again = Order.objects.get(pk=order.pk)

    order.delete()
    again.delete()

    assert len(payloads("test.order")) == 1


def test_a_deletion_tells_of_what_goes_with_the_row(owner: User) -> None:
    class LineRemoved(
        ModelEvent, name="test.line", model=OrderLine, on="deleted", owner="order.owner"
    ):
        """A line went with its order."""

        title: str

    order = make_order(owner)
    make_line(order, title="Emma")

    order.delete()

    assert payloads("test.line") == [{"title": "Emma"}]
    assert [record.owner for record in records("test.line")] == [owner]


def test_a_fixture_that_is_loaded_is_not_told_of(owner: User) -> None:
    declare()
    text = serializers.serialize("json", [make_order(owner)])
    EventRecord.objects.all().delete()

    for loaded in serializers.deserialize("json", text):
        loaded.save()

    assert records("test.order") == []


def test_an_event_type_that_was_forgotten_tells_nothing(owner: User) -> None:
    with event_types.scratch():
        declare()

    make_order(owner).delete()

    assert records("test.order") == []


@pytest.mark.django_db(transaction=True)
def test_w21_an_event_is_rolled_back_with_the_change() -> None:
    declare()
    owner = User.objects.create_user("grace")

    with transaction.atomic():
        make_order(owner)
        transaction.set_rollback(True)

    assert not Order.objects.exists()
    assert records("test.order") == []


@pytest.mark.django_db(transaction=True)
def test_an_event_that_cannot_be_told_undoes_the_save_though_no_transaction_is_around_it() -> None:
    class OrderPaid(ModelEvent, name="test.paid", model=Order, on="created", owner="owner"):
        """An order was placed, and should be paid already."""

        paid_at: datetime

    customer = make_customer(User.objects.create_user("grace"))

    with pytest.raises(InvalidPayload, match=r"^paid_at: expected a moment .* NoneType None\.$"):
        Order.objects.create(owner=customer.owner, customer=customer)

    assert not Order.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_save_whose_other_receivers_fail_leaves_neither_the_row_nor_its_event() -> None:
    declare()
    customer = make_customer(User.objects.create_user("grace"))

    def fail(**_: object) -> None:
        raise ZeroDivisionError

    post_save.connect(fail, sender=Order)
    try:
        with pytest.raises(ZeroDivisionError):
            Order.objects.create(owner=customer.owner, customer=customer)
    finally:
        post_save.disconnect(fail, sender=Order)

    assert not Order.objects.exists()
    assert records("test.order") == []


def test_d2_only_what_is_declared_is_told(owner: User) -> None:
    class PersonTold(ModelEvent, name="test.person", model=Person, on="read", owner="owner"):
        """Somebody looked."""

        name: str
        address: str

    event = PersonTold.from_instance(make_customer(owner))

    assert event == PersonTold(name="Joe", address="1 High Street")
