"""Authentication as callers choose it: one input type for each scheme that is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.inputs.options import build_choice_input, read_choice
from delivery.authentication import Authentication, authentications


def build_authentication_input() -> type:
    """Return the input that holds exactly one of the registered schemes."""
    return build_choice_input(
        authentications, name="AuthenticationInput", description="Exactly one way to authenticate."
    )


def read_authentication(chosen: AuthenticationInput) -> Authentication:
    """Return the scheme that a caller chose; raises `Refused` with every mistake in it."""
    return read_choice(chosen, authentications, path=("authentication",))


if TYPE_CHECKING:

    class AuthenticationInput:
        """Exactly one scheme; its attributes are the names of the registered ones."""

else:
    AuthenticationInput = build_authentication_input()
