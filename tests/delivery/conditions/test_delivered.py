"""Conditions decide what an endpoint is sent."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.webhook_rules import EventSubscriptionSpec
from events.publishing import publish
from examples.bookshop.models import Person
from examples.bookshop.webhooks import PersonSaved
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> User:  # noqa: ARG001 - asks for the database
    return User.objects.create_user("ada")


def condition(path: str, match: str, value: Any) -> PayloadCondition:
    return PayloadCondition(path=path, match=PayloadMatch(match), value=value)


def listen(owner: User, url: str, *conditions: PayloadCondition) -> None:
    subscribe(owner, url, EventSubscriptionSpec(event_type="person.saved", conditions=conditions))


def save(owner: User, *names: str, address: str = "1 High Street") -> None:
    for name in names:
        Person.objects.create(owner=owner, name=name, address=address)
    deliver()


def delivered(receiver: Receiver, path: str = "/") -> list[str]:
    return sorted(request.json()["data"]["name"] for request in receiver.requests(path))


def test_d5_joe_is_delivered_to_who_asks_for_joe_and_simon_is_not(
    owner: User, receiver: Receiver
) -> None:
    listen(owner, receiver.url("/"), condition("name", "is", "Joe"))

    save(owner, "Joe", "Simon")

    assert delivered(receiver) == ["Joe"]


def test_d6_joe_and_jerry_are_delivered_to_who_asks_for_a_j_and_simon_is_not(
    owner: User, receiver: Receiver
) -> None:
    listen(owner, receiver.url("/"), condition("name", "starts_with", "J"))

    save(owner, "Joe", "Jerry", "Simon")

    assert delivered(receiver) == ["Jerry", "Joe"]


def test_d7_d14_without_a_condition_everything_is_delivered(
    owner: User, receiver: Receiver
) -> None:
    listen(owner, receiver.url("/"))

    save(owner, "Joe", "Simon", "")

    assert delivered(receiver) == ["", "Joe", "Simon"]


def test_w39_of_two_subscribers_only_the_one_whose_value_matches_is_told(
    owner: User, receiver: Receiver
) -> None:
    listen(owner, receiver.url("/joe"), condition("name", "is", "Joe"))
    listen(owner, receiver.url("/simon"), condition("name", "is", "Simon"))

    save(owner, "Simon")

    assert delivered(receiver, "/simon") == ["Simon"]
    assert delivered(receiver, "/joe") == []


@pytest.mark.parametrize(
    ("wanted", "matching", "other"),
    [
        (condition("name", "starts_with", "J"), "Joe", "joe"),
        (condition("name", "ends_with", "York City"), "New York City", "York City Hall"),
        (condition("name", "contains", "andeley"), "Vandeley Industries", "VANDELEY INDUSTRIES"),
    ],
)
def test_d16_a_text_is_delivered_by_its_start_its_end_or_a_part_of_it(
    owner: User, receiver: Receiver, wanted: PayloadCondition, matching: str, other: str
) -> None:
    listen(owner, receiver.url("/"), wanted)

    save(owner, matching, other)

    assert delivered(receiver) == [matching]


def test_d17_a_pattern_is_looked_for_anywhere_in_the_text(owner: User, receiver: Receiver) -> None:
    listen(owner, receiver.url("/anywhere"), condition("name", "like", "Constanza"))
    listen(owner, receiver.url("/at-the-start"), condition("name", "like", "^Const"))

    save(owner, "George Constanza", "Constanze")

    assert delivered(receiver, "/anywhere") == ["George Constanza"]
    assert delivered(receiver, "/at-the-start") == ["Constanze"]


def test_d18_all_of_several_conditions_must_hold(owner: User, receiver: Receiver) -> None:
    in_york = condition("address", "contains", "York")
    listen(owner, receiver.url("/"), condition("name", "is", "Joe"), in_york)

    save(owner, "Joe", "Simon", address="New York")
    save(owner, "Joe", address="Paris")

    [request] = receiver.requests("/")
    assert (request.json()["data"]["name"], request.json()["data"]["address"]) == (
        "Joe",
        "New York",
    )


def test_d15_a_number_is_not_the_text_of_it(owner: User, receiver: Receiver) -> None:
    listen(owner, receiver.url("/text"), condition("name", "is", "5"))
    listen(owner, receiver.url("/number"), condition("person_id", "is", 5))

    publish(PersonSaved(person_id=5, name="five", address=""), owner=owner)
    publish(PersonSaved(person_id=6, name="5", address=""), owner=owner)
    deliver()

    assert delivered(receiver, "/number") == ["five"]
    assert delivered(receiver, "/text") == ["5"]
