"""What can be a callback, told when it is defined."""

from __future__ import annotations

import pytest

from delivery.callbacks import (
    CallbackFunction,
    DeliveryAttempted,
    delivery_callback,
    delivery_callbacks,
)
from events.registry import AlreadyRegistered

pytestmark = pytest.mark.usefixtures("told")


def lambda_with(docstring: str) -> CallbackFunction:
    def function(attempted: DeliveryAttempted) -> None:
        pass

    function.__doc__ = docstring
    return function


def test_a_callback_is_described_by_the_first_paragraph_of_its_docstring() -> None:
    @delivery_callback("shop.audit-1")
    def audit(attempted: DeliveryAttempted) -> None:
        """Write down
        who was told.

        And more.
        """

    assert delivery_callbacks.get("shop.audit-1").description == "Write down who was told."
    assert delivery_callbacks.get("shop.audit-1").function is audit


def test_a_name_is_taken_once() -> None:
    with pytest.raises(AlreadyRegistered, match="'audit'"):
        delivery_callback("audit")(lambda_with("Another."))


@pytest.mark.parametrize("name", ["", " ", "1st", "two words", "é", "x" * 101, "a\n"])
def test_a_name_that_nobody_could_write_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a delivery callback"):
        delivery_callback(name)


async def asynchronous(attempted: DeliveryAttempted) -> None:
    """Come later."""


def of_two(attempted: DeliveryAttempted, more: object) -> None:
    """Take two."""


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (asynchronous, "plain function"),
        (of_two, "callback\\(attempted\\)"),
        (lambda_with(""), "docstring"),
    ],
)
def test_a_function_that_cannot_be_called_back_is_refused_when_it_is_defined(
    function: CallbackFunction, told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        delivery_callback("new")(function)

    assert "new" not in delivery_callbacks
