"""Endpoint authentication: what a scheme adds to requests, and the schemes that can be chosen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from delivery.http.request import CannotSend, OutgoingRequest
from delivery.options import Choice, Choices, StoredChoice


class Authentication(Choice):
    """Proves to an endpoint who sends, beside the signature. One of your own needs only `headers`.

    Decorate it with `authentication`; its fields are its options. Mark those that are secret by
    `Secret()`.
    """

    @abstractmethod
    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        """Return the headers to add to a request; their values are never stored or shown.

        `request` is what would be sent without them. They replace headers of the webhook's own, and
        cannot replace those of the format and the signature.
        """

    @property
    def scheme(self) -> str:
        """What the API calls its name."""
        return self.name


authentications: Choices[Authentication] = Choices(
    noun="authentication", base=Authentication, method="headers"
)
Scheme = TypeVar("Scheme", bound=Authentication)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def authentication(name: str, *, is_custom: bool = True) -> Callable[[type[Scheme]], type[Scheme]]:
    """Make an `Authentication` a frozen dataclass of options and let it be chosen by `name`.

    The first paragraph of its docstring becomes its description.

    Raises (when the class is defined):
        TypeError: The class, a field, its docstring or its `headers` is not as it must be.
        ValueError: The name is no camelCase identifier, a word of Python, or reserved.
        InvalidOptions: The defaults break a rule of the class's own `validate`.
        AlreadyRegistered: Another scheme has the name.
        RegistryClosed: The schemes have been read already.
    """

    def register(cls: type[Scheme]) -> type[Scheme]:
        return authentications.add(cls, name=name, is_custom=is_custom)

    return register


@dataclass(frozen=True, kw_only=True)
class UnregisteredAuthentication(Authentication):
    """Stands for a scheme that the project can no longer read; no request can be made with it.

    Its class is not registered any more, or refuses the settings that it once accepted.
    """

    stored: StoredChoice

    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        """Raise `CannotSend`: without proof the endpoint would refuse the request, or worse."""
        raise CannotSend(
            f"The authentication {self.name!r} is not registered any more. Choose another."
        )

    @property
    def name(self) -> str:
        """The name that the scheme was chosen by."""
        return self.stored.name


def store_authentication(chosen: Authentication) -> StoredChoice:
    """Write an authentication in its stored form, secrets included.

    Raises:
        NotRegistered: The class was not decorated with `authentication`.
        InvalidOptions: It holds something that could not be read back.
    """
    if isinstance(chosen, UnregisteredAuthentication):
        return chosen.stored
    return authentications.store(chosen)


def load_authentication(stored: StoredChoice) -> Authentication:
    """Read an authentication from its stored form.

    A row that was written when other classes were registered still gives one, an
    `UnregisteredAuthentication`.
    """
    return authentications.load(stored) or UnregisteredAuthentication(stored=stored)
