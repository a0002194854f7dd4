"""`when_changed`: only updates that change one of the named fields are told of."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.db.models.signals import post_save
from django.utils import timezone

from events.sources import ModelEvent
from examples.bookshop.models import Order, OrderLine
from tests.events.orders import make_customer, make_line, make_order, payloads

pytestmark = pytest.mark.usefixtures("scratch")


def declare(*names: str, on: str | tuple[str, ...] = "updated") -> None:
    class OrderTold(
        ModelEvent,
        name="test.order",
        model=Order,
        on=on,
        owner="owner",
        when_changed=names,
    ):
        """An order was changed in a way that matters."""

        voucher: str
        is_gift: bool


@pytest.mark.parametrize(
    ("changes", "is_told"),
    [
        ({}, False),
        ({"is_gift": True}, False),
        ({"voucher": "SPRING"}, False),
        ({"voucher": "AUTUMN"}, True),
        ({"voucher": "AUTUMN", "is_gift": True}, True),
        ({"paid_at": timezone.now()}, True),
    ],
)
def test_an_update_is_told_of_if_it_changes_one_of_the_fields(
    owner: User, changes: dict[str, Any], is_told: bool
) -> None:
    declare("voucher", "paid_at")
    order = make_order(owner, voucher="SPRING")
    for name, value in changes.items():
        setattr(order, name, value)

    order.save()

    assert bool(payloads("test.order")) is is_told


def test_what_counts_is_the_row_and_not_what_the_instance_was_read_with(owner: User) -> None:
    declare("voucher")
    order = make_order(owner, voucher="SPRING")
    Order.objects.update(voucher="AUTUMN")

    order.save()

    assert payloads("test.order") == [{"voucher": "SPRING", "is_gift": False}]


def test_a_field_that_is_not_saved_is_not_changed(owner: User) -> None:
    declare("voucher")
    order = make_order(owner)
    order.voucher, order.is_gift = "SPRING", True

    order.save(update_fields=["is_gift"])

    assert payloads("test.order") == []


def test_a_relation_can_be_asked_for(owner: User) -> None:
    declare("customer")
    order = make_order(owner)
    order.customer = make_customer(owner, name="Simon")

    order.save()

    assert len(payloads("test.order")) == 1


def test_what_the_database_reckons_is_changed_if_the_row_is(owner: User) -> None:
    class LineTold(
        ModelEvent,
        name="test.line",
        model=OrderLine,
        on="updated",
        owner="order.owner",
        when_changed=["copies"],
    ):
        """More copies were ordered."""

        title: str

    line = make_line(make_order(owner))

    for copies in (F("copies") + 0, F("copies") + 1):
        line.copies = copies
        line.save()
        line.refresh_from_db()

    assert payloads("test.line") == [{"title": "Emma"}]
    assert line.copies == 2


def test_a_creation_is_told_of_whatever_is_asked_of_updates(owner: User) -> None:
    declare("voucher", on=("created", "updated"))
    order = make_order(owner)

    order.save()

    assert payloads("test.order") == [{"voucher": "", "is_gift": False}]


def test_each_of_several_types_is_told_of_its_own_fields(owner: User) -> None:
    declare("voucher")

    class Paid(
        ModelEvent,
        name="test.paid",
        model=Order,
        on="updated",
        owner="owner",
        when_changed=["paid_at"],
    ):
        """An order was paid."""

        voucher: str

    order = make_order(owner)
    order.paid_at = timezone.now()
    order.save()

    assert payloads("test.order") == []
    assert payloads("test.paid") == [{"voucher": ""}]


@pytest.mark.parametrize(("voucher", "count"), [("AUTUMN", 1), ("SPRING", 0)])
def test_a_save_within_a_save_takes_nothing_from_the_outer_one(
    owner: User, voucher: str, count: int
) -> None:
    def save_again(instance: Order, **_: object) -> None:
        if not instance.is_gift:
            instance.is_gift = True
            instance.save()

    order = make_order(owner, voucher="SPRING")
    # Connected before ours, so that the row is saved again before the first save is told of.
    post_save.disconnect(sender=Order, dispatch_uid="events.sources.model_changes")
    post_save.connect(save_again, sender=Order)
    declare("voucher")
    try:
        order.voucher = voucher
        order.save()
    finally:
        post_save.disconnect(save_again, sender=Order)

    assert payloads("test.order") == [{"voucher": voucher, "is_gift": True}] * count


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda order: pickle.loads(pickle.dumps(order))]
)
def test_what_is_remembered_of_a_save_is_not_in_what_receivers_copy(
    owner: User, copied: Callable[[Order], Order]
) -> None:
    copies: list[Order] = []

    def copy_it(instance: Order, **_: object) -> None:
        copies.append(copied(instance))

    declare("voucher")
    order = make_order(owner, voucher="SPRING")
    post_save.connect(copy_it, sender=Order)
    try:
        order.save()
    finally:
        post_save.disconnect(copy_it, sender=Order)

    [kept] = copies
    assert vars(kept).keys() - {"_django_version"} == vars(order).keys()


def test_a_save_that_failed_is_forgotten(owner: User) -> None:
    declare("voucher")
    order = make_order(owner, voucher="SPRING")
    order.voucher, order.payment_method = "AUTUMN", None  # type: ignore[assignment]  # wrong on purpose
    with pytest.raises(Exception, match=r"(?i)not.null"), transaction.atomic():
        order.save()

    order.payment_method = ""
    order.save()

    assert payloads("test.order") == [{"voucher": "AUTUMN", "is_gift": False}]
