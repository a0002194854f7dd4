"""What each way to compare makes of a value, by the type of its field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.conditions.condition import dump_conditions
from delivery.conditions.evaluation import compile_conditions
from events.fields import JsonValue
from tests.delivery.conditions.sample import SAMPLED, registered


@pytest.fixture(autouse=True)
def sampled() -> Iterator[None]:
    with registered():
        yield


def holds(path: str, match: str, value: Any, payload: JsonValue, *, negate: bool = False) -> bool:
    condition = PayloadCondition(path=path, match=PayloadMatch(match), value=value, negate=negate)
    return compile_conditions(SAMPLED.name, dump_conditions([condition])).are_met(payload)


@pytest.mark.parametrize(
    ("path", "match", "value", "matching", "others"),
    [
        ("text", "is", "5", ["5"], [5, "5 ", "", None, ["5"]]),
        ("text", "is", "Joe", ["Joe"], ["joe", "JOE"]),
        ("whole", "is", 5, [5, 5.0], ["5", 6, None, True, [5]]),
        ("whole", "is", 1, [1, 1.0], [True, "1", "true"]),
        ("flag", "is", True, [True], [1, 1.0, "true", False, None]),
        ("number", "is", 0.5, [0.5, 5e-1], ["0.5", 0, None]),
        ("colour", "is", "red", ["red"], ["blue", "RED", None]),
        ("level", "is", 2, [2, 2.0], [1, "2", None]),
        ("identifier", "is", "01890a5d-ac96-774b-bcce-b302099a8057", [
            "01890a5d-ac96-774b-bcce-b302099a8057", "01890A5D-AC96-774B-BCCE-B302099A8057",
        ], ["01890a5d-ac96-774b-bcce-b302099a8058", "", None]),
        ("amount", "is", "12.5", ["12.50", "12.5", "1.25E+1"], ["12.51", 12.5, "", "NaN", None]),
        ("moment", "is", "2026-01-02T03:04:05Z", [
            "2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00", "2026-01-02T03:04:05.000000Z",
        ], ["2026-01-02T03:04:05", "2026-01-02T03:04:06Z", 0, None]),
        ("day", "is", "2026-01-02", ["2026-01-02"], ["2026-01-03", 20260102, None]),
    ],
)  # fmt: skip
def test_d15_d19_what_is_equal_stands_for_the_same_and_is_of_the_same_type(
    path: str, match: str, value: Any, matching: list[Any], others: list[Any]
) -> None:
    assert [found for found in matching if not holds(path, match, value, {path: found})] == []
    assert [found for found in others if holds(path, match, value, {path: found})] == []


@pytest.mark.parametrize(
    ("path", "bound", "above", "below", "neither"),
    [
        ("whole", 5, [6, 10**400, 5.5 * 2], [4, -(10**400)], [5, 5.0, "6", None, True]),
        ("number", 0.5, [0.75, 1], [0.25, -1], [0.5, "1", None]),
        ("amount", "9.5", ["10", "9.51"], ["9.49", "-10"], ["9.50", 10, "", None]),
        ("moment", "2026-01-02T00:00:00Z", ["2026-01-02T00:00:01Z"], [
            "2026-01-02T01:00:00+02:00",
        ], ["2026-01-02T02:00:00+02:00", "2026-01-03", None]),
        ("day", "2026-01-02", ["2026-01-03", "2026-10-01"], ["2025-12-31"], ["2026-01-02", None]),
    ],
)  # fmt: skip
def test_what_has_an_order_is_compared_as_what_it_stands_for(
    path: str, bound: Any, above: list[Any], below: list[Any], neither: list[Any]
) -> None:
    for match, matching, others in (
        ("greater_than", above, [*below, *neither]),
        ("less_than", below, [*above, *neither]),
    ):
        assert [found for found in matching if not holds(path, match, bound, {path: found})] == []
        assert [found for found in others if holds(path, match, bound, {path: found})] == []


def test_any_of_several_values_will_do() -> None:
    assert holds("text", "any", ["Joe", "Jerry"], {"text": "Jerry"})
    assert not holds("text", "any", ["Joe", "Jerry"], {"text": "Simon"})
    assert holds("amount", "any", ["1", "2"], {"amount": "2.00"})


def test_a_list_contains_its_members_and_not_their_parts() -> None:
    assert holds("tags", "contains", "new", {"tags": ["old", "new"]})
    assert not holds("tags", "contains", "ne", {"tags": ["old", "new"]})
    assert not holds("tags", "contains", "new", {"tags": "new"})
    assert holds("counts", "contains", 2, {"counts": [None, 2.0]})
    assert not holds("counts", "contains", 1, {"counts": [True, "1", None]})


@pytest.mark.parametrize("path", ["maybe", "part", "tags", "parts", "part.weight"])
def test_to_exist_is_to_be_there_and_not_null(path: str) -> None:
    first, _, second = path.partition(".")
    there: JsonValue = {first: {second: 0}} if second else {first: []}

    assert holds(path, "exists", True, there)
    assert not holds(path, "exists", False, there)
    absences: list[JsonValue] = [{}, {first: None}, {first: {second: None}} if second else {}]
    for absent in absences:
        assert not holds(path, "exists", True, absent)
        assert holds(path, "exists", False, absent)


def test_d18_nested_fields_are_reached_by_their_keys() -> None:
    assert holds("part.label", "is", "wheel", {"part": {"label": "wheel"}})
    assert not holds("part.label", "is", "wheel", {"part": {"label": "spoke"}})
    assert not holds("part.label", "is", "wheel", {"label": "wheel"})


@pytest.mark.parametrize("payload", [{}, {"part": None}, {"part": 1}, {"part": []}, None, [], 1])
def test_d19_what_is_missing_or_of_another_type_does_not_match(payload: JsonValue) -> None:
    assert not holds("part.label", "is", "wheel", payload)
    assert not holds("part.label", "starts_with", "", payload)
    assert not holds("part.weight", "greater_than", -1, payload)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("amount", "5"),
        ("moment", "2026-01-02T03:04:05Z"),
        ("day", "2026-01-02"),
        ("identifier", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ],
)
def test_d19_what_is_nested_however_deeply_does_not_match(path: str, value: str) -> None:
    deep: JsonValue = []
    for _ in range(100_000):
        deep = [deep]

    assert not holds(path, "is", value, {path: deep})
    assert not holds(path, "any", [value], {path: deep})


def test_the_opposite_of_what_does_not_match_holds() -> None:
    assert holds("text", "is", "Joe", {"text": "Simon"}, negate=True)
    assert not holds("text", "is", "Joe", {"text": "Joe"}, negate=True)
    assert holds("text", "is", "Joe", {}, negate=True)


@pytest.mark.parametrize(
    ("pattern", "text", "is_match"),
    [
        ("Constanza", "George Constanza", True),
        ("^Const", "George Constanza", False),
        ("(?i)george", "George Constanza", True),
        ("z.$", "George Constanza", True),
        (r"^\pL+$", "Grüße", True),
        (r"^\pL[\pL\pN ]*$", "Straße 7", True),
        ("", "", True),
        ("a", None, False),
        ("5", 5, False),
        (r"\d", "\ud800 5", False),
    ],
)
def test_d17_d19_a_pattern_is_searched_for_in_texts_only(
    pattern: str, text: Any, is_match: bool
) -> None:
    assert holds("text", "like", pattern, {"text": text}) is is_match
