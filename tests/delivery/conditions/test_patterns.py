"""Regular expressions of strangers: they are bounded, whatever they are tried on."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.conditions.patterns import InvalidPattern, check_pattern, is_found


def test_d19_what_takes_others_for_ever_is_answered() -> None:
    text = "a" * 100_000

    assert is_found("^(a+)+$", text)
    assert not is_found("^(a+)+$", text + "!")
    assert not is_found("(a|aa)+b", text)
    assert not is_found("(.*)(.*)(.*)(.*)(.*)x", text)


def test_d19_a_pattern_is_not_tried_on_a_text_that_is_too_long_for_it() -> None:
    complicated = "(a?){600}a"

    assert is_found(complicated, "a" * 1_000)
    assert not is_found(complicated, "a" * 1_000_000)
    assert is_found("^a", "a" * 100_000)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing"),
        ("[z-a]", "invalid character class range"),
        (r"(a)\1", "invalid escape sequence"),
        ("(?=a)", "invalid perl operator"),
        ("a**", "bad repetition operator"),
        ("((a{100}){10}){10}", "invalid repetition size"),
        (r"\pL{100}", "pattern too large"),
        ("\ud800", "surrogate"),
    ],
)
def test_d19_what_cannot_be_used_is_refused_with_the_reason(pattern: str, reason: str) -> None:
    with pytest.raises(InvalidPattern, match=reason):
        check_pattern(pattern)

    assert not is_found(pattern, pattern)


@given(st.text(max_size=200), st.text())
def test_d19_no_pattern_and_no_text_raise_anything_else(pattern: str, text: str) -> None:
    with suppress(InvalidPattern):
        check_pattern(pattern)

    assert is_found(pattern, text) in (True, False)


def test_d19_nothing_is_written_to_the_log_by_the_engine(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidPattern):
        check_pattern("(")
    is_found("((a?){100}){10}b", "a" * 5_000)

    assert capfd.readouterr().err == ""
