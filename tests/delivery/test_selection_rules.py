"""Which selections may be stored, and what is said of the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.errors import ErrorCode
from delivery.selection import select_payload, selection_mistakes
from events import Event
from events.event import EventType, event_types
from examples.bookshop.webhooks import OrderPaid
from tests.events.everything import Everything

ORDER: EventType = OrderPaid.__event_type__
EVERYTHING: EventType = Everything.__event_type__


@dataclass(frozen=True)
class Nothing:
    """Nothing at all."""


def mistakes(selection: str, event_type: EventType = ORDER) -> list[tuple[ErrorCode, str]]:
    """Return what is wrong with a selection, by default one of a paid order."""
    found = list(selection_mistakes(event_type, selection, path=("events", "0", "selection")))
    assert {mistake.path for mistake in found} <= {("events", "0", "selection")}
    return [(mistake.code, mistake.message) for mistake in found]


@pytest.fixture(autouse=True)
def _registrations_are_forgotten() -> Iterator[None]:
    with event_types.scratch():
        yield


@pytest.mark.parametrize(
    "selection",
    [
        "",
        "{ orderId }",
        "{ orderId customer { email } books { title, copies } }",
        "{\n  # What it costs.\n  total\n}",
        "{ orderId orderId customer { name } customer { email } }",
        "{ query fragment mutation }",
    ],
)
def test_a_selection_is_of_fields_that_the_payload_has(selection: str) -> None:
    class Reserved(Event, name="words.reserved"):
        """Fields may be named like the words of GraphQL."""

        query: str
        fragment: str
        mutation: str

    of = Reserved.__event_type__ if "query" in selection else ORDER
    assert not mistakes(selection, of)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            "{ orderId custumer { name } }",
            (
                "Line 1, column 11: Cannot query field 'custumer' on type 'OrderPaidData'. "
                "Did you mean 'customer'?"
            ),
        ),
        (
            "{ order_id }",
            (
                "Line 1, column 3: Cannot query field 'order_id' on type 'OrderPaidData'. "
                "Did you mean 'orderId'?"
            ),
        ),
        (
            "{\n  customer { phone }\n}",
            "Line 2, column 14: Cannot query field 'phone' on type 'CustomerData'.",
        ),
        (
            "{ customer }",
            (
                "Line 1, column 3: Field 'customer' of type 'CustomerData!' must have a "
                "selection of subfields. Did you mean 'customer { ... }'?"
            ),
        ),
        (
            "{ books }",
            (
                "Line 1, column 3: Field 'books' of type '[OrderedBookData!]!' must have a "
                "selection of subfields. Did you mean 'books { ... }'?"
            ),
        ),
        (
            "{ paidAt { day } }",
            (
                "Line 1, column 10: Field 'paidAt' must not have a selection since type "
                "'DateTime!' has no subfields."
            ),
        ),
        ("{ orderId", "Line 1, column 10: Syntax Error: Expected Name, found <EOF>."),
        ("{ orderId ! }", "Line 1, column 11: Syntax Error: Expected Name, found '!'."),
        ("  ", "Line 1, column 3: Syntax Error: Unexpected <EOF>."),
        ("{ größe }", "Line 1, column 5: Syntax Error: Unexpected character: U+00F6."),
    ],
)
def test_what_graphql_finds_is_told_in_its_words_with_line_and_column(
    selection: str, message: str
) -> None:
    assert mistakes(selection) == [(ErrorCode.INVALID, message)]


SHAPE = "A selection is one pair of braces with fields within, such as `{ id }`, and nothing else."


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("orderId", f"Line 1, column 1: {SHAPE}"),
        ("query { orderId }", f"Line 1, column 1: {SHAPE}"),
        ("query Mine($id: ID) { orderId }", f"Line 1, column 1: {SHAPE}"),
        ("mutation { orderId }", f"Line 1, column 1: {SHAPE}"),
        ("fragment F on OrderPaidData { orderId }", f"Line 1, column 1: {SHAPE}"),
        ("{ orderId } { total }", f"Line 1, column 13: {SHAPE}"),
        ("{ orderId } }", f"Line 1, column 13: {SHAPE}"),
        ('"All of it." { orderId }', f"Line 1, column 1: {SHAPE}"),
        (
            "{ orderId ...F } fragment F on OrderPaidData { total }",
            "Line 1, column 11: A selection takes no fragments. Name the fields themselves.",
        ),
        (
            "{ ... on OrderPaidData { orderId } }",
            "Line 1, column 3: A selection takes no fragments. Name the fields themselves.",
        ),
        ("{ orderId @skip(if: true) }", "Line 1, column 11: A selection takes no directives."),
        ("{ orderId(as: $x) }", "Line 1, column 10: The fields of a payload take no arguments."),
        ("{ orderId $x }", "Line 1, column 11: A selection takes no variables."),
        (
            "{ id: orderId }",
            (
                "Line 1, column 5: A selection takes no aliases: fields keep the names that the "
                "payload has."
            ),
        ),
        ("{ __typename }", "Line 1, column 3: `__typename` is not a field of the payload."),
        (
            "{ __schema { types { name } } }",
            "Line 1, column 3: `__schema` is not a field of the payload.",
        ),
        ("{ }", "Line 1, column 3: Name at least one field between the braces."),
        (
            "{ orderId customer { } }",
            "Line 1, column 22: Name at least one field between the braces.",
        ),
    ],
)
def test_what_a_selection_has_no_use_for_is_refused_in_words_of_our_own(
    selection: str, message: str
) -> None:
    assert mistakes(selection) == [(ErrorCode.INVALID, message)]


@pytest.mark.parametrize("text", ["{ orderId #\0\n }", "{ orderId #\ud800\n }"])
def test_what_no_database_could_store_is_refused(text: str) -> None:
    [(code, message)] = mistakes(text)

    assert code is ErrorCode.INVALID
    assert "NUL or half of a pair" in message


def test_every_unknown_field_is_told_of_up_to_a_bound() -> None:
    assert len(mistakes("{ one two }")) == 2
    assert len(mistakes(f"{{ {' '.join(f'unknown{n}' for n in range(100))} }}")) < 10


@pytest.mark.parametrize(
    "selection", ["{ a" * 600, "{" * 2_000, "{ a(b: " + "[" * 1_900, "[" * 1_000_000]
)
def test_no_depth_and_no_length_is_too_much_to_be_refused(selection: str) -> None:
    assert len(mistakes(selection)) == 1


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ("{ orderId }" + " " * 1_990, "A selection may have 2,000 characters at most, not 2,001."),
        (
            "{ " + "total " * 201 + "}",
            "Line 1, column 1203: A selection may have 200 fields at most, 12 deep.",
        ),
        (
            "{ a " * 13 + "}" * 13,
            "Line 1, column 49: A selection may have 200 fields at most, 12 deep.",
        ),
    ],
)
def test_the_bounds_are_told(selection: str, message: str) -> None:
    assert mistakes(selection) == [(ErrorCode.OUT_OF_RANGE, message)]


def test_up_to_the_bounds_there_is_no_mistake() -> None:
    assert not mistakes("{ orderId }" + " " * 1_989)
    assert not mistakes("{ " + "total " * 200 + "}")


def test_an_object_without_fields_is_selected_as_the_api_shows_it() -> None:
    class Emptied(Event, name="shop.emptied"):
        """The shop was emptied."""

        what: Nothing | None

    emptied: EventType = Emptied.__event_type__
    assert not mistakes("{ what { isEmpty } }", emptied)
    assert select_payload(
        '{"what":{}}', event_type="shop.emptied", selection="{ what { isEmpty } }"
    )


words = st.lists(
    st.sampled_from(["{", "}", "text", "part", "label", "parts", "table", "a", ":", "...", "on"])
    | st.sampled_from(["@", "$", "(", ")", "[", '"""', "#", "\n", "__typename", "query", "!", "-"])
).map(" ".join)


@given(selection=st.text() | words)
@example("{ text part { label } parts { weight } }")
def test_every_text_is_judged_and_what_passes_can_be_applied(selection: str) -> None:
    passes = not list(selection_mistakes(EVERYTHING, selection, path=()))

    if passes and selection:
        payload = '{"text":"a","part":{"label":"b"},"parts":[],"never":"selected"}'
        assert select_payload(payload, event_type="e", selection=selection) != payload
