"""What conditions come to, for all payloads: the same as a plain evaluator says, never an error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.conditions import PayloadCondition, PayloadMatch
from delivery.conditions.condition import dump_conditions, load_conditions
from delivery.conditions.evaluation import compile_conditions
from delivery.conditions.rules import condition_mistakes
from events.fields import JsonValue
from tests.delivery.conditions.sample import KINDS, MATCHES, SAMPLED, expected, registered
from tests.events.everything import finite_decimals, moments

# Few of them, so that what is drawn for a condition is often what is drawn for a payload.
texts = st.text("abAé0 ", max_size=4)
wholes = st.integers(-3, 3) | st.integers()
numbers = wholes | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([1.0, -0.0])
moment_texts = st.sampled_from(
    ["2026-01-02T03:04:05Z", "2026-01-02T05:04:05+02:00", "2026-01-03T00:00:00+00:00"]
) | moments.map(lambda moment: moment.isoformat())
BY_KIND: dict[object, st.SearchStrategy[Any]] = {
    "str": texts,
    "int": wholes | st.sampled_from([1.0, 2.0]),
    "float": numbers,
    "bool": st.booleans(),
    "datetime": moment_texts,
    "date": st.dates().map(str) | st.sampled_from(["2026-01-02", "2026-01-03"]),
    "UUID": st.sampled_from(
        ["01890a5d-ac96-774b-bcce-b302099a8057", "01890A5D-AC96-774B-BCCE-B302099A8057"]
    )
    | st.uuids().map(str),
    "Decimal": st.sampled_from(["1", "1.0", "1.00", "-2", "1E+2"]) | finite_decimals.map(str),
    "Colour": st.sampled_from(["red", "blue"]),
    "Literal": st.sampled_from([1, 2, 1.0]),
}
patterns = st.sampled_from(["^a", "b$", "a.a", "[0-9]+", "(a|b)+A", "^$", "é", "x*", "(?i)AB"])
# What a field of any type may be found to hold: of its own type, of another, or nothing.
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def _kind(path: str) -> str:
    return getattr(KINDS[path], "__name__", "Literal")


def _held(path: str) -> st.SearchStrategy[Any]:
    if KINDS[path] is list:
        member = texts if path == "tags" else st.none() | wholes
        return st.lists(member, max_size=3) | texts | anything
    return BY_KIND[_kind(path)] | texts | wholes | st.lists(texts, max_size=2) | anything


part = st.fixed_dictionaries({}, optional={"label": _held("part.label"), "weight": anything})
payloads = st.fixed_dictionaries(
    {},
    optional={path: _held(path) for path in KINDS if "." not in path} | {"part": part | anything},
)


@st.composite
def allowed_conditions(draw: st.DrawFn) -> PayloadCondition:
    path = draw(st.sampled_from(sorted(KINDS)))
    match = draw(st.sampled_from(MATCHES[KINDS[path]]))
    values = texts if path == "tags" else BY_KIND.get(_kind(path), wholes)
    by_match = {
        "exists": st.booleans(),
        "like": patterns,
        "any": st.lists(values, min_size=1, max_size=3),
    }
    return PayloadCondition(
        path=path,
        match=PayloadMatch(match),
        value=draw(by_match.get(match, values)),
        negate=draw(st.booleans()),
    )


conditions = st.builds(
    PayloadCondition,
    path=st.sampled_from([*KINDS, "parts", "gone", "part.gone", "text.gone"]) | st.text(max_size=5),
    match=st.sampled_from(PayloadMatch),
    value=anything,
    negate=st.booleans(),
)


@pytest.fixture(autouse=True, scope="module")
def sampled() -> Iterator[None]:
    with registered():
        yield


@given(st.lists(allowed_conditions(), max_size=4), payloads)
def test_d14_d15_d16_d17_d18_d19_what_is_allowed_comes_to_what_it_says(
    wanted: list[PayloadCondition], payload: JsonValue
) -> None:
    assert not list(condition_mistakes(SAMPLED, wanted, path=()))

    compiled = compile_conditions(SAMPLED.name, dump_conditions(wanted))

    plain = [expected(condition, payload) for condition in wanted]
    assert compiled.results(payload) == plain
    assert compiled.are_met(payload) is all(plain)


@given(st.lists(conditions, max_size=4), payloads | anything)
@example([PayloadCondition(path="text", match=PayloadMatch.LIKE, value="a")], {"text": "\ud800"})
@example([PayloadCondition(path="gone", match=PayloadMatch.ANY, value=[[1], {}, 1])], {"gone": 1})
def test_d19_nothing_that_is_stored_and_nothing_that_is_found_makes_it_raise(
    stored: list[PayloadCondition], payload: JsonValue
) -> None:
    results = compile_conditions(SAMPLED.name, dump_conditions(stored)).results(payload)

    assert len(results) == len(stored)


@given(conditions, payloads)
def test_to_negate_a_condition_is_to_ask_for_its_opposite(
    condition: PayloadCondition, payload: JsonValue
) -> None:
    opposite = PayloadCondition(
        path=condition.path,
        match=condition.match,
        value=condition.value,
        negate=not condition.negate,
    )

    stored = dump_conditions([condition, opposite])

    one, other = compile_conditions(SAMPLED.name, stored).results(payload)
    assert one is not other


@given(st.text(max_size=30) | anything.map(str))
def test_a_text_that_holds_no_conditions_raises_nothing(text: str) -> None:
    assert compile_conditions(SAMPLED.name, text).are_met({}) in (True, False)


@given(st.lists(conditions, max_size=20))
def test_whatever_was_asked_for_its_mistakes_are_told_and_nothing_is_raised(
    wanted: list[PayloadCondition],
) -> None:
    mistakes = list(condition_mistakes(SAMPLED, wanted, path=("conditions",)))

    assert all(mistake.message and mistake.path[0] == "conditions" for mistake in mistakes)


@given(st.lists(allowed_conditions(), max_size=4))
def test_d20_conditions_are_read_back_as_they_were_stored(wanted: list[PayloadCondition]) -> None:
    assert list(load_conditions(dump_conditions(wanted))) == wanted
