"""Deleting an owner: what is told meanwhile goes with them, and hinders nobody."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.signals import post_delete, pre_delete

from events.models import EventRecord
from events.publishing import EVERYONE, publish
from events.receivers import listen
from events.sources import ModelEvent, SignalEvent
from events.webhooks import Ping
from examples.bookshop.models import Person
from tests.events.orders import make_customer, payloads

# Foreign keys are checked at the commit, so there must be one.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scratch")]


class UserProxy(User):
    class Meta:
        proxy = True
        app_label = "bookshop"


listen()  # As at start, where all models are known.


def test_an_owner_can_be_deleted_with_rows_that_tell_of_their_deletion(owner: User) -> None:
    class PersonRemoved(ModelEvent, name="test.person", model=Person, on="deleted", owner="owner"):
        """A customer was removed."""

        name: str

    make_customer(owner)

    owner.delete()

    assert not Person.objects.exists()
    assert not EventRecord.objects.exists()


def test_what_is_told_to_everyone_of_a_deleted_owner_stays(owner: User) -> None:
    class PersonRemoved(ModelEvent, name="test.person", model=Person, on="deleted", owner=EVERYONE):
        """A customer was removed."""

        name: str

    make_customer(owner, name="Joe")

    User.objects.filter(pk=owner.pk).delete()

    assert payloads("test.person") == [{"name": "Joe"}]


def test_an_owner_who_is_deleted_as_a_proxy_is_deleted_as_well(owner: User) -> None:
    class PersonRemoved(ModelEvent, name="test.person", model=Person, on="deleted", owner="owner"):
        """A customer was removed."""

        name: str

    make_customer(owner)

    UserProxy.objects.get(pk=owner.pk).delete()

    assert not EventRecord.objects.exists()


def test_what_others_publish_while_an_owner_is_deleted_goes_with_them(owner: User) -> None:
    grace = User.objects.create_user("grace")

    def tell(instance: User, **_: object) -> None:
        publish(Ping(), owner=instance)
        publish(Ping(), owner=grace)

    pre_delete.connect(tell, sender=User)
    try:
        owner.delete()
    finally:
        pre_delete.disconnect(tell, sender=User)

    assert [record.owner for record in EventRecord.objects.all()] == [grace]


def test_what_a_signal_tells_of_an_owner_who_is_gone_goes_with_them(owner: User) -> None:
    class UserRemoved(
        SignalEvent, name="test.user", signal=post_delete, sender=User, owner="instance"
    ):
        """Somebody went."""

    listen()  # As at start, where all events are declared.

    owner.delete()

    assert not EventRecord.objects.exists()


def test_an_owner_who_is_not_deleted_after_all_keeps_their_events(owner: User) -> None:
    record = publish(Ping(), owner=owner)

    with transaction.atomic():
        owner.delete()
        transaction.set_rollback(True)

    assert EventRecord.objects.get() == record


def test_the_owner_model_can_tell_of_itself(owner: User) -> None:
    class UserTold(
        ModelEvent,
        name="test.user",
        model=User,
        on=("created", "deleted"),
        owner=lambda user: user,
    ):
        """Somebody came or went."""

        username: str

    grace = User.objects.create_user("grace")
    owner.delete()

    assert payloads("test.user") == [{"username": "grace"}]
    grace.delete()
    assert payloads("test.user") == []
