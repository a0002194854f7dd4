"""What writing an authentication takes: whatever is wrong with one fails where it is defined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

import pytest

from delivery.authentication import (
    Authentication,
    BasicAuthentication,
    authentication,
    authentications,
    store_authentication,
)
from delivery.http.request import OutgoingRequest
from delivery.options import Between, Secret
from events.registry import AlreadyRegistered, NotRegistered


@pytest.fixture(autouse=True)
def forget_registrations() -> Iterator[None]:
    with authentications.scratch():
        yield


class Silent(Authentication):
    """Adds nothing."""

    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        return {}


def test_a_secret_that_has_a_default_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Careless\.key has a default, which is no secret"):

        @authentication("careless")
        class Careless(Silent):
            """Has a password for everyone."""

            key: Annotated[str, "The key.", Secret()] = "letmein"


def test_a_secret_that_is_no_text_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Numeric\.pin cannot be a Secret\(\)"):

        @authentication("numeric")
        class Numeric(Silent):
            """Has a number to keep."""

            pin: Annotated[int, "The number.", Between(0, 9999), Secret()]


def test_a_repr_that_could_show_secrets_is_refused() -> None:
    with pytest.raises(TypeError, match="Chatty has a repr of its own"):

        @authentication("chatty")
        @dataclass(frozen=True, kw_only=True)
        class Chatty(Silent):
            """Says all."""

            key: Annotated[str, "The key.", Secret()]


def test_a_dataclass_without_a_repr_of_its_own_is_taken_as_it_is() -> None:
    @authentication("discreet")
    @dataclass(frozen=True, kw_only=True, repr=False)
    class Discreet(Silent):
        """Says what may be said."""

        who: Annotated[str, "Who it is."]
        key: Annotated[str, "The key.", Secret()]

    assert repr(Discreet(who="ada", key="k")).endswith("Discreet(who='ada')")


@pytest.mark.parametrize("taken", ["name", "scheme"])
def test_an_option_that_hides_what_every_authentication_has_is_refused(taken: str) -> None:
    masked = type(
        "Masked",
        (Silent,),
        {"__doc__": "Has an option by a taken name.", "__annotations__": {taken: str}},
    )

    with pytest.raises(TypeError, match=rf"Masked\.{taken} hides what every authentication has"):
        authentication("masked")(masked)


def test_an_authentication_without_headers_is_refused() -> None:
    with pytest.raises(TypeError, match="lacks `headers`"):

        @authentication("empty")
        class Empty(Authentication):
            """Makes nothing."""


def test_headers_that_cannot_be_called_are_refused() -> None:
    with pytest.raises(TypeError, match=r"headers\(self, request\)"):

        @authentication("curt")
        class Curt(Authentication):
            """Asks for less than it is given."""

            def headers(self) -> Mapping[str, str]:  # type: ignore[override]  # what is tested
                return {}


@pytest.mark.parametrize("name", ["HTTP", "api-key", "unregistered", "lambda"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"The authentication cannot be named '{name}'"):
        authentication(name)(Silent)


def test_a_taken_name_is_refused_and_the_first_scheme_stays() -> None:
    with pytest.raises(AlreadyRegistered, match="BasicAuthentication"):
        authentication("basic")(Silent)

    assert authentications.get("basic") is BasicAuthentication


def test_one_that_was_not_registered_is_not_stored() -> None:
    with pytest.raises(NotRegistered, match=r"Silent is not registered\. Decorate it"):
        store_authentication(Silent())
