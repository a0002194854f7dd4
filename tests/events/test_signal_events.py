"""Signal events: any signal can be told of, by the values that it sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import m2m_changed, post_save
from django.dispatch import Signal
from django.test import Client

from events.errors import InvalidPayload
from events.event import event_types
from events.publishing import EVERYONE
from events.sources import ModelEvent, SignalEvent
from tests.events.orders import payloads, records

pytestmark = pytest.mark.usefixtures("scratch")


@dataclass(frozen=True, kw_only=True)
class Account:
    username: str


@pytest.fixture
def stocked() -> Signal:
    """Return a signal that books are in stock again."""
    return Signal()


def declare(signal: Signal, *, owner: Any = "shop", **kwargs: Any) -> None:
    class Stocked(SignalEvent, name="test.stocked", signal=signal, owner=owner, **kwargs):
        """Copies of a book came in."""

        title: str
        copies: int = 1


def test_d9_a_signal_of_djangos_is_told_of(owner: User) -> None:
    class SignedIn(SignalEvent, name="test.signed_in", signal=user_logged_in, owner="user"):
        """Somebody signed in."""

        user: Account

    Client().force_login(owner)

    assert payloads("test.signed_in") == [{"user": {"username": "ada"}}]
    assert [record.owner for record in records("test.signed_in")] == [owner]


def test_d12_the_values_that_a_signal_sends_are_the_payload(owner: User, stocked: Signal) -> None:
    declare(stocked)

    stocked.send(sender=None, shop=owner, title="Emma", copies=3, secret="tea")

    assert payloads("test.stocked") == [{"title": "Emma", "copies": 3}]
    assert [record.owner for record in records("test.stocked")] == [owner]


def test_a_value_that_is_not_sent_has_its_default(owner: User, stocked: Signal) -> None:
    declare(stocked)

    stocked.send(sender=None, shop=owner, title="Emma")

    assert payloads("test.stocked") == [{"title": "Emma", "copies": 1}]


def test_a_value_that_is_not_sent_and_has_no_default_is_refused(
    owner: User, stocked: Signal
) -> None:
    declare(stocked)

    with pytest.raises(
        InvalidPayload, match=r"^title: the signal does not send this\. It sends copies, shop\.$"
    ):
        stocked.send(sender=None, shop=owner, copies=3)

    assert records("test.stocked") == []


def test_a_signal_can_be_adapted_or_told_of_not_at_all(owner: User) -> None:
    class Joined(SignalEvent, name="test.joined", signal=m2m_changed, owner="instance"):
        """Somebody joined groups."""

        groups: list[str]

        @classmethod
        def from_signal(cls, sender: object, **sent: Any) -> Self | None:
            if sender is not User.groups.through or sent["action"] != "post_add":
                return None
            return cls(groups=[group.name for group in sent["instance"].groups.order_by("name")])

    owner.groups.add(Group.objects.create(name="readers"), Group.objects.create(name="authors"))
    owner.groups.clear()

    assert payloads("test.joined") == [{"groups": ["authors", "readers"]}]


def test_only_the_sender_that_is_named_is_told_of(owner: User, stocked: Signal) -> None:
    declare(stocked, sender=Group)

    stocked.send(sender=User, shop=owner, title="Emma")
    stocked.send(sender=Group, shop=owner, title="Middlemarch")

    assert payloads("test.stocked") == [{"title": "Middlemarch", "copies": 1}]


def test_a_sender_can_be_named_as_django_names_models(owner: User) -> None:
    class UserSaved(
        SignalEvent, name="test.saved", signal=post_save, sender="auth.User", owner="instance"
    ):
        """A user was saved."""

        instance: Account

    Group.objects.create(name="readers")
    owner.save()

    assert payloads("test.saved") == [{"instance": {"username": "ada"}}]


def test_several_events_of_one_signal_are_told_once_each(owner: User, stocked: Signal) -> None:
    declare(stocked)

    class Counted(SignalEvent, name="test.counted", signal=stocked, owner=EVERYONE):
        """Copies came in."""

        copies: int

    class CountedForGroups(
        SignalEvent, name="test.counted_for_groups", signal=stocked, owner=EVERYONE, sender=Group
    ):
        """Copies came in, says a group."""

        copies: int

    stocked.send(sender=Group, shop=owner, title="Emma", copies=3)

    for name in ("test.stocked", "test.counted", "test.counted_for_groups"):
        assert [payload["copies"] for payload in payloads(name)] == [3]


def test_a_signal_of_a_model_is_told_of_beside_the_models_own_events(owner: User) -> None:
    class UserSaved(
        SignalEvent, name="test.saved", signal=post_save, sender=User, owner="instance"
    ):
        """A user was saved."""

        created: bool

    class UserChanged(
        ModelEvent, name="test.changed", model=User, on="updated", owner=lambda user: user
    ):
        """A user was changed."""

        username: str

    owner.save()

    assert payloads("test.saved") == [{"created": False}]
    assert payloads("test.changed") == [{"username": "ada"}]


@pytest.mark.parametrize(
    "rule", ["shop", "boss.shop", lambda _, **sent: sent["shop"]], ids=["name", "path", "callable"]
)
def test_the_owner_is_found_in_what_is_sent(owner: User, stocked: Signal, rule: Any) -> None:
    @dataclass
    class Boss:
        shop: User

    declare(stocked, owner=rule)

    stocked.send(sender=None, shop=owner, boss=Boss(owner), title="Emma")

    assert [record.owner for record in records("test.stocked")] == [owner]


def test_r6_a_signal_can_be_told_to_everyone(owner: User, stocked: Signal) -> None:
    declare(stocked, owner=EVERYONE)

    stocked.send(sender=None, shop=owner, title="Emma")

    assert [record.owner for record in records("test.stocked")] == [None]


@pytest.mark.django_db
def test_what_nobody_owns_is_not_told_of(stocked: Signal) -> None:
    declare(stocked)

    stocked.send(sender=None, shop=None, title="Emma")

    assert records("test.stocked") == []


@pytest.mark.django_db
def test_an_owner_that_is_not_sent_is_said(stocked: Signal) -> None:
    declare(stocked)

    with pytest.raises(TypeError, match=r"owner='shop' leads to no owner.*It sends title\.$"):
        stocked.send(sender=None, title="Emma")


@pytest.mark.django_db
def test_an_owner_that_is_no_owner_is_said(stocked: Signal) -> None:
    declare(stocked)

    with pytest.raises(TypeError, match=r"owner must be a User or EVERYONE, not <django"):
        stocked.send(sender=None, shop=AnonymousUser(), title="Emma")


def test_an_event_type_that_was_forgotten_tells_nothing(owner: User, stocked: Signal) -> None:
    with event_types.scratch():
        declare(stocked)

    stocked.send(sender=None, shop=owner, title="Emma")

    assert records("test.stocked") == []


def test_an_event_type_can_be_declared_again_after_it_was_forgotten(
    owner: User, stocked: Signal
) -> None:
    with event_types.scratch():
        declare(stocked)
    declare(stocked)

    stocked.send(sender=None, shop=owner, title="Emma")

    assert len(payloads("test.stocked")) == 1


def test_a_base_can_hold_the_fields_of_several(owner: User, stocked: Signal) -> None:
    class StockEvent(SignalEvent):
        title: str

    class Arrived(StockEvent, name="test.arrived", signal=stocked, owner="shop"):
        """Copies came in."""

    stocked.send(sender=None, shop=owner, title="Emma")

    assert payloads("test.arrived") == [{"title": "Emma"}]
