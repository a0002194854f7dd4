"""Signal events that could not work are refused when they are defined, with what to do."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_init, post_save
from django.dispatch import Signal

from events.errors import InvalidEventClass
from events.event import event_types
from events.publishing import EVERYONE
from events.sources import SignalEvent

pytestmark = pytest.mark.usefixtures("scratch")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"signal": None}, r"signal=None is not a signal\. Pass an instance of django\.dispatch"),
        ({"signal": Signal}, r"is not a signal"),
        ({"signal": post_save, "sender": "auth.Nobody"}, r"sender='auth\.Nobody' is not a model: "),
        ({"signal": post_save, "sender": "User"}, r"sender='User' is not a model: .*app_label\."),
        ({"signal": post_save}, r"does not say of which model it tells.*Pass sender=…, a model\."),
        ({"signal": post_init}, r"does not say of which model it tells"),
        ({"owner": None}, r"does not say whose event it is: owner=None"),
        ({"owner": "the shop"}, r"owner='the shop' is not a path of attributes"),
    ],
)
def test_a_declaration_that_could_not_work_is_refused(
    changed: dict[str, Any], message: str
) -> None:
    declared: dict[str, Any] = {"signal": Signal(), "owner": "shop", **changed}

    with pytest.raises(InvalidEventClass, match=rf"Stocked.*{message}"):

        class Stocked(SignalEvent, name="test.stocked", **declared):
            """Copies of a book came in."""

    assert "test.stocked" not in event_types


def test_what_belongs_to_a_class_with_a_name_is_refused_for_one_without() -> None:
    with pytest.raises(InvalidEventClass, match="StockEvent has no name, so it is a base"):

        class StockEvent(SignalEvent, owner=EVERYONE):
            pass
