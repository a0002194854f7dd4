"""What the database reckons, not the program, is told as it is in the row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, models
from django.db.models import F
from django.test.utils import isolate_apps

from events.publishing import EVERYONE
from events.sources import ModelEvent
from examples.bookshop.models import OrderLine
from tests.events.orders import make_line, make_order, payloads

# A table is made, which SQLite does outside of transactions only.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("scratch")]


@pytest.fixture
def parcel() -> Iterator[Any]:
    """Return a model with a field that the database keeps."""
    with isolate_apps("examples.bookshop"):

        class Parcel(models.Model):  # noqa: DJ008 - shown to nobody
            copies = models.IntegerField()
            grams = models.GeneratedField(
                expression=F("copies") * 250, output_field=models.IntegerField(), db_persist=True
            )

            class Meta:
                app_label = "bookshop"

    with connection.schema_editor() as editor:
        editor.create_model(Parcel)
    yield Parcel
    with connection.schema_editor() as editor:
        editor.delete_model(Parcel)


def test_an_expression_is_told_as_what_it_came_to(owner: User) -> None:
    class LineTold(
        ModelEvent, name="test.line", model=OrderLine, on="updated", owner="order.owner"
    ):
        """A line was changed."""

        title: str
        copies: int

    line = make_line(make_order(owner), copies=2)
    line.title, line.copies = "Persuasion", F("copies") + 1

    line.save()

    assert payloads("test.line") == [{"title": "Persuasion", "copies": 3}]


def test_a_generated_field_is_told_as_it_is_after_the_save(parcel: Any) -> None:
    class ParcelTold(
        ModelEvent, name="test.parcel", model=parcel, on=("created", "updated"), owner=EVERYONE
    ):
        """A parcel was made or changed."""

        grams: int

    two = parcel.objects.create(copies=2)
    two.copies = 3
    two.save()

    assert payloads("test.parcel") == [{"grams": 500}, {"grams": 750}]
