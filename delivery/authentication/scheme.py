"""Endpoint authentication: what a scheme adds to requests, and the schemes that can be chosen."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

from delivery.http.request import CannotSend, OutgoingRequest
from delivery.options import Choice, Choices, StoredChoice
from delivery.sealing import CannotUnseal, seal, unseal
from events.fields import JsonValue


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


@dataclass(frozen=True, kw_only=True)
class UnreadableAuthentication(Authentication):
    """Stands for an authentication whose settings were sealed with a key that is not at hand."""

    stored: Mapping[str, JsonValue] = field(repr=False)

    def headers(self, request: OutgoingRequest) -> Mapping[str, str]:
        """Raise `CannotSend`: without proof the endpoint would refuse the request, or worse."""
        raise CannotSend(f"The authentication {self.name!r} cannot be decrypted.")

    @property
    def name(self) -> str:
        """The name that the scheme was chosen by."""
        return str(self.stored["name"])


def store_authentication(chosen: Authentication) -> Mapping[str, JsonValue]:
    """Write an authentication in its stored form, `{"name": …, "sealed": …}`.

    Its settings, secret or not, are sealed together.

    Raises:
        NotRegistered: The class was not decorated with `authentication`.
        InvalidOptions: It holds something that could not be read back.
    """
    if isinstance(chosen, UnreadableAuthentication):
        return chosen.stored
    if isinstance(chosen, UnregisteredAuthentication):
        stored = chosen.stored
    else:
        stored = authentications.store(chosen)
    return {"name": stored.name, "sealed": seal(json.dumps(dict(stored.settings)))}


def load_authentication(stored: Mapping[str, JsonValue]) -> Authentication:
    """Read an authentication from its stored form.

    A row that cannot be read any more still gives one: an `UnregisteredAuthentication` if it was
    written when other classes were registered, an `UnreadableAuthentication` if with other keys.
    """
    try:
        settings = json.loads(unseal(str(stored["sealed"])))
    except CannotUnseal:
        return UnreadableAuthentication(stored=stored)
    choice = StoredChoice(name=str(stored["name"]), settings=settings)
    return authentications.load(choice) or UnregisteredAuthentication(stored=choice)
