"""Lazy objects, such as `request.user`, are told of as what they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.dispatch import Signal
from django.utils.functional import SimpleLazyObject

from events.sources import ModelEvent, SignalEvent, fire
from tests.events.orders import payloads

pytestmark = pytest.mark.usefixtures("scratch")


@dataclass(frozen=True, kw_only=True)
class Account:
    username: str


@pytest.fixture
def user(owner: User) -> Any:
    """Return what stands for an owner until something is asked of them."""
    return SimpleLazyObject(lambda: User.objects.get(pk=owner.pk))


def test_an_action_is_told_of_what_a_lazy_object_stands_for(user: Any) -> None:
    class UserSeen(ModelEvent, name="test.seen", model=User, on="seen", owner=lambda user: user):
        """Somebody was seen."""

        username: str

    [record] = fire(user, action="seen")

    assert record.owner == user
    assert payloads("test.seen") == [{"username": "ada"}]


def test_a_lazy_object_that_a_signal_sends_is_read(user: Any) -> None:
    greeted = Signal()

    class UserGreeted(SignalEvent, name="test.greeted", signal=greeted, owner="user"):
        """Somebody was greeted."""

        user: Account

    greeted.send(sender=None, user=user)

    assert payloads("test.greeted") == [{"user": {"username": "ada"}}]
