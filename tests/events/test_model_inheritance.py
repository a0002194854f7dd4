"""Models that derive from a model that is told of: proxies, and children with a table each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test.utils import isolate_apps

from events.publishing import EVERYONE
from events.sources import ModelEvent
from tests.events.orders import payloads

# A table is made, which SQLite does outside of transactions only.
pytestmark = pytest.mark.django_db(transaction=True)


class GroupProxy(Group):
    class Meta:
        proxy = True
        app_label = "bookshop"


@pytest.fixture
def club() -> Iterator[Any]:
    """Return a model that has a table of its own beside that of groups."""
    with isolate_apps("examples.bookshop"):

        class Club(Group):
            fee = models.IntegerField()

            class Meta:
                app_label = "bookshop"

    with connection.schema_editor() as editor:
        editor.create_model(Club)
    yield Club
    with connection.schema_editor() as editor:
        editor.delete_model(Club)


@pytest.fixture
def _told(
    scratch: None,  # noqa: ARG001 - asked for its effect
    club: Any,  # noqa: ARG001 - made before the events are declared
) -> None:
    for action in ("created", "updated", "deleted", "met"):

        class GroupTold(ModelEvent, name=f"test.{action}", model=Group, on=action, owner=EVERYONE):
            """Something happened to a group."""

            name: str


def told() -> list[str]:
    return [
        f"{payload['name']} {action}"
        for action in ("created", "updated", "deleted")
        for payload in payloads(f"test.{action}")
    ]


@pytest.mark.usefixtures("_told")
def test_a_proxy_counts_as_the_model() -> None:
    group = GroupProxy.objects.create(name="readers")
    group.save()
    group.delete()

    assert told() == ["readers created", "readers updated", "readers deleted"]


@pytest.mark.usefixtures("_told")
def test_a_child_counts_as_the_model_and_once(club: Any) -> None:
    readers = club.objects.create(name="readers", fee=5)
    readers.save()
    readers.delete()

    assert told() == ["readers created", "readers updated", "readers deleted"]


@pytest.mark.usefixtures("_told")
def test_a_child_that_leaves_its_parent_deletes_nothing_of_the_model(
    club: Any,
) -> None:
    readers = club.objects.create(name="readers", fee=5)

    readers.delete(keep_parents=True)

    assert Group.objects.filter(name="readers").exists()
    assert told() == ["readers created"]


@pytest.mark.usefixtures("_told")
def test_events_of_a_child_are_told_beside_those_of_its_parent(club: Any) -> None:
    class ClubTold(
        ModelEvent, name="test.club", model=club, on=("created", "deleted"), owner=EVERYONE
    ):
        """Something happened to a club."""

        fee: int

    club.objects.create(name="readers", fee=5).delete()
    Group.objects.create(name="authors")

    assert payloads("test.club") == [{"fee": 5}, {"fee": 5}]
    assert told() == ["readers created", "authors created", "readers deleted"]
