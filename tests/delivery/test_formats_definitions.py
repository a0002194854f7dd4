"""What writing a payload format takes: whatever is wrong with one fails where it is defined."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from delivery.formats import PayloadFormat, StandardFormat, payload_format, payload_formats
from events.registry import AlreadyRegistered


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with payload_formats.scratch():
        yield


def test_the_first_paragraph_of_its_docstring_describes_a_format() -> None:
    @payload_format("described")
    class DescribedFormat(StandardFormat):
        """Says what it is,
        over two lines.

        And more.
        """

    described = payload_formats.get("described")
    assert described.description == "Says what it is, over two lines."
    assert described.symbol == "DESCRIBED"


def test_a_format_without_a_docstring_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks a docstring"):

        @payload_format("silent")
        class SilentFormat(StandardFormat):
            pass


def test_a_class_that_is_no_format_is_refused() -> None:
    with pytest.raises(TypeError, match="Derive it from PayloadFormat"):
        payload_format("number")(int)  # type: ignore[type-var]  # what is tested


@pytest.mark.parametrize("name", ["RestHooks", "rest-hooks", "", "2nd", "a" * 51])
def test_a_name_that_is_not_in_snake_case_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="snake_case"):
        payload_format(name)(type("Any", (PayloadFormat,), {}))


def test_a_taken_name_is_refused_and_the_first_format_stays() -> None:
    before = payload_formats.get("standard")

    with pytest.raises(AlreadyRegistered, match="'standard'"):

        @payload_format("standard")
        class OtherFormat(StandardFormat):
            """Another one."""

    assert payload_formats.get("standard") is before


def test_a_format_without_a_body_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks `body`"):

        @payload_format("empty")
        class EmptyFormat(PayloadFormat):
            """Makes nothing."""


def test_a_body_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match=r"body\(self, message\)"):

        @payload_format("curt")
        class CurtFormat(PayloadFormat):
            """Asks for less than it is given."""

            def body(self) -> bytes:  # type: ignore[override]  # what is tested
                return b""
