"""Conditions outlive the event classes that they were written for."""

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


def met(
    path: str, match: str, value: Any, payload: JsonValue, *, event_type: str = SAMPLED.name
) -> bool:
    stored = dump_conditions([PayloadCondition(path=path, match=PayloadMatch(match), value=value)])
    return compile_conditions(event_type, stored).are_met(payload)


@pytest.mark.parametrize(
    ("match", "value", "matching", "others"),
    [
        ("is", "5", ["5"], [5, None, ["5"]]),
        ("is", 5, [5, 5.0], ["5", True]),
        ("is", 1, [1], [True]),
        ("is", True, [True], [1, "true"]),
        ("any", ["a", 1], ["a", 1], [True, "b", None, []]),
        ("starts_with", "a", ["ab"], ["ba", 5, None]),
        ("contains", "a", ["bab", ["a"]], [["bab"], "b", {}, None]),
        ("like", "^a", ["ab"], ["ba", 5]),
        ("exists", True, [0, "", {}], [None]),
        ("greater_than", 5, [6], [5, "6", True, None]),
        ("greater_than", "9.5", ["10"], ["9.50", 10, "x"]),
        ("less_than", "2026-01-02", ["2026-01-01"], ["2026-01-02", 5]),
        ("less_than", "2026-01-02T00:00:00Z", ["2026-01-02T01:00:00+02:00"], ["2026-01-01"]),
        ("less_than", "some text", [], ["a", "z", 5, None]),
    ],
)
@pytest.mark.parametrize("event_type", [SAMPLED.name, "gone.altogether"])
def test_what_the_class_does_not_have_any_more_is_compared_as_it_stands(
    event_type: str, match: str, value: Any, matching: list[Any], others: list[Any]
) -> None:
    def holds(found: Any) -> bool:
        return met("gone.by", match, value, {"gone": {"by": found}}, event_type=event_type)

    assert [found for found in matching if not holds(found)] == []
    assert [found for found in others if holds(found)] == []
    assert not holds(None) or match == "exists"


def test_a_value_that_the_class_does_not_allow_any_more_matches_what_still_has_it() -> None:
    assert met("colour", "is", "lilac", {"colour": "lilac"})
    assert not met("colour", "is", "lilac", {"colour": "red"})


def test_a_match_that_the_field_does_not_allow_any_more_is_tried_all_the_same() -> None:
    assert met("whole", "starts_with", "5", {"whole": "55"})
    assert not met("whole", "starts_with", "5", {"whole": 55})
    assert met("text", "greater_than", 5, {"text": 6})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "null",
        "5",
        "{}",
        "[5]",
        '[{"path":"text"}]',
        '[{"path":"text","match":"gone","value":1,"negate":false}]',
        '[{"path":5,"match":"is","value":1,"negate":false}]',
        '[{"path":"text","match":"is","value":1,"negate":false,"more":1}]',
        "[" * 100_000,
    ],
)
def test_d19_conditions_that_cannot_be_read_are_not_met(text: str) -> None:
    compiled = compile_conditions(SAMPLED.name, text)

    assert not compiled.are_met({"text": "a"})
    assert compiled.results({}) == [False]


def test_conditions_that_cannot_be_read_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    compile_conditions(SAMPLED.name, "what somebody wrote by hand")

    assert "Conditions cannot be read and are not met: what somebody wrote" in caplog.text


@pytest.mark.parametrize("match", ["starts_with", "ends_with", "contains", "like"])
def test_d19_a_stored_value_of_another_type_matches_nothing(match: str) -> None:
    assert not met("text", match, 5, {"text": "5"})
    assert not met("text", match, None, {"text": ""})
    assert not met("text", "any", 5, {"text": 5})
    assert not met("text", "exists", "yes", {"text": ""})
