"""`fire`: an action of one's own is told of as it was declared, and nothing else is."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction

from events.errors import InvalidPayload
from events.models import EventRecord
from events.publishing import EVERYONE
from events.registry import NotRegistered
from events.sources import ModelEvent, fire
from examples.bookshop.models import Order, OrderLine
from tests.events.orders import make_line, make_order, payloads, records


@pytest.fixture(autouse=True)
def _declared(scratch: None) -> None:  # noqa: ARG001 - asked for its effect
    class OrderRead(ModelEvent, name="test.read", model=Order, on=("read", "seen"), owner="owner"):
        """An order was read."""

        voucher: str

    class OrderPrinted(ModelEvent, name="test.printed", model=Order, on="printed", owner="owner"):
        """An order was printed."""

        voucher: str

    class LineRead(ModelEvent, name="test.line", model=OrderLine, on="read", owner="order.owner"):
        """A line was read."""

        title: str


@pytest.mark.parametrize("action", ["read", "seen"])
def test_r5_an_action_is_told_of_by_the_events_of_its_model_and_by_no_others(
    owner: User, action: str
) -> None:
    order = make_order(owner, voucher="SPRING")
    make_line(order)

    [record] = fire(order, action=action)

    assert records("test.read") == [record]
    assert record.owner == owner
    assert payloads("test.read") == [{"voucher": "SPRING"}]
    assert records("test.printed") == records("test.line") == []


def test_a_save_is_not_an_action_of_ones_own(owner: User) -> None:
    make_order(owner).save()

    assert records("test.read") == records("test.printed") == []


def test_r6_an_action_can_be_told_to_everyone(owner: User) -> None:
    [record] = fire(make_order(owner), action="read", owner=EVERYONE)

    assert record.owner is None


def test_r6_an_action_can_be_told_to_another_owner(owner: User) -> None:
    grace = User.objects.create_user("grace")

    [record] = fire(make_order(owner), action="read", owner=grace)

    assert record.owner == grace


def test_what_nobody_owns_is_told_only_to_whom_is_named(owner: User) -> None:
    class GroupRead(ModelEvent, name="test.group", model=Group, on="read", owner=lambda _: None):
        """A group was read."""

        name: str

    group = Group.objects.create(name="readers")

    assert fire(group, action="read") == ()
    assert fire(group, action="read", owner=owner) == tuple(records("test.group"))
    assert payloads("test.group") == [{"name": "readers"}]


def test_an_action_that_nobody_declared_is_refused_with_those_that_are(owner: User) -> None:
    with pytest.raises(
        NotRegistered, match=r"the action 'raed' of Order\. There is printed, read, seen\.$"
    ):
        fire(make_order(owner), action="raed")


def test_a_model_of_which_nothing_is_declared_says_so(owner: User) -> None:
    with pytest.raises(NotRegistered, match=r"the action 'read' of User\. There is none\.$"):
        fire(owner, action="read")


@pytest.mark.parametrize("action", ["created", "updated", "deleted"])
def test_what_is_told_of_by_itself_is_not_fired(owner: User, action: str) -> None:
    with pytest.raises(ValueError, match=rf"'{action}' is told of by itself.*from_instance"):
        fire(make_order(owner), action=action)


def test_an_event_that_cannot_be_told_leaves_nothing_and_the_transaction_intact(
    owner: User,
) -> None:
    class Counted(ModelEvent, name="test.counted", model=OrderLine, on="count", owner=EVERYONE):
        """Lines were counted."""

        copies: int

    line = make_line(make_order(owner))
    before = EventRecord.objects.count()
    line.copies = "many"

    with pytest.raises(InvalidPayload, match=r"^copies: expected a whole number, found str 'many'"):
        fire(line, action="count")

    assert EventRecord.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_w21_an_action_is_rolled_back_with_its_transaction() -> None:
    order = make_order(User.objects.create_user("grace"))

    with transaction.atomic():
        fire(order, action="read")
        transaction.set_rollback(True)

    assert records("test.read") == []
