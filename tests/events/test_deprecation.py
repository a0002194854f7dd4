"""Event types and fields that should not be used any more, as receivers are told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import Annotated, Any

import pytest
from django.core.management import call_command
from django.db import models
from jsonschema import Draft202012Validator

from delivery.models import Delivery
from events import Deprecated, Event
from events.errors import InvalidEventClass
from events.event import event_types
from events.payload import decode_payload
from events.publishing import publish
from events.webhooks import Ping
from tests.services.receiver import Receiver
from tests.work import deliver, subscribe


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What is sent."""

    weight: Annotated[float, "In kilograms.", Deprecated("Use grams.")]
    grams: int


@pytest.fixture(autouse=True)
def _scratch() -> Iterator[None]:
    with event_types.scratch():
        yield


@pytest.fixture
def sent() -> type[Event]:
    class ParcelSentV1(Event, name="parcel.sent", deprecated="Use parcel.sent.v2."):
        """A parcel was sent."""

        parcel: Parcel
        place: Annotated[Annotated[str, "Where it goes."] | None, Deprecated("Use address.")]

    return ParcelSentV1


def schema_of(event: type[Event]) -> Any:
    return event.__event_type__.payload_schema


def test_an_event_type_says_why_not_to_use_it(sent: type[Event]) -> None:
    assert sent.__event_type__.deprecation_reason == "Use parcel.sent.v2."
    assert Ping.__event_type__.deprecation_reason is None


def test_the_schema_says_that_the_event_type_is_deprecated_and_why(sent: type[Event]) -> None:
    Draft202012Validator.check_schema(schema_of(sent))
    assert schema_of(sent)["deprecated"] is True
    assert schema_of(sent)["description"] == "A parcel was sent.\n\nDeprecated: Use parcel.sent.v2."
    assert "deprecated" not in schema_of(Ping)


def test_a_field_says_so_in_the_schema_be_it_nested_or_optional(sent: type[Event]) -> None:
    place, parcel = (schema_of(sent)["properties"][name] for name in ("place", "parcel"))

    assert place["deprecated"] is True
    assert place["description"] == "Where it goes.\n\nDeprecated: Use address."
    assert parcel["properties"]["weight"]["deprecated"] is True
    assert "deprecated" not in parcel["properties"]["grams"]


@pytest.mark.usefixtures("sent")
def test_the_list_of_event_types_tells_people_and_programs() -> None:
    table, listed = StringIO(), StringIO()
    call_command("list_event_types", stdout=table)
    call_command("list_event_types", "--json", stdout=listed)

    [line] = [line for line in table.getvalue().splitlines() if line.startswith("parcel.sent")]
    assert line.endswith("A parcel was sent. Deprecated: Use parcel.sent.v2.")
    reasons = {each["name"]: each["deprecationReason"] for each in json.loads(listed.getvalue())}
    assert reasons["parcel.sent"] == "Use parcel.sent.v2."
    assert reasons["ping"] is None


def test_deprecated_events_can_be_subscribed_to_and_arrive(
    owner: models.Model, receiver: Receiver, sent: type[Event]
) -> None:
    subscribe(owner, receiver.url("/parcels"), "parcel.sent")

    declared = sent.__event_type__
    publish(decode_payload(declared, json.dumps(declared.sample_payload)), owner=owner)
    deliver()

    [request] = receiver.requests("/parcels")
    assert request.json()["data"] == declared.sample_payload
    assert Delivery.objects.get().status == Delivery.Status.SUCCEEDED


@pytest.mark.parametrize("reason", ["", "  ", True])
def test_an_event_type_is_not_deprecated_without_a_reason(reason: Any) -> None:
    with pytest.raises(InvalidEventClass, match=r"Lost is deprecated for the reason .* what to do"):

        class Lost(Event, name="parcel.lost", deprecated=reason):
            """A parcel was lost."""

    assert "parcel.lost" not in event_types


@pytest.mark.parametrize("note", [Deprecated(""), Deprecated(" "), Deprecated], ids=repr)
def test_a_field_is_not_deprecated_without_a_reason(note: object) -> None:
    annotations = {"weight": Annotated[float, note]}

    with pytest.raises(InvalidEventClass, match=r"Lost\.weight is deprecated for the reason"):
        type("Lost", (Event,), {"__annotations__": annotations}, name="parcel.lost")


def test_a_base_for_other_events_is_not_what_anybody_uses() -> None:
    with pytest.raises(InvalidEventClass, match="no name of its own"):

        class ParcelEvent(Event, deprecated="Use another."):
            """What every event about a parcel tells."""
